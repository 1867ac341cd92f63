"""The generic event device, which tells a guest without an ACPI chip of events: microvm, Arm's virt and LoongArch's.

QEMU hw/acpi/generic_event_device.c; checked against QEMU 5.2, 7.2, 10.0; what came later by its description with 11.1.
"""

from enum import IntFlag

from vmstate import array, nested, setting, state, subsection, uint32, uint64

from ..ahead import sent
from .hotplug import PCI_BUSES, CpuHotplug, MemoryHotplug, PciHotplugStatus


class Event(IntFlag):
    """What there is to tell. Which of them a machine has is given (ged-event)."""

    MEMORY_HOTPLUG = 0x01
    POWER_DOWN = 0x02
    NVDIMM_HOTPLUG = 0x04
    CPU_HOTPLUG = 0x08
    PCI_HOTPLUG = 0x10
    ERROR = 0x20


@state("acpi-ged-state", version=1)
class GedState:
    """The register in which the guest finds what has happened."""

    sel: int = uint32(means=Event)


@state("acpi-ghes", version=1)
class Ghes:
    """Where the guest's firmware has put the error blocks (generic hardware error source)."""

    hw_error_le: int = uint64(was="ghes_addr_le", means="guest address")


@state("acpi-hest", version=1)
class Hest:
    """Where the guest's firmware has put the table of error sources."""

    hest_addr_le: int = uint64(means="guest address")


@state("acpi-ged", version=1)
class AcpiGed:
    """The events, and the registers of memory hotplug, which it always has."""

    ged_state: GedState = nested(GedState, since=1)

    cpus_hotpluggable: bool = setting(False, told=sent("acpi-ged/cpuhp"))  # of the machine: true for LoongArch's virt
    pci_hotplug_enabled: bool = setting(False, told=sent("acpi-ged/pcihp"))  # Event.PCI_HOTPLUG is one of the machine's

    memhp_section = subsection("acpi-ged/memhp", version=1)
    memhp_state: MemoryHotplug = nested(MemoryHotplug, since=1)

    # in QEMU 10.0, not in 7.2
    @subsection("acpi-ged/cpuhp", version=1)
    def _has_cpu_hotplug(self) -> bool:
        return self.cpus_hotpluggable

    cpuhp_state: CpuHotplug = nested(CpuHotplug, since=1)

    @subsection("acpi-ged/ghes", version=1)
    def _has_error_blocks(self) -> bool:
        return self.ghes_state.hw_error_le != 0

    ghes_state: Ghes = nested(Ghes, since=1)

    # in QEMU 11.1, not in 10.0
    @subsection("acpi-ged/pcihp", version=1)
    def _has_pci_hotplug(self) -> bool:
        return self.pci_hotplug_enabled

    hotplug_select: int = uint32(name="pcihp_state.hotplug_select")
    pci_status: list[PciHotplugStatus] = array(
        nested(PciHotplugStatus), PCI_BUSES, name="pcihp_state.acpi_pcihp_pci_status", since=1)
    acpi_index: int = uint32(name="pcihp_state.acpi_index")

    @subsection("acpi-ged/hest", version=1)
    def _has_error_sources(self) -> bool:
        return self.hest_state.hest_addr_le != 0

    hest_state: Hest = nested(Hest, name="ghes_state", since=1)
