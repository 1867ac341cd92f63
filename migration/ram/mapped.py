"""The block list of a file with mapped RAM: behind each block its bitmap, and its pages at their fixed places.

After QEMU's migration/ram.c of 9.0 to 11.1. An entry is followed by a header of 28 bytes (version, page size, and the
absolute file offsets of bitmap and pages), the bitmap (bit i: page i is stored; words of a little-endian host), a gap,
and the block's whole length. What a clear bit stands over, and what is in the gap, is nothing; it is kept as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from visitors._bytes import Cursor
from vmstate.errors import LimitExceeded, Mismatch, Unsupported
from vmstate.nodes import Node, node

VERSION, WORD = 1, 8
MOST_AT_ONCE = 1 << 20
AT_ONCE = 1 << 12
"""Bytes of a bitmap that are looked at together."""


@node
class MappedBlock(Node):
    """One entry of the list, with its header. `begin` to `end` of the input is its bitmap.

    `address`: where the guest has it, with x-ignore-shared.
    """

    name: str
    used_length: int
    address: int | None
    version: int
    page_size: int
    bitmap_offset: int
    pages_offset: int
    begin: int
    end: int


@node
class Stored(Node):
    """A part of a block as it lies in the file: pages that are all stored or all not, or (no block) the gap before."""

    block: str
    address: int
    pages: int
    stored: bool
    begin: int
    end: int


MappedPart = MappedBlock | Stored


def take_block(
    cursor: Cursor, base: int, name: str, length: int, address: int | None
) -> tuple[MappedBlock, Iterator[tuple[int, int]]]:
    """The header and bitmap behind an entry; and the runs of bits in the bitmap, as (bit, pages).

    `base` is the cursor's own offset in the file. Raises DecodeError where the header cannot be true.
    """
    version, page_size = cursor.number(4), cursor.number(8)
    if version != VERSION:
        raise Unsupported(f"mapped RAM of version {version}", expected=str(VERSION), offset=cursor.taken_at)
    bitmap_offset, pages_offset = cursor.number(8), cursor.number(8)
    if page_size < 256 or page_size & page_size - 1:
        raise Mismatch(f"a page of {page_size} bytes", offset=cursor.taken_at)
    begin = base + cursor.at
    pages = -(-length // page_size)
    bitmap = cursor.take(-(-pages // (8 * WORD)) * WORD)
    if bitmap_offset != begin or not base + cursor.at <= pages_offset <= base + cursor.end:
        raise Mismatch(f"block {name!r}: bitmap at {bitmap_offset:#x}, pages at {pages_offset:#x}, "
                       f"and its entry ends at {begin:#x}", offset=cursor.taken_at)
    end = base + cursor.at
    block = MappedBlock(name, length, address, version, page_size, bitmap_offset, pages_offset, begin, end)
    return block, runs(bytes(bitmap), pages)


def runs(bitmap: bytes, pages: int) -> Iterator[tuple[int, int]]:
    """Runs of equal bits: the bit, and how many pages have it."""
    last, length = 0, 0
    for at in range(0, len(bitmap), AT_ONCE):
        for bit, count in _runs(bitmap[at:at + AT_ONCE], min(8 * AT_ONCE, pages - 8 * at)):
            if bit != last and length:
                yield last, length
                length = 0
            last, length = bit, length + count
    if length:
        yield last, length


def _runs(bitmap: bytes, pages: int) -> Iterator[tuple[int, int]]:
    """Those within a piece of the bitmap, its bits as text."""
    bits = bin(int.from_bytes(bitmap, "little") | 1 << max(0, pages))[:2:-1]
    at = 0
    while at < pages:
        other = bits.find("10"[int(bits[at])], at)
        end = pages if other < 0 else other
        yield int(bits[at]), end - at
        at = end


def stored(block: MappedBlock, cursor: Cursor, base: int, found: Iterator[tuple[int, int]]) -> Iterator[Stored]:
    """The gap, then the pages, at most 1 MiB each time; the cursor goes along."""
    at = base + cursor.at
    while at < block.pages_offset:
        end = min(block.pages_offset, at + MOST_AT_ONCE)
        cursor.take(end - at)
        yield Stored("", 0, 0, False, at, end)
        at = end
    address, most = 0, max(1, MOST_AT_ONCE // block.page_size)
    for bit, count in found:
        for pages in [most] * (count // most) + [count % most] * (count % most > 0):
            size = min(pages * block.page_size, block.used_length - address)
            begin = base + cursor.at
            cursor.take(size)
            yield Stored(block.name, address, pages, bool(bit), begin, begin + size)
            address += size
    if address != block.used_length:
        raise LimitExceeded(f"block {block.name!r}: {address:#x} of {block.used_length:#x} bytes have pages")


def encode(part: MappedPart, data: bytes) -> bytes:
    """The part as QEMU writes it; `data` are the bytes that it refers to."""
    if isinstance(part, Stored):
        return data
    name = part.name.encode("utf-8", "surrogateescape")
    long = (part.used_length,) if part.address is None else (part.used_length, part.address)
    places = (part.page_size, part.bitmap_offset, part.pages_offset)
    numbers = [*(n.to_bytes(8, "big") for n in long), part.version.to_bytes(4, "big"),
               *(n.to_bytes(8, "big") for n in places)]
    return bytes((len(name),)) + name + b"".join(numbers) + data
