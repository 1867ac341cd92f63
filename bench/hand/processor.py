"""By hand: an x86 processor of 32 or 64 bits, and what all processors have in common."""

from __future__ import annotations

from struct import Struct
from typing import Any

from devices.cpu import common, x86, x86_registers

from . import processor_parts as more
from .plain import Hand, head, new, plain, refuse, unwritable, zeros

# -- cpu_common

CpuCommon = plain(common.CpuCommon)
TWO, NUMBER = Struct(">II"), Struct(">i")
EXCEPTION, CRASHED = head("cpu_common/exception_index"), head("cpu_common/crash_occurred")
pack_two, take_two = TWO.pack, TWO.unpack_from
pack_number, take_number = NUMBER.pack, NUMBER.unpack_from


def save_common(o: Any) -> bytes:
    data = pack_two(o.halted, o.interrupt_request)
    if o._excepted():
        data += EXCEPTION + pack_number(o.exception_index)
    if o._crashed():
        data += CRASHED + (b"\1" if o.crash_occurred else b"\0")
    return data


def load_common(data: bytes) -> Any:
    o = new(CpuCommon)
    o.emulated, o.crash_occurred = True, False
    return load_into_common(o, data)


def load_into_common(o: Any, data: bytes) -> Any:
    o._forget()
    o.halted, o.interrupt_request = take_two(data, 0)
    at = 8
    while at < len(data):
        if data.startswith(EXCEPTION, at):
            at += len(EXCEPTION) + 4
            (o.exception_index,) = take_number(data, at - 4)
        elif data.startswith(CRASHED, at):
            at += len(CRASHED) + 1
            o.crash_occurred = data[at - 1] != 0
        else:
            refuse("no subsection of cpu_common")
    o._drop_exit(1)
    return o


# -- cpu: what every one has

Cpu, Segment, FpReg, VectorReg, MtrrVar = (
    plain(x86.Cpu), plain(x86_registers.Segment), plain(x86_registers.FpReg), plain(x86_registers.VectorReg),
    plain(x86_registers.MtrrVar))
MANTISSA = 0xFFFF_FFFF_FFFF_FFFF
WORD, FPU, WORDS = Struct(">Q"), Struct(">HQQ"), {n: Struct(f">{n}Q") for n in (6, 11, 40)}
POLL, FAULT, SMIS = head("cpu/poll_control_msr"), head("cpu/fpop_ip_dp"), head("cpu/msr_smi_count")
SHADOW_STACKS = head("cpu/cet_shstk")
pack_word, take_word = WORD.pack, WORD.unpack_from
pack_fpu, take_fpu = FPU.pack, FPU.unpack_from


class Layout:
    """The formats with target-longs of one size: `long` is its code, `n` the number of registers."""

    def __init__(self, long: str, n: int) -> None:
        self.n, self.whole_list = n, n == 16
        size = Struct(">" + long).size
        self.regs, self.debug = Struct(f">{n}{long}"), Struct(f">8{long}")
        self.flags = Struct(f">{2 * long}IHHHH")
        self.fpu, self.segment = Struct(">QH"), Struct(f">I{long}II")
        self.control = Struct(f">I{6 * long}")
        self.mask, self.vector = Struct(">iI"), Struct(">QQ")
        self.middle = Struct(">IQIQQQQHHHHIB")
        self.first = Struct(
            f">{n}{long}{2 * long}IHHHH" + 8 * "QH" + 10 * f"I{long}II" + f"I{6 * long}8{long}iI{2 * n}Q")
        self.second = Struct(f">IQIQQQQHHHHIB11QQ16QiIQiBBBBIQQQ40QQQQQQ{2 * n}Q")
        self.last = Struct(">iIQiBBBBIQQQ")
        self.clocks = Struct(">QQQQQ")
        self.at_flags = n * size


LAYOUTS = {64: Layout("Q", 16), 32: Layout("I", 8)}


def save_cpu(o: Any) -> bytes:
    o._settle()
    layout = LAYOUTS[o.long_bits]
    n = layout.n
    vectors = o.vectors if layout.whole_list else o.vectors[:n]
    if len(o.dr) != 8 or len(o.mtrr_fixed) != 11 or len(o.mce_banks) != 40:
        unwritable("dr, mtrr_fixed or mce_banks")
    floats: list[int] = []
    for x in o.fpregs:
        bits = x.bits
        floats += (bits & MANTISSA, bits >> 64)
    segments: list[int] = []
    for s in (*o.segs, o.ldt, o.tr, o.gdt, o.idt):
        segments += (s.selector, s.base, s.limit, s.flags)
    low, high, ranges = [0] * (2 * n), [0] * (2 * n), [0] * 16
    low[::2], low[1::2] = [v.q0 for v in vectors], [v.q1 for v in vectors]
    high[::2], high[1::2] = [v.q2 for v in vectors], [v.q3 for v in vectors]
    ranges[::2], ranges[1::2] = [m.base for m in o.mtrr_var], [m.mask for m in o.mtrr_var]
    out = [layout.first.pack(
        *(o.regs if layout.whole_list else o.regs[:n]), o.eip, o.eflags, o.hflags, o.fpuc, o.fpus, o.fptag,
        o.fpregs_format, *floats, *segments, o.sysenter_cs, o.sysenter_esp, o.sysenter_eip, o.cr0, o.cr2, o.cr3, o.cr4,
        *o.dr, o.a20_mask, o.mxcsr, *low)]
    if o._is_64():
        out.append(WORDS[6].pack(o.efer, o.star, o.lstar, o.cstar, o.fmask, o.kernelgsbase))
    out.append(layout.second.pack(
        o.smbase, o.pat, o.hflags2, o.vm_hsave, o.vm_vmcb, o.tsc_offset, o.intercept, o.intercept_cr_read,
        o.intercept_cr_write, o.intercept_dr_read, o.intercept_dr_write, o.intercept_exceptions, o.v_tpr,
        *o.mtrr_fixed, o.mtrr_deftype, *ranges, o.interrupt_injected, o.mp_state, o.tsc, o.exception_nr,
        o.soft_interrupt, o.nmi_injected, o.nmi_pending, o.has_error_code, o.sipi_vector, o.mcg_cap, o.mcg_status,
        o.mcg_ctl, *o.mce_banks, o.tsc_aux, o.system_time_msr, o.wall_clock_msr, o.xcr0, o.xstate_bv, *high))
    _save_parts(o, out)
    return b"".join(out)


def _save_parts(o: Any, out: list[bytes]) -> None:
    if o._is_pending():
        out.append(more.send("exception_info", o))
    if o._has_code():
        out.append(more.send("error_code", o))
    if o._faults_async():
        out.append(more.send("async_pf_msr", o))
    if o._tells_async_fault():
        out.append(more.send("async_pf_int_msr", o))
    if o._ends_interrupts_lazily():
        out.append(more.send("async_pv_eoi_msr", o))
    if o._tells_stolen_time():
        out.append(more.send("steal_time_msr", o))
    if o._poll_control_changed():
        out.append(POLL + pack_word(o.poll_control_msr))
    if o._fpu_faulted():
        out.append(FAULT + pack_fpu(o.fpop, o.fpip, o.fpdp))
    if o._tsc_adjusted():
        out.append(more.send("msr_tsc_adjust", o))
    if o._has_deadline():
        out.append(more.send("msr_tscdeadline", o))
    if o._misc_enable_changed():
        out.append(more.send("msr_ia32_misc_enable", o))
    if o._has_feature_control():
        out.append(more.send("msr_ia32_feature_control", o))
    if o._counts_events():
        out.append(more.send("msr_architectural_pmu", o))
    if o._has_bounds():
        out.append(more.send("mpx", o))
    if o._calls_hyperv():
        out.append(more.send("msr_hyperv_hypercall", o))
    if o._has_hyperv_vapic():
        out.append(more.send("msr_hyperv_vapic", o))
    if o._has_hyperv_time():
        out.append(more.send("msr_hyperv_time", o))
    if o._crashed():
        out.append(more.send("msr_hyperv_crash", o))
    if o._tells_runtime():
        out.append(more.send("msr_hyperv_runtime", o))
    if o._has_synic():
        out.append(more.send("msr_hyperv_synic", o))
    if o._has_synthetic_timers():
        out.append(more.send("msr_hyperv_stimer", o))
    if o._is_reenlightened():
        out.append(more.send("msr_hyperv_reenlightenment", o))
    if o._uses_avx512():
        out.append(more.send("avx512", o))
    if o._has_supervisor_state():
        out.append(more.send("xss", o))
    if o._waits_in_user_mode():
        out.append(more.send("umwait", o))
    if o._knows_frequency():
        out.append(more.send("tsc_khz", o))
    if o._had_smis():
        out.append(SMIS + pack_word(o.msr_smi_count))
    if o._has_user_keys():
        out.append(more.send("pkru", o))
    if o._has_supervisor_keys():
        out.append(more.send("pkrs", o))
    if o._restricts_speculation():
        out.append(more.send("spec_ctrl", o))
    if o._scales_tsc():
        out.append(more.send("amd_tsc_scale_msr", o))
    if o._checks_locally():
        out.append(more.send("mcg_ext_ctl", o))
    if o._traces():
        out.append(more.send("intel_pt", o))
    if o._disables_store_bypass():
        out.append(more.send("virt_ssbd", o))
    if o._pages_nested():
        out.append(more.send("svn_npt", o))
    if o._has_virtual_interrupt():
        out.append(more.send("svm_guest", o))
    if o._has_efer():
        out.append(more.send("efer32", o))
    if o._is_hypervisor():
        out.append(more.send("nested_state", o))
    if o._is_on_xen():
        out.append(more.send("xen_vcpu", o))
    if o._controls_tsx():
        out.append(more.send("msr_tsx_ctrl", o))
    if o._launches_enclaves():
        out.append(more.send("intel_sgx", o))
    if o._has_page_directories():
        out.append(more.send("pdptrs", o))
    if o._disables_features():
        out.append(more.send("msr_xfd", o))
    if o._has_hwcr():
        out.append(more.send("msr_hwcr", o))
    if o._returns_by_fred():
        out.append(more.send("fred", o))
    if o._has_tiles():
        out.append(more.send("intel_amx_xtile", o))
    if o._records_branches():
        out.append(more.send("arch_lbr", o))
    if o._fell():
        out.append(more.send("triple_fault", o))
    if o._has_kernel_shadow_stack():
        out.append(more.send("msr_pl0_ssp", o))
    if o._enforces_control_flow():
        out.append(more.send("cet", o))
        if o._has_shadow_stacks():
            out.append(_shadow_stacks(o))


def _shadow_stacks(o: Any) -> bytes:
    middle = pack_word(o.int_ssp_table) if o._is_64() else b""
    return (SHADOW_STACKS + pack_word(o.pl1_ssp) + pack_word(o.pl2_ssp) + pack_word(o.pl3_ssp) + middle
            + pack_word(o.guest_ssp))


def load_cpu(data: bytes, long_bits: int = 64) -> Any:
    o = new(Cpu)
    o.long_bits = long_bits
    o.features = 0
    o.emulated = o.save_tsc_khz = o.migrate_smi_count = o.migrate_error_code = True
    o.pdptrs_valid = False
    o.fpregs, o.segs = [new(FpReg) for _ in range(8)], [new(Segment) for _ in range(6)]
    o.ldt, o.tr, o.gdt, o.idt = new(Segment), new(Segment), new(Segment), new(Segment)
    o.mtrr_var, o.vectors = [new(MtrrVar) for _ in range(8)], [new(VectorReg) for _ in range(16)]
    for v in o.vectors:
        v.q4 = v.q5 = v.q6 = v.q7 = 0
    if long_bits == 32:
        _reset_wide(o)
    _reset_parts(o)
    return load_into_cpu(o, data)


def _reset_wide(o: Any) -> None:
    """What a processor of 32 bits has and does not send."""
    o.regs = [0] * 16
    o.efer = o.star = o.lstar = o.cstar = o.fmask = o.kernelgsbase = 0
    for v in o.vectors[8:]:
        v.q0 = v.q1 = v.q2 = v.q3 = 0


def _reset_parts(o: Any) -> None:
    o.user_tsc_khz = o.exception_pending = o.exception_injected = o.exception_has_payload = 0
    o.exception_payload = o.error_code = o.async_pf_en_msr = o.async_pf_int_msr = o.pv_eoi_en_msr = 0
    o.steal_time_msr = o.fpop = o.fpip = o.fpdp = o.tsc_adjust = o.tsc_deadline = o.msr_ia32_feature_control = 0
    o.msr_fixed_ctr_ctrl = o.msr_global_ctrl = o.msr_global_status = o.msr_global_ovf_ctrl = o.bndcs_cfgu = 0
    o.bndcs_sts = o.msr_bndcfgs = o.msr_hv_guest_os_id = o.msr_hv_hypercall = o.msr_hv_vapic = o.msr_hv_tsc = 0
    o.msr_hv_runtime = o.msr_hv_synic_control = o.msr_hv_synic_evt_page = o.msr_hv_synic_msg_page = 0
    o.msr_hv_reenlightenment_control = o.msr_hv_tsc_emulation_control = o.msr_hv_tsc_emulation_status = o.xss = 0
    o.umwait = o.tsc_khz = o.msr_smi_count = o.pkru = o.pkrs = o.spec_ctrl = o.mcg_ext_ctl = o.msr_rtit_ctrl = 0
    o.msr_rtit_status = o.msr_rtit_output_base = o.msr_rtit_output_mask = o.msr_rtit_cr3_match = o.virt_ssbd = 0
    o.nested_cr3 = o.nested_pg_mode = o.int_ctl = o.xen_vcpu_info_gpa = o.xen_vcpu_info_default_gpa = 0
    o.xen_vcpu_time_info_gpa = o.xen_vcpu_runstate_gpa = o.xen_vcpu_callback_vector = 0
    o.xen_singleshot_timer_ns = o.xen_periodic_timer_period = o.tsx_ctrl = o.msr_xfd = o.msr_xfd_err = 0
    o.msr_hwcr = o.fred_rsp0 = o.fred_rsp1 = o.fred_rsp2 = o.fred_rsp3 = o.fred_stklvls = o.fred_ssp1 = 0
    o.fred_ssp2 = o.fred_ssp3 = o.fred_config = o.msr_lbr_ctl = o.msr_lbr_depth = o.triple_fault_pending = 0
    o.pl0_ssp = o.u_cet = o.s_cet = o.pl1_ssp = o.pl2_ssp = o.pl3_ssp = o.int_ssp_table = o.guest_ssp = 0
    o.poll_control_msr = o.msr_ia32_misc_enable = 1
    o.amd_tsc_scale_msr = 1 << 32
    o.msr_fixed_counters = [0] * 3
    o.msr_gp_counters = [0] * 18
    o.msr_gp_evtsel = [0] * 18
    o.msr_hv_crash_params = [0] * 5
    o.msr_hv_synic_sint = [0] * 16
    o.msr_hv_stimer_config = [0] * 4
    o.msr_hv_stimer_count = [0] * 4
    o.opmask_regs = [0] * 8
    o.msr_rtit_addrs = [0] * 8
    o.xen_virq = [0] * 24
    o.msr_ia32_sgxlepubkeyhash = [0] * 4
    o.pdptrs = [0] * 4
    o.xtilecfg = [0] * 64
    o.xtiledata = zeros("B", 8192)
    o.bnd_regs = [new(more.BoundReg) for _ in range(4)]
    for b in o.bnd_regs:
        b.lb = b.ub = 0
    o.high_vectors = [new(more.ZmmReg) for _ in range(16)]
    for v in o.high_vectors:
        v.q0 = v.q1 = v.q2 = v.q3 = v.q4 = v.q5 = v.q6 = v.q7 = 0
    o.lbr_records = [new(more.BranchRecord) for _ in range(32)]
    for r in o.lbr_records:
        r.source = r.target = r.info = 0
    o.nested_state = more.new_nested()


def load_into_cpu(o: Any, data: bytes) -> Any:
    layout = LAYOUTS[o.long_bits]
    vectors = o.vectors
    regs = list(layout.regs.unpack_from(data, 0))
    o.regs = regs if layout.whole_list else regs + o.regs[8:]
    at = layout.at_flags
    o.eip, o.eflags, o.hflags, o.fpuc, o.fpus, o.fptag, o.fpregs_format = layout.flags.unpack_from(data, at)
    at += layout.flags.size
    for x, (mantissa, exponent) in zip(o.fpregs, layout.fpu.iter_unpack(data[at:at + 80]), strict=True):
        x.bits = exponent << 64 | mantissa
    at += 80
    size = 10 * layout.segment.size
    for s, (s.selector, s.base, s.limit, s.flags) in zip(
            (*o.segs, o.ldt, o.tr, o.gdt, o.idt), layout.segment.iter_unpack(data[at:at + size]), strict=True):
        pass
    at += size
    (o.sysenter_cs, o.sysenter_esp, o.sysenter_eip, o.cr0, o.cr2, o.cr3,
     o.cr4) = layout.control.unpack_from(data, at)
    at += layout.control.size
    o.dr = list(layout.debug.unpack_from(data, at))
    at += layout.debug.size
    o.a20_mask, o.mxcsr = layout.mask.unpack_from(data, at)
    at += 8
    size = 16 * layout.n
    for v, (v.q0, v.q1) in zip(vectors, layout.vector.iter_unpack(data[at:at + size]), strict=layout.whole_list):
        pass
    at += size
    if o._is_64():
        o.efer, o.star, o.lstar, o.cstar, o.fmask, o.kernelgsbase = WORDS[6].unpack_from(data, at)
        at += 48
    (o.smbase, o.pat, o.hflags2, o.vm_hsave, o.vm_vmcb, o.tsc_offset, o.intercept, o.intercept_cr_read,
     o.intercept_cr_write, o.intercept_dr_read, o.intercept_dr_write, o.intercept_exceptions,
     o.v_tpr) = layout.middle.unpack_from(data, at)
    at += 61
    o.mtrr_fixed = list(WORDS[11].unpack_from(data, at))
    (o.mtrr_deftype,) = take_word(data, at + 88)
    at += 96
    for m, (m.base, m.mask) in zip(o.mtrr_var, layout.vector.iter_unpack(data[at:at + 128]), strict=True):
        pass
    at += 128
    (o.interrupt_injected, o.mp_state, o.tsc, o.exception_nr, o.soft_interrupt, o.nmi_injected, o.nmi_pending,
     o.has_error_code, o.sipi_vector, o.mcg_cap, o.mcg_status, o.mcg_ctl) = layout.last.unpack_from(data, at)
    at += 52
    o.mce_banks = list(WORDS[40].unpack_from(data, at))
    (o.tsc_aux, o.system_time_msr, o.wall_clock_msr, o.xcr0, o.xstate_bv) = layout.clocks.unpack_from(data, at + 320)
    at += 360
    for v, (v.q2, v.q3) in zip(vectors, layout.vector.iter_unpack(data[at:at + size]), strict=layout.whole_list):
        pass
    at += size
    end = len(data)
    while at < end:
        at = _load_part(o, data, at)
    o._derive(12)
    return o


def _load_part(o: Any, data: bytes, at: int) -> int:
    if data.startswith(POLL, at):
        at += len(POLL) + 8
        (o.poll_control_msr,) = take_word(data, at - 8)
    elif data.startswith(SMIS, at):
        at += len(SMIS) + 8
        (o.msr_smi_count,) = take_word(data, at - 8)
    elif data.startswith(FAULT, at):
        at += len(FAULT) + 18
        o.fpop, o.fpip, o.fpdp = take_fpu(data, at - 18)
    elif data.startswith(SHADOW_STACKS, at):
        at += len(SHADOW_STACKS) + 24
        o.pl1_ssp, o.pl2_ssp, o.pl3_ssp = take_stacks(data, at - 24)
        if o._is_64():
            at += 8
            (o.int_ssp_table,) = take_word(data, at - 8)
        at += 8
        (o.guest_ssp,) = take_word(data, at - 8)
    else:
        return more.take(o, data, at)
    return at


STACKS = Struct(">QQQ")
take_stacks = STACKS.unpack_from

HAND = {
    common.CpuCommon: Hand(save_common, load_common, load_into_common),
    x86.Cpu: Hand(save_cpu, load_cpu, load_into_cpu),
}
