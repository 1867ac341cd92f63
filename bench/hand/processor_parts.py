"""By hand: what an x86 processor sends only of extensions that are in use, by a table.

Hardly any of these is ever sent. What is, `processor` has by itself.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from struct import Struct
from typing import Any

from devices.cpu import x86_features, x86_registers

from .plain import head, name, new, plain, refuse, zeros

KvmNestedState, BoundReg, BranchRecord, ZmmReg = (
    plain(x86_features.KvmNestedState), plain(x86_registers.BoundReg), plain(x86_registers.BranchRecord),
    plain(x86_registers.ZmmReg))
ALL = 0xFFFF_FFFF_FFFF_FFFF

FIELDS = {
    "exception_info": "exception_pending:B exception_injected:B exception_has_payload:B exception_payload:Q",
    "error_code": "error_code:i",
    "async_pf_msr": "async_pf_en_msr:Q",
    "async_pf_int_msr": "async_pf_int_msr:Q",
    "async_pv_eoi_msr": "pv_eoi_en_msr:Q",
    "steal_time_msr": "steal_time_msr:Q",
    "msr_tsc_adjust": "tsc_adjust:Q",
    "msr_tscdeadline": "tsc_deadline:Q",
    "msr_ia32_misc_enable": "msr_ia32_misc_enable:Q",
    "msr_ia32_feature_control": "msr_ia32_feature_control:Q",
    "msr_architectural_pmu":
        "msr_fixed_ctr_ctrl:Q msr_global_ctrl:Q msr_global_status:Q msr_global_ovf_ctrl:Q msr_fixed_counters:3Q "
        "msr_gp_counters:18Q msr_gp_evtsel:18Q",
    "mpx": "bnd_regs:4(lb,ub)Q bndcs_cfgu:Q bndcs_sts:Q msr_bndcfgs:Q",
    "msr_hyperv_hypercall": "msr_hv_guest_os_id:Q msr_hv_hypercall:Q",
    "msr_hyperv_vapic": "msr_hv_vapic:Q",
    "msr_hyperv_time": "msr_hv_tsc:Q",
    "msr_hyperv_crash": "msr_hv_crash_params:5Q",
    "msr_hyperv_runtime": "msr_hv_runtime:Q",
    "msr_hyperv_synic":
        "msr_hv_synic_control:Q msr_hv_synic_evt_page:Q msr_hv_synic_msg_page:Q msr_hv_synic_sint:16Q",
    "msr_hyperv_stimer": "msr_hv_stimer_config:4Q msr_hv_stimer_count:4Q",
    "msr_hyperv_reenlightenment":
        "msr_hv_reenlightenment_control:Q msr_hv_tsc_emulation_control:Q msr_hv_tsc_emulation_status:Q",
    "avx512": "opmask_regs:8Q vectors:16(q4,q5,q6,q7)Q high_vectors:16(q0,q1,q2,q3,q4,q5,q6,q7)Q",
    "xss": "xss:Q",
    "umwait": "umwait:I",
    "tsc_khz": "tsc_khz:q",
    "pkru": "pkru:I",
    "pkrs": "pkrs:I",
    "spec_ctrl": "spec_ctrl:Q",
    "amd_tsc_scale_msr": "amd_tsc_scale_msr:Q",
    "mcg_ext_ctl": "mcg_ext_ctl:Q",
    "intel_pt":
        "msr_rtit_ctrl:Q msr_rtit_status:Q msr_rtit_output_base:Q msr_rtit_output_mask:Q msr_rtit_cr3_match:Q "
        "msr_rtit_addrs:8Q",
    "virt_ssbd": "virt_ssbd:Q",
    "svn_npt": "nested_cr3:Q nested_pg_mode:I",
    "svm_guest": "int_ctl:I",
    "efer32": "efer:Q",
    "xen_vcpu":
        "xen_vcpu_info_gpa:Q xen_vcpu_info_default_gpa:Q xen_vcpu_time_info_gpa:Q xen_vcpu_runstate_gpa:Q "
        "xen_vcpu_callback_vector:B xen_virq:24H xen_singleshot_timer_ns:Q xen_periodic_timer_period:Q",
    "msr_tsx_ctrl": "tsx_ctrl:I",
    "intel_sgx": "msr_ia32_sgxlepubkeyhash:4Q",
    "pdptrs": "pdptrs:4Q",
    "msr_xfd": "msr_xfd:Q msr_xfd_err:Q",
    "msr_hwcr": "msr_hwcr:Q",
    "fred":
        "fred_rsp0:Q fred_rsp1:Q fred_rsp2:Q fred_rsp3:Q fred_stklvls:Q fred_ssp1:Q fred_ssp2:Q fred_ssp3:Q "
        "fred_config:Q",
    "intel_amx_xtile": "xtilecfg:64B xtiledata:8192B",
    "arch_lbr": "msr_lbr_ctl:Q msr_lbr_depth:Q lbr_records:32(source,target,info)Q",
    "triple_fault": "triple_fault_pending:B",
    "msr_pl0_ssp": "pl0_ssp:Q",
    "cet": "u_cet:Q s_cet:Q",
}
OF_32_BITS = {"avx512": "opmask_regs:8Q vectors:8(q4,q5,q6,q7)Q"}
FIELD = re.compile(r"(\w+):(\d*)(?:\(([\w,]+)\))?(\w)")


class Part:
    """One subsection: its name, its format, its attributes."""

    def __init__(self, label: str, fields: str) -> None:
        self.head = head("cpu/" + label)
        found = [(one, int(count or 0), inner.split(",") if inner else [], code)
                 for one, count, inner, code in FIELD.findall(fields)]
        self.fields = [(one, count, inner) for one, count, inner, _ in found]
        codes = (code * max(1, count) * max(1, len(inner)) for _, count, inner, code in found)
        self.struct = Struct(">" + "".join(codes))

    def values(self, o: Any) -> Iterator[int]:
        """All numbers, in order."""
        for one, count, inner in self.fields:
            held = getattr(o, one)
            if inner:
                yield from (getattr(element, key) for element in held[:count] for key in inner)
            elif count:
                yield from held[:count]
            else:
                yield held

    def take(self, o: Any, data: bytes, at: int) -> int:
        """Set all; where the next byte is."""
        values = iter(self.struct.unpack_from(data, at))
        for one, count, inner in self.fields:
            if inner:
                for element in getattr(o, one)[:count]:
                    for key in inner:
                        setattr(element, key, next(values))
            else:
                found = [next(values) for _ in range(count)] if count else next(values)
                setattr(o, one, array("B", found) if one == "xtiledata" else found)
        return at + self.struct.size


PARTS = {
    64: {label: Part(label, fields) for label, fields in FIELDS.items()},
    32: {label: Part(label, fields) for label, fields in (FIELDS | OF_32_BITS).items()},
}


def send(label: str, o: Any) -> bytes:
    """A subsection's bytes."""
    if label == "nested_state":
        return head("cpu/nested_state") + save_nested(o.nested_state)
    part = PARTS[o.long_bits][label]
    return part.head + part.struct.pack(*part.values(o))


def take(o: Any, data: bytes, at: int) -> int:
    """The subsection that begins here; where the next byte is."""
    label = data[at + 6:at + 2 + data[at + 1]].decode("ascii", "replace")
    begin = at + len(label) + 10
    if data[begin - 1] != 1 or not data.startswith(b"cpu/", at + 2):
        refuse("no subsection of cpu")
    if label == "nested_state":
        return load_nested(o.nested_state, data, begin)
    part = PARTS[o.long_bits].get(label)
    if part is None:
        refuse(f"cpu has no subsection {label}")
    at = part.take(o, data, begin)
    if label == "pdptrs":
        o._now_valid(1)
    return at


# -- cpu/nested_state: what KVM holds of a hypervisor in the guest

STATE, VMX, SVM = Struct(">HHI"), Struct(">QQH"), Struct(">Q4096s")
PREFIX = "cpu/kvm_nested_state/"
ON, VMCS, SHADOW, SVM_ON = (
    head(PREFIX + "vmx"), head(PREFIX + "vmx/vmcs12"), head(PREFIX + "vmx/shadow_vmcs12"), head(PREFIX + "svm"))


def new_nested() -> Any:
    k = new(KvmNestedState)
    k.flags = k.format = k.smm_flags = k.vmcb_pa = 0
    k.size, k.vmxon_pa, k.vmcs12_pa = 128, ALL, ALL
    k.vmcs12, k.shadow_vmcs12, k.vmcb12 = zeros("B", 4096), zeros("B", 4096), zeros("B", 4096)
    return k


def save_nested(k: Any) -> bytes:
    data = STATE.pack(k.flags, k.format, k.size)
    if k._vmx_is_on():
        data += ON + VMX.pack(k.vmxon_pa, k.vmcs12_pa, k.smm_flags)
        if k._has_vmcs():
            data += VMCS + k.vmcs12.tobytes()
        if k._has_shadow():
            data += SHADOW + k.shadow_vmcs12.tobytes()
    if k._svm_is_on():
        data += SVM_ON + SVM.pack(k.vmcb_pa, k.vmcb12.tobytes())
    return data


def load_nested(k: Any, data: bytes, at: int) -> int:
    k.flags, k.format, k.size = STATE.unpack_from(data, at)
    at += 8
    while data.startswith(name(PREFIX)[2:], at + 2):
        if data.startswith(ON, at):
            at += len(ON) + 18
            k.vmxon_pa, k.vmcs12_pa, k.smm_flags = VMX.unpack_from(data, at - 18)
        elif data.startswith(VMCS, at):
            at += len(VMCS) + 4096
            k.vmcs12 = array("B", data[at - 4096:at])
        elif data.startswith(SHADOW, at):
            at += len(SHADOW) + 4096
            k.shadow_vmcs12 = array("B", data[at - 4096:at])
        elif data.startswith(SVM_ON, at):
            at += len(SVM_ON) + SVM.size
            k.vmcb_pa, block = SVM.unpack_from(data, at - SVM.size)
            k.vmcb12 = array("B", block)
        else:
            refuse("no subsection of cpu/kvm_nested_state")
    k._refuse_misfit(1)
    return at
