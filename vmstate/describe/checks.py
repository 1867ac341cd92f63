"""Which values a member may have, as checks: ranges, lists with gaps, names of values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, cast

from ..errors import DecodeError
from ..shape import Enumerated, Int, Range, Shape

SPAN = re.compile(r"\s*(-?\d{1,20})\s*(?:-|\.\.)\s*(-?\d{1,20})\s*")
MOST = (1 << 64) - 1
"""Of integers, the most."""
MOST_VALUES = 4096
"""Values of a member that are told one by one."""


def within(shape: Shape, allowed: list[tuple[int, int]]) -> Shape:
    """A range, where the values are one; an enumeration called `allowed`, where they have gaps."""
    if not allowed:
        return shape
    least, most = allowed[0][0], allowed[-1][1]
    if len(allowed) == 1 or not isinstance(shape, Int):
        return Range(shape, least, most)
    values = [value for low, high in allowed for value in range(low, min(high, low + MOST_VALUES) + 1)]
    if len(values) > MOST_VALUES:
        return Range(shape, least, most)
    return Enumerated(shape, enumeration("allowed", {f"value {value}": value for value in values}))


def spans(values: object) -> list[tuple[int, int]]:
    """Runs of values in order: of numbers, of `"0-255"`, of `{"min": 0, "max": 255}`; of others, each by its place."""
    if isinstance(values, dict):
        bounds = cast("Mapping[str, Any]", values)
        values = [f"{bounds.get('min', bounds.get('minimum', 0))}-{bounds.get('max', bounds.get('maximum', MOST))}"]
    if not isinstance(values, list):
        values = [values]
    runs = list[tuple[int, int]]()
    for low, high in sorted(_span(one, i) for i, one in enumerate(cast("list[object]", values))):
        if runs and low <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], max(high, runs[-1][1])
        else:
            runs.append((low, high))
    return runs


def _span(value: object, place: int) -> tuple[int, int]:
    if isinstance(value, int):
        return int(value), int(value)
    if isinstance(value, str) and (found := SPAN.fullmatch(value)):
        return min(int(found[1]), int(found[2])), max(int(found[1]), int(found[2]))
    return place, place


def named(members: object) -> dict[str, int]:
    """Values by name: out of `{"ON": 1}`, `["OFF", "ON"]` or `[0, 1]`."""
    if isinstance(members, dict):
        pairs = cast("Mapping[str, object]", members).items()
        return {name: value for name, value in pairs if type(value) is int}
    if not isinstance(members, list):
        return {}
    return {str(one): one if type(one) is int else i for i, one in enumerate(cast("list[object]", members))}


def enumeration(name: str, values: Mapping[str, int]) -> type[IntEnum]:
    """A class of values by name; one by itself if there is none, for no class is empty."""
    if len(values) > MOST_VALUES:
        raise DecodeError(f"an enumeration of {len(values)} values", hint=f"at most {MOST_VALUES} are read")
    fit = {key if fits(key) else f"value {value}": value for key, value in values.items()}
    return cast("type[IntEnum]", IntEnum(name, fit or {"nothing": 0}))


def fits(name: str) -> bool:
    """Whether a member of an enumeration may be called so."""
    return bool(name) and not name.startswith("_") and name != "mro"
