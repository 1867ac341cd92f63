"""What an Arm processor can have, as far as it decides what is sent; and how a stream's bytes tell.

QEMU target/arm/machine.c, cpu.h; checked against QEMU 5.2, 7.2, 10.0, and by streams and its binary with 11.1.
"""

import re
from enum import IntFlag, auto

from vmstate import HookRefused

from ..ahead import LOOKED_AT

HEADING = re.compile(rb"\x05([\x05-\x40])(cpu/[a-z0-9/_-]+)\0\0\0", re.DOTALL)
M_SECURITY_SIZE = 21 * 4  # without the regions

AARCH32, CPSR_THUMB, CPSR_FAULTS, CPSR_INTERRUPTS, SINGLE_STEP = 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 21
EXCEPTION, XPSR_THUMB = 0x1FF, 1 << 24
SHARED = 0xFE0F_FC00
"""Flags, saturation, the state of an IT block, and GE: the bits of a CPSR which are the same in an XPSR."""

FPCR_IN_FPSCR, FPSR_IN_FPSCR = 0x07FF_9F00, 0xF800_009F
LTPSIZE_SHIFT, LTPSIZE = 16, 4  # with MVE's low overhead branches its only value

SVCR, ZA_ENABLED = 0x6030_0000_0013_DA12, 1 << 1
UNSENT = 0xFFFF_FFFF


class Line(IntFlag):
    """Interrupt lines, as they stand among what a processor is asked for."""

    IRQ = 0x002
    FIQ = 0x010
    VIRQ = 0x040
    VFIQ = 0x200


LINES = Line.IRQ | Line.FIQ | Line.VIRQ | Line.VFIQ


class Feature(IntFlag):
    """Features of the CPU model that decide whether a subsection is sent."""

    VFP = auto()
    IWMMXT = auto()
    M = auto()
    M_CSSELR = auto()
    M_V8 = auto()
    M_SECURITY = auto()
    MVE = auto()
    THUMB2EE = auto()
    PMSAV7 = auto()
    PMSAV8 = auto()
    PMSAV8R = auto()
    SVE = auto()
    SME2 = auto()
    WFXT = auto()
    FPMR = auto()


SUBSECTIONS = {
    "cpu/vfp": Feature.VFP, "cpu/iwmmxt": Feature.IWMMXT,
    "cpu/m": Feature.M, "cpu/m/csselr": Feature.M_CSSELR, "cpu/m/v8m": Feature.M_V8, "cpu/m/fp": Feature.VFP,
    "cpu/m/mve": Feature.MVE, "cpu/thumb2ee": Feature.THUMB2EE, "cpu/pmsav7-rnr": Feature.M,
    "cpu/pmsav7": Feature.PMSAV7, "cpu/pmsav8": Feature.PMSAV8, "cpu/pmsav8/pmsav8r": Feature.PMSAV8R,
    "cpu/m-security": Feature.M_SECURITY, "cpu/sve": Feature.SVE, "cpu/zt0": Feature.SME2,
    "cpu/irq-line-state": Feature(0), "cpu/wfxt-timer": Feature.WFXT, "cpu/fpmr": Feature.FPMR,
}
"""Those that tell something, in QEMU's order, and the one that always comes: what that one has is no feature."""


def taken_over(own: dict[int, int], indexes: list[int], values: list[int]) -> dict[int, int]:
    """A processor's system registers with the values that came. Raises HookRefused for one that it does not have.

    Both are in ascending order. As in QEMU, what comes behind the processor's last one is not looked at.
    """
    taken, at = dict(own), 0
    for index in own:
        if at == len(indexes):
            break
        if indexes[at] < index:
            raise HookRefused(f"system register {indexes[at]:#x}, which this processor does not have")
        if indexes[at] == index:
            taken[index] = values[at]
            at += 1
    return taken


def xpsr_of(sent: int) -> tuple[int, int, int]:
    """XPSR, FAULTMASK and PRIMASK. Up to QEMU 2.9 all three came as a CPSR, which has a mode in its lowest bits."""
    if not sent & EXCEPTION:
        return sent, 0, 0
    thumb = XPSR_THUMB if sent & CPSR_THUMB else 0
    return sent & SHARED | thumb, int(bool(sent & CPSR_FAULTS)), int(bool(sent & CPSR_INTERRUPTS))


def is_misaligned(cpsr: int, pc: int, is_m: bool) -> bool:
    """Whether a Thumb instruction is at an odd address."""
    thumb = cpsr & XPSR_THUMB if is_m else cpsr & AARCH32 and cpsr & CPSR_THUMB
    return bool(thumb and pc & 1)


def _sizes(ahead: memoryview) -> dict[str, int]:
    """Bytes in each subsection ahead, without those inside it.

    Where nothing bounds the section, other processors' follow: those begin at the front of QEMU's order again.
    """
    looked = bytes(ahead[:LOOKED_AT])
    found = [(one[2].decode(), one.start(), one.end() + 1) for one in HEADING.finditer(looked)
             if len(one[2]) == one[1][0]]
    ends = [*(begin for _, begin, _ in found[1:]), len(looked)]
    sizes, places, last = dict[str, int](), list(SUBSECTIONS), -1
    for (name, _, begin), end in zip(found, ends, strict=True):
        if (place := places.index(name) if name in SUBSECTIONS else last) < last or name in sizes:
            break
        sizes[name], last = end - begin, place
    return sizes


def feature_bits_ahead(ahead: memoryview) -> bool:
    """Whether the features themselves come next: no processor is without any, and later QEMUs send zeros."""
    return any(ahead[:8])


def features_ahead(ahead: memoryview) -> int:
    """The features that show."""
    told = Feature(0)
    for name in _sizes(ahead):
        told |= SUBSECTIONS.get(name, Feature(0))
    return told.value


def mpu_regions_ahead(ahead: memoryview) -> int:
    """Regions of the memory protection unit: three words each, or two."""
    sizes = _sizes(ahead)
    return sizes.get("cpu/pmsav7", 0) // 12 or (sizes.get("cpu/pmsav8", 8) - 8) // 8


def hyp_regions_ahead(ahead: memoryview) -> int:
    """Regions of the hypervisor's memory protection unit."""
    return _sizes(ahead).get("cpu/pmsav8/pmsav8r", 0) // 8


def sau_regions_ahead(ahead: memoryview) -> int:
    """Regions of the security attribution unit, which are sent with those of the secure protection unit."""
    size = _sizes(ahead).get("cpu/m-security", 0)
    return max(0, (size - M_SECURITY_SIZE) // 8 - mpu_regions_ahead(ahead))
