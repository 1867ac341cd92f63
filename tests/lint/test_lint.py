"""Mistakes, each planted and found; and declarations that look like them, in which nothing is found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from devices.catalogue import registry
from visitors import qemufile
from vmstate import (
    Around,
    HookRefused,
    allow,
    array,
    buffer,
    check,
    local,
    nested,
    post_load,
    pre_save,
    record_of,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
)
from vmstate.lint.entry import lint
from vmstate.lint.rules import RULES
from vmstate_cli.declarations import declared

TODAY = date(2026, 1, 1)
Found = list[tuple[str, str, str]]


def found(*kinds: type[Any], together: bool = False) -> Found:
    """The rule, the class or subsection, and the member of each finding that nobody accepts."""
    records = [record_of(kind) for kind in kinds]
    known = {"one": records} if together else {str(i): [one] for i, one in enumerate(records)}
    return [(one.id, one.place.rpartition(".")[2], one.member) for one in lint(known, qemufile, TODAY)
            if not one.reason]


# -- members

@state("lint/inner", version=2, minimum=1)
class Inner:
    """Its version does not travel."""

    a: int = uint8()
    b: int = uint8(since=2)


@state("lint/outer")
class Outer:
    """A record within, at its newest version."""

    inner: Inner = nested(Inner)


@state("lint/outer")
class Told:
    """A record within, at a version that is told."""

    inner: Inner = nested(Inner, version=1)


@state("lint/never")
class Never:
    """Predicates that are constants."""

    def _has_a(self) -> bool:
        return False

    def _has_b(self) -> bool:
        return True

    a: int = uint8(when=_has_a)
    b: int = uint8(when=_has_b)

    @subsection("lint/never/sub")
    def _sends(self) -> bool:
        return False

    c: int = uint8()


@state("lint/later")
class Later:
    """Gates and sizes that ask too early."""

    def _has_data(self) -> bool:
        return self.flags != 0

    def _length(self) -> int:
        return self.longer

    def _has_itself(self) -> bool:
        return self.itself != 0

    data: int = uint8(when=_has_data)
    flags: int = uint8()
    itself: int = uint8(when=_has_itself)
    bytes_: bytearray = buffer(_length)

    @property
    def longer(self) -> int:
        """Through a property."""
        return self.size

    @subsection("lint/later/size")
    def _sized(self) -> bool:
        return self.size != 0

    size: int = uint8()


@state("lint/earlier")
class Earlier:
    """As it should be: what is asked is there, is a setting, or is the machine's."""

    def _has_data(self) -> bool:
        return self.flags != 0 and self.wide and self.fact

    flags: int = uint8()
    data: int = uint8(when=_has_data)
    fact: bool = local(False)
    wide: bool = setting(False, True)


@state("lint/names")
class Names:
    """Names that are another's."""

    a: int = uint8(was="old")
    b: int = uint8(was=("old", "c"))
    c: int = uint8()
    d: int = uint8(write_as="c")


@state("lint/defaults", version=2)
class Defaults:
    """Defaults that their own checks refuse."""

    a: int = uint8(maximum=3, default=4)
    b: int = uint8(maximum=3, default=3)


# -- methods

@state("lint/methods")
class Methods:
    """Attributes that are not there, and a predicate that counts how often it is asked."""

    count: int = uint8()
    asked: int = local(0)

    @property
    def gone(self) -> int:
        """Through a property, and within a comprehension."""
        return sum(self.missing for _ in range(self.count))

    @subsection("lint/methods/sub")
    def _sends(self) -> bool:
        self.asked += 1
        return self.asked > 3

    extra: int = uint8()

    @subsection("lint/methods/open")
    def _unwritten(self) -> bool:
        """To do."""
        raise NotImplementedError("to be written")

    more: int = uint8()

    @post_load
    def _settle(self, version: int) -> None:
        if version > 1:
            self.nothing = self.gone


# -- subsections

NOTHING, ON = 0xFF, 1


@state("lint/sending")
class Sending:
    """Subsections of a new instance."""

    mode: int = uint8()
    told: int = uint8(reset=ON)
    machine: bool = local(True)

    @subsection("lint/sending/own")
    def _own(self) -> bool:
        return self.own != NOTHING

    own: int = uint8()

    @subsection("lint/sending/mode")
    def _by_mode(self) -> bool:
        return self.mode != 5

    a: int = uint8()

    @subsection("lint/sending/fact")
    def _by_fact(self) -> bool:
        return self.machine

    b: int = uint8()

    @subsection("lint/sending/reset")
    def _by_reset(self) -> bool:
        return self.told == ON

    c: int = uint8()

    @subsection("lint/sending/fine")
    def _fine(self) -> bool:
        return any(self.d)

    d: list[int] = array(uint8(), 2)

    @subsection("lint/sending/list")
    def _listed(self) -> bool:
        return any(self.e)

    e: list[int] = array(uint8(), 2, reset=[1, 1])


@state("lint/accident")
class Accident:
    """Names that begin alike."""

    @subsection("lint/accident/tx")
    def _tx(self) -> bool:
        return self.a != 0

    a: int = uint8()

    @subsection("lint/accident/txq")
    def _txq(self) -> bool:
        return self.b != 0

    b: int = uint8()

    @subsection("lint/accident/tx/more")
    def _more(self) -> bool:
        return self.c != 0

    c: int = uint8()


# -- new instances

SHARED = [0]


@state("lint/shared")
class Shared:
    """Values that all instances have in common."""

    a: list[int] = local(SHARED)
    b: list[int] = local(list)
    c: list[Inner] = array(nested(Inner, version=2), 1, reset=[Inner()])
    d: int = uint8()


@state("lint/unsaved")
class Unsaved:
    """A list that is shorter than its count."""

    count: int = uint8(reset=2)
    data: list[int] = array(uint8(), "count", reset=[1])


@state("lint/refused")
class Refused:
    """A reset value that a check refuses."""

    a: int = uint8()

    @check("a is no 2")
    def _one(self) -> bool:
        return self.a != 2

    @post_load
    def _refuse(self, version: int) -> None:
        if not self.a:
            raise HookRefused("nothing set")


@state("lint/restless")
class Restless:
    """Each load and save counts on."""

    a: int = uint8()

    @pre_save
    def _count(self) -> None:
        self.a += 1


@state("lint/settling")
class Settling:
    """A load that puts right what a new instance has."""

    a: int = uint8()

    @post_load
    def _settle(self, version: int) -> None:
        self.a = 7


@state("lint/old", version=3, minimum=1)
class Old:
    """Version 1 is refused on purpose, version 2 by mistake."""

    a: int = uint8()
    b: int = uint8(since=3)

    @post_load
    def _settle(self, version: int) -> None:
        if version == 1:
            raise HookRefused("version 1 had no clock")
        self.b = self.b or 10 // (version - 2)


# -- settings and sections

@state("lint/settings")
class Settings:
    """Settings, one of which decides nothing."""

    def _is_wide(self) -> bool:
        return self.wide

    wide: bool = setting(False, True)
    unasked: int = setting(1, 2)
    width: int = setting(1, 2)
    alone: int = setting(1)
    number: int = setting(1, 2)
    a: int = uint8(when=_is_wide)
    data: bytearray = buffer("width")
    told: int = uint8()

    @post_load
    def _take(self, version: int) -> None:
        self.told = self.number


@state("lint/one")
class One:
    """Two bytes."""

    a: int = uint16()


@state("lint/one")
class Other:
    """The same two."""

    a: int = uint8()
    b: int = uint8()


@state("lint/one", target="avr")
class Elsewhere:
    """For one target."""

    a: int = uint16()


@state("lint/one", target="arm")
class Third:
    """For another."""

    a: int = uint16()


@state("lint/one")
class Longer:
    """More bytes."""

    a: int = uint32()


PLANTED: list[tuple[type[Any], Found]] = [
    (Outer, [("VL101", "test_lint:Inner", "b")]),
    (Never, [("VL102", "test_lint:Never", "a"), ("VL102", "test_lint:Never", "lint/never/sub")]),
    (Later, [("VL103", "test_lint:Later", "data"), ("VL103", "test_lint:Later", "itself"),
             ("VL103", "test_lint:Later", "bytes_")]),
    (Names, [("VL105", "test_lint:Names", "c"), ("VL104", "test_lint:Names", "a"), ("VL104", "test_lint:Names", "b"),
             ("VL104", "test_lint:Names", "b")]),
    (Defaults, [("VL106", "test_lint:Defaults", "a")]),
    (Methods, [("VL202", "test_lint:Methods", "_sends"), ("VL203", "test_lint:Methods", "_unwritten"),
               ("VL201", "test_lint:Methods", "_settle"), ("VL201", "test_lint:Methods", "_settle"),
               ("VL401", "test_lint:Methods", "")]),
    (Sending, [("VL301", "test_lint:Sending", f"lint/sending/{name}") for name in ("own", "mode", "list")]),
    (Accident, [("VL302", "test_lint:Accident::lint/accident/tx", "lint/accident/txq")]),
    (Shared, [("VL405", "test_lint:Shared", "a"), ("VL405", "test_lint:Shared", "c")]),
    (Unsaved, [("VL401", "test_lint:Unsaved", "")]),
    (Refused, [("VL402", "test_lint:Refused", "")]),
    (Restless, [("VL403", "test_lint:Restless", "")]),
    (Old, [("VL404", "test_lint:Old", "")]),
    (Settings, [("VL501", "test_lint:Settings", "unasked"), ("VL501", "test_lint:Settings", "number")]),
]


@pytest.mark.parametrize(("kind", "expected"), PLANTED, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_planted_is_found(kind: type[Any], expected: Found) -> None:
    assert found(kind) == expected


@pytest.mark.parametrize("kind", [Told, Earlier, Settling, One])
def test_what_is_right_is_left_alone(kind: type[Any]) -> None:
    assert found(kind) == []


def test_sections_of_one_name() -> None:
    assert found(One, Other, together=True) == [("VL601", "test_lint:One", "one")]
    assert found(One, One, together=True) == [("VL601", "test_lint:One", "one")]
    assert found(Elsewhere, Third, together=True) == []
    assert found(One, Elsewhere, together=True) == [("VL601", "test_lint:One", "one")]
    assert found(One, Longer, together=True) == []


def test_what_no_section_reaches() -> None:
    flaws = lint({"outer": [record_of(Outer)]}, qemufile, TODAY, [record_of(Inner), record_of(Refused), record_of(One)])
    assert [(one.id, one.place.rpartition(".")[2]) for one in flaws] == [
        ("VL101", "test_lint:Inner"), ("VL602", "test_lint:One"), ("VL602", "test_lint:Refused")]


def test_a_section_within_another_is_walked_at_its_own_version() -> None:
    assert found(Outer, Inner) == []


# -- what is accepted

@state("lint/allowed")
class Allowed:
    """What its author knows."""

    _sent = allow("VL301", "the card powers up after reset")
    _twice = allow("VM201", "another command's")

    @subsection("lint/allowed/own")
    def _own(self) -> bool:
        return self.own != NOTHING

    own: int = uint8()


@state("lint/expired")
class Expired:
    """What should be mended by now."""

    _sent = allow("VL301", "until the next release", until="2025-12-31")
    _needless = allow("VL403", "nothing")
    _unknown = allow("VL999", "nothing")

    @subsection("lint/expired/own")
    def _own(self) -> bool:
        return self.own != NOTHING

    own: int = uint8()


def test_what_is_allowed_is_told_with_its_reason() -> None:
    (one,) = lint({"one": [record_of(Allowed)]}, qemufile, TODAY)
    assert (one.id, one.reason) == ("VL301", "the card powers up after reset")


def test_an_allowance_that_expired_or_that_nothing_needs() -> None:
    assert found(Expired) == [
        ("VL902", "test_lint:Expired", "lint/expired/own"), ("VL301", "test_lint:Expired", "lint/expired/own"),
        ("VL901", "test_lint:Expired", ""), ("VL901", "test_lint:Expired", "")]


def test_compare_does_not_mind() -> None:
    from vmstate.compat.allowances import of_record

    assert [one.allowance.rule for one in of_record(record_of(Allowed), "allowed", frozenset())] == ["VM201"]


# -- the rules

def test_each_rule_is_planted() -> None:
    planted = {rule for _, expected in PLANTED for rule, _, _ in expected}
    elsewhere = {"VL001", "VL107", "VL601", "VL602", "VL901", "VL902"}
    assert set(RULES) - planted == elsewhere, "those have tests of their own"


def test_what_needs_its_surroundings_is_not_walked_alone() -> None:
    @state("lint/part")
    class Part:
        """A part, which asks what is around it."""

        def _length(self, around: Around) -> int:
            return around.up(One).a

        data: bytearray = buffer(_length)

    assert found(Part) == []


# -- the library

def test_the_devices() -> None:
    known = registry()
    flaws = lint({name: known.named(name) for name in known}, qemufile, date(2026, 1, 1), declared("devices"))
    assert [str(one) for one in flaws if not one.reason] == []
