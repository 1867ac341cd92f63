"""A real QEMU loads the streams that were read and written again, and refuses what the declarations refuse.

The installed QEMU is 7.2. For what a later one loads, the environment names a QEMU 10.0, as its command line begins:
`VMSTATE_QEMU_10='/opt/qemu-10.0/bin/qemu-system-{arch}'`, or `VMSTATE_QEMU_10='chroot FOLDER qemu-system-{arch}'`
with a folder that has a `/proc`. No other file needs to be in it.
"""

from collections.abc import Callable
from typing import Any

import pytest

import vmstate
from migration.sections import Section
from migration.stream.events import Command, Trailer
from tests.interop.conftest import Start
from tests.interop.machine import LoadRefused, Machine
from tests.interop.rewriting import Change, rewritten, sections, with_subsection
from tests.migration.recorded import stream
from visitors import qemufile
from vmstate import HookRefused, Mismatch, UnknownMember, VersionRefused, VMStateError

PC = "pc72-72-nodefaults"
LOADED = (
    "none-72", "pc72-72-nodefaults", "pc72-72-default", "smp2-72", "q62-72", "usb-uhci-72", "vga-cirrus-72",  # its own
    "virtio-a-modern-72", "opt-uuid-72", "opt-no-config-72", "opt-suppress-vmdesc-72",
    "a64-virt72-gic3-72", "rv64-virt-72", "sparc-ss5-72", "microblaze-72",  # … of other targets
    "q42-52", "cpu-qemu32-52", "virtio-a-legacy-52",  # of an earlier release
    "pc42-100", "pc52-111",  # of later ones, for machine types that it knows
)
LOADED_LATER = (
    "pc100-100-nodefaults", "q100-100-default", "cpu-max-100", "opt-no-footer-100", "opt-savevm-100",  # its own
    "a64-virt100-virtio-100", "mps2-an385-100", "or1k-sim-100", "tricore-100",  # … of other targets
    "none-72", "pc72-72-nodefaults", "pc72-72-default", "smp2-72", "q62-72", "usb-uhci-72", "vga-cirrus-72",  # earlier
    "virtio-a-modern-72", "opt-uuid-72", "opt-no-config-72", "opt-suppress-vmdesc-72", "microblaze-72",
    "q42-52", "cpu-qemu32-52", "virtio-a-legacy-52", "pc42-100",
    "pc52-111",  # of a later one
)
MAPPED, POSTCOPY, BOARD = "opt-mapped-ram-100", "proxy-postcopy-100.main", "tricore-100"


@pytest.mark.parametrize("name", LOADED)
def test_a_rewritten_stream_is_loaded(start: Start, name: str) -> None:
    _loads(start(name), name)


@pytest.mark.parametrize("name", LOADED_LATER)
def test_a_rewritten_stream_is_loaded_by_a_later_one(start_later: Start, name: str) -> None:
    _loads(start_later(name), name)


def test_mapped_ram_is_loaded_by_a_later_one(start_later: Start) -> None:
    """It seeks in the file, which it therefore has to open as one."""
    machine = start_later(MAPPED)
    machine.capabilities("mapped-ram")
    _loads(machine, MAPPED, Machine.load_file)


def test_postcopy_is_loaded_by_a_later_one(start_later: Start) -> None:
    """It asks its source for pages, and gets those that were sent."""
    machine = start_later(POSTCOPY)
    machine.capabilities("postcopy-ram")
    _loads(machine, POSTCOPY, Machine.load_by_socket)


def _loads(machine: Machine, name: str, load: Callable[[Machine, bytes], None] = Machine.load) -> None:
    again = rewritten(stream(name))
    assert again == stream(name)
    load(machine, again)
    assert machine.command("query-status")["status"] == "paused"


def test_an_earlier_one_loads_a_stream_without_what_it_does_not_know(start: Start) -> None:
    """The command that announces the switch to the destination, since 10.0."""
    bare = rewritten(stream(BOARD), without=(Command,))
    assert len(bare) == len(stream(BOARD)) - 5
    start(BOARD).load(bare)


def test_what_it_does_not_know_is_refused(start: Start) -> None:
    with pytest.raises(LoadRefused, match="MIG_CMD 0xb unknown"):
        start(BOARD).load(stream(BOARD))


def test_a_stream_without_its_description_is_loaded(start: Start) -> None:
    bare = rewritten(stream(PC), without=(Trailer,))
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
