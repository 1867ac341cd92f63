"""A real QEMU has the values that were set in a stream, shows them to its guest, and saves them again."""

from typing import Any

import pytest

import vmstate
from devices.timer.mc146818rtc import Rtc
from migration.stream.events import Event, Trailer
from tests.interop.conftest import Start
from tests.interop.rewriting import rewritten, sections, with_subsection
from tests.migration.recorded import stream
from visitors import qemufile

PC = "pc72-72-nodefaults"
CLOCK, PROCESSOR = "mc146818rtc", "cpu"
REINJECT = "mc146818rtc/irq_reinject_on_ack_count"
EAX, ECX = 0, 1
WORDS = b"\xde\xad\xbe\xef of a test"


def _set_clock(state: Any) -> None:
    state.cmos_data[0x45], state.cmos_data[0x7F] = 0xA5, 0x5A


def _set_processor(state: Any) -> None:
    state.regs[EAX], state.eip, state.cr2 = 0x1234_5678, 0x7C00, 0xFEED_F000


def _reinject(state: Any) -> None:
    state.irq_reinject_on_ack_count = 3
    with_subsection(state, REINJECT)


def test_cmos_memory(start: Start) -> None:
    machine = start(PC)
    machine.load(rewritten(stream(PC), {CLOCK: _set_clock}))
    assert (machine.cmos(0x45), machine.cmos(0x7F)) == (0xA5, 0x5A)
    assert machine.cmos(0x46) == 0


def test_registers(start: Start) -> None:
    machine = start(PC)
    machine.load(rewritten(stream(PC), {PROCESSOR: _set_processor}))
    registers = machine.registers()
    assert {name: registers[name] for name in ("EAX", "EIP", "CR2")} == {
        "EAX": 0x1234_5678, "EIP": 0x7C00, "CR2": 0xFEED_F000}
    (before,) = [one.decoded for label, one in sections(stream(PC)).items() if label == PROCESSOR]
    assert before is not None
    assert registers["ECX"] == before.state.regs[ECX]  # what was not set is as it was


def test_memory(start: Start) -> None:
    machine = start(PC)
    machine.load(rewritten(stream(PC), memory={0x0123: WORDS}))
    assert machine.memory(0x0123, len(WORDS)) == WORDS


@pytest.mark.parametrize("without", [(), (Trailer,)], ids=["described", "undescribed"])
def test_a_subsection_that_was_not_sent(start: Start, without: tuple[type[Event], ...]) -> None:
    """Whatever the description says of the section: QEMU does not read it."""
    changed = rewritten(stream(PC), {CLOCK: _reinject}, without=without)
    assert len(changed) - len(rewritten(stream(PC), without=without)) == 2 + len(REINJECT) + 4 + 2
    machine = start(PC)
    machine.load(changed)
    clock = sections(machine.save())[CLOCK].decoded
    assert clock is not None
    assert clock.state.irq_reinject_on_ack_count == 3


def test_a_subsection_that_is_not_needed(start: Start) -> None:
    """QEMU takes it, and sends it no more."""
    def change(state: Any) -> None:
        with_subsection(state, REINJECT)

    changed = rewritten(stream(PC), {CLOCK: change})
    assert REINJECT.encode() in changed
    machine = start(PC)
    machine.load(changed)
    assert machine.save().count(REINJECT.encode()) == 0


def test_a_clock_that_was_made_here(start: Start) -> None:
    """A state that no QEMU ever wrote, saved with its hooks and predicates."""
    clock = Rtc(irq_reinject_on_ack_count=2)
    clock.cmos_data[0x50:0x53] = b"new"
    machine = start(PC)
    machine.load(rewritten(stream(PC), bodies={CLOCK: vmstate.save(clock, qemufile)}))
    assert bytes(machine.cmos(at) for at in range(0x50, 0x53)) == b"new"
    saved = sections(machine.save())[CLOCK].decoded
    assert saved is not None
    assert saved.state.irq_reinject_on_ack_count == 2


def test_what_it_saves_again(start: Start) -> None:
    machine = start(PC)
    machine.load(rewritten(stream(PC), {CLOCK: _set_clock, PROCESSOR: _set_processor}, memory={0x0123: WORDS}))
    again = machine.save()
    assert rewritten(again) == again
    found = sections(again)
    clock, processor = found[CLOCK].decoded, found[PROCESSOR].decoded
    assert clock is not None
    assert processor is not None
    assert (clock.state.cmos_data[0x45], clock.state.cmos_data[0x7F]) == (0xA5, 0x5A)
    assert (processor.state.regs[EAX], processor.state.eip) == (0x1234_5678, 0x7C00)
    assert processor.state.cr2 == 0xFEED_F000
    assert WORDS in again
    assert [one for one in found.values() if one.findings] == []
