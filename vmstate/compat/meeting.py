"""What a reader makes of a writer's bytes: two rows of pieces laid side by side.

Bytes go by their place: what a reader takes them for is what its own layout has there. It takes other numbers of bytes
than there are: refused, by the footer. It takes them for something else: loaded, and wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..nodes import Node, node
from .findings import BREAKS, CORRUPTS, LOSSY, OK, UNKNOWN, Verdict
from .layout import BYTES, Path, Piece

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
        self.names = {piece.name for piece in all_of}

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

    def rest(self) -> int | None:
        """Bytes of all that is left."""
        sizes = [piece.size for piece in self.all[self.index:]]
        return None if None in sizes else sum(size for size in sizes if size is not None) - self.taken


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
        while (w := self.w.here) is not None and (r := self.r.here) is not None:
            if w.size == 0 or r.size == 0:
                (self.w if w.size == 0 else self.r).over()
            elif self.w.taken == self.r.taken == 0 and self.alike(w, r):
                self.w.over()
                self.r.over()
                self.offset += w.size or 0
            elif w.size is None or r.size is None:
                return self.lost(w, r)
            else:
                self.overlap(w, r)
        return self.end()

    def alike(self, w: Piece, r: Piece) -> bool:
        """Whether one piece is read as it was written; what is wrong inside or about its name is noted."""
        if (w.form, w.size) != (r.form, r.size):
            return (w.size is None or r.size is None) and self.same_name(w, r) and self.vague(w, r)
        if w.unit or r.unit:
            return self.rows(w, r)
        if w.size is None and not self.same_name(w, r):
            return False
        self.named(w, r)
        return True

    def vague(self, w: Piece, r: Piece) -> bool:
        """Of one of them nobody knows how long it is; they are called the same."""
        self.note(UNKNOWN, w, r, "its length is known on one side alone")
        return True

    def rows(self, w: Piece, r: Piece) -> bool:
        """Elements side by side. Where counts differ and the sizes do not, elements are taken for others."""
        if w.count != r.count and w.size is not None:
            return False
        inner = meet(w.unit, r.unit, self.aliases)
        if w.count != r.count:
            inner = Meeting(max(inner.verdict, UNKNOWN), None, w.path, r.path, f"{w.count} elements, or {r.count}")
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
        return w.name == r.name or (w.name, r.name) in self.aliases

    def overlap(self, w: Piece, r: Piece) -> None:
        """The bytes that both have here; they are of different pieces, or parts of such."""
        left, right = self.w.left() or 0, self.r.left() or 0
        if not r.unused and w.unused:
            self.note(LOSSY, w, r, "unused bytes are read as a value")
        elif not r.unused and not (w.form == r.form == BYTES and self.same_name(w, r)):
            why = "another type of the same size" if w.size == r.size and self.same_name(w, r) else "other bytes"
            self.note(CORRUPTS, w, r, f"{why} lie here")
        size = min(left, right)
        self.offset += size
        self.w.take(size)
        self.r.take(size)

    def note(self, verdict: Verdict, w: Piece | None, r: Piece | None, reason: str) -> None:
        if verdict > self.worst.verdict:
            self.worst = Meeting(verdict, self.offset, () if w is None else w.path, () if r is None else r.path, reason)

    def lost(self, w: Piece, r: Piece) -> Meeting:
        """From here on nobody knows what is where, for this piece may have any length."""
        if self.worst.verdict is CORRUPTS:
            return self.worst
        return Meeting(UNKNOWN, self.offset, w.path, r.path, "a length that only a running instance knows")

    def end(self) -> Meeting:
        """One is at its end: what the other has left is too much, or too little."""
        w, r = self.w, self.r
        more, less = w.rest(), r.rest()
        if more or less:
            return Meeting(BREAKS, self.offset, *self.blame(), f"{more} bytes are left over" if more
                           else f"{less} bytes are missing")
        if more is None or less is None:
            self.note(UNKNOWN, w.here, r.here, "something of unknown length is left")
        return self.worst

    def blame(self) -> tuple[Path, Path]:
        """What is to blame that the lengths differ: the first place where others meet, else what is left."""
        if self.worst.verdict is CORRUPTS:
            return self.worst.written, self.worst.read
        w, r = self.w.here, self.r.here
        return () if w is None else w.path, () if r is None else r.path
