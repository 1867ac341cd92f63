"""Declarations, changed as an author may change them: a record before and after, and what is called otherwise now."""

from collections.abc import Callable
from itertools import takewhile
from random import Random
from typing import Any

from attrs import field, frozen

from tests.compat.loose import NUMBERS, RESETS, attribute, loose, predicate
from tests.compat.reshaping import (
    RESHAPINGS,
    Change,
    Names,
    Planting,
    facts,
    fresh,
    on_the_wire,
    pick_member,
    plain,
    settled,
    simple,
    size,
    used,
)
from tests.compat.sites import Path, put, sites
from vmstate import Record, record_of
from vmstate.shape import Member, Nested, Padding, Subsection


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


def movable(record: Record[Any]) -> list[int]:
    """Where members stand that neither tell a count or size nor have one that others tell."""
    told = used(record)
    return [i for i, one in enumerate(record.members) if plain(one) and one.attribute not in told
            and not any(True for _ in facts(one.shape))]


def swap(record: Record[Any], pick: Random) -> Change | None:
    """Two members, often neighbours."""
    if len(found := movable(record)) < 2:
        return None
    at = pick.randrange(len(found) - 1)
    i, j = sorted(pick.sample(found, 2)) if pick.random() < 0.5 else found[at:at + 2]
    members = list(record.members)
    members[i], members[j] = members[j], members[i]
    return Change(f"swap {members[i].key} and {members[j].key}", record.but(members=tuple(members)))


def move(record: Record[Any], pick: Random) -> Change | None:
    """A member elsewhere."""
    if len(found := movable(record)) < 2:
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


def of_sub(
    record: Record[Any], pick: Random, what: str, how: Callable[[Subsection], Subsection | None]
) -> Change | None:
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

    def raised(sub: Subsection) -> Subsection:
        one = sub.record
        return sub.but(record=one.but(version=one.version + by, minimum=min(one.minimum + least, one.version + by)))
    return of_sub(record, pick, f"subsection version +{by}, minimum +{least}", raised)


def sub_order(record: Record[Any], pick: Random) -> Change | None:
    subs = list(record.subsections)
    pick.shuffle(subs)
    return Change("subsections reordered", record.but(subsections=tuple(subs)))


def sub_always(record: Record[Any], pick: Random) -> Change | None:
    return of_sub(record, pick, "always sent, or no longer", lambda sub: sub.but(
        needed=None if sub.needed is not None else predicate()))


PLANTINGS: tuple[Planting, ...] = (
    *RESHAPINGS, add, add, remove, remove, swap, swap, move, rename, rename, reuse, to_unused, from_unused, group,
    group, gate, since, version, words, nested_name, sub_add, sub_remove, sub_rename, sub_version, sub_order,
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
