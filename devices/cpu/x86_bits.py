"""The bits of an x86 processor's registers by name.

Intel SDM volume 3, AMD APM volume 2; hflags as in QEMU target/i386/cpu.h of 10.0.
"""

from collections.abc import Iterable
from typing import Protocol

from vmstate import Register, Told


def _each(names: str) -> dict[int, str]:
    """One name for each bit from 0 on; `-` is a bit without one."""
    return {1 << bit: name for bit, name in enumerate(names.split()) if name != "-"}


EFLAGS = Register({
    **_each("CF - PF - AF - ZF SF TF IF DF OF"), 1 << 1: "", 3 << 12: "IOPL", 1 << 14: "NT", 1 << 16: "RF",
    1 << 17: "VM", 1 << 18: "AC", 1 << 19: "VIF", 1 << 20: "VIP", 1 << 21: "ID"})
CR0 = Register({
    **_each("PE MP EM TS ET NE"), 1 << 16: "WP", 1 << 18: "AM", 1 << 29: "NW", 1 << 30: "CD", 1 << 31: "PG"})
CR4 = Register({
    **_each("VME PVI TSD DE PSE PAE MCE PGE PCE OSFXSR OSXMMEXCPT UMIP LA57 VMXE SMXE - FSGSBASE PCIDE OSXSAVE KL SMEP "
            "SMAP PKE CET PKS UINTR - - LAM_SUP"), 1 << 32: "FRED"})
EFER = Register({1 << 0: "SCE", 1 << 8: "LME", 1 << 10: "LMA", 1 << 11: "NXE", 1 << 12: "SVME", 1 << 14: "FFXSR",
                 1 << 15: "TCE"})
MXCSR = Register({
    **_each("IE DE ZE OE UE PE DAZ IM DM ZM OM UM PM"),
    3 << 13: ("", "round down", "round up", "round to zero"), 1 << 15: "FZ"})
FPU_CONTROL = Register({
    **_each("IM DM ZM OM UM PM"), 1 << 6: "", 3 << 8: ("24 bits", "", "53 bits", ""),
    3 << 10: ("", "round down", "round up", "round to zero"), 1 << 12: "X"})
FPU_STATUS = Register({**_each("IE DE ZE OE UE PE SF ES C0 C1 C2"), 1 << 14: "C3", 7 << 11: "top", 1 << 15: "B"})
HFLAGS = Register({
    3 << 0: "CPL", 3 << 12: "IOPL",
    **_each("- - - INHIBIT_IRQ CS32 SS32 ADDSEG PE TF MP EM TS - - LMA CS64 RF VM AC SMM SVME GUEST OSFXSR SMAP IOBPT "
            "MPX_EN MPX_IU UMIP AVX_EN")})
HFLAGS2 = Register(_each("GIF HIF NMI VINTR SMM_INSIDE_NMI MPX_PR NPT IGNNE VGIF"))
XCR0 = Register(_each("x87 SSE AVX BNDREGS BNDCSR OPMASK ZMM_HI256 HI16_ZMM PT PKRU PASID CET_U CET_S HDC UINTR LBR "
                      "HWP XTILECFG XTILEDATA"))
MP_STATE = Register({7: ("RUNNABLE", "UNINITIALIZED", "INIT_RECEIVED", "HALTED", "SIPI_RECEIVED")})
MTRR_TYPE = Register({0xFF: ("UC", "WC", "", "", "WT", "WP", "WB"), 1 << 10: "fixed ranges", 1 << 11: "enabled"})
MISC_ENABLE = Register({
    1 << 0: "FAST_STRING", 1 << 3: "TCC", 1 << 7: "EMON", 1 << 11: "BTS_UNAVAILABLE", 1 << 12: "PEBS_UNAVAILABLE",
    1 << 16: "ENHANCED_SPEEDSTEP", 1 << 18: "MWAIT", 1 << 22: "LIMIT_CPUID", 1 << 23: "XTPR_DISABLE",
    1 << 34: "XD_DISABLE"})
FEATURE_CONTROL = Register({1 << 0: "LOCKED", 1 << 1: "VMX_IN_SMX", 1 << 2: "VMX", 1 << 17: "SGX_LC", 1 << 18: "SGX",
                            1 << 20: "LMCE"})
SPEC_CTRL = Register({1 << 0: "IBRS", 1 << 1: "STIBP", 1 << 2: "SSBD"})
SYSTEM_TYPES = ("", "TSS of 16 bits", "LDT", "busy TSS of 16 bits", "call gate of 16 bits", "task gate",
                "interrupt gate of 16 bits", "trap gate of 16 bits", "", "TSS", "", "busy TSS", "call gate", "",
                "interrupt gate", "trap gate")
DATA_TYPES = ("read-only", "writable", "read-only downwards", "writable downwards",
              "code", "readable code", "conforming code", "readable conforming code")
SEGMENT = Register({
    0x1F << 8: (*SYSTEM_TYPES, *(name for name in DATA_TYPES for _accessed in (False, True))),
    3 << 13: "DPL", 1 << 15: "", 1 << 20: "AVL", 1 << 21: "64 bits", 1 << 22: "32 bits", 1 << 23: "pages",
    0xFF: "", 0xF << 16: "", 0xFF << 24: ""})
DR6 = Register({**_each("B0 B1 B2 B3"), 1 << 13: "BD", 1 << 14: "BS", 1 << 15: "BT", 0xFF << 4: "", 0x1F << 8: "",
                0xFFFF << 16: ""})
KINDS, SIZES = ("execute", "write", "I/O", "access"), (1, 2, 8, 4)
GENERAL_DETECT = 1 << 13


DEBUG_AT_RESET = [0, 0, 0, 0, 0, 0, 0xFFFF_0FF0, 0x400]


class _Debugged(Protocol):
    @property
    def dr(self) -> list[int]: ...


def debug(cpu: _Debugged) -> dict[str, Told]:
    """What the debug registers ask for, and what has happened."""
    asked, met = cpu.dr[7], DR6.told(cpu.dr[6])
    points = {f"breakpoint {i}": _breakpoint(cpu.dr[i], asked >> 16 + 4 * i) for i in _enabled(asked)}
    return {**points, **({"DR6": met} if met else {}), **({"DR7": ["GD"]} if asked & GENERAL_DETECT else {})}


def _enabled(asked: int) -> Iterable[int]:
    return (i for i in range(4) if asked >> 2 * i & 3)


def _breakpoint(address: int, how: int) -> str:
    return f"{KINDS[how & 3]} at {address:#x}, {SIZES[how >> 2 & 3]} bytes"
