"""Floppy disk controller: an Intel 82078 with two drives.

QEMU hw/block/fdc.c, fdc-isa.c, fdc-sysbus.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from enum import IntEnum

from vmstate import (
    array,
    equal,
    int32,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    subsection,
    timer,
    uint8,
    uint32,
)

from ..ahead import sent

DRIVES, FIFO_SIZE = 2, 512
SELECTED_DRIVE = 0x01  # of the digital output register
READY_FOR_DATA, TO_HOST, NON_DMA = 0x80, 0x40, 0x20  # of the main status register


class Phase(IntEnum):
    """Where in a command the controller is."""

    RECONSTRUCT = 0  # only while loading: a stream without the phase
    COMMAND = 1
    EXECUTION = 2
    RESULT = 3


@state("fdrive")
class FloppyDrive:
    """Where the head is, and what is known of the medium."""

    has_backend: bool = local(False)  # a drive, with or without a medium in it, is plugged in
    head: int = uint8()
    track: int = uint8()
    sect: int = uint8()
    checks_rate: bool = setting(True, told=sent("fdrive/media_rate"))  # check_media_rate=; gone in 6.0: always

    unchanged_section = subsection("fdrive/media_changed")
    media_changed: int = uint8(reset=1)

    @unchanged_section.needed
    def _is_unchanged(self) -> bool:
        return self.has_backend and self.media_changed != 1

    @unchanged_section.post_load
    def _note_backend(self, version: int) -> None:
        self.has_backend = True

    @subsection("fdrive/media_rate")
    def _has_rate(self) -> bool:
        return self.checks_rate

    media_rate: int = uint8()

    @subsection("fdrive/perpendicular")
    def _is_perpendicular(self) -> bool:
        return self.perpendicular != 0

    perpendicular: int = uint8()


@state("fdc", version=2)
class FloppyController:
    """The registers, the FIFO and the two drives."""

    sra: int = uint8(reset=0x40)
    srb: int = uint8(reset=0xC0)
    dor: int = uint8(reset=0x0C, name="dor_vmstate", means="digital output register, the selected drive in bit 0")
    tdr: int = uint8()
    dsr: int = uint8()
    msr: int = uint8(reset=READY_FOR_DATA)
    status0: int = uint8()
    status1: int = uint8()
    status2: int = uint8()
    fifo: list[int] = array(uint8(), FIFO_SIZE)
    data_pos: int = uint32()
    data_len: int = uint32(reset=1)
    data_state: int = uint8()
    data_dir: int = uint8()
    eot: int = uint8()
    timer0: int = uint8()
    timer1: int = uint8()
    precomp_trk: int = uint8()
    config: int = uint8(reset=0x60)
    lock: int = uint8()
    pwrd: int = uint8()
    num_floppies: int = equal(uint8(reset=DRIVES))
    drives: list[FloppyDrive] = array(nested(FloppyDrive), DRIVES)

    @subsection("fdc/reset_sensei")
    def _owes_interrupt_status(self) -> bool:
        return self.reset_sensei != 0

    reset_sensei: int = int32()

    @subsection("fdc/result_timer")
    def _is_seeking(self) -> bool:
        return self.result_timer is not None

    result_timer: int | None = timer()

    @subsection("fdc/phase")
    def _is_phase_unexpected(self) -> bool:
        return self.phase != self._usual_phase()

    phase: int = uint8(reset=Phase.COMMAND, means=Phase)

    @property
    def cur_drv(self) -> int:
        """The selected drive."""
        return self.dor & SELECTED_DRIVE

    def _usual_phase(self) -> Phase:
        """What the registers tell: the rule of QEMU 2.3, which both ends go by."""
        if self.msr & NON_DMA or not self.msr & READY_FOR_DATA:
            return Phase.EXECUTION
        return Phase.RESULT if self.msr & TO_HOST else Phase.COMMAND

    @pre_load
    def _forget_phase(self) -> None:
        self.phase = Phase.RECONSTRUCT

    @post_load
    def _tell_phase(self, version: int) -> None:
        if self.phase == Phase.RECONSTRUCT:
            self.phase = self._usual_phase()


@state("fdc", version=2)
class Fdc:
    """The device around the controller, on ISA or elsewhere: the same name once more."""

    state: FloppyController = nested(FloppyController)
