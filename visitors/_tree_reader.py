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

from ._tree import ENTRY, MISSING, SETTINGS, SKIPPABLE, VERSION, Tree, fits, is_record, said, what, words


class Frame:
    """An open bracket: its dict or list, what of it was taken, and how long the path was outside.

    `label` is the key of the member at hand.
    """

    __slots__ = ("data", "depth", "label", "names", "next", "taken")

    def __init__(self, data: Tree | list[Any], depth: int, *taken: str) -> None:
        self.data, self.depth, self.label = data, depth, ""
        self.taken, self.next = set(taken), 0
        self.names: dict[str, str] | None = None

    @property
    def members(self) -> Tree:
        """The dict of a record."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def left(self) -> int:
        """Elements of a list that nobody took."""
        return 0 if isinstance(self.data, dict) else len(self.data) - self.next

    def peek(self) -> Any:
        """The value of the member at hand, or the next element; MISSING if there is none."""
        if isinstance(self.data, dict):
            return self.data.get(self.label, MISSING)
        return self.data[self.next] if self.left else MISSING

    def take(self) -> Any:
        """The same, taken."""
        value = self.peek()
        if value is MISSING:
            raise Mismatch(f"{self.label} is missing" if isinstance(self.data, dict) else f"no element {self.next}")
        if isinstance(self.data, dict):
            self.taken.add(self.label)
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

    def finish(self) -> None:
        """Raises UnknownMember for a setting that nobody asked for."""
        if rest := sorted(map(str, self._settings.keys() - self._asked)):
            raise UnknownMember(f"no setting {', '.join(rest)}")

    def _get(self) -> Any:
        """The value of the member at hand, or the next element."""
        return self._open[-1].take()

    def _typed(self, *kinds: type) -> Any:
        value = self._get()
        if type(value) not in kinds:
            raise Mismatch(expected=" or ".join(kind.__name__ for kind in kinds), actual=what(value))
        return value

    def _bytes(self) -> Bytes:
        data: Bytes = self._typed(bytes, bytearray)
        return data

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        number: int = self._typed(int)
        if not fits(number, bits, shape.signed):
            raise Mismatch(expected=f"{'int' if shape.signed else 'uint'}{bits}", actual=said(number))
        return number

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        number = int(self._typed(bool, int))
        if not 0 <= number < 256:
            raise Mismatch(expected="a boolean", actual=said(number))
        return number

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        number: Float64 = self._typed(Float64)
        return number.bits

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        data = self._bytes()
        if len(data) != size and not (isinstance(shape, Blob) and shape.prefix):
            raise Mismatch(expected=f"{size} bytes", actual=f"{len(data)} bytes")
        return data

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        number: int = self._typed(int)
        if not fits(number, words(count), False):
            raise Mismatch(f"a bit is set beyond the bitmap's {count}")
        return number

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        frame = self._open[-1]
        if isinstance(frame.data, dict):
            if (name := self._named(frame).get(str(key))) is None:
                return bytes(size)
            frame.label = name
        data = bytes(self._bytes())
        if len(data) != size:
            raise Mismatch(expected=f"{size} bytes", actual=f"{len(data)} bytes")
        return data

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        found: int | None = self._typed(int, type(None))
        if found is not None and not fits(found, 64, True):
            raise Mismatch(expected="a descriptor", actual=said(found))
        return found

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        path = render_path((*self._path, key))
        self._asked.add(path)
        found = self._settings.get(path, value)
        if found is not None and shape.choices and found not in shape.choices:
            told = repr(found) if isinstance(found, str) else said(found)
            raise Mismatch(f"setting {path} is {told}", expected="one of its choices", actual=told)
        return next((one for one in shape.choices if one == found), found)

    def note(self, check: Check, /) -> None:
        pass

    def enter(self, key: Key, node: Bracket, /) -> None:
        inner = self._typed(dict if is_record(node) else list)
        if isinstance(node, Subsection):
            self._enter(inner)
        else:
            self._enter(inner, key)

    def _enter(self, inner: Tree | list[Any], *steps: Key) -> None:
        self._open.append(Frame(inner, len(self._path)))
        self._path += steps

    def leave(self) -> None:
        frame = self._open.pop()
        del self._path[frame.depth:]
        if frame.left:
            raise Mismatch(expected=f"{frame.next} elements", actual=str(frame.next + frame.left))

    def version(self, node: Subsection, version: int, /) -> int:
        self._open[-1].label = VERSION
        number: int = self._typed(int)
        if not fits(number, 32, False):
            raise Mismatch(expected="a version", actual=said(number))
        return number

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Nullable):
            return self._slot_is_there()
        if isinstance(node.shape, Padding | Validated | Setting):
            return truth is not False
        frame = self._open[-1]
        here = self._named(frame)
        for name in (node.key, node.write_as, *node.was):
            if name and name in here:
                frame.label = here[name]
                self._meets(node, here[name])
                return True
        if truth and node.default is ABSENT:
            raise Mismatch("missing", hint="it must be there: the declaration has no default= for it")
        return False

    def _slot_is_there(self) -> bool:
        if self._open[-1].peek() is not None:
            return True
        self._get()
        return False

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        value = self._open[-1].peek()
        if not isinstance(value, list):
            raise Mismatch(expected="a list", actual=what(value))
        length = len(cast("Sequence[Any]", value))
        if n is not None and length != n and not isinstance(shape, Mapping):
            raise Mismatch(expected=f"{n} elements", actual=str(length))
        return length

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if index and isinstance(shape, Mapping):
            self.leave()
        more = self._open[-1].peek() is not MISSING if truth is None else truth
        if more and isinstance(shape, Mapping):
            entry = self._typed(dict)
            if set(entry) != set(ENTRY):
                raise Mismatch(expected="a key and a value", actual=", ".join(map(str, entry)))
            self._enter([entry[part] for part in ENTRY], index)
        return more

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        """In the order of the document; what was met is not asked for again."""
        by_name = {sub.name: sub for sub in pending}
        frame = self._open[-1]
        for name, key in self._named(frame).items():
            if name in by_name and key not in frame.taken:
                frame.label = key
                return by_name[name]
        return None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        """What nobody took."""
        frame = self._open[-1]
        here = frame.members
        rest = [key for key in here if key not in frame.taken]
        for key in rest:
            if type(key) is not str or not key.startswith(SKIPPABLE):
                raise UnknownMember(f"{key!r} must be understood, and {record.name} does not declare it",
                                    path=(self._name(key) if type(key) is str else str(key),))
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
