"""A RISC-V processor of 32 or 64 bits, as QEMU 5.2 has it.

QEMU target/riscv/machine.c; checked against QEMU 5.2.
"""

from vmstate import Packed, array, nested, setting, state, subsection, uint, uint32, uint64

from .riscv_registers import (
    ALL,
    PLAIN,
    REGISTERS,
    RESET_VECTOR,
    Feature,
    Interrupt,
    LongPmpEntry,
    Misa,
    Privilege,
)
from .wide import Wide, long

PMP_ENTRIES = 16
VECTOR_WORDS = 32 * 256 // 64
V1_11, V0_7_1 = 0x11100, 0x701
BITS_64 = 2 << 62


@state("cpu", version=1, target="riscv32,riscv64")
class RiscvCpuV1(Wide):
    """One processor (a hart): first what all have, then in subsections what it has of each extension."""

    long_bits: int = setting(64, 32)

    gpr: list[int] = array(uint(long), REGISTERS, name="env.gpr")
    fpr: list[int] = array(uint64(), REGISTERS, name="env.fpr")
    pc: int = uint(long, name="env.pc", reset=RESET_VECTOR)
    load_res: int = uint(long, name="env.load_res", reset=ALL)
    load_val: int = uint(long, name="env.load_val")
    frm: int = uint(long, name="env.frm", means="rounding mode of floats")
    badaddr: int = uint(long, name="env.badaddr")
    guest_phys_fault_addr: int = uint(long, name="env.guest_phys_fault_addr")
    priv_ver: int = uint(long, name="env.priv_ver", reset=V1_11, means="0x11000 is 1.10, 0x11100 1.11")
    vext_ver: int = uint(long, name="env.vext_ver", reset=V0_7_1)
    misa: int = uint(long, name="env.misa", reset=BITS_64 | PLAIN, means=Misa)
    misa_mask: int = uint(long, name="env.misa_mask", reset=BITS_64 | PLAIN, means=Misa)
    features: int = uint32(name="env.features", reset=Feature.MMU | Feature.PMP, means=Feature)
    priv: int = uint(long, name="env.priv", reset=Privilege.MACHINE, means=Privilege)
    virt: int = uint(long, name="env.virt")
    resetvec: int = uint(long, name="env.resetvec", reset=RESET_VECTOR)
    mhartid: int = uint(long, name="env.mhartid")
    mstatus: int = uint64(name="env.mstatus")
    mip: int = uint(long, name="env.mip", means=Interrupt)
    miclaim: int = uint32(name="env.miclaim", means=Interrupt)
    mie: int = uint(long, name="env.mie", means=Interrupt)
    mideleg: int = uint(long, name="env.mideleg", means=Interrupt)
    sptbr: int = uint(long, name="env.sptbr")
    satp: int = uint(long, name="env.satp")
    sbadaddr: int = uint(long, name="env.sbadaddr")
    mbadaddr: int = uint(long, name="env.mbadaddr")
    medeleg: int = uint(long, name="env.medeleg")
    stvec: int = uint(long, name="env.stvec")
    sepc: int = uint(long, name="env.sepc")
    scause: int = uint(long, name="env.scause")
    mtvec: int = uint(long, name="env.mtvec")
    mepc: int = uint(long, name="env.mepc")
    mcause: int = uint(long, name="env.mcause")
    mtval: int = uint(long, name="env.mtval")
    scounteren: int = uint(long, name="env.scounteren")
    mcounteren: int = uint(long, name="env.mcounteren")
    sscratch: int = uint(long, name="env.sscratch")
    mscratch: int = uint(long, name="env.mscratch")
    mfromhost: int = uint64(name="env.mfromhost")
    mtohost: int = uint64(name="env.mtohost")
    timecmp: int = uint64(name="env.timecmp")

    @subsection("cpu/pmp", version=1)
    def _protects_memory(self) -> bool: return bool(self.features & Feature.PMP)
    pmp: list[LongPmpEntry] = array(nested(LongPmpEntry), PMP_ENTRIES, name="env.pmp_state.pmp")

    @subsection("cpu/hyper", version=1)
    def _has_hypervisor(self) -> bool: return bool(self.misa & Misa.H)
    hstatus: int = uint(long, name="env.hstatus")
    hedeleg: int = uint(long, name="env.hedeleg")
    hideleg: int = uint(long, name="env.hideleg", means=Interrupt)
    hcounteren: int = uint(long, name="env.hcounteren")
    htval: int = uint(long, name="env.htval")
    htinst: int = uint(long, name="env.htinst")
    hgatp: int = uint(long, name="env.hgatp")
    htimedelta: int = uint64(name="env.htimedelta")
    vsstatus: int = uint64(name="env.vsstatus")
    vstvec: int = uint(long, name="env.vstvec")
    vsscratch: int = uint(long, name="env.vsscratch")
    vsepc: int = uint(long, name="env.vsepc")
    vscause: int = uint(long, name="env.vscause")
    vstval: int = uint(long, name="env.vstval")
    vsatp: int = uint(long, name="env.vsatp")
    mtval2: int = uint(long, name="env.mtval2")
    mtinst: int = uint(long, name="env.mtinst")
    stvec_hs: int = uint(long, name="env.stvec_hs")
    sscratch_hs: int = uint(long, name="env.sscratch_hs")
    sepc_hs: int = uint(long, name="env.sepc_hs")
    scause_hs: int = uint(long, name="env.scause_hs")
    stval_hs: int = uint(long, name="env.stval_hs")
    satp_hs: int = uint(long, name="env.satp_hs")
    mstatus_hs: int = uint64(name="env.mstatus_hs")

    @subsection("cpu/vector", version=1)
    def _has_vectors(self) -> bool: return bool(self.misa & Misa.V)
    vreg: Packed = array(uint64(), VECTOR_WORDS, packed=True, name="env.vreg")
    vxrm: int = uint(long, name="env.vxrm")
    vxsat: int = uint(long, name="env.vxsat")
    vl: int = uint(long, name="env.vl")
    vstart: int = uint(long, name="env.vstart")
    vtype: int = uint(long, name="env.vtype")
