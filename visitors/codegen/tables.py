"""Tables between values and the bytes that they are in a document: most of what they are asked for, they have.

An integer's width is its table's: what is out of range is a miss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import index
from typing import Any, cast

from vmstate.errors import DecodeError
from vmstate.exchanges import NOT_PENDING

from .support import Miss

MOST = 4096
"""Values that a table keeps."""
FEW = 256
"""Records of settings that are kept."""
WIDEST = 64
"""Bits of the widest integer that generated code spells."""


class Spelled(dict[Any, bytes]):
    """What integers are written as, if they are in range. Raises Miss."""

    def __init__(self, spell: Callable[[int], bytes], least: int, most: int) -> None:
        super().__init__()
        self._spell, self._least, self._most = spell, least, most
        self._lengths: dict[int, Lengths] = {}

    def __missing__(self, value: Any) -> bytes:
        number = index(value)
        if not self._least <= number <= self._most:
            raise Miss
        if len(self) >= MOST:
            self.clear()
        spelled = self[number] = self._spell(number)
        return spelled

    def lengths(self, octets: Callable[[int], bytes], more: int) -> Lengths:
        """The length octets of a value and of so many bytes with it, by that value."""
        return self._lengths.setdefault(more, Lengths(self, octets, more))


class Lengths(dict[Any, bytes]):
    """Length octets by what a table spells. Raises Miss."""

    def __init__(self, of: Spelled, octets: Callable[[int], bytes], more: int) -> None:
        super().__init__()
        self._of, self._octets, self._more = of, octets, more

    def __missing__(self, value: Any) -> bytes:
        if len(self) >= MOST:
            self.clear()
        spelled = self[value] = self._octets(len(self._of[value]) + self._more)
        return spelled


class Sum(dict[int, bytes]):
    """The length octets of a part of this length, of its own length octets, and of so many bytes."""

    def __init__(self, octets: Callable[[int], bytes], more: int) -> None:
        super().__init__()
        self._octets, self._more = octets, more

    def __missing__(self, n: int) -> bytes:
        if len(self) >= MOST:
            self.clear()
        spelled = self[n] = self._octets(self._more + len(self._octets(n)) + n)
        return spelled


class Pending(Spelled):
    """The same of timers, of which one that is not pending is null."""

    def __init__(self, spell: Callable[[int], bytes], null: bytes) -> None:
        super().__init__(spell, *limits(64, signed=False))
        self._null = null

    def __missing__(self, value: Any) -> bytes:
        return self._null if value is None or value == NOT_PENDING else super().__missing__(value)


class Told(dict[tuple[Any, ...], bytes]):
    """The settings at these paths as a record, by types and values in turn."""

    def __init__(self, settings: Callable[[Iterable[tuple[str, Any]]], bytes], paths: tuple[str, ...]) -> None:
        super().__init__()
        self._settings, self._paths = settings, paths

    def __missing__(self, told: tuple[Any, ...]) -> bytes:
        if len(self) >= MOST:
            self.clear()
        spelled = self[told] = self._settings(zip(self._paths, told[1::2], strict=True))
        return spelled


class Settings(dict[bytes, dict[str, Any]]):
    """Settings by path, out of the record that has them. Raises Miss."""

    def __init__(self, loads: Callable[[bytes], Any]) -> None:
        super().__init__()
        self._loads = loads

    def __missing__(self, data: bytes) -> dict[str, Any]:
        try:
            told = self._loads(data)
        except DecodeError:
            raise Miss from None  # bytes may look like a name
        if type(told) is not dict:
            raise Miss
        settings = cast("dict[str, Any]", told)
        if len(data) <= MOST:
            if len(self) >= FEW:
                self.clear()
            self[data] = settings
        return settings


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
