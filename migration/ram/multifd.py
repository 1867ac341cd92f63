"""What goes by on a multifd channel: one initial packet, then packets of pages (QEMU migration/multifd.c, 4.0 to 11.1).

A packet is a header of fixed length, with one slot for each page that it could carry, and behind it the pages as its
method has them. The number of slots (524288 bytes divided by the page size) is not in every packet: it is a setting.
"""

from __future__ import annotations

from vmstate import array, buffer, constant, setting, state, uint8, uint32, uint64, unused

MAGIC, VERSION = 0x11223344, 1
PACKET_BYTES = 524288
SYNC, DEVICE_STATE = 0x01, 0x40
METHODS = {0x00: "none", 0x02: "zlib", 0x04: "zstd", 0x08: "QPL", 0x10: "UADK", 0x20: "QATzip"}
METHOD_BITS = 0x3E
FIXED = 320
SLOTS = tuple(PACKET_BYTES // size for size in (4096, 1024, 2048, 8192, 16384, 65536, 32768, 512, 256))
"""Slots of a header, for pages of each size; the likeliest first."""


@state("multifd-initial")
class Initial:
    """The first packet of a channel: whose it is. 64 bytes."""

    _magic = constant(uint32(), MAGIC)
    _version = constant(uint32(), VERSION)
    uuid: bytearray = buffer(16)
    id: int = uint8()
    _unused = unused(39)


@state("multifd-packet")
class Packet:
    """Pages of one block: first those whose data follow, then those that are all zeros. 320 bytes and the offsets.

    QEMU up to 8.x leaves what it does not use as the packet before had it: offsets, name, the size of the data.
    """

    _magic = constant(uint32(), MAGIC)
    _version = constant(uint32(), VERSION)
    flags: int = uint32(means="1 sync, 2 zlib, 4 zstd, 8 QPL, 0x10 UADK, 0x20 QATzip")
    pages_alloc: int = uint32(means="count of slots")
    normal_pages: int = uint32(means="count")
    next_packet_size: int = uint32(means="bytes of data")
    packet_num: int = uint64(means="count over all channels")
    zero_pages: int = uint32(means="count")
    _reserved = unused(28)
    ramblock: bytearray = buffer(256)
    slots: int = setting(SLOTS[0])
    offsets: list[int] = array(uint64(), "slots", name="offset")

    @property
    def block(self) -> str:
        """The block's name."""
        return self.ramblock.split(b"\0")[0].decode("utf-8", "replace")

    @property
    def method(self) -> str:
        """How the data are packed; empty where nobody knows."""
        return METHODS.get(self.flags & METHOD_BITS, "")


@state("multifd-device-state")
class DeviceState:
    """State of a device (VFIO) beside the main channel, since QEMU 10.0. 276 bytes; its data follow."""

    _magic = constant(uint32(), MAGIC)
    _version = constant(uint32(), VERSION)
    flags: int = uint32(reset=DEVICE_STATE)
    idstr: bytearray = buffer(256)
    instance_id: int = uint32()
    next_packet_size: int = uint32(means="bytes of data")
