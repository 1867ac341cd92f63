"""Fused runs: leaves of fixed size that lie side by side go through one struct.

That is what hand-written code does, and five times as fast as field by field.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from struct import Struct

from .source import Source
from .support import SUBSECTION, several

LONGEST = 512
"""Values that one struct takes at most."""


@lru_cache(maxsize=4096)
def struct_of(layout: str) -> Struct:
    """One struct for all code that has this layout."""
    return Struct(layout)


class ReadRun:
    """Bytes to be read from the place that the code has come to.

    That place is known (`at`) as long as all before it has a fixed size; from then on a variable `at` holds it.
    `strict`: a byte that is neither 0 nor 1 where a truth should be is a miss, for it has to be kept.
    """

    def __init__(self, source: Source, at: int | None, strict: bool) -> None:
        self.source, self.at, self.strict = source, at, strict
        self.layout: list[str] = []
        self.targets: list[str] = []
        self.lists: list[str] = []
        self.after: list[str] = []
        self.ends: list[tuple[int, bytes]] = []
        self.truths: list[int] = []
        self.size = 0

    def here(self, offset: int = 0) -> str:
        """The place of the run, and so many bytes, as an expression."""
        if self.at is not None:
            return str(self.at + offset)
        return f"at + {offset}" if offset else "at"

    def take(self, code: str, size: int, target: str) -> None:
        """One value."""
        if len(self.targets) >= LONGEST:
            self.flush()
        self.truths += [self.size] if code == "?" else []
        self.layout.append(code)
        self.targets.append(target)
        self.size += size

    def octets(self, count: int, target: str, keep: str = "list({})") -> None:
        """So many bytes as numbers."""
        here = f"data[{self.here(self.size)}:{self.here(self.size + count)}]"
        self.lists.append(f"{target} = {keep.format(here)}")
        self.skip(count)

    def several(self, code: str, size: int, count: int, target: str, keep: str = "list({})") -> None:
        """So many values of one kind, as a list."""
        if count:
            unpack = self.source.name(several(code, count).unpack_from, "unpack")
            self.lists.append(f"{target} = {keep.format(f'{unpack}(data, {self.here(self.size)})')}")
            self.truths += range(self.size, self.size + count) if code == "?" else []
        else:
            self.lists.append(f"{target} = {keep.format('()')}")
        self.skip(count * size)

    def piece(self, size: int, target: str) -> None:
        """A piece that is copied, once."""
        self.lists.append(f"{target} = bytearray(data[{self.here(self.size)}:{self.here(self.size + size)}])")
        self.skip(size)

    def skip(self, size: int) -> None:
        """Bytes that this run's struct leaves out."""
        self.layout.append(f"{size}x")
        self.size += size

    def end(self, name: bytes) -> None:
        """A record ends here, behind which a subsection of it could stand."""
        self.ends.append((self.size, name))

    def then(self, line: str) -> None:
        """A line for when the values are there."""
        self.after.append(line)

    def flush(self, final: bool = False) -> None:
        """The code of all that was gathered; the run starts again behind it. `final`: nothing may follow."""
        if self.size:
            self._unpack()
        self._look()
        for line in (*self.lists, *self.after):
            self.source.line(line)
        if self.at is not None:
            self.at += self.size
        elif self.size:
            self.source.line(f"at += {self.size}")
        last = [name for offset, name in self.ends if offset == self.size]
        self.layout, self.targets, self.lists, self.after, self.truths, self.size = [], [], [], [], [], 0
        self.ends = []
        if last and not final:
            self._peek(last)

    def settle(self) -> None:
        """The same; and the place is in a variable from now on, since code branches here."""
        self.flush()
        if self.at is not None:
            self.source.line(f"at = {self.at}")
            self.at = None

    def _unpack(self) -> None:
        if self.targets:
            unpack = self.source.name(struct_of(f">{''.join(self.layout)}").unpack_from, "unpack")
            self.source.line(f"{', '.join(self.targets)}, = {unpack}(data, {self.here()})")
        else:
            self.source.line(f"if {self.here(self.size)} > whole: raise Miss")

    def _look(self) -> None:
        """Whether a subsection that nobody expects stands at the end of a record inside the run."""
        inside = [(offset, name) for offset, name in self.ends if offset < self.size]
        offsets = sorted({offset for offset, _ in inside})
        if len(offsets) == 1:
            here = self.here(offsets[0])
            each = " or ".join(f"meets(data, {here}, {name!r})" for _, name in inside)
            self.source.line(f"if data[{here}] == {SUBSECTION} and ({each}): raise Miss")
        elif offsets:
            ends = self.source.name(tuple(inside), "ends")
            found = f"{SUBSECTION} in {self._bytes_at(offsets)}"
            self.source.line(f"if {found} and any_meets(data, {self.here()}, {ends}): raise Miss")
        if self.truths and self.strict:
            self.source.line(f"if max({self._bytes_at(self.truths)}) > 1: raise Miss")

    def _bytes_at(self, offsets: list[int]) -> str:
        """The bytes at these places, as a tuple."""
        if len(offsets) == 1:
            return f"(data[{self.here(offsets[0])}],)"
        base, data = (self.at, "data") if self.at is not None else (0, f"data[at:at + {self.size}]")
        return f"{self.source.name(itemgetter(*(base + one for one in offsets)), 'bytes_of')}({data})"

    def _peek(self, names: list[bytes]) -> None:
        """Whether one stands behind the run, where the bytes may end."""
        here = self.here()
        each = " or ".join(f"meets(data, {here}, {name!r})" for name in names)
        self.source.line(f"if whole > {here} and data[{here}] == {SUBSECTION} and ({each}): raise Miss")


class WriteRun:
    """Values to be written: layout and expressions."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.layout: list[str] = []
        self.values: list[str] = []

    def put(self, code: str, value: str) -> None:
        """One value, or several where the expression has a star."""
        if len(self.values) >= LONGEST:
            self.flush()
        self.layout.append(code)
        self.values.append(value)

    def skip(self, size: int) -> None:
        """Zeros."""
        self.layout.append(f"{size}x")

    def flush(self) -> None:
        """The code of all that was gathered."""
        if not self.layout:
            return
        pack = self.source.name(struct_of(f">{''.join(self.layout)}").pack, "pack")
        self.source.line(f"add({pack}({', '.join(self.values)}))")
        self.layout, self.values = [], []
