"""Predicates are true to QEMU: a device that is loaded live and saved again sends the subsections that QEMU sent."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from devices.catalogue import registry
from devices.cpu.x86 import Cpu
from devices.cpu.x86_features import SUBSECTIONS
from devices.misc.fw_cfg import FwCfg
from devices.timer.timers import Timers
from migration.likeness import is_as_sent
from migration.reloading import Reload
from migration.replay import Replay
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Configured
from tests.devices.predicates import NEEDS, PAGE, Asked, asked, page
from tests.interop.rewriting import rewritten
from tests.migration.recorded import NAMES, STREAMS, stream
from visitors import qemufile
from vmstate import decode, record_of, save
from vmstate.machine_types import MachineType, decided, states_within

MAIN = [name for name in NAMES if STREAMS[name].get("kind", "main stream") == "main stream"]


@cache
def replayed(name: str) -> Replay:
    return Replay(Stream(stream(name), registry()))


def moved(replay: Replay) -> list[tuple[str, str]]:
    """The subsections that came or went, by section."""
    return [(one.section.label, str(change)) for one in replay.sections if one.reload is not None
            for change in one.reload.moved]


@pytest.mark.parametrize("name", MAIN)
def test_what_is_sent_is_what_was_sent(name: str) -> None:
    """In recorded streams nothing that is listed as not known makes a difference."""
    assert replayed(name).refused == []
    assert moved(replayed(name)) == []


@pytest.mark.parametrize("name", MAIN)
def test_the_machine_types_name_decides(name: str) -> None:
    """Where it has a version, by itself: in the recorded streams nobody has set what it decides."""
    opened = Stream(stream(name), registry())
    machine: MachineType | None = None
    for event in opened.events():
        if isinstance(event, Configured):
            machine = MachineType.of(event.configuration.machine)
        if machine is not None and isinstance(event, Section) and event.source == "declared" and _depends(event):
            assert event.decoded is not None
            assert is_as_sent(event, event.decoded, machine), event.label


def _depends(section: Section) -> bool:
    return section.decoded is not None and any(map(decided, states_within(section.decoded.state)))


# -- the facts

def facts() -> list[Asked]:
    return sorted(asked())


def test_which_facts_nothing_tells() -> None:
    assert {(one.device, one.subsection) for one in facts() if not one.how} == set(NEEDS)


def test_the_page_is_not_stale() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text), "`python -m tests.devices.predicates` makes it again"


# -- what somebody has set, and machine types without a version

def _off(state: Any) -> None:
    """As with extended-state=off."""
    state.kbd._kept.subsections = [one for one in state.kbd._kept.subsections if one[0] != "pckbd/extended_state"]


def pckbd(replay: Replay) -> Any:
    (one,) = [one for one in replay.sections if one.section.label == "pckbd"]
    assert one.reload is not None
    return one.reload.state.kbd


def test_a_property_that_somebody_has_set() -> None:
    replay = Replay(Stream(rewritten(stream("q62-72"), {"pckbd": _off}), registry()))
    assert moved(replay) == []
    assert not pckbd(replay).extended_state
    assert pckbd(replayed("q62-72")).extended_state


def test_what_is_given_wins() -> None:
    settings: dict[str, object] = {"pckbd::kbd.extended_state": False}
    assert moved(Replay(Stream(stream("q62-72"), registry(), settings=settings))) == [
        ("pckbd", "dropped  kbd.pckbd/extended_state")]


def test_a_stream_that_names_no_machine_type() -> None:
    assert moved(replayed("opt-no-config-72")) == []
    assert pckbd(replayed("opt-no-config-72")).extended_state


# -- what no recorded stream has: the facts show in the subsections that came

@pytest.mark.parametrize("feature", sorted({*SUBSECTIONS.values()}))
def test_a_processors_features(feature: int) -> None:
    there = Cpu(features=feature, msr_hv_runtime=1, mcg_ext_ctl=1)
    assert not reloaded(there).moved
    assert len(save(there, qemufile)) > len(save(Cpu(), qemufile))


@pytest.mark.parametrize("facts", [
    {}, {"has_warp_timer": True}, {"icount_adapts": True}, {"icount_adapts": True, "has_warp_timer": True}])
def test_a_clock_of_instructions(facts: dict[str, bool]) -> None:
    assert not reloaded(Timers(icount_enabled=True, **facts)).moved


@pytest.mark.parametrize(("size", "page_size"), [(0x1001, 0x1000), (0x1000, 0x2000), (0x8000, 0x1_0000)])
def test_a_host_with_large_pages(size: int, page_size: int) -> None:
    again = reloaded(FwCfg(table_mr_size=size, host_page_size=0x1_0000))
    assert not again.moved
    assert again.state.host_page_size == page_size


def reloaded(there: Any, **here: object) -> Reload:
    """What is sent there, loaded and saved as in a replay, with other facts `here`."""
    data = save(there, qemufile)
    read = decode(record_of(type(there)), data, qemufile)
    for name, value in here.items():
        setattr(read.state, name, value)
    again = Reload.of(read.state, data, qemufile, settings=read.settings)
    again.saved()
    return again


def test_a_fact_that_differs_shows() -> None:
    """Else the tests above could not fail."""
    assert [str(one) for one in reloaded(FwCfg(), dma_enabled=False).moved] == ["dropped  fw_cfg/dma"]
    assert [str(one) for one in reloaded(FwCfg(dma_enabled=False)).moved] == ["defaulted  fw_cfg/dma"]
