"""Registers of an x86 processor that are records of their own.

QEMU target/i386/machine.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from collections.abc import Iterable

from vmstate import local, state, tmp, uint, uint16, uint32, uint64, view

from .wide import long
from .x86_bits import SEGMENT

LDT, BUSY_TSS = 0x8200, 0x8B00
REAL_MODE_DATA, REAL_MODE_CODE = 0x9300, 0x9B00  # flags of a segment that is there: writable; readable code


@state("segment", version=1)
class Segment:
    """A segment register with its hidden part; or a table's place and limit."""

    selector: int = uint32()
    base: int = uint(long)
    limit: int = uint32(reset=0xFFFF)
    flags: int = uint32(means=SEGMENT)


def _data() -> Segment:
    return Segment(limit=0xFFFF, flags=REAL_MODE_DATA)


def _code() -> Segment:
    return Segment(selector=0xF000, base=0xFFFF_0000, limit=0xFFFF, flags=REAL_MODE_CODE)


def segments_at_reset() -> list[Segment]:
    """ES, CS, SS, DS, FS, GS."""
    return [_data(), _code(), _data(), _data(), _data(), _data()]


@state("fpreg_tmp", version=0)
class Float80:
    """How an x87 register goes by."""

    mantissa: int = uint64(name="tmp_mant")
    exponent: int = uint16(name="tmp_exp")

    @classmethod
    def pack(cls, register: "FpReg") -> "Float80":
        return cls(mantissa=register.bits & 0xFFFF_FFFF_FFFF_FFFF, exponent=register.bits >> 64)

    def unpack(self, register: "FpReg") -> None:
        register.bits = self.exponent << 64 | self.mantissa


@state("fpreg", version=0)
class FpReg:
    """An x87 register: 80 bits as one integer, of which MMX uses the low 64."""

    bits: int = local(0)
    _tmp = tmp(Float80)


@state("xmm_reg", version=1)
class VectorReg:
    """One of the vector registers 0 to 15: 128 bits; later records add the upper parts, up to 512."""

    q0: int = uint64(name="_q_ZMMReg[0]")
    q1: int = uint64(name="_q_ZMMReg[1]")

    upper = view("ymmh_reg", version=1)
    q2: int = uint64(name="_q_ZMMReg[2]")
    q3: int = uint64(name="_q_ZMMReg[3]")

    uppermost = view("zmmh_reg", version=1)
    q4: int = uint64(name="_q_ZMMReg[4]")
    q5: int = uint64(name="_q_ZMMReg[5]")
    q6: int = uint64(name="_q_ZMMReg[6]")
    q7: int = uint64(name="_q_ZMMReg[7]")


def have_uppermost(registers: Iterable[VectorReg]) -> bool:
    """Whether bits 256 to 511 of any say something."""
    return any([one.q4 or one.q5 or one.q6 or one.q7 for one in registers])  # noqa: C419  quicker by half


@state("hi16_zmm_reg", version=1)
class ZmmReg:
    """One of the vector registers 16 to 31, which came with AVX-512."""

    q0: int = uint64(name="_q_ZMMReg[0]")
    q1: int = uint64(name="_q_ZMMReg[1]")
    q2: int = uint64(name="_q_ZMMReg[2]")
    q3: int = uint64(name="_q_ZMMReg[3]")
    q4: int = uint64(name="_q_ZMMReg[4]")
    q5: int = uint64(name="_q_ZMMReg[5]")
    q6: int = uint64(name="_q_ZMMReg[6]")
    q7: int = uint64(name="_q_ZMMReg[7]")


def are_used(registers: Iterable[ZmmReg]) -> bool:
    """Whether any bit of any is set."""
    return any([  # noqa: C419
        one.q0 or one.q1 or one.q2 or one.q3 or one.q4 or one.q5 or one.q6 or one.q7 for one in registers])


@state("mtrr_var", version=1)
class MtrrVar:
    """A memory type range."""

    base: int = uint64()
    mask: int = uint64()


@state("bnd_regs", version=1)
class BoundReg:
    """An MPX bound register."""

    lb: int = uint64()
    ub: int = uint64()


def are_bounded(registers: Iterable[BoundReg]) -> bool:
    """Whether any bound of any is set."""
    return any(one.lb or one.ub for one in registers)


@state("lbr_records_var", version=1)
class BranchRecord:
    """A branch that was taken lately."""

    source: int = uint64(name="from")
    target: int = uint64(name="to")
    info: int = uint64()
