"""BER as generated code spells it: definite lengths, in as few octets as they take."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from .. import ber
from .._tlv import (
    APPLICATION,
    CONSTRUCTED,
    CONTEXT,
    INTEGER,
    OCTET_STRING,
    PRIVATE,
    SEQUENCE,
    UTF8_STRING,
    element,
    identifier,
)
from .._tree import SETTINGS
from .._types import SKIPPABLE
from .nesting import Nest
from .patterns import Form, Forms, pattern_of, several, text_of
from .source import Source
from .spelling import Spelling
from .support import Miss
from .tables import Meant

LENGTH = rb"[\x00-\x7f]|\x81.|\x82..|\x83..."
"""The pattern of a definite length."""


def length(n: int) -> bytes:
    """A number's length octets (8.1.3)."""
    if n < 0x80:
        return bytes((n,))
    octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def length_at(data: bytes, at: int) -> tuple[int, int]:
    """A length and the place behind it. Raises Miss where it is indefinite."""
    if (first := data[at]) < 0x80:
        return first, at + 1
    size = first & 0x7F
    if not 0 < size <= 8:
        raise Miss
    return int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size


def head_of(label: str, number: int) -> tuple[bytes, bytes]:
    """An attribute's identifier octets, and its name as an element."""
    kind = PRIVATE if label.startswith(SKIPPABLE) else APPLICATION if label in ber.OWN else CONTEXT
    name = label.removeprefix(SKIPPABLE).encode("utf-8", "surrogateescape")
    return identifier(kind | CONSTRUCTED, ber.OWN.get(label, number)), element(bytes((UTF8_STRING,)), name)


class Ber(Spelling):
    """Each value is an element."""

    loads = staticmethod(ber.loads)
    any_real = (Form(rb"\x04\x08", 8, 2),)

    def pieces(self, source: Source) -> Nest:
        return Nest(source, length)

    def dumps(self, value: Any) -> bytes:
        return ber.VALUES[type(value)](value)

    def read(self, data: bytes) -> int:
        return int.from_bytes(data[2:], "big", signed=True)

    def octets(self, n: int) -> bytes:
        return bytes((OCTET_STRING,)) + length(n)

    def items_head(self, data: bytes, at: int) -> tuple[int, int]:
        if data[at] != SEQUENCE:
            raise Miss
        size, begin = length_at(data, at + 1)
        n, at, end = 0, begin, begin + size
        while at < end:
            inside, at = length_at(data, at + 1)
            n, at = n + 1, at + inside
        if at != end or end > len(data):
            raise Miss
        return n, begin

    def octets_head(self, data: bytes, at: int) -> tuple[int, int]:
        if data[at] != OCTET_STRING:
            raise Miss
        return length_at(data, at + 1)

    def whole(self, bits: int, signed: bool) -> Forms:
        most = bits // 8 if signed and bits % 8 == 0 else bits // 8 + 1
        return tuple(Form(rb"\x%02x\x%02x" % (INTEGER, n), n, 2) for n in range(1, most + 1))

    @cache
    def numbers(self, bits: int, signed: bool) -> Integers:
        return Integers(text_of(self.whole(bits, signed)), self.meant(bits, signed), signed)

    def read_settings(self, data: bytes) -> tuple[int, dict[str, Any]]:
        head, name = head_of(SETTINGS, 0)
        at = data.rfind(name)
        if at < 0:
            return len(data), {}
        octets = length(len(data) - at)
        begin = at - len(octets) - len(head)
        if not data.startswith(head + octets, begin):
            raise Miss
        return begin, self.told[data[at + len(name):]].copy()

    @property
    def given(self) -> dict[str, Any]:
        return super().given | {"length_at": length_at, "stands": stands}


class Integers:
    """Integers of one width, many in a SEQUENCE."""

    def __init__(self, pattern: bytes, meant: Meant, signed: bool) -> None:
        self.pattern, self._each = pattern, pattern_of(pattern).findall
        self._meant: Callable[[bytes], int] = meant.__getitem__
        self._signed = signed

    def __call__(self, raw: bytes, count: int) -> list[int]:
        """Their values. Raises Miss."""
        if len(raw) == 3 * count and not self._signed:
            found = raw[2::3]
            if found.isascii():  # the others are negative
                return list(found)
        return list(map(self._meant, self._each(raw)))

    def told(self, data: bytes, at: int, count: int) -> tuple[list[int], int]:
        """So many from one place on, and the place behind them. Raises Miss."""
        if (found := several(self.pattern, count)(data, at)) is None:
            raise Miss
        return self(found[0], count), found.end()


def stands(data: bytes, at: int, head: bytes, name: bytes) -> bool:
    """Whether an attribute of this name stands here."""
    return data.startswith(head, at) and data.startswith(name, length_at(data, at + len(head))[1])


BER = Ber()
