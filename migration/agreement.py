"""Whether a declaration and a stream's own description say the same of the same bytes.

Names may differ, and so may how fine they are: where one has a buffer, the other may have its elements. What must not
be: boundaries that cross, another value at the same place, padding where the other has data.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from vmstate.describe.slots import NULL
from vmstate.shape import Blob, Nullable, Opaque, Padding
from vmstate.trace import Seen
from vmstate.values import Float64

MOST = 8
LIST_END = "end"
"""What a description of a linked list has behind the last element, which is no value here."""
COARSE = Blob | Opaque | Padding
"""What may hold several values of the other side."""


def disagreements(mine: Seen, theirs: Seen) -> list[str]:
    """What the declaration (`mine`) says differently than the description (`theirs`); the first few."""
    return list(islice(Comparison(mine, theirs).findings(), MOST))


class Comparison:
    """Two traces of the same bytes, leaf by leaf."""

    def __init__(self, mine: Seen, theirs: Seen) -> None:
        self.mine, self.theirs = mine, theirs

    def findings(self) -> Iterator[str]:
        """Each place where the two part, up to one behind which nothing can be compared."""
        ours, others = (list(_leaves(root)) for root in (self.mine, self.theirs))
        i = j = 0
        while i < len(ours) and j < len(others):
            a, b = ours[i], others[j]
            if (a.begin, a.end) == (b.begin, b.end):
                yield from self._same_extent(a, b)
                i, j = i + 1, j + 1
            elif isinstance(b.node, COARSE) and b.begin <= a.begin:
                inside = _within(ours, i, b)
                yield from _finer(self.theirs, b, self.mine, ours[i:inside], "declared", "description")
                i, j = inside, j + 1
            elif isinstance(a.node, COARSE) and a.begin <= b.begin:
                inside = _within(others, j, a)
                yield from _finer(self.mine, a, self.theirs, others[j:inside], "described", "declaration")
                i, j = i + 1, inside
            elif b.end <= a.begin:  # a marker or an end of theirs, which are no values here
                j += 1
            else:
                yield (f"{_path(self.mine, a)} is from {a.begin:#x} to {a.end:#x}, "
                       f"{_path(self.theirs, b)} of the description from {b.begin:#x} to {b.end:#x}")
                return
        if i < len(ours) or not all(isinstance(one.node, COARSE) or one.key == LIST_END for one in others[j:]):
            yield "one of declaration and description goes on where the other ends"

    def _same_extent(self, a: Seen, b: Seen) -> Iterator[str]:
        if isinstance(a.node, Padding) != isinstance(b.node, Padding):
            if isinstance(b.node, Padding) and _plain(a) == _plain(b) == 0:
                return  # a release that has given a member up sends zeros
            kinds = ("unused", "data") if isinstance(a.node, Padding) else ("data", "unused")
            yield (f"{_path(self.mine, a)} is {kinds[0]}, "
                   f"the description has {_path(self.theirs, b)} as {kinds[1]}")
        elif _plain(a) != _plain(b):
            yield (f"{_path(self.mine, a)} is {a.value!r}, "
                   f"the description has {_path(self.theirs, b)} as {b.value!r}")


def _leaves(seen: Seen) -> Iterator[Seen]:
    """The leaves that have bytes; without their paths, which cost more than all else."""
    for one in seen.inside or ():
        if one.inside is not None:
            yield from _leaves(one)
        elif one.end > one.begin:
            yield one


def _path(root: Seen, leaf: Seen) -> str:
    return next((path for path, one in root.leaves() if one is leaf), "")


def _plain(leaf: Seen) -> object:
    """A value as a number where it is one: a buffer and an integer may mean the same. A null is its byte."""
    value = leaf.value
    if value is None and isinstance(leaf.node, Nullable):
        return NULL
    if isinstance(value, (bytes, bytearray)):
        return int.from_bytes(value, "big")
    return value.bits if isinstance(value, Float64) else value


def _within(leaves: list[Seen], at: int, by: Seen) -> int:
    """The first leaf from here on that does not begin within another."""
    while at < len(leaves) and leaves[at].begin < by.end:
        at += 1
    return at


def _finer(root: Seen, whole: Seen, inner: Seen, fine: list[Seen], who: str, other: str) -> Iterator[str]:
    """A buffer here, several values there, and between them what is no value: markers, counts, names."""
    if fine and fine[-1].end > whole.end:
        yield (f"{_path(root, whole)} of the {other} ends at {whole.end:#x}, "
               f"and {_path(inner, fine[-1])} as {who} at {fine[-1].end:#x}")
    elif isinstance(whole.node, Padding) and not all(isinstance(one.node, Padding) for one in fine):
        yield f"{_path(root, whole)} is unused in the {other}, and is {who} as {_path(inner, fine[0])}"
