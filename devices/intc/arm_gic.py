"""The Arm generic interrupt controller of versions 1 and 2, and of the 11MPCore.

QEMU hw/intc/arm_gic_common.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import again, array, boolean, nested, setting, state, subsection, uint8, uint16, uint32

from ..ahead import sent

CPUS, IRQS = 8, 1020
PRIVATE_IRQS, SOFTWARE_IRQS = 32, 16  # the first ones are each processor's own, and of those these are sent by software
ACTIVE_REGISTERS, LIST_REGISTERS = 4, 64
SPURIOUS, IDLE = 1023, 0x100
EVERY_CPU = 0xFF
VIRTUAL = CPUS
"""Where the virtual CPU interfaces begin in an array that has both."""


@state("arm_gic_irq_state")
class IrqState:
    """An interrupt: a bit for each processor."""

    enabled: int = uint8()
    pending: int = uint8()
    active: int = uint8()
    level: int = uint8()
    model: bool = boolean(means="of the 11MPCore: 1 of N processors takes it")
    edge_trigger: bool = boolean()
    group: int = uint8()


def _irqs_at_reset() -> list[IrqState]:
    """The software interrupts are always enabled."""
    enabled = [IrqState(enabled=EVERY_CPU, edge_trigger=True) for _ in range(SOFTWARE_IRQS)]
    return enabled + [IrqState() for _ in range(IRQS - SOFTWARE_IRQS)]


@state("arm_gic", version=12)
class Gic:
    """Distributor and CPU interfaces, always eight of them; then what a hypervisor's guest sees of them."""

    ctlr: int = uint32()
    cpu_ctlr: list[int] = array(uint32(), CPUS, reset=[0] * CPUS * 2)
    irq_state: list[IrqState] = array(nested(IrqState), IRQS, since=1, reset=_irqs_at_reset)
    irq_target: list[int] = array(uint8(), IRQS, means="a bit for each processor")
    priority1: list[int] = array(uint8(), PRIVATE_IRQS * CPUS)
    priority2: list[int] = array(uint8(), IRQS - PRIVATE_IRQS)
    sgi_pending: list[int] = array(uint8(), SOFTWARE_IRQS * CPUS, means="a bit for each sender")
    priority_mask: list[int] = array(uint16(), CPUS, reset=[0] * CPUS * 2)
    running_priority: list[int] = array(uint16(), CPUS, reset=[IDLE] * CPUS * 2)
    current_pending: list[int] = array(uint16(), CPUS, reset=[SPURIOUS] * CPUS * 2)
    bpr: list[int] = array(uint8(), CPUS, reset=[0] * CPUS + [2] * CPUS)
    abpr: list[int] = array(uint8(), CPUS, reset=[1] * CPUS + [3] * CPUS)
    apr: list[int] = array(uint32(), ACTIVE_REGISTERS * CPUS)
    nsapr: list[int] = array(uint32(), ACTIVE_REGISTERS * CPUS)

    has_virtualization: bool = setting(False, told=sent("arm_gic_virt_state"))  # has-virtualization-extensions=

    @subsection("arm_gic_virt_state")
    def _virtualizes(self) -> bool:
        return self.has_virtualization

    h_hcr: list[int] = array(uint32(), CPUS)
    h_misr: list[int] = array(uint32(), CPUS)
    h_lr: list[int] = array(uint32(), LIST_REGISTERS * CPUS)
    h_apr: list[int] = array(uint32(), CPUS)
    _virtual_ctlr = again("cpu_ctlr", array(uint32(), CPUS, start=VIRTUAL))
    _virtual_mask = again("priority_mask", array(uint16(), CPUS, start=VIRTUAL))
    _virtual_running = again("running_priority", array(uint16(), CPUS, start=VIRTUAL))
    _virtual_pending = again("current_pending", array(uint16(), CPUS, start=VIRTUAL))
    _virtual_bpr = again("bpr", array(uint8(), CPUS, start=VIRTUAL))
    _virtual_abpr = again("abpr", array(uint8(), CPUS, start=VIRTUAL))
