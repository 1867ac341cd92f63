"""A PCI host bridge's address register, and the interrupt lines of a PCI bus.

QEMU hw/pci/pci_host.c, hw/pci/pci.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Register, array, equal, int32, state, uint32

ADDRESS = Register({0xFF << 16: "bus", 0x1F << 11: "device", 7 << 8: "function", 0xFF: "register", 1 << 31: "enabled"})


@state("PCIHost", version=1)
class PciHost:
    """Which configuration register the guest has selected. Machine types up to 5.1 do not send it."""

    config_reg: int = uint32(means=ADDRESS)


@state("PCIBUS", version=1)
class PciBus:
    """How many devices hold each interrupt line of the bus: 4 lines on a pc, 8 on a q35, 0 below most bridges."""

    nirq: int = equal(int32(reset=4), hint="both ends need the same chipset")
    irq_count: list[int] = array(int32(), "nirq", reset=[0] * 4)
