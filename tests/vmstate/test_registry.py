"""Which declaration a name means."""

import pytest

from devices.catalogue import SECTIONS
from devices.catalogue import registry as devices
from vmstate import Registry


def test_only_what_is_of_the_target_is_imported() -> None:
    registry = Registry({"cpu": {"avr": "nowhere:Cpu", "i386,x86_64": "devices.cpu.x86:Cpu"}})
    assert [one.traits.target for one in registry.named("cpu", "x86_64")] == [("i386", "x86_64")]
    with pytest.raises(ModuleNotFoundError):
        registry.named("cpu")


def test_the_catalogue_and_the_classes_say_the_same_of_targets() -> None:
    for name, entries in SECTIONS.items():
        for targets in entries if isinstance(entries, dict) else ():
            for one in targets.split(","):
                assert all(one in record.traits.target for record in devices().named(name, one)), name
