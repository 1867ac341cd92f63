"""16550A UART, and the cards and chips that hold one or several.

QEMU hw/char/serial.c, serial-isa.c, serial-mm.c, serial-pci.c, serial-pci-multi.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import (
    HookRefused,
    Register,
    array,
    int32,
    local,
    nested,
    post_load,
    pre_load,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
)

from ..pci.device import PciDevice
from .fifo8 import Fifo8

THRI = 0x02  # of the interrupt enable register: when the transmit holding register is empty
NO_INTERRUPT, IIR_ID, IIR_THRI, IIR_FIFO = 0x01, 0x06, 0x02, 0xC0  # of the interrupt identification register
THRE, TEMT = 0x20, 0x40  # of the line status register: nothing waits to be sent, nothing is being sent
BREAK = 0x40  # of the line control register
OUT2 = 0x08  # of the modem control register
CTS, DSR, DCD = 0x10, 0x20, 0x80  # of the modem status register
FIFO_ENABLE, TRIGGER = 0x01, 0xC0  # of the FIFO control register
TRIGGER_LEVELS = {0x00: 1, 0x40: 4, 0x80: 8, 0xC0: 14}
MOST_RETRIES = 4
DIVIDER_9600 = 0x0C
UNKNOWN = -1
PORTS = 4

# PC16550D
ENABLED = Register({1: "received", THRI: "transmitter empty", 4: "line status", 8: "modem status"})
PENDING = Register({0xF: ("modem status", "nothing", "transmitter empty", "", "received", "", "line status", "", "", "",
                          "", "", "timeout"), IIR_FIFO: ("", "", "", "FIFO")})
LINE = Register({3: ("5 bits", "6 bits", "7 bits", "8 bits"), 4: "2 stop bits",
                 0x38: ("", "odd", "", "even", "", "mark", "", "space"), BREAK: "break", 0x80: "divider"})
MODEM = Register({1: "DTR", 2: "RTS", 4: "OUT1", OUT2: "OUT2", 0x10: "loop"})
LINE_STATUS = Register({1: "received", 2: "overrun", 4: "parity", 8: "framing", 0x10: "break", THRE: "THR empty",
                        TEMT: "all sent", 0x80: "FIFO error"})
MODEM_STATUS = Register({1: "CTS changed", 2: "DSR changed", 4: "RI ended", 8: "DCD changed", CTS: "CTS", DSR: "DSR",
                         0x40: "RI", DCD: "DCD"})
FIFO = Register({FIFO_ENABLE: "enabled", 2: "clear receiver", 4: "clear transmitter", 8: "DMA",
                 TRIGGER: ("at 1 byte", "at 4 bytes", "at 8 bytes", "at 14 bytes")})


@state("serial", version=3, minimum=2)
class Serial:
    """Registers; and in subsections what a transmission in flight needs."""

    divider: int = uint16(since=2, reset=DIVIDER_9600)
    rbr: int = uint8(means="receive buffer")
    ier: int = uint8(means=("interrupt enable", ENABLED))
    iir: int = uint8(reset=NO_INTERRUPT, means=("interrupt identification", PENDING))
    lcr: int = uint8(means=("line control", LINE))
    mcr: int = uint8(reset=OUT2, means=("modem control", MODEM))
    lsr: int = uint8(reset=TEMT | THRE, means=("line status", LINE_STATUS))
    msr: int = uint8(reset=DCD | DSR | CTS, means=("modem status", MODEM_STATUS))
    scr: int = uint8(means="scratch")
    fcr: int = uint8(name="fcr_vmstate", means=("FIFO control", FIFO))

    @subsection("serial/thr_ipending")
    def _is_interrupt_unexpected(self) -> bool:
        return bool(self.ier & THRI) and self.thr_ipending != self._thr_signalled()

    thr_ipending: int = int32()

    @subsection("serial/tsr")
    def _is_sending(self) -> bool:
        return self.tsr_retry != 0

    tsr_retry: int = uint32()
    thr: int = uint8(means="transmit holding")
    tsr: int = uint8(means="transmit shift")

    @subsection("serial/recv_fifo")
    def _has_received(self) -> bool:
        return self.recv_fifo.num != 0

    recv_fifo: Fifo8 = nested(Fifo8, since=1)

    @subsection("serial/xmit_fifo")
    def _has_queued(self) -> bool:
        return self.xmit_fifo.num != 0

    xmit_fifo: Fifo8 = nested(Fifo8, since=1)

    @subsection("serial/fifo_timeout_timer")
    def _will_time_out(self) -> bool:
        return self.fifo_timeout_timer is not None

    fifo_timeout_timer: int | None = timer()

    @subsection("serial/timeout_ipending")
    def _has_timed_out(self) -> bool:
        return self.timeout_ipending != 0

    timeout_ipending: int = int32()

    @subsection("serial/poll")
    def _is_polling(self) -> bool:
        return self.poll_msl >= 0

    poll_msl: int = int32(reset=UNKNOWN, means="1 modem status is polled, 0 it is not, -1 the host has none to tell")
    modem_status_poll: int | None = timer()

    last_break_enable: int = local(0)
    recv_fifo_itl: int = local(0)  # so many bytes received raise an interrupt

    def _thr_signalled(self) -> bool:
        return self.iir & IIR_ID == IIR_THRI

    @pre_load
    def _forget(self) -> None:
        self.thr_ipending = self.poll_msl = UNKNOWN

    @post_load
    def _settle(self, version: int) -> None:
        if version < 3:
            self.fcr = 0
        if self.thr_ipending == UNKNOWN:
            self.thr_ipending = int(self._thr_signalled())
        if bool(self.lsr & TEMT) != (self.tsr_retry == 0):
            raise HookRefused("the transmitter is empty and sending, or neither")
        self.tsr_retry = min(self.tsr_retry, MOST_RETRIES)
        self.last_break_enable = int(bool(self.lcr & BREAK))
        if self.fcr & FIFO_ENABLE:
            self.iir |= IIR_FIFO
            self.recv_fifo_itl = TRIGGER_LEVELS[self.fcr & TRIGGER]
        else:
            self.iir &= ~IIR_FIFO


@state("serial", version=3, minimum=2)
class IsaSerial:
    """A UART on ISA: the same name once more."""

    state: Serial = nested(Serial, was="serial")


@state("pci-serial")
class PciSerial:
    """A card with one UART."""

    dev: PciDevice = nested(PciDevice)
    state: Serial = nested(Serial)


@state("pci-serial-multi")
class PciMultiSerial:
    """A card with two or four UARTs; the state has always four."""

    dev: PciDevice = nested(PciDevice)
    state: list[Serial] = array(nested(Serial), PORTS)
    level: list[int] = array(uint32(), PORTS, means="which of them want an interrupt")
