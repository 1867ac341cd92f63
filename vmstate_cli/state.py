"""A section's values as JSON.

Keys are the members' own. A record is an object, an array or chain a list, a mapping a list of `{"key", "value"}`, a
subsection an object under its name with its version as `@version`. Bytes are lower-case hexadecimal text; a bitmap is
such a text with `0x` in front (bit 0 is the lowest); a float is a number where it comes back bit for bit, else
`{"bits": "0x…"}`; a timer that is not pending, and a null, is null; a boolean whose byte is neither 0 nor 1 is that
number. Padding is there only where it is not zero. Integers stay integers, however large.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import isfinite
from typing import Any, cast

from vmstate.errors import Key
from vmstate.exchanges import EXPIRY, NOT_PENDING
from vmstate.kept import Foreign
from vmstate.rows import Row
from vmstate.shape import (
    Array,
    Bits,
    Blob,
    Bool,
    Chain,
    Check,
    Descriptor,
    Float,
    Int,
    Mapping,
    Member,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Subsection,
)
from vmstate.values import Float64
from vmstate.visitor import Bracket, Bytes, Counted, Linked
from vmstate.walk import Mode, Walk

VERSION = "@version"
WORD = 64
"""Bits of a bitmap's word."""


class Records:
    """Many records that are all alike: a row, and what each holds."""

    __slots__ = ("row", "values")

    def __init__(self, row: Row, values: Sequence[tuple[Any, ...]]) -> None:
        self.row, self.values = row, values

    def plain(self) -> list[dict[str, Any]]:
        """Each as an object."""
        return [{part.key: list(islice(values, part.n)) if part.n else next(values) for part in self.row.parts}
                for values in map(iter, self.values)]


def members(record: Record[Any], state: Any, version: int, mode: Mode = Mode.WIRE) -> dict[str, Any]:
    """A record's members by key."""
    teller = Teller()
    Walk(teller, mode).run(record, state, version)
    return teller.told


class Teller:
    """Told a state, it has it as JSON would."""

    reading = False
    span = None

    def __init__(self) -> None:
        self._open: list[tuple[Key, Any]] = [("", {})]
        self._member: Key | None = None

    @property
    def told(self) -> dict[str, Any]:
        """All that it was told."""
        found: dict[str, Any] = self._open[0][1]
        return found

    def _put(self, key: Key, value: Any) -> None:
        into, self._member = self._open[-1][1], None
        if isinstance(into, list):
            cast("list[Any]", into).append(value)  # type: ignore[redundant-cast]
        else:
            into[str(key)] = value

    # -- leaves

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        self._put(key, None if shape is EXPIRY and value == NOT_PENDING else value)
        return value

    def numbers(self, row: Row, n: int, values: Sequence[Any], /) -> Sequence[Any]:
        """Many rows at once."""
        self._open[-1] = self._open[-1][0], Records(row, values) if row.parts else [*values]
        return values

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self._put(key, value if value > 1 else value == 1)
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        number = Float64(value).value
        self._put(key, number if isfinite(number) else {"bits": f"{value:#018x}"})
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        self._put(key, bytes(value).hex())
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        self._put(key, f"0x{value:0{-(-count // WORD) * (WORD // 4)}x}")
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        if any(value) or isinstance(self._open[-1][1], list):
            self._put(key, bytes(value).hex())
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self._put(key, value)
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        """It has its own place."""
        return value

    def note(self, check: Check, /) -> None:
        pass

    # -- brackets: what is inside is put into what is around when it is closed

    def enter(self, key: Key, node: Bracket, /) -> None:
        self._member = None
        self._open.append((key, [] if isinstance(node, Array | Chain | Mapping) else {}))

    def leave(self) -> None:
        self._put(*self._open.pop())

    def version(self, node: Subsection, version: int, /) -> int:
        self._open[-1][1][VERSION] = version
        return version

    # -- questions

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Member):
            self._member = node.key
        elif not truth:
            self._put("value" if self._member is None else self._member, None)
        return bool(truth)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return n or 0

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):  # each entry is an object
            if index:
                self.leave()
            if truth:
                self._open.append((index, {}))
        return bool(truth)

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        self._member = None
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        return known
