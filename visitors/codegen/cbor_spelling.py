"""CBOR as generated code spells it."""

from __future__ import annotations

from typing import Any

import cbor2

from .. import cbor
from .patterns import Form, Forms, wider
from .spelling import Counted
from .support import Miss


class Cbor(Counted):
    """RFC 8949, its shortest heads."""

    any_real = Form(rb"\xfb", 8), Form(rb"\x48", 8)
    any_record = Form(rb"[\xa0-\xb7]", 0), Form(rb"\xb8", 1), Form(rb"\xb9", 2)

    def dumps(self, value: Any) -> bytes:
        return cbor2.dumps(value)

    def loads(self, data: bytes) -> Any:
        return cbor.loads(data)

    def quick(self, data: bytes) -> Any:
        return cbor2.loads(data)

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

    def text_head(self, data: bytes, at: int) -> tuple[int, int]:
        return _length(0x60, data, at)

    def whole(self, bits: int, signed: bool) -> Forms:
        if signed:
            return Form(rb"[\x00-\x17\x20-\x37]", 0), *wider(bits, 0x18, 0x38)
        return Form(rb"[\x00-\x17]", 0), *wider(bits, 0x18)


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


CBOR = Cbor()
