"""A PCI function: what every PCI device's section begins with.

QEMU hw/pci/pci.c, include/hw/pci/pci_device.h; checked against QEMU 5.2, 7.2, 10.0.
"""

from collections.abc import Iterator

from vmstate import Told, again, array, at_most, buffer, int32, setting, state, uint32

CONVENTIONAL_SIZE, EXPRESS_SIZE = 256, 4096
STATUS, CAPABILITY_LIST, FIRST = 0x06, 0x10, 0x34
EXPRESS, MSIX = 0x10, 0x11
FIRST_CAPABILITY = 0x40
VMWARE = (0x15AD).to_bytes(2, "little")
CLASS, XHCI = slice(0x09, 0x0C), bytes.fromhex("30030c")
PINS = 4


def capabilities(config: bytes | bytearray | memoryview) -> Iterator[tuple[int, int]]:
    """(id, offset) of each capability in a configuration space. At most 48 fit; a longer list runs in a circle."""
    if len(config) < CONVENTIONAL_SIZE:
        return
    at = config[FIRST] if config[STATUS] & CAPABILITY_LIST else 0
    for _ in range(48):
        if not FIRST_CAPABILITY <= at < 0xFF:
            return
        yield config[at], at
        at = config[at + 1]


def _express_says(ahead: bytes | bytearray | memoryview) -> int | None:
    """4096 if there is a PCI Express capability, which is within the first 256 bytes of either.

    QEMU's VMware functions are Express on a conventional bus too, where they do without the capability; xHCI always.
    """
    if len(ahead) < CONVENTIONAL_SIZE:
        return None
    if any(one == EXPRESS for one, _ in capabilities(ahead)) or ahead[CLASS] == XHCI:
        return EXPRESS_SIZE
    return None if ahead[:2] == VMWARE else CONVENTIONAL_SIZE


@state("PCIDevice", version=2, minimum=1)
class PciDevice:
    """Configuration space and the four interrupt lines."""

    def _is_conventional(self) -> bool:
        return self.config_size == CONVENTIONAL_SIZE

    def _is_express(self) -> bool:
        return self.config_size == EXPRESS_SIZE

    def _registers(self) -> Told | None:
        from .meaning import meaning  # for people alone

        return meaning(self.config)

    version_id: int = at_most(int32(reset=2))
    config_size: int = setting(CONVENTIONAL_SIZE, EXPRESS_SIZE, told=_express_says)
    config: bytearray = buffer(
        "config_size", type="pci config", reset=bytes(CONVENTIONAL_SIZE), when=_is_conventional,
        means=_registers)
    _express_config = again("config", buffer("config_size"), type="pci config", when=_is_express, means=_registers)
    irq_state: list[int] = array(uint32(maximum=1), PINS, info="pci irq state")

    @property
    def msix_vectors(self) -> int:
        """Entries of the MSI-X table; 0 without the capability."""
        for one, at in capabilities(self.config):
            if one == MSIX:
                return (int.from_bytes(self.config[at + 2 : at + 4], "little") & 0x7FF) + 1
        return 0


def express() -> PciDevice:
    """A function of PCI Express, with its larger configuration space and the capability that tells of it."""
    config = bytearray(EXPRESS_SIZE)
    config[STATUS], config[FIRST], config[FIRST_CAPABILITY] = CAPABILITY_LIST, FIRST_CAPABILITY, EXPRESS
    return PciDevice(config_size=EXPRESS_SIZE, config=config)
