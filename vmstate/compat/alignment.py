"""Old and new layout side by side, for people: which piece is which, what became of it, at which offset it lies."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ..nodes import Node, node
from ..shape import Record
from .layout import Path, Piece, pieces
from .pairing import by_name, pair
from .renames import everywhere

Change = Literal["same", "shifted", "renamed", "changed", "moved", "replaced", "removed", "added"]
Key = tuple[Path, int]


@node
class Line(Node):
    """One piece: at which depth of rows of elements, and at which offset of what is sent; None where that depends."""

    piece: Piece
    depth: int = 0
    offset: int | None = None

    @property
    def form(self) -> str:
        """What it is, in a word or two; nothing of what is inside of it."""
        piece = self.piece
        if piece.form == "row":
            plain = len(piece.unit) == 1 and not piece.unit[0].unit
            return f"{piece.unit[0].form if plain else 'elements'}[{piece.count}]"
        return f"{piece.form}[{piece.size}]" if piece.form in UNSIZED and piece.size is not None else piece.form

    @property
    def looks(self) -> tuple[object, ...]:
        """What has to be the same for nothing to have changed."""
        return self.form, self.piece.size, [gate.partition(": ")[2] for gate in self.piece.gates]


UNSIZED = {"bytes", "unused"}
"""Forms that say nothing of how many bytes there are."""


@node
class Row(Node):
    """What stands side by side."""

    old: Line | None
    new: Line | None
    change: Change


@node
class Alignment(Node):
    """The layouts of two records, or of two subsections of one name; one may not be there."""

    name: str
    rows: tuple[Row, ...]
    inside: tuple[Alignment, ...] = ()


def align(name: str, old: Record[Any] | None, new: Record[Any] | None) -> Alignment:
    """Two records with their subsections, each at its newest version."""
    left, right = ([*lines(pieces(one))] if one is not None else [] for one in (old, new))
    called = renamed(old, new) if old is not None and new is not None else {}
    subs = [{key: sub.record for key, sub in by_name(() if one is None else one.subsections).items()}
            for one in (old, new)]
    inside = tuple(align(key[0], subs[0].get(key), subs[1].get(key)) for key in dict.fromkeys([*subs[0], *subs[1]]))
    return Alignment(name, tuple(side_by_side(left, right, called)), inside)


def lines(row: Sequence[Piece], depth: int = 0) -> Iterator[Line]:
    """Pieces in order, and below a row of elements those of one element. Behind what may be absent, no offset is known.
    """
    offset: int | None = None if depth else 0
    for piece in row:
        yield Line(piece, depth, offset)
        if len(piece.unit) > 1 or any(one.unit for one in piece.unit):
            yield from lines(piece.unit, depth + 1)
        offset = None if offset is None or piece.size is None or piece.gates else offset + piece.size


def renamed(old: Record[Any], new: Record[Any]) -> dict[Path, Path]:
    """Paths of the old record by which the new one calls otherwise."""
    return {(*paths[0], one.old[0].key): (*paths[1], one.new[0].key)
            for paths, one in everywhere(pair(old, new), (), ())}


def side_by_side(left: Sequence[Line], right: Sequence[Line], called: Mapping[Path, Path]) -> Iterator[Row]:
    """All of both, in the order of the new side. What is elsewhere stands on both places."""
    ours = keys([today(line.piece.path, called) for line in left])
    theirs = keys([line.piece.path for line in right])
    place = {key: i for i, key in enumerate(theirs)}
    both = [(i, place[key]) for i, key in enumerate(ours) if key in place]
    elsewhere = ({i for i, _ in both}, {j for _, j in both})
    i = j = 0
    for at, to in (*in_order(both), (len(left), len(right))):
        yield from gap([(one, k in elsewhere[0]) for k, one in enumerate(left[i:at], i)],
                       [(one, k in elsewhere[1]) for k, one in enumerate(right[j:to], j)])
        if at < len(left):
            yield Row(left[at], right[to], change(left[at], right[to]))
        i, j = at + 1, to + 1


def today(path: Path, called: Mapping[Path, Path]) -> Path:
    """What an old path is called now."""
    for end in range(len(path), 0, -1):
        if (other := called.get(path[:end])) is not None:
            return (*other, *path[end:])
    return path


def keys(paths: Sequence[Path]) -> list[Key]:
    """Paths, numbered where one is there several times."""
    seen = Counter[Path]()
    found = list[Key]()
    for path in paths:
        found.append((path, seen[path]))
        seen[path] += 1
    return found


def in_order(both: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that is in order on both sides (patience sorting)."""
    ends, last, before = list[int](), list[int](), list[int]()
    for n, (_, place) in enumerate(both):
        at = bisect_left(ends, place)
        before.append(last[at - 1] if at else -1)
        ends[at:at + 1], last[at:at + 1] = [place], [n]
    run = list[tuple[int, int]]()
    n = last[-1] if last else -1
    while n >= 0:
        run.append(both[n])
        n = before[n]
    return run[::-1]


def gap(left: Sequence[tuple[Line, bool]], right: Sequence[tuple[Line, bool]]) -> Iterator[Row]:
    """What stands between two that are the same: side by side what may have taken the other's place."""
    i = 0
    for line, moved in left:
        other = None if moved else next((k for k in range(i, len(right)) if replaces(line, *right[k])), None)
        if other is None:
            yield Row(line, None, "moved" if moved else "removed")
            continue
        yield from (alone(*one) for one in right[i:other])
        yield Row(line, right[other][0], "replaced")
        i = other + 1
    yield from (alone(*one) for one in right[i:])


def replaces(old: Line, new: Line, moved: bool) -> bool:
    """Whether something new is at the old one's place: at its offset, or of its size."""
    return not moved and any(one is not None and one == other for one, other in (
        (old.offset, new.offset), (old.piece.size, new.piece.size)))


def alone(line: Line, moved: bool) -> Row:
    """One of the new side."""
    return Row(None, line, "moved" if moved else "added")


def change(old: Line, new: Line) -> Change:
    """What became of a piece."""
    if old.looks != new.looks:
        return "changed"
    if old.piece.path != new.piece.path:
        return "renamed"
    return "same" if old.offset == new.offset else "shifted"
