"""VM301 to VM319, and VM501 to VM507 beside them: what became of each member."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, cast

from attrs import evolve

from ..meaning import text_of
from ..shape import (
    Array,
    Asked,
    Bits,
    Blob,
    Bool,
    Chain,
    Float,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Record,
    Same,
    Shape,
    Subsection,
    Temporary,
    Timer,
    Validated,
)
from . import values
from .findings import BREAKS, CONDITIONAL, CORRUPTS, DIRECTIONS, LOSSY, OK, UNKNOWN, Both, Finding, Verdict
from .layout import LEAVES, nested_version
from .pairing import Pair, apart, at_times, groups, nested, size_of, stem, unused
from .renames import PREDICATE
from .scope import Scope, has_default

Findings = Iterator[Finding]


def findings(scope: Scope) -> Findings:
    """All of one record, and of those nested in it; then names that stand twice."""
    for one in scope.pairs:
        yield from HOW[one.how](scope.of((*one.old, *one.new)), one)
    if scope.old.name != scope.new.name and scope.nested:
        yield scope.finding("VM110", "", f"the nested record is called {scope.new.name}, it was {scope.old.name}",
                            Both())
    before, after = (set(repeated(one)) for one in (scope.old, scope.new))
    for name in sorted(after - before):
        yield scope.finding("VM316", name, f"{name} is there twice", Both(), Both(BREAKS, BREAKS))


def repeated(record: Record[Any]) -> Iterator[str]:
    """Names that several members have; conditions have none."""
    names = [stem(one.key) for one in record.members
             if not unused(one) and not one.twice and not isinstance(one.shape, Validated)]
    yield from (name for name in names if names.count(name) > 1)


# -- members of one side alone

def removed(scope: Scope, pair: Pair) -> Findings:
    (member,) = pair.old
    named = scope.lost(member)
    if member.since > scope.old_version and member.when is None:
        yield scope.finding("VM303", member.key, f"{member.key} is gone, which was never sent", Both(), Both())
        return
    if other := next((one for one in scope.pairs if one.how == "resembles"
                      and stem(one.old[0].key) == stem(member.key)), None):
        yield scope.finding("VM306", member.key, f"bytes of {member.key} land in {other.key}", None, named)
        return
    yield scope.finding("VM303", member.key, f"{member.key} was removed", None, named)
    if member.when is not None:
        yield scope.finding("VM317", member.key, f"{member.key} was sent if {member.when}", None, named)


def added(scope: Scope, pair: Pair) -> Findings:
    (member,) = pair.new
    key, gated = member.key, member.when is None and member.since > 0
    named = scope.come(member)
    if gated and member.since > scope.new_version:
        yield scope.finding("VM206", key, f"{key} has since={member.since}, and the version is {scope.new_version}",
                            Both(), Both(), reason="it is never sent and never read")
        return
    if gated and member.since > scope.old_version and not scope.nested:
        yield scope.finding("VM302", key, f"{key} came with version {member.since}", None, Both(OK, BREAKS))
        return
    if gated and scope.nested:
        yield scope.finding("VM207", key, f"{key} has since={member.since} inside a nested record", None,
                            Both(OK, BREAKS), reason="the version of a nested record never travels")
    else:
        found = scope.finding("VM301", key, f"{key} was added", None, named)
        yield evolve(found, cause=scope.path("")) if scope.revised else found
    if member.when is not None:
        yield scope.finding("VM317", key, f"{key} is sent if {member.when}", None, named)
    yield from by_name(scope, member, named)


def by_name(scope: Scope, member: Member, named: Both) -> Findings:
    """What a new member is to formats with names."""
    rule, what = ("VM502", "may be skipped") if member.skippable else ("VM501", "must be understood")
    yield scope.finding(rule, member.key, f"{member.key} {what}", Both(), named, cause=scope.path(member.key))
    if not has_default(member) and member.when is None:
        yield scope.finding("VM505", member.key, f"{member.key} has neither gate nor default", Both(),
                            Both(BREAKS, OK))


def to_unused(scope: Scope, pair: Pair) -> Findings:
    (member,) = pair.old
    named = scope.lost(member)
    yield scope.finding("VM304", member.key, f"{member.key} became unused bytes",
                        filled(scope, member, Both(OK, LOSSY)), named)


def from_unused(scope: Scope, pair: Pair) -> Findings:
    (member,) = pair.new
    named = scope.come(member)
    yield scope.finding("VM318", member.key, f"{member.key} lies where unused bytes were",
                        filled(scope, member, Both(LOSSY, OK)), named)


def filled(scope: Scope, member: Member, usual: Both) -> Both | None:
    """What is usual of unused bytes, unless the version is refused; of a gated member, what becomes of it."""
    if member.when is not None or member.since > min(scope.old_version, scope.new_version):
        return None
    return Both(*(BREAKS if met.verdict is BREAKS and met.offset is None else one
                  for met, one in ((scope.backward, usual.backward), (scope.forward, usual.forward))))


def sums(scope: Scope, pair: Pair) -> Findings:
    before, after = (size_of([*of]) for of in (pair.old, pair.new))
    gone, new = ([one for one in of if not unused(one)] for of in (pair.old, pair.new))
    each = [*(scope.lost(one) for one in gone), *(scope.come(one) for one in new)]
    named = Both(*(max((one[direction] for one in each), default=OK) for direction in DIRECTIONS))
    told = ["nothing" if size == 0 else f"{size} bytes" for size in (before, after)]
    yield scope.finding("VM314", pair.key, f"{told[0]} became {told[1]}", None, named)


def regrouped(scope: Scope, pair: Pair) -> Findings:
    """One group was made of members, or dissolved into them. Subsections of a dissolved one are gone with it."""
    was = {name for one in pair.new for name in one.was}
    named = Both(OK if was and all("." in name for name in was) else BREAKS, BREAKS)
    old, new = groups(pair.old), groups(pair.new)
    how = "grouped" if len(new) > len(old) else "ungrouped"
    before = ", ".join(one.key for one in pair.old)
    yield scope.finding("VM319", pair.key, f"{before} {how} as {pair.key}", Both(), named)
    for one in apart(pair):
        yield from values.findings(scope, one.key, one.old[0].shape, one.new[0].shape)
    inside = [[sub for key in keys for sub in subsections_of(of[key])]
              for of, keys in ((old, old.keys() - new.keys()), (new, new.keys() - old.keys()))]
    for rule, subs, verdicts in (("VM402", inside[0], Both(CONDITIONAL, OK)),
                                 ("VM401", inside[1], Both(OK, CONDITIONAL))):
        for sub in subs:
            yield scope.finding(rule, f"{pair.key}/{sub.name}", f"its subsection {sub.name}", verdicts, verdicts)


def subsections_of(member: Member) -> Sequence[Subsection]:
    """Those of the record that a member is."""
    return member.shape.record.subsections if isinstance(member.shape, Nested) else ()


# -- members of both

def renamed(scope: Scope, pair: Pair) -> Findings:
    (old,), (new,) = pair.old, pair.new
    named = Both(*(OK if (writer.write_as or writer.key) in {reader.key, reader.write_as, *reader.was} else BREAKS
                   for writer, reader in ((old, new), (new, old))))
    yield scope.finding("VM305", new.key, f"{old.key} is called {new.key}", Both(), named)
    yield from same(scope, pair)


def same(scope: Scope, pair: Pair) -> Findings:
    """One member on both sides: its place, its shape, its conditions."""
    (old,), (new,) = pair.old, pair.new
    if new.key in scope.disordered:
        yield scope.finding("VM306", new.key, f"{new.key} stands elsewhere", None, Both())
    yield from shapes(scope, new.key, old.shape, new.shape)
    yield from conditions(scope, old, new)
    yield from words(scope, old, new)
    yield from values.findings(scope, new.key, old.shape, new.shape)


def conditions(scope: Scope, old: Member, new: Member) -> Findings:
    key = new.key
    if old.when is None and new.when is None and old.since != new.since:
        there, named = gates(scope, old, new)
        yield scope.finding("VM313", key, f"{key} was there since version {old.since}, now {new.since}", there, named)
    ours, theirs = str(old.when or ""), str(new.when or "")
    if ours == theirs or (ours and theirs and PREDICATE in (ours, theirs)):
        return
    some = OK if unused(old) else CONDITIONAL
    if not theirs:
        yield scope.finding("VM317", key, f"{key} was sent if {ours}, now always", None, Both(some, OK))
    elif not ours:
        yield scope.finding("VM317", key, f"{key} is sent if {theirs}, it was always", None, Both(OK, some))
    else:
        yield scope.finding("VM317", key, f"{key} is sent if {theirs}, it was if {ours}",
                            Both(CONDITIONAL, CONDITIONAL), Both(CONDITIONAL, CONDITIONAL))


def gates(scope: Scope, old: Member, new: Member) -> tuple[Both | None, Both]:
    """What follows from versions: nothing, or that the layout is another; and whether one wants what is not sent."""
    def verdict(writer: Member, reader: Member, sent: int, read: int) -> tuple[bool, Verdict]:
        is_sent, is_read = writer.since <= sent, reader.since <= read
        missed = is_read and not is_sent and not has_default(reader) and not unused(reader)
        return is_sent == is_read, BREAKS if missed else OK

    (alike, backward), (still, forward) = (verdict(*one) for one in (
        (old, new, scope.old_version, scope.reads[0]), (new, old, scope.new_version, scope.reads[1])))
    return Both() if alike and still else None, Both(backward, forward)


def words(scope: Scope, old: Member, new: Member) -> Findings:
    """What is said of a member beside its bytes."""
    if old.skippable != new.skippable:
        rule, now = ("VM503", "may be skipped") if new.skippable else ("VM504", "must be understood")
        yield scope.finding(rule, new.key, f"{new.key} {now} now", Both())
    if has_default(old) and has_default(new) and old.default() != new.default():
        found = scope.finding("VM506", new.key, f"{new.key} has default {new.default()!r}, it had {old.default()!r}",
                              Both(), Both(CORRUPTS, OK))
        yield evolve(found, witness={"value": repr(new.default())})
    meant, means = sense(old.means), sense(new.means)
    if meant != means and (scope.meanings or None not in (meant, means)):
        yield reused(scope, new.key, f"{new.key} means {new.means}, it meant {old.means or 'something else'}")
    if new.key in scope.old.traits.reserved:
        yield reused(scope, new.key, f"{new.key} was reserved")


def reused(scope: Scope, key: str, message: str) -> Finding:
    """A name that means something else now; no walk shows that, for the bytes are the same."""
    wrong = Both(CORRUPTS, CORRUPTS)
    return evolve(scope.finding("VM507", key, message, wrong, wrong), witness={"name": key})


def sense(means: object) -> object:
    """What a member means: a text, or an enumeration's names with their numbers, whichever class has them."""
    return {one.name: int(one) for one in cast("type[IntEnum]", means)} if isinstance(means, type) else text_of(means)


# -- shapes

def shapes(scope: Scope, key: str, old: Shape, new: Shape) -> Findings:
    """What became of a shape."""
    a, b = values.bare(old), values.bare(new)
    if isinstance(a, Nested | Temporary) and isinstance(b, Nested | Temporary):
        yield from records(scope, key, a, b)
    elif isinstance(a, Array) and isinstance(b, Array):
        if (str(a.count), most(a)) != (str(b.count), most(b)):
            yield counted(scope, key, a, b)
        yield from shapes(scope.at_times() if at_times(a) or at_times(b) else scope, key, a.of, b.of)
    elif isinstance(a, Nullable) and isinstance(b, Nullable):
        if a.marked != b.marked:
            yield encoded(scope, key)
        yield from shapes(scope.at_times(), key, a.of, b.of)
    elif isinstance(a, Chain) and isinstance(b, Chain):
        if (a.marker, a.bits, str(a.until)) != (b.marker, b.bits, str(b.until)):
            yield encoded(scope, key)
        yield from shapes(scope.at_times(), key, a.of, b.of)
    elif isinstance(a, Mapping) and isinstance(b, Mapping):
        yield from shapes(scope.at_times(), f"{key}.key", a.key, b.key)
        yield from shapes(scope.at_times(), f"{key}.value", a.value, b.value)
    elif isinstance(a, Same) and isinstance(b, Same):
        yield from findings(scope.inner(key, one := a.find(scope.old.kind), other := b.find(scope.new.kind),
                                        (one.version, other.version)))
    elif kind(a) != kind(b):
        yield scope.finding("VM312", key, f"{key} is {kind(b)}, it was {kind(a)}", None, Both(BREAKS, BREAKS))
    else:
        yield from leaf(scope, key, a, b)


def kind(shape: Shape) -> str:
    """Scalar, array, bytes, ...: what never turns into another."""
    match shape:
        case Blob():
            return "bytes behind their length" if shape.prefix else "bytes"
        case Int() | Timer() | Bool() | Float():
            return "a number"
        case _:
            return type(shape).__name__.lower()


def records(scope: Scope, key: str, a: Nested | Temporary, b: Nested | Temporary) -> Findings:
    inner = within(scope, key, a, b)
    found = [*findings(inner)]
    shifts = shifted(inner)
    for what, was, now in (("version", a.record.version, b.record.version),
                           ("minimum", a.record.minimum, b.record.minimum)):
        if was != now and not travels(a, b):
            yield inner.finding("VM207", "", f"nested {b.record.name}: {what} {was} became {now}",
                                None if shifts.worst > OK or any(map(hard, found)) else Both(), shifts,
                                reason="the version of a nested record never travels")
    yield from found


def hard(finding: Finding) -> bool:
    return finding.positional.worst.hard


def shifted(scope: Scope) -> Both:
    """What a nested record's other version does to members that came with a version on both sides."""
    found = [gates(scope, one.old[0], one.new[0])[1] for one in scope.pairs if one.how == "same"
             and one.old[0].when is one.new[0].when is None and one.old[0].since == one.new[0].since]
    return Both(*(max((one[direction] for one in found), default=OK) for direction in DIRECTIONS))


def within(scope: Scope, key: str, a: Nested | Temporary, b: Nested | Temporary) -> Scope:
    """The scope of nested records."""
    versions = version_of(a, scope.old_version), version_of(b, scope.new_version)
    return scope.inner(key, a.record, b.record, versions, follows=travels(a, b))


def nests(scope: Scope) -> Iterator[Scope]:
    """Those of all records that are nested on both sides; what is not always sent is no worse than conditional."""
    pairs = [it for one in scope.pairs for it in (apart(one) if one.how == "regrouped" else (one,))]
    for one, a, b in nested(pairs):
        inner = scope.inner(one.key, a, b, (a.version, b.version))
        always = all(member.when is None and not at_times(member.shape) for member in (*one.old, *one.new))
        yield inner if always else evolve(inner, most=inner.most.at_most(CONDITIONAL), rare=True)


def version_of(shape: Nested | Temporary, version: int) -> int:
    return nested_version(shape, version) if isinstance(shape, Nested) else shape.record.version


def travels(*shapes: Nested | Temporary) -> bool:
    """Whether a nested record is walked at its parent's version."""
    return all(isinstance(one, Nested) and one.version == "outer" for one in shapes)


def counted(scope: Scope, key: str, a: Array, b: Array) -> Finding:
    if isinstance(a.count, int) and isinstance(b.count, int):
        named = Both(CONDITIONAL, BREAKS) if a.count < b.count else Both(BREAKS, CONDITIONAL)
        return scope.finding("VM311", key, f"{key} has {b.count} elements, it had {a.count}", None, named)
    if isinstance(a.count, int) or isinstance(b.count, int):
        return scope.finding("VM312", key, f"{key} has {b.count} elements, it had {a.count}",
                             Both(CONDITIONAL, CONDITIONAL), Both(CONDITIONAL, CONDITIONAL))
    low, high = most(a), most(b)
    if low is not None and high is not None:
        rule, verdicts = ("VM606", values.TIGHTER) if high < low else ("VM602", values.WIDER)
        return scope.finding(rule, key, f"{key} has at most {high} elements, it had at most {low}", verdicts, verdicts)
    return scope.finding("VM311", key, f"{b.count} says how many {key} there are, {a.count} did",
                         Both(UNKNOWN, UNKNOWN), Both())


def most(shape: Array) -> int | None:
    """How many elements there may be, where a source tells that alone."""
    found = getattr(shape.count.method, "most", None) if isinstance(shape.count, Asked) else None
    return found if isinstance(found, int) else None


def leaf(scope: Scope, key: str, a: Shape, b: Shape) -> Findings:
    """One leaf on both sides."""
    match a, b:
        case (Int(), Int()):
            yield from integers(scope, key, a, b)
        case (Blob(), Blob()) if a.prefix != b.prefix:
            yield encoded(scope, key)
        case (Bits(), Bits()) if str(a.count) != str(b.count):
            yield scope.finding("VM307", key, f"{key} has {b.count} bits, it had {a.count}", None, Both(BREAKS, BREAKS))
        case (Blob(), Blob()) if str(a.size) != str(b.size):
            yield scope.finding("VM307", key, f"{key} has {b.size} bytes, it had {a.size}", None, Both(BREAKS, BREAKS))
        case (Opaque(), Opaque()) if a.codec.name != b.codec.name:
            unknown = Both(UNKNOWN, UNKNOWN)
            yield scope.finding("VM315", key, f"codec {b.codec.name}, it was {a.codec.name}", unknown, unknown)
        case _ if a != b and type(a) is not type(b):
            sizes = {LEAVES[type(one)](one).size for one in (a, b) if type(one) in LEAVES}
            yield scope.finding("VM307" if len(sizes) == 2 else "VM309", key, f"{key} is {b}, it was {a}", None,
                                Both(BREAKS, BREAKS))
        case _:
            return


def encoded(scope: Scope, key: str) -> Finding:
    """What stands around a value: markers, lengths. Formats with names have their own."""
    return scope.finding("VM310", key, f"{key} is marked in another way, or its length is", None, Both())


def integers(scope: Scope, key: str, a: Int, b: Int) -> Findings:
    if str(a.bits) != str(b.bits):
        wider = isinstance(a.bits, int) and isinstance(b.bits, int) and a.bits < b.bits
        yield scope.finding("VM307", key, f"{key} has {b.bits} bits, it had {a.bits}", None,
                            Both(OK, CONDITIONAL) if wider else Both(CONDITIONAL, OK))
    if a.signed != b.signed:
        yield scope.finding("VM308", key, f"{key} is {b}, it was {a}", None, Both(CONDITIONAL, CONDITIONAL))
    if a.order != b.order:
        yield scope.finding("VM310", key, f"{key} is {b.order}-endian, it was {a.order}-endian", None, Both())


HOW: dict[str, Callable[[Scope, Pair], Findings]] = {
    "same": same, "resembles": same, "alias": renamed, "renamed": renamed, "regrouped": regrouped, "unused": sums,
    "to unused": to_unused, "from unused": from_unused, "removed": removed, "added": added,
}
