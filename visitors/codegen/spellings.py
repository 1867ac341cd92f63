"""The formats' spellings: CBOR and msgpack."""

from __future__ import annotations

from typing import Any

import cbor2
import msgpack  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]

from .. import cbor
from .spelling import Spelling
from .support import Miss


def wider(bits: int, first: int, *others: int) -> list[bytes]:
    """Patterns of 8, 16, 32 and 64 bits behind one of these octets (or those that follow on them), as far as needed."""
    found: list[bytes] = []
    for step, octets in enumerate((1, 2, 4, 8)):
        if not step or bits > 4 * octets:
            heads = b"".join(b"\\x%02x" % (one + step) for one in (first, *others))
            found.append(b"%s.{%d}" % (b"[%s]" % heads if others else heads, octets))
    return found


class Cbor(Spelling):
    """RFC 8949, its shortest heads."""

    dumps, loads = staticmethod(cbor2.dumps), staticmethod(cbor2.loads)
    any_real, any_record = rb"\xfb.{8}|\x48.{8}", rb"[\xa0-\xb7]|\xb8.|\xb9.."
    plain = True

    def record(self, n: int) -> bytes:
        return _head(0xA0, n)

    def items(self, n: int) -> bytes:
        return _head(0x80, n)

    def octets(self, n: int) -> bytes:
        return _head(0x40, n)

    def items_head(self, data: bytes, at: int) -> tuple[int, int]:
        return _length(0x80, data, at)

    def octets_head(self, data: bytes, at: int) -> tuple[int, int]:
        return _length(0x40, data, at)

    def whole(self, bits: int, signed: bool) -> bytes:
        if signed:
            return b"|".join((rb"[\x00-\x17\x20-\x37]", *wider(bits, 0x18, 0x38)))
        return b"|".join((rb"[\x00-\x17]", *wider(bits, 0x18)))


def _length(kind: int, data: bytes, at: int) -> tuple[int, int]:
    """The argument of a head of this major type, and its end. Raises Miss."""
    short = data[at] - kind
    if 0 <= short < 24:
        return short, at + 1
    if not 24 <= short < 28:
        raise Miss
    end = at + 1 + (1 << short - 24)
    return int.from_bytes(data[at + 1:end], "big"), end


def _head(kind: int, n: int) -> bytes:
    """A major type and its argument (3.)."""
    number = cbor2.dumps(n)
    return bytes((kind | number[0],)) + number[1:]


_library: Any = msgpack
_packer: Any = _library.Packer()


class Msgpack(Spelling):
    """Shortest forms too."""

    dumps, loads = staticmethod(_library.packb), staticmethod(_library.unpackb)
    any_real, any_record = rb"\xcb.{8}|\xc4\x08.{8}", rb"[\x80-\x8f]|\xde.."
    plain = True

    def record(self, n: int) -> bytes:
        return bytes(_packer.pack_map_header(n))

    def items(self, n: int) -> bytes:
        return bytes(_packer.pack_array_header(n))

    def octets(self, n: int) -> bytes:
        return b"\xc4" + n.to_bytes(1, "big") if n < 1 << 8 else (
            b"\xc5" + n.to_bytes(2, "big") if n < 1 << 16 else b"\xc6" + n.to_bytes(4, "big"))

    def items_head(self, data: bytes, at: int) -> tuple[int, int]:
        if 0x90 <= data[at] < 0xA0:
            return data[at] - 0x90, at + 1
        return _told({0xDC: 2, 0xDD: 4}, data, at)

    def octets_head(self, data: bytes, at: int) -> tuple[int, int]:
        return _told({0xC4: 1, 0xC5: 2, 0xC6: 4}, data, at)

    def whole(self, bits: int, signed: bool) -> bytes:
        if signed:
            return b"|".join((rb"[\x00-\x7f\xe0-\xff]", *wider(bits, 0xCC, 0xD0)))
        return b"|".join((rb"[\x00-\x7f]", *wider(bits, 0xCC)))


def _told(sizes: dict[int, int], data: bytes, at: int) -> tuple[int, int]:
    """A length behind one of these octets, and its end. Raises Miss."""
    if (size := sizes.get(data[at])) is None:
        raise Miss
    return int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size


CBOR, MSGPACK = Cbor(), Msgpack()
