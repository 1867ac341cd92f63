"""RISC-V's incoming MSI controller: what one hart takes in one mode; a hypervisor's has pages for guests.

QEMU hw/intc/riscv_imsic.c; checked against QEMU 7.2, 10.0, and by its description with 11.1. Version 2 is that of 11.1,
which does not send it where it is KVM's; the bytes are those of version 1. QEMU reads its own version alone.
"""

from enum import IntFlag

from vmstate import Packed, array, setting, state, uint32

from ..ends import nearest

IRQS, MOST_PAGES = 256, 64


class Interrupt(IntFlag):
    """How an interrupt stands."""

    PENDING = 1 << 0
    ENABLED = 1 << 1


def _length_says(ahead: memoryview) -> int | None:
    """Pages with as many interrupts as those of a `virt` have."""
    return nearest(((pages, 4 * pages * (2 + IRQS)) for pages in range(1, MOST_PAGES + 1)), ahead)


class Pages:
    """A controller with the state of each interrupt, page by page."""

    __slots__ = ()
    num_irqs: int
    num_pages: int

    @property
    def num_eistate(self) -> int:
        """Interrupts of all pages."""
        return self.num_pages * self.num_irqs


@state("riscv_imsic", version=2)
class Imsic(Pages):
    """A page for the hart itself, and one for each of its guests."""

    num_irqs: int = setting(IRQS)
    num_pages: int = setting(1, *range(2, MOST_PAGES + 1), told=_length_says)
    eidelivery: list[int] = array(uint32(), "num_pages")
    eithreshold: list[int] = array(uint32(), "num_pages")
    eistate: Packed = array(uint32(), "num_eistate", packed=True, means=Interrupt)


@state("riscv_imsic", version=1)
class ImsicV1(Pages):
    """The same in QEMU 7.2 and 10.0."""

    num_irqs: int = setting(IRQS)
    num_pages: int = setting(1, *range(2, MOST_PAGES + 1), told=_length_says)
    eidelivery: list[int] = array(uint32(), "num_pages")
    eithreshold: list[int] = array(uint32(), "num_pages")
    eistate: Packed = array(uint32(), "num_eistate", packed=True, means=Interrupt)
