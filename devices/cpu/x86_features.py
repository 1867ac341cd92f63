"""What an x86 processor can have, and what KVM holds of a hypervisor in the guest (VMX or SVM).

QEMU target/i386/cpu.h, target/i386/machine.c, Linux arch/x86/include/uapi/asm/kvm.h; checked against QEMU 5.2, 7.2,
10.0.
"""

from enum import IntEnum

from vmstate import HookRefused, Packed, array, post_load, state, subsection, uint8, uint16, uint32, uint64

from ..ahead import LOOKED_AT, heading
from .x86_registers import Segment

ALL = 0xFFFF_FFFF_FFFF_FFFF
DEBUG, PAGE_FAULT = 1, 14  # exceptions
REENLIGHTENED = 1 << 16  # of Hyper-V's reenlightenment control
CS, SEGMENT_PRIVILEGE = 1, 3 << 13

HEADER = 128  # bytes of struct kvm_nested_state before its data
BLOCK = 0x1000  # bytes of a VMCS or VMCB


class Feature:
    """Bits for features of the CPU model that decide whether a subsection is sent, by QEMU's names; for Xen's guests
    one more.
    """

    LMCE = 1 << 0
    HV_RUNTIME = 1 << 1
    TSC_SCALE = 1 << 2
    TSX_CTRL = 1 << 3
    SGX_LC = 1 << 4
    XFD = 1 << 5
    FRED = 1 << 6
    AMX_TILE = 1 << 7
    ARCH_LBR = 1 << 8
    CET_SHSTK = 1 << 9
    CET_IBT = 1 << 10
    CET = CET_SHSTK | CET_IBT
    XEN = 1 << 11

    @staticmethod
    def shown(ahead: memoryview) -> int:
        """Those that the subsections ahead tell."""
        looked = bytes(ahead[:LOOKED_AT])
        return sum(feature for begin, feature in SUBSECTIONS.items() if begin in looked)


SUBSECTIONS = {heading(f"cpu/{name}"): feature for name, feature in {
    "msr_hyperv_runtime": Feature.HV_RUNTIME, "amd_tsc_scale_msr": Feature.TSC_SCALE, "mcg_ext_ctl": Feature.LMCE,
    "xen_vcpu": Feature.XEN, "msr_tsx_ctrl": Feature.TSX_CTRL, "intel_sgx": Feature.SGX_LC, "msr_xfd": Feature.XFD,
    "fred": Feature.FRED, "intel_amx_xtile": Feature.AMX_TILE, "arch_lbr": Feature.ARCH_LBR, "cet": Feature.CET_IBT,
    "cet_shstk": Feature.CET_SHSTK,
}.items()}
"""How those begin that are sent for a feature, whatever else."""

class InFlags:
    """Bits of QEMU's own flags: the first two of hflags, the last of hflags2."""

    PRIVILEGE = 3
    GUEST = 1 << 21
    NESTED_PAGING = 1 << 6


def clear_privilege(segments: list[Segment]) -> None:
    """In real mode segments have no privilege level; old KVMs gave them one."""
    if segments[CS].flags & SEGMENT_PRIVILEGE:
        for segment in segments:
            segment.flags &= ~SEGMENT_PRIVILEGE


class NestedFormat(IntEnum):
    """Which vendor's virtualization."""

    VMX = 0
    SVM = 1


@state("cpu/kvm_nested_state", version=1)
class KvmNestedState:
    """struct kvm_nested_state. `size` is that of the struct with its data, and tells which control blocks are there."""

    flags: int = uint16()
    format: int = uint16(means=NestedFormat)
    size: int = uint32(reset=HEADER, means="bytes")

    @subsection("cpu/kvm_nested_state/vmx", version=1)
    def _vmx_is_on(self) -> bool:
        return self.is_vmx

    vmxon_pa: int = uint64(reset=ALL, name="hdr.vmx.vmxon_pa")
    vmcs12_pa: int = uint64(reset=ALL, name="hdr.vmx.vmcs12_pa")
    smm_flags: int = uint16(name="hdr.vmx.smm.flags")

    @subsection("cpu/kvm_nested_state/vmx/vmcs12", version=1)
    def _has_vmcs(self) -> bool:
        return self.is_vmx and self.size > HEADER

    vmcs12: Packed = array(uint8(), BLOCK, packed=True, name="data.vmx[0].vmcs12")

    @subsection("cpu/kvm_nested_state/vmx/shadow_vmcs12", version=1)
    def _has_shadow(self) -> bool:
        return self.is_vmx and self.size > HEADER + BLOCK

    shadow_vmcs12: Packed = array(uint8(), BLOCK, packed=True, name="data.vmx[0].shadow_vmcs12")

    @subsection("cpu/kvm_nested_state/svm", version=1)
    def _svm_is_on(self) -> bool:
        return self.is_svm

    vmcb_pa: int = uint64(name="hdr.svm.vmcb_pa")
    vmcb12: Packed = array(uint8(), BLOCK, packed=True, name="data.svm[0].vmcb12")

    @property
    def is_vmx(self) -> bool:
        """Whether the guest has turned VMX on."""
        return self.format == NestedFormat.VMX and self.vmxon_pa != ALL

    @property
    def is_svm(self) -> bool:
        """Whether there is an SVM control block."""
        return self.format == NestedFormat.SVM and self.size > HEADER

    @post_load
    def _refuse_misfit(self, version: int) -> None:
        if self.size < HEADER:
            raise HookRefused(f"KVM's nested state has {self.size} bytes, less than its header")
        if self.format not in (NestedFormat.VMX, NestedFormat.SVM):
            raise HookRefused(f"KVM's nested state has no format {self.format}")
