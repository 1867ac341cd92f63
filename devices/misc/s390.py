"""What s390x guests have per page, and their clock: sections that QEMU writes by hand.

QEMU hw/s390x/s390-skeys.c, s390-stattrib.c, tod.c; checked against QEMU 10.0, which sends attributes under KVM alone.
"""

from enum import IntEnum

from vmstate import boolean, chain, check, nested, sized_buffer, state, uint8, uint64

FLAGS = 0xFFF  # below a page's address


class Key(IntEnum):
    """What a chunk of keys is. An end with an error stands behind keys that are all zeros."""

    EOS = 1
    SKEYS = 2
    ERROR = 4


class Attribute(IntEnum):
    """What a chunk of attributes is. All have come: the destination applies them."""

    EOS = 1
    MORE = 2
    ERROR = 4
    DONE = 8


@state("s390-skeys-chunk")
class KeysChunk:
    """The keys of pages in a row, or the end."""

    @property
    def is_last(self) -> bool:
        """Whether the section's body ends here."""
        return not self._has_keys()

    def _has_keys(self) -> bool:
        return self.head & FLAGS == Key.SKEYS

    head: int = uint64(reset=Key.EOS, means="the first page's address, and what this is: 1 end, 2 keys, 4 error")
    keys: bytearray = sized_buffer(64, when=_has_keys, means="one a page")

    @check("keys come, or their end without an error")
    def _is_sound(self) -> bool:
        return self.head & FLAGS in (Key.EOS, Key.SKEYS)


@state("s390-skeys", by_hand=True)
class StorageKeys:
    """The storage keys of all pages."""

    chunks: list[KeysChunk] = chain(nested(KeysChunk), until="is_last")


@state("s390-storage_attributes-chunk")
class AttributesChunk:
    """The attributes of pages in a row, or an end."""

    @property
    def is_last(self) -> bool:
        """Whether the section's body ends here."""
        return self.head & FLAGS not in (Attribute.MORE, Attribute.DONE)

    def _has_values(self) -> bool:
        return self.head & FLAGS == Attribute.MORE

    head: int = uint64(
        reset=Attribute.EOS, means="the first page's address, and what this is: 1 end, 2 more, 4 error, 8 done")
    values: bytearray = sized_buffer(64, when=_has_values, means="one a page")

    @check("attributes come, or their end without an error")
    def _is_sound(self) -> bool:
        return self.head & FLAGS in (Attribute.EOS, Attribute.MORE, Attribute.DONE)


@state("s390-storage_attributes", version=0)
class StorageAttributes:
    """One section's attributes of pages; they come in parts."""

    chunks: list[AttributesChunk] = chain(nested(AttributesChunk), until="is_last")


@state("todclock", by_hand=True)
class TodClock:
    """The time-of-day clock, if the host would tell it."""

    def _is_present(self) -> bool:
        return self.is_present

    is_present: bool = boolean(reset=True)
    high: int = uint8(when=_is_present, means="epoch index")
    low: int = uint64(when=_is_present, means="units of 1/4096 µs, since 1900")
