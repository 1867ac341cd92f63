"""The function that writes a record where heads say how many parts follow: CBOR and msgpack.

Where that is not known before they are written, the head's place is kept.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .headed_saving import HeadedSaving
from .places import Place
from .spelling import Counted
from .tree_facts import entries
from .variants import Known


class CountedSaving(HeadedSaving):
    """Writes one function. `counts`: the variables that count entries of records that are open, if they need one."""

    def __init__(self, title: str, place: Place, live: bool, known: Known | None = None, *, form: Counted) -> None:
        super().__init__(title, place, live, known, form=form)
        self.form: Counted = form
        self.counts: list[str | None] = []

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        """A value with its name."""
        self.pieces.constant(self.form.dumps(label))
        yield

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        """So many values."""
        if isinstance(n, int):
            self.pieces.constant(self.form.items(n))
        else:
            self.pieces.add(f"elements[{n}]")
        yield

    @contextmanager
    def bracket(self, place: Place, more: int = 0, varies: bool = False) -> Generator[None]:
        """A record, with so many entries besides its own."""
        known = entries(place)
        if known is not None and not varies:
            self.pieces.constant(self.form.record(known + more))
            self.counts.append(None)
            yield
        else:
            head, n = self.source.local("head"), self.source.local("n")
            self.pieces.flush()
            self.source.line(f"{head}, {n} = len(out), {more}")
            self.source.line("out.append(b'')")
            self.counts.append(n)
            yield
            self.pieces.flush()
            self.source.line(f"out[{head}] = records[{n}]")
        self.counts.pop()

    def count(self, n: int = 1) -> None:
        """So many entries more."""
        if n and (counted := self.counts[-1]) is not None:
            self.source.line(f"{counted} += {n}")
