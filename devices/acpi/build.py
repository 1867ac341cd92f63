"""Whether the guest has been given its ACPI tables.

QEMU hw/i386/acpi-build.c, hw/loongarch/virt-acpi-build.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import state, uint8


@state("acpi_build", version=1)
class AcpiBuild:
    """1 once the firmware has read the tables: from then on they stay as they are."""

    patched: int = uint8()
