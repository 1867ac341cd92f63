"""What holds for each body that was cut out of a recorded stream, whatever its device."""

import zlib
from base64 import b85decode
from typing import Any

from devices.catalogue import registry
from tests.vmstate.exercise import chance, refusal
from visitors import qemufile, tree
from vmstate import Decoded, convert, decode, encode, load, save
from vmstate.format import fits

Body = tuple[str, int, str]
"""The section's name, its version, and its bytes: compressed, as base 85."""


def unpacked(body: Body) -> bytes:
    """Its bytes."""
    return zlib.decompress(b85decode(body[2]))


def understood(body: Body) -> Decoded[Any]:
    """The one decoding, over all records of this name and all settings."""
    name, version, _ = body
    found = [one for record in registry().named(name)
             for one in fits(record, unpacked(body), qemufile, version=version) if isinstance(one, Decoded)]
    assert len(found) == 1, [one.settings for one in found]
    return found[0]


def is_rewritten(body: Body) -> None:
    """From these bytes and from a tree, off line and live, come these bytes."""
    data, found = unpacked(body), understood(body)
    assert encode(found, qemufile) == data
    document = encode(found, tree)
    assert encode(decode(found.record, document, tree, version=found.version), qemufile) == data
    assert convert(
        data, found.record, qemufile, tree, version=found.version, settings=found.settings) == document
    target = load(found.record.make(), data, qemufile, version=found.version, settings=found.settings)
    if found.version == found.record.version:
        assert save(target, qemufile) == data


def no_part_is_one(body: Body) -> None:
    """What is cut off or has more is refused."""
    data, found, pick = unpacked(body), understood(body), chance(body[0])
    ends = {0, 1, len(data) - 1, *(pick.randrange(len(data)) for _ in range(10))}
    for n in sorted(ends):
        assert refusal(found.record, data[:n], found.version, found.settings) is not None
    assert refusal(found.record, data + b"\0", found.version, found.settings) is not None


def mutated(body: Body, times: int = 30) -> None:
    """Other bytes are refused, with a place inside, or rewritten as they are."""
    data, found, pick = unpacked(body), understood(body), chance(body[0])
    for _ in range(times if len(data) < 50_000 else times // 10):
        other = bytearray(data)
        for _ in range(pick.randint(1, 3)):
            other[pick.randrange(len(other))] = pick.choice([0, 1, 5, 0x30, 0x31, 0x42, 0xFF, pick.randrange(256)])
        refusal(found.record, bytes(other), found.version, found.settings)
