"""ACPI hotplug registers, as the PIIX4, the ICH9 and the generic event device have them.

QEMU hw/acpi/pcihp.c, memory_hotplug.c, cpu.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import array, boolean, nested, setting, state, uint8, uint32

PCI_BUSES = 256
MOST_SLOTS, MOST_CPUS = 256, 4096
RECORD_SIZE = 10  # of a memory slot's, and of a processor's
SUBSECTION = 0x05


def _devices_ahead(ahead: memoryview) -> int | None:
    """How many device records follow, where they end with the section or before another subsection.

    Each begins with two booleans, so that it cannot be taken for a subsection; None where something else follows.
    """
    at = 0
    while at + RECORD_SIZE <= len(ahead) and ahead[at] <= 1 and ahead[at + 1] <= 1:
        at += RECORD_SIZE
    if at == len(ahead) or ahead[at] == SUBSECTION:
        return at // RECORD_SIZE
    return None


@state("acpi_pcihp_pci_status")
class PciHotplugStatus:
    """The slots of one bus to be plugged in and to be taken out, a bit each."""

    up: int = uint32()
    down: int = uint32()


@state("memory hotplug device state")
class MemoryStatus:
    """A memory slot; what the guest last said of it."""

    is_enabled: bool = boolean()
    is_inserting: bool = boolean()
    ost_event: int = uint32()
    ost_status: int = uint32()


@state("memory hotplug state")
class MemoryHotplug:
    """The slots for memory: slots= of -m."""

    selector: int = uint32()
    dev_count: int = setting(0, *range(1, MOST_SLOTS + 1), told=_devices_ahead)
    devs: list[MemoryStatus] = array(nested(MemoryStatus), "dev_count")


@state("CPU hotplug device state")
class CpuStatus:
    """A place for a processor; what the guest last said of it."""

    is_inserting: bool = boolean()
    is_removing: bool = boolean()
    ost_event: int = uint32()
    ost_status: int = uint32()


@state("CPU hotplug state")
class CpuHotplug:
    """The places for processors: maxcpus= of -smp, or what the machine makes of it."""

    selector: int = uint32()
    command: int = uint8()
    dev_count: int = setting(1, *range(2, MOST_CPUS + 1), told=_devices_ahead)
    devs: list[CpuStatus] = array(nested(CpuStatus), "dev_count")
