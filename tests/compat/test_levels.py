"""What is promised, and streams of earlier versions; these really loaded, by another way than the comparison's."""

from __future__ import annotations

from typing import Any

import pytest

from visitors import cbor, qemufile
from vmstate import Decoded, VMStateError, array, decode, encode, nested, state, uint8, uint16, uint32, unused
from vmstate.combinators import record_of
from vmstate.compat.findings import BREAKS, CONDITIONAL, CORRUPTS, LOSSY, OK, UNKNOWN, Both, Finding, Report
from vmstate.compat.levels import MOST, Level, breach, directions, promised, violated
from vmstate.compat.sides import Side, part_of
from vmstate.kept import Bag
from vmstate.shape import Int, Member, Record


def finding(severity: Any, positional: Both, named: Both | None = None) -> Finding:
    return Finding("VM301", "a::b", "message", positional, named or positional, severity=severity)


# -- which findings break a promise

@pytest.mark.parametrize(("level", "found"), [
    ("backward", ("backward",)), ("forward", ("forward",)), ("full", ("backward", "forward"))])
def test_the_directions_of_a_level(level: Level, found: tuple[str, ...]) -> None:
    assert directions(level) == found


@pytest.mark.parametrize(("severity", "verdict", "breaks"), [
    ("error", BREAKS, True), ("warn", BREAKS, True), ("note", BREAKS, True), ("note", CORRUPTS, True),
    ("error", CONDITIONAL, True), ("warn", CONDITIONAL, False), ("note", CONDITIONAL, False),
    ("error", UNKNOWN, False), ("error", LOSSY, False), ("error", OK, False),
])
def test_what_is_a_breach(severity: str, verdict: Any, breaks: bool) -> None:
    one = finding(severity, Both(verdict, OK))
    assert breach(one, "backward", positional=True) is breaks
    assert breach(one, "full", positional=True) is breaks
    assert breach(one, "forward", positional=True) is False
    assert violated(Report((one,)), "backward") is breaks


def test_each_family_by_its_own_verdicts() -> None:
    one = finding("error", Both(OK, OK), Both(OK, BREAKS))
    assert not violated(Report((one,), positional=True), "full")
    assert violated(Report((one,), positional=False), "forward")
    assert not violated(Report((one,), positional=False), "backward")


# -- streams of earlier versions

@state("thing", version=3, minimum=1)
class Old:
    a: int = uint32()
    b: int = uint16(since=2)
    c: int = uint8(since=3, default=7)


@state("thing", version=3, minimum=1)
class Always:
    """`b` lost its gate: streams of version 1 do not have it."""

    a: int = uint32()
    b: int = uint16()
    c: int = uint8(since=3, default=7)


@state("thing", version=3, minimum=1)
class Later:
    """`b` is expected from version 3 on: streams of version 2 have it."""

    a: int = uint32()
    b: int = uint16(since=3)
    c: int = uint8(since=3, default=7)


@state("thing", version=3, minimum=1)
class Earlier:
    """`c` is expected from version 2 on."""

    a: int = uint32()
    b: int = uint16(since=2)
    c: int = uint8(since=2, default=7)


@state("thing", version=4, minimum=2)
class Newer:
    a: int = uint32()
    b: int = uint16(since=2)
    c: int = uint8(since=3, default=7)
    d: int = uint8(since=4)


@state("thing", version=3, minimum=1)
class Swapped:
    """`b` became unused bytes that are always there."""

    a: int = uint32()
    _b = unused(2)
    c: int = uint8(since=3, default=7)


NEW = [Always, Later, Earlier, Newer, Swapped, Old]


def side(kind: type | Record[Any]) -> Side:
    return Side("side", (part_of("thing", record_of(kind)),))


def transitive(old: type | Record[Any], new: type | Record[Any], positional: bool = True) -> list[Finding]:
    """What is found in addition."""
    plain, more = (promised(side(old), side(new), positional=positional, transitive=one) for one in (False, True))
    known = {(one.rule, one.path, one.message) for one in plain.findings}
    return [one for one in more.findings if (one.rule, one.path, one.message) not in known]


def loads(new: type, version: int, form: Any) -> bool:
    """Whether a stream that the old declaration wrote at this version is read as it was written."""
    sent = encode(Decoded(Old(a=0x01020304, b=0x0506, c=9), version, record_of(Old)), form)
    try:
        got: Any = decode(new, sent, form, version=version).state
    except VMStateError:
        return False
    return bool(got.a == 0x01020304 and (version < 2 or getattr(got, "b", 0x0506) == 0x0506)
                and (version < 3 or got.c == 9))


@pytest.mark.parametrize("form", [qemufile, cbor])
@pytest.mark.parametrize("new", NEW)
def test_it_is_as_it_loads(new: type, form: Any) -> None:
    """A stream of a version fails if and only if a finding says so."""
    positional = form is qemufile
    report = promised(side(Old), side(new), positional=positional, transitive=True)
    fails = [version for version in (1, 2, 3) if not loads(new, version, form)]
    assert report.verdict.backward.hard == bool(fails), fails
    told = {one.witness["version"] for one in transitive(Old, new, positional)
            if one.witness and one.verdicts(positional).backward.hard and "version" in one.witness}
    assert told <= set(fails)


@pytest.mark.parametrize(("new", "path", "said"), [
    (Always, "thing::b", "version 1"), (Later, "thing", "version 2"), (Earlier, "thing::c", "version 2"),
    (Swapped, "thing::b", "version 1")])
def test_the_version_is_named(new: type, path: str, said: str) -> None:
    (one,) = [one for one in transitive(Old, new) if one.positional.backward.hard]
    assert one.rule == "VM313"
    assert one.path.startswith(path)
    assert said in one.message
    assert one.severity == "error"
    assert one.positional.forward is OK


def test_nothing_more_where_nothing_is_gated() -> None:
    assert transitive(Old, Old) == []
    assert not promised(side(Old), side(Old), transitive=True).findings


def test_versions_below_the_new_minimum_are_the_minimum_s_matter() -> None:
    found = promised(side(Old), side(Newer), transitive=True).findings
    assert [one.positional.backward for one in found if one.rule == "VM203"] == [BREAKS]
    assert not [one for one in found if one.rule == "VM313"]
    plain = promised(side(Old), side(Newer))
    assert plain.verdict.backward is OK


def test_a_default_stands_in_where_there_are_names() -> None:
    assert transitive(Old, Earlier, positional=False) == []
    (one,) = transitive(Old, Always, positional=False)
    assert one.named.backward is BREAKS
    assert one.message == "streams of version 1 lack b"


# -- versions of a nested record that goes by its parent's, and many of them

@state("inner", version=9, minimum=0)
class InnerOld:
    x: int = uint8()
    y: int = uint8(since=4)


@state("inner", version=9, minimum=0)
class InnerNew:
    x: int = uint8()
    y: int = uint8(since=6)


@state("outer", version=9, minimum=1)
class OuterOld:
    items: list[InnerOld] = array(nested(InnerOld, version="outer"), 2)


@state("outer", version=9, minimum=1)
class OuterNew:
    items: list[InnerNew] = array(nested(InnerNew, version="outer"), 2)


def test_nested_records_at_their_parent_s_version() -> None:
    (one,) = [one for one in transitive(OuterOld, OuterNew) if one.positional.backward.hard]
    assert "versions 4 to 5" in one.message


def members(*gates: int) -> tuple[Member, ...]:
    return tuple(Member(f"m{i}", f"m{i}", Int(8), f"m{i}", since=since) for i, since in enumerate(gates))


def record(version: int, *gates: int) -> Record[Any]:
    return Record("thing", Bag, Bag, version, 0, members(*gates))


def test_a_version_costs_nothing_where_nothing_changes() -> None:
    """A dump may say any number: only versions with which something came are laid out."""
    most = 1 << 31
    (one,) = [one for one in transitive(record(most, 0, 5), record(most, 0, 1 << 30)) if one.rule == "VM313"]
    assert f"versions 5 to {(1 << 30) - 1}" in one.message


def test_more_versions_than_can_be_laid_out() -> None:
    many = range(2 * MOST)
    found = transitive(record(9999, *many), record(9999, *(one + 1 for one in many)))
    assert "VM901" in {one.rule for one in found}
    assert len(found) < 3 * MOST
