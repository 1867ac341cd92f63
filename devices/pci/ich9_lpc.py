"""The LPC bridge of the ICH9 (PCI to ISA), with its power management and its negotiation of SMI features.

QEMU hw/isa/lpc_ich9.c, hw/isa/apm.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import array, nested, state, subsection, uint8, uint32, uint64

from ..acpi.ich9 import Ich9Pm
from ..acpi.piix4_pm import Apm
from .device import PciDevice

CHIP_CONFIG_SIZE, FEATURE_BYTES = 16 * 1024, 8
ROUTES, ROUTE = (0x3140, 0x3144, 0x3146, 0x3148, 0x314C, 0x3150), 0x3210  # devices 31, 29, 28, 27, 26, 25
CONTROL_AND_STATUS, NO_REBOOT = 0x3410, 0x20


def _reset_chip_config() -> list[int]:
    """Interrupt routes of the devices that are there, and no reboot by the watchdog."""
    config = [0] * CHIP_CONFIG_SIZE
    for at in ROUTES:
        config[at : at + 2] = ROUTE.to_bytes(2, "little")
    config[CONTROL_AND_STATUS] = NO_REBOOT
    return config


@state("ICH9LPC", version=1)
class Ich9Lpc:
    """The bridge and its chipset configuration registers."""

    parent: PciDevice = nested(PciDevice, name="d")
    apm: Apm = nested(Apm)
    pm: Ich9Pm = nested(Ich9Pm)
    chip_config: list[int] = array(uint8(), CHIP_CONFIG_SIZE, reset=_reset_chip_config)
    sci_level: int = uint32()

    @subsection("ICH9LPC/rst_cnt")
    def _reset_chosen(self) -> bool:
        return self.rst_cnt != 0

    rst_cnt: int = uint8()

    @subsection("ICH9LPC/smi_feat")
    def _negotiates(self) -> bool:
        return any(self.smi_guest_features_le) or self.smi_features_ok != 0

    smi_guest_features_le: list[int] = array(
        uint8(), FEATURE_BYTES, means="what the firmware asks for, the lowest byte first")
    smi_features_ok: int = uint8()
    smi_negotiated_features: int = uint64()
