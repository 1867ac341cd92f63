"""A RISC-V processor of 32 or 64 bits, as QEMU 7.2 has it.

QEMU target/riscv/machine.c; checked against QEMU 7.2.
"""

from vmstate import (
    Packed,
    array,
    boolean,
    local,
    nested,
    pre_load,
    setting,
    state,
    subsection,
    uint,
    uint8,
    uint32,
    uint64,
)

from .riscv_registers import (
    ADDRESS_MATCH,
    ALL,
    COUNTERS,
    MACHINE_EXTERNAL,
    PLAIN,
    REGISTERS,
    RESET_VECTOR,
    SUPERVISOR_EXTERNAL,
    TRIGGERS,
    VECTOR_WORDS,
    WIDE_STATUS,
    Feature,
    Interrupt,
    LongPmpEntry,
    Misa,
    Privilege,
    PrivilegedVersion,
    StartedCounter,
    Width,
    guest_priorities,
    priorities,
)
from .wide import Wide, long

PMP_ENTRIES = 16
MASKING = 0x201  # of mmte: machine mode has a mask now, and knows that of user mode


@state("cpu", version=5, target="riscv32,riscv64")
class RiscvCpuV5(Wide):
    """One processor (a hart): first what all have, then in subsections what it has of each extension."""

    emulated: bool = local(True)
    long_bits: int = setting(64, 32)

    gpr: list[int] = array(uint(long), REGISTERS, name="env.gpr")
    fpr: list[int] = array(uint64(), REGISTERS, name="env.fpr")
    miprio: list[int] = array(uint8(), 64, name="env.miprio", reset=priorities(MACHINE_EXTERNAL))
    siprio: list[int] = array(uint8(), 64, name="env.siprio", reset=priorities(SUPERVISOR_EXTERNAL))
    pc: int = uint(long, name="env.pc", reset=RESET_VECTOR)
    load_res: int = uint(long, name="env.load_res", reset=ALL)
    load_val: int = uint(long, name="env.load_val")
    frm: int = uint(long, name="env.frm", means="rounding mode of floats")
    badaddr: int = uint(long, name="env.badaddr")
    guest_phys_fault_addr: int = uint(long, name="env.guest_phys_fault_addr")
    priv_ver: int = uint(long, name="env.priv_ver", reset=PrivilegedVersion.V1_12, means=PrivilegedVersion)
    vext_ver: int = uint(long, name="env.vext_ver")
    misa_mxl: int = uint32(name="env.misa_mxl", reset=Width.BITS_64, means=Width)
    misa_ext: int = uint32(name="env.misa_ext", reset=PLAIN | Misa.H, means=Misa)
    misa_mxl_max: int = uint32(name="env.misa_mxl_max", reset=Width.BITS_64, means=Width)
    misa_ext_mask: int = uint32(name="env.misa_ext_mask", reset=PLAIN | Misa.H, means=Misa)
    features: int = uint32(name="env.features", reset=Feature.MMU | Feature.PMP | Feature.DEBUG, means=Feature)
    priv: int = uint(long, name="env.priv", reset=Privilege.MACHINE, means=Privilege)
    virt: int = uint(long, name="env.virt")
    resetvec: int = uint64(name="env.resetvec", reset=RESET_VECTOR)
    mhartid: int = uint(long, name="env.mhartid")
    mstatus: int = uint64(name="env.mstatus", reset=WIDE_STATUS)
    mip: int = uint64(name="env.mip", means=Interrupt)
    miclaim: int = uint64(name="env.miclaim", reset=Interrupt.SGEI, means=Interrupt)
    mie: int = uint64(name="env.mie", means=Interrupt)
    mideleg: int = uint64(name="env.mideleg", means=Interrupt)
    satp: int = uint(long, name="env.satp")
    stval: int = uint(long, name="env.stval")
    medeleg: int = uint(long, name="env.medeleg")
    stvec: int = uint(long, name="env.stvec")
    sepc: int = uint(long, name="env.sepc")
    scause: int = uint(long, name="env.scause")
    mtvec: int = uint(long, name="env.mtvec")
    mepc: int = uint(long, name="env.mepc")
    mcause: int = uint(long, name="env.mcause")
    mtval: int = uint(long, name="env.mtval")
    miselect: int = uint(long, name="env.miselect")
    siselect: int = uint(long, name="env.siselect")
    scounteren: int = uint(long, name="env.scounteren")
    mcounteren: int = uint(long, name="env.mcounteren")
    mcountinhibit: int = uint(long, name="env.mcountinhibit")
    pmu_ctrs: list[StartedCounter] = array(nested(StartedCounter), COUNTERS, name="env.pmu_ctrs")
    mhpmevent_val: list[int] = array(uint(long), COUNTERS, name="env.mhpmevent_val")
    mhpmeventh_val: list[int] = array(uint(long), COUNTERS, name="env.mhpmeventh_val")
    sscratch: int = uint(long, name="env.sscratch")
    mscratch: int = uint(long, name="env.mscratch")
    mfromhost: int = uint64(name="env.mfromhost")
    mtohost: int = uint64(name="env.mtohost")
    stimecmp: int = uint64(name="env.stimecmp")

    @subsection("cpu/pmp", version=1)
    def _protects_memory(self) -> bool: return bool(self.features & Feature.PMP)
    pmp: list[LongPmpEntry] = array(nested(LongPmpEntry), PMP_ENTRIES, name="env.pmp_state.pmp")

    @subsection("cpu/hyper", version=2)
    def _has_hypervisor(self) -> bool: return bool(self.misa_ext & Misa.H)
    hstatus: int = uint(long, name="env.hstatus")
    hedeleg: int = uint(long, name="env.hedeleg")
    hideleg: int = uint64(name="env.hideleg", means=Interrupt)
    hcounteren: int = uint(long, name="env.hcounteren")
    htval: int = uint(long, name="env.htval")
    htinst: int = uint(long, name="env.htinst")
    hgatp: int = uint(long, name="env.hgatp")
    hgeie: int = uint(long, name="env.hgeie")
    hgeip: int = uint(long, name="env.hgeip")
    htimedelta: int = uint64(name="env.htimedelta")
    vstimecmp: int = uint64(name="env.vstimecmp")
    hvictl: int = uint(long, name="env.hvictl")
    hviprio: list[int] = array(uint8(), 64, name="env.hviprio", reset=guest_priorities())
    vsstatus: int = uint64(name="env.vsstatus", reset=WIDE_STATUS)
    vstvec: int = uint(long, name="env.vstvec")
    vsscratch: int = uint(long, name="env.vsscratch")
    vsepc: int = uint(long, name="env.vsepc")
    vscause: int = uint(long, name="env.vscause")
    vstval: int = uint(long, name="env.vstval")
    vsatp: int = uint(long, name="env.vsatp")
    vsiselect: int = uint(long, name="env.vsiselect")
    mtval2: int = uint(long, name="env.mtval2")
    mtinst: int = uint(long, name="env.mtinst")
    stvec_hs: int = uint(long, name="env.stvec_hs")
    sscratch_hs: int = uint(long, name="env.sscratch_hs")
    sepc_hs: int = uint(long, name="env.sepc_hs")
    scause_hs: int = uint(long, name="env.scause_hs")
    stval_hs: int = uint(long, name="env.stval_hs")
    satp_hs: int = uint(long, name="env.satp_hs")
    mstatus_hs: int = uint64(name="env.mstatus_hs", reset=WIDE_STATUS)

    @subsection("cpu/vector", version=2)
    def _has_vectors(self) -> bool: return bool(self.misa_ext & Misa.V)
    vreg: Packed = array(uint64(), VECTOR_WORDS, packed=True, name="env.vreg")
    vxrm: int = uint(long, name="env.vxrm")
    vxsat: int = uint(long, name="env.vxsat")
    vl: int = uint(long, name="env.vl")
    vstart: int = uint(long, name="env.vstart")
    vtype: int = uint(long, name="env.vtype")
    vill: bool = boolean(name="env.vill")

    @subsection("cpu/pointer_masking", version=1)
    def _masks_pointers(self) -> bool: return bool(self.misa_ext & Misa.J)
    mmte: int = uint(long, name="env.mmte", reset=MASKING)
    mpmmask: int = uint(long, name="env.mpmmask")
    mpmbase: int = uint(long, name="env.mpmbase")
    spmmask: int = uint(long, name="env.spmmask")
    spmbase: int = uint(long, name="env.spmbase")
    upmmask: int = uint(long, name="env.upmmask")
    upmbase: int = uint(long, name="env.upmbase")

    @subsection("cpu/rv128", version=1)
    def _is_128_bits_wide(self) -> bool: return self.misa_mxl_max == Width.BITS_128
    gprh: list[int] = array(uint(long), REGISTERS, name="env.gprh")
    mscratchh: int = uint64(name="env.mscratchh")
    sscratchh: int = uint64(name="env.sscratchh")

    _host_timer = subsection("cpu/kvmtimer", version=1)
    @_host_timer.needed
    def _has_timer_of_host(self) -> bool: return not self.emulated
    kvm_timer_time: int = uint64(name="env.kvm_timer_time")
    kvm_timer_compare: int = uint64(name="env.kvm_timer_compare")
    kvm_timer_state: int = uint64(name="env.kvm_timer_state")
    @_host_timer.post_load
    def _shows_host(self, version: int) -> None: self.emulated = False

    @subsection("cpu/envcfg", version=1)
    def _configures_environment(self) -> bool: return self.priv_ver >= PrivilegedVersion.V1_12
    menvcfg: int = uint64(name="env.menvcfg")
    senvcfg: int = uint(long, name="env.senvcfg")
    henvcfg: int = uint64(name="env.henvcfg")

    @subsection("cpu/debug", version=2)
    def _has_triggers(self) -> bool: return bool(self.features & Feature.DEBUG)
    trigger_cur: int = uint(long, name="env.trigger_cur")
    tdata1: list[int] = array(uint(long), TRIGGERS, name="env.tdata1", reset=[ADDRESS_MATCH] * TRIGGERS)
    tdata2: list[int] = array(uint(long), TRIGGERS, name="env.tdata2")
    tdata3: list[int] = array(uint(long), TRIGGERS, name="env.tdata3")

    @pre_load
    def _forget(self) -> None:
        """What an absent subsection means: the stream shows whether it is KVM's."""
        self.emulated = True
