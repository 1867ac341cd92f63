"""Members: gates, names, defaults (VL1xx)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..facts import authors
from ..shape import ABSENT, Range, Setting, Shape
from .flaws import Flaw
from .looking import looks, only_returns
from .meeting import Met, attributes, members


def check(met: Met) -> Iterator[Flaw]:
    """All rules of members."""
    yield from gates_within(met)
    yield from never(met)
    yield from later(met)
    if met.parent is None:
        yield from names(met)
    yield from defaults(met)


def gates_within(met: Met) -> Iterator[Flaw]:
    """VL101: a record that is always walked at its newest version."""
    if met.versioned:
        return
    for one in met.record.members:
        if one.since > met.record.minimum:
            yield Flaw("VL101", met.place, one.key, f"since={one.since}, and {met.record.name} has no version on the "
                       f"wire: it is always there")


def never(met: Met) -> Iterator[Flaw]:
    """VL102: a predicate that is False whatever the state is."""
    for one in met.methods():
        if one.role in ("gate", "needed") and only_returns(one.method, False):
            yield Flaw("VL102", met.place, one.of, f"{one.name} is never true: it is not there")


def later(met: Met) -> Iterator[Flaw]:
    """VL103: what a gate or size asks has to be read before it is asked."""
    places, named = attributes(met.record), [one.attribute for one in met.record.members]
    settings = {one.attribute for one in met.record.members if isinstance(one.shape, Setting)}
    for one in met.methods():
        if one.place < 0:
            continue
        asked = looks(one.method, met.kind).asks - settings
        for name in sorted(name for name in asked if places.get(name, -1) >= one.place):
            what = "itself" if name == named[one.place] else f"{name}, which is read later"
            yield Flaw("VL103", met.place, one.of, f"its {one.role} {one.name} asks {what}")


# -- by name

def names(met: Met) -> Iterator[Flaw]:
    """VL104, VL105: what readers and writers by name go by."""
    every = [one for one in members(met.record) if not one.twice and not isinstance(one.shape, Setting)]
    written = Counter(one.write_as or one.key for one in every if one.attribute is not None)
    for name, times in written.items():
        if times > 1:
            yield Flaw("VL105", met.place, name, f"{times} members are written as {name}")
    for one in every:
        for was in one.was:
            other = next((other for other in every if other is not one and was in (other.key, *other.was)), None)
            if other is not None:
                yield Flaw("VL104", met.place, one.key, f"it was {was}, and so is or was {other.key}")


# -- defaults

def defaults(met: Met) -> Iterator[Flaw]:
    """VL106: what a member is by saying nothing."""
    for one in met.record.members:
        if one.default is ABSENT or not (why := refused(one.shape, authors(one.default))):
            continue
        yield Flaw("VL106", met.place, one.key, why)


def refused(shape: Shape, value: Any) -> str:
    """Why a check refuses a value; empty where it does not."""
    if isinstance(shape, Range) and not shape.least <= value <= shape.most:
        return f"default={value} is not within {shape.least} to {shape.most}"
    return ""
