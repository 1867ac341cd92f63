"""Whether the guest has been given its ACPI tables.

QEMU hw/i386/acpi-build.c, hw/{arm,loongarch,riscv}/virt-acpi-build.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import boolean, state, uint8


@state("acpi_build", version=1)
class AcpiBuild:
    """1 once the firmware has read the tables: from then on they stay as they are."""

    patched: int = uint8()


@state("virt_acpi_build", version=1)
class VirtAcpiBuild:
    """The same on Arm's and RISC-V's `virt`."""

    patched: bool = boolean()
