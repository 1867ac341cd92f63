"""A stream's JSON trailer ("vmdesc") as Records, so that a device nobody declared is decoded by name as well.

What QEMU writes there (migration/vmstate.c, vmstate_save_state_v and put_* of vmstate-types.c; 5.2 to 11.1): for each
field its name, type and the size of one element, `array_len` or `index`, and inside `struct` the record. It describes
bytes, not types: what counts what, gates and predicates are not in it. Its quirks: a field list is no mapping (names
repeat), and infos that nest a record (`tmp`, `qtailq`, `vstruct`) put it into the field itself, once per element, so
that JSON keys repeat too. Objects are therefore lists of pairs here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, cast

from ..errors import DecodeError
from ..kept import Bag
from ..nodes import Node, node
from ..shape import (
    Array,
    Bits,
    Blob,
    Bool,
    Constant,
    Float,
    Int,
    Member,
    Nested,
    Nullable,
    Padding,
    Range,
    Record,
    Shape,
    Subsection,
    Timer,
    Traits,
)
from ..values import Float64
from . import slots
from .bags import Maker, always, keys


class Object(list[tuple[str, Any]]):
    """A JSON object as its pairs, in order; keys may repeat."""


MOST_FIELDS, MANY = 1_000_000, 65536
MOST_DEEP = 48
NULL = 0x30
MOST_BYTES = 1 << 28

DECODER = json.JSONDecoder(object_pairs_hook=Object)
BLANKS = " ", "\t", "\n", "\r"
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]')
"""And texts, in which brackets mean nothing."""
MARKER = "ptr-marker"
PLAIN, BY_HAND = Traits(), Traits(by_hand=True)

LEAVES: dict[str, Shape] = {
    "bool": Bool(), "timer": Timer(), "CPU_Double_U": Float(), "float64": Float(),
    "int8": Int(8, signed=True), "int16": Int(16, signed=True), "int32": Int(32, signed=True),
    "int64": Int(64, signed=True), "uint8": Int(8), "uint16": Int(16), "uint32": Int(32), "uint64": Int(64),
    "uint8 equal": Int(8), "uint16 equal": Int(16), "uint32 equal": Int(32), "int32 equal": Int(32, signed=True),
    "int64 equal": Int(64), "int32 le": Int(32, signed=True), MARKER: Range(Int(8), 0x30, 0x31),
}
"""Types of fixed width. `int64 equal` is what QEMU calls the *unsigned* one."""

RESETS: dict[type, Callable[[], Any]] = {
    Bool: bool, Timer: lambda: None, Float: Float64, Int: int, Range: lambda: 0x30,
}


class Described:
    """One section of a trailer: the name and instance that its header bears, and its record (made when asked for).

    It keeps its place in the text, not what that says, which would take thirty times as much memory.
    """

    def __init__(self, text: str, begin: int, said: Object, most: int = MOST_BYTES) -> None:
        self._text, self._begin, self._most = text, begin, most
        plain = dict(said)
        name, instance = plain.get("name"), plain.get("instance_id")
        if not isinstance(name, str) or not isinstance(instance, int):
            raise DecodeError("a device of the description has no name or no instance_id")
        self.name, self.instance_id = name, instance

    @property
    def pairs(self) -> Object:
        """What is said of it."""
        return _object(DECODER.raw_decode(self._text, self._begin)[0])

    @cached_property
    def record(self) -> Record[Bag]:
        """What its body consists of. Raises DecodeError where the description makes no sense."""
        try:
            return Describer(self._most).record(self.pairs, self.name)
        except RecursionError:
            raise DecodeError("the description is nested too deep") from None

    def forget(self) -> None:
        """Lets go of the record, until it is asked for again."""
        self.__dict__.pop("record", None)


SPACED = b"{ "
"""What a trailer of up to 5.2 begins with: blanks inside braces."""


@node
class Description(Node):
    """A whole trailer. `spaced`: with blanks inside braces."""

    page_size: int | None
    devices: tuple[Described, ...]
    configuration: bool
    spaced: bool
    text: str

    @property
    def pairs(self) -> Object:
        """All that it says."""
        return _object(DECODER.decode(self.text))


def parse(text: bytes, most: int = MOST_BYTES) -> Description:
    """The trailer's JSON text (without its header of 5 bytes). Raises DecodeError where it is none.

    `most` is the size of the whole stream: a device that describes more than twice as much is refused.
    """
    try:
        top = dict(_top(read := text.decode("utf-8", "surrogatepass"), most))
    except (ValueError, IndexError, RecursionError) as error:
        raise DecodeError(f"the description is no JSON: {error}") from None
    page_size = top.get("page_size")
    return Description(page_size if isinstance(page_size, int) else None, tuple(_list(top.get("devices", []))),
                       "configuration" in top, text.startswith(SPACED), read)


def _top(text: str, most: int) -> Iterator[tuple[str, Any]]:
    """The keys of the whole, and their values; of `devices` one `Described` for each."""
    at = _behind(text, 0, "{")
    while text[at] != "}":
        key, at = DECODER.raw_decode(text, at)
        at = _behind(text, at, ":")
        if key == "devices" and text[at] == "[":
            devices, at = _devices(text, at, most)
            yield key, devices
        elif text[at] in "[{":
            yield _text(key), None
            at = _skipped(text, at)
        else:
            value, at = DECODER.raw_decode(text, at)
            yield _text(key), value
        at = _behind(text, at, ",") if text[_blank(text, at)] == "," else _blank(text, at)
    if _blank(text, at + 1) != len(text):
        raise ValueError(f"more follows at {at + 1}")


def _devices(text: str, at: int, most: int) -> tuple[list[Described], int]:
    found: list[Described] = []
    at = _behind(text, at, "[")
    while text[at] != "]":
        said, end = DECODER.raw_decode(text, at)
        found.append(Described(text, at, _object(said), most))
        at = _blank(text, end)
        at = _behind(text, at, ",") if text[at] == "," else at
    return found, at + 1


def _skipped(text: str, at: int) -> int:
    """Where a list or object ends that nobody wants to know. Raises ValueError where it does not."""
    deep = 0
    for found in BRACKETS.finditer(text, at):
        deep += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if not deep:
            return found.end()
    raise ValueError(f"what begins at {at} does not end")


def _blank(text: str, at: int) -> int:
    """Where the next thing stands."""
    while text[at:at + 1] in BLANKS:
        at += 1
    return at


def _behind(text: str, at: int, mark: str) -> int:
    """Where what follows a mark stands. Raises ValueError where the mark does not."""
    at = _blank(text, at)
    if text[at:at + 1] != mark:
        raise ValueError(f"expected {mark!r} at {at}")
    return _blank(text, at + 1)


class Describer:
    """Makes the records of one device. `used` are the keys that a bag has already: subsections share their parent's."""

    def __init__(self, most: int) -> None:
        self.fields, self.depth, self.left, self.slots = 0, 0, 2 * most + MANY, False
        self.times = 1

    def record(self, pairs: Object, otherwise: str = "", used: dict[str, int] | None = None) -> Record[Bag]:
        """A record over a bag. With `used` it is a subsection's, over the same bag."""
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise DecodeError(f"the description is nested more than {MOST_DEEP} deep")
        plain = dict(pairs)
        taken = dict[str, int]() if used is None else used
        name, version = _text(plain.get("vmsd_name", otherwise)), plain.get("version", 0)
        members, resets = list[Member](), dict[str, Callable[[], Any]]()
        listed = list(_keyed(_list(plain.get("fields", [])), taken))
        for i, (key, field, count) in enumerate(listed):
            told = dict(field)
            shape, resets[key] = self.shape(field, count)
            if count is not None and told.get("struct") == [] and not self.slots:
                size, slot = slots.sized(key, count, sum(_extent(one, n) for _, one, n in listed[i + 1:]))
                self.slots, shape, resets[size.key] = True, Array(slot, count, bytearray), int
                members.append(size)
            members.append(Member(key, key, shape, _text(told.get("name", "")), type=_text(told.get("type", "")),
                                  listed=_listed(told, shape)))
        inner = [self.record(_object(one), used=taken) for one in _list(plain.get("subsections", []))]
        self.depth -= 1
        below = [cast(Any, one.make).resets for one in inner]
        number = _number(version)
        return Record(name, Bag, Maker({**resets, **{key: made for one in below for key, made in one.items()}}),
                      number, number, tuple(members), tuple(Subsection(one) for one in inner),
                      traits=PLAIN if "vmsd_name" in plain else BY_HAND)

    def shape(self, pairs: Object, count: int | None) -> tuple[Shape, Callable[[], Any]]:
        """What a field says of its bytes, and the reset value. `count` elements, or a single one."""
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise DecodeError(f"the description has more than {MOST_FIELDS} fields")
        plain = dict(pairs)
        if count is None:
            return self.element(pairs, plain)
        self.spend(count)
        times, self.times = self.times, self.times * count
        one, reset = self.element(pairs, plain)
        self.times = times
        return Array(one, count, reset), lambda: [reset() for _ in range(count)]

    def spend(self, size: int) -> None:
        """Counts what a reset state would take, once for each element that has it: no more than the stream can have."""
        self.left -= size * self.times
        if self.left < 0:
            raise DecodeError("the description has more bytes than the stream")

    def element(self, pairs: Object, plain: dict[str, Any]) -> tuple[Shape, Callable[[], Any]]:
        kind, size = _text(plain.get("type", "")), _number(plain.get("size", 0))
        self.spend(0 if "struct" in plain else size)
        if "struct" in plain:
            inner = _object(plain["struct"])
            if not inner and size == 1:  # QEMU up to 9.x: a null pointer keeps its field's type
                return _null()
            return _nested(self.record(inner))
        if kind == "nullptr":
            return _null()
        if (shape := LEAVES.get(kind)) is not None:
            return shape, RESETS[type(shape)]
        if kind == "unused_buffer":
            return Padding(size), lambda: None
        if kind == "bitmap" and size % 8 == 0:
            return Bits(size * 8), int
        return self.inline(kind, size, pairs)

    def inline(self, kind: str, size: int, pairs: Object) -> tuple[Shape, Callable[[], Any]]:
        """Records in the field itself: one of a temporary or VSTRUCT, several behind markers of a list."""
        found = [self.record(one) for one in _inline_records(pairs)]
        if len(found) == 1 and kind in ("tmp", "vstruct"):
            return _nested(found[0])
        if kind in ("qtailq", "qlist") and found:
            return _nested(_linked(kind, found))
        return Blob(size), lambda: bytearray(size)


def _null() -> tuple[Shape, Callable[[], Any]]:
    return Nullable(Constant(Int(8), NULL), lambda: None), lambda: None


def _nested(record: Record[Bag]) -> tuple[Shape, Callable[[], Any]]:
    return Nested(always(record)), record.make


def _linked(kind: str, found: list[Record[Bag]]) -> Record[Bag]:
    """A list of elements that need not be alike: a marker before each, 0 at the end."""
    members, resets = list[Member](), dict[str, Callable[[], Any]]()
    for i, record in enumerate(found):
        members.append(Member(f"marker[{i}]", None, Constant(Int(8), 1), "marker"))
        members.append(Member(f"[{i}]", f"[{i}]", Nested(always(record)), kind))
        resets[f"[{i}]"] = record.make
    members.append(Member("end", None, Constant(Int(8), 0), "end"))
    return Record(kind, Bag, Maker(resets), 0, 0, tuple(members))


def _inline_records(pairs: Object) -> Iterator[Object]:
    """Each run of vmsd_name, version, fields, subsections among a field's own keys."""
    run = Object()
    for key, value in pairs:
        if key == "vmsd_name" and run:
            yield run
            run = Object()
        if key in ("vmsd_name", "version", "fields", "subsections"):
            run.append((key, value))
    if run:
        yield run


def _keyed(fields: list[Any], used: dict[str, int]) -> Iterator[tuple[str, Object, int | None]]:
    """Each field with a key of its own: elements that QEMU lists one by one under one name are numbered."""
    listed = [_object(one) for one in fields]
    names = [_text(dict(one).get("name", "")) for one in listed]
    yield from zip(keys(names, used), listed, _counts(listed, names), strict=True)


def _counts(fields: list[Object], names: list[str]) -> list[int | None]:
    """How many elements each field stands for; None: one.

    An array of pointers is described in runs of null and of other ones. QEMU 10 gives the first run the length of the
    whole array if it is not null, and any length to nulls that stand one by one.
    """
    plain = [dict(one) for one in fields]
    counts = [_number(one["array_len"]) if "array_len" in one and "index" not in one and one.get("type") != MARKER
              else None for one in plain]
    nulls = [one.get("type") == "nullptr" for one in plain]
    runs = dict[str, list[int]]()
    for i, name in enumerate(names):
        runs.setdefault(name, []).append(i)
        if i and name == names[i - 1] and nulls[i] and nulls[i - 1]:
            counts[i - 1] = counts[i] = None
    for first, *later in runs.values():
        if later and (claimed := counts[first]) is not None and not nulls[first]:
            counts[first] = max(0, claimed - sum(1 if (n := counts[j]) is None else n for j in later))
    return counts


def _extent(field: Object, count: int | None) -> int:
    """Bytes of a field, as far as its description tells."""
    size = _number(dict(field).get("size", 0))
    return size if count is None else size * count


def _listed(told: dict[str, Any], shape: Shape) -> tuple[str, int] | None:
    """The number by which a field is listed, where its shape does not say it."""
    if isinstance(shape, Array) and 1 < told["array_len"] == shape.count and told.get("struct") != []:
        return None
    return next(((key, _number(told[key])) for key in ("index", "array_len") if key in told), None)


def _object(value: Any) -> Object:
    if isinstance(value, Object):
        return value
    raise DecodeError("the description has something else where an object belongs")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or isinstance(value, Object):
        raise DecodeError("the description has something else where a list belongs")
    return cast(Any, value)  # type: ignore[no-any-return]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise DecodeError("the description has something else where a name belongs")
    try:
        value.encode()
    except UnicodeEncodeError:  # JSON can hold half of a character
        raise DecodeError(f"the description has a name that no encoding has: {value!r}") from None
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise DecodeError("the description has something else where a number belongs")
    return value
