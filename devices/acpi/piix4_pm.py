"""Power management function of the PIIX4: ACPI registers, SMBus, hotplug.

QEMU hw/acpi/piix4.c, hw/isa/apm.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from enum import IntEnum

from vmstate import array, int64, local, nested, setting, state, subsection, timer, uint8, uint16, uint32

from ..misc.smbus import SmbusController
from ..pci.device import PciDevice
from .hotplug import PCI_BUSES, CpuHotplug, MemoryHotplug, PciHotplugStatus
from .registers import PM1_CONTROL, PM1_EVENTS


class PciHotplug(IntEnum):
    """How far PCI hotplug goes."""

    BRIDGES_AND_INDEX = 2  # machine types since 7.0
    BRIDGES = 1  # pc-i440fx-2.0 to 6.2 (x-not-migrate-acpi-index)
    ROOT_BUS = 0  # older; acpi-pci-hotplug-with-bridge-support=off; boards that are no PC


@state("APM State")
class Apm:
    """The two ports of Advanced Power Management."""

    apmc: int = uint8()
    apms: int = uint8()


@state("gpe")
class GeneralEvents:
    """Status and enabling of the first sixteen general purpose events."""

    sts: int = uint16()
    en: int = uint16()


@state("pci_status")
class RootBusStatus:
    """The slots of the root bus, where there is no hotplug behind bridges."""

    up: int = uint32()
    down: int = uint32()


@state("piix4_pm", version=3)
class Piix4Pm:
    """The function; what of it is there depends on the machine type, not on anything in the stream."""

    def _has_smbus(self) -> bool:
        return self.smbus

    def _has_root_bus_alone(self) -> bool:
        return self.pci_hotplug == PciHotplug.ROOT_BUS

    def _has_bridges(self) -> bool:
        return self.pci_hotplug != PciHotplug.ROOT_BUS

    def _has_index(self) -> bool:
        return self.pci_hotplug == PciHotplug.BRIDGES_AND_INDEX

    smbus: bool = setting(True, False)  # off up to pc-i440fx-3.1; gone in 11.1, which always has it
    pci_hotplug: PciHotplug = setting(PciHotplug.BRIDGES_AND_INDEX, PciHotplug.BRIDGES, PciHotplug.ROOT_BUS)

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    pm1_sts: int = uint16(name="ar.pm1.evt.sts", means=PM1_EVENTS)
    pm1_en: int = uint16(name="ar.pm1.evt.en", means=PM1_EVENTS)
    pm1_cnt: int = uint16(name="ar.pm1.cnt.cnt", means=PM1_CONTROL)
    apm: Apm = nested(Apm)
    smb: SmbusController = nested(SmbusController, when=_has_smbus)
    pm_timer: int | None = timer(name="ar.tmr.timer")
    overflow_time: int = int64(name="ar.tmr.overflow_time")
    gpe: GeneralEvents = nested(GeneralEvents, name="ar.gpe", since=2)
    root_bus: RootBusStatus = nested(
        RootBusStatus, name="acpi_pci_hotplug.acpi_pcihp_pci_status[0x0]", when=_has_root_bus_alone)
    hotplug_select: int = uint32(name="acpi_pci_hotplug.hotplug_select", when=_has_bridges)
    pci_status: list[PciHotplugStatus] = array(
        nested(PciHotplugStatus), PCI_BUSES, name="acpi_pci_hotplug.acpi_pcihp_pci_status", when=_has_bridges)
    acpi_index: int = uint32(name="acpi_pci_hotplug.acpi_index", when=_has_index)

    memory_hotplug_enabled: bool = local(True, before={"2.1": False})  # memory-hotplug-support=

    @subsection("piix4_pm/memhp")
    def _has_memory_hotplug(self) -> bool:
        return self.memory_hotplug_enabled

    acpi_memory_hotplug: MemoryHotplug = nested(MemoryHotplug)

    cpu_hotplug_legacy: bool = local(True)  # until the firmware or the guest asks for the modern registers

    cpuhp_section = subsection("piix4_pm/cpuhp")
    cpuhp_state: CpuHotplug = nested(CpuHotplug)

    @cpuhp_section.needed
    def _has_modern_cpu_hotplug(self) -> bool:
        return not self.cpu_hotplug_legacy

    @cpuhp_section.pre_load
    def _go_modern(self) -> None:
        self.cpu_hotplug_legacy = False
