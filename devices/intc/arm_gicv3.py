"""The Arm generic interrupt controller of versions 3 and 4.

QEMU hw/intc/arm_gicv3_common.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. The GICv4 came
after 5.2, NMIs after 7.2. A subsection of 11.1 for macOS' own controller, without members, is not declared.
"""

from enum import IntFlag

from vmstate import (
    Around,
    array,
    boolean,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    subsection,
    uint8,
    uint32,
    uint64,
)

from ..ahead import heading, sent

IRQS, PRIVATE_IRQS, WORDS = 1020, 32, 32
GROUPS, ACTIVE_REGISTERS, LIST_REGISTERS = 3, 4, 16
ASLEEP = 6  # of the redistributor's wake register: it and all below it
SOFTWARE_IRQS = 0xFFFF
SYSTEM_REGISTERS = 7  # all of ICC_SRE_EL1: the CPU interface is used by system registers
CONTROL_AT_RESET, EL3_CONTROL_AT_RESET = 0x8C00, 0x2_8C00  # 5 bits of priority
VIRTUAL_CONTROL_AT_RESET = 0x4C_0008
CPU_SIZE = 272
SUBSECTIONS = {"virt": 240, "sre_el1": 8, "gicv4": 16, "nmi": 4}
"""Bytes in each subsection of a processor's part."""


class Control(IntFlag):
    """Bits of GICD_CTLR: groups enabled, affinity routing, whether there is but one security state."""

    GRP0 = 1 << 0
    GRP1_NS = 1 << 1
    GRP1_S = 1 << 2
    ARE_S = 1 << 4
    ARE_NS = 1 << 5
    DS = 1 << 6
    E1NWF = 1 << 7
    RWP = 1 << 31


def _begins(ahead: memoryview, at: int, begin: bytes) -> bool:
    return bytes(ahead[at : at + len(begin)]) == begin


def _cpus_ahead(ahead: memoryview) -> int | None:
    """How many processors' parts follow, each with its subsections, up to the controller's own or the end."""
    own = heading("arm_gicv3/gicd_no_migration_shift_bug")
    at = count = 0
    while at + CPU_SIZE <= len(ahead) and not _begins(ahead, at, own):
        at, count = _behind_subsections(ahead, at + CPU_SIZE), count + 1
    return count or None


def _behind_subsections(ahead: memoryview, at: int) -> int:
    sizes = {heading(f"arm_gicv3_cpu/{name}"): size for name, size in SUBSECTIONS.items()}
    while size := next((size for begin, size in sizes.items() if _begins(ahead, at, begin)), 0):
        at += 2 + ahead[at + 1] + 4 + size
    return at


@state("arm_gicv3_cpu")
class GicV3Cpu:
    """A redistributor, and the CPU interface behind it."""

    level: int = uint32()
    gicr_ctlr: int = uint32()
    gicr_statusr: list[int] = array(uint32(), 2)
    gicr_waker: int = uint32(reset=ASLEEP)
    gicr_propbaser: int = uint64()
    gicr_pendbaser: int = uint64()
    gicr_igroupr0: int = uint32()
    gicr_ienabler0: int = uint32()
    gicr_ipendr0: int = uint32()
    gicr_iactiver0: int = uint32()
    edge_trigger: int = uint32(reset=SOFTWARE_IRQS)
    gicr_igrpmodr0: int = uint32()
    gicr_nsacr: int = uint32()
    gicr_ipriorityr: list[int] = array(uint8(), PRIVATE_IRQS)
    icc_ctlr_el1: list[int] = array(uint64(reset=CONTROL_AT_RESET), 2, means="secure, non-secure")
    icc_pmr_el1: int = uint64(means="priority mask")
    icc_bpr: list[int] = array(uint64(), GROUPS, reset=[2, 2, 3])
    icc_apr: list[int] = array(uint64(), GROUPS * ACTIVE_REGISTERS)
    icc_igrpen: list[int] = array(uint64(), GROUPS)
    icc_ctlr_el3: int = uint64(reset=EL3_CONTROL_AT_RESET)

    @subsection("arm_gicv3_cpu/virt")
    def _virtualizes(self, around: Around) -> bool:
        return around.up(GicV3).virtualizes

    ich_apr: list[int] = array(uint64(), GROUPS * ACTIVE_REGISTERS)
    ich_hcr_el2: int = uint64()
    ich_lr_el2: list[int] = array(uint64(), LIST_REGISTERS)
    ich_vmcr_el2: int = uint64(reset=VIRTUAL_CONTROL_AT_RESET)

    @subsection("arm_gicv3_cpu/sre_el1")
    def _has_memory_interface(self) -> bool:
        return self.icc_sre_el1 != SYSTEM_REGISTERS

    icc_sre_el1: int = uint64(reset=SYSTEM_REGISTERS)

    @subsection("arm_gicv3_cpu/gicv4")
    def _is_version_4(self, around: Around) -> bool:
        return around.up(GicV3).revision > 3

    gicr_vpropbaser: int = uint64()
    gicr_vpendbaser: int = uint64()

    @subsection("arm_gicv3_cpu/nmi")
    def _has_nmis(self, around: Around) -> bool:
        return around.up(GicV3).has_nmi

    gicr_inmir0: int = uint32()

    @pre_load
    def _forget(self) -> None:
        """What a stream without the subsection means, whatever the reset value."""
        self.icc_sre_el1 = SYSTEM_REGISTERS


def _revision_ahead(ahead: memoryview) -> int:
    return 4 if sent("arm_gicv3_cpu/gicv4")(ahead) else 3


@state("arm_gicv3")
class GicV3:
    """The distributor, then each processor's part. Arrays of bits have a word for the private interrupts, unused."""

    emulated: bool = local(True)

    gicd_ctlr: int = uint32(reset=Control.DS | Control.ARE_S, means=Control)
    gicd_statusr: list[int] = array(uint32(), 2)
    group: list[int] = array(uint32(), WORDS)
    grpmod: list[int] = array(uint32(), WORDS)
    enabled: list[int] = array(uint32(), WORDS)
    pending: list[int] = array(uint32(), WORDS)
    active: list[int] = array(uint32(), WORDS)
    level: list[int] = array(uint32(), WORDS)
    edge_trigger: list[int] = array(uint32(), WORDS)
    gicd_ipriority: list[int] = array(uint8(), IRQS)
    gicd_irouter: list[int] = array(uint64(), IRQS)
    gicd_nsacr: list[int] = array(uint32(), IRQS // 16 + 1)

    num_cpu: int = setting(1, told=_cpus_ahead)  # -smp
    revision: int = setting(3, told=_revision_ahead)  # gic-version=
    virtualizes: bool = setting(True, told=sent("arm_gicv3_cpu/virt"))  # the CPU model has EL2 or had it to be
    has_nmi: bool = setting(False, told=sent("arm_gicv3_cpu/nmi"))  # has-nmi=: the CPU model has FEAT_NMI
    cpu: list[GicV3Cpu] = array(nested(GicV3Cpu), "num_cpu", reset=lambda: [GicV3Cpu()])

    @subsection("arm_gicv3/gicd_no_migration_shift_bug")
    def _tells_shift(self) -> bool:
        return True

    gicd_no_migration_shift_bug: bool = boolean(reset=True)

    @subsection("arm_gicv3/gicd_nmi")
    def _has_nmis(self) -> bool:
        return self.has_nmi

    nmi: list[int] = array(uint32(), WORDS)

    @pre_load
    def _suspect(self) -> None:
        """With KVM, a QEMU that does not send the flag had the bug."""
        if not self.emulated:
            self.gicd_no_migration_shift_bug = False

    @post_load
    def _mend_shift(self, version: int) -> None:
        """Old QEMUs with KVM had all bits one word too high."""
        if self.gicd_no_migration_shift_bug:
            return
        for words in (self.group, self.grpmod, self.enabled, self.pending, self.active, self.edge_trigger):
            words[:-1] = words[1:]
        self.gicd_no_migration_shift_bug = True
