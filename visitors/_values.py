"""Values that nobody here knows, each checked against the type that it is spelled with, and as any format has them.

They are kept and written again, in whichever format comes next: so what is kept is what every format can say.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count, repeat
from math import isfinite
from typing import Any, Protocol, cast

from vmstate.errors import Key, LimitExceeded, Mismatch, VMStateError
from vmstate.exchanges import NOT_PENDING
from vmstate.nodes import node
from vmstate.shape import Bits, Blob, Bool, Descriptor, Float, Int, Shape, Timer
from vmstate.values import Float64

from ._tree import ENTRY, MOST_DEEP, SETTINGS, VERSION, Tree, fits, said, words
from ._types import Entries, Inside, Items, Kind, Leaf, kind_of, parted

MOST_UNKNOWN = MOST_DEEP // 2
"""Lists and maps in each other, in an unknown attribute: the other half is for what surrounds it, here and wherever it
is written next. QEMU's own records go six deep."""


class Spelling(Protocol):
    """How a format has what is not its own: bytes, and the 64 bits of a float. Both raise Mismatch."""

    def octets(self, value: Any, /) -> bytes: ...
    def float_bits(self, value: Any, /) -> int: ...


@node
class Plain(Kind):
    """What has no type: text, numbers, booleans, null, and lists of these."""

    text: str = "text, a number, a boolean, null, or a list of these"
    or_null: bool = True
    deep: int = 0


@node
class Paths(Kind):
    """The settings by path."""

    text: str = "settings by path"
    or_null: bool = False
    deep: int = 1


ITEM, PLAIN = Inside("an item"), Plain()
"""A document's item: the one record whose keys need no type."""
OWN = {VERSION: kind_of("u32"), SETTINGS: Paths()}


def number(bits: int) -> float | bytes:
    """A float as formats have it: its 8 bytes where it is not finite, as none promises to keep a NaN."""
    found = Float64(bits).value
    return found if isfinite(found) else bits.to_bytes(8, "big")


def unknown(form: Spelling, name: str, value: Any, kind: str) -> Any:
    """An attribute's value. Raises Mismatch with type and path; LimitExceeded where it is too deep."""
    values = Values(form, MOST_UNKNOWN)
    with values.located():
        return values.take(_name(name), value, kind)


def item(form: Spelling, value: Any) -> Tree:
    """A document's item. Raises Mismatch."""
    values = Values(form, MOST_DEEP)
    with values.located():
        return values.record(value, ITEM)


class Values:
    """Takes values one by one. The trail is where."""

    def __init__(self, form: Spelling, most: int) -> None:
        self.form, self.most, self.trail = form, most, list[Key]()

    @contextmanager
    def located(self) -> Generator[None]:
        """An error has the trail as its path."""
        try:
            yield
        except VMStateError as error:
            raise error.under(*self.trail) from None

    def take(self, step: Key, value: Any, kind: Kind | str) -> Any:
        """The value at this step."""
        self.trail.append(step)
        of = kind_of(kind) if isinstance(kind, str) else kind
        if value is None and of.or_null:
            taken = None
        elif len(self.trail) + of.deep > self.most + 1:
            raise LimitExceeded(f"lists and maps are nested more than {self.most} deep")
        else:
            taken = TAKEN[type(of)](self, value, of)
        self.trail.pop()
        return taken

    def leaf(self, value: Any, kind: Leaf) -> Any:
        try:
            return self.as_shape(value, kind.shape)
        except Mismatch as error:
            raise Mismatch(f"no {kind.text}: {error.message}", expected=kind.text, actual=error.actual) from None

    def as_shape(self, value: Any, shape: Shape) -> Any:
        """What a known attribute of this shape would be written as."""
        match shape:
            case Int(bits=bits, signed=signed):
                return _number(value, bits if isinstance(bits, int) else 64, signed)
            case Bool():
                byte = _number(int(value) if type(value) is bool else value, 8)
                return byte if byte > 1 else byte == 1
            case Float():
                return number(self.form.float_bits(value))
            case Timer():
                return None if (expiry := _number(value, 64)) == NOT_PENDING else expiry
            case Descriptor():
                return _number(value, 64, signed=True)
            case Blob(size=int(size)):
                return _sized(self.form.octets(value), size)
            case Bits(count=int(count)):
                return _sized(self.form.octets(value), words(count) // 8)
            case Bits():
                return _sized(data := self.form.octets(value), words(len(data) * 8) // 8)
            case _:
                return self.form.octets(value)

    def record(self, value: Any, kind: Inside) -> Tree:
        taken, names = Tree(), set[str]()
        for key, one in _a(dict, value, kind).items():
            name, spelled, _ = parted(_name(key))
            if name in names:
                raise Mismatch(f"{name} is there twice")
            names.add(name)
            taken[key] = self.take(name, one, OWN.get(key) or (PLAIN if kind is ITEM and not spelled else spelled))
        return taken

    def paths(self, value: Any, kind: Paths) -> Tree:
        return {_name(path): self.take(path, one, PLAIN) for path, one in _a(dict, value, kind).items()}

    def items(self, value: Any, kind: Items) -> list[Any]:
        return list(map(self.take, count(), _a(list, value, kind), repeat(kind.of)))

    def entries(self, value: Any, kind: Entries) -> list[Any]:
        taken: list[Any] = []
        for step, entry in enumerate(_a(list, value, kind)):
            self.trail.append(step)
            if type(entry) is not dict or cast(Tree, entry).keys() != set(ENTRY):
                raise Mismatch(expected="a key and a value", actual=said(cast(object, entry)))
            taken.append({part: self.take(part, entry[part], of)
                          for part, of in zip(ENTRY, (kind.key, kind.value), strict=True)})
            self.trail.pop()
        return taken

    def plain(self, value: Any, kind: Plain) -> Any:
        if type(value) is list:
            return list(map(self.take, count(), _a(list, value, kind), repeat(kind)))
        if type(value) not in (str, bool) and not (
                type(value) is int and (fits(value, 64, True) or fits(value, 64, False))):
            raise Mismatch(expected=kind.text, actual=said(value))
        return value


TAKEN: dict[type[Kind], Callable[[Values, Any, Any], Any]] = {
    Leaf: Values.leaf, Inside: Values.record, Items: Values.items, Entries: Values.entries, Plain: Values.plain,
    Paths: Values.paths,
}


def _a(of: type, value: Any, kind: Kind) -> Any:
    """The value, of this type of Python's."""
    if type(value) is not of:
        raise Mismatch(expected=kind.text, actual=said(value))
    return value


def _name(key: Any) -> str:
    """A name that all formats can say: most have UTF-8 alone."""
    if not isinstance(key, str):
        raise Mismatch(expected="a name", actual=said(key))
    try:
        key.encode()
    except UnicodeEncodeError:
        raise Mismatch(f"{key[:40]!r} is no Unicode text") from None
    return key


def _number(value: Any, bits: int, signed: bool = False) -> int:
    if type(value) is not int or not fits(value, bits, signed):
        raise Mismatch(expected=f"{'int' if signed else 'uint'}{bits}", actual=said(value))
    return value


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise Mismatch(expected=f"{size} bytes", actual=said(data))
    return data
