"""How a format with names spells values: tables for what is written, patterns for what is read.

What is the same each time (names, heads of what has a fixed number of parts) is constant text between values. An integer
goes through a table, which has most of those that it is asked for, and knows the range.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache, cached_property
from operator import index
from typing import Any

from vmstate.exchanges import NOT_PENDING

from .support import Miss

MOST = 4096
"""Values that a table keeps."""
WIDEST = 64
"""Bits of the widest integer that generated code spells."""
MOST_ENTRIES = 1024
"""Entries of a record, where their number is not fixed."""


class Spelled(dict[Any, bytes]):
    """What integers are written as, if they are in range. Raises Miss."""

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
    """What timers that were read mean: what the table of integers says, but for null."""

    def __init__(self, numbers: Meant, null: bytes) -> None:
        super().__init__()
        self._numbers = numbers
        self[null] = None

    def __missing__(self, data: bytes) -> int | None:
        number: int = self._numbers[data]
        return None if number == NOT_PENDING else number


def limits(bits: int, signed: bool) -> tuple[int, int]:
    """The least and the most that an integer of this width holds. Raises Miss where generated code has no such."""
    if not 0 < bits <= WIDEST:
        raise Miss
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


class Spelling(ABC):
    """A format of bytes: each part of a tree as it is written, and as a pattern by which it is read."""

    @abstractmethod
    def dumps(self, value: Any) -> bytes:
        """A value that has no parts: text, a number, a boolean, null."""

    @abstractmethod
    def loads(self, data: bytes) -> Any:
        """A document again. Raises DecodeError."""

    @abstractmethod
    def record(self, n: int) -> bytes:
        """What stands before so many entries."""

    @abstractmethod
    def items(self, n: int) -> bytes:
        """What stands before so many elements."""

    @abstractmethod
    def octets(self, n: int) -> bytes:
        """What stands before so many bytes."""

    @abstractmethod
    def whole(self, bits: int, signed: bool) -> bytes:
        """The pattern of an integer of this width, in as few bytes as it takes."""

    @property
    @abstractmethod
    def real(self) -> bytes:
        """The pattern of a float."""

    @property
    @abstractmethod
    def any_record(self) -> bytes:
        """The pattern of what stands before entries."""

    @cached_property
    def null(self) -> bytes:
        return self.dumps(None)

    @cached_property
    def truths(self) -> tuple[bytes, bytes]:
        """False and true."""
        return self.dumps(False), self.dumps(True)

    # -- tables

    @cache
    def spelled(self, bits: int, signed: bool) -> Spelled:
        """What integers of this width are written as."""
        return Spelled(self.dumps, *limits(bits, signed))

    @cache
    def meant(self, bits: int, signed: bool) -> Meant:
        """What those that were read mean."""
        return Meant(self.number, *limits(bits, signed))

    @cached_property
    def expiries(self) -> Expiries:
        return Expiries(self.meant(64, signed=False), self.null)

    @cached_property
    def records(self) -> Spelled:
        """What stands before entries."""
        return Spelled(self.record, 0, MOST_ENTRIES)

    @cached_property
    def entries(self) -> dict[bytes, int]:
        """How many of them stand behind that."""
        return {self.record(n): n for n in range(MOST_ENTRIES)}

    @cached_property
    def elements(self) -> Spelled:
        """What stands before elements."""
        return Spelled(self.items, 0, (1 << 32) - 1)

    def number(self, data: bytes) -> Any:
        """An integer that was read."""
        return self.loads(data)
