"""Layouts under conditions: which predicates may be true, and what follows when they are.

A predicate that both sides have under one path and name is one fact. Those that change nothing are true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, product

from .findings import CONDITIONAL, UNKNOWN, Verdict
from .layout import ROW, Path, Piece, total
from .meeting import Aliases, Meeting, meet

MOST_FREE = 4
"""Predicates of which every combination is tried; of more, each alone, all and none."""


def outcome(
    written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases, known: Mapping[str, bool]
) -> Meeting:
    """What becomes of a stream, whatever those predicates are that are not known."""
    free = [gate for gate in relevant(written, read) if gate not in known]
    met = list[Meeting]()
    for true in choices(free):
        false = {gate for gate in free if gate not in true} | {gate for gate, truth in known.items() if not truth}
        met.append(meet(present(written, false), present(read, false), aliases))
    verdicts = {one.verdict for one in met}
    verdict = together(verdicts)
    one = next((one for one in met if one.verdict is verdict), max(met, key=lambda one: one.verdict))
    return one.but(verdict=verdict, reason=one.reason if len(verdicts) == 1 else
                   f"{one.reason}, if so says {' or '.join(free)}")


def relevant(written: Sequence[Piece], read: Sequence[Piece]) -> list[str]:
    """Predicates of which it matters what they say: not those with the same pieces at the same place on both sides."""
    ours, theirs = ([said(one) for one in flat(pieces)] for pieces in (written, read))
    both = set(ours) & set(theirs)
    order = zip(*([one for one in side if one in both] for side in (ours, theirs)), strict=False)
    moved = {one for pair in order if pair[0] != pair[1] for one in pair}
    changed = moved | (set(ours) ^ set(theirs))
    return list(dict.fromkeys(gate for one in (*ours, *theirs) if one in changed for gate in one[-1]))


Told = tuple[Path, str, int | None, str, tuple[str, ...]]


def said(piece: Piece) -> Told:
    """What is said of a piece, its predicates last."""
    return piece.path, piece.form, piece.size, str(piece.count), piece.gates


def flat(pieces: Sequence[Piece], gates: tuple[str, ...] = ()) -> Iterator[Piece]:
    """All pieces, those of elements too, each with the predicates of all that it is in."""
    for one in pieces:
        here = one.but(gates=(*gates, *one.gates)) if gates else one
        yield here
        yield from flat(one.unit, here.gates)


def present(pieces: Sequence[Piece], false: Collection[str]) -> list[Piece]:
    """Those whose predicates hold."""
    return [decided(one, false) for one in pieces if not any(gate in false for gate in one.gates)]


def decided(piece: Piece, false: Collection[str]) -> Piece:
    """A piece that is there; of the elements of a row, what is there in each."""
    if not any(one.gates or one.unit for one in piece.unit):
        return piece
    unit = tuple(one.but(gates=()) for one in present(piece.unit, false))
    each, times = total(unit), piece.count if piece.form == ROW else None
    return piece.but(unit=unit, size=each * max(0, times) if each is not None and isinstance(times, int) else None)


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
    """One verdict of all cases: fails in some is conditional; fails in all, one way or another, corrupts at least."""
    least, most = min(verdicts), max(verdicts)
    if most < UNKNOWN or least.hard or least is most:
        return least if least.hard else most
    return CONDITIONAL if CONDITIONAL in verdicts or (least < UNKNOWN < most) else UNKNOWN
