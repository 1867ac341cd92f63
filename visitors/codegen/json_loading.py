"""The function that reads a record from JSON as the generated writer writes it: no spaces, each number in one way."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .json_spelling import HEX
from .patterns import Form
from .places import Place
from .tree_loading import TreeLoading


class JsonLoading(TreeLoading):
    """Writes one function. What it is handed stays as it is, for the walk; `data` is opened up."""

    document, tolerant = "text", True

    def begin(self) -> None:
        self.asks = True  # the parts are handed the text that is opened up
        self.source.line("data, told = begin(text)")
        self.source.line("whole = len(data)")
        if not self.told:
            self.source.line("if told: raise Miss")

    def root(self, place: Place) -> None:
        """The record; its hooks run when it is known that nothing is left."""
        with self.bracket(place):
            self.inside(place)
        self.rooted(place)

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        self.pattern.literal(self.form.label(label, number))
        yield
        self.pattern.literal(self.form.behind)

    @contextmanager
    def element(self) -> Generator[None]:
        yield
        self.pattern.literal(self.form.behind)

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        self.pattern.literal(b"[")
        if isinstance(n, str):
            self.settle()
            self.source.line(f"if {n} > whole - at: raise Miss")
        yield
        self.pattern.literal(b"]")

    @contextmanager
    def each(self) -> Generator[tuple[str, str]]:
        i = self.source.local("i")
        self.pattern.literal(b"[")
        self.settle()
        self.source.line(f"{i} = -1")
        with self.block("while data[at] != 93:"):  # ]
            self.source.line(f"{i} += 1")
            yield i, "data[at] == 93"
        self.pattern.literal(b"]")

    @contextmanager
    def bracket(self, place: Place, more: int = 0) -> Generator[None]:
        self.pattern.literal(b"{")
        yield
        self.pattern.literal(b"}")

    def octets(self, size: int) -> str:
        self.pattern.literal(b'"')
        raw = self.pattern.group(Form(b"%s{%d}" % (HEX, 2 * size), 0))
        self.pattern.literal(b'"')
        return f"unhexlify({raw})"

    def told_octets(self, size: str) -> str:
        n = self.source.local("n")
        self.settle()
        self.source.line(f"{n} = {size}")
        octets = self.own_octets()
        self.source.line(f"if len({octets}) != {n}: raise Miss")
        return octets

    def own_octets(self) -> str:
        raw = self.source.local("raw")
        self.settle()
        self.source.line(f"{raw}, at = octets_at(data, at)")
        self.source.line(f"if {raw}.lower() != {raw}: raise Miss")
        self.source.line(f"{raw} = unhexlify({raw})")
        return raw

    def left(self) -> tuple[str, str]:
        return f"data[at] != {self.form.close}", "None, None"

    def stands(self, label: str, number: int) -> str:
        return f"data.startswith({self.form.label(label, number)!r}, at)"
