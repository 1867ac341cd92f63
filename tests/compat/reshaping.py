"""Another shape for one member: another size, sign, order, type, count."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from attrs import field, frozen

from tests.compat.loose import NUMBERS, attribute
from tests.compat.sites import Path, inside, put
from vmstate import Float64, Record
from vmstate.shape import (
    ABSENT,
    Array,
    Asked,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Equal,
    Float,
    Int,
    Member,
    Nullable,
    Padding,
    Range,
    Same,
    Setting,
    Shape,
    Temporary,
    Timer,
    Validated,
)

Names = dict[Path, Path]
"""Where a member of the new record was in the old one."""


@frozen
class Change:
    """What was done to a record: what it is now, and which members are called otherwise."""

    what: str
    new: Record[Any]
    names: Names = field(factory=dict)


Planting = Callable[[Record[Any], Random], Change | None]


def pick_member(record: Record[Any], pick: Random, want: Callable[[Member], bool]) -> tuple[int, Member] | None:
    found = [(i, one) for i, one in enumerate(record.members) if want(one)]
    return pick.choice(found) if found else None


def used(record: Record[Any]) -> set[str | None]:
    """Attributes that tell a count or size of another member; where a method does, all may."""
    told = {fact for one in record.members for fact in facts(one.shape)}
    return {one.attribute for one in record.members} if "" in told else {*told}


def facts(shape: Shape) -> Iterator[str]:
    """The names of what tells counts and sizes; of methods, none."""
    for role in ("count", "size", "bits"):
        if isinstance(fact := getattr(shape, role, None), str | Asked):
            yield fact if isinstance(fact, str) else ""
    for step in ("of", "key", "value"):
        if isinstance(getattr(shape, step, None), Shape):
            yield from facts(getattr(shape, step))


def plain(member: Member) -> bool:
    """Whether it has bytes and is described once."""
    return not isinstance(member.shape, Setting | Validated | Temporary | Same) and not member.twice


def settled(shape: Shape) -> bool:
    """Whether settings are inside, of which documents know by the names of what is around them."""
    return isinstance(shape, Setting) or any(
        settled(one.shape) for _, record, _ in inside(shape) for one in record.members)


def on_the_wire(member: Member) -> bool:
    return not isinstance(member.shape, Setting | Validated)


SIMPLE: tuple[tuple[Shape, Callable[[Any], Any]], ...] = (
    (Int(8), lambda _: 0), (Int(16), lambda _: 0), (Int(32), lambda _: 0), (Int(64), lambda _: 0),
    (Int(32, signed=True), lambda _: 0), (Bool(), lambda _: False), (Blob(3), lambda _: bytearray(3)),
    (Timer(), lambda _: None), (Float(), lambda _: Float64()), (Bits(65), lambda _: 0),
    (Array(Int(8), 4, int), lambda _: [0] * 4), (Array(Int(16), 2, int), lambda _: [0] * 2),
)


def fresh(pick: Random, key: str = "", **how: Any) -> Member:
    """A new member."""
    shape, reset = pick.choice(SIMPLE)
    key = key or f"fresh_{next(NUMBERS)}"
    return Member(key, attribute(reset), shape, key, **how)


def reshape(record: Record[Any], pick: Random, what: str, kinds: type | tuple[type, ...],
            how: Callable[[Any], Shape | None]) -> Change | None:
    """Another shape for one member."""
    def want(one: Member) -> bool:
        return plain(one) and isinstance(one.shape, kinds) and how(one.shape) is not None
    if (found := pick_member(record, pick, want)) is None:
        return None
    i, member = found
    new = how(member.shape)
    return Change(f"{what} {member.key}: {member.shape!r} -> {new!r}",
                  record.but(members=put(record.members, i, member.but(shape=new))))


def resize(record: Record[Any], pick: Random) -> Change | None:
    bits = pick.choice((8, 16, 32, 64))
    return reshape(record, pick, "resize", Int, lambda shape: shape.but(bits=bits) if shape.bits in (8, 16, 32, 64)
                   and shape.bits != bits else None)


def resize_bytes(record: Record[Any], pick: Random) -> Change | None:
    by = pick.choice((-1, 1, 4))
    return reshape(record, pick, "resize", (Blob, Padding), lambda shape: shape.but(size=shape.size + by)
                   if isinstance(shape.size, int) and shape.size + by > 0 and not getattr(shape, "prefix", 0) else None)


def reprefix(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "prefix", Blob, lambda shape: shape.but(prefix=32 if shape.prefix == 8 else 8)
                   if shape.prefix else None)


def rebits(record: Record[Any], pick: Random) -> Change | None:
    by = pick.choice((-1, 1, 64))
    return reshape(record, pick, "bitmap", Bits, lambda shape: shape.but(count=shape.count + by)
                   if isinstance(shape.count, int) and shape.count + by > 0 else None)


def sign(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "sign", Int, lambda shape: shape.but(signed=not shape.signed))


def order(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "order", Int,
                   lambda shape: shape.but(order="big" if shape.order == "little" else "little"))


def recount(record: Record[Any], pick: Random) -> Change | None:
    by = pick.choice((-1, 1, 2))
    return reshape(record, pick, "count", Array, lambda shape: shape.but(count=shape.count + by)
                   if isinstance(shape.count, int) and shape.count + by > 0 and not shape.start else None)


def facted(record: Record[Any], pick: Random) -> Change | None:
    """A count that the instance tells, which was a number."""
    def how(shape: Array) -> Shape | None:
        if not isinstance(n := shape.count, int) or shape.start:
            return None

        def how_many(_: Any) -> int:
            return n
        return shape.but(count=Asked(how_many, takes_around=False))
    return reshape(record, pick, "count by a method", Array, how)


def marked(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "marked", Nullable, lambda shape: shape.but(marked=not shape.marked))


def marker(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "marker", Chain, lambda shape: shape.but(marker=shape.marker + 1) if shape.marker
                   else None)


def ranged(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "range", Int, lambda shape: Range(shape, 0, pick.choice((1, 100))))


def constant(record: Record[Any], pick: Random) -> Change | None:
    return reshape(record, pick, "constant", Constant, lambda shape: shape.but(value=shape.value ^ 1))


def element(record: Record[Any], pick: Random) -> Change | None:
    """The elements of an array are otherwise."""
    how = pick.choice((
        lambda one: one.but(bits=64 if one.bits == 32 else 32), lambda one: one.but(signed=not one.signed),
        lambda one: one.but(order="big" if one.order == "little" else "little")))
    return reshape(record, pick, "element", Array, lambda shape: shape.but(of=how(shape.of))
                   if isinstance(shape.of, Int) else None)


TYPES: dict[Any, tuple[tuple[Shape, Callable[[Any], Any]], ...]] = {
    1: ((Int(8), lambda _: 0), (Int(8, signed=True), lambda _: 0), (Bool(), lambda _: False),
        (Blob(1), lambda _: bytearray(1)), (Array(Int(8), 1, int), lambda _: [0])),
    2: ((Int(16), lambda _: 0), (Blob(2), lambda _: bytearray(2)), (Array(Int(8), 2, int), lambda _: [0] * 2),
        (Array(Int(16), 1, int), lambda _: [0])),
    4: ((Int(32), lambda _: 0), (Blob(4), lambda _: bytearray(4)), (Array(Int(8), 4, int), lambda _: [0] * 4),
        (Array(Int(16), 2, int), lambda _: [0] * 2)),
    8: ((Int(64), lambda _: 0), (Float(), lambda _: Float64()), (Timer(), lambda _: None), (Bits(64), lambda _: 0),
        (Blob(8), lambda _: bytearray(8)), (Array(Int(32), 2, int), lambda _: [0] * 2)),
}


def size(shape: Shape) -> int | None:
    """Bytes of a simple shape."""
    match shape:
        case Range(of=of) | Equal(of=of) | AtMost(of=of):
            return size(of)
        case Int(bits=int() as bits):
            return bits // 8
        case Bool():
            return 1
        case Float() | Timer():
            return 8
        case Blob(size=int() as n, prefix=0) | Padding(size=int() as n):
            return n
        case Bits(count=int() as n):
            return -(-n // 64) * 8
        case Array(of=of, count=int() as n, start=0) if (each := size(of)) is not None:
            return n * each
        case _:
            return None


def simple(record: Record[Any], pick: Random) -> tuple[int, Member] | None:
    """A member of known size."""
    told = used(record)
    return pick_member(record, pick, lambda one: plain(one) and size(one.shape) is not None and (
        one.attribute is not None and one.attribute not in told))


def retype(record: Record[Any], pick: Random) -> Change | None:
    """Another type of the same size."""
    if (found := simple(record, pick)) is None:
        return None
    i, member = found
    others = [one for one in TYPES.get(size(member.shape), ()) if one[0] != member.shape]
    if not others:
        return None
    shape, reset = pick.choice(others)
    new = member.but(shape=shape, attribute=attribute(reset), default=ABSENT)
    return Change(f"retype {member.key}: {member.shape!r} -> {shape!r}",
                  record.but(members=put(record.members, i, new)))


RESHAPINGS: tuple[Planting, ...] = (
    resize, resize, resize_bytes, reprefix, rebits, sign, order, recount, facted, marked, marker, ranged, constant,
    element, retype, retype,
)
