"""The function that reads a record from BER: elements of definite lengths, as the generated writer writes them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .._tlv import SEQUENCE, SET
from .ber_spelling import Ber, head_of
from .headed_loading import HeadedLoading
from .nested_patterns import NestedRun
from .places import Place


class BerLoading(HeadedLoading):
    """Writes one function."""

    form: Ber

    @property
    def nested(self) -> NestedRun:
        """What is read in a row."""
        assert isinstance(self.pattern, NestedRun)  # noqa: S101  the spelling makes no other
        return self.pattern

    def root(self, place: Place) -> None:
        """The record; its hooks run when it is known that nothing is left."""
        self.source.line("n, at = length_at(data, 1)")
        self.source.line(f"if data[0] != {SET} or n != len(data) - at: raise Miss")
        self.inside(place)
        self.rooted(place)

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        head, name = head_of(label, number)
        with self.nested.part(head):
            self.nested.literal(name)
            yield

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        with self.nested.part(bytes((SEQUENCE,))):
            if isinstance(n, str):
                self.settle()
                self.source.line(f"if {n} > whole - at: raise Miss")
            yield

    @contextmanager
    def bracket(self, place: Place, more: int = 0) -> Generator[None]:
        with self.nested.part(bytes((SET,))):
            yield

    def left(self) -> tuple[str, str]:
        end = self.nested.open[-1].end if self.nested.open else "whole"
        return f"at != {end}", f"None, {end}"

    def stands(self, label: str, number: int) -> str:
        head, name = head_of(label, number)
        return f"stands(data, at, {head!r}, {name!r})"
