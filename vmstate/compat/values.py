"""VM601 to VM606: which values a member may have."""

from __future__ import annotations

from collections.abc import Iterator

from ..shape import Array, AtMost, Constant, Enumerated, Equal, Nullable, Range, Shape
from .findings import CONDITIONAL, OK, Both, Finding
from .scope import Scope

TIGHTER, WIDER = Both(CONDITIONAL, OK), Both(OK, CONDITIONAL)
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
    (low, high), (least, most) = bounds(old), bounds(new)
    if least > low or most < high:
        rule, what = ("VM606", "elements at most") if counts(scope, key) else ("VM601", "is within")
        yield scope.finding(rule, key, f"{key} {what} {span(least, most)}, it was {span(low, high)}", TIGHTER, TIGHTER)
    if least < low or most > high:
        yield scope.finding("VM602", key, f"{key} is within {span(least, most)}, it was {span(low, high)}", WIDER, WIDER)
    before, after = choices(old), choices(new)
    if before != after:
        yield from enumerated(scope, key, before, after)
    if any(isinstance(one, Equal | AtMost) for one in checks(new)) and not any(
            isinstance(one, Equal | AtMost) for one in checks(old)):
        yield scope.finding("VM605", key, f"{key} has to be what the loading side has", TIGHTER, TIGHTER)


def enumerated(
    scope: Scope, key: str, before: frozenset[int] | None, after: frozenset[int] | None
) -> Iterator[Finding]:
    """Values that are no longer, or newly, among those that mean something."""
    gone = after is not None and (before is None or before - after)
    come = before is not None and (after is None or after - before)
    if gone:
        yield scope.finding("VM603", key, f"{key} may no longer be {listed(before, after)}", TIGHTER, TIGHTER)
    if come:
        yield scope.finding("VM604", key, f"{key} may be {listed(after, before)}", WIDER, WIDER)


def listed(some: frozenset[int] | None, without: frozenset[int] | None) -> str:
    return "anything else" if some is None else ", ".join(map(str, sorted(some - (without or frozenset()))))


def choices(shape: Shape) -> frozenset[int] | None:
    """The values of an enumeration; None where there is none."""
    found = [frozenset(int(value) for value in one.kind) for one in checks(shape) if isinstance(one, Enumerated)]
    return found[0] if found else None


def span(least: float, most: float) -> str:
    """Bounds as text."""
    return "any" if (least, most) == ANY else f"{least} to {most}"


def counts(scope: Scope, key: str) -> bool:
    """Whether a member says how many elements another has."""
    return any(isinstance(shape := bare(one.shape), Array) and shape.count == key for one in scope.new.members)
