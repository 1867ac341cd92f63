"""Machine types: what their names say, and what they decide of a state."""

from __future__ import annotations

import attrs
import pytest

from vmstate import DeclarationError, array, local, nested, record_of, state, uint8
from vmstate.machine_types import MachineType, decided, suit


@state("lamp")
class Lamp:
    on: bool = local(True, before={"6.1": False})
    watts: int = local(9, before={"2.12": 40, "2.4": 60, "pc-q35-4.0": 25})
    colour: int = uint8()


@state("house")
class House:
    hall: Lamp = nested(Lamp)
    rooms: list[Lamp] = array(nested(Lamp), 2)


@pytest.mark.parametrize(("name", "family", "version"), [
    ("pc-q35-6.1", "pc-q35", (6, 1)), ("pc-i440fx-10.0", "pc-i440fx", (10, 0)), ("virt-7.2", "virt", (7, 2)),
    ("pc-q35-4.0.1", "pc-q35", (4, 0, 1)), ("s390-ccw-virtio-9.2", "s390-ccw-virtio", (9, 2)), ("6.1", "", (6, 1)),
])
def test_a_name_with_a_version(name: str, family: str, version: tuple[int, ...]) -> None:
    assert MachineType.of(name) == MachineType(family, version)


@pytest.mark.parametrize("name", [
    "", "microvm", "none", "isapc", "pc-q35-rhel9.6.0", "SS-5", "mps2-an385", "40p", "pc-6", "pc-6.", "pc-.6",
    "pc-6.-1", "pc-6.\u0661", "pc-6.\u00b2", f"pc-6.{'9' * 5000}",
])
def test_a_name_without(name: str) -> None:
    assert MachineType.of(name) is None


@pytest.mark.parametrize(("name", "on", "watts"), [
    ("pc-i440fx-6.1", True, 9), ("pc-i440fx-10.0", True, 9), ("pc-i440fx-6.0", False, 9), ("pc-i440fx-2.12", False, 9),
    ("pc-i440fx-2.11", False, 40), ("pc-i440fx-2.4", False, 40), ("pc-i440fx-2.3", False, 60),
    ("pc-q35-4.0", False, 9), ("pc-q35-3.1", False, 25), ("pc-q35-2.11", False, 40), ("virt-3.1", False, 9),
])
def test_what_is_decided(name: str, on: bool, watts: int) -> None:
    """The oldest that applies; 2.11 is before 2.12, and 10.0 is not before 6.1."""
    machine = MachineType.of(name)
    assert machine is not None
    suit(lamp := Lamp(colour=3), machine)
    assert lamp == Lamp(on=on, watts=watts, colour=3)


def test_states_within_are_suited() -> None:
    suit(house := House(), MachineType("", (6, 0)))
    assert [one.on for one in (house.hall, *house.rooms)] == [False] * 3


def test_it_is_a_plain_attribute() -> None:
    assert [one.key for one in record_of(Lamp).members] == ["colour"]
    assert [one.name for one in attrs.fields(Lamp)][:2] == ["on", "watts"]
    assert Lamp(on=False).on is False
    assert decided(House()) == {}


def test_what_is_no_machine_type() -> None:
    with pytest.raises(DeclarationError, match=r"line \d+: before='q35' is no version such as 6\.1"):
        @state("wrong")
        class Wrong:
            on: bool = local(True, before={"q35": False, "6.1": False})
