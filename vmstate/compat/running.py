"""What really becomes of a state: one record writes it, another reads it, and each byte is followed.

The formats are handed in. One of bytes by place says where each value lies (`span`), so that a value is followed by
its bytes; of one with names, by its name.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..errors import Key, VMStateError
from ..exchanges import EXPIRY
from ..format import Decoded
from ..shape import Blob, Int, Padding, Record, Setting, Subsection
from ..trace import Seen, Tracer
from ..trial import Trial
from ..walk import Mode, Walk
from .drawing import MOST_ELEMENTS, sent

if TYPE_CHECKING:
    from ..format import Format

Place = tuple[Key, ...]
Called = Callable[[Place], Place]
"""Where a member of the reader's record is in the writer's."""


class Fate(IntEnum):
    """What became of one state, from harmless to refused."""

    READ = 1
    LOSSY = 2
    MISREAD = 3
    REFUSED = 4


@frozen
class Leaf:
    """A value: its place, the subsection that it is in, where its bytes lie, what they are taken for."""

    place: Place
    sub: str
    begin: int
    end: int
    value: Any
    shape: Any

    @property
    def unused(self) -> bool:
        """Whether its bytes mean nothing."""
        return isinstance(self.shape, Padding)

    @property
    def kind(self) -> object:
        """What its bytes are taken for, besides their number."""
        if self.shape is EXPIRY:
            return "time"
        if not isinstance(self.shape, Int):
            return type(self.shape).__name__
        return self.shape.signed, self.shape.order if self.end - self.begin > 1 else ""

    @property
    def bytewise(self) -> bool:
        """Whether its bytes are no more than bytes."""
        return isinstance(self.shape, Blob) or (isinstance(self.shape, Int) and self.shape.bits == 8 and (
            not self.shape.signed))

    def equals(self, other: Leaf) -> bool:
        """Whether both have one value; true is not 1."""
        a, b = self.value, other.value
        return a == b and isinstance(a, bool) == isinstance(b, bool)


def leaves(seen: Seen, above: Place = (), sub: str = "") -> Iterator[Leaf]:
    """All values of a trace, in order."""
    for one in seen.inside or ():
        inside = isinstance(one.node, Subsection)
        here = above if inside else (*above, one.key)
        if one.inside is not None:
            yield from leaves(one, here, one.node.name if isinstance(one.node, Subsection) else sub)
        elif not isinstance(one.node, Setting):
            yield Leaf(here, sub, one.begin, one.end, one.value, one.node)


@frozen
class Misplaced:
    """A value that is taken out of other bytes, or is another one. `written`: what lies there; `own`: what was written
    of this member; None where nothing is or was. `offset`: the first byte that is another member's, if one is.
    """

    read: Leaf
    written: Leaf | None
    own: Leaf | None
    offset: int | None = None

    @property
    def differs(self) -> bool:
        """Whether it is another value than was written."""
        return self.own is None or not self.own.equals(self.read)


@frozen
class Run:
    """One state, written and read. `misread`: what was taken wrong; where it was refused, of all up to there."""

    data: Any
    fate: Fate
    wrote: Seen
    misread: tuple[Misplaced, ...] = ()
    error: VMStateError | None = None

    @property
    def wrong(self) -> Misplaced | None:
        """The first value that has a byte of another member; if none has, the first that was taken wrong."""
        return next((one for one in self.misread if one.offset is not None), next(iter(self.misread), None))

    @property
    def differs(self) -> Misplaced | None:
        """The first value that is another than was written, or was never written."""
        return next((one for one in self.misread if one.differs), None)


def run(
    writer: Record[Any], reader: Record[Any], form: Format[Any], pick: Random, called: Called,
    most: int = MOST_ELEMENTS, *, distinct: bool = False,
) -> Run:
    """A state of the writer, drawn, and what the reader makes of it; both are configured alike.

    `distinct` as in `sent`. Raises VMStateError where no state can be drawn.
    """
    state = sent(writer, pick, most, distinct=distinct)
    data, trace = written(state, form)
    wrote = list(leaves(trace))
    source = form.reader(data)
    into = Tracer(source)
    try:
        Walk(into, Mode.WIRE, Trial(tails(state.settings))).run(reader, reader.make(), state.version)
        source.finish()
        error = None
    except VMStateError as raised:
        error = raised.with_traceback(None)
    got = [one for one in leaves(into.root) if not one.unused]
    found = list(Following(wrote, called).over(got) if into.span is not None else by_name(wrote, got, called))
    fate = Fate.REFUSED if error else max((fate for fate, _ in found), default=Fate.READ)
    return Run(data, fate, trace, tuple(one for fate, one in found if fate is Fate.MISREAD), error)


def written(state: Decoded[Any], form: Format[Any]) -> tuple[Any, Seen]:
    """A state's data, and where each value lies in them."""
    writer = form.writer()
    out = Tracer(writer)
    Walk(out, Mode.WIRE).run(state.record, state.state, state.version)
    return writer.result(), out.root


def tails(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings by every end of their paths, for what is around them may be called otherwise."""
    steps = {path: path.split(".") for path in settings}
    return {".".join(steps[path][i:]): value for path, value in settings.items() for i in range(len(steps[path]))}


# -- what became of the values

Found = Iterator[tuple[Fate, Misplaced]]


def by_name(wrote: Sequence[Leaf], got: Sequence[Leaf], called: Called) -> Found:
    """Values that differ, each by its name."""
    there = {(one.place, one.sub): one for one in wrote}
    for leaf in got:
        mine = there.get((called(leaf.place), leaf.sub))
        if mine is not None and not mine.equals(leaf):
            yield Fate.MISREAD, Misplaced(leaf, mine, mine)


class Following:
    """What was written, by its bytes."""

    def __init__(self, wrote: Sequence[Leaf], called: Called) -> None:
        self.called = called
        self.places = {(one.place, one.sub): one for one in wrote}
        self.firsts = {(path, one.sub): one for one in wrote if (path := first(one.place)) is not None}
        self.wrote = [one for one in wrote if one.begin < one.end]
        self.begins, self.ends = [one.begin for one in self.wrote], [one.end for one in self.wrote]

    def over(self, got: Sequence[Leaf]) -> Found:
        """Each value that is taken out of bytes that are not its own, or is another one."""
        for leaf in got:
            mine, there = self.own(leaf), self.lying(leaf)
            if there and all(one.unused for one in there):
                yield Fate.LOSSY, Misplaced(leaf, there[0], mine)
            elif not self.fits(leaf, mine) and not self.same_bytes(leaf, there):
                foreign = next((one for one in there if one is not mine), None)
                yield Fate.MISREAD, Misplaced(
                    leaf, foreign or mine, mine, None if foreign is None else max(foreign.begin, leaf.begin))

    def own(self, leaf: Leaf) -> Leaf | None:
        """What was written of a member; of a single element also where that is no array, or is one."""
        place = self.called(leaf.place)
        found = self.places.get((place, leaf.sub))
        return self.firsts.get((path, leaf.sub)) if found is None and (path := first(place)) is not None else found

    def fits(self, leaf: Leaf, mine: Leaf | None) -> bool:
        """Whether a value is read as it was written, out of its own bytes."""
        return mine is not None and (mine.begin, mine.end, mine.kind) == (leaf.begin, leaf.end, leaf.kind) and (
            mine.equals(leaf))

    def lying(self, leaf: Leaf) -> list[Leaf]:
        """What was written where a value is read."""
        return self.wrote[bisect_right(self.ends, leaf.begin):bisect_left(self.begins, leaf.end)]

    def same_bytes(self, leaf: Leaf, there: Sequence[Leaf]) -> bool:
        """Whether it is one member, as bytes on one side and as a row of such on the other."""
        row = root(self.called(leaf.place))
        return bool(there) and all(root(one.place) == row and one.bytewise for one in there) and leaf.bytewise


def first(place: Place) -> Place | None:
    """A place without numbers; None where it is not in the first of all elements."""
    return None if any(isinstance(step, int) and step for step in place) else tuple(
        step for step in place if isinstance(step, str))


def root(place: Place) -> Place:
    """A place without the number of an element."""
    return place[:-1] if place and isinstance(place[-1], int) else place
