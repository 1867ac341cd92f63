"""PL011 UART of Arm's boards.

QEMU hw/char/pl011.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. QEMU 5.2 checks nothing
when it loads.
"""

from enum import IntFlag

from vmstate import HookRefused, array, int32, nested, post_load, setting, state, subsection, uint32

from ..ahead import sent
from ..misc.clock import Clock

FIFO_DEPTH = 16
FIFO_ENABLE = 0x10  # of the line control register
INTEGER_DIVISOR, FRACTIONAL_DIVISOR = 0xFFFF, 0x3F


class Flag(IntFlag):
    """Bits of UARTFR: modem lines, and how full the FIFOs are."""

    CTS = 0x01
    DSR = 0x02
    DCD = 0x04
    BUSY = 0x08
    RXFE = 0x10
    TXFF = 0x20
    RXFF = 0x40
    TXFE = 0x80
    RI = 0x100


class Interrupt(IntFlag):
    """What it interrupts for: a modem line, a FIFO's level, a timeout, an error."""

    RI = 0x001
    CTS = 0x002
    DCD = 0x004
    DSR = 0x008
    RX = 0x010
    TX = 0x020
    RT = 0x040
    FE = 0x080
    PE = 0x100
    BE = 0x200
    OE = 0x400


@state("pl011", version=2)
class Pl011:
    """Registers, and the bytes received."""

    readbuff: int = uint32(means="the character read last; in QEMU 10.0 no more, zeros")
    flags: int = uint32(reset=Flag.TXFE | Flag.RXFE, means=Flag)
    lcr: int = uint32(means="line control")
    rsr: int = uint32(means="receive status")
    cr: int = uint32(reset=0x300, means="control: transmitter and receiver are enabled at reset")
    dmacr: int = uint32(means="DMA control")
    int_enabled: int = uint32(means=Interrupt)
    int_level: int = uint32(means=Interrupt)
    read_fifo: list[int] = array(uint32(), FIFO_DEPTH)
    ilpr: int = uint32(means="IrDA low-power counter")
    ibrd: int = uint32(means="integer part of the baud rate divisor")
    fbrd: int = uint32(means="its fractional part, in 64ths")
    ifl: int = uint32(reset=0x12, means="FIFO levels that raise an interrupt")
    read_pos: int = int32()
    read_count: int = int32()
    read_trigger: int = int32(reset=1)

    has_clock: bool = setting(True, told=sent("pl011/clock"))  # migrate-clk=, off for machine types up to 5.1

    @subsection("pl011/clock")
    def _tells_clock(self) -> bool:
        return self.has_clock

    clk: Clock = nested(Clock)

    @post_load
    def _settle(self, version: int) -> None:
        """Without FIFO the only character is the first element; older QEMUs had it where they pleased."""
        if not 0 <= self.read_pos < FIFO_DEPTH or not 0 <= self.read_count <= FIFO_DEPTH:
            raise HookRefused(f"a FIFO of {FIFO_DEPTH} with {self.read_count} from {self.read_pos} on")
        if not self.lcr & FIFO_ENABLE and self.read_count and self.read_pos:
            self.read_fifo[0] = self.read_fifo[self.read_pos]
            self.read_pos = 0
        self.ibrd &= INTEGER_DIVISOR
        self.fbrd &= FRACTIONAL_DIVISOR
