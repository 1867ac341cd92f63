"""New instances: whether they share values, and whether one reads what another wrote (VL4xx)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..errors import EncodeError, HookRefused, VMStateError
from ..format import Format, load, written
from ..shape import Record
from ..walk import Mode
from .flaws import Flaw
from .meeting import Met

MOST_VERSIONS = 64
OUTSIDE = " is not inside a "
"""What a state says that is a part of others (`Around.up`): they are walked with it in them."""
MUTABLE = list, dict, set, bytearray


def check(met: Met, form: Format[bytes]) -> Iterator[Flaw]:
    """All rules of new instances. `form` is what they are saved as."""
    if met.parent is None:
        yield from shared(met)
    if met.is_section and not met.record.traits.unmigratable:
        yield from round_trip(met, form)


# -- what two have in common

def shared(met: Met) -> Iterator[Flaw]:
    """VL405: a value that can change, and is the same object in both."""
    one, other = met.record.make(), met.record.make()
    for name in getattr(met.kind, "__slots__", ()):
        if name != "_kept" and _same(getattr(one, name, None), getattr(other, name, None)):
            yield Flaw("VL405", met.place, name, "two new instances have one value, and what one changes the other has")


def _same(one: object, other: object) -> bool:
    if one is other:
        kind: type[object] = type(one)
        return issubclass(kind, MUTABLE) or "__vmstate__" in vars(kind)
    if not isinstance(one, list) or not isinstance(other, list):
        return False
    return any(map(_same, cast("list[object]", one), cast("list[object]", other)))


# -- what one saves and another loads

def is_a_part(error: VMStateError) -> bool:
    """Whether it says that a state is walked only with another around it."""
    return OUTSIDE in error.message


def round_trip(met: Met, form: Format[bytes]) -> Iterator[Flaw]:
    """VL401 to VL404: at the newest version, and at each that is read."""
    record = met.record
    try:
        data = written(record, record.make(), form, None, Mode.LIVE)
    except VMStateError as error:
        if not is_a_part(error):
            yield Flaw("VL401", met.place, "", str(error))
        return
    try:
        again = written(record, load(record.make(), data, form), form, None, Mode.LIVE)
        third = written(record, load(record.make(), again, form), form, None, Mode.LIVE)
    except VMStateError as error:
        yield Flaw("VL402", met.place, "", str(error))
        return
    if again != third:
        parts = (i for i, (a, b) in enumerate(zip(again, third, strict=False)) if a != b)
        at = next(parts, min(len(again), len(third)))
        yield Flaw("VL403", met.place, "", f"saved, loaded, and saved again it differs at {at:#x}")
    yield from older(met, record, form)


def older(met: Met, record: Record[Any], form: Format[bytes]) -> Iterator[Flaw]:
    """VL404: what a hook refuses, it refuses on purpose."""
    for version in range(max(record.minimum, record.version - MOST_VERSIONS), record.version):
        try:
            load(record.make(), written(record, record.make(), form, version, Mode.LIVE), form, version=version)
        except (HookRefused, EncodeError):
            continue
        except VMStateError as error:
            yield Flaw("VL404", met.place, "", f"version {version}: {error}")
