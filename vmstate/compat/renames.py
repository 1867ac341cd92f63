"""Members that are called otherwise: their predicates are one fact, and their names one name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from ..errors import Key
from ..shape import Record
from .layout import Path, Piece, gate_of
from .meeting import Aliases
from .pairing import Pair, leaves, nested, pair

Place = tuple[Key, ...]
"""A path with the numbers of elements."""
Called = Callable[[Place], Place]

PREDICATE = "field_exists"
"""What a dump calls every predicate: it tells that there is one, not which."""
LEGACY = "mig_"
"""What QEMU calls members by that are there for old streams alone (hw/scsi/esp.c): nobody sends them any more."""


class Renames:
    """All of two records and of those nested in them."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.gates, self.legacy, names = dict[str, str](), set[str](), set[tuple[str, str]]()
        for path, one in everywhere(pairs, (), ()):
            (old,), (new,) = one.old, one.new
            names.add((old.key, new.key))
            if old.when is None or new.when is None:
                continue
            self.gates[gate_of((*path[0], old.key), old)] = gate = gate_of((*path[1], new.key), new)
            if new.key.startswith(LEGACY):
                self.legacy.add(gate)
        self.aliases: Aliases = frozenset(names | {(new, old) for old, new in names})

    def unified(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The same with each predicate under one name."""
        if not self.gates:
            return list(pieces)
        return [one.but(gates=tuple(self.gates.get(gate, gate) for gate in one.gates),
                        unit=tuple(self.unified(one.unit)))
                if one.gates or one.unit else one for one in pieces]

    @property
    def retired(self) -> tuple[dict[str, bool], dict[str, bool]]:
        """What the predicates of members say that the new side sends no more: there, and on the old side."""
        theirs = {old: True for old, new in self.gates.items() if new in self.legacy}
        return dict.fromkeys(self.legacy, False), theirs

    def sent(self, written: Sequence[Piece]) -> tuple[list[Piece], dict[str, bool]]:
        """What a writer really sends of its pieces; and the predicates of others, which its reader wants."""
        kept = [one for one in written if self.legacy.isdisjoint(one.gates)]
        return kept, {gate: True for one in written for gate in one.gates if gate in self.legacy}


def nameless(one: Pair) -> bool:
    """Whether it is one member, of which one side does not tell the predicate's name."""
    gates = [str(member.when) for member in (*one.old, *one.new) if member.when is not None]
    return one.how == "same" and len(set(gates)) == 2 and PREDICATE in gates


def everywhere(pairs: Sequence[Pair], old: Path, new: Path) -> Iterator[tuple[tuple[Path, Path], Pair]]:
    """Each pair that goes by two names, or has a predicate by two, with the paths to it."""
    yield from (((old, new), one) for one in pairs if one.how in ("alias", "renamed", "resembles") or nameless(one))
    for one, a, b in nested(pairs):
        yield from everywhere(pair(a, b), (*old, one.old[0].key), (*new, one.new[0].key))


# -- places

def called(old: Record[Any], new: Record[Any]) -> tuple[Called, Called]:
    """Where a member of the new record is in the old one; where one of the old is in the new."""
    paths = dict(spellings(pair(old, new), (), ()))
    return respelling({theirs: ours for ours, theirs in paths.items()}), respelling(paths)


def spellings(pairs: Sequence[Pair], old: Path, new: Path) -> Iterator[tuple[Path, Path]]:
    """Paths of one member on both sides, as far as they are not the same."""
    for one in pairs:
        if one.how in ("alias", "renamed", "resembles"):
            yield (*old, one.old[0].key), (*new, one.new[0].key)
        elif one.how == "regrouped":
            yield from (((*old, *a[0]), (*new, *b[0])) for a, b in zip(leaves(one.old), leaves(one.new), strict=True))
    for one, a, b in nested(pairs):
        yield from spellings(pair(a, b), (*old, one.old[0].key), (*new, one.new[0].key))


def respelling(paths: Mapping[Path, Path]) -> Called:
    """Places by their paths, of which these are spelled otherwise."""
    if not paths:
        return lambda place: place

    def respelled(place: Place) -> Place:
        path = tuple(step for step in place if isinstance(step, str))
        start = next((path[:n] for n in range(len(path), 0, -1) if path[:n] in paths), None)
        return place if start is None else numbered((*paths[start], *path[len(start):]), place)
    return respelled


def numbered(path: Path, place: Place) -> Place:
    """A path with a place's numbers: behind the steps that both begin with, and behind those that both end with."""
    steps = [i for i, step in enumerate(place) if isinstance(step, str)]
    numbers = [tuple(takewhile(lambda step: isinstance(step, int), place[i + 1:])) for i in steps]
    common = next((i for i, step in enumerate(path) if i == len(steps) or step != place[steps[i]]), len(path))
    behind = numbers[common:][max(0, len(steps) - len(path)):]
    all_of = [*numbers[:common], *[()] * (len(path) - common - len(behind)), *behind]
    return tuple(part for step, of in zip(path, all_of, strict=True) for part in (step, *of))
