"""QEMU's own description (`-dump-vmstate FILE`) as Records: what each device type would send, and read.

What is printed (migration/savevm.c, dump_vmstate_vmsd and dump_vmstate_vmsf; 5.2 to 11.1): of each device type that
has a description, its versions, fields and subsections. A field has its name, the version that it came with, whether a
predicate decides about it, and the size of one element in memory: that is the size on the wire of all that is no
record, but 0 where only a running device knows it, and 48 of a timer. Since 8.0 arrays of a fixed length have `num`;
other lengths are never told, nor types, nor when a subsection is needed, nor which predicate it is.

A type without `Fields` refuses to be sent (its description says `unmigratable`, and no more). Deeper inside that is a
stub: what this binary never sends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, cast

from ..compat.sides import Part, Side
from ..errors import DecodeError
from ..kept import Bag
from ..nodes import Node, node
from ..shape import Array, Asked, Blob, Int, Member, Nested, Opaque, Padding, Record, Shape, Subsection, Timer, Traits
from . import extras
from .bags import Maker, Raw, always, assumed, keys, resetting
from .objects import Said, of_section, parsed

MACHINE, UNUSED = "vmschkmachine", "unused"
MOST_DEEP, MOST_FIELDS = 48, 200_000
MOST_MADE = 1 << 24
"""Bytes that a reset instance may have, and as many elements."""

PRINTED = frozenset({"conditions", "minimum", "subsections"})
"""What every dump tells."""


def parse(text: bytes, name: str) -> Side:
    """All sections of a dump. Raises DecodeError where it is none; records are made, and judged, when asked for."""
    top = parsed(text, "the dump")
    if MACHINE not in top and not any("Description" in top.inner(key) for key in top):
        raise DecodeError("the dump describes nothing", hint="`qemu-system-… -M TYPE -dump-vmstate FILE` writes one")
    met = occurring(top)
    parts = tuple(part(key, top.inner(key), "allow" in met) for key in top if key != MACHINE)
    return Side(name, parts, top.inner(MACHINE).text("Name", ""), known(met))


def part(key: str, said: Said, allows: bool) -> Part:
    """One device type."""
    try:
        inner = said.inner("Description")
        there = "Fields" in inner or "Subsections" in inner
        refuses = any(extras.said_of(one, "unmigratable") for one in (said, inner))
        instance = extras.said_of(said, "instance")
        return Part(
            key, None, said.number("version_id", 0), said.number("minimum_version_id", 0), extras.digests(said, inner),
            instance if type(instance) is int else None, name=inner.text("name", key),
            said={**said.values, "Name": None}, allows=allows,
            make=partial(described, key, said) if there and not refuses else None)
    except DecodeError as error:
        raise of_section(error, key) from None


def described(key: str, said: Said) -> Record[Bag]:
    """The record of a device type."""
    try:
        inner = said.inner("Description")
        return Describer().record(inner).but(traits=extras.traits(said, inner))
    except DecodeError as error:
        raise of_section(error, key) from None


# -- what a dump knows

def known(met: Collection[str]) -> frozenset[str]:
    """The facts that it tells: by the keys that occur."""
    return PRINTED.union(fact for fact, keys in TELLING.items() if not keys.isdisjoint(met))


def occurring(top: Said) -> set[str]:
    """All keys in what is said of devices."""
    met, left = set[str](), list[Any](top.values.values())
    while left:
        one = left.pop()
        if isinstance(one, dict):
            met.update(said := cast("dict[str, Any]", one))
            left += [value for value in said.values() if isinstance(value, dict | list)]
        elif isinstance(one, list):
            left += cast("list[Any]", one)  # type: ignore[redundant-cast]
    return met


TELLING = {
    "counts": extras.ALL | {"num"}, "types": {"type"}, "needed": {"needed"}, "meanings": extras.ALL,
    "hooks": {"hooks", *extras.HOOKS},
}
"""The keys that tell each fact. What has a key that no QEMU prints, somebody wrote who says what he knows."""


# -- records

@node
class Field(Node):
    """A field, with its key in the record and its attribute in the bag."""

    said: Said
    key: str
    attribute: str


class Describer:
    """Makes the records of one device type."""

    def __init__(self) -> None:
        self.fields, self.depth, self.made, self.times = 0, 0, 0, 1

    def record(self, said: Said, used: dict[str, int] | None = None) -> Record[Bag]:
        """A record over a bag. With `used`, its attributes, it is a subsection's over the same bag."""
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise DecodeError(f"the dump is nested more than {MOST_DEEP} deep")
        taken = dict[str, int]() if used is None else used
        members, resets = list[Member](), dict[str, Callable[[], Any]]()
        for one in fields_of(said, taken):
            member = self.member(one)
            members.append(member)
            resets[one.attribute] = resetting(member.shape)
        subs = tuple(self.subsection(Said(one), taken) for one in said.listed("Subsections"))
        self.depth -= 1
        for sub in subs:
            resets |= cast(Maker, sub.record.make).resets
        version = said.number("version_id", 0)
        return Record(said.text("name"), Bag, Maker(resets), version, said.number("minimum_version_id", 0),
                      tuple(members), subs, traits=PLAIN if used is None else extras.traits(said))

    def subsection(self, said: Said, used: dict[str, int]) -> Subsection:
        record = self.record(said, used)
        return Subsection(record, extras.needed(said, record.name), extras.skippable(said))

    def member(self, field: Field) -> Member:
        """A field as a member; errors say where."""
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise DecodeError(f"the dump has more than {MOST_FIELDS} fields")
        said, attribute = field.said, field.attribute
        try:
            shape, since = self.shape(said), said.number("version_id", 0)
            if plain(said):
                when, more = exists(said, attribute), {}
            else:
                when, more = extras.gate(said, attribute), extras.options(said)
            return Member(field.key, None if isinstance(shape, Padding) else attribute, shape, field.key, since, when,
                          **more)
        except DecodeError as error:
            raise error.under(field.key) from None

    def shape(self, said: Said) -> Shape:
        """What a field says of its bytes."""
        count = said.number("num") if plain(said) and "num" in said else extras.counted(said)
        if count is None:
            return self.element(said)
        times, self.times = self.times, self.times * (count if isinstance(count, int) else 0)
        of = self.element(said)
        self.spend(1)
        self.times = times
        if isinstance(of, Padding) and isinstance(count, int) and isinstance(of.size, int):
            return Padding(of.size * count)
        return Array(of, count, resetting(of))

    def element(self, said: Said) -> Shape:
        """One element."""
        if "Description" in said:
            return Nested(always(self.record(said.inner("Description"))))
        size = said.number("size")
        if said.text("field") == UNUSED:
            return Padding(size)
        shape = untyped(size) if plain(said) else extras.checked(said, extras.typed(said, size, untyped(size)))
        self.spend(size if isinstance(shape, Blob | Opaque) else 1)
        return shape

    def spend(self, size: int) -> None:
        """Counts what a reset instance would take."""
        self.made += size * self.times
        if self.made > MOST_MADE:
            raise DecodeError(f"the dump has a device of more than {MOST_MADE} bytes",
                              hint="`size` and `num` are those of one field")


PLAIN = Traits()


def fields_of(said: Said, used: dict[str, int]) -> Iterator[Field]:
    """Fields; of several with one name each is numbered, as QEMU does it in a stream's description."""
    fields = [Said(one) for one in said.listed("Fields")]
    names = [one.text("field") for one in fields]
    for one, key, attribute in zip(fields, keys(names, {}), keys(names, used), strict=True):
        yield Field(one, key, attribute)


def plain(said: Said) -> bool:
    """Whether a field has no more than QEMU prints."""
    return said.values.keys() <= FIELD


FIELD = {"field", "version_id", "field_exists", "num", "size", "Description"}


def exists(said: Said, place: str) -> Asked | None:
    """The predicate of a field; QEMU does not print which it is."""
    told: object = said.values.get("field_exists")
    name = extras.PREDICATE if told is True else told
    return assumed(name, place) if isinstance(name, str) and name else None


def untyped(size: int) -> Shape:
    """What a size alone tells."""
    return SIZES.get(size) or Blob(size)


SIZES: dict[int, Shape] = {
    0: Opaque(0, Raw("?")), 1: Int(8), 2: Int(16), 4: Int(32), 8: Int(64), 48: Timer(),
}
"""A QEMUTimer has 48 bytes wherever a pointer has 8, and in 5.2 to 11.1 nothing else has; on the wire it has 8."""
