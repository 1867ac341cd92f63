"""An Arm processor, of 32 or 64 bits, A, R or M profile.

QEMU target/arm/machine.c; checked against QEMU 5.2, 7.2, 10.0, and by streams and its binary with 11.1. Subsections
that came later say so. One long table, in QEMU's order; what decides over its parts is in `arm_features.py`.
"""

from vmstate import (
    HookRefused,
    Told,
    array,
    at_most,
    boolean,
    check,
    int32,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    subsection,
    timer,
    uint8,
    uint32,
    uint64,
    unused,
)

from .arm_bits import status
from .arm_features import (
    AARCH32,
    FPCR_IN_FPSCR,
    FPSR_IN_FPSCR,
    LINES,
    LTPSIZE,
    LTPSIZE_SHIFT,
    SINGLE_STEP,
    SVCR,
    UNSENT,
    ZA_ENABLED,
    Feature,
    Line,
    feature_bits_ahead,
    features_ahead,
    hyp_regions_ahead,
    is_misaligned,
    mpu_regions_ahead,
    sau_regions_ahead,
    taken_over,
    xpsr_of,
)

VECTORS, PREDICATES, UPPER_WORDS, PREDICATE_WORDS = 32, 17, 14, 4
ZA_ROWS, ZA_WORDS, ZT_WORDS = 256, 32, 8
CSSELR_MASK = 0xF
MOST_REGISTERS = (1 << 31) - 1
MASKED_AT_EL1 = 0x3C5


@state("cpu/sve/zreg_hi")
class UpperVector:
    """What of an SVE register is above the lowest 128 bits. QEMU sends half of it."""

    d: list[int] = array(uint64(), UPPER_WORDS)


@state("cpu/sve/preg")
class Predicate:
    """An SVE predicate register; the last of them is FFR."""

    p: list[int] = array(uint64(), PREDICATE_WORDS)


@state("vreg")
class ZaRow:
    """A row of SME's matrix ZA."""

    d: list[int] = array(uint64(), ZA_WORDS)


@state("cpu", version=22, target="arm,aarch64")
class ArmCpu:
    """One processor: registers, the system registers as a list, then in subsections what it holds of each extension."""

    def _sends_features(self) -> bool: return self.sends_features
    def _sends_none(self) -> bool: return not self.sends_features
    def _status(self) -> list[Told]: return [] if self.has(Feature.M) else status(self.cpsr)

    interrupt_request: int = local(0)  # of the section cpu_common, which is loaded before
    own_registers: dict[int, int] = local(dict[int, int])

    regs: list[int] = array(uint32(), 16, name="env.regs")
    xregs: list[int] = array(uint64(), 32, name="env.xregs")
    pc: int = uint64(name="env.pc")
    cpsr: int = uint32(
        reset=MASKED_AT_EL1, type="cpsr", means=("CPSR, in 64-bit state PSTATE, of the M profile XPSR", _status))
    spsr: int = uint32(name="env.spsr")
    banked_spsr: list[int] = array(uint64(), 8, name="env.banked_spsr")
    banked_r13: list[int] = array(uint32(), 8, name="env.banked_r13")
    banked_r14: list[int] = array(uint32(), 8, name="env.banked_r14")
    usr_regs: list[int] = array(uint32(), 5, name="env.usr_regs")
    fiq_regs: list[int] = array(uint32(), 5, name="env.fiq_regs")
    elr_el: list[int] = array(uint64(), 4, name="env.elr_el")
    sp_el: list[int] = array(uint64(), 4, name="env.sp_el")
    cpreg_count: int = at_most(int32(), name="cpreg_vmstate_array_len")
    cpreg_indexes: list[int] = array(
        uint64(), "cpreg_count", name="cpreg_vmstate_indexes", means="as KVM numbers registers, ascending")
    cpreg_values: list[int] = array(uint64(), "cpreg_count", name="cpreg_vmstate_values")
    exclusive_addr: int = uint64(reset=(1 << 64) - 1, name="env.exclusive_addr", means="all ones: none")
    exclusive_val: int = uint64(name="env.exclusive_val")
    exclusive_high: int = uint64(name="env.exclusive_high")
    sends_features: bool = setting(False, told=feature_bits_ahead)  # QEMU 5.2 and older
    feature_bits: int = uint64(name="env.features", when=_sends_features)
    _no_features = unused(8, when=_sends_none)
    syndrome: int = uint32(name="env.exception.syndrome")
    fsr: int = uint32(name="env.exception.fsr")
    vaddress: int = uint64(name="env.exception.vaddress")
    physical_timer: int | None = timer(name="gt_timer[GTIMER_PHYS]", was="gt_timer[0]")
    virtual_timer: int | None = timer(name="gt_timer[GTIMER_VIRT]", was="gt_timer[1]")
    powered_off: bool = boolean(name="power_state", type="powered_off")

    features: int = setting(0, told=features_ahead)
    mpu_regions: int = setting(0, told=mpu_regions_ahead)
    hyp_regions: int = setting(0, told=hyp_regions_ahead)
    sau_regions: int = setting(0, told=sau_regions_ahead)

    def has(self, feature: Feature) -> bool:
        """Whether the CPU model has this."""
        return bool(self.features & feature)

    @property
    def za_is_on(self) -> bool:
        """Whether SME's matrix holds anything."""
        return bool(self.register(SVCR) & ZA_ENABLED)

    # Vector registers without what SVE adds. FPSCR stands for FPCR and FPSR where it has all of their bits
    _vfp = subsection("cpu/vfp", version=3)
    @_vfp.needed
    def _has_vfp(self) -> bool: return self.has(Feature.VFP)
    v0: list[int] = array(uint64(), 2, name="env.vfp.zregs[0].d")
    v1: list[int] = array(uint64(), 2, name="env.vfp.zregs[1].d")
    v2: list[int] = array(uint64(), 2, name="env.vfp.zregs[2].d")
    v3: list[int] = array(uint64(), 2, name="env.vfp.zregs[3].d")
    v4: list[int] = array(uint64(), 2, name="env.vfp.zregs[4].d")
    v5: list[int] = array(uint64(), 2, name="env.vfp.zregs[5].d")
    v6: list[int] = array(uint64(), 2, name="env.vfp.zregs[6].d")
    v7: list[int] = array(uint64(), 2, name="env.vfp.zregs[7].d")
    v8: list[int] = array(uint64(), 2, name="env.vfp.zregs[8].d")
    v9: list[int] = array(uint64(), 2, name="env.vfp.zregs[9].d")
    v10: list[int] = array(uint64(), 2, name="env.vfp.zregs[10].d")
    v11: list[int] = array(uint64(), 2, name="env.vfp.zregs[11].d")
    v12: list[int] = array(uint64(), 2, name="env.vfp.zregs[12].d")
    v13: list[int] = array(uint64(), 2, name="env.vfp.zregs[13].d")
    v14: list[int] = array(uint64(), 2, name="env.vfp.zregs[14].d")
    v15: list[int] = array(uint64(), 2, name="env.vfp.zregs[15].d")
    v16: list[int] = array(uint64(), 2, name="env.vfp.zregs[16].d")
    v17: list[int] = array(uint64(), 2, name="env.vfp.zregs[17].d")
    v18: list[int] = array(uint64(), 2, name="env.vfp.zregs[18].d")
    v19: list[int] = array(uint64(), 2, name="env.vfp.zregs[19].d")
    v20: list[int] = array(uint64(), 2, name="env.vfp.zregs[20].d")
    v21: list[int] = array(uint64(), 2, name="env.vfp.zregs[21].d")
    v22: list[int] = array(uint64(), 2, name="env.vfp.zregs[22].d")
    v23: list[int] = array(uint64(), 2, name="env.vfp.zregs[23].d")
    v24: list[int] = array(uint64(), 2, name="env.vfp.zregs[24].d")
    v25: list[int] = array(uint64(), 2, name="env.vfp.zregs[25].d")
    v26: list[int] = array(uint64(), 2, name="env.vfp.zregs[26].d")
    v27: list[int] = array(uint64(), 2, name="env.vfp.zregs[27].d")
    v28: list[int] = array(uint64(), 2, name="env.vfp.zregs[28].d")
    v29: list[int] = array(uint64(), 2, name="env.vfp.zregs[29].d")
    v30: list[int] = array(uint64(), 2, name="env.vfp.zregs[30].d")
    v31: list[int] = array(uint64(), 2, name="env.vfp.zregs[31].d")
    fpsid: int = uint32(name="env.vfp.xregs[0]")
    xregs_2: list[int] = array(uint32(), 14, name="env.vfp.xregs", means="from the third on: FPEXC, and what it can do")
    fpscr: int = uint32(type="fpscr")

    # in QEMU 10.0, not in 7.2
    _fpcr_fpsr = subsection("cpu/vfp/fpcr_fpsr")
    @_fpcr_fpsr.needed
    def _exceeds_fpscr(self) -> bool: return bool(self.fpcr & ~FPCR_IN_FPSCR or self.fpsr & ~FPSR_IN_FPSCR)
    fpcr: int = uint64(type="fpcr")
    fpsr: int = uint64(type="fpsr")

    @_vfp.pre_save
    def _join(self) -> None: self.fpscr = 0 if self._exceeds_fpscr() else self.fpcr | self.fpsr
    @_fpcr_fpsr.pre_load
    def _stands_for_nothing(self) -> None: self.fpscr = 0
    @_vfp.post_load
    def _split(self, version: int) -> None:
        if self.fpscr:
            self.fpcr, self.fpsr = self.fpscr & FPCR_IN_FPSCR, self.fpscr & FPSR_IN_FPSCR

    # not in QEMU 11.1 any more
    @subsection("cpu/iwmmxt")
    def _has_iwmmxt(self) -> bool: return self.has(Feature.IWMMXT)
    iwmmxt_regs: list[int] = array(uint64(), 16, name="env.iwmmxt.regs")
    iwmmxt_cregs: list[int] = array(uint32(), 16, name="env.iwmmxt.cregs")

    # M profile. Registers that are banked are lists of two, non-secure and secure, or two attributes
    @subsection("cpu/m", version=4)
    def _is_m(self) -> bool: return self.has(Feature.M)
    vecbase: int = uint32(name="env.v7m.vecbase[M_REG_NS]")
    basepri: int = uint32(name="env.v7m.basepri[M_REG_NS]")
    control: int = uint32(name="env.v7m.control[M_REG_NS]")
    ccr: int = uint32(name="env.v7m.ccr[M_REG_NS]")
    cfsr: int = uint32(name="env.v7m.cfsr[M_REG_NS]")
    hfsr: int = uint32(name="env.v7m.hfsr")
    dfsr: int = uint32(name="env.v7m.dfsr")
    mmfar: int = uint32(name="env.v7m.mmfar[M_REG_NS]")
    bfar: int = uint32(name="env.v7m.bfar")
    mpu_ctrl: int = uint32(name="env.v7m.mpu_ctrl[M_REG_NS]")
    exception: int = int32(name="env.v7m.exception")
    @subsection("cpu/m/faultmask-primask")
    def _has_masks(self) -> bool: return self.has(Feature.M)
    faultmask: int = uint32(name="env.v7m.faultmask[M_REG_NS]")
    primask: int = uint32(name="env.v7m.primask[M_REG_NS]")
    @subsection("cpu/m/csselr")
    def _has_caches(self) -> bool: return self.has(Feature.M_CSSELR)
    csselr: list[int] = array(uint32(), 2, name="env.v7m.csselr")
    @check("CSSELR is valid")
    def _selects_cache(self) -> bool: return max(self.csselr) <= CSSELR_MASK
    @subsection("cpu/m/scr")
    def _has_scr(self) -> bool: return self.has(Feature.M)
    scr: int = uint32(name="env.v7m.scr[M_REG_NS]")
    @subsection("cpu/m/other-sp")
    def _has_other_stack(self) -> bool: return self.has(Feature.M)
    other_sp: int = uint32(name="env.v7m.other_sp")
    @subsection("cpu/m/v8m")
    def _is_v8m(self) -> bool: return self.has(Feature.M_V8)
    msplim: list[int] = array(uint32(), 2, name="env.v7m.msplim")
    psplim: list[int] = array(uint32(), 2, name="env.v7m.psplim")
    @subsection("cpu/m/fp")
    def _is_m_with_vfp(self) -> bool: return self.has(Feature.VFP)
    fpcar: list[int] = array(uint32(), 2, name="env.v7m.fpcar")
    fpccr: list[int] = array(uint32(), 2, name="env.v7m.fpccr")
    fpdscr: list[int] = array(uint32(), 2, name="env.v7m.fpdscr")
    cpacr: list[int] = array(uint32(), 2, name="env.v7m.cpacr")
    nsacr: int = uint32(name="env.v7m.nsacr")
    # in QEMU 7.2, not in 5.2
    @subsection("cpu/m/mve")
    def _has_mve(self) -> bool: return self.has(Feature.MVE)
    vpr: int = uint32(name="env.v7m.vpr")
    ltpsize: int = uint32(reset=LTPSIZE, name="env.v7m.ltpsize")

    @subsection("cpu/thumb2ee")
    def _has_thumb2ee(self) -> bool: return self.has(Feature.THUMB2EE)
    teecr: int = uint32(name="env.teecr")
    teehbr: int = uint32(name="env.teehbr")

    # Memory protection, of the R and M profiles
    @subsection("cpu/pmsav7-rnr")
    def _has_own_region_number(self) -> bool: return self.has(Feature.M)
    rnr: int = uint32(name="env.pmsav7.rnr[M_REG_NS]")
    @subsection("cpu/pmsav7")
    def _has_pmsav7(self) -> bool: return self.has(Feature.PMSAV7)
    drbar: list[int] = array(uint32(), "mpu_regions", name="env.pmsav7.drbar")
    drsr: list[int] = array(uint32(), "mpu_regions", name="env.pmsav7.drsr")
    dracr: list[int] = array(uint32(), "mpu_regions", name="env.pmsav7.dracr")
    @check("rgnr is valid")
    def _selects_region(self) -> bool: return self.rnr < self.mpu_regions
    @subsection("cpu/pmsav8")
    def _has_pmsav8(self) -> bool: return self.has(Feature.PMSAV8)
    rbar: list[int] = array(uint32(), "mpu_regions", name="env.pmsav8.rbar[M_REG_NS]")
    rlar: list[int] = array(uint32(), "mpu_regions", name="env.pmsav8.rlar[M_REG_NS]")
    mair0: int = uint32(name="env.pmsav8.mair0[M_REG_NS]")
    mair1: int = uint32(name="env.pmsav8.mair1[M_REG_NS]")
    # in QEMU 10.0, not in 7.2
    @subsection("cpu/pmsav8/pmsav8r")
    def _has_pmsav8r(self) -> bool: return self.has(Feature.PMSAV8R)
    hprbar: list[int] = array(uint32(), "hyp_regions", name="env.pmsav8.hprbar")
    hprlar: list[int] = array(uint32(), "hyp_regions", name="env.pmsav8.hprlar")

    @subsection("cpu/m-security")
    def _has_security(self) -> bool: return self.has(Feature.M_SECURITY)
    secure: int = uint32(name="env.v7m.secure")
    other_ss_msp: int = uint32(name="env.v7m.other_ss_msp")
    other_ss_psp: int = uint32(name="env.v7m.other_ss_psp")
    basepri_s: int = uint32(name="env.v7m.basepri[M_REG_S]")
    primask_s: int = uint32(name="env.v7m.primask[M_REG_S]")
    faultmask_s: int = uint32(name="env.v7m.faultmask[M_REG_S]")
    control_s: int = uint32(name="env.v7m.control[M_REG_S]")
    vecbase_s: int = uint32(name="env.v7m.vecbase[M_REG_S]")
    mair0_s: int = uint32(name="env.pmsav8.mair0[M_REG_S]")
    mair1_s: int = uint32(name="env.pmsav8.mair1[M_REG_S]")
    rbar_s: list[int] = array(uint32(), "mpu_regions", name="env.pmsav8.rbar[M_REG_S]")
    rlar_s: list[int] = array(uint32(), "mpu_regions", name="env.pmsav8.rlar[M_REG_S]")
    rnr_s: int = uint32(name="env.pmsav7.rnr[M_REG_S]")
    @check("secure MPU_RNR is valid")
    def _selects_secure_region(self) -> bool: return self.rnr_s < self.mpu_regions
    mpu_ctrl_s: int = uint32(name="env.v7m.mpu_ctrl[M_REG_S]")
    ccr_s: int = uint32(name="env.v7m.ccr[M_REG_S]")
    mmfar_s: int = uint32(name="env.v7m.mmfar[M_REG_S]")
    cfsr_s: int = uint32(name="env.v7m.cfsr[M_REG_S]")
    sfsr: int = uint32(name="env.v7m.sfsr")
    sfar: int = uint32(name="env.v7m.sfar")
    sau_rbar: list[int] = array(uint32(), "sau_regions", name="env.sau.rbar")
    sau_rlar: list[int] = array(uint32(), "sau_regions", name="env.sau.rlar")
    sau_rnr: int = uint32(name="env.sau.rnr")
    @check("SAU_RNR is valid")
    def _selects_attribution(self) -> bool: return self.sau_rnr < self.sau_regions
    sau_ctrl: int = uint32(name="env.sau.ctrl")
    scr_s: int = uint32(name="env.v7m.scr[M_REG_S]")
    aircr: int = uint32(name="env.v7m.aircr")

    @subsection("cpu/sve")
    def _has_sve(self) -> bool: return self.has(Feature.SVE)
    zregs: list[UpperVector] = array(nested(UpperVector), VECTORS, name="env.vfp.zregs")
    pregs: list[Predicate] = array(nested(Predicate), PREDICATES, name="env.vfp.pregs")

    # in QEMU 7.2, not in 5.2
    @subsection("cpu/sme")
    def _uses_za(self) -> bool: return self.za_is_on
    za: list[ZaRow] = array(nested(ZaRow), ZA_ROWS, name="env.za_state.za", was="env.zarray")
    # in QEMU 11.1, not in 10.0
    @subsection("cpu/zt0")
    def _uses_zt0(self) -> bool: return self.za_is_on and self.has(Feature.SME2)
    zt0: list[int] = array(uint64(), ZT_WORDS, name="env.za_state.zt0")

    @subsection("cpu/serror")
    def _has_serror(self) -> bool: return self.serror_pending != 0
    serror_pending: int = uint8(name="env.serror.pending")
    serror_has_esr: int = uint8(name="env.serror.has_esr")
    serror_esr: int = uint64(name="env.serror.esr")
    @subsection("cpu/irq-line-state")
    def _tells_lines(self) -> bool: return True
    irq_line_state: int = uint32(name="env.irq_line_state", means=Line)
    # in QEMU 10.0, not in 7.2
    @subsection("cpu/wfxt-timer")
    def _waits_with_timeout(self) -> bool: return self.has(Feature.WFXT)
    wfxt_timer: int | None = timer()

    # in QEMU 11.1, not in 10.0, like the three after it; the first two are wider than the members of old
    @subsection("cpu/syndrome64")
    def _has_long_syndrome(self) -> bool: return self.syndrome64 > UNSENT
    syndrome64: int = uint64(name="env.exception.syndrome")
    @subsection("cpu/pstate64")
    def _has_long_pstate(self) -> bool:
        return self.pstate64 > UNSENT or self.pstate64 & (AARCH32 | SINGLE_STEP) == AARCH32 | SINGLE_STEP
    pstate64: int = uint64(type="pstate64")
    @subsection("cpu/event")
    def _has_event(self) -> bool: return self.event_register
    event_register: bool = boolean(name="env.event_register", means="the next WFE does not wait")
    @subsection("cpu/fpmr")
    def _has_fpmr(self) -> bool: return self.has(Feature.FPMR)
    fpmr: int = uint64(name="env.vfp.fpmr")

    def register(self, index: int) -> int:
        """A system register by KVM's number; 0 where this processor has none."""
        return dict(zip(self.cpreg_indexes, self.cpreg_values, strict=False)).get(index, 0)

    @pre_load
    def _forget(self) -> None:
        """What absent subsections mean; and which system registers this processor has: the stream's come instead."""
        self.own_registers = dict(zip(self.cpreg_indexes, self.cpreg_values, strict=True))
        if not self.own_registers:  # of no model yet: it takes those that come
            self.cpreg_count = MOST_REGISTERS
        self.fpcr = self.fpsr = self.syndrome64 = self.pstate64 = 0
        self.event_register = False
        self.irq_line_state = UNSENT

    @post_load
    def _settle(self, version: int) -> None:
        if self.irq_line_state == UNSENT:  # QEMU 3.1 and older
            self.irq_line_state = self.interrupt_request & LINES
        if self.own_registers:
            merged = taken_over(self.own_registers, self.cpreg_indexes[:self.cpreg_count], self.cpreg_values)
            self.cpreg_indexes, self.cpreg_values, self.cpreg_count = list(merged), list(merged.values()), len(merged)
        if self.has(Feature.M):
            self.cpsr, faultmask, primask = xpsr_of(self.cpsr)
            self.faultmask, self.primask = self.faultmask or faultmask, self.primask or primask
        if is_misaligned(self.cpsr, self.regs[15], self.has(Feature.M)):
            raise HookRefused(f"a Thumb instruction at {self.regs[15]:#x}")
        if self.has(Feature.MVE) and any(one >> LTPSIZE_SHIFT & 7 != LTPSIZE for one in self.fpdscr):
            raise HookRefused(f"with MVE, LTPSIZE in FPDSCR is {LTPSIZE}")
