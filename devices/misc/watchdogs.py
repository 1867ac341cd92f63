"""Watchdogs of a pc: the one of Intel's 6300ESB (PCI), and that of an iBASE IB700 (ISA).

QEMU hw/watchdog/wdt_i6300esb.c, wdt_ib700.c; checked against QEMU 5.2, 7.2, 10.0, and by their descriptions with 11.1.
"""

from enum import IntEnum

from vmstate import int32, nested, state, timer, uint32

from ..pci.device import PciDevice

PRELOAD = 0xF_FFFF


class Scale(IntEnum):
    """What the timers count."""

    KHZ_1 = 0
    MHZ_1 = 1


class Interrupt(IntEnum):
    """What the end of the first stage does."""

    IRQ = 0
    SMI = 2
    NOTHING = 3


@state("i6300esb_wdt", version=10000, minimum=1)
class I6300Esb:
    """Two timers, one after the other. Of old, its version was the size of a structure: any from 1 on is the same."""

    dev: PciDevice = nested(PciDevice)
    reboot_enabled: int = int32(reset=1)
    clock_scale: int = int32(means=Scale)
    int_type: int = int32(means=Interrupt)
    free_run: int = int32(means="1: begins anew at its end")
    locked: int = int32()
    enabled: int = int32()
    timer: int | None = timer()
    timer1_preload: int = uint32(reset=PRELOAD)
    timer2_preload: int = uint32(reset=PRELOAD)
    stage: int = int32(reset=1, means="which timer runs, 1 or 2")
    unlock_state: int = int32(means="how much of the unlocking sequence has come, 0 to 2")
    previous_reboot_flag: int = int32(means="1: it was this that reset the machine; stays over a reset")


@state("ib700_wdt", version=0)
class Ib700:
    """One timer; none runs until the guest sets it."""

    timer: int | None = timer()
