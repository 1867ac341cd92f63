"""Guest memory as the pages of a stream leave it: a judge of what was read, against QEMU's own dump of it."""

import zlib
from collections.abc import Callable
from typing import Self

import zstandard

from devices.catalogue import registry
from migration.ram.items import BlockList, Flag, Item
from migration.ram.multifd import Packet
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Body, Ram
from tests.interop.guest import PAGE

UNPACKERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "none": lambda: bytes,
    "zlib": lambda: zlib.decompressobj().decompress,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress,
}
"""What unpacks the pages of one multifd channel, packet after packet."""


class Memory:
    """Blocks by name, written by one stream and by the channels beside it."""

    def __init__(self) -> None:
        self.blocks: dict[str, bytearray] = {}

    def stream(self, data: bytes) -> Self:
        """All pages of a main stream, or of one that goes on where another ended."""
        for event in Stream(data, registry()).events():
            if isinstance(event, Ram):
                self._part(event.part, data)
        return self

    def _part(self, part: object, data: bytes) -> None:
        if isinstance(part, BlockList):
            for one in part.blocks:
                self.blocks.setdefault(one.name, bytearray(one.used_length))
        if isinstance(part, Item) and part.block:
            for address, begin, end in part.pages(PAGE):
                self.write(part.block, address, PAGES[part.flag](self.page(part.block, address), data[begin:end]))

    def channel(self, data: bytes) -> Self:
        """All pages of a multifd channel."""
        packet, unpack = Packet(), None
        for event in Stream(data, registry()).events():
            if isinstance(event, Section):
                packet = event.decoded.state
            elif isinstance(event, Body):
                unpack = unpack or UNPACKERS[packet.method]()
                pages = unpack(data[event.begin:event.end])
                assert len(pages) == packet.normal_pages * PAGE
                for i, offset in enumerate(packet.offsets[:packet.normal_pages]):
                    self.write(packet.block, offset, pages[i * PAGE:(i + 1) * PAGE])
        return self

    def page(self, block: str, address: int) -> bytes:
        """One page of a block."""
        return bytes(self.blocks[block][address:address + PAGE])

    def write(self, block: str, address: int, page: bytes) -> None:
        """Puts a page into a block."""
        assert len(page) == PAGE
        self.blocks[block][address:address + PAGE] = page


def delta(old: bytes, data: bytes) -> bytes:
    """A page, from what it was before and an XBZRLE encoding: runs of what stays and of what is new, by turns."""
    page, at, place = bytearray(old), 0, 0
    while at < len(data):
        stays, at = _length(data, at)
        new, at = _length(data, at)
        place += stays
        page[place:place + new] = data[at:at + new]
        place, at = place + new, at + new
    return bytes(page)


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length of one byte or two (LEB128), and where it ends."""
    if data[at] < 0x80:
        return data[at], at + 1
    return data[at] & 0x7F | data[at + 1] << 7, at + 2


PAGES: dict[Flag, Callable[[bytes, bytes], bytes]] = {
    Flag.ZERO: lambda _, data: data * PAGE,
    Flag.PAGE: lambda _, data: data,
    Flag.COMPRESS_PAGE: lambda _, data: zlib.decompress(data[4:]),
    Flag.XBZRLE: lambda old, data: delta(old, data[3:]),
}
"""A page, from what it was before and the data of an item."""
