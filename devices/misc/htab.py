"""The hash table of a pseries guest, which comes in parts (section `spapr/htab`).

QEMU hw/ppc/spapr.c (htab_save_setup, htab_save_iterate, htab_load); checked against streams of QEMU 7.2 and 11.1.
"""

from vmstate import buffer, chain, int32, nested, state, uint32, uint64

ENTRY = 16


@state("spapr/htab")
class HtabStart:
    """How large the table is; all ones: the guest has none, and no more of it comes."""

    htab_shift: int = uint32(means="log2 of the table's bytes")


@state("spapr/htab-chunk")
class HtabChunk:
    """Entries one after the other: first those that are valid, then how many are not."""

    head: int = uint64(reset=1, means="index, 16 bits of valid entries, 16 of invalid ones")
    entries: bytearray = buffer("size")

    @property
    def size(self) -> int:
        """Bytes of the valid entries."""
        return ENTRY * (self.head >> 16 & 0xFFFF)


@state("spapr/htab")
class HtabPart:
    """Chunks, up to one that is all zeros."""

    status: int = int32(means="0, or -1 without a table")
    chunks: list[HtabChunk] = chain(nested(HtabChunk), marker=uint64())
