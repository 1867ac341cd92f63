"""A RISC-V processor of 32 or 64 bits, as QEMU 11.1 has it. Older ones are in `riscv_v10`, `riscv_v5`, `riscv_v1`.

QEMU target/riscv/machine.c, cpu.c; checked against QEMU 11.1. It reads version 12 alone: each version of this state
was read by QEMUs of that version and no other, and so each is a class of its own. All registers are of 64 bits here,
whatever the processor's are.
"""

from vmstate import (
    Packed,
    array,
    boolean,
    local,
    nested,
    pre_load,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)

from .riscv_registers import (
    ADDRESS_MATCH,
    ADUE,
    ALL,
    COUNTERS,
    HYPERVISOR,
    MACHINE_EXTERNAL,
    PLAIN,
    REGISTERS,
    RESET_VECTOR,
    SUPERVISOR_EXTERNAL,
    TRIGGERS,
    USUAL,
    VECTOR_WORDS,
    WIDE_STATUS,
    Counter,
    Extension,
    Interrupt,
    Misa,
    PmpEntry,
    Privilege,
    PrivilegedVersion,
    Width,
    guest_priorities,
    priorities,
)

PMP_ENTRIES, BRANCHES = 64, 16 << 4


@state("cpu", version=12, target="riscv32,riscv64")
class RiscvCpu:
    """One processor (a hart): first what all have, then in subsections what it has of each extension."""

    extensions: int = local(USUAL)  # by the CPU model
    emulated: bool = local(True)

    gpr: list[int] = array(uint64(), REGISTERS, name="env.gpr")
    fpr: list[int] = array(uint64(), REGISTERS, name="env.fpr")
    miprio: list[int] = array(uint8(), 64, name="env.miprio", reset=priorities(MACHINE_EXTERNAL))
    siprio: list[int] = array(uint8(), 64, name="env.siprio", reset=priorities(SUPERVISOR_EXTERNAL))
    pc: int = uint64(name="env.pc", reset=RESET_VECTOR)
    load_res: int = uint64(name="env.load_res", reset=ALL)
    load_val: int = uint64(name="env.load_val")
    frm: int = uint8(name="env.frm", means="rounding mode of floats")
    badaddr: int = uint64(name="env.badaddr")
    guest_phys_fault_addr: int = uint64(name="env.guest_phys_fault_addr")
    priv_ver: int = uint32(name="env.priv_ver", reset=PrivilegedVersion.V1_13, means=PrivilegedVersion)
    vext_ver: int = uint32(name="env.vext_ver")
    misa_mxl: int = uint32(name="env.misa_mxl", reset=Width.BITS_64, means=Width)
    misa_ext: int = uint32(name="env.misa_ext", reset=PLAIN | Misa.H, means=Misa)
    _misa_mxl_max = unused(4)
    misa_ext_mask: int = uint32(name="env.misa_ext_mask", reset=PLAIN | Misa.H, means=Misa)
    priv: int = uint8(name="env.priv", reset=Privilege.MACHINE, means=Privilege)
    virt_enabled: bool = boolean(name="env.virt_enabled")
    resetvec: int = uint64(name="env.resetvec", reset=RESET_VECTOR)
    mhartid: int = uint64(name="env.mhartid")
    mstatus: int = uint64(name="env.mstatus", reset=WIDE_STATUS)
    mip: int = uint64(name="env.mip", means=Interrupt)
    miclaim: int = uint64(name="env.miclaim", reset=Interrupt.SGEI, means=Interrupt)
    mie: int = uint64(name="env.mie", means=Interrupt)
    mvien: int = uint64(name="env.mvien", means=Interrupt)
    mvip: int = uint64(name="env.mvip", means=Interrupt)
    sie: int = uint64(name="env.sie", means=Interrupt)
    mideleg: int = uint64(name="env.mideleg", reset=HYPERVISOR, means=Interrupt)
    satp: int = uint64(name="env.satp")
    stval: int = uint64(name="env.stval")
    medeleg: int = uint64(name="env.medeleg")
    stvec: int = uint64(name="env.stvec")
    sepc: int = uint64(name="env.sepc")
    scause: int = uint64(name="env.scause")
    mtvec: int = uint64(name="env.mtvec")
    mepc: int = uint64(name="env.mepc")
    mcause: int = uint64(name="env.mcause")
    mtval: int = uint64(name="env.mtval")
    miselect: int = uint16(name="env.miselect")
    siselect: int = uint16(name="env.siselect")
    scounteren: int = uint32(name="env.scounteren")
    mcounteren: int = uint32(name="env.mcounteren")
    scountinhibit: int = uint32(name="env.scountinhibit")
    mcountinhibit: int = uint32(name="env.mcountinhibit")
    pmu_ctrs: list[Counter] = array(nested(Counter), COUNTERS, name="env.pmu_ctrs")
    mhpmevent_val: list[int] = array(uint64(), COUNTERS, name="env.mhpmevent_val")
    sscratch: int = uint64(name="env.sscratch")
    mscratch: int = uint64(name="env.mscratch")
    stimecmp: int = uint64(name="env.stimecmp")

    _protection = subsection("cpu/pmp", version=2)
    @_protection.needed
    def _protects_memory(self) -> bool: return bool(self.extensions & Extension.PMP)
    pmp: list[PmpEntry] = array(nested(PmpEntry), PMP_ENTRIES, name="env.pmp_state.pmp")
    @_protection.post_load
    def _shows_protection(self, version: int) -> None: self.extensions |= Extension.PMP

    @subsection("cpu/hyper", version=5)
    def _has_hypervisor(self) -> bool: return bool(self.misa_ext & Misa.H)
    hstatus: int = uint64(name="env.hstatus")
    hedeleg: int = uint64(name="env.hedeleg")
    hideleg: int = uint64(name="env.hideleg", means=Interrupt)
    hcounteren: int = uint32(name="env.hcounteren")
    htval: int = uint64(name="env.htval")
    htinst: int = uint64(name="env.htinst")
    hgatp: int = uint64(name="env.hgatp")
    hgeie: int = uint64(name="env.hgeie")
    hgeip: int = uint64(name="env.hgeip")
    hvien: int = uint64(name="env.hvien", means=Interrupt)
    hvip: int = uint64(name="env.hvip", means=Interrupt)
    htimedelta: int = uint64(name="env.htimedelta")
    vstimecmp: int = uint64(name="env.vstimecmp")
    hvictl: int = uint32(name="env.hvictl")
    hviprio: list[int] = array(uint8(), 64, name="env.hviprio", reset=guest_priorities())
    vsstatus: int = uint64(name="env.vsstatus", reset=WIDE_STATUS)
    vstvec: int = uint64(name="env.vstvec")
    vsscratch: int = uint64(name="env.vsscratch")
    vsepc: int = uint64(name="env.vsepc")
    vscause: int = uint64(name="env.vscause")
    vstval: int = uint64(name="env.vstval")
    vsatp: int = uint64(name="env.vsatp")
    vsiselect: int = uint16(name="env.vsiselect")
    vsie: int = uint64(name="env.vsie", means=Interrupt)
    mtval2: int = uint64(name="env.mtval2")
    mtinst: int = uint64(name="env.mtinst")
    stvec_hs: int = uint64(name="env.stvec_hs")
    sscratch_hs: int = uint64(name="env.sscratch_hs")
    sepc_hs: int = uint64(name="env.sepc_hs")
    scause_hs: int = uint64(name="env.scause_hs")
    stval_hs: int = uint64(name="env.stval_hs")
    satp_hs: int = uint64(name="env.satp_hs")
    mstatus_hs: int = uint64(name="env.mstatus_hs", reset=WIDE_STATUS)

    _vectors = subsection("cpu/vector", version=3)
    @_vectors.needed
    def _has_vectors(self) -> bool:
        return bool(self.misa_ext & Misa.V or (self.emulated and self.extensions & Extension.ZVE32X))
    vreg: Packed = array(uint64(), VECTOR_WORDS, packed=True, name="env.vreg")
    vtype: int = uint64(name="env.vtype")
    vl: int = uint32(name="env.vl")
    vstart: int = uint32(name="env.vstart")
    vxrm: int = uint8(name="env.vxrm")
    vxsat: int = uint8(name="env.vxsat")
    vill: bool = boolean(name="env.vill")
    @_vectors.post_load
    def _shows_vectors(self, version: int) -> None: self.extensions |= 0 if self.misa_ext & Misa.V else Extension.ZVE32X

    @subsection("cpu/rv128", version=2)
    def _is_128_bits_wide(self) -> bool: return self.misa_mxl == Width.BITS_128
    gprh: list[int] = array(uint64(), REGISTERS, name="env.gprh")
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

    @subsection("cpu/envcfg", version=2)
    def _configures_environment(self) -> bool: return self.priv_ver >= PrivilegedVersion.V1_12
    menvcfg: int = uint64(name="env.menvcfg", reset=ADUE)
    senvcfg: int = uint64(name="env.senvcfg")
    henvcfg: int = uint64(name="env.henvcfg")

    _triggers = subsection("cpu/debug", version=4)
    @_triggers.needed
    def _has_triggers(self) -> bool: return bool(self.extensions & Extension.DEBUG)
    mcontext: int = uint16(name="env.mcontext")
    trigger_cur: int = uint8(name="env.trigger_cur")
    tdata1: list[int] = array(uint64(), TRIGGERS, name="env.tdata1", reset=[ADDRESS_MATCH] * TRIGGERS)
    tdata2: list[int] = array(uint64(), TRIGGERS, name="env.tdata2")
    tdata3: list[int] = array(uint64(), TRIGGERS, name="env.tdata3")
    @_triggers.post_load
    def _shows_triggers(self, version: int) -> None: self.extensions |= Extension.DEBUG

    # its name is a slip of QEMU's
    _state_control = subsection("cpu/smtateen", version=1)
    @_state_control.needed
    def _controls_state(self) -> bool: return bool(self.extensions & Extension.SMSTATEEN)
    mstateen: list[int] = array(uint64(), 4, name="env.mstateen")
    hstateen: list[int] = array(uint64(), 4, name="env.hstateen")
    sstateen: list[int] = array(uint64(), 4, name="env.sstateen")
    @_state_control.post_load
    def _shows_state_control(self, version: int) -> None: self.extensions |= Extension.SMSTATEEN

    _jump_table = subsection("cpu/jvt", version=2)
    @_jump_table.needed
    def _jumps_by_table(self) -> bool: return bool(self.extensions & Extension.ZCMT)
    jvt: int = uint64(name="env.jvt")
    @_jump_table.post_load
    def _shows_jump_table(self, version: int) -> None: self.extensions |= Extension.ZCMT

    _landing_pads = subsection("cpu/elp", version=1)
    @_landing_pads.needed
    def _has_landing_pads(self) -> bool: return bool(self.extensions & Extension.ZICFILP)
    elp: bool = boolean(name="env.elp")
    @_landing_pads.post_load
    def _shows_landing_pads(self, version: int) -> None: self.extensions |= Extension.ZICFILP

    _shadow_stack = subsection("cpu/ssp", version=2)
    @_shadow_stack.needed
    def _has_shadow_stack(self) -> bool: return bool(self.extensions & Extension.ZICFISS)
    ssp: int = uint64(name="env.ssp")
    @_shadow_stack.post_load
    def _shows_shadow_stack(self, version: int) -> None: self.extensions |= Extension.ZICFISS

    _branches = subsection("cpu/ctr", version=1)
    @_branches.needed
    def _records_branches(self) -> bool: return bool(self.extensions & Extension.CTR)
    mctrctl: int = uint64(name="env.mctrctl")
    sctrdepth: int = uint32(name="env.sctrdepth")
    sctrstatus: int = uint32(name="env.sctrstatus")
    vsctrctl: int = uint64(name="env.vsctrctl")
    ctr_src: Packed = array(uint64(), BRANCHES, packed=True, name="env.ctr_src")
    ctr_dst: Packed = array(uint64(), BRANCHES, packed=True, name="env.ctr_dst")
    ctr_data: Packed = array(uint64(), BRANCHES, packed=True, name="env.ctr_data")
    @_branches.post_load
    def _shows_branches(self, version: int) -> None: self.extensions |= Extension.SMCTR  # or the other

    _own_timers = subsection("cpu/timer", version=1)
    @_own_timers.needed
    def _has_own_timers(self) -> bool: return self.emulated and bool(self.extensions & Extension.SSTC)
    stimer: int | None = timer(name="env.stimer")
    vstimer: int | None = timer(name="env.vstimer")
    @_own_timers.post_load
    def _shows_own_timers(self, version: int) -> None: self.extensions |= Extension.SSTC

    _security = subsection("cpu/mseccfg", version=1)
    @_security.needed
    def _is_secured(self) -> bool: return bool(self.extensions & Extension.SECURE)
    mseccfg: int = uint64(name="env.mseccfg")
    @_security.post_load
    def _shows_security(self, version: int) -> None: self.extensions |= Extension.SMEPMP  # or another

    @pre_load
    def _forget(self) -> None:
        """What absent subsections mean: both ends have the same CPU model, and the stream shows which."""
        self.extensions, self.emulated = 0, True
