"""Sections: several declarations of one name (VL6xx)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from ..errors import VMStateError
from ..format import Decoded, Format, decode, encode, written
from ..shape import Record
from ..walk import Mode
from .flaws import Flaw
from .meeting import Met


def check(name: str, records: Sequence[Record[Any]], form: Format[bytes]) -> Iterator[Flaw]:
    """VL601: each reads what the other's new instance saves, and means the same bytes."""
    for one, other in combinations(records, 2):
        if one is other:
            yield Flaw("VL601", _place(one), name, "it is there twice")
        elif _meet(one, other) and _reads(one, other, form) and _reads(other, one, form):
            yield Flaw("VL601", _place(one), name, f"{_place(other)} reads the same bytes")


def unreached(lost: Iterable[Met]) -> Iterator[Flaw]:
    """VL602: what is in no section, and so is never read."""
    yield from (Flaw("VL602", one.place, "", f"no section is called {one.record.name} for it, and none has it in it")
                for one in lost)


def _place(record: Record[Any]) -> str:
    return f"{record.kind.__module__}:{record.kind.__qualname__}"


def _meet(one: Record[Any], other: Record[Any]) -> bool:
    """Whether there is a target and a version that both are for."""
    targets, others = one.traits.target, other.traits.target
    return one.version == other.version and (not targets or not others or not set(targets).isdisjoint(others))


def _reads(reader: Record[Any], writer: Record[Any], form: Format[bytes]) -> bool:
    try:
        data = written(writer, writer.make(), form, None, Mode.LIVE)
        found: Decoded[Any] = decode(reader, data, form, version=writer.version)
        return encode(found, form) == data
    except VMStateError:
        return False
