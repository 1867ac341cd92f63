"""What is allowed: where it holds, until when, what goes with it, and what is told of it."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from visitors import cbor, qemufile
from vmstate import allow, compare, nested, state, subsection, uint8, uint16, uint32
from vmstate.combinators import record_of
from vmstate.compat.allowances import Granted, configured, declared, like, settled
from vmstate.compat.findings import BREAKS, CONDITIONAL, OK, Both, Finding, Report
from vmstate.compat.sections import meet
from vmstate.compat.sides import side_of
from vmstate.errors import DeclarationError, DecodeError
from vmstate.shape import Allowance

TODAY = date(2026, 5, 17)
HARD = Both(BREAKS, BREAKS)


def granted(rule: str = "VM301", until: str = "", **where: str) -> Granted:
    return Granted(Allowance(rule, "reason", until), **where)


def finding(rule: str = "VM301", path: str = "dev::a", verdicts: Both = HARD, cause: str = "") -> Finding:
    return Finding(rule, path, "message", verdicts, verdicts, severity="error", cause=cause or path)


# -- where

@pytest.mark.parametrize(("pattern", "text", "found"), [
    ("*", "", True), ("a", "a", True), ("a", "A", False), ("a*", "abc", True), ("?b", "ab", True), ("?b", "b", False),
    ("a.b", "axb", False), ("a[0]", "a[0]", True), ("a[0]", "a0", False), ("*", "two\nlines", True),
    ("a*", "ba", False),
])
def test_patterns(pattern: str, text: str, found: bool) -> None:
    assert like(pattern, text) is found


@pytest.mark.parametrize(("where", "path", "found"), [
    ({}, "anything::at.all", True),
    ({"device": "e1000"}, "e1000::a", True), ({"device": "e1000"}, "0000:00:02.0/e1000::a", True),
    ({"device": "e1000"}, "e1000e::a", False), ({"device": "1000"}, "0000:00:02.0/e1000::a", False),
    ({"device": "e*"}, "e1000e", True), ({"device": "e1000"}, "e1000", True),
    ({"path": "dev"}, "dev::a", True), ({"path": "dev"}, "device::a", False), ({"path": "dev::a"}, "dev::a", True),
    ({"path": "dev::a"}, "dev::a.b", True), ({"path": "dev::a"}, "dev::a[3].b", True),
    ({"path": "dev::a"}, "dev::ab", False), ({"path": "dev::*.b"}, "dev::a.b", True),
    ({"path": "dev::a"}, "dev", False), ({"device": "x", "path": "dev::a"}, "dev::a", False),
])
def test_what_is_covered(where: dict[str, str], path: str, found: bool) -> None:
    assert granted(**where).covers(finding(path=path)) is found
    assert not granted("VM302", **where).covers(finding(path=path))


# -- until when

@pytest.mark.parametrize(("until", "valid"), [
    ("", True), ("2026-05-17", True), ("2026-05-18", True), ("2026-05-16", False), ("someday", False),
    ("2026-13-01", False), ("20270101", False), ("9999-12-31", True),
])
def test_the_last_day(until: str, valid: bool) -> None:
    done = settled(Report((finding(),)), [granted(until=until)], TODAY)
    (one,) = done.report.findings
    if valid:
        assert (one.rule, one.severity, one.positional, one.named) == ("VM902", "info", Both(), Both())
        assert "VM301 allowed: reason" in one.message
        assert not done.expired
        assert not done.violates("full")
    else:
        assert (one.rule, one.severity, one.positional) == ("VM301", "error", HARD)
        assert f"until {until}" in one.message.replace("'", "")
        assert "reason" in one.message
        assert done.expired == (one,)


@pytest.mark.parametrize("until", ["someday", "2026-13-01", "20270101", "2027-W01-1", "2027-1-1"])
def test_a_declaration_wants_a_day(until: str) -> None:
    with pytest.raises(DeclarationError, match=f"until '{until}', which is no day: write YYYY-MM-DD"):
        @state("dev")
        class _Dev:
            _allowed = allow("VM301", "reason", until=until)
            a: int = uint8()


def test_an_expired_one_fails_whatever_the_finding_is() -> None:
    harmless = finding("VM607", verdicts=Both(OK, OK))
    assert not settled(Report((harmless,)), [], TODAY).violates("full")
    assert settled(Report((harmless,)), [granted("VM607", "2020-01-01")], TODAY).violates("backward")


def test_a_valid_one_goes_before_an_expired_one() -> None:
    done = settled(Report((finding(),)), [granted(until="2020-01-01"), granted(until="2030-01-01")], TODAY)
    assert [one.rule for one in done.report.findings] == ["VM902"]
    assert not done.idle


def test_one_that_nothing_needs() -> None:
    idle = granted("VM302")
    done = settled(Report((finding(),)), [granted(), idle], TODAY)
    assert done.idle == (idle,)


# -- what goes with it

@pytest.mark.parametrize("verdicts", [HARD, Both(OK, BREAKS), Both(OK, OK)])
def test_what_follows_from_the_same_cause(verdicts: Both) -> None:
    head, other = finding(), finding("VM501", verdicts=verdicts)
    done = settled(Report((head, other)), [granted()], TODAY)
    assert [one.rule for one in done.report.findings] == ["VM902", "VM902"]


def test_what_is_worse_stays() -> None:
    head, worse = finding(verdicts=Both(CONDITIONAL, OK)), finding("VM306", verdicts=Both(BREAKS, OK))
    other = finding("VM301", "dev::b")
    done = settled(Report((head, worse, other)), [granted(path="dev::a")], TODAY)
    assert sorted(one.rule for one in done.report.findings) == ["VM301", "VM306", "VM902"]


def test_what_a_section_has_in_all_is_no_cause() -> None:
    """Its version and its priority are two things."""
    version, priority = (finding(rule, "dev", Both(CONDITIONAL, BREAKS)) for rule in ("VM201", "VM107"))
    done = settled(Report((version, priority)), [granted("VM201")], TODAY)
    assert sorted(one.rule for one in done.report.findings) == ["VM107", "VM902"]


# -- beside the device

@state("inner")
class InnerOld:
    x: int = uint8()


@state("inner")
class Inner:
    _y = allow("VM301", "inner", "2030-01-01")
    x: int = uint8()
    y: int = uint8()


@state("dev")
class Old:
    a: int = uint32()
    inner: InnerOld = nested(InnerOld)

    @subsection("dev/sub")
    def _sub(self) -> bool:
        return bool(self.s)

    s: int = uint8()


@state("dev")
class New:
    _s = allow("VM307", "wider", "2030-01-01")
    a: int = uint32()
    inner: Inner = nested(Inner)

    @subsection("dev/sub")
    def _sub(self) -> bool:
        return bool(self.s)

    s: int = uint16()


def test_each_holds_where_it_stands() -> None:
    found = {one.path: one for one in declared(meet(side_of("old", [record_of(Old)]), side_of("new", [record_of(New)])))
             if one.beside}
    assert {path: one.allowance.rule for path, one in found.items()} == {"dev": "VM307", "dev::inner": "VM301"}
    assert found["dev"].said == "New"


def test_allowed_by_the_device_itself() -> None:
    done = compare(Old, New, wires=[qemufile], today=TODAY)
    assert {one.path for one in done if one.rule == "VM902"} >= {"dev::inner.y", "dev::dev/sub.s"}
    late = compare(Old, New, wires=[qemufile, cbor], today=date(2030, 1, 2))
    assert late.violates("backward")
    assert all("until 2030-01-01" in one.message for one in late if one.rule in ("VM301", "VM307"))
    assert compare(New, New, wires=[qemufile], today=TODAY).findings == ()


def test_a_section_that_is_gone_speaks_for_itself() -> None:
    @state("gone")
    class Gone:
        _gone = allow("VM101", "nobody has it")
        a: int = uint8()

    met = meet(side_of("old", [record_of(Gone)]), side_of("new", []))
    assert [one.allowance.rule for one in declared(met)] == ["VM101"]


# -- in a configuration

def read(text: str) -> list[Granted]:
    return list(configured(tomllib.loads(text), "vmstate.toml"))


def test_a_configuration() -> None:
    first, second = read("""
        [[allow]]
        rule = "VM203"
        reason = "nobody has such streams"
        device = "vmmouse"
        until = 2030-12-31

        [[allow]]
        rule = "VM307"
        reason = "another"
        path = "dev::a"
        until = "2031-01-01"
    """)
    assert first == Granted(Allowance("VM203", "nobody has such streams", "2030-12-31"), "vmmouse", "*", "vmstate.toml")
    assert (second.path, second.allowance.until, second.beside) == ("dev::a", "2031-01-01", False)
    assert read("") == []


GOOD = 'rule = "VM301"\nreason = "r"\n'


@pytest.mark.parametrize(("text", "said"), [
    ("allow = 1", "a list of tables"), ("allow = [1]", "allow[0]: a table"), ("alow = []", "nothing is called alow"),
    ('[[allow]]\nreason = "r"', "allow[0].rule: a rule is wanted"), ('[[allow]]\nrule = "VM301"', "allow[0].reason"),
    ('[[allow]]\nrule = "VM999"\nreason = "r"', "no rule VM999"), (f'[[allow]]\n{GOOD}reson = "r"', "reson"),
    (f'[[allow]]\n{GOOD}until = "soon"', "YYYY-MM-DD"), (f"[[allow]]\n{GOOD}until = 1", "YYYY-MM-DD"),
    (f"[[allow]]\n{GOOD}until = 2030-01-01T00:00:00Z", "YYYY-MM-DD"), (f"[[allow]]\n{GOOD}until = 07:00:00", "YYYY"),
    (f"[[allow]]\n{GOOD}device = 3", "allow[0].device"), (f'[[allow]]\n{GOOD}path = ""', "allow[0].path"),
    ('[[allow]]\nrule = "VM301"\nreason = " "', "a reason is wanted"),
    (f"[[allow]]\n{GOOD}[[allow]]\nrule = 3", "allow[1].rule"),
])
def test_a_configuration_that_is_wrong(text: str, said: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("vmstate.toml")


def test_the_rules_of_declarations_are_not_checked_but_told() -> None:
    """An unknown rule beside a device is one that nothing needs."""
    @state("dev")
    class Odd:
        _odd = allow("VM000", "typo")
        a: int = uint32()

    found: Any = compare(Odd, Odd, wires=[qemufile])
    assert [one.allowance.rule for one in found.settled[0].idle] == ["VM000"]
    assert not found
