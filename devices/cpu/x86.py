"""An x86 processor, of 32 or 64 bits.

QEMU target/i386/machine.c, target/i386/cpu.c; checked against QEMU 5.2, 7.2, 10.0. Subsections that came later say so.
One long table, in QEMU's order; parts of it are in `x86_registers.py` and `x86_features.py`.
"""

from vmstate import (
    HookRefused,
    Packed,
    again,
    array,
    int32,
    int64,
    local,
    nested,
    post_load,
    pre_save,
    setting,
    state,
    subsection,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
)

from . import x86_bits as bits
from .wide import Wide, long
from .x86_features import ALL, DEBUG, PAGE_FAULT, REENLIGHTENED, Feature, InFlags, KvmNestedState, clear_privilege
from .x86_registers import (
    BUSY_TSS,
    LDT,
    BoundReg,
    BranchRecord,
    FpReg,
    MtrrVar,
    Segment,
    VectorReg,
    ZmmReg,
    are_bounded,
    are_used,
    have_uppermost,
    segments_at_reset,
)

REGISTERS, MCE_BANKS = 16, 10  # half the registers in 32 bits


@state("cpu", version=12, minimum=11, target="i386,x86_64")
class Cpu(Wide):
    """One processor: first what all have, then in subsections what it holds of each extension."""

    def _is_64(self) -> bool: return self.long_bits == 64
    def _registers(self) -> int: return REGISTERS if self.long_bits == 64 else REGISTERS // 2

    # the host's or the machine type's; they decide with the values what is sent
    emulated: bool = local(True)
    user_tsc_khz: int = local(0)  # tsc-frequency=
    save_tsc_khz: bool = local(True, before={"2.6": False})
    migrate_smi_count: bool = local(True, before={"2.12": False})  # x-migrate-smi-count=
    migrate_error_code: bool = local(True, before={"10.2": False})
    pdptrs_valid: bool = local(False)

    features: int = setting(0, told=Feature.shown)  # of the CPU model
    long_bits: int = setting(64, 32)
    regs: list[int] = array(uint(long), _registers, name="env.regs", reset=[0] * REGISTERS)
    eip: int = uint(long, reset=0xFFF0, name="env.eip")
    eflags: int = uint(long, reset=0x2, name="env.eflags", means=bits.EFLAGS)
    hflags: int = uint32(reset=0x40, name="env.hflags", means=bits.HFLAGS)
    fpuc: int = uint16(reset=0x37F, name="env.fpuc", means=bits.FPU_CONTROL)
    fpus: int = uint16(name="env.fpus_vmstate", means=bits.FPU_STATUS)
    fptag: int = uint16(name="env.fptag_vmstate")
    fpregs_format: int = uint16(name="env.fpregs_format_vmstate")
    fpregs: list[FpReg] = array(nested(FpReg), 8, name="env.fpregs")
    segs: list[Segment] = array(nested(Segment), 6, name="env.segs", reset=segments_at_reset)
    ldt: Segment = nested(Segment, name="env.ldt", reset=lambda: Segment(limit=0xFFFF, flags=LDT))
    tr: Segment = nested(Segment, name="env.tr", reset=lambda: Segment(limit=0xFFFF, flags=BUSY_TSS))
    gdt: Segment = nested(Segment, name="env.gdt", reset=lambda: Segment(limit=0xFFFF))
    idt: Segment = nested(Segment, name="env.idt", reset=lambda: Segment(limit=0xFFFF))
    sysenter_cs: int = uint32(name="env.sysenter_cs")
    sysenter_esp: int = uint(long, name="env.sysenter_esp")
    sysenter_eip: int = uint(long, name="env.sysenter_eip")
    cr0: int = uint(long, reset=0x6000_0010, name="env.cr[0]", means=bits.CR0)
    cr2: int = uint(long, name="env.cr[2]")
    cr3: int = uint(long, name="env.cr[3]")
    cr4: int = uint(long, name="env.cr[4]", means=bits.CR4)
    dr: list[int] = array(uint(long), 8, name="env.dr", reset=bits.DEBUG_AT_RESET, means=bits.debug)
    a20_mask: int = int32(reset=-1, name="env.a20_mask")
    mxcsr: int = uint32(reset=0x1F80, name="env.mxcsr", means=bits.MXCSR)
    vectors: list[VectorReg] = array(
        nested(VectorReg), _registers, name="env.xmm_regs", reset=lambda: [VectorReg() for _ in range(REGISTERS)])
    efer: int = uint64(name="env.efer", when=_is_64, means=bits.EFER)
    star: int = uint64(name="env.star", when=_is_64)
    lstar: int = uint64(name="env.lstar", when=_is_64)
    cstar: int = uint64(name="env.cstar", when=_is_64)
    fmask: int = uint64(name="env.fmask", when=_is_64)
    kernelgsbase: int = uint64(name="env.kernelgsbase", when=_is_64)
    smbase: int = uint32(reset=0x3_0000, name="env.smbase")
    pat: int = uint64(reset=0x0007_0406_0007_0406, name="env.pat")
    hflags2: int = uint32(reset=0x101, name="env.hflags2", means=bits.HFLAGS2)
    vm_hsave: int = uint64(name="env.vm_hsave")
    vm_vmcb: int = uint64(name="env.vm_vmcb")
    tsc_offset: int = uint64(name="env.tsc_offset")
    intercept: int = uint64(name="env.intercept")
    intercept_cr_read: int = uint16(name="env.intercept_cr_read")
    intercept_cr_write: int = uint16(name="env.intercept_cr_write")
    intercept_dr_read: int = uint16(name="env.intercept_dr_read")
    intercept_dr_write: int = uint16(name="env.intercept_dr_write")
    intercept_exceptions: int = uint32(name="env.intercept_exceptions")
    v_tpr: int = uint8(name="env.v_tpr")
    mtrr_fixed: list[int] = array(uint64(), 11, name="env.mtrr_fixed")
    mtrr_deftype: int = uint64(name="env.mtrr_deftype", means=bits.MTRR_TYPE)
    mtrr_var: list[MtrrVar] = array(nested(MtrrVar), 8, name="env.mtrr_var", since=8)
    interrupt_injected: int = int32(reset=-1, name="env.interrupt_injected")
    mp_state: int = uint32(name="env.mp_state", means=bits.MP_STATE)
    tsc: int = uint64(name="env.tsc")
    exception_nr: int = int32(reset=-1, name="env.exception_nr")
    soft_interrupt: int = uint8(name="env.soft_interrupt")
    nmi_injected: int = uint8(name="env.nmi_injected")
    nmi_pending: int = uint8(name="env.nmi_pending")
    has_error_code: int = uint8(name="env.has_error_code")
    sipi_vector: int = uint32(name="env.sipi_vector")
    mcg_cap: int = uint64(reset=0x100_0100 | MCE_BANKS, name="env.mcg_cap")
    mcg_status: int = uint64(name="env.mcg_status")
    mcg_ctl: int = uint64(reset=ALL, name="env.mcg_ctl")
    mce_banks: list[int] = array(uint64(), MCE_BANKS * 4, name="env.mce_banks", reset=[ALL, 0, 0, 0] * MCE_BANKS)
    tsc_aux: int = uint64(name="env.tsc_aux")
    system_time_msr: int = uint64(name="env.system_time_msr")
    wall_clock_msr: int = uint64(name="env.wall_clock_msr")
    xcr0: int = uint64(reset=1, name="env.xcr0", since=12, means=bits.XCR0)
    xstate_bv: int = uint64(name="env.xstate_bv", since=12, means=bits.XCR0)
    _upper_halves = again("vectors", array(nested(VectorReg.upper), _registers), name="env.xmm_regs", since=12)

    @subsection("cpu/exception_info", version=1)
    def _is_pending(self) -> bool: return bool(self.exception_pending and self.hflags & InFlags.GUEST)
    exception_pending: int = uint8(name="env.exception_pending")
    exception_injected: int = uint8(name="env.exception_injected")
    exception_has_payload: int = uint8(name="env.exception_has_payload")
    exception_payload: int = uint64(name="env.exception_payload")

    # since QEMU 10.2
    @subsection("cpu/error_code", version=1)
    def _has_code(self) -> bool: return self.migrate_error_code and self.has_error_code != 0
    error_code: int = int32(name="env.error_code")

    @subsection("cpu/async_pf_msr", version=1)
    def _faults_async(self) -> bool: return self.async_pf_en_msr != 0
    async_pf_en_msr: int = uint64(name="env.async_pf_en_msr")
    @subsection("cpu/async_pf_int_msr", version=1)
    def _tells_async_fault(self) -> bool: return self.async_pf_int_msr != 0
    async_pf_int_msr: int = uint64(name="env.async_pf_int_msr")
    @subsection("cpu/async_pv_eoi_msr", version=1)
    def _ends_interrupts_lazily(self) -> bool: return self.pv_eoi_en_msr != 0
    pv_eoi_en_msr: int = uint64(name="env.pv_eoi_en_msr")
    @subsection("cpu/steal_time_msr", version=1)
    def _tells_stolen_time(self) -> bool: return self.steal_time_msr != 0
    steal_time_msr: int = uint64(name="env.steal_time_msr")

    # 1 is KVM's reset, and what a stream without it means; TCG resets it to 0 and so always sends it
    @subsection("cpu/poll_control_msr", version=1)
    def _poll_control_changed(self) -> bool: return self.poll_control_msr != 1
    poll_control_msr: int = uint64(reset=1, name="env.poll_control_msr")

    @subsection("cpu/fpop_ip_dp", version=1)
    def _fpu_faulted(self) -> bool: return self.fpop != 0 or self.fpip != 0 or self.fpdp != 0
    fpop: int = uint16(name="env.fpop")
    fpip: int = uint64(name="env.fpip")
    fpdp: int = uint64(name="env.fpdp")

    @subsection("cpu/msr_tsc_adjust", version=1)
    def _tsc_adjusted(self) -> bool: return self.tsc_adjust != 0
    tsc_adjust: int = uint64(name="env.tsc_adjust")
    @subsection("cpu/msr_tscdeadline", version=1)
    def _has_deadline(self) -> bool: return self.tsc_deadline != 0
    tsc_deadline: int = uint64(name="env.tsc_deadline")
    @subsection("cpu/msr_ia32_misc_enable", version=1)
    def _misc_enable_changed(self) -> bool: return self.msr_ia32_misc_enable != 1
    msr_ia32_misc_enable: int = uint64(reset=1, name="env.msr_ia32_misc_enable", means=bits.MISC_ENABLE)
    @subsection("cpu/msr_ia32_feature_control", version=1)
    def _has_feature_control(self) -> bool: return self.msr_ia32_feature_control != 0
    msr_ia32_feature_control: int = uint64(name="env.msr_ia32_feature_control", means=bits.FEATURE_CONTROL)

    @subsection("cpu/msr_architectural_pmu", version=1)
    def _counts_events(self) -> bool:
        controls = self.msr_fixed_ctr_ctrl or self.msr_global_ctrl or self.msr_global_status
        return bool(controls or self.msr_global_ovf_ctrl or any(self.msr_fixed_counters)
                    or any(self.msr_gp_counters) or any(self.msr_gp_evtsel))
    msr_fixed_ctr_ctrl: int = uint64(name="env.msr_fixed_ctr_ctrl")
    msr_global_ctrl: int = uint64(name="env.msr_global_ctrl")
    msr_global_status: int = uint64(name="env.msr_global_status")
    msr_global_ovf_ctrl: int = uint64(name="env.msr_global_ovf_ctrl")
    msr_fixed_counters: list[int] = array(uint64(), 3, name="env.msr_fixed_counters")
    msr_gp_counters: list[int] = array(uint64(), 18, name="env.msr_gp_counters")
    msr_gp_evtsel: list[int] = array(uint64(), 18, name="env.msr_gp_evtsel")

    @subsection("cpu/mpx", version=1)
    def _has_bounds(self) -> bool:
        return bool(self.bndcs_cfgu or self.bndcs_sts or self.msr_bndcfgs) or are_bounded(self.bnd_regs)
    bnd_regs: list[BoundReg] = array(nested(BoundReg), 4, name="env.bnd_regs")
    bndcs_cfgu: int = uint64(name="env.bndcs_regs.cfgu")
    bndcs_sts: int = uint64(name="env.bndcs_regs.sts")
    msr_bndcfgs: int = uint64(name="env.msr_bndcfgs")

    @subsection("cpu/msr_hyperv_hypercall", version=1)
    def _calls_hyperv(self) -> bool: return self.msr_hv_hypercall != 0 or self.msr_hv_guest_os_id != 0
    msr_hv_guest_os_id: int = uint64(name="env.msr_hv_guest_os_id")
    msr_hv_hypercall: int = uint64(name="env.msr_hv_hypercall")
    @subsection("cpu/msr_hyperv_vapic", version=1)
    def _has_hyperv_vapic(self) -> bool: return self.msr_hv_vapic != 0
    msr_hv_vapic: int = uint64(name="env.msr_hv_vapic")
    @subsection("cpu/msr_hyperv_time", version=1)
    def _has_hyperv_time(self) -> bool: return self.msr_hv_tsc != 0
    msr_hv_tsc: int = uint64(name="env.msr_hv_tsc")
    @subsection("cpu/msr_hyperv_crash", version=1)
    def _crashed(self) -> bool: return any(self.msr_hv_crash_params)
    msr_hv_crash_params: list[int] = array(uint64(), 5, name="env.msr_hv_crash_params")
    @subsection("cpu/msr_hyperv_runtime", version=1)
    def _tells_runtime(self) -> bool: return bool(self.features & Feature.HV_RUNTIME and self.msr_hv_runtime)
    msr_hv_runtime: int = uint64(name="env.msr_hv_runtime")

    @subsection("cpu/msr_hyperv_synic", version=1)
    def _has_synic(self) -> bool:
        pages = self.msr_hv_synic_evt_page or self.msr_hv_synic_msg_page
        return bool(self.msr_hv_synic_control or pages or any(self.msr_hv_synic_sint))
    msr_hv_synic_control: int = uint64(name="env.msr_hv_synic_control")
    msr_hv_synic_evt_page: int = uint64(name="env.msr_hv_synic_evt_page")
    msr_hv_synic_msg_page: int = uint64(name="env.msr_hv_synic_msg_page")
    msr_hv_synic_sint: list[int] = array(uint64(), 16, name="env.msr_hv_synic_sint")
    @subsection("cpu/msr_hyperv_stimer", version=1)
    def _has_synthetic_timers(self) -> bool: return any(self.msr_hv_stimer_config) or any(self.msr_hv_stimer_count)
    msr_hv_stimer_config: list[int] = array(uint64(), 4, name="env.msr_hv_stimer_config")
    msr_hv_stimer_count: list[int] = array(uint64(), 4, name="env.msr_hv_stimer_count")
    @subsection("cpu/msr_hyperv_reenlightenment", version=1)
    def _is_reenlightened(self) -> bool:
        return bool(self.msr_hv_reenlightenment_control or self.msr_hv_tsc_emulation_control
                    or self.msr_hv_tsc_emulation_status)
    msr_hv_reenlightenment_control: int = uint64(name="env.msr_hv_reenlightenment_control")
    msr_hv_tsc_emulation_control: int = uint64(name="env.msr_hv_tsc_emulation_control")
    msr_hv_tsc_emulation_status: int = uint64(name="env.msr_hv_tsc_emulation_status")

    @subsection("cpu/avx512", version=1)
    def _uses_avx512(self) -> bool:
        return any(self.opmask_regs) or have_uppermost(self.vectors) or (
            self.long_bits == 64 and are_used(self.high_vectors))
    opmask_regs: list[int] = array(uint64(), 8, name="env.opmask_regs")
    _uppermost_halves = again("vectors", array(nested(VectorReg.uppermost), _registers), name="env.xmm_regs")
    high_vectors: list[ZmmReg] = array(nested(ZmmReg), REGISTERS, name="env.xmm_regs", when=_is_64)
    @subsection("cpu/xss", version=1)
    def _has_supervisor_state(self) -> bool: return self.xss != 0
    xss: int = uint64(name="env.xss")
    @subsection("cpu/umwait", version=1)
    def _waits_in_user_mode(self) -> bool: return self.umwait != 0
    umwait: int = uint32(name="env.umwait")
    @subsection("cpu/tsc_khz", version=1)
    def _knows_frequency(self) -> bool: return self.save_tsc_khz and self.tsc_khz != 0
    tsc_khz: int = int64(name="env.tsc_khz")
    @subsection("cpu/msr_smi_count", version=1)
    def _had_smis(self) -> bool: return self.migrate_smi_count and self.msr_smi_count != 0
    msr_smi_count: int = uint64(name="env.msr_smi_count")
    @subsection("cpu/pkru", version=1)
    def _has_user_keys(self) -> bool: return self.pkru != 0
    pkru: int = uint32(name="env.pkru")
    @subsection("cpu/pkrs", version=1)
    def _has_supervisor_keys(self) -> bool: return self.pkrs != 0
    pkrs: int = uint32(name="env.pkrs")
    @subsection("cpu/spec_ctrl", version=1)
    def _restricts_speculation(self) -> bool: return self.spec_ctrl != 0
    spec_ctrl: int = uint64(name="env.spec_ctrl", means=bits.SPEC_CTRL)
    @subsection("cpu/amd_tsc_scale_msr", version=1)
    def _scales_tsc(self) -> bool: return bool(self.features & Feature.TSC_SCALE)
    amd_tsc_scale_msr: int = uint64(reset=1 << 32, name="env.amd_tsc_scale_msr")
    @subsection("cpu/mcg_ext_ctl", version=1)
    def _checks_locally(self) -> bool: return bool(self.features & Feature.LMCE and self.mcg_ext_ctl)
    mcg_ext_ctl: int = uint64(name="env.mcg_ext_ctl")
    @subsection("cpu/intel_pt", version=1)
    def _traces(self) -> bool:
        output = self.msr_rtit_output_base or self.msr_rtit_output_mask
        return bool(self.msr_rtit_ctrl or self.msr_rtit_status or output or self.msr_rtit_cr3_match
                    or any(self.msr_rtit_addrs))
    msr_rtit_ctrl: int = uint64(name="env.msr_rtit_ctrl")
    msr_rtit_status: int = uint64(name="env.msr_rtit_status")
    msr_rtit_output_base: int = uint64(name="env.msr_rtit_output_base")
    msr_rtit_output_mask: int = uint64(name="env.msr_rtit_output_mask")
    msr_rtit_cr3_match: int = uint64(name="env.msr_rtit_cr3_match")
    msr_rtit_addrs: list[int] = array(uint64(), 8, name="env.msr_rtit_addrs")
    @subsection("cpu/virt_ssbd", version=1)
    def _disables_store_bypass(self) -> bool: return self.virt_ssbd != 0
    virt_ssbd: int = uint64(name="env.virt_ssbd")
    @subsection("cpu/svn_npt", version=1)
    def _pages_nested(self) -> bool: return bool(self.hflags2 & InFlags.NESTED_PAGING)
    nested_cr3: int = uint64(name="env.nested_cr3")
    nested_pg_mode: int = uint32(name="env.nested_pg_mode")
    @subsection("cpu/svm_guest", version=1)
    def _has_virtual_interrupt(self) -> bool: return self.emulated and self.int_ctl != 0
    int_ctl: int = uint32(name="env.int_ctl")
    @subsection("cpu/efer32", version=1)
    def _has_efer(self) -> bool: return self.long_bits == 32 and self.efer != 0
    _efer_of_32_bits = again("efer", uint64(), name="env.efer", means=bits.EFER)
    @subsection("cpu/nested_state", version=1)
    def _is_hypervisor(self) -> bool: return self.nested_state.is_vmx or self.nested_state.is_svm
    nested_state: KvmNestedState = nested(KvmNestedState, name="env.nested_state")
    @subsection("cpu/xen_vcpu", version=1)
    def _is_on_xen(self) -> bool: return bool(self.features & Feature.XEN)
    xen_vcpu_info_gpa: int = uint64(name="env.xen_vcpu_info_gpa")
    xen_vcpu_info_default_gpa: int = uint64(name="env.xen_vcpu_info_default_gpa")
    xen_vcpu_time_info_gpa: int = uint64(name="env.xen_vcpu_time_info_gpa")
    xen_vcpu_runstate_gpa: int = uint64(name="env.xen_vcpu_runstate_gpa")
    xen_vcpu_callback_vector: int = uint8(name="env.xen_vcpu_callback_vector")
    xen_virq: list[int] = array(uint16(), 24, name="env.xen_virq")
    xen_singleshot_timer_ns: int = uint64(name="env.xen_singleshot_timer_ns")
    xen_periodic_timer_period: int = uint64(name="env.xen_periodic_timer_period")
    @subsection("cpu/msr_tsx_ctrl", version=1)
    def _controls_tsx(self) -> bool: return bool(self.features & Feature.TSX_CTRL)
    tsx_ctrl: int = uint32(name="env.tsx_ctrl")
    @subsection("cpu/intel_sgx", version=1)
    def _launches_enclaves(self) -> bool: return bool(self.features & Feature.SGX_LC)
    msr_ia32_sgxlepubkeyhash: list[int] = array(uint64(), 4, name="env.msr_ia32_sgxlepubkeyhash")

    _page_directories = subsection("cpu/pdptrs", version=1)
    @_page_directories.needed
    def _has_page_directories(self) -> bool: return self.pdptrs_valid
    pdptrs: list[int] = array(uint64(), 4, name="env.pdptrs")
    @_page_directories.post_load
    def _now_valid(self, version: int) -> None: self.pdptrs_valid = True
    @subsection("cpu/msr_xfd", version=1)
    def _disables_features(self) -> bool: return bool(self.features & Feature.XFD)
    msr_xfd: int = uint64(name="env.msr_xfd")
    msr_xfd_err: int = uint64(name="env.msr_xfd_err")
    @subsection("cpu/msr_hwcr", version=1)
    def _has_hwcr(self) -> bool: return self.msr_hwcr != 0
    msr_hwcr: int = uint64(name="env.msr_hwcr")
    @subsection("cpu/fred", version=1)
    def _returns_by_fred(self) -> bool: return self.long_bits == 64 and bool(self.features & Feature.FRED)
    fred_rsp0: int = uint64(name="env.fred_rsp0")
    fred_rsp1: int = uint64(name="env.fred_rsp1")
    fred_rsp2: int = uint64(name="env.fred_rsp2")
    fred_rsp3: int = uint64(name="env.fred_rsp3")
    fred_stklvls: int = uint64(name="env.fred_stklvls")
    fred_ssp1: int = uint64(name="env.fred_ssp1")
    fred_ssp2: int = uint64(name="env.fred_ssp2")
    fred_ssp3: int = uint64(name="env.fred_ssp3")
    fred_config: int = uint64(name="env.fred_config")
    @subsection("cpu/intel_amx_xtile", version=1)
    def _has_tiles(self) -> bool: return self.long_bits == 64 and bool(self.features & Feature.AMX_TILE)
    xtilecfg: list[int] = array(uint8(), 64, name="env.xtilecfg")
    xtiledata: Packed = array(uint8(), 8192, packed=True, name="env.xtiledata")
    @subsection("cpu/arch_lbr", version=1)
    def _records_branches(self) -> bool: return bool(self.features & Feature.ARCH_LBR)
    msr_lbr_ctl: int = uint64(name="env.msr_lbr_ctl")
    msr_lbr_depth: int = uint64(name="env.msr_lbr_depth")
    lbr_records: list[BranchRecord] = array(nested(BranchRecord), 32, name="env.lbr_records", since=1)
    @subsection("cpu/triple_fault", version=1)
    def _fell(self) -> bool: return self.triple_fault_pending != 0
    triple_fault_pending: int = uint8(name="env.triple_fault_pending")

    # since QEMU 11.0, like the two after it
    @subsection("cpu/msr_pl0_ssp", version=1)
    def _has_kernel_shadow_stack(self) -> bool: return self.pl0_ssp != 0
    pl0_ssp: int = uint64(name="env.pl0_ssp")
    @subsection("cpu/cet", version=1)
    def _enforces_control_flow(self) -> bool: return bool(self.features & Feature.CET)
    u_cet: int = uint64(name="env.u_cet")
    s_cet: int = uint64(name="env.s_cet")
    @subsection("cpu/cet_shstk", version=1)
    def _has_shadow_stacks(self) -> bool: return bool(self.features & Feature.CET_SHSTK)
    pl1_ssp: int = uint64(name="env.pl1_ssp")
    pl2_ssp: int = uint64(name="env.pl2_ssp")
    pl3_ssp: int = uint64(name="env.pl3_ssp")
    int_ssp_table: int = uint64(name="env.int_ssp_table", when=_is_64)
    guest_ssp: int = uint64(name="env.guest_ssp")

    @pre_save
    def _settle(self) -> None:
        """An exception that no hypervisor can intercept any more is as good as taken."""
        self.v_tpr = self.int_ctl & 0xF
        if not self.cr0 & 1:  # real mode
            clear_privilege(self.segs)
        if self.exception_pending and not self.hflags & InFlags.GUEST:
            self.exception_pending, self.exception_injected = 0, 1
            if self.exception_has_payload and self.exception_nr == DEBUG:
                self.dr[6] = self.exception_payload
            elif self.exception_has_payload and self.exception_nr == PAGE_FAULT:
                self.cr2 = self.exception_payload

    @post_load
    def _derive(self, version: int) -> None:
        if self.tsc_khz and self.user_tsc_khz and self.tsc_khz != self.user_tsc_khz:
            raise HookRefused(f"the TSC ran at {self.tsc_khz} kHz, here tsc-frequency= says {self.user_tsc_khz}")
        if self.msr_hv_reenlightenment_control & REENLIGHTENED and not self.user_tsc_khz:
            raise HookRefused("the guest counts on one TSC frequency: tsc-frequency= has to be given")
        if self.fpregs_format:
            raise HookRefused("x87 registers in a host's own format, from a QEMU before 2.6")
        if not self.cr0 & 1:  # real mode
            clear_privilege(self.segs)
        self.hflags = self.hflags & ~InFlags.PRIVILEGE | self.segs[2].flags >> 13 & InFlags.PRIVILEGE
        if self.exception_nr != -1 and not self.exception_pending:
            self.exception_injected = 1
