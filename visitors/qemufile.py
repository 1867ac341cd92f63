"""QEMU's wire: big-endian, no tags, no lengths; `05` and a name before a subsection.

After formats of QEMU 5.2 to 11.1 (migration/vmstate.c, vmstate-types.c; see docs/formats/qemufile.md).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import starmap
from os import environ
from struct import Struct, pack, unpack
from struct import error as struct_error
from typing import TYPE_CHECKING, Any

from vmstate.errors import BadMarker, EncodeError, Finding, Key, LimitExceeded, UnknownMember
from vmstate.kept import Foreign
from vmstate.rows import Row
from vmstate.shape import (
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
from vmstate.visitor import Bracket, Bytes, Counted, Linked

from ._bytes import Cursor

if TYPE_CHECKING:
    from .codegen import Plan

positional = True
SUBSECTION, NULL, PRESENT, MORE, END, DESCRIPTOR = 0x05, 0x30, 0x31, 0x01, 0x00, 0x20
WORD = 64  # bits of a bitmap's word
FEW, MANY, MOST_PER_BYTE = 4096, 1_000_000, 4
"""Elements of an array that may take no bytes at all, and of all arrays and unmarked chains of a body together."""


def _words(count: int) -> int:
    return -(-count // WORD)


def _swapped(data: Bytes) -> bytes:
    """Words of 64 bits in the other byte order."""
    words = array("Q", bytes(data))
    words.byteswap()
    return words.tobytes()


def _packed(row: Row, values: Sequence[Any]) -> bytes:
    """Rows as they are sent. Raises struct.error."""
    if row.parts:
        return b"".join(starmap(Struct(f">{row.layout}").pack, values))
    return pack(f">{len(values)}{row.layout}", *values)


class Writer:
    """Bytes as QEMU sends them."""

    reading = False

    def __init__(self) -> None:
        self.out = bytearray()
        self._begin = 0

    @property
    def span(self) -> tuple[int, int]:
        return self._begin, len(self.out)

    def result(self) -> bytes:
        return bytes(self.out)

    def taken(self) -> bytes:
        """What was written since this was last asked; the writer begins anew."""
        out = bytes(self.out)
        self.out.clear()
        return out

    def _put(self, data: Bytes) -> None:
        self._begin = len(self.out)
        self.out += data

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        self._begin = len(self.out)
        try:
            self.out += value.to_bytes(bits >> 3, shape.order, signed=shape.signed)
        except OverflowError:
            kind = f"{'int' if shape.signed else 'uint'}{bits}"
            raise EncodeError(f"{value} does not fit", expected=kind, actual=str(value)) from None
        return value

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self._put(bytes((value,)))
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        if value >> 64:
            raise EncodeError(f"{value:#x} does not fit", expected="the 64 bits of a float", actual=f"{value:#x}")
        self._put(value.to_bytes(8, "big"))
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        self._begin = len(self.out)
        if isinstance(shape, Blob) and shape.prefix:
            if len(value) >> shape.prefix:
                raise EncodeError(f"{len(value)} bytes do not fit behind a length of {shape.prefix} bits")
            self.out += len(value).to_bytes(shape.prefix // 8, "big")
        self.out += value
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        words = _words(count)
        if value < 0 or value.bit_length() > words * WORD:
            raise EncodeError(f"a bit is set beyond the bitmap's {count}")
        self._put(_swapped(value.to_bytes(words * 8, "little")))
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        self._put(value or bytes(size))
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self._put(bytes((DESCRIPTOR,)))
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        return value

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        if isinstance(node, Subsection):
            name = node.name.encode()
            self._put(bytes((SUBSECTION, len(name))) + name)

    def leave(self) -> None:
        pass

    def version(self, node: Subsection, version: int, /) -> int:
        self._put(version.to_bytes(4, "big"))
        return version

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Nullable):
            if not truth:
                self._put(bytes((NULL,)))
            elif node.marked:
                self._put(bytes((PRESENT,)))
        return bool(truth)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        if isinstance(shape, Mapping):
            self._put((n or 0).to_bytes(4, "big"))
        return n or 0

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):
            self._put(bytes((MORE if truth else END,)))
        elif not truth:
            self._put(bytes(shape.bits // 8))
        elif shape.marker is not None:
            self._put(bytes((shape.marker,)))
        return bool(truth)

    def numbers(self, row: Row, n: int, values: Sequence[Any], /) -> Sequence[Any] | None:
        """Many rows at once."""
        try:
            self._put(_packed(row, values))
        except struct_error:
            return None
        return values

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        names = ", ".join(one.name for one in known)
        raise EncodeError(f"{names}: QEMU's stream has no place for what {record.name} does not declare")


class Reader:
    """A body of known extent (`whole`), or the beginning of one."""

    reading = True
    report: tuple[Finding, ...] = ()

    def __init__(self, data: Bytes, whole: bool = True) -> None:
        self._cursor = Cursor(data, whole)
        self._elements = 0
        self._subsections: dict[Record[Any], dict[str, Subsection]] = {}

    @property
    def span(self) -> tuple[int, int]:
        return self._cursor.taken_at, self._cursor.at

    @property
    def at(self) -> int:
        """Where the next byte will be taken from."""
        return self._cursor.at

    def go(self, at: int) -> None:
        """From now on bytes are taken from here on."""
        self._cursor.at = at

    def finish(self) -> None:
        self._cursor.finish()

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        return int.from_bytes(self._cursor.take(bits >> 3), shape.order, signed=shape.signed)

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        return self._cursor.take(1)[0]

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        return int.from_bytes(self._cursor.take(8), "big")

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        if not (isinstance(shape, Blob) and shape.prefix):
            return bytearray(self._cursor.take(size))
        begin = self._cursor.at
        data = bytearray(self._cursor.take(self._cursor.number(shape.prefix // 8)))
        self._cursor.taken_at = begin
        return data

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        return int.from_bytes(_swapped(self._cursor.take(_words(count) * 8)), "little")

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        return bytes(self._cursor.take(size))

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self._marker(self._cursor.take(1)[0], DESCRIPTOR)
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        """What is known already; else what the bytes from here on tell."""
        if value is not None or shape.told is None:
            return value
        return shape.told(self._cursor.rest())

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        if isinstance(node, Subsection):
            self._cursor.take(2 + len(node.name.encode()))

    def leave(self) -> None:
        pass

    def version(self, node: Subsection, version: int, /) -> int:
        return self._cursor.number(4)

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if not isinstance(node, Nullable):
            return bool(truth)
        if node.marked:
            return self._marker(self._cursor.take(1)[0], PRESENT, NULL) == PRESENT
        if truth or (truth is None and self._cursor.peek(1) != bytes((NULL,))):
            return True
        self._marker(self._cursor.take(1)[0], NULL, hint="the slot is null here, and something was sent")
        return False

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        """A count is believed only as far as bytes are left: each element takes one, or there are few of them."""
        declared = not isinstance(shape, Mapping) and isinstance(shape.count, int)
        n = self._cursor.number(4) if isinstance(shape, Mapping) else n or 0
        self._believe(n, declared and n <= FEW)
        return n

    def _believe(self, n: int, few: bool) -> None:
        cursor = self._cursor
        self._elements += n
        if (n > cursor.left and not few) or self._elements > MOST_PER_BYTE * cursor.end + MANY:
            cursor.taken_at = cursor.at
            if not cursor.whole:
                cursor.short(n)
            raise LimitExceeded(f"{n} elements, and {cursor.left} bytes are left")

    def numbers(self, row: Row, n: int, values: Sequence[Any], /) -> Sequence[Any] | None:
        """Many rows at once."""
        one, cursor = Struct(f">{row.layout}"), self._cursor
        if n * one.size > cursor.left:
            return None
        end = cursor.at + n * one.size
        if row.parts and self._may_go_on(row.name, cursor.at + one.size, end, one.size):
            return None
        data = cursor.data[cursor.at:end]
        found = list(one.iter_unpack(data)) if row.parts else unpack(f">{n}{row.layout}", data)
        if row.loses and _packed(row, found) != bytes(data):
            return None
        cursor.take(len(data))
        return found

    def _may_go_on(self, name: str, begin: int, end: int, size: int) -> bool:
        """Whether behind a record of this name, which has no subsections, one seems to stand all the same."""
        data, own = self._cursor.data, name.encode()
        heads = bytes(data[begin:end + 1:size])
        return SUBSECTION in heads and any(
            head == SUBSECTION and own.startswith(bytes(data[at + 2:at + 2 + len(own)]))
            for head, at in zip(heads, range(begin, end + 1, size), strict=False))

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        cursor = self._cursor
        if truth is not None:  # no marker: the elements say it, of which a hostile row may take no bytes
            self._believe(int(truth), few=True)
            return truth
        if isinstance(shape, Chain) and shape.marker is None:
            size = shape.bits // 8
            if any(cursor.peek(size)):
                return True
            cursor.take(size)
            return False
        marker = shape.marker if isinstance(shape, Chain) and shape.marker is not None else MORE
        return self._marker(cursor.take(1)[0], marker, END) == marker

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        """A subsection of ours, by the parent's name as prefix; else it is left for an outer record."""
        cursor = self._cursor
        head, own = cursor.peek(2), record.name.encode()
        if len(head) < 2 or head[0] != SUBSECTION or head[1] <= len(own):
            return None
        if not own.startswith(bytes(cursor.rest()[2:2 + len(own)])):
            return None  # whatever may come
        name = cursor.peek(2 + head[1])[2:]
        if len(name) < head[1]:
            return None
        if (sub := self._by_name(record, pending).get(name.decode("utf-8", "surrogateescape"))) is not None:
            return sub
        cursor.taken_at = cursor.at
        raise UnknownMember(f"{record.name} has no subsection {name.decode(errors='replace')!r}",
                            hint="a newer QEMU or another device wrote it" if name.isascii() else "")

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        return ()

    def _by_name(self, record: Record[Any], pending: Sequence[Subsection]) -> dict[str, Subsection]:
        """A record's subsections, looked up as often as there are such."""
        if (found := self._subsections.get(record)) is None:
            found = self._subsections[record] = {sub.name: sub for sub in pending}
        return found

    def _marker(self, got: int, *allowed: int, hint: str = "") -> int:
        if got not in allowed:
            raise BadMarker(expected=" or ".join(f"{one:#04x}" for one in allowed), actual=f"{got:#04x}", hint=hint)
        return got


def reader(data: Bytes, /) -> Reader:
    """A reader of a whole body."""
    return Reader(data)


def writer() -> Writer:
    """A writer of one body."""
    return Writer()


def compiled(record: Record[Any], version: int, /) -> Plan[Any] | None:
    """Generated code, from the eighth state of a record on: it is made in the time that the walk takes for so many.

    `VMSTATE_COMPILED` in the environment is "always" or "never" for another choice.
    """
    uses = _uses.get((record, version), 0) + 1
    if len(_uses) >= MOST_COUNTED:
        _uses.clear()  # a stream's description brings records of its own, which would stay
    _uses[record, version] = uses
    if uses < ENOUGH:
        return None
    from .codegen import plan  # which a program that shows one stream does not need

    return plan(record, version=version)


ENOUGH = {"always": 0, "never": 1 << 62}.get(environ.get("VMSTATE_COMPILED", ""), 8)
MOST_COUNTED = 1024
_uses: dict[tuple[Record[Any], int], int] = {}
