"""The 8259 interrupt controller; a pc has two.

QEMU hw/intc/i8259_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import state, subsection, uint8


@state("i8259", version=1)
class I8259:
    """Eight inputs: what is requested, masked and in service, and where the initialization sequence stands."""

    last_irr: int = uint8()
    irr: int = uint8()
    imr: int = uint8()
    isr: int = uint8()
    priority_add: int = uint8()
    irq_base: int = uint8()
    read_reg_select: int = uint8()
    poll: int = uint8()
    special_mask: int = uint8()
    init_state: int = uint8()
    auto_eoi: int = uint8()
    rotate_on_auto_eoi: int = uint8()
    special_fully_nested_mode: int = uint8()
    init4: int = uint8()
    single_mode: int = uint8()
    elcr: int = uint8()

    # in QEMU 10.0, not in 7.2
    @subsection("i8259/ltim", version=1)
    def _all_levels(self) -> bool:
        return self.ltim != 0

    ltim: int = uint8()
