"""PL061: eight GPIO lines of Arm's boards; and the key that the `virt` machine has on one of them.

QEMU hw/gpio/pl061.c, gpio_key.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import state, timer, uint32


@state("pl061", version=4)
class Pl061:
    """Registers. Those from `afsel` on are of the Luminary variant alone."""

    locked: int = uint32(reset=1)
    data: int = uint32()
    old_out_data: int = uint32()
    old_in_data: int = uint32()
    dir: int = uint32(means="a bit per line: 1 output")
    isense: int = uint32(means="1 interrupts by level, 0 by edge")
    ibe: int = uint32(means="1 interrupts on both edges")
    iev: int = uint32(means="1 interrupts on a rising edge or when high")
    im: int = uint32(means="interrupt mask")
    istate: int = uint32(means="interrupts that are raised")
    afsel: int = uint32(means="alternate function")
    dr2r: int = uint32(reset=0xFF, means="drives 2 mA")
    dr4r: int = uint32(means="drives 4 mA")
    dr8r: int = uint32(means="drives 8 mA")
    odr: int = uint32(means="open drain")
    pur: int = uint32(means="pulled up")
    pdr: int = uint32(means="pulled down")
    slr: int = uint32(means="slew rate")
    den: int = uint32(means="digital function enabled")
    cr: int = uint32(reset=0xFF, means="which lines may be committed")
    amsel: int = uint32(since=2, means="analog mode")


@state("gpio-key")
class GpioKey:
    """A key that is pressed for 100 ms: the power button."""

    timer: int | None = timer(means="ns, when it is released")
