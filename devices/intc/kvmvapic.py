"""The option ROM that speeds up a Windows guest's accesses to the task priority register.

QEMU hw/i386/kvmvapic.c (5.2, 7.2), hw/i386/vapic.c (10.0); checked against QEMU 5.2, 7.2, 10.0.
"""

from enum import IntEnum

from vmstate import array, nested, post_load, state, uint32, unused


class VapicState(IntEnum):
    """How far the guest has got."""

    INACTIVE = 0
    ACTIVE = 1
    STANDBY = 2


@state("kvmvapic-handlers", version=1)
class Handlers:
    """Entry points in the ROM, one per kind of instruction that is patched."""

    set_tpr: int = uint32()
    set_tpr_eax: int = uint32()
    get_tpr: list[int] = array(uint32(), 8)
    get_tpr_stack: int = uint32()


@state("kvmvapic-guest-rom", version=1)
class GuestRom:
    """The header of the ROM as the guest has it. The numbers are little-endian in the guest, and so turned here."""

    _signature = unused(8)
    vaddr: int = uint32()
    fixup_start: int = uint32()
    fixup_end: int = uint32()
    vapic_vaddr: int = uint32()
    vapic_size: int = uint32()
    vcpu_shift: int = uint32()
    real_tpr_addr: int = uint32()
    up: Handlers = nested(Handlers)
    mp: Handlers = nested(Handlers)


@state("kvm-tpr-opt", version=1)
class KvmVapic:
    """Where the ROM is, and whether it is in use."""

    rom_state: GuestRom = nested(GuestRom)
    state: int = uint32(means=VapicState)
    real_tpr_addr: int = uint32()
    rom_state_vaddr: int = uint32()
    vapic_paddr: int = uint32()
    rom_state_paddr: int = uint32()

    @post_load
    def _know_standby(self, version: int) -> None:
        """qemu-kvm did not tell standby from inactive."""
        if self.state == VapicState.INACTIVE and self.rom_state_paddr != 0:
            self.state = VapicState.STANDBY
