"""Declarations, changed as an author may change them: one record before, one after, and what is called otherwise now.

Both are made of one declared record. Its states are loose: a member that is planted finds its attribute. Its predicates
are facts that a test sets, the same on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import count, takewhile
from random import Random
from typing import Any

from attrs import field, frozen

from vmstate import Float64, Record, record_of
from vmstate.kept import Bag
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
    Mapping,
    Member,
    Nested,
    Nullable,
    Padding,
    Range,
    Same,
    Setting,
    Shape,
    Subsection,
    Temporary,
    Timer,
    Validated,
)

Path = tuple[str, ...]
Names = dict[Path, Path]
"""Where a member of the new record was in the old one."""

# -- loose states

NUMBERS = count()
RESETS: dict[str, Callable[[Any], Any]] = {}
"""What a planted attribute holds after reset."""
TRUTHS: dict[str, bool] = {}
"""What predicates say, by name. Those that are not here are true."""


class Said:
    """A predicate that says what the test wants."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, _: Any) -> bool:
        return TRUTHS.get(self.__name__, True)


@cache
def said(asked: Asked) -> Asked:
    """The same predicate, as the test wants it."""
    return Asked(Said(f"{asked}.{next(NUMBERS)}"), takes_around=False)


def predicate() -> Asked:
    """A new one."""
    return Asked(Said(f"is_planted.{next(NUMBERS)}"), takes_around=False)


def attribute(reset: Callable[[Any], Any]) -> str:
    """A new attribute of every loose state."""
    name = f"planted_{next(NUMBERS)}"
    RESETS[name] = reset
    return name


@cache
def loose_kind(kind: type[Any]) -> type[Any]:
    """A state's class, of which instances may have other attributes as well; those of a bag may anyway."""
    if kind is Bag:
        return kind

    def absent(self: Any, name: str) -> Any:
        if name not in RESETS:
            raise AttributeError(name)
        value = RESETS[name](self)
        setattr(self, name, value)
        return value

    return type(kind.__name__, (kind,), {"__getattr__": absent, "__vmstate__": vars(kind)["__vmstate__"]})


def loosened(value: Any) -> Any:
    """A state and all inside it, loose."""
    if isinstance(value, list):
        return [loosened(one) for one in value]
    if "__vmstate__" not in vars(type(value)):
        return value
    kind = loose_kind(type(value))
    made = kind.__new__(kind)
    for slot in type(value).__slots__:
        if slot != "__weakref__":
            setattr(made, slot, loosened(getattr(value, slot)))
    return made


@cache
def loose(record: Record[Any]) -> Record[Any]:
    """A declared record over loose states."""
    members = tuple(one.but(shape=loose_shape(one.shape), when=None if one.when is None else said(one.when))
                    for one in record.members)
    subsections = tuple(one.but(record=loose(one.record), needed=None if one.needed is None else said(one.needed))
                        for one in record.subsections)
    return record.but(kind=loose_kind(record.kind), make=lambda: loosened(record.make()), members=members,
                      subsections=subsections)


def loose_shape(shape: Shape) -> Shape:
    match shape:
        case Nested(find=find):
            return shape.but(find=lambda: loose(find()))
        case Same(find=find):
            return shape.but(find=lambda kind: loose(find(kind)))
        case Array(of=of, reset=reset) | Chain(of=of, reset=reset) | Nullable(of=of, reset=reset):
            return shape.but(of=loose_shape(of), reset=lambda: loosened(reset()))
        case Mapping(key=key, value=value, reset_key=reset_key, reset_value=reset_value):
            return shape.but(key=loose_shape(key), value=loose_shape(value), reset_key=lambda: loosened(reset_key()),
                             reset_value=lambda: loosened(reset_value()))
        case Range(of=of) | Equal(of=of) | AtMost(of=of) | Constant(of=of):
            return shape.but(of=loose_shape(of))
        case _:
            return shape


# -- sites: the records of a declaration

@frozen
class Site:
    """A record somewhere in another: how the whole is made with another one in its place."""

    record: Record[Any]
    path: Path
    whole: Callable[[Record[Any]], Record[Any]] = field(repr=False)
    sub: bool = False


def sites(record: Record[Any]) -> list[Site]:
    """All records in a record, itself first."""
    return list(_sites(Site(record, (), lambda new: new), ()))


def _sites(site: Site, above: tuple[Record[Any], ...]) -> Iterator[Site]:
    yield site
    record = site.record
    if record in above or len(above) > 4:
        return
    for i, member in enumerate(record.members):
        for steps, inner, made in inside(member.shape):
            def whole(new: Record[Any], i: int = i, member: Member = member, made: Any = made) -> Record[Any]:
                return site.whole(record.but(members=put(record.members, i, member.but(shape=made(new)))))
            yield from _sites(Site(inner, (*site.path, member.key, *steps), whole), (*above, record))
    for i, sub in enumerate(record.subsections):
        def parent(new: Record[Any], i: int = i, sub: Subsection = sub) -> Record[Any]:
            return site.whole(record.but(subsections=put(record.subsections, i, sub.but(record=new))))
        yield from _sites(Site(sub.record, site.path, parent, sub=True), (*above, record))


def inside(shape: Shape) -> Iterator[tuple[Path, Record[Any], Callable[[Record[Any]], Shape]]]:
    """The records of a shape, each with the steps to it, and how the shape is made of another."""
    match shape:
        case Nested():
            yield (), shape.record, lambda new: shape.but(find=lambda: new)
        case Array(of=of) | Chain(of=of) | Nullable(of=of):
            for steps, record, made in inside(of):
                yield steps, record, lambda new, made=made: shape.but(of=made(new))
        case Mapping(value=value):
            for steps, record, made in inside(value):
                yield ("value", *steps), record, lambda new, made=made: shape.but(value=made(new))
        case _:
            return


def put(row: tuple[Any, ...], i: int, *new: Any) -> tuple[Any, ...]:
    """A row with others in place of one."""
    return (*row[:i], *new, *row[i + 1:])


# -- changes

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


def add(record: Record[Any], pick: Random) -> Change:
    at = pick.randint(0, len(record.members))
    match pick.randrange(6):
        case 0:
            how, version = {"since": record.version + 1}, record.version + 1
        case 1:
            how, version = {"when": predicate()}, record.version
        case 2:
            how, version = {"skippable": True}, record.version
        case 3:
            how, version = {"default": int}, record.version
        case _:
            how, version = {}, record.version
    member = fresh(pick, **how)
    if "default" in how:
        reset = RESETS[member.attribute or ""]
        member = member.but(default=lambda: reset(None))
    members = (*record.members[:at], member, *record.members[at:])
    return Change(f"add {member.key} {member.shape!r} {how} at {at}", record.but(members=members, version=version))


def remove(record: Record[Any], pick: Random) -> Change | None:
    if (found := pick_member(record, pick, lambda one: plain(one) and one.attribute not in used(record))) is None:
        return None
    i, member = found
    return Change(f"remove {member.key}", record.but(members=put(record.members, i)))


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
    return pick_member(record, pick, lambda one: plain(one) and size(one.shape) is not None and one.attribute is not None
                       and one.attribute not in used(record))


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


def swap(record: Record[Any], pick: Random) -> Change | None:
    found = [i for i, one in enumerate(record.members) if plain(one) and one.attribute not in used(record)
             and not any(True for _ in facts(one.shape))]
    if len(found) < 2:
        return None
    i, j = sorted(pick.sample(found, 2)) if pick.random() < 0.5 else (lambda at: found[at:at + 2])(
        pick.randrange(len(found) - 1))
    members = list(record.members)
    members[i], members[j] = members[j], members[i]
    return Change(f"swap {members[i].key} and {members[j].key}", record.but(members=tuple(members)))


def move(record: Record[Any], pick: Random) -> Change | None:
    found = [i for i, one in enumerate(record.members) if plain(one) and one.attribute not in used(record)
             and not any(True for _ in facts(one.shape))]
    if len(found) < 2:
        return None
    members = list(record.members)
    one = members.pop(pick.choice(found))
    members.insert(to := pick.randint(0, len(members)), one)
    return Change(f"move {one.key} to {to}", record.but(members=tuple(members)))


def rename(record: Record[Any], pick: Random) -> Change | None:
    if (found := pick_member(record, pick, lambda one: plain(one) and not isinstance(one.shape, Padding)
                             and not settled(one.shape))) is None:
        return None
    i, member = found
    key = f"fresh_{next(NUMBERS)}"
    how: dict[str, Any] = pick.choice(({}, {"was": (member.key,)}, {"write_as": member.key},
                                       {"was": (member.key,), "write_as": member.key}))
    new = member.but(key=key, name=key, **how)
    return Change(f"rename {member.key} {how}", record.but(members=put(record.members, i, new)),
                  {(key,): (member.key,)})


def reuse(record: Record[Any], pick: Random) -> Change | None:
    """Another member of the name of one that is gone, at the end."""
    if (found := simple(record, pick)) is None:
        return None
    i, member = found
    new = fresh(pick, member.key)
    return Change(f"reuse {member.key}: {new.shape!r}, it was {member.shape!r}",
                  record.but(members=(*put(record.members, i), new)))


def to_unused(record: Record[Any], pick: Random) -> Change | None:
    if (found := simple(record, pick)) is None:
        return None
    i, member = found
    size_of = size(member.shape)
    assert size_of is not None
    pad = Member(f"pad_{next(NUMBERS)}", None, Padding(size_of + pick.choice((0, 0, 0, 1))), "unused", member.since,
                 member.when)
    return Change(f"unused: {member.key} ({size_of}) -> {pad.shape!r}",
                  record.but(members=put(record.members, i, pad)))


def from_unused(record: Record[Any], pick: Random) -> Change | None:
    """A member carved out of unused bytes; what is left of these stands before or behind it."""
    if (found := pick_member(record, pick, lambda one: isinstance(one.shape, Padding) and isinstance(
            one.shape.size, int))) is None:
        return None
    i, pad = found
    assert isinstance(pad.shape, Padding) and isinstance(pad.shape.size, int)  # noqa: PT018
    new = fresh(pick, since=pad.since, when=pad.when)
    taken = size(new.shape) or 0
    left = pad.shape.size - taken
    if left < 0:
        return None
    rest = [pad.but(shape=Padding(left))] if left else []
    both = [new, *rest] if pick.random() < 0.5 else [*rest, new]
    return Change(f"{new.key} {new.shape!r} out of {pad.shape!r}", record.but(members=put(record.members, i, *both)))


class Group:
    """What a group of members is kept in: the state itself."""

    def __init__(self, outer: Any) -> None:
        object.__setattr__(self, "_outer", outer)
        object.__setattr__(self, "_kept", None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_kept":
            object.__setattr__(self, name, value)
        else:
            setattr(self._outer, name, value)


def group(record: Record[Any], pick: Random) -> Change | None:
    """Some members in a record of their own."""
    runs = [(i, j) for i in range(len(record.members)) for j in range(i + 1, min(len(record.members), i + 4) + 1)
            if all(plain(one) and not settled(one.shape) for one in record.members[i:j])]
    if not runs:
        return None
    i, j = pick.choice(runs)
    inner = Record(f"group {next(NUMBERS)}", Group, lambda: Group(record.make()), 1, 1,
                   tuple(one.but(since=0) if one.when is None else one for one in record.members[i:j]))
    if any(one.since for one in inner.members):
        return None
    key = f"fresh_{next(NUMBERS)}"
    outer = Member(key, attribute(Group), Nested(lambda: inner), key)
    names = {(key, one.key): (one.key,) for one in inner.members}
    return Change(f"group {[one.key for one in inner.members]} as {key}",
                  record.but(members=(*record.members[:i], outer, *record.members[j:])), names)


def gate(record: Record[Any], pick: Random) -> Change | None:
    if (found := pick_member(record, pick, on_the_wire)) is None:
        return None
    i, member = found
    when = None if member.when is not None and pick.random() < 0.5 else predicate()
    return Change(f"gate {member.key}: {member.when} -> {when}",
                  record.but(members=put(record.members, i, member.but(when=when))))


def since(record: Record[Any], pick: Random) -> Change | None:
    if (found := pick_member(record, pick, lambda one: on_the_wire(one) and one.when is None)) is None:
        return None
    i, member = found
    number = pick.randint(0, record.version + 1)
    version = pick.choice((record.version, max(number, record.version)))
    return Change(f"since {member.key}: {member.since} -> {number}, version {record.version} -> {version}",
                  record.but(members=put(record.members, i, member.but(since=number)), version=version))


def version(record: Record[Any], pick: Random) -> Change | None:
    number = record.version + pick.choice((1, 1, -1))
    minimum = pick.choice((record.minimum, number))
    if not 0 <= minimum <= number:
        return None
    return Change(f"version {record.version} -> {number}, minimum {record.minimum} -> {minimum}",
                  record.but(version=number, minimum=minimum))


def words(record: Record[Any], pick: Random) -> Change | None:
    """May be skipped, or not; a default."""
    if (found := pick_member(record, pick, lambda one: plain(one) and one.attribute is not None)) is None:
        return None
    i, member = found
    return Change(f"skippable {member.key}: {not member.skippable}",
                  record.but(members=put(record.members, i, member.but(skippable=not member.skippable))))


def nested_name(record: Record[Any], pick: Random) -> Change | None:
    if record.subsections:
        return None
    return Change("record renamed", record.but(name=f"{record.name}x"))


# -- subsections

def sub_add(record: Record[Any], pick: Random) -> Change:
    inner = Record(f"{record.name}/fresh_{next(NUMBERS)}", record.kind, record.make, 1, 1, (fresh(pick),))
    sub = Subsection(inner, pick.choice((predicate(), predicate(), None)), pick.random() < 0.2)
    at = pick.randint(0, len(record.subsections))
    return Change(f"subsection {inner.name} needed={sub.needed} skippable={sub.skippable}",
                  record.but(subsections=(*record.subsections[:at], sub, *record.subsections[at:])))


def of_sub(record: Record[Any], pick: Random, what: str, how: Callable[[Subsection], Subsection | None]) -> Change | None:
    if not record.subsections:
        return None
    i = pick.randrange(len(record.subsections))
    sub = record.subsections[i]
    new = how(sub)
    return Change(f"{what} {sub.name}", record.but(subsections=put(record.subsections, i, *([new] if new else []))))


def sub_remove(record: Record[Any], pick: Random) -> Change | None:
    return of_sub(record, pick, "subsection removed", lambda sub: None)


def sub_rename(record: Record[Any], pick: Random) -> Change | None:
    return of_sub(record, pick, "subsection renamed", lambda sub: None if sub.record.subsections else sub.but(
        record=sub.record.but(name=f"{sub.name}_{next(NUMBERS)}")))


def sub_version(record: Record[Any], pick: Random) -> Change | None:
    by, least = pick.choice((0, 1)), pick.choice((0, 1))
    return of_sub(record, pick, f"subsection version +{by}, minimum +{least}", lambda sub: sub.but(record=sub.record.but(
        version=sub.record.version + by, minimum=min(sub.record.minimum + least, sub.record.version + by))))


def sub_order(record: Record[Any], pick: Random) -> Change | None:
    subs = list(record.subsections)
    pick.shuffle(subs)
    return Change("subsections reordered", record.but(subsections=tuple(subs)))


def sub_always(record: Record[Any], pick: Random) -> Change | None:
    return of_sub(record, pick, "always sent, or no longer", lambda sub: sub.but(
        needed=None if sub.needed is not None else predicate()))


PLANTINGS: tuple[Planting, ...] = (
    add, add, remove, remove, resize, resize, resize_bytes, reprefix, rebits, sign, order, recount, facted, marked,
    marker, ranged, constant, element, retype, retype, swap, swap, move, rename, rename, reuse, to_unused, from_unused,
    group, group, gate, since, version, words, nested_name, sub_add, sub_remove, sub_rename, sub_version, sub_order,
    sub_always,
)


Place = tuple[str | int, ...]


@frozen
class Planted:
    """A record before and after, which changes were made, and how its members were called, change by change."""

    old: Record[Any]
    new: Record[Any]
    what: tuple[str, ...]
    renamed: tuple[tuple[Path, Names], ...] = field(repr=False)

    def before(self, place: Place) -> Place:
        """Where a member of the new record was in the old one."""
        for site, names in reversed(self.renamed):
            place = next((made for new, old in names.items()
                          if (made := replaced(place, (*site, *new), (*site, *old)))), place)
        return place

    def after(self, place: Place) -> Place:
        """Where a member of the old record is in the new one."""
        for site, names in self.renamed:
            place = next((made for new, old in names.items()
                          if (made := replaced(place, (*site, *old), (*site, *new)))), place)
        return place


def predicates(*records: Record[Any]) -> list[str]:
    """The names of all predicates."""
    return sorted({str(one.when) for record in records for site in sites(record) for one in site.record.members
                   if one.when is not None})


def replaced(place: Place, start: Path, other: Path) -> Place | None:
    """A place that begins so, beginning otherwise; the numbers of elements stay with the steps before them."""
    steps = [i for i, one in enumerate(place) if isinstance(one, str)]
    if tuple(place[i] for i in steps[:len(start)]) != start:
        return None
    kept = [one for one in start if one in other]
    numbers = {one: [*takewhile(lambda it: isinstance(it, int), place[steps[i] + 1:])] for i, one in enumerate(start)}
    rest = place[steps[len(start) - 1] + 1:] if len(start) else place
    made = list[str | int]()
    for one in other:
        made += [one, *(numbers[one] if one in kept and one != other[-1] else [])]
    return (*made, *rest)


def planted(kind: Any, pick: Random, times: int = 1) -> Planted:
    """So many changes of a declaration, at random."""
    old = new = loose(record_of(kind))
    what, names = list[str](), list[tuple[Path, Names]]()
    while len(what) < times:
        site = pick.choice(sites(new))
        made = pick.choice(PLANTINGS)(site.record, pick)
        if made is None or (site.record is new and made.new.name != new.name):
            continue
        new = site.whole(made.new)
        what.append(f"{'.'.join(site.path)} [{site.record.name}]: {made.what}")
        names.append((site.path, made.names))
    return Planted(old, new, tuple(what), tuple(names))
