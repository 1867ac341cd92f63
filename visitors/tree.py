"""A plain Python tree, in and out: the self-describing shape that CBOR, msgpack and JSON give bytes to.

A record is a dict by member key, an array or chain a list, a mapping a list of `{"key": …, "value": …}`. Leaves are
int, bool, bytes, Float64 and None. Three spellings are reserved: a key that begins with `?` may be skipped by a reader
that does not know it; `@version` in a subsection is its version; `@settings` at the root has the settings by path.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, cast

from vmstate.errors import EncodeError, Key, Mismatch, UnknownMember, render_path
from vmstate.kept import Foreign
from vmstate.shape import (
    ABSENT,
    Bits,
    Blob,
    Bool,
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
    Temporary,
    Validated,
)
from vmstate.values import Float64
from vmstate.visitor import Bracket, Bytes, Counted, Linked

Tree = dict[str, Any]
SKIPPABLE, VERSION, SETTINGS = "?", "@version", "@settings"
MISSING = object()


def is_record(node: Bracket) -> bool:
    """Whether a bracket holds members by key, not elements by number."""
    return isinstance(node, Record | Temporary | Subsection)


class Writer:
    """Builds a tree."""

    reading = False
    span = None

    def __init__(self) -> None:
        self.root: Tree = {}
        self._open: list[Any] = [self.root]
        self._depth: list[int] = []
        self._path: list[Key] = []
        self._settings: Tree = {}
        self._slots = [""]
        self._mark = ""

    def result(self) -> Tree:
        if self._settings:
            self.root[SETTINGS] = self._settings
        return self.root

    def put(self, key: Key, value: Any) -> None:
        """One value, under its key or at the end of its list."""
        here, self._mark, mark = self._open[-1], "", self._mark
        if isinstance(here, dict):
            cast(Tree, here)[mark + str(key)] = value
        else:
            here.append(value)

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        if not fits(value, bits, shape.signed):
            raise EncodeError(f"{value} does not fit", expected=f"{shape}", actual=str(value))
        self.put(key, int(value))
        return value

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self.put(key, value if value > 1 else value == 1)
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        if not fits(value, 64, False):
            raise EncodeError(f"{value:#x} does not fit", expected="the 64 bits of a float", actual=f"{value:#x}")
        self.put(key, Float64(value))
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        if isinstance(shape, Blob) and shape.prefix and not fits(len(value), shape.prefix, False):
            raise EncodeError(f"{len(value)} bytes do not fit behind a length of {shape.prefix} bits")
        self.put(key, bytes(value))
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        if not fits(value, words(count), False):
            raise EncodeError(f"a bit is set beyond the bitmap's {count}")
        self.put(key, value)
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        if any(value):
            self.put(key, value)
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self.put(key, value)
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        self._settings[render_path((*self._path, key))] = int(value) if isinstance(value, IntEnum) else value
        return value

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        inner: Any = {} if is_record(node) else []
        self._depth.append(len(self._path))
        if isinstance(node, Subsection):
            self._mark = SKIPPABLE if node.skippable else ""
        else:
            self._path.append(key)
        self.put(key, inner)
        self._push(inner)

    def _push(self, inner: Any) -> None:
        self._open.append(inner)
        self._slots.append("value")

    def leave(self) -> None:
        self._open.pop()
        self._slots.pop()
        del self._path[self._depth.pop():]

    def version(self, node: Subsection, version: int, /) -> int:
        self.put(VERSION, version)
        return version

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Member):
            self._mark = SKIPPABLE if node.skippable else ""
            self._slots[-1] = node.key
        elif not truth:
            self.put(self._slots[-1], None)
        return bool(truth)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return n or 0

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):
            if index:
                self._open.pop()
                self._slots.pop()
            if truth:
                self.put(key, entry := dict[str, Any]())
                self._push(entry)
        return bool(truth)

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        for one in known:
            self._mark = SKIPPABLE if one.skippable else ""
            self.put(one.name, one.value)
        return known


class Frame:
    """An open bracket: its dict or list, what of it was taken, and how long the path was outside."""

    __slots__ = ("data", "depth", "next", "slot", "taken")

    def __init__(self, data: Tree | list[Any], depth: int, *taken: str) -> None:
        self.data, self.depth = data, depth
        self.taken, self.next, self.slot = set(taken), 0, "value"

    @property
    def members(self) -> Tree:
        """The dict of a record."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def left(self) -> int:
        """Elements of a list that nobody took."""
        return 0 if isinstance(self.data, dict) else len(self.data) - self.next

    def peek(self, key: str) -> Any:
        """The value of this key, or the next element; MISSING if there is none."""
        if isinstance(self.data, dict):
            return self.data.get(key, MISSING)
        return self.data[self.next] if self.left else MISSING

    def take(self, key: str) -> Any:
        """The same, taken."""
        value = self.peek(key)
        if value is MISSING:
            raise Mismatch(f"{key} is missing" if isinstance(self.data, dict) else f"no element {self.next}")
        if isinstance(self.data, dict):
            self.taken.add(key)
        else:
            self.next += 1
        return value


class Reader:
    """Reads a tree; members by name, whatever their order."""

    reading = True
    span = None

    def __init__(self, data: Tree) -> None:
        if type(data) is not dict:
            raise Mismatch(expected="a tree: a dict by member key", actual=what(data))
        settings = data.get(SETTINGS, {})
        if type(settings) is not dict:
            raise Mismatch(expected="settings by path", actual=what(settings))
        self._settings = cast(Tree, settings)
        self._asked: set[str] = set()
        self._open = [Frame(data, 0, SETTINGS)]
        self._path: list[Key] = []
        self._names: dict[str, str] = {}

    def finish(self) -> None:
        """Raises UnknownMember for a setting that nobody asked for."""
        if rest := sorted(map(str, self._settings.keys() - self._asked)):
            raise UnknownMember(f"no setting {', '.join(rest)}")

    def _get(self, key: Key) -> Any:
        """The value of a member, or the next element."""
        return self._open[-1].take(self._names.pop(str(key), str(key)))

    def _typed(self, key: Key, *kinds: type) -> Any:
        value = self._get(key)
        if type(value) not in kinds:
            raise Mismatch(expected=" or ".join(kind.__name__ for kind in kinds), actual=what(value))
        return value

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        number: int = self._typed(key, int)
        if not fits(number, bits, shape.signed):
            raise Mismatch(expected=f"{'int' if shape.signed else 'uint'}{bits}", actual=str(number))
        return number

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        number = int(self._typed(key, bool, int))
        if not 0 <= number < 256:
            raise Mismatch(expected="a boolean", actual=str(number))
        return number

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        number: Float64 = self._typed(key, Float64)
        return number.bits

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        data: bytes = self._typed(key, bytes, bytearray)
        if len(data) != size and not (isinstance(shape, Blob) and shape.prefix):
            raise Mismatch(expected=f"{size} bytes", actual=f"{len(data)} bytes")
        return data

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        number: int = self._typed(key, int)
        if not fits(number, words(count), False):
            raise Mismatch(f"a bit is set beyond the bitmap's {count}")
        return number

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        if self._open[-1].peek(str(key)) is MISSING:
            return bytes(size)
        data = bytes(self._typed(key, bytes, bytearray))
        if len(data) != size:
            raise Mismatch(expected=f"{size} bytes", actual=f"{len(data)} bytes")
        return data

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        found: int | None = self._typed(key, int, type(None))
        return found

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        path = render_path((*self._path, key))
        self._asked.add(path)
        found = self._settings.get(path, value)
        if found is not None and shape.choices and found not in shape.choices:
            raise Mismatch(f"setting {path} is {found!r}", expected="one of its choices", actual=repr(found))
        return next((one for one in shape.choices if one == found), found)

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        inner = self._typed(key, dict if is_record(node) else list)
        self._open.append(Frame(inner, len(self._path)))
        if not isinstance(node, Subsection):
            self._path.append(key)

    def leave(self) -> None:
        frame = self._open.pop()
        del self._path[frame.depth:]
        if frame.left:
            raise Mismatch(expected=f"{frame.next} elements", actual=str(frame.next + frame.left))

    def version(self, node: Subsection, version: int, /) -> int:
        number: int = self._typed(VERSION, int)
        if not fits(number, 32, False):
            raise Mismatch(expected="a version", actual=str(number))
        return number

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Nullable):
            return self._slot_is_there()
        self._open[-1].slot = node.key
        if isinstance(node.shape, Padding | Validated | Setting):
            return truth is not False
        here = self._open[-1].members
        for name in (node.key, SKIPPABLE + node.key, node.write_as, *node.was):
            if name and name in here:
                self._names[node.key] = name
                return True
        if truth and node.default is ABSENT:
            raise Mismatch("missing", hint="it must be there: the declaration has no default= for it")
        return False

    def _slot_is_there(self) -> bool:
        frame = self._open[-1]
        if frame.peek(self._names.get(frame.slot, frame.slot)) is not None:
            return True
        self._get(frame.slot)
        return False

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        value = self._open[-1].peek(self._names.get(str(key), str(key)))
        if not isinstance(value, list):
            raise Mismatch(expected="a list", actual=what(value))
        length = len(cast("Sequence[Any]", value))
        if n is not None and length != n and not isinstance(shape, Mapping):
            raise Mismatch(expected=f"{n} elements", actual=str(length))
        return length

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if index and isinstance(shape, Mapping):
            self._open.pop()
        frame = self._open[-1]
        more = frame.peek("") is not MISSING if truth is None else truth
        if more and isinstance(shape, Mapping):
            entry = self._typed(key, dict)
            if set(entry) != {"key", "value"}:
                raise Mismatch(expected="a key and a value", actual=", ".join(map(str, entry)))
            self._open.append(Frame(entry, len(self._path)))
        return more

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        """In the order of the document; what was met is not asked for again."""
        by_name = {mark + sub.name: sub for sub in pending for mark in ("", SKIPPABLE)}
        frame = self._open[-1]
        for name in frame.members:
            if name in by_name and name not in frame.taken:
                self._names[by_name[name].name] = name
                return by_name[name]
        return None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        """What nobody took."""
        frame = self._open[-1]
        here = frame.members
        rest = [name for name in here if name not in frame.taken]
        for name in rest:
            if type(name) is not str or not name.startswith(SKIPPABLE):
                raise UnknownMember(f"{name!r} must be understood, and {record.name} does not declare it")
        return tuple(Foreign(name[1:], what(here[name]), here[name]) for name in rest)


def words(bits: int) -> int:
    """Bits of the words of 64 that hold a bitmap."""
    return -(-bits // 64) * 64


def fits(value: int, bits: int, signed: bool) -> bool:
    """Whether an integer of this width holds the value."""
    return -(1 << bits - 1) <= value < 1 << bits - 1 if signed else 0 <= value < 1 << bits


def what(value: object) -> str:
    """The kind of a tree's value, for an error's text."""
    return "nothing" if value is MISSING else "null" if value is None else type(value).__name__


def reader(data: Tree, /) -> Reader:
    """A reader of a tree."""
    return Reader(data)


def writer() -> Writer:
    """A writer of a tree."""
    return Writer()
