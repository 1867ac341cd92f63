"""How a format with names spells values: tables for what is written, patterns for what is read.

What is the same each time (names, heads of what has a fixed number of parts) is constant text between values. An integer
goes through a table, which has most of those that it is asked for, and knows the range.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from functools import cache, cached_property
from operator import index
from typing import Any

from vmstate.exchanges import NOT_PENDING
from vmstate.nodes import Node, node

from .support import Miss

MOST = 4096
"""Values that a table keeps."""
WIDEST = 64
"""Bits of the widest integer that generated code spells."""


class Spelled(dict[Any, bytes]):
    """What values are written as: an integer that is in range, a head. Raises Miss."""

    def __init__(self, spell: Callable[[int], bytes], least: int, most: int) -> None:
        super().__init__()
        self._spell, self._least, self._most = spell, least, most

    def __missing__(self, value: Any) -> bytes:
        number = index(value)
        if not self._least <= number <= self._most:
            raise Miss
        if len(self) >= MOST:
            self.clear()
        spelled = self[number] = self._spell(number)
        return spelled


class Meant(dict[bytes, Any]):
    """What integers that were read mean, if they are in range. Raises Miss."""

    def __init__(self, read: Callable[[bytes], Any], least: int, most: int) -> None:
        super().__init__()
        self._read, self._least, self._most = read, least, most

    def __missing__(self, data: bytes) -> Any:
        number = self._read(data)
        if type(number) is not int or not self._least <= number <= self._most:
            raise Miss
        if len(self) >= MOST:
            self.clear()
        self[data] = number
        return number


class Expiries(dict[bytes, "int | None"]):
    """What timers that were read mean: through the table of integers, but for null."""

    def __init__(self, numbers: Meant, null: bytes) -> None:
        super().__init__()
        self.numbers = numbers
        self[null] = None

    def __missing__(self, data: bytes) -> int | None:
        number: int = self.numbers[data]
        return None if number == NOT_PENDING else number


def bounds(bits: int, signed: bool) -> tuple[int, int]:
    """The least and the most that an integer of this width holds. Raises Miss where it is none that is spelled here."""
    if not 0 < bits <= WIDEST:
        raise Miss
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


@node
class Spelling(Node):
    """A format of bytes: the tree's parts, each as it is written and as a pattern.

    `record`, `items` and `octets` give what stands before so many entries, elements or bytes. `any_record` is any of
    the first, `whole` an integer of a width.
    """

    dumps: Callable[[Any], bytes]
    loads: Callable[[bytes], Any]
    record: Callable[[int], bytes]
    items: Callable[[int], bytes]
    octets: Callable[[int], bytes]
    any_record: bytes
    whole: Callable[[int, bool], bytes]
    real: bytes

    @cached_property
    def null(self) -> bytes:
        return self.dumps(None)

    @cached_property
    def truths(self) -> tuple[bytes, bytes]:
        return self.dumps(False), self.dumps(True)
