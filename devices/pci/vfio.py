"""A PCI function of the host that the guest has (sections `<path>/vfio`): what its driver reads out, and its registers.

QEMU hw/vfio/migration.c, migration-multifd.c, pci.c, display.c; hw/display/ramfb.c of 5.2 to 10.1. No stream of one was
recorded.
"""

from enum import IntEnum

from vmstate import chain, constant, enum, local, nested, sized_buffer, state, subsection, uint64

from ..display.ramfb import Ramfb
from .device import PciDevice
from .msix import Msix, MsixOwner

CONFIGURATION = 0xFFFFFFFFEF100002


class Tag(IntEnum):
    """What a chunk is."""

    END_OF_STATE = 0xFFFFFFFFEF100001
    SETUP = 0xFFFFFFFFEF100003
    DATA = 0xFFFFFFFFEF100004
    INIT_DATA_SENT = 0xFFFFFFFFEF100005  # 8.1: an end, from which on the destination agrees to switch over
    CONFIG_LOAD_READY = 0xFFFFFFFFEF100006  # 10.1: an end; the registers came through multifd


ENDS = Tag.END_OF_STATE, Tag.INIT_DATA_SENT, Tag.CONFIG_LOAD_READY


@state("vfio-chunk")
class VfioChunk:
    """Data that only the device's driver knows, or a tag alone."""

    @property
    def is_last(self) -> bool:
        """Whether the section's body ends here."""
        return self.tag in ENDS

    def _has_data(self) -> bool:
        return self.tag == Tag.DATA

    tag: Tag = enum(Tag, uint64(reset=Tag.END_OF_STATE))
    data: bytearray = sized_buffer(64, when=_has_data)


@state("VFIODisplay")
class VfioDisplay:
    """What shows before the guest's driver runs."""

    ramfb: Ramfb = nested(Ramfb)


@state("VFIOPCIDevice")
class VfioFunction(MsixOwner):
    """The registers of configuration space that QEMU emulates."""

    def _has_msix(self) -> bool:
        return self.pdev.msix_vectors > 0

    pdev: PciDevice = nested(PciDevice)
    msix: Msix = nested(Msix, when=_has_msix, name="pdev")

    @property
    def function(self) -> PciDevice:
        """The PCI function."""
        return self.pdev

    ramfb_migrates: bool = local(False)  # x-ramfb-migrate=, not before QEMU 8.2

    ramfb_section = subsection("VFIOPCIDevice/VFIODisplay")
    dpy: VfioDisplay = nested(VfioDisplay)

    @ramfb_section.needed
    def _has_ramfb(self) -> bool:
        return self.ramfb_migrates

    @ramfb_section.post_load
    def _ramfb_migrates(self, version: int) -> None:
        self.ramfb_migrates = True


@state("vfio-configuration")
class Configuration:
    """The function between its two tags."""

    _begin = constant(uint64(), CONFIGURATION)
    function: VfioFunction = nested(VfioFunction)
    _end = constant(uint64(), Tag.END_OF_STATE)


@state("vfio")
class Vfio:
    """One section's data: SETUP and END_OF_STATE first; then DATA as it comes."""

    chunks: list[VfioChunk] = chain(nested(VfioChunk), until="is_last")


@state("vfio", by_hand=True)
class VfioConfiguration:
    """The section behind those that come in parts. Where multifd brings the registers, it is a tag alone: `Vfio`."""

    configuration: Configuration = nested(Configuration)


@state("vfio")
class FirstVfio:
    """The last part up to QEMU 6.0, with the registers in front."""

    configuration: Configuration = nested(Configuration)
    chunks: list[VfioChunk] = chain(nested(VfioChunk), until="is_last")
