"""The compact profile: what the attributes of a record are called is said once, and its values stand in that order.

A *row* is the keys of one record, in order. A folded record is a list: its row's number, then its values. Records of
one kind that differ in what is there have several rows. A folded document is a list of two: the rows, and the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from vmstate.errors import Mismatch

from ._tree import Tree, said
from ._types import Entries, Inside, Items, Kind, kind_of, parted
from ._values import PLAIN

Row = tuple[str, ...]


class Rows:
    """Rows by number, in the order in which they came up. A stream of documents goes on with those it has."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.kinds: list[tuple[Kind, ...]] = []
        self.numbers: dict[Row, int] = {}

    def add(self, rows: object) -> None:
        """Those that a document brings along. Raises Mismatch where one is none."""
        if not isinstance(rows, list):
            raise Mismatch(expected="rows", actual=said(rows))
        for row in cast("Sequence[Any]", rows):
            if not isinstance(row, list | tuple) or not all(type(key) is str for key in cast("Sequence[Any]", row)):
                raise Mismatch(expected="a row of names", actual=said(cast("object", row)))
            self.number(tuple(cast("Sequence[str]", row)))

    def number(self, row: Row) -> int:
        """The number of a row, a new one where it is new."""
        found = self.numbers.setdefault(row, len(self.rows))
        if found == len(self.rows):
            self.kinds.append(tuple(map(_kind, row)))
            self.rows.append(row)
        return found

    def fold(self, record: Tree) -> list[Any]:
        """A record as its row's number and its values."""
        number = self.number(tuple(record))
        return [number, *map(self._folded, record.values(), self.kinds[number])]

    def _folded(self, value: Any, kind: Kind) -> Any:
        if value is None:
            return value
        match kind:
            case Inside():
                return self.fold(value)
            case Entries(key=key, value=of):
                return [[self._folded(entry["key"], key), self._folded(entry["value"], of)] for entry in value]
            case Items(of=of) if of.deep:
                return [self._folded(one, of) for one in value]
            case _:
                return value

    def unfold(self, values: Any) -> Tree:
        """The record again. Raises Mismatch where it is none."""
        number, *items = cast("Sequence[Any]", values) if isinstance(values, list) and values else (None,)
        if type(number) is not int or not 0 <= number < len(self.rows):
            raise Mismatch(expected="a record: the number of a row, and values", actual=said(cast("object", values)))
        row = self.rows[number]
        if len(items) != len(row):
            raise Mismatch(f"row {number} has {len(row)} names", expected=f"{len(row)} values", actual=str(len(items)))
        record = dict(zip(row, map(self._unfolded, items, self.kinds[number]), strict=True))
        if len(record) != len(row):
            raise Mismatch(f"row {number} has a name twice")
        return record

    def _unfolded(self, value: Any, kind: Kind) -> Any:
        if value is None or not kind.deep:
            return value
        if isinstance(kind, Inside):
            return self.unfold(value)
        if not isinstance(value, list):
            raise Mismatch(expected=kind.text, actual=said(value))
        items = cast("Sequence[Any]", value)
        match kind:
            case Entries(key=key, value=of):
                return [self._entry(one, key, of) for one in items]
            case Items(of=of) if of.deep:
                return [self._unfolded(one, of) for one in items]
            case _:
                return items

    def _entry(self, pair: Any, key: Kind, value: Kind) -> Tree:
        if not isinstance(pair, list) or len(cast("Sequence[Any]", pair)) != 2:
            raise Mismatch(expected="a key and a value", actual=said(cast("object", pair)))
        one, other = cast("Sequence[Any]", pair)
        return {"key": self._unfolded(one, key), "value": self._unfolded(other, value)}


def _kind(key: str) -> Kind:
    """What a key says of its value; where it says nothing, that stays as it is."""
    kind = parted(key)[1]
    return kind_of(kind) if kind else PLAIN


def fold(document: Tree) -> list[Any]:
    """A document by itself: its rows, and the record."""
    rows = Rows()
    folded = rows.fold(document)
    return [[list(row) for row in rows.rows], folded]


def unfold(document: Sequence[Any]) -> Tree:
    """The document again. Raises Mismatch where it is none."""
    if len(document) != 2:
        raise Mismatch(expected="rows and a record", actual=f"{len(document)} items")
    rows = Rows()
    rows.add(document[0])
    return rows.unfold(document[1])
