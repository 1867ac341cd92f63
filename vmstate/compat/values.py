"""VM601 to VM606: which values a member may have."""

from __future__ import annotations

from collections.abc import Iterator

from ..nodes import Node, node
from ..shape import Array, AtMost, Constant, Enumerated, Equal, Nullable, Range, Shape
from .findings import CONDITIONAL, OK, Both, Finding
from .scope import Scope

TIGHTER, WIDER = Both(CONDITIONAL, OK), Both(OK, CONDITIONAL)
LISTED, MOST_LISTED = "allowed", 4096
"""What a list of values is called that nobody has named; and how many values of a range are compared one by one."""
ANY = (float("-inf"), float("inf"))
Checked = Range | Equal | AtMost | Constant | Enumerated


def bare(shape: Shape) -> Shape:
    """A shape without its checks."""
    while isinstance(shape, Range | Equal | AtMost | Constant | Enumerated):
        shape = shape.of
    return shape


def checks(shape: Shape) -> Iterator[Checked]:
    """The checks around a shape, and around the elements of an array."""
    while isinstance(shape, Range | Equal | AtMost | Constant | Enumerated):
        yield shape
        shape = shape.of
    if isinstance(shape, Array | Nullable):
        yield from checks(shape.of)


def bounds(shape: Shape) -> tuple[float, float]:
    """The least and the greatest value."""
    least, most = ANY
    for one in checks(shape):
        low, high = ((one.least, one.most) if isinstance(one, Range)
                     else (one.value, one.value) if isinstance(one, Constant) else ANY)
        least, most = max(least, low), min(most, high)
    return least, most


def findings(scope: Scope, key: str, old: Shape, new: Shape) -> Iterator[Finding]:
    """How what is allowed differs."""
    before, after = choices(old), choices(new)
    if before is None and after is None:
        yield from bounded(scope, key, bounds(old), bounds(new))
    else:
        yield from listed(scope, key, before or spelled(old), after or spelled(new))
    if any(isinstance(one, Equal | AtMost) for one in checks(new)) and not any(
            isinstance(one, Equal | AtMost) for one in checks(old)):
        yield scope.finding("VM605", key, f"{key} has to be what the loading side has", TIGHTER, TIGHTER)


def bounded(scope: Scope, key: str, old: tuple[float, float], new: tuple[float, float]) -> Iterator[Finding]:
    """Ranges; that of a count is how many elements there may be."""
    (low, high), (least, most) = old, new
    told = f"{key} is within {span(least, most)}, it was within {span(low, high)}"
    if least > low or most < high:
        yield scope.finding("VM606" if counts(scope, key) else "VM601", key, told, TIGHTER, TIGHTER)
    if least < low or most > high:
        yield scope.finding("VM602", key, told, WIDER, WIDER)


@node
class Choices(Node):
    """Values that mean something; None: all. `names`: they are those of an enumeration, not of a list."""

    values: frozenset[int] | None
    names: bool = False


def listed(scope: Scope, key: str, old: Choices, new: Choices) -> Iterator[Finding]:
    """Values one by one: those that are no longer allowed, and those that are now."""
    names = old.names or new.names
    if new.values is not None and (old.values is None or old.values - new.values):
        yield scope.finding("VM603" if names else "VM601", key, f"{key} may no longer be {but(old, new)}", TIGHTER,
                            TIGHTER)
    if old.values is not None and (new.values is None or new.values - old.values):
        yield scope.finding("VM604" if names else "VM602", key, f"{key} may be {but(new, old)}", WIDER, WIDER)


def but(some: Choices, without: Choices) -> str:
    """The values of one that the other has not."""
    if some.values is None:
        return "anything else"
    return ", ".join(map(str, sorted(some.values - (without.values or frozenset()))))


def choices(shape: Shape) -> Choices | None:
    """The values of an enumeration, or of a list with gaps; None where there is neither."""
    found = (one.kind for one in checks(shape) if isinstance(one, Enumerated))
    return next((Choices(frozenset(map(int, kind)), kind.__name__ != LISTED) for kind in found), None)


def spelled(shape: Shape) -> Choices:
    """A range as its values, where these are few."""
    least, most = bounds(shape)
    few = most - least <= MOST_LISTED
    return Choices(frozenset(range(int(least), int(most) + 1)) if few else None)


def span(least: float, most: float) -> str:
    """Bounds as text."""
    return "any" if (least, most) == ANY else f"{least} to {most}"


def counts(scope: Scope, key: str) -> bool:
    """Whether a member says how many elements another has."""
    return any(isinstance(shape := bare(one.shape), Array) and shape.count == key for one in scope.new.members)
