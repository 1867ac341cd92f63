"""From the tree of what was seen to the rows of a person's tree: equal ones in one, numbers side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from vmstate import shape as shapes
from vmstate.meaning import Register, Told, plain, teller_of, text_of
from vmstate.shape import (
    Array,
    Blob,
    Chain,
    Enumerated,
    Int,
    Member,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Shape,
    Subsection,
    Temporary,
)
from vmstate.trace import Seen

from .leaves import IN_A_ROW, TIMES, bare, inline, words
from .printable import ascii_of, printable

MOST_BYTE_ROWS = 16
"""Rows of bytes, unless all are asked for."""
MOST_NAMES = 20
"""Columns by which names may make a row longer."""
WORTH_FOLDING = 4
"""Equal numbers in a row."""
ELEMENT = re.compile(r"(.+)\[(\d+)\]")
"""The key of an element that a description lists as a member of its own."""


class Row:
    """A row and those below it. `begin` and `end`: its bytes, from the section's begin on; `own`: they are shown."""

    __slots__ = ("begin", "end", "inside", "kind", "label", "note", "own", "text")

    def __init__(
        self, label: str, text: str = "", note: str = "", begin: int = 0, end: int = 0, inside: tuple[Row, ...] = (),
        kind: str = "value", own: bool = False,
    ) -> None:
        self.label, self.text, self.note = label, text, note
        self.begin, self.end, self.inside = begin, end, inside
        self.kind, self.own = kind, own


SHORT: dict[str, Callable[[Row], str]] = {
    "value": lambda row: row.text, "named": lambda row: f"{row.text} ({row.note})",
    "short": lambda row: f"{{{row.text}}}",
}
"""Rows that may stand beside others in one, and how."""


class Rows:
    """Makes the rows of one section, whose body is `body`. `folded`: equal ones in one; `room`: columns for numbers.

    `told`: what the state tells of its values, by the `id` of each. `raw`: values alone, nothing of what they mean.
    """

    def __init__(
        self, body: bytes, *, folded: bool = True, room: int = 80, offsets: bool = False, bytes_beside: bool = False,
        told: Mapping[int, Told] | None = None, raw: bool = False,
    ) -> None:
        self.body, self.folded, self.room, self.bytes_beside = body, folded, room, bytes_beside
        self.told, self.raw = told or {}, raw
        self.one_each = offsets or bytes_beside
        """Each row has its own place beside it: none holds several members."""

    def members(self, inside: Iterable[Seen]) -> tuple[Row, ...]:
        """The rows of a record's members."""
        rows = (self.row(one, str(one.key), one.member.shape if one.member else None, one.member)
                for one in _gathered(inside) if self.is_shown(one))
        return tuple(rows)

    def is_shown(self, seen: Seen) -> bool:
        """Padding only where it holds something, or all is asked for; settings stand in the header."""
        if isinstance(seen.node, Padding):
            return not self.folded or any(seen.value)
        return not isinstance(seen.node, Setting)

    def row(self, seen: Seen, label: str, shape: Shape | None, member: Member | None) -> Row:
        """One value with what is inside."""
        label = printable(label)
        if seen.inside is None:
            return self.leaf(seen, label, shape, member)
        node = seen.node
        if isinstance(node, Subsection):
            begin = seen.begin
            head = begin + 2 + len(node.name.encode("utf-8", "surrogateescape")) + 4
            return Row(f"[{label}]", f"v{seen.version}", "", begin, head, self.members(seen.inside), "record", True)
        if isinstance(node, Array | Chain):
            row = self.array(seen, label, node, member)
        elif isinstance(node, shapes.Mapping):
            row = self.mapping(seen, label, node, member)
        else:
            row = self.record(seen, label)
        return self.meaning(row, seen)

    def meaning(self, row: Row, seen: Seen) -> Row:
        """The row, with what the state tells of the value: beside it, or in rows below."""
        told = self.told.get(id(seen))
        if isinstance(told, str | list):
            row.note = ", ".join(filter(None, (plain(told), self.text(seen.member))))
            row.kind = "named" if row.kind == "value" else row.kind
        elif told is not None:
            row.inside += tuple(self.parts(told))
        return row

    def parts(self, told: Mapping[str, Told]) -> Iterator[Row]:
        """What is told of several things: a row for each, or rows below it where one is too short."""
        for name, one in told.items():
            text = plain(one)
            if isinstance(one, str | list) or len(text) <= self.room:
                yield Row(printable(name), printable(text), kind="meaning")
            else:
                yield Row(printable(name), inside=tuple(self.parts(one)), kind="meaning")

    def record(self, seen: Seen, label: str) -> Row:
        """A record: in one row where it is short, else its name and its members below."""
        inside = self.members(seen.inside or ())
        if not self.one_each and inside and (text := self._short(inside)):
            return Row(label, text, "", seen.begin, seen.end, kind="short")
        node = seen.node
        name = node.name if isinstance(node, Record) else node.record.name if isinstance(node, Temporary) else ""
        return Row(label, printable(name), "", seen.begin, seen.end, inside, "record")

    def _short(self, inside: Sequence[Row]) -> str:
        """Members side by side, if they are plain and fit."""
        if any(one.inside or one.kind not in SHORT for one in inside):
            return ""
        text = "  ".join(f"{one.label} {SHORT[one.kind](one)}" for one in inside)
        names = sum(len(one.note) for one in inside if one.kind == "named")
        return text if len(text) - min(names, MOST_NAMES) <= self.room else ""

    # -- leaves

    def leaf(self, seen: Seen, label: str, shape: Shape | None, member: Member | None) -> Row:
        """A value; below it its bytes, where they are many."""
        text, note = words(seen, shape, member)
        kind = "named" if not self.raw and _is_named(shape, member) and note else "value"
        below: tuple[Row, ...] = ()
        if not self.bytes_beside and isinstance(seen.node, Blob | Opaque | Padding):
            data = bytes(seen.value)
            if inline(data) is None:
                below = tuple(self.bytes(data, seen.end - len(data)))
        row = Row(label, text, "" if self.raw else note, seen.begin, seen.end, below, kind, own=True)
        return self.meaning(row, seen)

    def bytes(self, data: bytes, begin: int) -> Iterator[Row]:
        """Rows of 16 bytes; the equal ones in one, and no more than a few, unless all are asked for."""
        starts = range(0, len(data), IN_A_ROW)
        for shown, (chunk, group) in enumerate(groupby(starts, lambda at: data[at:at + IN_A_ROW])):
            run = list(group)
            if shown == MOST_BYTE_ROWS and self.folded:
                left = len(data) - run[0]
                yield Row("…", f"{left} more bytes (--all)", "", begin + run[0], begin + len(data), kind="bytes")
                return
            parts = [run[:1], run[1:]] if self.folded and len(run) > 2 else [[at] for at in run]
            for part in parts:
                first, end = part[0], min(part[-1] + IN_A_ROW, len(data))
                text = (f"{chunk.hex(' '):{3 * IN_A_ROW - 1}}  {ascii_of(chunk)}" if len(part) == 1
                        else f"to {end - 1:04x} as above")
                yield Row(f"{first:04x}", text, "", begin + first, begin + end, kind="bytes")

    # -- elements

    def array(self, seen: Seen, label: str, node: Array | Chain, member: Member | None) -> Row:
        """Numbers side by side; records below each other."""
        inside = seen.inside or []
        if not inside:
            return Row(label, "empty", "", seen.begin, seen.end, own=isinstance(node, Chain))
        if (self.raw or not _is_named(node.of, member)) and all(
                one.inside is None and not _is_long(one) for one in inside):
            return self.numbers(seen, label, node.of, member)
        shape, rows = node.of, list[Row]()
        for first, last in self.runs(inside):
            one = inside[first]
            rows.append(self.row(one, f"[{one.key}]", one.member.shape if one.member else shape, member))
            if last > first:
                a, b = inside[first + 1], inside[last]
                span = f"[{a.key}]" if a is b else f"[{a.key}..{b.key}]"
                rows.append(Row(span, f"as [{one.key}]", "", a.begin, b.end))
        name = _name(shape)
        text = f"{len(inside)} {TIMES} {name}" if name else str(len(inside))
        return Row(label, text, "", seen.begin, seen.end, tuple(rows), "record")

    def runs(self, inside: Sequence[Seen]) -> Iterator[tuple[int, int]]:
        """First and last of each run of equal elements."""
        first = 0
        for i in range(1, len(inside) + 1):
            if i == len(inside) or not self.folded or not self.alike(inside[first], inside[i]):
                yield first, i - 1
                first = i

    def alike(self, a: Seen, b: Seen) -> bool:
        """Whether two elements have the same bytes in the same places."""
        return self.body[a.begin:a.end] == self.body[b.begin:b.end] and _same_form(a, b, a.begin, b.begin)

    def numbers(self, seen: Seen, label: str, shape: Shape, member: Member | None) -> Row:
        """Elements that are leaves: several in a row, the equal ones in one."""
        inside = seen.inside or []
        texts, known = list[str](), dict[int, str]()  # a thousand numbers are often one and the same
        for one in inside:
            text = known.get(one.value) if type(one.value) is int else None
            if text is None:
                text = words(one, one.member.shape if one.member else shape, member)[0]
                if type(one.value) is int:
                    known[one.value] = text
            texts.append(text)
        rows = list(self._packed(inside, texts))
        if len(rows) == 1:
            return Row(label, f"{rows[0].label} {rows[0].text}", self.text(member), seen.begin, seen.end, own=True)
        return Row(label, str(len(inside)), self.text(member), seen.begin, seen.end, tuple(rows), "record")

    def text(self, member: Member | None) -> str:
        """What a member is, in its author's words."""
        return "" if self.raw or member is None else text_of(member.means) or ""

    def _packed(self, inside: Sequence[Seen], texts: list[str]) -> Iterator[Row]:
        column = max(map(len, texts)) + 1
        size = max(1, inside[0].end - inside[0].begin)
        most = max(1, IN_A_ROW // size if self.bytes_beside else min(IN_A_ROW, self.room // column))
        most = 1 << (most.bit_length() - 1)
        at = pending = 0
        while at < len(texts):
            run = at + 1
            while run < len(texts) and texts[run] == texts[at]:
                run += 1
            if self.folded and run - at >= WORTH_FOLDING:
                yield from self._sliced(inside, texts, pending, at, most, column)
                yield _span(inside, at, run, texts[at])
                pending = run
            at = run
        yield from self._sliced(inside, texts, pending, at, most, column)

    def _sliced(
        self, inside: Sequence[Seen], texts: list[str], begin: int, end: int, most: int, column: int
    ) -> Iterator[Row]:
        for at in range(begin, end, most):
            to = min(at + most, end)
            yield _span(inside, at, to, "".join(f"{text:{column}}" for text in texts[at:to]).rstrip())

    def mapping(self, seen: Seen, label: str, node: shapes.Mapping, member: Member | None) -> Row:
        """Key and value of each entry."""
        rows = list[Row]()
        for entry in seen.inside or ():
            parts = zip(entry.inside or (), (node.key, node.value), strict=False)
            inside = tuple(self.row(one, str(one.key), shape, member) for one, shape in parts)
            text = "" if self.one_each else self._short(inside)
            rows.append(Row(f"[{entry.key}]", text, "", entry.begin, entry.end, () if text else inside))
        text = f"{len(rows)} entries" if rows else "empty"
        return Row(label, text, "", seen.begin, seen.end, tuple(rows), "record", own=not rows)


def _span(inside: Sequence[Seen], begin: int, end: int, text: str) -> Row:
    first, last = inside[begin], inside[end - 1]
    label = f"[{first.key}]" if end == begin + 1 else f"[{first.key}..{last.key}]"
    return Row(label, text, "", first.begin, last.end, own=True)


def _is_long(seen: Seen) -> bool:
    return isinstance(seen.node, Blob | Opaque) and len(seen.value) > IN_A_ROW


def _same_form(a: Seen, b: Seen, at: int, other: int) -> bool:
    if (a.begin - at, a.end - at) != (b.begin - other, b.end - other) or type(a.node) is not type(b.node):
        return False
    if a.inside is None or b.inside is None:
        return a.inside is b.inside
    return len(a.inside) == len(b.inside) and all(
        one.key == two.key and _same_form(one, two, at, other)
        for one, two in zip(a.inside, b.inside, strict=True))


def _is_named(shape: Shape | None, member: Member | None) -> bool:
    """Whether a number's bits or values have names."""
    inner = bare(shape)
    return isinstance(inner, Enumerated) or (
        member is not None and isinstance(inner, Int) and isinstance(teller_of(member.means), Register | type))


def _name(shape: Shape) -> str:
    inner = bare(shape)
    return printable(inner.record.name) if isinstance(inner, Nested) else ""


def _gathered(inside: Iterable[Seen]) -> Iterator[Seen]:
    """Members `name[0]`, `name[1]`, … that follow each other as one array, for that is what they are."""
    for base, group in groupby(inside, _base):
        run = list(group)
        if not base or len(run) == 1:
            yield from run
            continue
        elements = [Seen(i, one.node, one.value, one.begin, one.end, one.member, one.version, one.inside)
                    for i, one in enumerate(run)]
        first = run[0].member
        of = first.shape if first is not None else Nullable(Blob(0), bytearray)
        yield Seen(base, Array(of, len(run), list), None, run[0].begin, run[-1].end, None, None, elements)


def _base(seen: Seen) -> str:
    found = ELEMENT.fullmatch(seen.key) if isinstance(seen.key, str) and seen.key.endswith("]") else None
    return found[1] if found else ""
