"""What a reader makes of a writer's bytes: two rows of pieces laid side by side.

Bytes go by their place: what a reader takes them for is what its own layout has there. It takes other numbers of bytes
than there are: refused, by the footer. It takes them for something else: loaded, and wrong; or refused all the same,
where it finds a length, a marker or a value that cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..nodes import Node, node
from .findings import BREAKS, CONDITIONAL, CORRUPTS, LOSSY, OK, UNKNOWN, Verdict, bytes_are
from .layout import BYTES, MAYBE, NOBODY, ROW, Path, Piece

Aliases = frozenset[tuple[str, str]]
"""Names of one member: as the writer says it, as the reader does."""


@node
class Meeting(Node):
    """The verdict; and where, as far as one is to blame: the offset, what is written there, what is read."""

    verdict: Verdict
    offset: int | None = None
    written: Path = ()
    read: Path = ()
    reason: str = ""


class Cursor:
    """A place within pieces: those that are left, and how much of the first was taken."""

    def __init__(self, all_of: Sequence[Piece]) -> None:
        self.all, self.index, self.taken = all_of, 0, 0
        self.names, self.paths = {piece.name for piece in all_of}, {piece.path for piece in all_of}

    @property
    def here(self) -> Piece | None:
        """The piece at this place; None at the end."""
        return self.all[self.index] if self.index < len(self.all) else None

    def left(self) -> int | None:
        """Bytes of this piece that were not taken."""
        piece = self.here
        return None if piece is None or piece.size is None else piece.size - self.taken

    def take(self, size: int) -> None:
        """So many bytes of this piece."""
        self.taken += size
        if (piece := self.here) is not None and self.taken == piece.size:
            self.over()

    def over(self) -> None:
        """On to the next piece."""
        self.index, self.taken = self.index + 1, 0

    def known(self) -> int:
        """Bytes of all that is left, of which they are known."""
        return sum(piece.size or 0 for piece in self.all[self.index:]) - self.taken

    def unknown(self) -> list[Piece]:
        """All that is left of which they are not."""
        return [piece for piece in self.all[self.index:] if piece.size is None]


def meet(written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases = frozenset()) -> Meeting:
    """What becomes of bytes that are written so and read so."""
    return Meet(written, read, aliases).run()


class Meet:
    """One run over both."""

    def __init__(self, written: Sequence[Piece], read: Sequence[Piece], aliases: Aliases) -> None:
        self.w, self.r, self.aliases = Cursor(written), Cursor(read), aliases
        self.offset = 0
        self.worst = Meeting(OK)

    def run(self) -> Meeting:
        """All of both."""
        self.side_by_side()
        return self.rest()

    def side_by_side(self) -> None:
        """As far as it is known on both sides what lies where."""
        while (w := self.w.here) is not None and (r := self.r.here) is not None:
            if w.size == 0 or r.size == 0:
                (self.w if w.size == 0 else self.r).over()
            elif self.w.taken == self.r.taken == 0 and self.alike(w, r):
                self.w.over()
                self.r.over()
                self.offset += w.size or 0
            elif w.size is None or r.size is None:
                break
            else:
                self.overlap(w, r)

    def alike(self, w: Piece, r: Piece) -> bool:
        """Whether one piece is read as it was written; what is wrong inside or about its name is noted."""
        if (w.form, w.size) != (r.form, r.size):
            return (w.size is None or r.size is None) and self.same_name(w, r) and self.vague(w, r)
        if w.unit or r.unit:
            return self.rows(w, r)
        if w.size is None and not self.same_name(w, r):
            return False
        if w.count != r.count:
            self.note(UNKNOWN, w, r, f"{w.count} tells its length, or {r.count}")
        self.named(w, r)
        return True

    def vague(self, w: Piece, r: Piece) -> bool:
        """Of one of them nobody knows how long it is, or each tells it in its own way; they are called the same."""
        itself = [one.least is not None and one.form != MAYBE for one in (w, r)]
        if NOBODY in (w.count, r.count):
            self.note(UNKNOWN, w, r, "its length is known on one side alone")
        elif any(itself) and ROW not in (w.form, r.form):
            self.note(BREAKS if all(itself) else CORRUPTS, w, r, "its length is told in another way")
        else:
            self.note(CONDITIONAL, w, r, "its length may be another")
        return True

    def rows(self, w: Piece, r: Piece) -> bool:
        """Elements side by side. Where counts differ and the sizes do not, elements are taken for others."""
        if w.count != r.count and w.size is not None:
            return False
        inner = meet(w.unit, r.unit, self.aliases)
        if w.count != r.count:
            verdict = UNKNOWN if w.least is None else CONDITIONAL
            inner = Meeting(max(inner.verdict, verdict), None, w.path, r.path, f"elements: {w.count}, or {r.count}")
        if inner.verdict.hard and not (isinstance(w.count, int) and w.count > 0):
            inner = inner.but(verdict=CONDITIONAL, reason=f"{inner.reason}, if there are any")
        if inner.verdict > self.worst.verdict:
            at = None if inner.offset is None else self.offset + inner.offset
            self.worst = inner.but(offset=at, written=inner.written or w.path, read=inner.read or r.path)
        self.named(w, r)
        return True

    def named(self, w: Piece, r: Piece) -> None:
        """A name that is elsewhere on the other side: something else lies here."""
        if not self.same_name(w, r) and (w.name in self.r.names or r.name in self.w.names) and not (
                w.unused or r.unused):
            self.note(CORRUPTS, w, r, "another member lies here")
        elif r.unused is False and w.unused:
            self.note(LOSSY, w, r, "unused bytes are read as a value")

    def same_name(self, w: Piece, r: Piece) -> bool:
        """Whether both are called the same; of what is around them only if neither is elsewhere on the other side."""
        if w.path != r.path and (w.path in self.r.paths or r.path in self.w.paths):
            return False
        return w.name == r.name or (w.name, r.name) in self.aliases

    def overlap(self, w: Piece, r: Piece) -> None:
        """The bytes that both have here; they are of different pieces, or parts of such."""
        left, right = self.w.left() or 0, self.r.left() or 0
        if not r.unused and w.unused:
            self.note(LOSSY, w, r, "unused bytes are read as a value")
        elif not r.unused and not (w.form == r.form == BYTES and self.same_name(w, r)):
            why = "bytes of another type" if w.size == r.size and self.same_name(w, r) else "other bytes"
            self.note(CORRUPTS, w, r, f"{why} lie here")
        size = min(left, right)
        self.offset += size
        self.w.take(size)
        self.r.take(size)

    def note(self, verdict: Verdict, w: Piece | None, r: Piece | None, reason: str) -> None:
        if verdict > self.worst.verdict:
            self.worst = Meeting(verdict, self.offset, () if w is None else w.path, () if r is None else r.path, reason)

    def rest(self) -> Meeting:
        """One is at its end, or nobody knows what lies where from here on: which of the two is longer, for certain?"""
        if self.w.here is self.r.here is None:
            return self.worst
        written, read = self.without_common()
        more = self.w.known() - self.r.known()
        longer, shorter = not read and more + least(written) > 0, not written and more - least(read) < 0
        if longer or shorter:
            some = "bytes are" if written or read else bytes_are(abs(more))
            left = f"{some} {'left over' if longer else 'missing'}"
            return Meeting(BREAKS, self.offset, *self.blame(), left)
        if any(one.count == NOBODY for one in (*written, *read)):
            self.note(UNKNOWN, self.w.here, self.r.here, "something of unknown length is here")
        else:
            self.note(CONDITIONAL, self.w.here, self.r.here, "other bytes lie here, if there are any")
        return self.worst

    def without_common(self) -> tuple[list[Piece], list[Piece]]:
        """What is left on each side, of unknown length; without what both have, which is as long on both."""
        written, read = self.w.unknown(), self.r.unknown()
        for one in list(written):
            other = next((it for it in read if self.same_name(one, it) and alike(one, it)), None)
            if other is not None:
                written.remove(one)
                read.remove(other)
        return written, read

    def blame(self) -> tuple[Path, Path]:
        """What is to blame that the lengths differ: the first place where others meet, else what is left."""
        if self.worst.verdict is CORRUPTS:
            return self.worst.written, self.worst.read
        w, r = self.w.here, self.r.here
        return () if w is None else w.path, () if r is None else r.path


def alike(one: Piece, other: Piece) -> bool:
    """Whether both are as long, whatever they are called."""
    return ((one.form, one.size, one.count) == (other.form, other.size, other.count)
            and len(one.unit) == len(other.unit) and all(map(alike, one.unit, other.unit)))


def least(pieces: Sequence[Piece]) -> int:
    """Bytes that are there for certain."""
    return sum(piece.least or 0 for piece in pieces)
