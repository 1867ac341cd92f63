"""RISC-V's advanced platform-level interrupt controller: wired interrupts for harts, or as MSIs for `riscv_imsic`.

QEMU hw/intc/riscv_aplic.c; checked against QEMU 7.2, 10.0, and by its description with 11.1. Version 3 is that of 11.1,
which does not send it where it is KVM's; the bytes are those of version 2. QEMU reads its own version alone.
"""

from enum import IntFlag

from vmstate import array, setting, state, uint32

from ..ends import nearest

IRQS, MOST_HARTS = 97, 512


class Source(IntFlag):
    """How an interrupt stands."""

    PENDING = 1 << 0
    ENABLED = 1 << 1
    INPUT = 1 << 8


def _length_says(ahead: memoryview) -> int | None:
    """Three words for each hart end the record."""
    return nearest(((harts, 12 * harts) for harts in range(min(MOST_HARTS, len(ahead) // 12) + 1)), ahead)


@state("riscv_aplic", version=3)
class Aplic:
    """A domain of interrupts. In MSI mode it has no harts."""

    num_irqs: int = setting(IRQS)
    domaincfg: int = uint32()
    mmsicfgaddr: int = uint32()
    mmsicfgaddr_h: int = uint32(name="mmsicfgaddrH")
    smsicfgaddr: int = uint32()
    smsicfgaddr_h: int = uint32(name="smsicfgaddrH")
    genmsi: int = uint32()
    kvm_msicfgaddr: int = uint32()
    kvm_msicfgaddr_h: int = uint32(name="kvm_msicfgaddrH")
    sourcecfg: list[int] = array(uint32(), "num_irqs")
    state: list[int] = array(uint32(), "num_irqs", means=Source)
    target: list[int] = array(uint32(), "num_irqs")
    num_harts: int = setting(0, *range(1, MOST_HARTS + 1), told=_length_says)
    idelivery: list[int] = array(uint32(), "num_harts")
    iforce: list[int] = array(uint32(), "num_harts")
    ithreshold: list[int] = array(uint32(), "num_harts")


@state("riscv_aplic", version=2)
class AplicV2:
    """The same in QEMU 10.0."""

    num_irqs: int = setting(IRQS)
    domaincfg: int = uint32()
    mmsicfgaddr: int = uint32()
    mmsicfgaddr_h: int = uint32(name="mmsicfgaddrH")
    smsicfgaddr: int = uint32()
    smsicfgaddr_h: int = uint32(name="smsicfgaddrH")
    genmsi: int = uint32()
    kvm_msicfgaddr: int = uint32()
    kvm_msicfgaddr_h: int = uint32(name="kvm_msicfgaddrH")
    sourcecfg: list[int] = array(uint32(), "num_irqs")
    state: list[int] = array(uint32(), "num_irqs", means=Source)
    target: list[int] = array(uint32(), "num_irqs")
    num_harts: int = setting(0, *range(1, MOST_HARTS + 1), told=_length_says)
    idelivery: list[int] = array(uint32(), "num_harts")
    iforce: list[int] = array(uint32(), "num_harts")
    ithreshold: list[int] = array(uint32(), "num_harts")


@state("riscv_aplic", version=1)
class AplicV1:
    """The same in QEMU 7.2, where KVM has none."""

    num_irqs: int = setting(IRQS)
    domaincfg: int = uint32()
    mmsicfgaddr: int = uint32()
    mmsicfgaddr_h: int = uint32(name="mmsicfgaddrH")
    smsicfgaddr: int = uint32()
    smsicfgaddr_h: int = uint32(name="smsicfgaddrH")
    genmsi: int = uint32()
    sourcecfg: list[int] = array(uint32(), "num_irqs")
    state: list[int] = array(uint32(), "num_irqs", means=Source)
    target: list[int] = array(uint32(), "num_irqs")
    num_harts: int = setting(0, *range(1, MOST_HARTS + 1), told=_length_says)
    idelivery: list[int] = array(uint32(), "num_harts")
    iforce: list[int] = array(uint32(), "num_harts")
    ithreshold: list[int] = array(uint32(), "num_harts")
