"""Layouts under conditions: which predicates may be true, and what follows when they are.

A predicate that both sides have under one path and name is one fact. Those that change nothing are true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from .findings import CONDITIONAL, OK, UNKNOWN, Verdict
from .layout import ROW, Path, Piece, row
from .meeting import Aliases, Meet, Meeting, meet

MOST_FREE = 4
"""Predicates of which every combination is tried; of more, each alone, all and none."""
MOST_TRIED = 500
"""Combinations at most that are looked at besides, as far as they fit from the beginning on."""


def outcome(
    written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases, known: Mapping[str, bool]
) -> Meeting:
    """What becomes of a stream, whatever those predicates are that are not known."""
    if written == read:
        return Meeting(OK)
    free = [gate for gate in relevant(written, read, aliases) if gate not in known]
    never = {gate for gate, truth in known.items() if not truth}
    written, read = without(written, never), without(read, never)
    met = [meet(there(without(written, false)), there(without(read, false)), aliases) for false in choices(free)]
    if len(free) > MOST_FREE and all(one.verdict.hard for one in met):
        met += Search(written, read, aliases, free).harmless()
    verdicts = {one.verdict for one in met}
    verdict = together(verdicts)
    one = next((one for one in met if one.verdict is verdict), max(met, key=lambda one: one.verdict))
    return one.but(verdict=verdict, reason=one.reason if len(verdicts) == 1 else
                   f"{one.reason}, if so says {' or '.join(free)}")


class Search:
    """For a combination of many predicates that does not fail. What fails with some of them alone is left out."""

    def __init__(self, written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases, free: Sequence[str]) -> None:
        self.sides, self.aliases, self.free = (written, read), aliases, set(free)
        self.left = MOST_TRIED

    def harmless(self) -> list[Meeting]:
        """What becomes of it, if there is one; where not all were looked at, nobody knows."""
        found = self.deciding({})
        if found is not None:
            return [found]
        return [] if self.left > 0 else [Meeting(UNKNOWN, reason="not all combinations of predicates were tried")]

    def deciding(self, truths: Mapping[str, bool]) -> Meeting | None:
        """Goes on from some predicates, of which it is decided what they say."""
        self.left -= 1
        false = {gate for gate, truth in truths.items() if not truth}
        written, read = (without(side, false) for side in self.sides)
        ends = [self.undecided(side, truths) for side in (written, read)]
        if all(end == len(side) for end, side in zip(ends, (written, read), strict=True)):
            found = meet(there(written), there(read), self.aliases)
            return None if found.verdict.hard else found
        begun = Meet(there(written[:ends[0]]), there(read[:ends[1]]), self.aliases)
        begun.side_by_side()
        if begun.worst.verdict.hard or self.left <= 0:
            return None
        left = [side[end:] for side, end in zip((written, read), ends, strict=True)]
        here = left[0] if left[0] and (begun.w.here is None or not left[1]) else left[1]
        gate = next(gate for gate in gates_in(here[0]) if gate in self.free and gate not in truths)
        each = (self.deciding({**truths, gate: truth}) for truth in (True, False))
        return next((one for one in each if one is not None), None)

    def undecided(self, side: Sequence[Piece], truths: Mapping[str, bool]) -> int:
        """Where the first piece is of which nobody knows whether it is there."""
        return next((i for i, one in enumerate(side) if any(
            gate in self.free and gate not in truths for gate in gates_in(one))), len(side))


def gates_in(piece: Piece) -> tuple[str, ...]:
    """The predicates of a piece, and of what is inside of it."""
    return (*piece.gates, *(gate for one in piece.unit for gate in gates_in(one)))


def relevant(written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases) -> list[str]:
    """Predicates of which it matters what they say: not those with the same pieces at the same place on both sides."""
    names = {one: min(one, other) for one, other in aliases}
    ours, theirs = ([said(one, names) for one in flat(pieces)] for pieces in (written, read))
    both = set(ours) & set(theirs)
    order = zip(*([one for one in side if one in both] for side in (ours, theirs)), strict=False)
    moved = {one for pair in order if pair[0] != pair[1] for one in pair}
    changed = moved | (set(ours) ^ set(theirs))
    return list(dict.fromkeys(gate for one in (*ours, *theirs) if one in changed for gate in one[-1]))


Told = tuple[Path, str, int | None, str, tuple[str, ...]]


def said(piece: Piece, names: Mapping[str, str]) -> Told:
    """What is said of a piece, by one name where it has two; its predicates last."""
    path = tuple(names.get(step, step) for step in piece.path) if names else piece.path
    return path, piece.form, piece.size, str(piece.count), piece.gates


def flat(pieces: Sequence[Piece], gates: tuple[str, ...] = ()) -> Iterator[Piece]:
    """All pieces, those of elements too, each with the predicates of all that it is in."""
    for one in pieces:
        here = one.but(gates=(*gates, *one.gates)) if gates else one
        yield here
        yield from flat(one.unit, here.gates)


def without(pieces: Sequence[Piece], false: Collection[str]) -> list[Piece]:
    """Pieces, and those of elements, without what has a predicate that is false."""
    left = (one for one in pieces if not any(gate in false for gate in one.gates))
    return [lacking(one, false) if gated(one) else one for one in left]


def lacking(piece: Piece, false: Collection[str]) -> Piece:
    left = piece.but(unit=tuple(without(piece.unit, false)))
    return left if gated(left) else whole(left)


def there(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces of which every one is there: of elements it is known then how long they are."""
    return [whole(one) if gated(one) else one for one in pieces]


def whole(piece: Piece) -> Piece:
    unit = tuple(one.but(gates=()) for one in there(piece.unit))
    if piece.form == ROW and isinstance(piece.count, int | str):
        return row(piece.path, piece.gates, piece.count, unit)
    return piece.but(unit=unit)


def gated(piece: Piece) -> bool:
    """Whether a piece has something inside that may not be there."""
    return any(one.gates or gated(one) for one in piece.unit)


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
