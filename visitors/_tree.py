"""What the writer and the reader of trees have in common."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, cast

from vmstate.errors import LimitExceeded
from vmstate.shape import Record, Subsection, Temporary
from vmstate.visitor import Bracket

Tree = dict[str, Any]
SKIPPABLE, VERSION, SETTINGS = "?", "@version", "@settings"
ENTRY = ("key", "value")
MISSING = object()
MOST_DEEP = 200
"""Lists and maps in each other, in a document: each takes a few of the 1000 frames that Python has."""


def is_record(node: Bracket) -> bool:
    """Whether a bracket holds members by key, not elements by number."""
    return isinstance(node, Record | Temporary | Subsection)


def words(bits: int) -> int:
    """Bits of the words of 64 that hold a bitmap."""
    return -(-bits // 64) * 64


def fits(value: int, bits: int, signed: bool) -> bool:
    """Whether an integer of this width holds the value."""
    return -(1 << bits - 1) <= value < 1 << bits - 1 if signed else 0 <= value < 1 << bits


def what(value: object) -> str:
    """The kind of a tree's value, for an error's text."""
    return "nothing" if value is MISSING else "null" if value is None else type(value).__name__


def said(value: object) -> str:
    """The same; of an integer how much it is, of bytes how many they are."""
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    if type(value) is not int:
        return what(value)
    return str(value) if value.bit_length() <= 128 else f"an integer of {value.bit_length()} bits"


def shallow(document: Any) -> Any:
    """A document. Raises LimitExceeded where lists and maps are nested deeper than in any."""
    level: list[Any] = [document]
    for _ in range(MOST_DEEP + 1):
        if not (level := [one for one in level if type(one) in (dict, list)]):
            return document
        level = list(chain.from_iterable(map(_values, level)))
    raise LimitExceeded(f"lists and maps are nested more than {MOST_DEEP} deep")


def _values(bracket: Any) -> Iterable[Any]:
    return cast(Tree, bracket).values() if type(bracket) is dict else bracket
