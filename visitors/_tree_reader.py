"""Reading a tree: members by name, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from vmstate.errors import Finding, Key, Mismatch, UnknownMember, render_path
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
    Validated,
)
from vmstate.values import Float64
from vmstate.visitor import Bracket, Bytes, Counted, Linked

from ._tree import MISSING, SETTINGS, SKIPPABLE, VERSION, Tree, fits, is_record, what, words


class Frame:
    """An open bracket: its dict or list, what of it was taken, and how long the path was outside."""

    __slots__ = ("data", "depth", "names", "next", "slot", "taken")

    def __init__(self, data: Tree | list[Any], depth: int, *taken: str) -> None:
        self.data, self.depth = data, depth
        self.taken, self.next, self.slot = set(taken), 0, "value"
        self.names: dict[str, str] | None = None

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
    report: list[Finding] = []  # noqa: RUF012  nobody adds to it

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

    def _bytes(self, key: Key) -> Bytes:
        data: Bytes = self._typed(key, bytes, bytearray)
        return data

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
        data = self._bytes(key)
        if len(data) != size and not (isinstance(shape, Blob) and shape.prefix):
            raise Mismatch(expected=f"{size} bytes", actual=f"{len(data)} bytes")
        return data

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        number: int = self._typed(key, int)
        if not fits(number, words(count), False):
            raise Mismatch(f"a bit is set beyond the bitmap's {count}")
        return number

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        frame = self._open[-1]
        if isinstance(frame.data, dict):
            if (name := self._named(frame).get(str(key))) is None:
                return bytes(size)
            self._names[str(key)] = name
        data = bytes(self._bytes(key))
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
        here = self._named(self._open[-1])
        for name in (node.key, node.write_as, *node.was):
            if name and name in here:
                self._names[node.key] = here[name]
                self._meets(node, here[name])
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
        by_name = {sub.name: sub for sub in pending}
        frame = self._open[-1]
        for name, key in self._named(frame).items():
            if name in by_name and key not in frame.taken:
                self._names[name] = key
                return by_name[name]
        return None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        """What nobody took."""
        frame = self._open[-1]
        here = frame.members
        rest = [key for key in here if key not in frame.taken]
        for key in rest:
            if type(key) is not str or not key.startswith(SKIPPABLE):
                raise UnknownMember(f"{key!r} must be understood, and {record.name} does not declare it")
        return tuple(self._foreign(key, here[key]) for key in rest)

    # -- how names are spelled

    def _named(self, frame: Frame) -> dict[str, str]:
        """The keys of an open record by the names that they spell. Raises Mismatch where two spell one."""
        if (names := frame.names) is None:
            keys = [key for key in frame.members if type(key) is str]
            names = frame.names = {self._name(key): key for key in keys}
            if len(names) < len(keys):
                twice = next(key for key in keys if names[self._name(key)] != key)
                raise Mismatch(f"{self._name(twice)} is there twice")
        return names

    def _name(self, key: str) -> str:
        """The name that a key spells."""
        return key.removeprefix(SKIPPABLE)

    def _meets(self, node: Member, key: str) -> None:
        """A member's key was found: what else it spells is looked at here."""

    def _foreign(self, key: str, value: Any) -> Foreign:
        """An attribute that may be skipped, and that nobody took."""
        return Foreign(self._name(key), what(value), value)
