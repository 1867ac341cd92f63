"""Layouts under conditions: which predicates may be true, and what follows when they are.

A predicate that both sides have under one path and name is one fact. Those that change nothing are true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from .findings import CONDITIONAL, LOSSY, UNKNOWN, Verdict
from .layout import ROW, Path, Piece, total
from .meeting import Aliases, Meet, Meeting, meet

MOST_FREE = 4
"""Predicates of which every combination is tried; of more, each alone, all and none."""
MOST_TRIED = 500
"""Combinations at most that are looked at besides, as far as they fit from the beginning on."""


def outcome(
    written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases, known: Mapping[str, bool]
) -> Meeting:
    """What becomes of a stream, whatever those predicates are that are not known."""
    free = [gate for gate in relevant(written, read) if gate not in known]
    never = {gate for gate, truth in known.items() if not truth}
    written, read = present(written, never), present(read, never)
    met = [meet(present(written, false), present(read, false), aliases) for false in choices(free)]
    if len(free) > MOST_FREE and min(one.verdict for one in met) > LOSSY:
        met += Search(written, read, aliases, free).harmless()
    verdicts = {one.verdict for one in met}
    verdict = together(verdicts)
    one = next((one for one in met if one.verdict is verdict), max(met, key=lambda one: one.verdict))
    return one.but(verdict=verdict, reason=one.reason if len(verdicts) == 1 else
                   f"{one.reason}, if so says {' or '.join(free)}")


class Search:
    """For a combination of many predicates of which nothing follows. What fails with some of them alone is left out."""

    def __init__(self, written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases, free: Sequence[str]) -> None:
        self.sides, self.aliases, self.free = (written, read), aliases, set(free)
        self.left = MOST_TRIED

    def harmless(self) -> list[Meeting]:
        """What becomes of it then: nothing, where there is none; where nobody looked everywhere, nobody knows."""
        found = self.deciding({})
        if found is not None:
            return [found]
        return [] if self.left > 0 else [Meeting(UNKNOWN, reason="not all combinations of predicates were tried")]

    def deciding(self, truths: Mapping[str, bool]) -> Meeting | None:
        """Goes on from some predicates, of which it is decided what they say."""
        self.left -= 1
        false = {gate for gate, truth in truths.items() if not truth}
        written, read = (present(side, false) for side in self.sides)
        ends = [self.undecided(side, truths) for side in (written, read)]
        if all(end == len(side) for end, side in zip(ends, (written, read), strict=True)):
            whole = meet(written, read, self.aliases)
            return whole if whole.verdict <= LOSSY else None
        begun = Meet(written[:ends[0]], read[:ends[1]], self.aliases)
        begun.side_by_side()
        if begun.worst.verdict.hard or self.left <= 0:
            return None
        left = [side[end:] for side, end in zip((written, read), ends, strict=True)]
        here = left[0] if left[0] and (begun.w.here is None or not left[1]) else left[1]
        gate = next(gate for gate in gates_in(here[0]) if gate in self.free and gate not in truths)
        found = (self.deciding({**truths, gate: truth}) for truth in (True, False))
        return next((one for one in found if one is not None), None)

    def undecided(self, side: Sequence[Piece], truths: Mapping[str, bool]) -> int:
        """Where the first piece is of which nobody knows whether it is there."""
        return next((i for i, one in enumerate(side) if any(
            gate in self.free and gate not in truths for gate in gates_in(one))), len(side))


def gates_in(piece: Piece) -> tuple[str, ...]:
    """The predicates of a piece, and of what is inside of it."""
    return (*piece.gates, *(gate for one in piece.unit for gate in gates_in(one)))


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
    """Sets of predicates that are false together."""
    if len(gates) <= MOST_FREE:
        for truth in product((False, True), repeat=len(gates)):
            yield {gate for gate, is_false in zip(gates, truth, strict=True) if is_false}
        return
    yield set()
    yield set(gates)
    for one in gates:
        yield {one}
        yield {*gates} - {one}


def together(verdicts: set[Verdict]) -> Verdict:
    """One verdict of all cases: fails in some is conditional; fails in all, one way or another, corrupts at least."""
    least, most = min(verdicts), max(verdicts)
    if most < UNKNOWN or least.hard or least is most:
        return least if least.hard else most
    return CONDITIONAL if CONDITIONAL in verdicts or (least < UNKNOWN < most) else UNKNOWN
