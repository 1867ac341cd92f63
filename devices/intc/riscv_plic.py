"""SiFive's platform-level interrupt controller, which most RISC-V boards have.

QEMU hw/intc/sifive_plic.c, include/hw/riscv/*.h; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from collections.abc import Iterator

from vmstate import array, setting, state, uint32

from ..ends import nearest

WORD = 32
BOARDS = (
    (96, range(2, 1025, 2)),  # virt: harts with two modes
    (96, range(1, 16, 2)),  # with one
    (127, range(2, 1025, 2)),  # virt of QEMU 5.2
    (54, range(3, 10, 2)),  # sifive_u
    (187, range(3, 10, 2)),  # microchip-icicle-kit
    (185, range(3, 10, 2)),  # the same of QEMU 5.2 and 7.2
    (53, range(1, 2)),  # sifive_e
    (127, range(1, 2)),  # the same of QEMU 5.2 and 7.2
    (180, range(1, 2)),  # opentitan
    (28, range(2, 3)),  # shakti_c
)
"""Interrupt sources of a board's controller, with 0, which is none; and the contexts that it may have."""


def _words(sources: int) -> int:
    return (sources + WORD - 1) // WORD


def _wirings(ahead: memoryview) -> Iterator[tuple[tuple[int, int], int]]:
    """Sources and contexts of a board, and the bytes of its controller's state, if there are so many."""
    for sources, possible in BOARDS:
        words = _words(sources)
        for contexts in possible:
            if (size := 4 * (sources + contexts + words * (2 + contexts))) > len(ahead):
                break
            yield (sources, contexts), size


def _told(ahead: memoryview) -> tuple[int, int] | None:
    """The only wiring that fits; a virt of 18 or 20 harts is as long as an icicle-kit of 4 or 5, and has to be told."""
    return nearest(_wirings(ahead), ahead)


def _sources_told(ahead: memoryview) -> int | None:
    told = _told(ahead)
    return None if told is None else told[0]


def _contexts_told(ahead: memoryview) -> int | None:
    told = _told(ahead)
    return None if told is None else told[1]


@state("riscv_sifive_plic", version=1, target="riscv32,riscv64")
class SifivePlic:
    """Sources, and contexts: a mode of a hart that takes interrupts, one of two on most boards."""

    num_sources: int = setting(96, told=_sources_told)
    num_addrs: int = setting(2, told=_contexts_told)
    source_priority: list[int] = array(uint32(), "num_sources")
    target_priority: list[int] = array(uint32(), "num_addrs", means="threshold of a context")
    pending: list[int] = array(uint32(), "bitfield_words", means="a bit for each source")
    claimed: list[int] = array(uint32(), "bitfield_words", means="a bit for each source")
    enable: list[int] = array(uint32(), "num_enables", means="for each context, a bit for each source")

    @property
    def bitfield_words(self) -> int:
        """Words with a bit for each source."""
        return _words(self.num_sources)

    @property
    def num_enables(self) -> int:
        """Words with a bit for each source, for each context."""
        return self.bitfield_words * self.num_addrs
