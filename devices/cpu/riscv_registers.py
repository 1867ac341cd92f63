"""What RISC-V processors of all versions have in common: extensions, interrupts, and registers that are records.

QEMU target/riscv/cpu.h, cpu_bits.h, cpu_helper.c, pmp.h; checked against QEMU 5.2, 7.2, 10.0, and by its description
with 11.1.
"""

from enum import IntEnum, IntFlag

from vmstate import boolean, state, uint, uint8, uint64

from .wide import long

ALL = 0xFFFF_FFFF_FFFF_FFFF
RESET_VECTOR = 0x1000
WIDE_STATUS = 2 << 32 | 2 << 34  # of mstatus: supervisor and user have 64 bits
ADDRESS_MATCH = 2 << 60  # type of a trigger, in tdata1
ADUE = 1 << 61  # of menvcfg: page tables are updated by the processor
REGISTERS, COUNTERS, TRIGGERS = 32, 32, 2
VECTOR_WORDS = 32 * 1024 // 64


class Misa(IntFlag):
    """The extensions with a letter, as the register misa has them."""

    A = 1 << 0
    C = 1 << 2
    D = 1 << 3
    E = 1 << 4
    F = 1 << 5
    H = 1 << 7
    I = 1 << 8  # noqa: E741  its letter
    J = 1 << 9
    M = 1 << 12
    S = 1 << 18
    U = 1 << 20
    V = 1 << 21


PLAIN = Misa.I | Misa.M | Misa.A | Misa.F | Misa.D | Misa.C | Misa.S | Misa.U
"""Of the models `rv32` and `rv64`, which since QEMU 7.2 have H besides."""


class Extension:
    """Bits for what the CPU model has besides, and that decides whether a subsection is sent, by QEMU's names."""

    PMP = 1 << 0
    DEBUG = 1 << 1
    SSTC = 1 << 2
    ZVE32X = 1 << 3
    SMSTATEEN = 1 << 4
    ZCMT = 1 << 5
    ZICFILP = 1 << 6
    ZICFISS = 1 << 7
    SMCTR = 1 << 8
    SSCTR = 1 << 9
    SMEPMP = 1 << 10
    ZKR = 1 << 11
    SMMPM = 1 << 12
    CTR = SMCTR | SSCTR
    SECURE = SMEPMP | ZKR | SMMPM | ZICFILP


USUAL = Extension.PMP | Extension.DEBUG | Extension.SSTC
"""Of the models `rv32` and `rv64`."""


class Feature(IntFlag):
    """What older QEMUs tell of a CPU model."""

    MMU = 1 << 0
    PMP = 1 << 1
    EPMP = 1 << 2
    MISA = 1 << 3
    DEBUG = 1 << 4


class Width(IntEnum):
    """The width of registers."""

    BITS_32 = 1
    BITS_64 = 2
    BITS_128 = 3


class Privilege(IntEnum):
    """The mode that a processor is in."""

    USER = 0
    SUPERVISOR = 1
    MACHINE = 3


class PrivilegedVersion(IntEnum):
    """The version of the privileged architecture."""

    V1_10 = 0
    V1_11 = 1
    V1_12 = 2
    V1_13 = 3


class Interrupt(IntFlag):
    """Interrupts, a bit each: software, timer and external, of supervisor, virtual supervisor and machine."""

    SSI = 1 << 1
    VSSI = 1 << 2
    MSI = 1 << 3
    STI = 1 << 5
    VSTI = 1 << 6
    MTI = 1 << 7
    SEI = 1 << 9
    VSEI = 1 << 10
    MEI = 1 << 11
    SGEI = 1 << 12
    LCOFI = 1 << 13


HYPERVISOR = Interrupt.VSSI | Interrupt.VSTI | Interrupt.VSEI | Interrupt.SGEI
"""What a processor with a hypervisor mode always delegates."""

BY_PRIORITY = (
    47, 23, 46, 45, 22, 44, 43, 21, 42, 41, 20, 40, 11, 3, 7, 9, 1, 5, 12, 10, 2, 6,
    39, 19, 38, 37, 18, 36, 35, 17, 34, 33, 16, 32,
)
"""Interrupts in the order that the Advanced Interrupt Architecture gives them; all others come after these."""
FIRST_PRIORITY, LAST_PRIORITY = 4, 255
MACHINE_EXTERNAL, SUPERVISOR_EXTERNAL = 11, 9
TO_GUESTS = {1, 5, *range(13, 24)}


def _priorities() -> list[int]:
    return [FIRST_PRIORITY + BY_PRIORITY.index(irq) if irq in BY_PRIORITY else LAST_PRIORITY for irq in range(64)]


def priorities(own: int) -> list[int]:
    """The default priorities of a mode whose own external interrupt is this one."""
    return [0 if irq == own else priority for irq, priority in enumerate(_priorities())]


def guest_priorities() -> list[int]:
    """The default priorities of interrupts that a hypervisor may hand to a guest."""
    return [priority if irq in TO_GUESTS else 0 for irq, priority in enumerate(_priorities())]


@state("cpu/pmp/entry", version=1)
class LongPmpEntry:
    """A rule of physical memory protection."""

    addr_reg: int = uint(long)
    cfg_reg: int = uint8()


@state("cpu/pmp/entry", version=2)
class PmpEntry:
    """A rule of physical memory protection, since QEMU 11.1."""

    addr_reg: int = uint64()
    cfg_reg: int = uint8()


@state("cpu/pmu", version=1)
class StartedCounter:
    """A performance counter; in 32 bits it has two halves."""

    mhpmcounter_val: int = uint(long)
    mhpmcounterh_val: int = uint(long)
    mhpmcounter_prev: int = uint(long)
    mhpmcounterh_prev: int = uint(long)
    started: bool = boolean()


@state("cpu/pmu", version=2)
class LongCounter:
    """A performance counter; in 32 bits it has two halves."""

    mhpmcounter_val: int = uint(long)
    mhpmcounterh_val: int = uint(long)
    mhpmcounter_prev: int = uint(long)
    mhpmcounterh_prev: int = uint(long)


@state("cpu/pmu", version=3)
class Counter:
    """A performance counter."""

    mhpmcounter_val: int = uint64()
    mhpmcounter_prev: int = uint64()
