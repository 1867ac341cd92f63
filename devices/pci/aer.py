"""The errors that a PCI Express port has logged (Advanced Error Reporting).

QEMU hw/pci/pcie_aer.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from enum import IntFlag

from vmstate import array, check, equal, nested, state, uint16, uint32

ENTRIES = 8


class ErrorFlag(IntFlag):
    """What an error is, and what was kept of the packet that it came with."""

    CORRECTABLE = 0x1
    MAYBE_ADVISORY = 0x2
    HAS_HEADER = 0x4
    HAS_PREFIX = 0x8


@state("PCIE_AER_ERROR", version=1)
class AerError:
    """One error."""

    status: int = uint32(means="its bit in the port's error status register")
    source_id: int = uint16(means="bus, device and function that report it")
    flags: int = uint16(means=ErrorFlag)
    header: list[int] = array(uint32(), 4)
    prefix: list[int] = array(uint32(), 4)


@state("PCIE_AER_ERROR_LOG", version=1)
class AerLog:
    """The errors that the guest has not taken yet, the first one first."""

    log_num: int = uint16()
    log_max: int = equal(uint16(reset=ENTRIES), hint="both ends need the same aer_log_max=")

    @check("log_num <= log_max")
    def _fits(self) -> bool:
        return self.log_num <= self.log_max

    log: list[AerError] = array(nested(AerError), "log_num")
