"""A real QEMU loads the streams that were read and written again, and refuses what the declarations refuse."""

from collections.abc import Callable
from typing import Any

import pytest

import vmstate
from migration.sections import Section
from tests.interop.conftest import Start
from tests.interop.machine import LoadRefused
from tests.interop.rewriting import Change, rewritten, sections, with_subsection
from tests.migration.recorded import stream
from visitors import qemufile
from vmstate import HookRefused, Mismatch, UnknownMember, VersionRefused, VMStateError

PC = "pc72-72-nodefaults"
LOADED = (
    "none-72", "pc72-72-nodefaults", "smp2-72", "q62-72", "usb-uhci-72", "virtio-a-modern-72",  # its own
    "a64-virt72-gic3-72", "rv64-virt-72", "sparc-ss5-72", "microblaze-72",  # … of other targets
    "q42-52", "cpu-qemu32-52", "virtio-a-legacy-52",  # of an earlier release
    "pc42-100", "pc52-111",  # of later ones, for machine types that it knows
)


@pytest.mark.parametrize("name", LOADED)
def test_a_rewritten_stream_is_loaded(start: Start, name: str) -> None:
    again = rewritten(stream(name))
    assert again == stream(name)
    machine = start(name)
    machine.load(again)
    assert machine.command("query-status")["status"] == "paused"


def test_a_stream_without_its_description_is_loaded(start: Start) -> None:
    bare = rewritten(stream(PC), trailer=False)
    assert bare.endswith(b"\x00")
    assert len(bare) < len(stream(PC))
    start(PC).load(bare)


def test_what_it_saves_is_what_it_loaded(start: Start) -> None:
    """A stopped machine has nothing to change but the time."""
    machine = start(PC)
    machine.load(rewritten(stream(PC)))
    before, after = sections(stream(PC)), sections(machine.save())
    assert [*after] == [*before]
    differ = [label for label in before if before[label].written != after[label].written]
    assert set(differ) <= {"mc146818rtc", "timer"}


# -- refused

def _live(section: Section) -> VMStateError | None:
    """Why a live load of this section's body is refused."""
    decoded = section.decoded
    assert decoded is not None
    try:
        vmstate.load(decoded.record.make(), section.written, qemufile, version=section.header.version)
    except VMStateError as error:
        return error
    return None


def _at_once(section: Section) -> VMStateError | None:
    """Why no declaration takes this section."""
    return section.why


def _two_comparators(state: Any) -> None:
    state.num_timers = 2
    del state.timers[2:]


def _interrupt_line(state: Any) -> None:
    state.parent.irq_state[1] = 2


def _run_state(state: Any) -> None:
    state.runstate[:8] = b"sleeping"


def _foreign_floats(state: Any) -> None:
    state.fpregs_format = 1


Why = Callable[[Section], VMStateError | None]
REFUSED: list[tuple[str, Change, Why, type[VMStateError], str]] = [
    ("hpet", _two_comparators, _live, Mismatch, "hpet"),
    ("0000:00:00.0/I440FX", _interrupt_line, _at_once, Mismatch, "I440FX"),
    ("globalstate", _run_state, _live, HookRefused, "globalstate"),
    ("cpu", _foreign_floats, _live, HookRefused, "cpu"),
]


@pytest.mark.parametrize(("label", "change", "why", "kind", "named"), REFUSED, ids=[one[0] for one in REFUSED])
def test_a_value_that_both_refuse(
    start: Start, label: str, change: Change, why: Why, kind: type[VMStateError], named: str
) -> None:
    changed = rewritten(stream(PC), {label: change})
    error = why(sections(changed)[label])
    assert type(error) is kind
    with pytest.raises(LoadRefused, match=named):
        start(PC).load(changed)


def test_a_version_that_both_refuse(start: Start) -> None:
    changed = rewritten(stream(PC), versions={"mc146818rtc": 4})
    error = sections(changed)["mc146818rtc"].why
    assert isinstance(error, VersionRefused)
    assert (error.expected, error.actual) == ("1 to 3", "4")
    with pytest.raises(LoadRefused, match="unsupported version 4 for 'mc146818rtc' v3"):
        start(PC).load(changed)


def test_a_subsection_that_both_refuse(start: Start) -> None:
    def change(state: Any) -> None:
        with_subsection(state, "mc146818rtc/irq_reinject_on_ack_count")

    changed = rewritten(stream(PC), {"mc146818rtc": change}).replace(b"on_ack_count", b"on_ack_counT")
    assert isinstance(sections(changed)["mc146818rtc"].why, UnknownMember)
    with pytest.raises(LoadRefused, match="mc146818rtc"):
        start(PC).load(changed)


def test_a_stream_that_ends_too_early(start: Start) -> None:
    with pytest.raises(LoadRefused, match="load of migration failed"):
        start(PC).load(stream(PC)[:len(stream(PC)) // 2])
