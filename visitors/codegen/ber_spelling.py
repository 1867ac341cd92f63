"""BER as generated code spells it: definite lengths, in as few octets as they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ber
from .._tlv import (
    APPLICATION,
    CONSTRUCTED,
    CONTEXT,
    HIGH,
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
from .lengths import length, length_at
from .nested_patterns import NestedRun
from .nesting import Nest
from .patterns import Form, Forms, Many, pattern_of, text_of
from .source import Source
from .spelling import Headed
from .support import Miss
from .tables import Meant


def head_of(label: str, number: int) -> tuple[bytes, bytes]:
    """An attribute's identifier octets, and its name as an element."""
    kind = PRIVATE if label.startswith(SKIPPABLE) else APPLICATION if label in ber.OWN else CONTEXT
    name = label.removeprefix(SKIPPABLE).encode("utf-8", "surrogateescape")
    return identifier(kind | CONSTRUCTED, ber.OWN.get(label, number)), element(bytes((UTF8_STRING,)), name)


class Ber(Headed):
    """Each value is an element."""

    any_real = (Form(rb"\x04\x08", 8, 2),)

    def pieces(self, source: Source) -> Nest:
        return Nest(source, length)

    def run(self, source: Source) -> NestedRun:
        return NestedRun(source)

    def dumps(self, value: Any) -> bytes:
        return ber.VALUES[type(value)](value)

    def loads(self, data: bytes) -> Any:
        return ber.loads(data)

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

    def entry_at(self, data: bytes, at: int) -> tuple[bytes, int, int | None]:
        begin = at + 1
        if data[at] & HIGH == HIGH:
            while data[begin] & 0x80:
                begin += 1
            begin += 1
        n, name = length_at(data, begin)
        if data[name] != UTF8_STRING:
            raise Miss
        size, text = length_at(data, name + 1)
        return data[at:begin] + data[name:text + size], text + size, name + n

    def label(self, label: str, number: int) -> bytes:
        head, name = head_of(label, number)
        return head + name

    def whole(self, bits: int, signed: bool) -> Forms:
        most = bits // 8 if signed and bits % 8 == 0 else bits // 8 + 1
        return tuple(Form(rb"\x%02x\x%02x" % (INTEGER, n), n, 2) for n in range(1, most + 1))

    def many(self, bits: int, signed: bool) -> Integers:
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


class Integers(Many):
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


def stands(data: bytes, at: int, head: bytes, name: bytes) -> bool:
    """Whether an attribute of this name stands here."""
    return data.startswith(head, at) and data.startswith(name, length_at(data, at + len(head))[1])


BER = Ber()
