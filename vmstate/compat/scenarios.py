"""Layouts under conditions: which predicates may be true, and what follows when they are.

A predicate that both sides have under one path and name is one fact. Those that change nothing are true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, product

from .findings import CONDITIONAL, OK, UNKNOWN, Verdict
from .layout import Piece
from .meeting import Aliases, Meeting, meet

MOST_FREE = 4
"""Predicates of which every combination is tried; of more, each alone, all and none."""


def outcome(
    written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases, decided: dict[str, bool] | None = None
) -> Meeting:
    """What becomes of a stream, whatever the predicates are."""
    known = decided or {}
    free = [gate for gate in relevant(written, read) if gate not in known]
    met = list[Meeting]()
    for true in choices(free):
        false = {gate for gate in free if gate not in true} | {gate for gate, truth in known.items() if not truth}
        met.append(meet(present(written, false), present(read, false), aliases))
    worst = max(met, key=lambda one: one.verdict)
    verdict = together({one.verdict for one in met})
    reason = worst.reason if verdict is worst.verdict else f"{worst.reason}, if so says {' or '.join(free)}"
    return worst.but(verdict=verdict, reason=reason)


def relevant(written: Sequence[Piece], read: Sequence[Piece]) -> list[str]:
    """Predicates of which it matters what they say: not those with the same pieces on both sides."""
    def having(pieces: Sequence[Piece], gate: str) -> list[tuple[object, ...]]:
        return [(one.path, one.form, one.size, one.count, one.unit, one.gates) for one in pieces if gate in one.gates]

    gates = dict.fromkeys(gate for one in (*written, *read) for gate in one.gates)
    return [gate for gate in gates if having(written, gate) != having(read, gate)]


def present(pieces: Sequence[Piece], false: Collection[str]) -> list[Piece]:
    """Those whose predicates hold."""
    return [one for one in pieces if not any(gate in false for gate in one.gates)]


def choices(gates: Sequence[str]) -> Iterator[set[str]]:
    """Sets of predicates that are true together."""
    if len(gates) <= MOST_FREE:
        for truth in product((True, False), repeat=len(gates)):
            yield {gate for gate, is_true in zip(gates, truth, strict=True) if is_true}
        return
    yield set(gates)
    yield set()
    for one in gates:
        yield {one}
    for most in combinations(gates, len(gates) - 1):
        yield set(most)


def together(verdicts: set[Verdict]) -> Verdict:
    """One verdict of all cases: fails in some is conditional; fails in all, one way or another, is not known which."""
    if len(verdicts) == 1:
        return next(iter(verdicts))
    harmless = {one for one in verdicts if one < UNKNOWN}
    if verdicts == harmless:
        return max(verdicts, default=OK)
    return CONDITIONAL if harmless and max(verdicts) > UNKNOWN else UNKNOWN
