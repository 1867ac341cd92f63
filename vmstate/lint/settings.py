"""Settings: whether anything asks them (VL5xx)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import Any

from ..shape import Equal, Record, Setting
from .flaws import Flaw
from .looking import named_anywhere
from .meeting import Met, facts

READING = "gate", "count", "size", "bits"
"""What methods are for that a reader of bytes asks. Hooks, and what decides about sending, a device alone asks."""


def check(every: Iterable[Met]) -> Iterator[Flaw]:
    """VL501: a setting of several values on which no byte depends."""
    all_of = list(every)
    asked = _asked(all_of)
    for met in all_of:
        for one in met.record.members:
            if isinstance(one.shape, Setting) and one.shape.choices and one.attribute not in asked:
                yield Flaw("VL501", met.place, one.key, "no gate, count or size asks it")


def _asked(every: list[Met]) -> set[str]:
    """All names that gates, counts and sizes ask, of whatever, through methods and properties of all classes."""
    left = [name for met in every for name in _named(met.record)]
    left += [name for met in every for one in met.methods() if one.role in READING
             for name in named_anywhere(one.method)]
    behind = _behind(every)
    found = set[str]()
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left += [other for method in behind.get(name, ()) for other in named_anywhere(method)]
    return found


def _behind(every: list[Met]) -> dict[str, list[Any]]:
    """The methods and properties of all classes, by name."""
    found = dict[str, list[Any]]()
    for kind in {kind for met in every for kind in met.kind.__mro__}:
        for name, value in vars(kind).items():
            method = value.fget if isinstance(value, property) else value
            if isinstance(method, FunctionType):
                found.setdefault(name, []).append(method)
    return found


def _named(record: Record[Any]) -> Iterator[str]:
    """Attributes that facts name, and those that a member settles."""
    for member in record.members:
        yield from (one for _, one in facts(member.shape) if isinstance(one, str))
        if isinstance(member.shape, Equal) and member.shape.settles and member.attribute is not None:
            yield member.attribute
