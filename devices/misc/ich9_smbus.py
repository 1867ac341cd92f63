"""The SMBus function of the ICH9.

QEMU hw/i2c/smbus_ich9.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import boolean, nested, setting, state

from ..pci.device import PciDevice
from .smbus import SmbusController


@state("ich9_smb", version=1)
class Ich9Smbus:
    """The function; its controller's state, unless the machine type is too old for it."""

    def _has_smbus(self) -> bool:
        return self.smbus

    smbus: bool = setting(True, False)  # off up to pc-q35-3.1; gone in 11.1, which always has it

    parent: PciDevice = nested(PciDevice, name="dev")
    irq_enabled: bool = boolean(when=_has_smbus)
    smb: SmbusController = nested(SmbusController, when=_has_smbus)
