"""Runs of values that lie side by side in a document: one pattern goes over them, names and heads included.

What a struct is for bytes of fixed size, a regular expression is for values of varying size between constants.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from vmstate.nodes import Node, node
from vmstate.values import Packed

from .source import Source
from .support import Miss

LONGEST = 128
"""Values that one pattern takes at most."""


@node
class Form(Node):
    """One way in which a value stands: its head as a pattern (of `width` bytes), and so many bytes behind."""

    head: bytes
    size: int
    width: int = 1

    @property
    def text(self) -> bytes:
        return self.head + b".{%d}" % self.size if self.size else self.head


Forms = tuple[Form, ...]


def text_of(forms: Forms) -> bytes:
    """The pattern of a value that has one of these forms."""
    return b"|".join(one.text for one in forms)


def wider(bits: int, first: int, *others: int) -> list[Form]:
    """8, 16, 32 and 64 bits behind one of these octets (or those that follow on them), as far as needed."""
    found: list[Form] = []
    for step, octets in enumerate((1, 2, 4, 8)):
        if not step or bits > 4 * octets:
            heads = b"".join(b"\\x%02x" % (one + step) for one in (first, *others))
            found.append(Form(b"[%s]" % heads if others else heads, octets))
    return found


@cache
def pattern_of(text: bytes) -> re.Pattern[bytes]:
    """One pattern for all code that has it."""
    return re.compile(text, re.DOTALL)


@node
class Value(Node):
    """A variable, the pattern of its bytes, and the forms that these have, if they are told apart."""

    name: str
    pattern: bytes
    forms: Forms = ()

    @property
    def size(self) -> int | None:
        """How many bytes they are; None where that varies."""
        sizes = {one.width + one.size for one in self.forms}
        return sizes.pop() if len(sizes) == 1 else None


Item = bytes | Node
"""A constant, a value, or what else a run knows."""


class Text:
    """A pattern that grows: the variables of its groups, and lines about them. Without any it is a constant."""

    def __init__(self) -> None:
        self.parts: list[tuple[bytes, bool]] = []
        self.names: list[str] = []
        self.lines: list[str] = []
        self.constant = b""

    def add(self, part: Item) -> None:
        """A constant, or a value."""
        if isinstance(part, bytes):
            self.parts.append((re.escape(part), False))
            self.constant += part
        elif isinstance(part, Value):
            self.parts.append((part.pattern, True))
            self.names.append(part.name)

    def pattern(self, groups: bool = True) -> bytes:
        """The whole."""
        how = b"(%s)" if groups else b"(?:%s)"
        return b"".join(how % text if is_value else text for text, is_value in self.parts)


class PatternRun:
    """Constants and values to be read at `at`. `after` are lines for when they are there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.items: list[Item] = []
        self.after: list[str] = []
        self.values = 0

    def literal(self, data: bytes) -> None:
        """Bytes that are always the same."""
        if self.items and isinstance(last := self.items[-1], bytes):
            self.items[-1] = last + data
        else:
            self.items.append(data)

    def group(self, *forms: Form) -> str:
        """A value: the variable that holds its bytes."""
        return self._value(Value(self.source.local("x"), text_of(forms), forms))

    def captured(self, pattern: bytes) -> str:
        """Whatever matches a pattern."""
        return self._value(Value(self.source.local("x"), pattern))

    def _value(self, value: Value) -> str:
        if self.values >= LONGEST:
            self.flush()
        self.put(value)
        self.values += 1
        return value.name

    def put(self, value: Value) -> None:
        """One value more."""
        self.items.append(value)

    def then(self, line: str) -> None:
        """A line for when the values are there."""
        self.after.append(line)

    def flush(self) -> None:
        """The code of all that was gathered."""
        self._write(self.laid_out())
        self.items, self.after, self.values = [], [], 0

    settle = flush

    def _write(self, text: Text) -> None:
        if text.names:
            match = self.source.name(pattern_of(text.pattern()).match, "match")
            self.source.line(f"m = {match}(data, at)")
            self.source.line(f"{', '.join(text.names)}, = m.groups()")
            self.source.line("at = m.end()")
        elif text.constant:
            self.source.line(f"if not data.startswith({text.constant!r}, at): raise Miss")
            self.source.line(f"at += {len(text.constant)}")
        for line in (*text.lines, *self.after):
            self.source.line(line)

    def laid_out(self, row: bool = False) -> Text:
        """The pattern of all that was gathered. In a row there is no match to be asked for places."""
        text = Text()
        for one in self.items:
            text.add(one)
        return text

    def end(self, name: bytes) -> None:
        """Nothing but names can follow a record."""


class Many(ABC):
    """Integers of one width in a list: the pattern of one."""

    pattern: bytes

    @abstractmethod
    def __call__(self, raw: bytes, count: int, /) -> list[int]:
        """The values of so many bytes that the pattern took. Raises Miss."""

    def told(self, data: bytes, at: int, count: int, /) -> tuple[list[int], int]:
        """So many from one place on, and the place behind them. Raises Miss."""
        if (found := several(self.pattern, count)(data, at)) is None:
            raise Miss
        return self(found[0], count), found.end()

    def packed(self, data: bytes, at: int, count: int, code: str, /) -> tuple[Packed, int]:
        """The same as C has them. Raises Miss."""
        found, at = self.told(data, at, count)
        return Packed(code, found), at


class Numbers(Many):
    """Integers of one width, many in a list: the format's own reader takes them, once it is known what they are.

    `plain`: those of one byte each are these bytes. `exact`: the pattern takes none that is out of range.
    """

    def __init__(
        self, pattern: bytes, items: Callable[[int], bytes], loads: Callable[[bytes], Any], limits: tuple[int, int],
        plain: bool, exact: bool,
    ) -> None:
        self.pattern, self._items, self._loads = pattern, items, loads
        self._limits, self._plain, self._exact = limits, plain, exact
        one = pattern_of(pattern).fullmatch
        self._short = bytes(byte for byte in range(256) if plain and one(bytes((byte,))))

    def __call__(self, raw: bytes, count: int) -> list[int]:
        if self._plain and len(raw) == count:
            return list(raw)
        found: list[int] = self._loads(self._items(count) + raw)
        least, most = self._limits
        if not self._exact and found and (min(found) < least or max(found) > most):
            raise Miss
        return found

    def told(self, data: bytes, at: int, count: int) -> tuple[list[int], int]:
        raw = data[at:at + count]
        if len(raw) == count and not raw.translate(None, self._short):  # each is a byte
            return list(raw), at + count
        return super().told(data, at, count)

    def packed(self, data: bytes, at: int, count: int, code: str) -> tuple[Packed, int]:
        raw = data[at:at + count]
        if self._plain and len(raw) == count and not raw.strip(b"\0"):
            return Packed(code, [0]) * count, at + count
        return super().packed(data, at, count, code)


class Rows:
    """Records of nothing but values, many in a list: `one` is the pattern, `groups` the same with its values."""

    def __init__(self, one: bytes, groups: bytes) -> None:
        self._one, self._each = one, pattern_of(groups).findall

    def __call__(self, data: bytes, at: int, count: int) -> tuple[list[Any], int]:
        """The values of so many, and the place behind them. Raises Miss."""
        if (found := several(self._one, count)(data, at)) is None:
            raise Miss
        return self._each(found[0]), found.end()


@lru_cache(maxsize=256)
def several(pattern: bytes, count: int) -> Callable[[bytes, int], re.Match[bytes] | None]:
    """So many of one kind in a row."""
    return re.compile(row(pattern, count), re.DOTALL).match


def row(pattern: bytes, count: int) -> bytes:
    """The pattern of so many in a row."""
    return b"(?:%s){%d}+" % (pattern, count)
