"""The function that writes a record as BER: each attribute an element in which name and value are."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .._tlv import SEQUENCE, SET
from .ber_spelling import Ber, head_of
from .headed_saving import HeadedSaving
from .nesting import Nest
from .places import Place


class BerSaving(HeadedSaving):
    """Writes one function. Lengths are known when the parts are."""

    form: Ber
    pieces: Nest

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        head, name = head_of(label, number)
        with self.pieces.part(head):
            self.pieces.constant(name)
            yield

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        with self.pieces.part(bytes((SEQUENCE,))):
            yield

    @contextmanager
    def bracket(self, place: Place, more: int = 0, varies: bool = False) -> Generator[None]:
        with self.pieces.part(bytes((SET,))):
            yield
