"""The function that writes a record as a document: what the walk would do with a writer of names, written down.

A record's head says how many entries it has. Where that is not known before they are written, its place is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vmstate import shape as shapes_of
from vmstate.errors import Key, render_path
from vmstate.shape import Descriptor, Member, Opaque, Padding, Record, Setting, Shape, Subsection, Validated

from .._tree import SETTINGS, VERSION
from .._types import RECORD, key_of
from .._types import spelled as named
from .loading import asks_path, below, gate, is_known, looks_around, outer, spelled, spot_of
from .pieces import Pieces
from .places import Place, reach, said, shapes, within
from .saving import Saving
from .spelling import Spelling
from .spots import Spot
from .support import Function, Miss, Subsections
from .variants import Known, Variants

LEFT = Opaque, shapes_of.Mapping, Descriptor
UNNAMED = Padding, Setting, Validated
"""Shapes that make no entry: unused bytes are written where they are not zero, and then by the walk."""


class TreeSaving(Saving):
    """Writes one function. `counts`: for each record that is open the variable that counts its entries, if it needs one.

    `apart`: settings are met where code has branched, and gathered when it runs; else they are known here.
    """

    def __init__(self, title: str, place: Place, live: bool, known: Known | None = None, *, form: Spelling) -> None:
        super().__init__(title, place, live, known)
        self.form, self.pieces = form, Pieces(self.source)
        self.run = self.pieces  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
        self.counts: list[str | None] = []
        self.apart = any(not one.plain for one in settings_of(place.record))
        self.settings: list[tuple[str, str]] = []
        self.source.given |= form.given

    def whole(self, again: Function, variants: Variants | None = None) -> Function:
        """Of a whole state: it returns the bytes. What goes wrong goes to `again`."""
        source, var = self.source, self.place.var
        source.head = f"def save({var}, c=None):"
        source.given["again"] = again
        holder = source.holder()
        with source.block("try:"):
            if variants is not None:
                variants.choose(source, self.place, f"{var}, c")
            with self.joined():
                self.root(self.around(self.place))
        with source.block("except Exception as error:"):
            source.line(f"return again(error, {var}, c)")
        source.fill(holder, self.context())
        return source.compiled()

    def part(self) -> Function:
        """Of a subsection: it returns the bytes of the record that it is."""
        self.source.head = f"def save({self.place.var}, version, c, r, p):"
        place = self.around(self.place)
        with self.joined(), self.bracket(place, 1):
            with self.entry(VERSION):
                self.value(f"{self.table(32, False)}[version]")
            super().record(place)
        return self.source.compiled()
