"""Bodies of sections out of recorded streams, packed: what holds for each of them."""

import zlib
from base64 import b85decode
from typing import Any

from tests.vmstate.exercise import chance, refusal
from visitors import json, qemufile, tree
from vmstate import convert, decode, encode, load, save

Bodies = dict[str, tuple[type[Any], bytes]]


def unpacked(packed: dict[str, tuple[type[Any], str]]) -> Bodies:
    """The bytes of each."""
    return {name: (kind, zlib.decompress(b85decode(text))) for name, (kind, text) in packed.items()}


def is_read_and_written_again(kind: type[Any], data: bytes) -> None:
    """In four forms."""
    found = decode(kind, data, qemufile)
    assert encode(found, qemufile) == data
    document = encode(found, tree)
    assert encode(decode(kind, document, tree), qemufile) == data
    assert convert(data, kind, qemufile, tree) == document
    assert encode(decode(kind, encode(found, json), json), qemufile) == data


def loaded(kind: type[Any], data: bytes) -> Any:
    """A new device that these bytes were loaded into, live."""
    return load(kind(), data, qemufile, settings=decode(kind, data, qemufile).settings)


def is_sent_as_it_came(kind: type[Any], data: bytes) -> None:
    """Loaded live, by a device that was told nothing, and saved."""
    assert save(loaded(kind, data), qemufile) == data


def survives_mutation(kind: type[Any], data: bytes, times: int = 10) -> None:
    """Refused, or read and written as it was."""
    pick, settings = chance(kind.__name__), decode(kind, data, qemufile).settings
    for _ in range(times):
        mutated = bytearray(data)
        for _ in range(pick.randint(1, 3)):
            mutated[pick.randrange(len(mutated))] = pick.choice([0, 1, 2, 4, 8, 0x80, 0xFF, pick.randrange(256)])
        refusal(kind, bytes(mutated), settings=settings)
    for n in {*range(0, len(data), 1 + len(data) // 8), len(data) - 1}:
        assert refusal(kind, data[:n], settings=settings) is not None
