"""`vmstate.compare`, as a program calls it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from importlib import import_module

import pytest

import vmstate
from devices.catalogue import registry
from visitors import cbor, json, qemufile
from vmstate import Registry, allow, int16, state, uint8, uint16
from vmstate.combinators import record_of
from vmstate.compat.entry import positional, side
from vmstate.compat.findings import BREAKS, OK, Both


@state("one")
class Old:
    a: int = uint8()
    b: int = int16()


@state("one")
class Renamed:
    a: int = uint8()
    c: int = int16()


@state("one")
class Signed:
    a: int = uint8()
    b: int = uint16()


@state("other")
class Other:
    a: int = uint8()
    b: int = int16()


def test_nothing_is_imported_before_it_is_called() -> None:
    code = ("import sys, vmstate; assert not [name for name in sys.modules if name.startswith('vmstate.compat')]; "
            "vmstate.compare; assert 'vmstate.compat.entry' in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="comparison"):
        vmstate.comparison  # type: ignore[attr-defined]  # noqa: B018  it is looked up


@pytest.mark.parametrize("name", ["ber", "cbor", "json", "msgpack", "qemufile", "tree"])
def test_formats_say_whether_they_go_by_place(name: str) -> None:
    assert positional(import_module(f"visitors.{name}")) is (name == "qemufile")


@pytest.mark.parametrize("same", [Old, record_of(Old), Registry({"one": Old}), side(Old, "a side"), registry()],
                         ids=["class", "record", "registry", "side", "devices"])
def test_the_same_is_nothing(same: object) -> None:
    found = vmstate.compare(same, same, wires=[qemufile, cbor])  # type: ignore[arg-type]
    assert not found
    assert (len(found), list(found), found.verdict) == (0, [], Both())
    assert not found.violates("full")


def test_a_format_counts_only_if_it_is_asked_for() -> None:
    assert vmstate.compare(Old, Renamed, wires=[qemufile]).verdict == Both(OK, OK)
    assert vmstate.compare(Old, Renamed, wires=[json]).verdict == Both(BREAKS, BREAKS)
    both = vmstate.compare(Old, Renamed, wires=[qemufile, cbor, json])
    assert both.verdict == Both(BREAKS, BREAKS)
    assert len(both.settled) == 2
    (one,) = [one for one in both if one.rule == "VM305"]
    assert (one.severity, both[0], list(both[:1])) == ("error", one, [one])


def test_the_promise() -> None:
    found = vmstate.compare(Old, Signed, wires=[cbor])
    assert found.verdict.worst.name == "CONDITIONAL"
    assert found.violates()  # an error that some streams meet
    assert vmstate.compare(Old, Signed, wires=[qemufile]).violates("forward")


def test_two_declarations_are_one_section() -> None:
    """Whatever their classes are called; among many, it is their names that count."""
    assert [one.rule for one in vmstate.compare(Old, Other, wires=[qemufile])] == ["VM103"]
    rules = {one.rule for one in vmstate.compare(Registry({"one": Old}), Registry({"other": Other}), wires=[qemufile])}
    assert rules == {"VM101", "VM102"}


def test_an_allowance_has_a_last_day() -> None:
    @state("one")
    class New:
        _c = allow("VM301", "not released", "2026-05-17")
        a: int = uint8()
        b: int = int16()
        c: int = uint8()

    assert not vmstate.compare(Old, New, wires=[qemufile], today=date(2026, 5, 17)).violates("full")
    assert vmstate.compare(Old, New, wires=[qemufile], today=date(2026, 5, 18)).violates("full")


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="wires="):
        vmstate.compare(Old, Old, wires=[])
    with pytest.raises(TypeError, match="is not a @state class"):
        vmstate.compare(Old, int, wires=[qemufile])
