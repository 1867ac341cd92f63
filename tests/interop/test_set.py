"""`vmstate set` against a real QEMU: it loads what was edited, and has the values, in its own words.

For QEMU 10.0 see `test_load`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Result, runner
from tests.interop.conftest import Start
from tests.interop.machine import LoadRefused, Machine
from tests.interop.rewriting import sections
from tests.migration.recorded import packed, stream
from vmstate_cli import exits

BARE, FULL, VIRTIO = "pc72-72-nodefaults", "pc72-72-default", "virtio-a-modern-72"
MAPPED, POSTCOPY = "opt-mapped-ram-100", "proxy-postcopy-100.main"
REINJECT = "mc146818rtc/irq_reinject_on_ack_count"
BAR, VET = 0xFD00_0000, 0x38

Ask = Callable[[Machine], object]
Edits = Callable[..., bytes]


@pytest.fixture
def edited(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Edits:
    """The stream that the command makes of a recorded one."""
    def run(name: str, *values: str) -> bytes:
        out = tmp_path / "edited"
        result: Result = runner(capsys)("set", packed(name), *values, "-o", out)
        assert (result.code, result.out, result.err) == (exits.FINE, "", "")
        data = out.read_bytes()
        assert data != stream(name)
        assert runner(capsys)("verify", out).code == exits.FINE
        return data
    return run


# -- what a QEMU is asked

def port(number: int, *written: tuple[int, int]) -> Ask:
    """A byte of a port, behind bytes that are written to ports."""
    def ask(machine: Machine) -> int:
        for to, value in written:
            machine.monitor(f"o /b {to:#x} {value:#x}")
        return int(machine.monitor(f"i /bx {number:#x}").rpartition("=")[2], 16)
    return ask


def word(number: int, *written: tuple[int, int]) -> Ask:
    """The low and then the high byte of a port that gives one after the other."""
    def ask(machine: Machine) -> int:
        low, high = port(number, *written)(machine), port(number)(machine)
        return int(str(low)) | int(str(high)) << 8
    return ask


def memory(address: int, size: str) -> Ask:
    """A register in memory, as a processor would read it."""
    return lambda machine: int(machine.monitor(f"xp /1{size}x {address:#x}").rpartition(":")[2], 16)


def said(command: str, pattern: str) -> Ask:
    """What a command of the human monitor prints behind this pattern's beginning."""
    def ask(machine: Machine) -> str:
        text = machine.monitor(command)
        found = re.search(pattern, text)
        assert found is not None, text
        return found[1]
    return ask


def receives_for(machine: Machine) -> str:
    """The MAC address of the first network card."""
    filters: list[dict[str, Any]] = machine.command("query-rx-filter")
    return str(filters[0]["main-mac"])


CASES: dict[str, tuple[str, tuple[str, ...], Ask, object]] = {
    "clock memory": (BARE, ("mc146818rtc::cmos_data[0x45]=0xa5",), lambda machine: machine.cmos(0x45), 0xA5),
    "several bytes of it": (BARE, ("rtc::cmos_data[0x50:0x53]=6e6577",),
                            lambda machine: bytes(machine.cmos(at) for at in range(0x50, 0x53)), b"new"),
    "serial divider": (FULL, ("serial::state.divider=0x1234", "serial::state.lcr=0x9b"), port(0x3F9), 0x12),
    "address of a card": (FULL, (f"e1000::parent.config[0x10:0x14]={BAR.to_bytes(4, 'little').hex()}",),
                          said("info pci", r"Ethernet controller(?:.*\n)+?.*BAR0: .* at (\w+)"), f"{BAR:#x}"),
    "register of a card": (FULL, (f"e1000::mac_reg[{VET // 4:#x}]=0xbeef",), memory(0xFEBC_0000 + VET, "w"), 0xBEEF),
    "processor": (BARE, ("cpu::regs[0]=0x12345678", "cpu::eip=0x7c00", 'cpu::segs[3]={"base": 4096}'),
                  lambda machine: [machine.registers()[name] for name in ("EAX", "EIP")], [0x1234_5678, 0x7C00]),
    "segment": (BARE, ('cpu::segs[3]={"base": 65536, "selector": "0x1000"}',),
                said("info registers", r"DS =(\w+ \w+)"), "1000 00010000"),
    "mac": (VIRTIO, ("virtio-net::net.mac=52:54:00:12:ab:cd",), receives_for, "52:54:00:12:ab:cd"),
    "counter": (FULL, ("i8254::channels[2].count_latched=3", "i8254::channels[2].latched_count=0x4321"),
                word(0x42), 0x4321),
    "keyboard controller": (FULL, ("pckbd::kbd.mode=0x45",), port(0x60, (0x64, 0x20)), 0x45),
    "interrupt mask": (FULL, ("i8259@1::imr=0xd7",), said("info pic", r"pic1: .*imr=(\w+)"), "d7"),
    "local interrupt": (FULL, ("apic::lvt[3]=0x10042", "apic::divide_conf=0xb"),
                        said("info lapic", r"LVT0\s+(0x\w+)"), "0x00010042"),
    "timer": (FULL, ("hpet::timers[2].cmp=0x1122334455667788",), memory(0xFED0_0148, "g"), 0x1122_3344_5566_7788),
}
"""The stream, what is set in it, what QEMU is asked, and its answer."""


@pytest.mark.parametrize("case", CASES)
def test_it_has_the_value(case: str, start: Start, edited: Edits) -> None:
    name, values, ask, answer = CASES[case]
    machine = start(name)
    machine.load(edited(name, *values))
    assert ask(machine) == answer


@pytest.mark.parametrize("case", CASES)
def test_it_had_another_one(case: str, start: Start) -> None:
    name, _, ask, answer = CASES[case]
    machine = start(name)
    machine.load(stream(name))
    assert ask(machine) != answer


def test_by_the_streams_own_description(start: Start, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the names that QEMU has for it."""
    out = tmp_path / "edited"
    place = '"env.regs"[1]=0xfeed'
    assert runner(capsys)("set", packed(BARE), "--source", "embedded", f"cpu::{place}", "-o", out).code == exits.FINE
    machine = start(BARE)
    machine.load(out.read_bytes())
    assert machine.registers()["ECX"] == 0xFEED


def test_a_subsection_that_was_not_sent(start: Start, edited: Edits) -> None:
    machine = start(BARE)
    machine.load(edited(BARE, f'mc146818rtc::{REINJECT}={{"irq_reinject_on_ack_count": 3}}'))
    clock = sections(machine.save())["mc146818rtc"].decoded
    assert clock is not None
    assert clock.state.irq_reinject_on_ack_count == 3


@pytest.mark.parametrize(("value", "foretold", "words"), [
    ("cpu::fpregs_format=1", "a destination would refuse it: cpu: x87 registers", "error while loading state for "),
    ('globalstate::runstate="nothing"', "a destination would refuse it: globalstate: there is no run state 'nothing'",
     "Unknown savevm section|error while loading state for|load of migration failed"),
])
def test_what_is_foretold_to_be_refused(
    value: str, foretold: str, words: str, start: Start, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is written all the same, for whoever wants to see that."""
    out = tmp_path / "edited"
    result = runner(capsys)("set", packed(FULL), value, "-o", out)
    assert result.code == exits.FINDINGS
    assert foretold in result.err
    machine = start(FULL)
    with pytest.raises(LoadRefused, match=words):
        machine.load(out.read_bytes())


def test_mapped_ram_stays_in_its_place(start_later: Start, edited: Edits) -> None:
    machine = start_later(MAPPED)
    machine.capabilities("mapped-ram")
    changed = edited(MAPPED, "mc146818rtc::cmos_data[0x45]=0xa5",
                     f'mc146818rtc::{REINJECT}={{"irq_reinject_on_ack_count": 3}}')
    machine.load_file(changed)
    assert machine.cmos(0x45) == 0xA5


def test_a_package_is_as_long_as_it_says(start_later: Start, edited: Edits) -> None:
    machine = start_later(POSTCOPY)
    machine.capabilities("postcopy-ram")
    changed = edited(POSTCOPY, "mc146818rtc::cmos_data[0x45]=0xa5",
                     f'mc146818rtc::{REINJECT}={{"irq_reinject_on_ack_count": 3}}')
    assert len(changed) == len(stream(POSTCOPY)) + 2 + len(REINJECT) + 4 + 2
    machine.load_by_socket(changed)
    assert machine.cmos(0x45) == 0xA5


def test_a_subsection_that_is_left_out(start: Start, edited: Edits) -> None:
    machine = start(FULL)
    machine.load(edited(FULL, "e1000::e1000/mit_state=null"))
    assert machine.command("query-status")["status"] == "paused"


def test_what_no_check_finds(start: Start, edited: Edits) -> None:
    """A machine of another name: the values are well, and QEMU refuses."""
    machine = start(BARE)
    with pytest.raises(LoadRefused, match=r"Machine type received is 'pc-i440fx-7\.1'"):
        machine.load(edited(BARE, 'configuration::name="pc-i440fx-7.1"'))
