"""What the writer and the reader of trees have in common."""

from __future__ import annotations

from typing import Any

from vmstate.shape import Record, Subsection, Temporary
from vmstate.visitor import Bracket

Tree = dict[str, Any]
SKIPPABLE, VERSION, SETTINGS = "?", "@version", "@settings"
ENTRY = ("key", "value")
MISSING = object()


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
