"""Runs of a document where each part begins with its length.

The pattern itself holds the length of a part of which one value varies: it says which length goes with which form of
the value. Of other parts the length is read as a value, and compared with what was found inside.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import cast

from vmstate.nodes import Node, node

from .lengths import LENGTH, length, length_at
from .patterns import Item, PatternRun, Text, Value
from .source import Source
from .support import Miss
from .tables import MOST

FEW = 4
"""Values of a part whose lengths are added; of more the place is asked for."""


@node
class Part(Node):
    """What stands behind these octets and a length; `end` is a variable for where it ends."""

    head: bytes
    items: list[Item]
    end: str


@node
class Choice(Node):
    """So many bytes of length, of which the pattern says which."""

    text: bytes
    size: int


class Heads(dict[bytes, int]):
    """Lengths of parts by their octets; of one within another by those of both, and so many bytes between them.

    Raises Miss.
    """

    def __init__(self, between: int | None = None) -> None:
        super().__init__()
        self._between = between

    def __missing__(self, data: bytes) -> int:
        n, end = length_at(data, 0)
        if self._between is not None:
            whole, begin = n, end
            n, end = length_at(data, begin + self._between)
            if whole != end - begin + n:
                raise Miss
        if end != len(data):
            raise Miss
        if len(self) >= MOST:
            self.clear()
        self[data] = n
        return n


@cache
def heads(between: int | None = None) -> Heads:
    """One table for all code."""
    return Heads(between)


class NestedText(Text):
    """A pattern with parts in it. In a row nobody is asked for places."""

    def __init__(self, source: Source, row: bool) -> None:
        super().__init__()
        self.source, self.row, self.since = source, row, 0

    def put(self, items: list[Item]) -> tuple[int, list[str]]:
        """Items, one after the other: the bytes that are always there, and the values whose bytes come on top."""
        size, names = 0, list[str]()
        for one in items:
            more, inside = self.one(one)
            size, names = size + more, names + inside
        return size, names

    def one(self, item: Item) -> tuple[int, list[str]]:
        if isinstance(item, Part):
            return self.part(item)
        if isinstance(item, Choice):
            self.parts.append((item.text, False))
            self.since += item.size
            return item.size, []
        self.add(item)
        if isinstance(item, bytes):
            self.since += len(item)
            return len(item), []
        self.since, value = 0, cast(Value, item)
        return (0, [value.name]) if value.size is None else (value.size, [])

    def part(self, part: Part) -> tuple[int, list[str]]:
        """A part whose length is a value. One in which there is nothing but another goes with that."""
        items, between = part.items, b""
        if len(items) == 2 and isinstance(name := items[0], bytes) and isinstance(inner := items[1], Part):
            items, between = inner.items, name + inner.head
        told, group = self.length(part.head, between), len(self.names)
        size, names = self.put(items)
        if len(names) <= FEW or self.row:
            found = " + ".join([str(size), *(f"len({name})" for name in names)])
            self.lines.append(f"if {told} != {found}: raise Miss")
        else:
            end = f"m.end({len(self.names)}){f' + {self.since}' if self.since else ''}"
            self.lines.append(f"if {told} != {end} - m.end({group}): raise Miss")
        return len(part.head) + size, [self.names[group - 1], *names]

    def length(self, head: bytes, between: bytes = b"") -> str:
        """These octets and a length; or the length of a part within, behind these: as an expression."""
        raw, pattern = self.source.local("x"), LENGTH
        if between:
            pattern = b"(?:%s)%s(?:%s)" % (LENGTH, re.escape(between), LENGTH)
        self.one(head)
        self.one(Value(raw, pattern))
        return f"{self.source.name(heads(len(between) or None), 'heads')}[{raw}]"


class NestedRun(PatternRun):
    """What is read in a row, with the parts that are open: so many of them have been read in part.

    `same` are those that end where the part in them does.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.open: list[Part] = []
        self.spilled = 0
        self.same: set[str] = set()

    def literal(self, data: bytes) -> None:
        items = self.here
        if items and isinstance(last := items[-1], bytes):
            items[-1] = last + data
        else:
            items.append(data)

    @property
    def here(self) -> list[Item]:
        """What is gathered of the innermost part that is open."""
        return self.open[-1].items if self.open else self.items

    def put(self, value: Value) -> None:
        self.here.append(value)

    @contextmanager
    def part(self, head: bytes) -> Generator[Part]:
        """What stands inside of a part that begins with these octets, and its length."""
        part = Part(head, [], self.source.local("end"))
        self.open.append(part)
        yield part
        if self.spilled == len(self.open):
            self.flush()
            self.open.pop()
            self.spilled -= 1
            if part.end not in self.same:
                self.source.line(f"if at != {part.end}: raise Miss")
        else:
            self.open.pop()
            for one in closed(part):
                if isinstance(one, bytes):
                    self.literal(one)
                else:
                    self.here.append(one)

    def laid_out(self, row: bool = False) -> NestedText:
        text = NestedText(self.source, row)
        text.put(self.items)
        for part in self.open[:self.spilled]:
            text.put(part.items)
        left = self.open[self.spilled:]
        while left:
            part = left.pop(0)
            items, name = part.items, part.items[0] if len(part.items) == 1 else None
            if left and isinstance(name, bytes):
                self.same.add(part.end)
                inner = left.pop(0)
                told = text.length(part.head, name + inner.head)
                items, end = inner.items, inner.end
            else:
                told, end = text.length(part.head), part.end
            text.lines.insert(0, f"{end} = m.end({len(text.names)}) + {told}")
            text.put(items)
        return text

    def flush(self) -> None:
        """And the parts that are open are read as far as they go."""
        self._write(self.laid_out())
        self.items.clear()
        for part in self.open:
            part.items.clear()
        self.after, self.values, self.spilled = [], 0, len(self.open)

    settle = flush


def closed(part: Part) -> list[Item]:
    """A part with its length, if the pattern can hold it; else itself."""
    plain = all(isinstance(one, bytes | Choice) or (isinstance(one, Value) and one.size) for one in part.items)
    varied = [one for one in part.items if isinstance(one, Value) and one.size is None]
    if not varied and plain:
        return [part.head + length(fixed(part.items)), *part.items]
    if len(varied) != 1 or not varied[0].forms or any(isinstance(one, Part) for one in part.items):
        return [part]
    at = part.items.index(varied[0])
    before, rest = fixed(part.items[:at]), fixed(part.items[:at]) + fixed(part.items[at + 1:])
    lengths = [length(rest + one.width + one.size) for one in varied[0].forms]
    if len({*map(len, lengths)}) != 1:
        return [part]
    ways = (b"%s(?=.{%d}%s)" % (re.escape(octets), before, form.head)
            for octets, form in zip(lengths, varied[0].forms, strict=True))
    return [part.head, Choice(b"(?:%s)" % b"|".join(ways), len(lengths[0])), *part.items]


def fixed(items: list[Item]) -> int:
    """How many bytes items are that do not vary."""
    return sum(len(one) if isinstance(one, bytes) else one.size or 0 if isinstance(one, Value | Choice) else 0
               for one in items)
