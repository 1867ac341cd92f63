"""Items of RAM, built by hand after QEMU's migration/ram.c, read and written again."""

import random
import zlib
from collections.abc import Sequence

import pytest

from migration.ram import items
from migration.ram.items import Block, BlockList, Flag, Item, ItemReader, Part, encode
from visitors._bytes import Cursor
from vmstate import DecodeError, LimitExceeded, Mismatch, Truncated, UnknownMember
from vmstate.errors import NeedMore

PAGE_SIZES = (256, 1024, 4096, 8192, 16384, 65536)
RAM, ROM = "pc.ram", "/rom@etc/acpi/tables"
CONTINUE = Flag.CONTINUE


def word(address: int, *flags: int) -> bytes:
    """An item's header: address and flags."""
    return (address | sum(flags)).to_bytes(8, "big")


def cstr8(name: str) -> bytes:
    """A length of one byte, and a name."""
    return bytes((len(name),)) + name.encode()


def block_list(*blocks: tuple[str, int], addresses: Sequence[int] = ()) -> bytes:
    """The item that starts it all."""
    told = [one.to_bytes(8, "big") for one in addresses] or [b""] * len(blocks)
    return word(sum(length for _, length in blocks), Flag.MEM_SIZE) + b"".join(
        cstr8(name) + length.to_bytes(8, "big") + address
        for (name, length), address in zip(blocks, told, strict=True))


def reader(page_size: int = 4096, pages: int = 64, with_addresses: bool = False) -> ItemReader:
    """One that knows two blocks."""
    made = ItemReader(page_size, with_addresses)
    start = ItemReader(page_size)
    start.next(Cursor(block_list((RAM, pages * page_size), (ROM, 2 * page_size))), 0)
    made.blocks.update(start.blocks)
    return made


def taken(by: ItemReader, data: bytes) -> list[Part]:
    """All parts of these bytes."""
    cursor, parts = Cursor(data), list[Part]()
    while cursor.left:
        parts.append(by.next(cursor, 0))
    return parts


def written(parts: Sequence[Part], data: bytes, page_size: int, with_addresses: bool = False) -> bytes:
    """The parts again."""
    return b"".join(
        encode(one, data[one.begin:one.end] if isinstance(one, Item) else b"", page_size, with_addresses)
        for one in parts)


def page_of(size: int, fill: int = 7) -> bytes:
    """A page that is not all alike."""
    return bytes((i * fill + 1) & 0xFF for i in range(size))


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize(
    ("flag", "data"),
    [(Flag.ZERO, b"\x00"), (Flag.ZERO, b"\xa5"), (Flag.PAGE, None), (Flag.XBZRLE, b"\x01\x00\x04\x00\x02\x39\x44")],
    ids=["zero", "fill", "page", "xbzrle"])
def test_a_page_that_names_its_block(page_size: int, flag: Flag, data: bytes | None) -> None:
    content = page_of(page_size) if data is None else data
    raw = word(3 * page_size, flag) + cstr8(RAM) + content
    (item,) = taken(reader(page_size), raw)
    assert item == Item(flag, 3 * page_size, RAM, True, len(raw) - len(content), len(raw))
    assert written([item], raw, page_size) == raw


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_a_page_that_continues(page_size: int) -> None:
    """In the block named last, which is remembered from body to body."""
    by = reader(page_size)
    named = word(0, Flag.ZERO) + cstr8(ROM) + b"\x00"
    ended = word(0, Flag.EOS)
    raw = word(page_size, Flag.PAGE, CONTINUE) + page_of(page_size)
    taken(by, named + ended)
    (item,) = taken(by, raw)
    assert item == Item(Flag.PAGE, page_size, ROM, False, 8, 8 + page_size)
    assert written([item], raw, page_size) == raw


@pytest.mark.parametrize("page_size", [one for one in PAGE_SIZES if one > Flag.COMPRESS_PAGE])
def test_a_compressed_page(page_size: int) -> None:
    by = reader(page_size)
    taken(by, word(0, Flag.ZERO) + cstr8(RAM) + b"\x00")
    packed = zlib.compress(page_of(page_size), 1)
    raw = word(page_size, Flag.COMPRESS_PAGE, CONTINUE) + len(packed).to_bytes(4, "big") + packed
    (item,) = taken(by, raw)
    assert item == Item(Flag.COMPRESS_PAGE, page_size, RAM, False, 8, len(raw))
    assert written([item], raw, page_size) == raw


@pytest.mark.parametrize("page_size", [one for one in PAGE_SIZES if one > Flag.MULTIFD_FLUSH])
def test_what_stands_alone(page_size: int) -> None:
    raw = word(0, Flag.MULTIFD_FLUSH) + word(0, Flag.EOS)
    parts = taken(reader(page_size), raw)
    assert parts == [Item(Flag.MULTIFD_FLUSH, 0, "", False, 8, 8), Item(Flag.EOS, 0, "", False, 16, 16)]
    assert written(parts, raw, page_size) == raw


def test_pages_of_256_bytes_have_no_flags_beyond() -> None:
    """0x122, 0x222 and 0x322 are zero pages at 0x100, 0x200 and 0x300."""
    by = reader(256)
    taken(by, word(0, Flag.ZERO) + cstr8(RAM) + b"\x00")
    raw = b"".join((at | 0x22).to_bytes(8, "big") + b"\x00" for at in (0x100, 0x200, 0x300))
    parts = taken(by, raw)
    assert [address for one in parts if isinstance(one, Item) for address, _, _ in one.pages(256)] == [
        0x100, 0x200, 0x300]
    assert written(parts, raw, 256) == raw


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("addresses", [(), (0x1_0000_0000, 0)], ids=["plain", "ignore-shared"])
def test_the_block_list(page_size: int, addresses: tuple[int, ...]) -> None:
    blocks = ((RAM, 16 * page_size), ("x" * 255, page_size))
    raw = block_list(*blocks, addresses=addresses)
    by = ItemReader(page_size, bool(addresses))
    (found,) = taken(by, raw)
    where = addresses or (None, None)
    expected = tuple(Block(*one, address) for one, address in zip(blocks, where, strict=True))
    assert found == BlockList(17 * page_size, expected)
    assert by.blocks == {one.name: one for one in expected}
    assert written([found], raw, page_size, bool(addresses)) == raw


def test_an_empty_block_list() -> None:
    assert taken(ItemReader(4096), word(0, Flag.MEM_SIZE)) == [BlockList(0, ())]


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_a_body_of_everything(page_size: int) -> None:
    """Runs are joined, and end where block, flag, fill or order does; written again it is the same."""
    pages = [
        word(0, Flag.PAGE) + cstr8(RAM) + page_of(page_size),
        *(word(i * page_size, Flag.PAGE, CONTINUE) + page_of(page_size, i) for i in range(1, 5)),
        *(word(i * page_size, Flag.ZERO, CONTINUE) + b"\x00" for i in range(5, 20)),
        word(20 * page_size, Flag.ZERO, CONTINUE) + b"\x01",
        *(word(i * page_size, Flag.ZERO, CONTINUE) + b"\x02" for i in (21, 23, 24)),
        word(25 * page_size, Flag.XBZRLE, CONTINUE) + b"\x01\x00\x03\x00\x01\x39",
        word(26 * page_size, Flag.XBZRLE, CONTINUE) + b"\x01\x00\x03\x00\x01\x38",
        word(0, Flag.ZERO) + cstr8(ROM) + b"\x00",
        word(page_size, Flag.ZERO, CONTINUE) + b"\x00",
    ]
    raw = b"".join(pages) + word(0, Flag.EOS)
    parts = taken(reader(page_size), raw)
    assert written(parts, raw, page_size) == raw
    runs = [(one.flag, one.address // page_size, one.count) for one in parts if isinstance(one, Item)]
    assert runs == [
        (Flag.PAGE, 0, 5), (Flag.ZERO, 5, 15), (Flag.ZERO, 20, 1), (Flag.ZERO, 21, 1), (Flag.ZERO, 23, 2),
        (Flag.XBZRLE, 25, 1), (Flag.XBZRLE, 26, 1), (Flag.ZERO, 0, 2), (Flag.EOS, 0, 1)]


def test_the_pages_of_a_run_are_where_they_are() -> None:
    content = [page_of(4096, i) for i in range(4)]
    raw = b"".join((word(0, Flag.PAGE) + cstr8(RAM) if i == 0 else word(i * 4096, Flag.PAGE, CONTINUE)) + one
                   for i, one in enumerate(content))
    (run,) = taken(reader(), raw)
    assert isinstance(run, Item)
    found = [(address, raw[begin:end]) for address, begin, end in run.pages(4096)]
    assert found == [(i * 4096, one) for i, one in enumerate(content)]


def test_a_run_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(items.RUNS, Flag.ZERO | int(CONTINUE), 3)
    raw = word(0, Flag.ZERO) + cstr8(RAM) + b"\x00"
    raw += b"".join(word(i * 4096, Flag.ZERO, CONTINUE) + b"\x00" for i in range(1, 8))
    parts = taken(reader(), raw)
    assert [one.count for one in parts if isinstance(one, Item)] == [3, 3, 2]
    assert written(parts, raw, 4096) == raw


def test_a_run_ends_with_its_block() -> None:
    """What follows lies beyond the block, and is refused."""
    raw = word(0, Flag.ZERO) + cstr8(ROM) + b"\x00" + word(4096, Flag.ZERO, CONTINUE) + b"\x00"
    by, cursor = reader(), Cursor(raw + word(8192, Flag.ZERO, CONTINUE) + b"\x00")
    run = by.next(cursor, 0)
    assert isinstance(run, Item)
    assert run.count == 2
    with pytest.raises(Mismatch, match="which has 0x2000 bytes"):
        by.next(cursor, 0)


def test_a_base_is_added() -> None:
    raw = word(0, Flag.ZERO) + cstr8(RAM) + b"\x00"
    item = reader().next(Cursor(raw), 1000)
    assert item == Item(Flag.ZERO, 0, RAM, True, 1000 + len(raw) - 1, 1000 + len(raw))


def test_random_bodies() -> None:
    """Whatever the order of pages, blocks and kinds."""
    random_ = random.Random(5)  # noqa: S311 - the same bodies each time
    for _ in range(200):
        page_size, block, raw = random_.choice((256, 1024, 4096)), "", b""
        for _ in range(random_.randrange(1, 30)):
            name = random_.choice((RAM, RAM, RAM, ROM))
            address = random_.randrange(2 if name == ROM else 64) * page_size
            flag, data = random_.choice((
                (Flag.ZERO, random_.choice((b"\x00", b"\xff"))), (Flag.PAGE, random_.randbytes(page_size)),
                (Flag.XBZRLE, b"\x01\x00\x03\x00\x01z")))
            again = name == block and random_.random() < 0.8
            raw += word(address, flag, CONTINUE if again else 0) + (b"" if again else cstr8(name)) + data
            block = name
        parts = taken(reader(page_size), raw)
        assert written(parts, raw, page_size) == raw


def test_blocks_that_are_not_listed() -> None:
    """Their names are taken as they come; how long they are nobody tells."""
    raw = word(1 << 40, Flag.ZERO) + cstr8("unheard of") + b"\0" + word((1 << 40) + 4096, Flag.ZERO, CONTINUE) + b"\0"
    by = ItemReader(4096, unlisted=True)
    assert taken(by, raw) == [Item(Flag.ZERO, 1 << 40, "unheard of", True, len(raw) - 10, len(raw), 2)]
    assert by.blocks == {"unheard of": Block("unheard of", None)}
    for name in ("", "\t"):
        with pytest.raises(UnknownMember):
            taken(ItemReader(4096, unlisted=True), word(0, Flag.ZERO) + cstr8(name) + b"\0")


@pytest.mark.parametrize("addresses", [(), (0x1_0000_0000, 0)], ids=["plain", "ignore-shared"])
def test_pages_of_the_host(addresses: tuple[int, ...]) -> None:
    """Behind a block's length, if it is one of those that were told."""
    plain = block_list((RAM, 0x40_0000), (ROM, 0x1000), addresses=addresses)
    at = 8 + 1 + len(RAM) + 8
    raw = plain[:at] + (0x20_0000).to_bytes(8, "big") + plain[at:]
    by = ItemReader(4096, bool(addresses), host_pages=0x20_1000)
    (found,) = taken(by, raw)
    assert isinstance(found, BlockList)
    assert [one.page_size for one in found.blocks] == [0x20_0000, None]
    assert written([found], raw, 4096, bool(addresses)) == raw
    assert taken(ItemReader(4096, bool(addresses), host_pages=0x20_1000), plain) == taken(
        ItemReader(4096, bool(addresses)), plain)


# -- what is refused

HOSTILE: list[tuple[str, bytes, type[DecodeError], str]] = [
    ("a block that is not listed", word(0, Flag.ZERO) + cstr8("vga.vram") + b"\0", UnknownMember, "vga.vram"),
    ("continuing in none", word(0, Flag.ZERO, CONTINUE) + b"\0", UnknownMember, "''"),
    ("beyond its block", word(64 * 4096, Flag.ZERO) + cstr8(RAM) + b"\0", Mismatch, "which has 0x40000 bytes"),
    ("far beyond", word(0xFFFF_FFFF_FFFF_F000, Flag.PAGE) + cstr8(RAM) + bytes(4096), Mismatch, "0xfffffffffffff000"),
    ("between two pages", word(0x800, Flag.ZERO) + cstr8(RAM) + b"\0", Mismatch, "the page size may be another"),
    ("no flag", word(0x1000), Mismatch, "no item of RAM"),
    ("FULL", word(0, Flag.FULL), Mismatch, "no item of RAM"),
    ("HOOK", word(0, Flag.HOOK), Mismatch, "no item of RAM"),
    ("two kinds", word(0, Flag.ZERO, Flag.PAGE) + cstr8(RAM), Mismatch, "no item of RAM"),
    ("EOS that continues", word(0, Flag.EOS, CONTINUE), Mismatch, "no item of RAM"),
    ("a list that continues", word(0x1000, Flag.MEM_SIZE, CONTINUE), Mismatch, "no item of RAM"),
    ("XBZRLE otherwise encoded", word(0, Flag.XBZRLE) + cstr8(RAM) + b"\x02\x00\x01z", Mismatch, "encoding"),
    ("XBZRLE beyond a page", word(0, Flag.XBZRLE) + cstr8(RAM) + b"\x01\x10\x01" + bytes(4097), LimitExceeded, "4097"),
    ("compressed to more", word(0, Flag.COMPRESS_PAGE) + cstr8(RAM) + b"\xff\xff\xff\xff", LimitExceeded, "4294967295"),
    ("a block longer than all", word(0x1000, Flag.MEM_SIZE) + cstr8(RAM) + (0x2000).to_bytes(8, "big"), Mismatch,
     "0x2000 bytes, of 0x1000"),
    ("a block of 2^64-1", word(0x1000, Flag.MEM_SIZE) + cstr8(RAM) + b"\xff" * 8, Mismatch, "0xffffffffffffffff"),
    ("blocks less than all", word(0x3000, Flag.MEM_SIZE) + cstr8(RAM) + (0x2000).to_bytes(8, "big"), Truncated,
     "expected 1 byte, got 0"),
    ("a name that is longer", word(0, Flag.ZERO) + b"\xffpc.ram", Truncated, "expected 255 bytes, got 6"),
    ("half a page", word(0, Flag.PAGE) + cstr8(RAM) + bytes(4095), Truncated, "expected 4096 bytes, got 4095"),
    ("half a header", word(0, Flag.EOS)[:7], Truncated, "expected 8 bytes, got 7"),
]


@pytest.mark.parametrize(("raw", "kind", "text"), [one[1:] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_what_is_refused(raw: bytes, kind: type[DecodeError], text: str) -> None:
    with pytest.raises(kind, match=text) as caught:
        taken(reader(), raw)
    assert type(caught.value) is kind
    assert caught.value.offset is not None
    assert 0 <= caught.value.offset <= len(raw)


def test_a_list_of_endless_empty_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "MOST_BLOCKS", 10)
    raw = word(0x1000, Flag.MEM_SIZE) + (cstr8("") + bytes(8)) * 20
    with pytest.raises(LimitExceeded, match="more than 10 blocks"):
        taken(ItemReader(4096), raw)


@pytest.mark.parametrize("raw", [
    word(0, Flag.PAGE) + cstr8(RAM) + page_of(4096), word(0, Flag.ZERO) + cstr8(RAM) + b"\x00",
    word(0, Flag.XBZRLE) + cstr8(RAM) + b"\x01\x00\x03\x00\x01z", block_list((RAM, 0x2000), (ROM, 0x1000)),
    word(0, Flag.EOS),
], ids=["page", "zero", "xbzrle", "list", "eos"])
def test_what_is_not_all_there_may_still_come(raw: bytes) -> None:
    """Nothing is remembered of what was not complete."""
    by = reader()
    before = (by.block, dict(by.blocks))
    for size in range(len(raw)):
        with pytest.raises(NeedMore):
            by.next(Cursor(raw[:size], whole=False), 0)
        assert (by.block, by.blocks) == before
    by.next(Cursor(raw, whole=False), 0)


@pytest.mark.parametrize(("flag", "size"), [(Flag.PAGE, 4096), (Flag.ZERO, 1)])
def test_a_run_up_to_the_last_address(flag: Flag, size: int) -> None:
    last = (1 << 64) - 4096
    raw = b"".join(word(address, flag, CONTINUE) + bytes(size) for address in (last - 4096, last, 0))
    by = ItemReader(4096, unlisted=True)
    by.blocks["a"], by.block = Block("a", None), "a"
    first, second = taken(by, raw)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.count, second.count, second.address) == (2, 1, 0)
    assert written([first, second], raw, 4096) == raw


@pytest.mark.parametrize("flag", [Flag.ZERO, Flag.PAGE])
@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 10, 71, 72, 73, 74, 200])
def test_where_a_run_breaks(flag: Flag, length: int) -> None:
    """A page that is left out, or is of another kind, or has another fill."""
    data = b"\0" if flag == Flag.ZERO else page_of(256)
    run = b"".join(word(i * 256, flag, CONTINUE) + data for i in range(length))
    behind = length * 256
    for end in (word(behind + 256, flag, CONTINUE) + data, word(behind, Flag.XBZRLE, CONTINUE) + b"\1\0\0",
                word(behind, Flag.ZERO, CONTINUE) + b"\7"):
        by = reader(256, 300)
        by.block = RAM
        (first, second) = taken(by, run + end)
        assert isinstance(first, Item)
        assert first.count == length
        assert isinstance(second, Item)
        assert second.count == 1
        assert written([first, second], run + end, 256) == run + end
