"""Layouts side by side: what a reader makes of a writer's bytes, change by change.

That these verdicts are right, test_running proves by running; here is which change has which.
"""

from typing import Any

import pytest

from vmstate import Record
from vmstate.compat.comparing import compare_sides
from vmstate.compat.findings import BREAKS, CONDITIONAL, CORRUPTS, OK, UNKNOWN, Both, Report, Verdict
from vmstate.compat.scope import scope_of
from vmstate.compat.sides import Part, Side
from vmstate.describe.bags import Raw, assumed
from vmstate.kept import Bag
from vmstate.shape import (
    Array,
    Asked,
    Bits,
    Blob,
    Chain,
    Constant,
    Descriptor,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Range,
    Same,
    Shape,
    Subsection,
)

U8, U16, U32 = Int(8), Int(16), Int(32)


def gate(name: str) -> Asked:
    """A predicate of this name."""
    return assumed(name, name)


def member(key: str, shape: Shape, **how: Any) -> Member:
    return Member(key, key, shape, key, **how)


def record(
    *extra: Member, name: str = "d", version: int = 1, minimum: int = 1, subs: tuple[Subsection, ...] = (),
    **members: Shape,
) -> Record[Any]:
    """A record of these members."""
    own = (member(key, shape) for key, shape in members.items())
    return Record(name, Bag, Bag, version, minimum, (*own, *extra), subs)


def nested(one: Record[Any]) -> Nested:
    return Nested(lambda: one)


def row(of: Shape, count: Any) -> Array:
    return Array(of, count, int)


def chain(of: Shape, marker: int | None = 1, bits: int = 8) -> Chain:
    return Chain(of, marker, bits, int)


def compared(old: Record[Any], new: Record[Any], *, positional: bool = True) -> Report:
    return compare_sides(*(Side(name, (Part("d", one),)) for name, one in (("old", old), ("new", new))),
                         positional=positional)


X, Y = nested(record(x=U8)), nested(record(x=U8, y=U8))
SIGNED = nested(record(x=Int(8, signed=True)))
ANYWHERE: tuple[tuple[str, Record[Any], Record[Any], Verdict], ...] = (
    # what elements are
    ("elements of a fixed number", record(a=row(X, 3)), record(a=row(Y, 3)), BREAKS),
    ("elements of a number that is told", record(a=row(X, "n")), record(a=row(Y, "n")), CONDITIONAL),
    ("elements of a chain", record(a=chain(X)), record(a=chain(Y)), CONDITIONAL),
    ("elements of a chain, their sign", record(a=chain(X)), record(a=chain(SIGNED)), CONDITIONAL),
    ("values of a mapping", record(a=Mapping(U8, X, int, int)), record(a=Mapping(U8, Y, int, int)), CONDITIONAL),
    ("keys of a mapping", record(a=Mapping(U8, X, int, int)), record(a=Mapping(U16, X, int, int)), CONDITIONAL),
    ("what may be null", record(a=Nullable(X, int)), record(a=Nullable(Y, int)), CONDITIONAL),
    ("another view of the same", record(a=Same(lambda _: record(x=U8))), record(a=Same(lambda _: record(x=U16))),
     BREAKS),
    # how they are marked
    ("a chain's marker", record(a=chain(X)), record(a=chain(X, 2)), CONDITIONAL),
    ("a chain's marker, its width", record(a=chain(X, None, 16)), record(a=chain(X, None, 32)), BREAKS),
    ("a null's marker", record(a=Nullable(X, int)), record(a=Nullable(X, int, True)), CONDITIONAL),
    ("a length, its width", record(a=Blob(0, 8)), record(a=Blob(0, 32)), BREAKS),
    ("a length where none was", record(a=Blob(4)), record(a=Blob(0, 32)), CORRUPTS),
    ("a bitmap within its words", record(a=Bits(64)), record(a=Bits(63)), OK),
    ("a bitmap beyond its words", record(a=Bits(64)), record(a=Bits(65)), BREAKS),
    ("a count that another tells", record(a=row(U16, "n")), record(a=row(U16, "m")), UNKNOWN),
    ("a count that is told, and was fixed", record(a=row(U16, 3)), record(a=row(U16, "n")), CONDITIONAL),
    # what is no change
    ("an array of one element", record(a=U16), record(a=row(U16, 1)), OK),
    ("an array of one record", record(a=X), record(a=row(X, 1)), OK),
    ("one byte as bytes", record(a=U8), record(a=Blob(1)), OK),
    ("bytes as a row of numbers", record(a=Blob(3)), record(a=row(U8, 3)), OK),
    ("bytes as a row of numbers, of a size that is told", record(a=Blob("n")), record(a=row(U8, "n")), OK),
    # what comes before what is as long as something tells
    ("more, before what is of unknown length", record(b=Blob("n")), record(a=U8, b=Blob("n")), BREAKS),
    ("more, before what tells its own length", record(b=chain(X)), record(a=U8, b=chain(X)), BREAKS),
    ("elsewhere, past what may be empty", record(a=U8, b=Blob("n")), record(b=Blob("n"), a=U8), CONDITIONAL),
    ("elsewhere, past what is opaque", record(a=U8, b=Opaque(0, Raw("?"))), record(b=Opaque(0, Raw("?")), a=U8),
     CONDITIONAL),
    ("an array that may be empty", record(a=U8), record(a=U8, b=row(U16, "n")), CONDITIONAL),
    ("a chain, which has an end at least", record(a=U8), record(a=U8, b=chain(X)), BREAKS),
    ("something opaque", record(a=U8), record(a=U8, b=Opaque(0, Raw("?"))), UNKNOWN),
    ("a descriptor, which has a byte", record(a=U8), record(a=U8, b=Descriptor()), BREAKS),
    # names
    ("two records of one kind, exchanged", record(a=X, b=X), record(b=X, a=X), CORRUPTS),
    ("two of a kind in a record, exchanged", record(o=nested(record(a=X, b=X))), record(o=nested(record(b=X, a=X))),
     CORRUPTS),
    # predicates
    ("one in each element", record(a=row(X, 2)),
     record(a=row(nested(record(member("y", U8, when=gate("g")), x=U8)), 2)), CONDITIONAL),
    ("one between two that are exchanged", record(member("g", U8, when=gate("g")), member("b", U8), a=U8),
     record(member("g", U8, when=gate("g")), member("a", U8), b=U8), CORRUPTS),
    ("one exchanged with its neighbour", record(member("g", U8, when=gate("g")), a=U8),
     record(member("a", U8), g=U8).but(members=(member("g", U8, when=gate("g")), member("a", U8))), CONDITIONAL),
    ("one of unused bytes", record(member("p", Padding(2)), a=U8),
     record(member("p", Padding(2), when=gate("g")), a=U8), CONDITIONAL),
    ("a version of unused bytes", record(member("p", Padding(2)), a=U8), record(member("p", Padding(2), since=2), a=U8),
     BREAKS),
    # versions of nested records
    ("a nested version, below that of a member", record(a=nested(record(member("y", U8, since=2), x=U8, version=2))),
     record(a=nested(record(member("y", U8, since=2), x=U8))), BREAKS),
    ("a nested version that nothing depends on", record(a=nested(record(x=U8, version=2))), record(a=X), OK),
)


@pytest.mark.parametrize(("old", "new", "verdict"), [pytest.param(*one[1:], id=one[0]) for one in ANYWHERE])
def test_what_becomes_of_the_bytes(old: Record[Any], new: Record[Any], verdict: Verdict) -> None:
    """It is the same in both directions, and some finding tells it."""
    assert compared(old, new).verdict == Both(verdict, verdict)
    assert compared(new, old).verdict == Both(verdict, verdict)
    assert scope_of("d", old, new).layout.worst <= verdict


# -- many predicates

def gated(*names: str) -> list[Member]:
    """Members of one byte, each with a predicate of its own."""
    return [member(name, U8, when=gate(name)) for name in names]


def test_a_combination_of_many_predicates_that_is_harmless_is_found() -> None:
    """What was always sent is read as members of other names, if just these are there."""
    old = record(member("b", U32), a=U8)
    new = record(*gated("o", "p", "q"), *gated("r", "s", "t"), member("b", U32), a=U8)
    assert compared(old, new).verdict == Both(CONDITIONAL, CONDITIONAL)
    old = record(*(member(f"{key}_then", U8) for key in "prt"), member("b", U32), a=U8)
    assert compared(old, new).verdict == Both(CONDITIONAL, CONDITIONAL)


def test_what_fails_with_all_combinations_fails() -> None:
    old, new = (record(*gated(*names), a=U8, b=of) for names, of in (("opqrst", U16), ("uvwxyz", Blob(9))))
    assert compared(old, new).verdict.worst is BREAKS


# -- names, versions, values

def test_a_version_below_the_oldest_that_is_read() -> None:
    """Lowered, it is refused by the old side as well."""
    old, new = record(a=U8, version=3, minimum=3), record(a=U8, version=2, minimum=2)
    assert compared(old, new).verdict == Both(BREAKS, BREAKS)
    assert compared(record(a=U8, version=3, minimum=2), new).verdict == Both(BREAKS, OK)


def test_a_name_that_was_written_is_not_one_that_is_read() -> None:
    """Of three versions the second wrote the first's name, and the third writes the second's."""
    first, second = record(a=U8), record(member("b", U8, was=("a",), write_as="a"))
    third = record(member("c", U8, was=("b",), write_as="b"))
    assert compared(first, second, positional=False).verdict == Both(OK, OK)
    assert compared(second, third, positional=False).verdict == Both(BREAKS, OK)


def test_what_is_not_always_there_need_not_fail_by_its_name() -> None:
    for old, new in ((record(a=row(X, "n")), record(a=row(Y, "n"))), (record(a=chain(X)), record(a=chain(Y))),
                     (record(a=U8), record(member("g", U8, when=gate("g")), a=U8))):
        assert compared(old, new, positional=False).verdict == Both(CONDITIONAL, CONDITIONAL)
    assert compared(record(a=X), record(a=Y), positional=False).verdict == Both(BREAKS, BREAKS)


def test_a_group_keeps_what_its_members_may_be() -> None:
    """A range within it is found; so are changes in subsections of a record that it holds."""
    old, new = record(a=U8, b=U8), record(g=nested(record(a=Range(U8, 0, 1), b=U8)))
    assert {one.rule: one.positional for one in compared(old, new).findings} == {
        "VM319": Both(), "VM601": Both(CONDITIONAL, OK)}
    subs = [(Subsection(record(name="n/s", x=of), gate("s")),) for of in (U8, U16)]
    inner = [nested(record(name="n", x=U8, subs=one)) for one in subs]
    found = compared(record(a=inner[0]), record(g=nested(record(a=inner[1]))))
    assert {one.rule for one in found.findings} == {"VM319", "VM307", "VM408"}
    assert found.verdict == Both(CONDITIONAL, CONDITIONAL)


def test_a_constant_that_is_another_is_told() -> None:
    found = compared(record(a=Constant(U8, 1)), record(a=Constant(U8, 2)))
    assert {one.rule for one in found.findings} == {"VM601", "VM602"}
