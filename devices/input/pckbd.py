"""Keyboard controller (i8042), through which keyboard and mouse are read.

QEMU hw/input/pckbd.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from enum import IntFlag

from vmstate import local, nested, post_load, pre_load, pre_save, state, subsection, uint8, uint32

OUTPUT_FULL, MOUSE_OUTPUT_FULL = 0x01, 0x20  # of the status register
SOURCE_KEYBOARD, SOURCE_MOUSE = 0x01, 0x02
OUTPORT_RESET, OUTPORT_FULL, OUTPORT_MOUSE_FULL = 0xCF, 0x10, 0x20


class Pending(IntFlag):
    """What waits for the output buffer. The first two stand for the last two where there is no extended state."""

    KEYBOARD_COMPAT = 0x01
    MOUSE_COMPAT = 0x02
    CONTROLLER_KEYBOARD = 0x04
    CONTROLLER_MOUSE = 0x08
    KEYBOARD = 0x10
    MOUSE = 0x20


KEPT = Pending.CONTROLLER_KEYBOARD | Pending.CONTROLLER_MOUSE | Pending.KEYBOARD | Pending.MOUSE


@state("pckbd", version=3)
class KeyboardController:
    """The registers; and, not in QEMU 5.2, where the byte in the output buffer is from."""

    extended_state: bool = local(True, before={"6.1": False})  # extended-state=
    pending: int = local(0)
    outport_present: bool = local(False)
    extended_state_loaded: bool = local(False)

    write_cmd: int = uint8()
    status: int = uint8(reset=0x18)
    mode: int = uint8(reset=0x03)
    pending_tmp: int = uint8(was="pending", means=Pending)

    outport_section = subsection("pckbd_outport")
    outport: int = uint8(reset=OUTPORT_RESET)

    @outport_section.needed
    def _is_outport_unusual(self) -> bool:
        return self.outport != self._usual_outport()

    @outport_section.post_load
    def _outport_is_there(self, version: int) -> None:
        self.outport_present = True

    extended_section = subsection("pckbd/extended_state", version=0, minimum=0)
    migration_flags: int = uint32(means="bit 0: input is throttled, a timer runs")
    obsrc: int = uint32(means="source of the output buffer: 1 keyboard, 2 mouse, 4 controller")
    obdata: int = uint8()
    cbdata: int = uint8()

    @extended_section.needed
    def _is_extended(self) -> bool:
        return self.extended_state

    @extended_section.post_load
    def _extended_state_is_there(self, version: int) -> None:
        self.extended_state_loaded = True

    def _usual_outport(self) -> int:
        full = OUTPORT_FULL if self.status & OUTPUT_FULL else 0
        return OUTPORT_RESET | full | (OUTPORT_MOUSE_FULL if self.status & MOUSE_OUTPUT_FULL else 0)

    @pre_save
    def _tell_pending(self) -> None:
        if self.extended_state:
            self.pending_tmp = self.pending
        else:
            keyboard = Pending.KEYBOARD_COMPAT if self.pending & Pending.KEYBOARD else 0
            self.pending_tmp = keyboard | (Pending.MOUSE_COMPAT if self.pending & Pending.MOUSE else 0)

    @pre_load
    def _forget(self) -> None:
        self.outport_present = self.extended_state_loaded = False

    @post_load
    def _derive(self, version: int) -> None:
        if not self.outport_present:
            self.outport = self._usual_outport()
        self.pending = self.pending_tmp
        if not self.extended_state_loaded:
            self._guess()
        self.pending &= KEPT

    def _guess(self) -> None:
        """What the extended state would have said."""
        self.obsrc = 0
        if self.status & OUTPUT_FULL:
            self.obsrc = SOURCE_MOUSE if self.status & MOUSE_OUTPUT_FULL else SOURCE_KEYBOARD
        if self.pending & Pending.KEYBOARD_COMPAT:
            self.pending |= Pending.KEYBOARD
        if self.pending & Pending.MOUSE_COMPAT:
            self.pending |= Pending.MOUSE


@state("pckbd", version=3)
class Pckbd:
    """The ISA device around the controller: the same name once more."""

    kbd: KeyboardController = nested(KeyboardController)


@state("pckbd-mmio")
class PckbdMmio:
    """The controller in memory, as some MIPS boards have it."""

    kbd: KeyboardController = nested(KeyboardController)
