"""How a format with names spells values: tables for what is written, patterns for what is read.

What is the same each time (names, heads of what has a fixed number of parts) is constant text between values. An integer
goes through a table, which has most of those that it is asked for, and knows the range.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import cache, cached_property
from operator import index
from typing import Any, cast

from vmstate.errors import render_path
from vmstate.exchanges import NOT_PENDING
from vmstate.shape import Int

from .._tree import SETTINGS
from .._values import number
from .patterns import Numbers
from .pieces import Pieces
from .source import Source
from .support import Miss
from .tree_support import TreeContext, choice, float_of

MOST = 4096
"""Values that a table keeps."""
FEW = 256
"""Records of settings that are kept."""
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
        told = self._loads(data)
        if type(told) is not dict:
            raise Miss
        if len(data) > MOST:
            return cast("dict[str, Any]", told)
        if len(self) >= FEW:
            self.clear()
        self[data] = told
        return told


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
    def items_head(self, data: bytes, at: int) -> tuple[int, int]:
        """How many elements stand behind what stands here, and its end. Raises Miss."""

    @abstractmethod
    def octets_head(self, data: bytes, at: int) -> tuple[int, int]:
        """How many bytes do. Raises Miss."""

    @abstractmethod
    def whole(self, bits: int, signed: bool) -> bytes:
        """The pattern of an integer of this width, in as few bytes as it takes."""

    any_real: bytes
    """The pattern of a float."""
    any_record: bytes
    """The pattern of what stands before entries."""
    plain: bool
    """Whether an unsigned integer of one byte is that byte."""
    pieces: Callable[[Source], Pieces] = Pieces

    @cached_property
    def null(self) -> bytes:
        return self.dumps(None)

    @cached_property
    def truths(self) -> tuple[bytes, bytes]:
        """False and true."""
        return self.dumps(False), self.dumps(True)

    def real(self, bits: int) -> bytes:
        """A float, of its 64 bits; bytes where it is none that is finite."""
        return self.dumps(number(bits))

    def settings(self, told: Iterable[tuple[Any, Any]]) -> bytes:
        """Settings as a record. Raises Miss where two have one path."""
        pairs = [(one if isinstance(one, str) else render_path(one), int(value) if isinstance(value, IntEnum) else value)
                 for one, value in told]
        if len(found := dict(pairs)) < len(pairs):
            raise Miss
        return self.dumps(found)

    # -- tables

    @cache
    def spelled(self, bits: int, signed: bool) -> Spelled:
        """What integers of this width are written as."""
        return Spelled(self.dumps, *limits(bits, signed))

    @cache
    def meant(self, bits: int, signed: bool) -> Meant:
        """What those that were read mean."""
        return Meant(self.read, *limits(bits, signed))

    @cached_property
    def pending(self) -> Pending:
        """What timers are written as."""
        return Pending(self.dumps, self.null)

    @cache
    def choices(self, kind: type[IntEnum], of: Int) -> dict[Any, bytes]:
        """What the values of an enumeration are written as."""
        least, most = limits(of.bits if isinstance(of.bits, int) else WIDEST, of.signed)
        return {one: self.dumps(int(one)) for one in kind if least <= one <= most}

    @cache
    def chosen(self, kind: type[IntEnum], of: Int) -> dict[bytes, Any]:
        """What those that were read mean."""
        return {spelled: one for one, spelled in self.choices(kind, of).items()}

    @cache
    def numbers(self, bits: int, signed: bool) -> Numbers:
        """Many integers of this width, as they are read."""
        exact = not signed and bits in (8, 16, 32, 64)
        return Numbers(self.whole(bits, signed), self.items, self.loads, limits(bits, signed),
                       self.plain and not signed, exact)

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

    def settings_of(self, paths: tuple[str, ...]) -> Told:
        """Settings at these paths as records."""
        return Told(self.settings, paths)

    # -- what generated code calls

    @property
    def given(self) -> dict[str, Any]:
        """Names that it knows besides."""
        return {
            "Context": TreeContext, "choice": choice, "elements": self.elements, "entries": self.entries,
            "float_of": float_of, "items_at": self.items_at, "meant": self.meant, "octets": self.octets,
            "octets_at": self.octets_at, "path": render_path, "read_settings": self.read_settings, "real": self.real,
            "records": self.records, "settings": self.settings, "spelled": self.spelled,
        }

    def read_settings(self, data: bytes) -> tuple[int, dict[str, Any]]:
        """The end of the document before its settings, and these. Raises Miss."""
        name = self.dumps(SETTINGS)
        at = data.rfind(name)
        return (len(data), {}) if at < 0 else (at, self._settings[data[at + len(name):]].copy())

    def items_at(self, data: bytes, at: int, whole: int) -> tuple[int, int]:
        """How many elements a list has that stands here, and where the first one does. Raises Miss."""
        n, end = self.items_head(data, at)
        if n > whole - end:
            raise Miss
        return n, end

    def octets_at(self, data: bytes, at: int, whole: int) -> tuple[int, int]:
        """Begin and end of bytes that stand here. Raises Miss."""
        n, end = self.octets_head(data, at)
        if n > whole - end:
            raise Miss
        return end, end + n

    @cached_property
    def _settings(self) -> Settings:
        return Settings(self.loads)

    def read(self, data: bytes) -> Any:
        """An integer that was read."""
        return self.loads(data)
