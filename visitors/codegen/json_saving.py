"""The function that writes a record as JSON: text between brackets, bytes as hexadecimal digits."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from .places import UNKNOWN, Place
from .tree_saving import TreeSaving


class JsonSaving(TreeSaving):
    """Writes one function."""

    finished = "closed({})"

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        self.pieces.constant(self.form.label(label, number))
        yield
        self.pieces.constant(self.form.behind)

    @contextmanager
    def element(self) -> Generator[None]:
        yield
        self.pieces.constant(self.form.behind)

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        self.pieces.constant(b"[")
        yield
        self.pieces.constant(b"]")

    @contextmanager
    def bracket(self, place: Place, more: int = 0, varies: bool = False) -> Generator[None]:
        self.pieces.constant(b"{")
        yield
        self.pieces.constant(b"}")

    def values(self, several: str) -> None:
        self.value(f"commas({several})")

    def octets(self, data: str, size: Any) -> None:
        self.pieces.constant(b'"')
        self.pieces.add(f"hexlify({data})", None if size is UNKNOWN else 2 * size)
        self.pieces.constant(b'"')
