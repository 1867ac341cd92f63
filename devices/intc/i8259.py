"""The 8259 interrupt controller; a pc has two.

QEMU hw/intc/i8259_common.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import Register, state, subsection, uint8

LINES = Register({1 << line: f"line {line}" for line in range(8)})
SELECTED = Register({1: ("irr", "isr")})
AWAITED = Register({3: ("", "ICW2", "ICW3", "ICW4")})


@state("i8259", version=1)
class I8259:
    """Eight inputs: what is requested, masked and in service, and where the initialization sequence stands."""

    last_irr: int = uint8(means=LINES)
    irr: int = uint8(means=LINES)
    imr: int = uint8(means=LINES)
    isr: int = uint8(means=LINES)
    priority_add: int = uint8()
    irq_base: int = uint8()
    read_reg_select: int = uint8(means=SELECTED)
    poll: int = uint8()
    special_mask: int = uint8()
    init_state: int = uint8(means=AWAITED)
    auto_eoi: int = uint8()
    rotate_on_auto_eoi: int = uint8()
    special_fully_nested_mode: int = uint8()
    init4: int = uint8()
    single_mode: int = uint8()
    elcr: int = uint8(means=LINES)

    # in QEMU 10.0, not in 7.2
    @subsection("i8259/ltim", version=1)
    def _all_levels(self) -> bool:
        return self.ltim != 0

    ltim: int = uint8()
