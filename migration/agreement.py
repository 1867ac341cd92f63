"""Whether a declaration and a stream's own description say the same of the same bytes.

Names may differ, and so may how fine they are: where one has a buffer, the other may have its elements. What must not
be: boundaries that cross, another value at the same place, padding where the other has data.
"""

from __future__ import annotations

from visitors.trace import Seen
from vmstate.shape import Blob, Opaque, Padding
from vmstate.values import Float64

MOST = 8

Leaf = tuple[str, Seen]


def disagreements(mine: Seen, theirs: Seen) -> list[str]:
    """What the declaration (`mine`) says differently than the description (`theirs`); the first few."""
    ours, others = _leaves(mine), _leaves(theirs)
    found: list[str] = []
    i = j = 0
    while i < len(ours) and j < len(others) and len(found) < MOST:
        a, b = ours[i][1], others[j][1]
        if (a.begin, a.end) == (b.begin, b.end):
            found += _same_extent(ours[i], others[j])
            i, j = i + 1, j + 1
        elif a.begin != b.begin:
            found.append(f"{ours[i][0]} begins at {a.begin:#x}, {others[j][0]} of the description at {b.begin:#x}")
            break
        elif a.end < b.end:
            inside = _covered(ours, i, b)
            found += _finer(others[j], ours[i:inside], "declared", "description")
            i, j = inside, j + 1
        else:
            inside = _covered(others, j, a)
            found += _finer(ours[i], others[j:inside], "described", "declaration")
            i, j = i + 1, inside
    if not found and (i < len(ours)) != (j < len(others)):
        found.append("one of declaration and description goes on where the other ends")
    return found


def _leaves(root: Seen) -> list[Leaf]:
    return [(path, one) for path, one in root.leaves() if one.end > one.begin]


def _same_extent(mine: Leaf, theirs: Leaf) -> list[str]:
    a, b = mine[1], theirs[1]
    if isinstance(a.node, Padding) != isinstance(b.node, Padding):
        kinds = ("unused", "data") if isinstance(a.node, Padding) else ("data", "unused")
        return [f"{mine[0]} is {kinds[0]}, the description has {theirs[0]} as {kinds[1]}"]
    if _plain(a.value) != _plain(b.value):
        return [f"{mine[0]} is {a.value!r}, the description has {theirs[0]} as {b.value!r}"]
    return []


def _plain(value: object) -> object:
    """A value as a number where it is one: a buffer of one byte and an integer may mean the same."""
    if isinstance(value, (bytes, bytearray)):
        return int.from_bytes(value, "big")
    return value.bits if isinstance(value, Float64) else value


def _covered(leaves: list[Leaf], at: int, by: Seen) -> int:
    while at < len(leaves) and leaves[at][1].end <= by.end:
        at += 1
    return at


def _finer(coarse: Leaf, fine: list[Leaf], who: str, other: str) -> list[str]:
    """One leaf here, several there: fine if it is a buffer and they fill it."""
    whole = coarse[1]
    if not isinstance(whole.node, Blob | Opaque | Padding) or not fine or fine[-1][1].end != whole.end:
        return [f"{coarse[0]} at {whole.begin:#x} is one value of the {other}, and not a value of those {who}"]
    if isinstance(whole.node, Padding) and not all(isinstance(one.node, Padding) for _, one in fine):
        return [f"{coarse[0]} is unused in the {other}, and is {who} as {fine[0][0]}"]
    return []
