"""The compact profile: what the attributes of a record are called is said once, and its values stand in that order.

A *row* is the keys of one record, in order. A folded record is a list: its row's number, then its values. Records of
one kind that differ in what is there have several rows. A folded document is a list of two: the rows, and the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from vmstate.errors import Mismatch

from ._tree import Tree, what
from ._types import RECORD, parted

Row = tuple[str, ...]


class Rows:
    """Rows by number, in the order in which they came up. A stream of documents goes on with those it has."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.kinds: list[tuple[str, ...]] = []
        self.numbers: dict[Row, int] = {}

    def add(self, rows: object) -> None:
        """Those that a document brings along. Raises Mismatch where one is none."""
        if not isinstance(rows, list):
            raise Mismatch(expected="rows", actual=what(rows))
        for row in cast("Sequence[Any]", rows):
            if not isinstance(row, list | tuple) or not all(type(key) is str for key in cast("Sequence[Any]", row)):
                raise Mismatch(expected="a row of names", actual=what(cast("object", row)))
            self.number(tuple(cast("Sequence[str]", row)))

    def number(self, row: Row) -> int:
        """The number of a row, a new one where it is new."""
        found = self.numbers.setdefault(row, len(self.rows))
        if found == len(self.rows):
            self.rows.append(row)
            self.kinds.append(tuple(parted(key)[1] for key in row))
        return found

    def fold(self, record: Tree) -> list[Any]:
        """A record as its row's number and its values."""
        number = self.number(tuple(record))
        return [number, *map(self._folded, record.values(), self.kinds[number])]

    def _folded(self, value: Any, kind: str) -> Any:
        if value is None or not kind or kind[0] not in "{[<":
            return value
        kind = kind.rstrip("?")
        if kind == RECORD:
            return self.fold(value)
        if kind[0] == "<":
            key, one = sides(kind)
            return [[self._folded(entry["key"], key), self._folded(entry["value"], one)] for entry in value]
        of = kind[1:-1]
        return [self._folded(one, of) for one in value] if of[:1] in ("{", "[", "<") else value

    def unfold(self, values: Any) -> Tree:
        """The record again. Raises Mismatch where it is none."""
        number, *items = cast("Sequence[Any]", values) if isinstance(values, list) and values else (None,)
        if type(number) is not int or not 0 <= number < len(self.rows):
            raise Mismatch(expected="a record: the number of a row, and values", actual=what(cast("object", values)))
        row = self.rows[number]
        if len(items) != len(row):
            raise Mismatch(f"row {number} has {len(row)} names", expected=f"{len(row)} values", actual=str(len(items)))
        record = dict(zip(row, map(self._unfolded, items, self.kinds[number]), strict=True))
        if len(record) != len(row):
            raise Mismatch(f"row {number} has a name twice")
        return record

    def _unfolded(self, value: Any, kind: str) -> Any:
        if value is None or not kind or kind[0] not in "{[<":
            return value
        kind = kind.rstrip("?")
        if kind == RECORD:
            return self.unfold(value)
        if not isinstance(value, list):
            raise Mismatch(expected="a list", actual=what(cast("object", value)))
        items = cast("Sequence[Any]", value)
        if kind[0] == "<":
            return [self._entry(one, *sides(kind)) for one in items]
        of = kind[1:-1]
        return [self._unfolded(one, of) for one in items] if of[:1] in ("{", "[", "<") else items

    def _entry(self, pair: Any, key: str, value: str) -> Tree:
        if not isinstance(pair, list) or len(cast("Sequence[Any]", pair)) != 2:
            raise Mismatch(expected="a key and a value", actual=what(cast("object", pair)))
        one, other = cast("Sequence[Any]", pair)
        return {"key": self._unfolded(one, key), "value": self._unfolded(other, value)}


def sides(kind: str) -> tuple[str, str]:
    """The types of a mapping's key and value. Raises Mismatch where it is none."""
    deep = 0
    for i, letter in enumerate(kind[1:-1], 1):
        deep += (letter in "<[{") - (letter in ">]}")
        if letter == "," and not deep:
            return kind[1:i], kind[i + 1:-1]
    raise Mismatch(f"{kind!r} is no type")


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
