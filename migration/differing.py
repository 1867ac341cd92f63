"""Two streams side by side, by path and meaning: which sections and values only one of them has, and which differ.

Where both sides of a section are declared, the declarations' names hold, which are the same for all versions; else
those of the streams' own descriptions; else its bytes are compared. Unused bytes mean nothing, and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from visitors import qemufile
from vmstate import VMStateError, decode
from vmstate.errors import Key, render_path
from vmstate.nodes import Node, node
from vmstate.shape import Blob, Int, Mapping, Opaque, Padding, Subsection
from vmstate.trace import Seen
from vmstate.visitor import Bytes

from .contents import Contents, untold
from .paths import Found, Trail, is_entry
from .places import Named
from .ram.held import Held, compared
from .ram.items import BlockList
from .replica import Stream
from .sections import Section
from .stream.events import Ram
from .stream.reader import PAGE_SIZE

What = Literal["added", "removed", "changed"]
Step = Key | tuple[int, int]
"""A key, or elements from here to there that differ alike."""
Ignored = Callable[[str], bool]
APART, SHORT_TEXT = 4, 3
"""Bytes of a buffer that are the same, and part two differences; bytes of a text."""


@node
class Difference(Node):
    """A value that only one side has, or that differs; `path` is below the section, empty for its version."""

    what: What
    path: tuple[Step, ...]
    before: Found | None
    after: Found | None

    def __str__(self) -> str:
        steps = list[str]()
        for step in self.path:
            single = render_path((step,)) if isinstance(step, str | int) else f"[{step[0]}..{step[1]}]"
            steps.append(single if single.startswith("[") else f".{single}")
        return "".join(steps).removeprefix(".")


@node
class Pair(Node):
    """A section of both streams, and what differs; `by`: by whose names it was compared."""

    before: Section
    after: Section
    by: Literal["declared", "embedded", "bytes"]
    differences: tuple[Difference, ...]


class Story:
    """One stream, read to its end; `tick` is told how many bytes are. Raises VMStateError."""

    def __init__(self, stream: Stream, tick: Callable[[int], object] = untold) -> None:
        self.contents, self.memory = Contents(stream.data), Held()
        for event in stream.events():
            self.contents.take(event)
            tick(event.end)
            if isinstance(event, Ram) and not isinstance(part := event.part, BlockList):
                self.memory.take(part, stream.data[part.begin:part.end], stream.reader.page_size or PAGE_SIZE)

    def sections(self) -> dict[tuple[str, int, int], Section]:
        """By name, instance, and number among those of both."""
        there: list[Named[Section]] = self.contents.named()
        return {one[:3]: one.item for one in there}


class Differing:
    """What differs between two streams; `ignored` tells of a place (`LABEL::path`) whether it does not count.

    `pages`: the blocks of memory in which something differs; `unfollowed`: why memory was not compared.
    """

    def __init__(self, before: Story, after: Story, ignored: Ignored) -> None:
        self._ignored, self.ignored = ignored, 0
        ours, theirs = before.sections(), after.sections()
        self.removed = [one for key, one in ours.items() if key not in theirs and self._counts(one.label)]
        self.added = [one for key, one in theirs.items() if key not in ours and self._counts(one.label)]
        self.pairs = [self._pair(one, theirs[key]) for key, one in ours.items() if key in theirs]
        self.unfollowed = before.memory.why or after.memory.why
        self.pages = [] if self.unfollowed else [
            one for one in compared(before.memory, after.memory)
            if (one.differ or one.before or one.after) and self._counts(f"ram::{one.block}")]

    @property
    def changed(self) -> list[Pair]:
        """The sections in which something differs."""
        return [one for one in self.pairs if one.differences]

    @property
    def same(self) -> bool:
        """Nothing differs that counts."""
        return not (self.removed or self.added or self.changed or self.pages)

    def _counts(self, place: str) -> bool:
        if self._ignored(place):
            self.ignored += 1
            return False
        return True

    def _pair(self, before: Section, after: Section) -> Pair:
        by, found = differences(before, after)
        label = before.label
        counted = [one for one in found if self._counts(f"{label}::{one}" if one.path else label)]
        return Pair(before, after, by, tuple(condensed(counted)))


# -- two sections

def differences(before: Section, after: Section) -> tuple[Literal["declared", "embedded", "bytes"], list[Difference]]:
    """By whose names they are compared, and what differs."""
    found = list[Difference]()
    if before.header.version != after.header.version:
        old, new = (Found((Seen("version", Int(32), one.header.version),)) for one in (before, after))
        found.append(Difference("changed", (), old, new))
    if before.source == after.source == "declared":
        return "declared", [*found, *_members((before.trace,), (after.trace,), ())]
    ours, theirs = _described(before), _described(after)
    if ours is not None and theirs is not None:
        return "embedded", [*found, *_members((ours,), (theirs,), ())]
    old, new = (Found((Seen("bytes", Blob(len(one.body)), one.body, 0, len(one.body)),)) for one in (before, after))
    return "bytes", [*found, *_leaf(old, new, ("bytes",))]


def _described(section: Section) -> Seen | None:
    """A section's values by its stream's own description, if there is one that fits."""
    if section.source == "embedded":
        return section.trace
    if section.described is None:
        return None
    try:
        record = section.described.record
        decoded = decode(record, section.body, qemufile, version=record.version)
    except VMStateError:
        return None
    return Section(section.header, section.body, section.begin, embedded=decoded).trace


def _members(before: Trail, after: Trail, path: tuple[Step, ...]) -> Iterator[Difference]:
    """What is in two brackets, by key: those of the older one first."""
    ours, theirs = _keyed(before[-1]), _keyed(after[-1])
    for key, one in ours.items():
        if (other := theirs.get(key)) is not None:
            yield from _value((*before, one), (*after, other), path if _is_subsection(one) else (*path, one.key))
        elif not isinstance(one.node, Padding) or one.inside is not None:
            yield Difference("removed", (*path, one.key), Found((*before, one)), None)
    for key, one in theirs.items():
        if key not in ours and (not isinstance(one.node, Padding) or one.inside is not None):
            yield Difference("added", (*path, one.key), None, Found((*after, one)))


def _value(before: Trail, after: Trail, path: tuple[Step, ...]) -> Iterator[Difference]:
    one, other = before[-1], after[-1]
    if one.inside is not None and other.inside is not None:
        yield from _members(before, after, path)
    elif not isinstance(one.node, Padding) or not isinstance(other.node, Padding):
        yield from _leaf(Found(before), Found(after), path)


def _leaf(before: Found, after: Found, path: tuple[Step, ...]) -> Iterator[Difference]:
    """Two values; of buffers that are as long as each other, the bytes that differ."""
    one, other = before.whole, after.whole
    if one.inside is None and other.inside is None and one.value == other.value:
        return
    buffers = isinstance(one.node, Blob | Opaque) and isinstance(other.node, Blob | Opaque)
    if buffers and len(one.value) == len(other.value) and not (_is_text(one.value) and _is_text(other.value)):
        for first, last in _runs(bytes(one.value), bytes(other.value)):
            cut = first if last == first + 1 else slice(first, last)
            step = first if last == first + 1 else (first, last - 1)
            yield Difference("changed", (*path, step), Found(before.trail, cut), Found(after.trail, cut))
        return
    yield Difference("changed", path, before, after)


def _is_text(data: Bytes) -> bool:
    """Whether it is one, filled up with zeros: what is in its middle means nothing by itself."""
    text = bytes(data).rstrip(b"\0")
    return len(text) >= SHORT_TEXT and text.isascii() and text.decode().isprintable()


def _runs(one: bytes, other: bytes) -> Iterator[tuple[int, int]]:
    """Where bytes differ, from and to; what differs with little between is one run."""
    begin = end = -1
    for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine != theirs:
            if begin >= 0 and at - end >= APART:
                yield begin, end
                begin = -1
            begin, end = at if begin < 0 else begin, at + 1
    if begin >= 0:
        yield begin, end


def _keyed(seen: Seen) -> dict[Any, Seen]:
    """What is in a bracket, by what it is matched: a mapping's entries by their keys."""
    if isinstance(seen.node, Mapping) and not is_entry(seen):
        return {tuple(str(leaf.value) for _, leaf in (Seen("", one.node, inside=(one.inside or [])[:1])).leaves()): one
                for one in seen.inside or ()}
    return {one.key: one for one in seen.inside or ()}


def _is_subsection(seen: Seen) -> bool:
    return isinstance(seen.node, Subsection)


# -- elements that differ alike

def condensed(found: list[Difference]) -> list[Difference]:
    """Neighbours in a list that differ in the same way become one: first in the lists within, then in those around."""
    most = max((len(_elements(one)) for one in found), default=0)
    for nth in range(1, most + 1):
        found = _joined(found, nth)
    return found


def _joined(found: list[Difference], nth: int) -> list[Difference]:
    """Those that go on where one before ends, in the nth list from within."""
    runs, ends = list[Difference](), dict[Any, int]()
    for one in found:
        places = _elements(one)
        if nth > len(places):
            runs.append(one)
            continue
        first, last = _extent(one.path[at := places[-nth]])
        alike = one.what, _said(one.before), _said(one.after), one.path[:at], one.path[at + 1:]
        number = ends.pop((alike, first), len(runs))
        if number == len(runs):
            runs.append(one)
        else:
            begin, _ = _extent(runs[number].path[at])
            runs[number] = runs[number].but(path=(*one.path[:at], (begin, last), *one.path[at + 1:]))
        ends[alike, last + 1] = number
    return runs


def _extent(step: Step) -> tuple[int, int]:
    """The first and the last of the elements."""
    return step if isinstance(step, tuple) else (int(step), int(step))


def _elements(one: Difference) -> list[int]:
    """Which steps are of lists."""
    return [at for at, step in enumerate(one.path) if not isinstance(step, str)]


def _said(found: Found | None) -> Any:
    """What makes two differences alike: the value; of a bracket nothing more than that it is one."""
    if found is None:
        return None
    seen = found.seen
    value: Any = seen.value
    return bytes(value) if isinstance(seen.node, Blob | Opaque) else (value, seen.inside is None)
