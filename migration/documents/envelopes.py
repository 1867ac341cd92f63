"""What stands around each item of a document, by format: where it ends, and the digest of what it is.

| format | an item |
|---|---|
| `cbor` | a sequence (RFC 8742) of arrays of two: the item as encoded CBOR (tag 24), and the digest, 16 bytes |
| `msgpack` | arrays of two: the item's own msgpack as `bin`, and the digest as `bin` |
| `ber` | SEQUENCE of the item and an OCTET STRING, the digest |
| `json` | a text sequence (RFC 7464) of objects: `item`, and `digest` as 32 hexadecimal digits |

The digest is XXH3 of 128 bits, big-endian as xxhash writes it, over the item's bytes, with the number of the item as
seed: an item that was lost, doubled or moved is found as well as one that was changed. Of JSON it is taken over the
item as `json.dumps` writes it, so that blanks do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import xxhash

from visitors import ber, cbor, json, msgpack
from visitors._typed import Reader, Writer
from visitors._values import item
from vmstate.errors import BadMarker, DecodeError, Mismatch, Truncated
from vmstate.nodes import Node, node
from vmstate.visitor import Bytes

from ..inputs import Searchable
from . import HEADS

DIGEST, SIZE = "xxh3-128", 16
RS, LF = HEADS["json"], b"\n"
HEXADECIMAL = re.compile("[0-9a-f]{32}")

Item = dict[str, Any]
Sealed = tuple[bytes, bytes, int]
"""An item's bytes, its digest, and where the next one begins."""
Seal = Callable[[bytes, bytes], bytes]
Unseal = Callable[[Searchable, int], Sealed]


def digest(body: Bytes, number: int) -> bytes:
    """The digest of an item."""
    return xxhash.xxh3_128_digest(body, number)


@node
class Form(Node):
    """One format: how an item gets its bytes, and what stands around these."""

    name: str
    dumps: Callable[[Any], bytes]
    loads: Callable[[bytes], Any]
    neutral: Callable[[Any], Any]
    reader: Callable[[Item], Reader]
    writer: Callable[[], Writer[bytes]]
    seal: Seal
    unseal: Unseal


# -- a string, or a SEQUENCE, of which the length is told

def _long(head: bytes, tail: bytes, counted: int = 0) -> tuple[Seal, Unseal]:
    """An envelope that is `head`, a length of 4 bytes, the item, `tail` and the digest. The length counts the item, and
    `counted` bytes behind it.
    """
    def seal(body: bytes, told: bytes) -> bytes:
        return b"".join((head, (len(body) + counted).to_bytes(4, "big"), body, tail, told))

    def unseal(data: Searchable, at: int) -> Sealed:
        begin = at + len(head) + 4
        if (found := data[at:at + len(head)]) != head:
            raise BadMarker("no item begins here", expected=head.hex(" "), actual=found.hex(" "), offset=at)
        end = begin + int.from_bytes(data[at + len(head):begin], "big") - counted
        behind = end + len(tail) + SIZE
        if not begin <= end <= behind <= len(data):
            raise Truncated("an item", expected=f"{behind - at} bytes", actual=str(len(data) - at), offset=at)
        if data[end:end + len(tail)] != tail:
            raise BadMarker(f"the item that begins here does not end at {end:#x}", offset=at)
        return data[begin:end], data[behind - SIZE:behind], behind

    return seal, unseal


# -- JSON: a line

def _seal_json(body: bytes, told: bytes) -> bytes:
    return b"".join((RS, b'{"item":', body, b',"digest":"', told.hex().encode(), b'"}', LF))


def _unseal_json(data: Searchable, at: int) -> Sealed:
    end = data.find(RS, at + 1)
    end = len(data) if end < 0 else end
    for mark, place in ((RS, at), (LF, end - 1)):
        if (found := data[place:place + 1]) != mark:
            raise BadMarker("an item is a line behind 1e", expected=mark.hex(), actual=found.hex(), offset=place)
    try:
        sealed = json.loads(data[at + 1:end])
    except DecodeError as error:
        raise error.within("", at + 1) from None
    if not isinstance(sealed, dict) or set(cast("Item", sealed)) != {"item", "digest"}:
        raise Mismatch(expected="an object of `item` and `digest`", actual="something else", offset=at)
    inside = cast("Item", sealed)
    if not isinstance(told := inside["digest"], str) or not HEXADECIMAL.fullmatch(told):
        raise Mismatch("a digest is 32 hexadecimal digits", actual=type(told).__name__, offset=at)
    try:
        return json.dumps(inside["item"]), bytes.fromhex(told), end
    except (ValueError, RecursionError):
        raise Mismatch("a number that no float is, or lists that are nested too deep", offset=at) from None


def _form(module: Any, envelope: tuple[Seal, Unseal]) -> Form:
    reader = module.Reader({})
    return Form(module.__name__.rpartition(".")[2], module.dumps, module.loads, lambda one: item(reader, one),
                module.Reader, module.writer, *envelope)


FORMS = {form.name: form for form in (
    _form(cbor, _long(HEADS["cbor"], b"\x50")),
    _form(msgpack, _long(HEADS["msgpack"], b"\xc4\x10")),
    _form(ber, _long(HEADS["ber"], b"\x04\x10", SIZE + 2)),
    _form(json, (_seal_json, _unseal_json)),
)}
