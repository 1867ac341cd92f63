"""The function that reads a record where heads say how many parts follow: CBOR and msgpack."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .headed_loading import HeadedLoading
from .places import Place
from .source import Makers
from .spelling import Counted
from .support import Function
from .tree_facts import entries, settings_in_line
from .variants import Known


class CountedLoading(HeadedLoading):
    """Writes one function.

    `counts`: of the records that are open the variables that have the number of entries, and of those read, if needed.
    """

    def __init__(
        self, title: str, place: Place, live: bool, makers: Makers | None = None, known: Known | None = None, *,
        form: Counted, sure: Function | None = None,
    ) -> None:
        super().__init__(title, place, live, makers, known, form=form, sure=sure)
        self.form: Counted = form
        self.counts: list[tuple[str, str] | None] = []

    def root(self, place: Place) -> None:
        """The record; its hooks run when it is known that nothing is left."""
        always = any(one.always for one in settings_in_line(place))
        with self.bracket(place, int(always and not self.apart), self.apart):
            if self.apart:
                with self.source.block("if told:"):
                    self.count()
            self.inside(place)
        self.rooted(place)

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        """A value with its name."""
        self.pattern.literal(self.form.dumps(label))
        yield

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        """So many values."""
        if isinstance(n, int):
            self.pattern.literal(self.form.items(n))
        else:
            head = self.source.local("head")
            self.settle()
            self.source.line(f"{head} = elements[{n}]")
            self.source.line(f"if not data.startswith({head}, at) or {n} > whole - at: raise Miss")
            self.source.line(f"at += len({head})")
        yield

    @contextmanager
    def bracket(self, place: Place, more: int = 0, varies: bool = False) -> Generator[None]:
        """A record, with so many entries besides its own."""
        known = entries(place)
        if known is not None and not varies:
            self.pattern.literal(self.form.record(known + more))
            self.counts.append(None)
            yield
        else:
            there, n = self.source.local("there"), self.source.local("n")
            raw = self.pattern.group(*self.form.any_record)
            self.pattern.then(f"{there}, {n} = entries[{raw}], {more}")
            self.pattern.flush()
            self.counts.append((there, n))
            yield
            if not place.record.subsections:  # which are all that is left
                self.settle()
                self.source.line(f"if {there} != {n}: raise Miss")
        self.counts.pop()

    def count(self, n: int = 1) -> None:
        """So many entries more."""
        if n and (counted := self.counts[-1]) is not None:
            self.source.line(f"{counted[1]} += {n}")

    def left(self) -> tuple[str, str]:
        """Whether the record has more entries; how many, or where they end."""
        there, n = self.counts[-1] or ("", "")  # which a record with subsections has
        return f"{there} != {n}", f"{there} - {n}, None"

    def stands(self, label: str, number: int) -> str:
        """Whether an entry of this name comes next, as an expression."""
        return f"data.startswith({self.form.dumps(label)!r}, at)"
