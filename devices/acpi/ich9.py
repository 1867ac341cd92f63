"""Power management of the ICH9: ACPI registers, the TCO watchdog, hotplug. A part of its LPC bridge.

QEMU hw/acpi/ich9.c, tco.c (7.2), ich9_tco.c (10.0); checked against QEMU 5.2, 7.2, 10.0, and by its description with
11.1.
"""

from vmstate import array, int64, local, nested, setting, state, subsection, timer, uint8, uint16, uint32

from ..ahead import sent
from .hotplug import PCI_BUSES, CpuHotplug, MemoryHotplug, PciHotplugStatus
from .registers import PM1_CONTROL, PM1_EVENTS

GPE_BYTES = 16  # the length of the register block; half of each array is used


@state("tco io device status")
class Tco:
    """The watchdog ("total cost of ownership"), in units of 0.6 s."""

    rld: int = uint16(name="tco.rld")
    din: int = uint8(name="tco.din")
    dout: int = uint8(name="tco.dout")
    sts1: int = uint16(name="tco.sts1")
    sts2: int = uint16(name="tco.sts2")
    cnt1: int = uint16(name="tco.cnt1")
    cnt2: int = uint16(name="tco.cnt2", reset=0x0008)
    msg1: int = uint8(name="tco.msg1")
    msg2: int = uint8(name="tco.msg2")
    wdcnt: int = uint8(name="tco.wdcnt")
    tmr: int = uint16(name="tco.tmr", reset=0x0004)
    sw_irq_gen: int = uint8(reset=0x03)
    tco_timer: int | None = timer()
    expire_time: int = int64(reset=-1)
    timeouts_no: int = uint8()


@state("ich9_pm")
class Ich9Pm:
    """The registers; what further of them is sent depends on the machine type and on how QEMU was configured."""

    pm1_sts: int = uint16(name="acpi_regs.pm1.evt.sts", means=PM1_EVENTS)
    pm1_en: int = uint16(name="acpi_regs.pm1.evt.en", means=PM1_EVENTS)
    pm1_cnt: int = uint16(name="acpi_regs.pm1.cnt.cnt", means=PM1_CONTROL)
    pm_timer: int | None = timer(name="acpi_regs.tmr.timer")
    overflow_time: int = int64(name="acpi_regs.tmr.overflow_time")
    gpe_sts: list[int] = array(uint8(), GPE_BYTES, name="acpi_regs.gpe.sts")
    gpe_en: list[int] = array(uint8(), GPE_BYTES, name="acpi_regs.gpe.en")
    smi_en: int = uint32(means="bit 5 is set at reset where the machine has no SMM")
    smi_sts: int = uint32()

    # enable_tco=, to which QEMU 7.2 pays no heed: always
    tco_enabled: bool = setting(True, told=sent("ich9_pm/tco"))

    memory_hotplug_enabled: bool = local(True, before={"2.1": False})  # memory-hotplug-support=, gone in 10.0

    @subsection("ich9_pm/memhp")
    def _has_memory_hotplug(self) -> bool:
        return self.memory_hotplug_enabled

    acpi_memory_hotplug: MemoryHotplug = nested(MemoryHotplug, since=1)

    @subsection("ich9_pm/tco")
    def _has_watchdog(self) -> bool:
        return self.tco_enabled

    tco_regs: Tco = nested(Tco, since=1)

    cpu_hotplug_legacy: bool = local(True)  # until the firmware or the guest asks for the modern registers

    cpuhp_section = subsection("ich9_pm/cpuhp")
    cpuhp_state: CpuHotplug = nested(CpuHotplug, since=1)

    @cpuhp_section.needed
    def _has_modern_cpu_hotplug(self) -> bool:
        return not self.cpu_hotplug_legacy

    @cpuhp_section.pre_load
    def _go_modern(self) -> None:
        self.cpu_hotplug_legacy = False

    pci_hotplug_enabled: bool = local(True, before={"6.1": False})  # acpi-pci-hotplug-with-bridge-support=

    @subsection("ich9_pm/pcihp")
    def _has_pci_hotplug(self) -> bool:
        return self.pci_hotplug_enabled

    hotplug_select: int = uint32(name="acpi_pci_hotplug.hotplug_select")
    pci_status: list[PciHotplugStatus] = array(
        nested(PciHotplugStatus), PCI_BUSES, name="acpi_pci_hotplug.acpi_pcihp_pci_status", since=1)
    acpi_index: int = uint32(name="acpi_pci_hotplug.acpi_index")
