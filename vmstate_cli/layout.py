"""Rows as lines of text: guides, columns, colours; offsets and bytes beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .colour import Paint
from .leaves import IN_A_ROW
from .output import takes
from .printable import ascii_of
from .rows import Row

MOST_LABEL = 32
"""Columns to which values are aligned; a longer name pushes its own value aside."""
GUIDES = ("├─ ", "└─ ", "│  ", "   ")
ASCII_GUIDES = ("|- ", "`- ", "|  ", "   ")
BYTES_LABEL = 4
"""Columns of the place of a row of bytes."""
LEAST_NOTE = 12
"""Columns that a note must have, or it is left out."""


class Layout:
    """How a tree is drawn. `begin` and `body` are those of the section at hand; `folded`: equal bytes in one line."""

    def __init__(
        self, paint: Paint, width: int, *, offsets: bool = False, bytes_beside: bool = False, folded: bool = True
    ) -> None:
        self.paint, self.width, self.folded = paint, width, folded
        self.offsets, self.bytes_beside = offsets, bytes_beside
        self.tee, self.end, self.pipe, self.blank = GUIDES if takes(GUIDES[0] + GUIDES[1]) else ASCII_GUIDES
        self.begin, self.body = 0, b""

    def lines(self, rows: Sequence[Row], prefix: str = "") -> Iterator[str]:
        """Each row and what is below it."""
        labels = [len(row.label) for row in rows if row.text and row.kind != "bytes"]
        column = max((size for size in labels if size <= MOST_LABEL), default=0)
        beside_bytes = self.blank if rows and rows[-1].kind == "bytes" else self.pipe
        for i, row in enumerate(rows):
            last = i == len(rows) - 1
            guide, below = (self.end, self.blank) if last else (self.tee, self.pipe)
            if row.kind == "bytes":
                guide = beside_bytes
            under = prefix + below
            beside = self.beside(row)
            yield next(beside) + self.line(row, prefix + guide, BYTES_LABEL if row.kind == "bytes" else column)
            for more in beside:
                guide = (under + (self.pipe if row.inside else "")).rstrip()
                yield (more + self.paint("guide", guide)).rstrip()
            if row.inside:
                yield from self.lines(row.inside, under)

    def line(self, row: Row, guide: str, column: int) -> str:
        """Guide, name, value, note; the note is cut where the line is full."""
        paint = self.paint
        label = f"{row.label:{column}}" if row.text else row.label
        style = {"record": "record", "bytes": "bytes"}.get(row.kind, "value")
        parts = paint("guide", guide) + paint("key", label)
        if row.text:
            parts += "  " + paint(style, row.text)
        left = self.width - self.left - len(guide) - len(label) - len(row.text) - 4
        if row.note and left >= min(len(row.note), LEAST_NOTE):
            note = row.note if len(row.note) <= left else row.note[:left - 1] + "…"
            parts += "  " + paint("dim", note)
        return parts

    # -- the columns on the left

    @property
    def left(self) -> int:
        """Columns that offsets and bytes take."""
        return 18 * self.offsets + 78 * self.bytes_beside if not (self.offsets and self.bytes_beside) else 86

    def beside(self, row: Row) -> Iterator[str]:
        """What stands on the left of a row, and of as many lines after it as its bytes need."""
        if row.kind == "meaning":
            yield " " * self.left
            return
        if not self.bytes_beside:
            yield self.offset(row.begin, row.end) if self.offsets else ""
            return
        data = self.body[row.begin:row.end] if row.own else b""
        if not data:
            yield self.bytes_line(row.begin, row.end, b"")
            return
        above: bytes | None = None
        told = False
        for at in range(0, len(data), IN_A_ROW):
            chunk = data[at:at + IN_A_ROW]
            if chunk != above or not self.folded:
                yield self.bytes_line(row.begin + at, row.end, chunk)
                told = False
            elif not told:
                yield self.paint("bytes", f"{'*':<{self.left}}")  # as above, in hexdump's word
                told = True
            above = chunk

    def offset(self, begin: int, end: int) -> str:
        """Absolute offset, and size."""
        return self.paint("dim", f"{self.begin + begin:#010x} {end - begin:>6} ")

    def bytes_line(self, begin: int, end: int, chunk: bytes) -> str:
        """Absolute offset, up to 16 bytes, and what they are in ASCII."""
        size = f"{end - begin:>6} " if self.offsets else ""
        text = f"{self.begin + begin:#010x} {size} {chunk.hex(' '):{3 * IN_A_ROW - 1}}  {ascii_of(chunk):{IN_A_ROW}} "
        return self.paint("bytes", text)
