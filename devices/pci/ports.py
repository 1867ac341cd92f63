"""PCI Express ports: root ports, and the switch with one port upstream and several downstream.

QEMU hw/pci-bridge/gen_pcie_root_port.c, ioh3420.c, xio3130_upstream.c, xio3130_downstream.c; checked against QEMU 5.2,
7.2, 10.0, and by their descriptions with 11.1.
"""

from vmstate import nested, setting, state

from .aer import AerLog
from .bridges import PRIORITY
from .device import PciDevice, express
from .msix import Msix, MsixOwner


@state("pcie-root-port", version=1, priority=PRIORITY)
class PcieRootPort(MsixOwner):
    """QEMU's own root port: the slot's registers are in its configuration space."""

    def _sends_msix(self) -> bool:
        return self.migrate_msix

    parent: PciDevice = nested(PciDevice, name="parent_obj.parent_obj.parent_obj", reset=express)
    aer_log: AerLog = nested(AerLog, name="parent_obj.parent_obj.parent_obj.exp.aer_log")
    migrate_msix: bool = setting(True, False)  # x-migrate-msix=, off up to pc-*-2.9; gone in 11.1, which always does
    msix: Msix = nested(Msix, when=_sends_msix, name="parent_obj.parent_obj.parent_obj.parent_obj")

    @property
    def function(self) -> PciDevice:
        """The PCI function."""
        return self.parent


@state("ioh-3240-express-root-port", version=1, priority=PRIORITY)
class Ioh3420:
    """The root port of Intel's IOH."""

    parent: PciDevice = nested(PciDevice, name="parent_obj.parent_obj.parent_obj", reset=express)
    aer_log: AerLog = nested(AerLog, name="parent_obj.parent_obj.parent_obj.exp.aer_log")


@state("xio3130-express-upstream-port", version=1, priority=PRIORITY)
class Xio3130Upstream:
    """The switch's port to the root."""

    parent: PciDevice = nested(PciDevice, name="parent_obj.parent_obj", reset=express)
    aer_log: AerLog = nested(AerLog, name="parent_obj.parent_obj.exp.aer_log")


@state("xio3130-express-downstream-port", version=1, priority=PRIORITY)
class Xio3130Downstream:
    """One of the switch's ports to devices."""

    parent: PciDevice = nested(PciDevice, name="parent_obj.parent_obj.parent_obj", reset=express)
    aer_log: AerLog = nested(AerLog, name="parent_obj.parent_obj.parent_obj.exp.aer_log")
