"""Guest memory in a document: what a RAM section's items say, with the bytes of their pages.

Each part is a list: what it is, where, how many, and how many bytes of each page are among the item's data. Pages in a
row that are all zeros are one part with one byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vmstate.errors import Mismatch

from ..ram.items import HEADER, Block, BlockList, Flag, Item, Part
from ..ram.mapped import MappedBlock, Stored


def listed(part: Part, data: bytes) -> tuple[list[Any], bytes]:
    """A part as a list, and the bytes of its pages. `data` is what it refers to in the stream."""
    match part:
        case Item(flag=flag, address=address, block=block, named=named, count=count):
            size = (len(data) - HEADER * (count - 1)) // count
            pages = data if count == 1 else b"".join(
                data[at:at + size] for at in range(0, len(data), size + HEADER))
            pages = data[:size] if flag == Flag.ZERO else pages
            return [flag.name, address, block if named else None, count, size], pages
        case BlockList(total=total, blocks=blocks):
            each = [[one.name, one.used_length, one.address, one.page_size] for one in blocks]
            return ["BLOCKS", total, each], b""
        case MappedBlock():
            told = [part.name, part.used_length, part.address, part.version, part.page_size, part.bitmap_offset]
            return ["MAPPED", *told, part.pages_offset, len(data)], data
        case Stored(block=block, address=address, pages=count, stored=stored):
            nothing = not any(data)
            return ["STORED", block, address, count, stored, len(data), nothing], b"" if nothing else data


def part_of(told: Sequence[Any], data: memoryview) -> tuple[Part, bytes, int]:
    """The part again, what it referred to in the stream, and how many of the item's bytes it took.

    Raises Mismatch where the list is none.
    """
    try:
        return PARTS[told[0]](told, data)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Mismatch(f"no part of guest memory: {error}", actual=repr(told)[:80]) from None


def _item(told: Sequence[Any], data: memoryview) -> tuple[Part, bytes, int]:
    name, address, block, count, size = told
    flag = Flag[name]
    if not 0 < count <= MOST or size < 0 or (flag == Flag.ZERO and size > 1):
        raise ValueError(f"{count} pages of {size} bytes")
    taken = size if flag == Flag.ZERO else size * count
    pages = bytes(data[:taken]) * (count if flag == Flag.ZERO else 1)
    if len(pages) != size * count:
        raise ValueError("the pages are not there")
    raw = pages if count == 1 else bytes(HEADER).join(pages[at:at + size] for at in range(0, len(pages), size))
    return Item(flag, address, block or "", block is not None, 0, len(raw), count), raw, taken


def _blocks(told: Sequence[Any], _: memoryview) -> tuple[Part, bytes, int]:
    total, each = told[1:]
    return BlockList(total, tuple(Block(*one) for one in each)), b"", 0


def _mapped(told: Sequence[Any], data: memoryview) -> tuple[Part, bytes, int]:
    name, length, address, version, page_size, bitmap, pages, size = told[1:]
    block = MappedBlock(name, length, address, version, page_size, bitmap, pages, 0, size)
    return block, _exactly(data, size), size


def _stored(told: Sequence[Any], data: memoryview) -> tuple[Part, bytes, int]:
    _, block, address, count, stored, size, nothing = told
    if not 0 <= size <= MOST_STORED:
        raise ValueError(f"{size} bytes at once")
    return Stored(block, address, count, stored, 0, size), bytes(size) if nothing else _exactly(data, size), (
        0 if nothing else size)


def _exactly(data: memoryview, size: int) -> bytes:
    if not 0 <= size <= len(data):
        raise ValueError("the bytes are not there")
    return bytes(data[:size])


MOST, MOST_STORED = 65536, 1 << 20
PARTS = {"BLOCKS": _blocks, "MAPPED": _mapped, "STORED": _stored, **{flag.name: _item for flag in Flag}}
