"""Sets of values that a migration parameter may take: scalars of JSON, ranges of integers, all of a type.

Kinds never mix: true is not 1, and "1" is neither.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import count
from math import inf
from typing import Any

from ..nodes import Node, node

Scalar = bool | int | float | str | None
Key = tuple[str, Scalar]
"""A scalar with its kind, so that 1 and true are two."""
Span = tuple[float, float]
"""Integers from one to the other, both included; an end may be infinite."""

KINDS: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}
RANGE = re.compile(r"(-?[0-9]+)-(-?[0-9]+)")
NUMERALS = 1000
"""Digits of a number at most."""


def exact(value: Scalar) -> Key:
    """What tells scalars apart. Raises KeyError for what is no scalar."""
    return KINDS[type(value)], value


def same(one: Scalar, other: Scalar) -> bool:
    """Whether both are one value of one kind; 1.0 is 1, for JSON has one kind of numbers."""
    return exact(one) == exact(other)


def spelled(value: Scalar) -> str:
    """As JSON has it."""
    return json.dumps(value)


def bounds(text: str) -> tuple[int, int] | None:
    """`<min>-<max>` as two integers, either of which may be negative; None for any other text."""
    if len(text) > 2 * NUMERALS or (found := RANGE.fullmatch(text)) is None:
        return None
    return (int(found[1]), int(found[2])) if max(map(len, found.groups())) <= NUMERALS else None


@node
class Values(Node):
    """A set of scalars: integers by their spans, others one by one, and kinds of which all are in it but a few.

    The whole of the numbers are those that are no integers.
    """

    spans: tuple[Span, ...] = ()
    points: frozenset[Key] = frozenset()
    whole: frozenset[str] = frozenset()
    barring: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.spans or self.points or self.whole)

    def __contains__(self, value: Any) -> bool:
        kind, _ = key = exact(value)
        if kind == "number" and value % 1 == 0:
            return any(low <= value <= high for low, high in self.spans)
        return key in self.points or (kind in self.whole and key not in self.barring)

    def __and__(self, other: Values) -> Values:
        spans = _minus(self.spans, _minus((ALL,), other.spans))
        points = {key for key in self.points | other.points if key[1] in self and key[1] in other}
        return Values(spans, frozenset(points), self.whole & other.whole)._without(self.barring | other.barring)

    def __sub__(self, other: Values) -> Values:
        points = {key for key in self.points | other.barring if key[1] in self and key[1] not in other}
        left = Values(_minus(self.spans, other.spans), frozenset(points), self.whole - other.whole)
        return left._without(self.barring | other.points)

    def _without(self, keys: frozenset[Key]) -> Values:
        """Those of the kinds that are whole are left out."""
        return self.but(barring=frozenset(key for key in keys if key[0] in self.whole))

    def __str__(self) -> str:
        spans = ["any integer" if span == ALL else _span(*span) for span in self.spans]
        whole = ["any other number" if kind == "number" and spans else f"any {kind}" for kind in sorted(self.whole)]
        return ", ".join([*spans, *_spelled(self.points), *whole]) + (
            f" but {', '.join(_spelled(self.barring))}" if self.barring else "") or "nothing"

    def one(self) -> Scalar:
        """Any of them, always the same. Raises StopIteration if there is none."""
        if self.spans:
            low, high = self.spans[0]
            return int(low) if low != -inf else int(min(high, 0))
        if self.points:
            return min(self.points, key=repr)[1]
        return next(value for number in count() for value in (str(number), number + 0.5) if value in self)


ALL: Span = (-inf, inf)


def values(given: Iterable[Scalar], *, ranges: bool = False) -> Values:
    """The set of these. With `ranges`, a string of the form `<min>-<max>` is all integers between the two."""
    spans: list[Span] = []
    points: set[Key] = set()
    for value in given:
        kind, _ = key = exact(value)
        between = bounds(value) if ranges and isinstance(value, str) else None
        if between is not None:
            spans.append(between)
        elif kind == "number" and isinstance(value, int | float) and value % 1 == 0:
            spans.append((int(value), int(value)))
        else:
            points.add(key)
    return Values(merged(spans), frozenset(points))


def all_like(value: Scalar) -> Values:
    """All values of this one's type; an integer's are the integers."""
    if isinstance(value, bool) or value is None:
        return values((True, False) if isinstance(value, bool) else (None,))
    if isinstance(value, str):
        return Values(whole=frozenset({"string"}))
    return Values((ALL,), whole=frozenset() if value % 1 == 0 else frozenset({"number"}))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, without empty ones, and those that touch as one."""
    made: list[Span] = []
    for low, high in sorted(span for span in spans if span[0] <= span[1] and span[0] < inf and span[1] > -inf):
        if made and low <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)


def _minus(spans: Sequence[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """What others leave of spans; both are in order and apart, so that each is looked at about once."""
    made: list[Span] = []
    first = 0
    for begin, high in spans:
        low = begin
        while first < len(others) and others[first][1] < low:
            first += 1
        for at in range(first, len(others)):
            if others[at][0] > high:
                break
            made.append((low, others[at][0] - 1))
            low = others[at][1] + 1
        made.append((low, high))
    return merged(made)


def _spelled(keys: Iterable[Key]) -> list[str]:
    return sorted(spelled(value) for _, value in keys)


def _span(low: float, high: float) -> str:
    if low == -inf or high == inf:
        return f"{high} and below" if low == -inf else f"{low} and above"
    return str(low) if low == high else f"{low}-{high}"
