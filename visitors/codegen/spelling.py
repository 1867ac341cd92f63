"""How a format with names spells values: as bytes, and as patterns by which they are read.

What is the same each time (names, heads of what has a fixed number of parts) is constant text between values.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from enum import IntEnum, IntFlag
from functools import cache, cached_property
from typing import Any

from vmstate.errors import render_path
from vmstate.shape import Int

from .._tree import SETTINGS
from .._values import number
from .patterns import Form, Forms, Many, Numbers, PatternRun, text_of
from .pieces import Pieces
from .source import Source
from .support import Miss
from .tables import WIDEST, Expiries, Meant, Pending, Settings, Spelled, Told, limits
from .tree_support import TreeContext, choice, float_of

MOST_ENTRIES = 1024
"""Entries of a record, where their number is not fixed."""


class Spelling(ABC):
    """A format of bytes: each part of a tree as it is written, and as a pattern by which it is read.

    `spelled` and `meant` are the tables of integers by bits and sign, `numbers` those of many in a list; `choices` and
    `chosen` those of enumerations.
    """

    def __init__(self) -> None:
        self.spelled, self.meant, self.numbers = cache(self._spelled), cache(self._meant), cache(self.many)
        self.choices, self.chosen = cache(self._choices), cache(self._chosen)

    @abstractmethod
    def dumps(self, value: Any) -> bytes:
        """A value that has no parts: text, a number, a boolean, null."""

    @abstractmethod
    def loads(self, data: bytes) -> Any:
        """A document again, as the format's reader takes it. Raises DecodeError."""

    @abstractmethod
    def read(self, data: bytes) -> Any:
        """An integer that was read."""

    @abstractmethod
    def entry_at(self, data: bytes, at: int) -> tuple[bytes, int, int | None]:
        """Label and place of the value of the entry that stands here; where that ends, if it says so. Raises Miss."""

    @abstractmethod
    def label(self, label: str, number: int) -> bytes:
        """How an entry of this name and number is told by that."""

    @abstractmethod
    def whole(self, bits: int, signed: bool) -> Forms:
        """An integer of this width, in as few bytes as it takes."""

    any_real: Forms
    """A float."""
    behind = b""
    """What stands behind each entry and element."""
    close = -1
    """The byte at which the entries of a record end, if there is one."""

    def pieces(self, source: Source) -> Pieces:
        """What is written is gathered so."""
        return Pieces(source)

    def run(self, source: Source) -> PatternRun:
        """What is read is gathered so."""
        return PatternRun(source)

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
        pairs = [(path if isinstance(path, str) else render_path(path),
                  int(value) if isinstance(value, IntEnum | IntFlag) else value) for path, value in told]
        if len(found := dict(pairs)) < len(pairs):
            raise Miss
        return self.dumps(found)

    @cached_property
    def expiry(self) -> Forms:
        """A timer."""
        return Form(re.escape(self.null), 0, len(self.null)), *self.whole(64, signed=False)

    @cached_property
    def truth(self) -> Forms:
        """A boolean."""
        return tuple(Form(re.escape(one), 0, len(one)) for one in self.truths)

    # -- tables

    def _spelled(self, bits: int, signed: bool) -> Spelled:
        """What integers of this width are written as."""
        return Spelled(self.dumps, *limits(bits, signed))

    def _meant(self, bits: int, signed: bool) -> Meant:
        """What those that were read mean."""
        return Meant(self.read, *limits(bits, signed))

    @cached_property
    def pending(self) -> Pending:
        """What timers are written as."""
        return Pending(self.dumps, self.null)

    def _choices(self, kind: type[IntEnum], of: Int) -> dict[Any, bytes]:
        """What the values of an enumeration are written as."""
        least, most = limits(of.bits if isinstance(of.bits, int) else WIDEST, of.signed)
        return {one: self.dumps(int(one)) for one in kind if least <= one <= most}

    def _chosen(self, kind: type[IntEnum], of: Int) -> dict[bytes, Any]:
        """What those that were read mean."""
        return {spelled: one for one, spelled in self.choices(kind, of).items()}

    @cached_property
    def expiries(self) -> Expiries:
        return Expiries(self.meant(64, signed=False), self.null)

    def settings_of(self, paths: tuple[str, ...]) -> Told:
        """Settings at these paths as records."""
        return Told(self.settings, paths)

    @abstractmethod
    def many(self, bits: int, signed: bool) -> Many:
        """Many integers of this width, as they are read."""

    # -- what generated code calls

    @property
    def given(self) -> dict[str, Any]:
        """Names that it knows besides."""
        return {
            "Context": TreeContext, "choice": choice, "float_of": float_of, "meant": self.meant, "path": render_path,
            "real": self.real, "settings": self.settings, "spelled": self.spelled,
        }

    @cached_property
    def told(self) -> Settings:
        """Settings by path, out of the record that has them."""
        return Settings(self.loads)


class Headed(Spelling):
    """A format of bytes whose heads say how much follows."""

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
    def read_settings(self, data: bytes) -> tuple[int, dict[str, Any]]:
        """The end of the document before its settings, and these. Raises Miss."""

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

    @property
    def given(self) -> dict[str, Any]:
        return super().given | {
            "items_at": self.items_at, "octets": self.octets, "octets_at": self.octets_at,
            "read_settings": self.read_settings}


class Counted(Headed):
    """And these say how many parts follow."""

    any_record: Forms
    """What stands before entries."""

    @abstractmethod
    def quick(self, data: bytes) -> Any:
        """A value again, of which it is known what it is."""

    @abstractmethod
    def record(self, n: int) -> bytes:
        """What stands before so many entries."""

    @abstractmethod
    def items(self, n: int) -> bytes:
        """What stands before so many elements."""

    @abstractmethod
    def text_head(self, data: bytes, at: int) -> tuple[int, int]:
        """How many bytes of text stand behind what stands here, and its end. Raises Miss."""

    def entry_at(self, data: bytes, at: int) -> tuple[bytes, int, int | None]:
        n, begin = self.text_head(data, at)
        return data[at:begin + n], begin + n, None

    def label(self, label: str, number: int) -> bytes:
        return self.dumps(label)

    def read(self, data: bytes) -> Any:
        return self.quick(data)

    def many(self, bits: int, signed: bool) -> Many:
        exact = not signed and bits in (8, 16, 32, 64)
        return Numbers(text_of(self.whole(bits, signed)), self.items, self.quick, limits(bits, signed),
                       plain=not signed, exact=exact)

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

    @property
    def given(self) -> dict[str, Any]:
        return super().given | {"elements": self.elements, "entries": self.entries, "records": self.records}

    def read_settings(self, data: bytes) -> tuple[int, dict[str, Any]]:
        """The end of the document before its settings, and these. Raises Miss."""
        name = self.dumps(SETTINGS)
        at = data.rfind(name)
        return (len(data), {}) if at < 0 else (at, self.told[data[at + len(name):]].copy())
