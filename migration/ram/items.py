"""The body of a `ram` record: items, each a number of address and flags, up to one that ends the body.

After QEMU's migration/ram.c, 5.2 to 11.1. Flags are the low bits below the page size. An item that carries a page names
its block, unless it continues in the block named last; that block is remembered from record to record.

Pages that follow each other in memory and in the stream, all alike, are one item with a count: a guest of 1 GiB is a
few hundred items, not a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum

from visitors._bytes import Cursor
from vmstate.errors import LimitExceeded, Mismatch, NeedMore, UnknownMember
from vmstate.nodes import Node, node

from . import runs
from .mapped import MappedPart, stored, take_block
from .mapped import encode as encode_mapped

MOST_BLOCKS = 65536
MOST_ZEROS, MOST_PAGES = 65536, 256
"""Pages of one item: the bytes it refers to stay within about 1 MiB where pages have 4 KiB."""


class Flag(IntEnum):
    """What an item is. CONTINUE goes with those that carry a page."""

    FULL = 0x01
    ZERO = 0x02
    MEM_SIZE = 0x04
    PAGE = 0x08
    EOS = 0x10
    CONTINUE = 0x20
    XBZRLE = 0x40
    HOOK = 0x80
    COMPRESS_PAGE = 0x100
    MULTIFD_FLUSH = 0x200


@node
class Block(Node):
    """One block of guest memory. `used_length`: in bytes; None in a stream that lists no blocks.

    `address`, the guest's, and `page_size`, the host's for this block, are told where they stand in the list.
    """

    name: str
    used_length: int | None
    address: int | None = None
    page_size: int | None = None


@node
class Item(Node):
    """One item, or `count` pages one after the other. `address` is the first one's offset in its block, in bytes.

    Bytes `begin` to `end` of the input are their data, with the next one's header of 8 bytes between two. `named`: the
    first names its block, rather than continuing in it.
    """

    flag: Flag
    address: int
    block: str
    named: bool
    begin: int
    end: int
    count: int = 1

    def __init__(
        self, flag: Flag, address: int, block: str, named: bool, begin: int, end: int, count: int = 1
    ) -> None:
        put = object.__setattr__  # by itself, for a stream may have a million of these
        put(self, "flag", flag)
        put(self, "address", address)
        put(self, "block", block)
        put(self, "named", named)
        put(self, "begin", begin)
        put(self, "end", end)
        put(self, "count", count)

    def pages(self, page_size: int) -> Iterator[tuple[int, int, int]]:
        """Address, begin and end of each page's data."""
        size = (self.end - self.begin - HEADER * (self.count - 1)) // self.count
        for i in range(self.count):
            begin = self.begin + i * (size + HEADER)
            yield self.address + i * page_size, begin, begin + size


@node
class BlockList(Node):
    """The item that starts it all: every block, in the order of their pages."""

    total: int
    blocks: tuple[Block, ...]


Part = Item | BlockList | MappedPart


class ItemReader:
    """Takes items off a cursor. `base` is the cursor's own offset in the input.

    `with_addresses`: the block list tells guest addresses (x-ignore-shared); `mapped`: pages lie in it (mapped-ram).
    `host_pages`: the sizes of the host's pages in all blocks together, each a bit (postcopy-ram); the list then tells
    that of a block where it is not the usual one. `unlisted`: blocks need not be listed (a preempt channel).
    """

    def __init__(
        self, page_size: int, with_addresses: bool = False, mapped: bool = False, *, host_pages: int = 0,
        unlisted: bool = False,
    ) -> None:
        self.page_size, self.with_addresses, self.mapped = page_size, with_addresses, mapped
        self.host_pages, self.unlisted = host_pages, unlisted
        self.block = ""
        self.blocks: dict[str, Block] = {}
        self._unlisted = 0

    def with_pages(self, page_size: int) -> ItemReader:
        """One that knows the same, for pages of another size."""
        other = ItemReader(page_size, self.with_addresses, self.mapped, host_pages=self.host_pages,
                           unlisted=self.unlisted)
        other.blocks.update(self.blocks)
        return other

    def items(self, cursor: Cursor, base: int) -> Iterator[Part]:
        """The items up to EOS, which is the last of a body. Raises DecodeError; or NeedMore, between two."""
        while True:
            if self._unlisted:
                yield from self._mapped_block(cursor, base)
                continue
            yield (part := self.next(cursor, base))
            if isinstance(part, Item) and part.flag == Flag.EOS:
                return

    def _mapped_block(self, cursor: Cursor, base: int) -> Iterator[Part]:
        """One entry of a mapped list, and all that lies behind it. It is all there: a file is not fed in pieces."""
        if not cursor.whole:
            raise NeedMore
        name, length = self._entry(cursor, self._unlisted)
        address = cursor.number(8) if self.with_addresses else None
        block, found = take_block(cursor, base, name, length, address)
        self.blocks[name] = Block(name, length, address)
        self._unlisted -= length
        yield block
        yield from stored(block, cursor, base, found)

    def next(self, cursor: Cursor, base: int) -> Part:
        """One item; the cursor is behind it. EOS is the last of a body. Raises DecodeError, or NeedMore."""
        word = cursor.number(8)
        flags = word & self.page_size - 1
        address, begin = word - flags, cursor.taken_at
        kind = flags & ~CONTINUE
        if flags == Flag.MEM_SIZE:
            return self._block_list(cursor, address)
        if flags in ALONE:
            return Item(ALONE[flags], address, "", False, base + cursor.at, base + cursor.at)
        take = TAKES.get(kind)
        if take is None:
            raise Mismatch(f"{word:#x} is no item of RAM with pages of {self.page_size} bytes", offset=begin,
                           hint="the page size may be another")
        named = not flags & CONTINUE
        block = self._name(cursor) if named else self.block
        self._check(block, address, begin)
        at = cursor.at
        take(cursor, self.page_size)
        self.block = block
        count = self._run(cursor, word | CONTINUE, at, self.blocks[block].used_length)
        return Item(PAGED[kind], address, block, named, base + at, base + cursor.at, count)

    def _run(self, cursor: Cursor, word: int, at: int, length: int | None) -> int:
        """How many pages stand here in a row like the one at `at`, whose header was `word`; the cursor goes on."""
        size, page_size, flags = cursor.at - at, self.page_size, word & self.page_size - 1
        if flags not in RUNS:
            return 1
        word, end = word + page_size, cursor.at
        if int.from_bytes(cursor.data[end:end + HEADER], "big") != word:  # so it is behind most pages that stand alone
            return 1
        most = min(RUNS[flags], ((length or NO_LENGTH) - word + flags) // page_size + 1)
        fill = bytes(cursor.data[at:end]) if flags == Flag.ZERO | CONTINUE else b""
        more = runs.length(cursor.data[end:], word, page_size, size, fill, most - 1)
        cursor.at += more * (HEADER + size)
        return 1 + more

    def _name(self, cursor: Cursor) -> str:
        return bytes(cursor.take(cursor.take(1)[0])).decode("utf-8", "surrogateescape")

    def _check(self, name: str, address: int, begin: int) -> None:
        block = self.blocks.get(name)
        if block is None and self.unlisted and name and name.isprintable():
            block = self.blocks[name] = Block(name, None)
        if block is None:
            raise UnknownMember(f"a page of block {name!r}, which the stream has not listed", offset=begin)
        if block.used_length is not None and address >= block.used_length:
            raise Mismatch(f"a page at {address:#x} of block {name!r}, which has {block.used_length:#x} bytes",
                           offset=begin)

    def _entry(self, cursor: Cursor, left: int) -> tuple[str, int]:
        """A block's name and length; no longer than what the list has not told yet."""
        name = self._name(cursor)
        length = cursor.number(8)
        if length > left:
            raise Mismatch(f"block {name!r} has {length:#x} bytes, of {left:#x} that are left", offset=cursor.taken_at)
        return name, length

    def _host_page(self, cursor: Cursor) -> int | None:
        """A page size, if one of those stands here: neither the next name nor an item looks like one."""
        ahead = cursor.peek(8) if self.host_pages else b""
        size = int.from_bytes(ahead, "big")
        if len(ahead) < 8 or size & size - 1 or not size & self.host_pages:
            return None
        return cursor.number(8)

    def _block_list(self, cursor: Cursor, total: int) -> BlockList:
        if self.mapped:
            self._unlisted = total
            return BlockList(total, ())
        blocks: list[Block] = []
        left = total
        while left > 0:
            if len(blocks) >= MOST_BLOCKS:
                raise LimitExceeded(f"more than {MOST_BLOCKS} blocks of RAM")
            name, length = self._entry(cursor, left)
            page_size = self._host_page(cursor)
            blocks.append(Block(name, length, cursor.number(8) if self.with_addresses else None, page_size))
            left -= length
        self.blocks.update((one.name, one) for one in blocks)
        return BlockList(total, tuple(blocks))


def _zero(cursor: Cursor, _: int) -> None:
    cursor.take(1)


def _page(cursor: Cursor, page_size: int) -> None:
    cursor.take(page_size)


def _xbzrle(cursor: Cursor, page_size: int) -> None:
    if cursor.take(1)[0] != 1:
        raise Mismatch("an XBZRLE page of another encoding than 1", offset=cursor.taken_at)
    _sized(cursor, 2, page_size)


def _compressed(cursor: Cursor, page_size: int) -> None:
    _sized(cursor, 4, 2 * page_size + 1024)


def _sized(cursor: Cursor, width: int, most: int) -> None:
    length = cursor.number(width)
    if length > most:
        raise LimitExceeded(f"{length} bytes for one page", offset=cursor.taken_at)
    cursor.take(length)


HEADER, CONTINUE, NO_LENGTH = runs.HEADER, int(Flag.CONTINUE), 1 << 64
ALONE: dict[int, Flag] = {flag: flag for flag in (Flag.EOS, Flag.MULTIFD_FLUSH)}
PAGED: dict[int, Flag] = {flag: flag for flag in (Flag.ZERO, Flag.PAGE, Flag.XBZRLE, Flag.COMPRESS_PAGE)}
RUNS = {Flag.ZERO | CONTINUE: MOST_ZEROS, Flag.PAGE | CONTINUE: MOST_PAGES}
TAKES: dict[int, Callable[[Cursor, int], None]] = {
    Flag.ZERO: _zero, Flag.PAGE: _page, Flag.XBZRLE: _xbzrle, Flag.COMPRESS_PAGE: _compressed,
}
"""How the data of an item go by, after its header."""


def encode(part: Part, data: bytes, page_size: int, with_addresses: bool = False) -> bytes:
    """The item as QEMU writes it; `data` are the bytes that it refers to."""
    if isinstance(part, MappedPart):
        return encode_mapped(part, data)
    if isinstance(part, BlockList):
        head = (part.total | Flag.MEM_SIZE).to_bytes(8, "big")
        return head + b"".join(_encode_block(one, with_addresses) for one in part.blocks)
    plain = part.named or part.flag in ALONE
    word = part.address | part.flag | (0 if plain else CONTINUE)
    head = word.to_bytes(HEADER, "big") + (_cstr8(part.block) if part.named else b"")
    following = part.address + page_size | part.flag | CONTINUE
    return head + data if part.count == 1 else runs.headed(head, data, following, page_size, part.count)


def _encode_block(block: Block, with_addresses: bool) -> bytes:
    told = (block.used_length or 0, block.page_size, (block.address or 0) if with_addresses else None)
    return _cstr8(block.name) + b"".join(one.to_bytes(8, "big") for one in told if one is not None)


def _cstr8(name: str) -> bytes:
    data = name.encode("utf-8", "surrogateescape")
    return bytes((len(data),)) + data
