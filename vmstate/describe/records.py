"""A section's description out of a trailer, as a Record: the same one for the same text, within a process.

What generated code there is for a record then serves all streams whose trailers say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from .vmdesc import DECODER, Object, as_list, as_number, as_object, as_text

MOST_FIELDS, MANY = 1_000_000, 65536
MOST_DEEP = 48
MOST_KEPT = 10_000
"""Fields of all records that are kept for the next stream: those of about five machines, in 10 MB."""
NULL = 0x30
LENGTH = 4
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


@node
class Made(Node):
    """A record that was made; `fields` that it has, and one more; bytes that its reset state has `spent`."""

    record: Record[Bag]
    fields: int
    spent: int


class Memory:
    """The records that were asked for last, by their texts."""

    def __init__(self) -> None:
        self.made: dict[str, Made] = {}
        self.held = 0

    def put(self, text: str, made: Made) -> None:
        """As the last one; those that were asked for longest ago may have to go."""
        self.made[text] = made
        self.held += made.fields
        while self.held > MOST_KEPT:
            self.held -= self.made.pop(next(iter(self.made))).fields

    def take(self, text: str) -> Made | None:
        """What there is, which is to be put back."""
        made = self.made.pop(text, None)
        self.held -= 0 if made is None else made.fields
        return made


MEMORY = Memory()


def described(text: str, name: str, most: int) -> Record[Bag]:
    """What the body of a device of this name consists of, in a stream of so many bytes.

    Raises DecodeError where the description makes no sense, or has more than twice as many bytes as the stream.
    """
    made = MEMORY.take(text)
    if made is None:
        describer = Describer(most)
        record = describer.record(as_object(DECODER.decode(text)), name)
        made = Made(record, describer.fields + 1, 2 * most + MANY - describer.left)
    MEMORY.put(text, made)
    if made.spent > 2 * most + MANY:
        raise DecodeError("the description has more bytes than the stream")
    return made.record


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
        name, version = as_text(plain.get("vmsd_name", otherwise)), plain.get("version", 0)
        members, resets = list[Member](), dict[str, Callable[[], Any]]()
        listed = list(_keyed(as_list(plain.get("fields", [])), taken))
        for i, (key, field, count) in enumerate(listed):
            told = dict(field)
            shape, resets[key] = self.shape(field, count)
            if count is not None and told.get("struct") == [] and not self.slots:
                size, slot = slots.sized(key, count, sum(_extent(one, n) for _, one, n in listed[i + 1:]))
                self.slots, shape, resets[size.key] = True, Array(slot, count, bytearray), int
                members.append(size)
            members.append(Member(key, key, shape, as_text(told.get("name", "")), type=as_text(told.get("type", "")),
                                  listed=_listed(told, shape)))
        inner = [self.record(as_object(one), used=taken) for one in as_list(plain.get("subsections", []))]
        self.depth -= 1
        below = [cast(Any, one.make).resets for one in inner]
        number = as_number(version)
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
        kind, size = as_text(plain.get("type", "")), as_number(plain.get("size", 0))
        self.spend(0 if "struct" in plain else size)
        if "struct" in plain:
            inner = as_object(plain["struct"])
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
        if kind == "GByteArray" and size >= LENGTH:  # QEMU 11: its length stands in front
            return Blob(0, LENGTH * 8), bytearray
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
    listed = [as_object(one) for one in fields]
    names = [as_text(dict(one).get("name", "")) for one in listed]
    yield from zip(keys(names, used), listed, _counts(listed, names), strict=True)


def _counts(fields: list[Object], names: list[str]) -> list[int | None]:
    """How many elements each field stands for; None: one.

    An array of pointers is described in runs of null and of other ones. QEMU 10 gives the first run the length of the
    whole array if it is not null, and any length to nulls that stand one by one.
    """
    plain = [dict(one) for one in fields]
    counts = [as_number(one["array_len"]) if "array_len" in one and "index" not in one and one.get("type") != MARKER
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
    size = as_number(dict(field).get("size", 0))
    return size if count is None else size * count


def _listed(told: dict[str, Any], shape: Shape) -> tuple[str, int] | None:
    """The number by which a field is listed, where its shape does not say it."""
    if isinstance(shape, Array) and 1 < told["array_len"] == shape.count and told.get("struct") != []:
        return None
    return next(((key, as_number(told[key])) for key in ("index", "array_len") if key in told), None)
