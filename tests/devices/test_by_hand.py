"""Sections that QEMU writes without a description: rows of chunks of which the last says so.

Bodies are from streams of QEMU 7.2 and 10.0 where one has them, else put together byte by byte, after QEMU's source.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.block.bulk import BLOCK, DiskChunk, Disks
from devices.block.dirty_bitmap import BitmapChunk, DirtyBitmaps
from devices.catalogue import registry
from devices.misc.s390 import AttributesChunk, KeysChunk, StorageAttributes, StorageKeys, TodClock
from devices.pci.vfio import FirstVfio, Tag, Vfio, VfioChunk, VfioConfiguration, VfioFunction
from tests.vmstate.exercise import chance, refusal
from visitors import qemufile, tree
from vmstate import Decoded, VMStateError, convert, decode, encode, load, record_of, save
from vmstate.errors import NeedMore
from vmstate.format import fits
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

BITMAPS = {
    "START": """
        1c 026e30 0466696e65 00008000 01  14 03626d30 00010000 01  1c 026e31 036f6666 00010000 00  01""",
    "PART": "01",
    "END": f"""
        4c 026e30 0466696e65 0000000000000000 00002000 0000000000000020 fc{31 * "00"}
        44 03626d30 0000000000000000 00002000 0000000000000020 0e{31 * "00"}
        4e 026e31 036f6666 0000000000000000 00001000
        2c 026e30 0466696e65  24 03626d30  2c 026e31 036f6666  01""",
}
"""Of a disk of 4 MiB with two bitmaps, written to from 64 KiB to 256 KiB, and one of 2 MiB with one that is off."""

DISKS = {
    "START": "0000000000000002",
    "PART": f"""0000000000001604 0000000000000001 026430 {BLOCK * "07"} 0000000000100009 026430 0000000000000002""",
    "END": "000000000000c804 0000000000000002",
}

KEYS = f"0000000000000002 0000000000002000 50000000000000300{7 * '0'}04 {(0x2000 - 17 + 4) * '00'} 0000000000000001"

END, SETUP, DATA, SENT, READY, CONFIG = (f"ffffffffef10000{i}" for i in (1, 3, 4, 5, 6, 2))


def _function(capability: str = "") -> str:
    """A PCI function of 256 bytes, perhaps with a capability at 0x40, and its four lines."""
    config = bytearray(256)
    if capability:
        config[6], config[0x34] = 0x10, 0x40
        config[0x40:0x40 + len(capability) // 2] = bytes.fromhex(capability)
    return f"00000002 {config.hex()} {16 * '00'}"


PLAIN, MSIX = _function(), _function("11000200") + 49 * "5a"  # three vectors
DISPLAY = f"05 19 {b'VFIOPCIDevice/VFIODisplay'.hex()} 00000001 {28 * 'fb'}"

BODIES = [
    *(pytest.param(DirtyBitmaps, body, id=f"dirty-bitmap {part}") for part, body in BITMAPS.items()),
    *(pytest.param(Disks, body, id=f"block {part}") for part, body in DISKS.items()),
    pytest.param(StorageKeys, "0000000000000001", id="s390-skeys without keys"),
    pytest.param(StorageKeys, KEYS, id="s390-skeys"),
    pytest.param(StorageKeys, "0000000000000002 0000000000000001 00 0000000000000004", id="s390-skeys in error"),
    pytest.param(StorageAttributes, "0000000000000001", id="s390-storage_attributes START"),
    pytest.param(StorageAttributes, "0000000000007002 0000000000000003 010203 0000000000000001",
                 id="s390-storage_attributes PART"),
    pytest.param(StorageAttributes, "0000000000000008 0000000000000001", id="s390-storage_attributes END"),
    pytest.param(TodClock, "01 00 e39d3bbab6555d28", id="todclock"),
    pytest.param(TodClock, "00", id="todclock unknown"),
    pytest.param(Vfio, SETUP + END, id="vfio START"),
    pytest.param(Vfio, DATA + "0000000000000003 010203" + SENT, id="vfio PART with all initial data"),
    pytest.param(Vfio, DATA + "0000000000000000" + END, id="vfio PART of 7.2"),
    pytest.param(Vfio, DATA + "0000000000000001 00" + DATA + "0000000000000002 ef10" + END, id="vfio END"),
    pytest.param(Vfio, END, id="vfio FULL with multifd"),
    pytest.param(Vfio, READY, id="vfio FULL with multifd, 10.1"),
    pytest.param(VfioConfiguration, CONFIG + PLAIN + END, id="vfio FULL"),
    pytest.param(VfioConfiguration, CONFIG + MSIX + END, id="vfio FULL with MSI-X"),
    pytest.param(VfioConfiguration, CONFIG + MSIX + DISPLAY + END, id="vfio FULL with a frame buffer"),
    pytest.param(FirstVfio, CONFIG + PLAIN + END + DATA + "0000000000000001 00" + END, id="vfio END of 5.2"),
]


def _places(data: bytes) -> list[int]:
    """Lengths of beginnings of it: all near its own ends, some of those between."""
    return sorted({*range(min(len(data), 100)), *range(0, len(data), 1 + len(data) // 50), *range(len(data))[-20:]})


def _walk(reader: Any, record: Any) -> None:
    Walk(reader, Mode.WIRE, Trial()).run(record, record.make())


@pytest.mark.parametrize(("kind", "body"), BODIES)
class TestBody:
    def test_is_rewritten(self, kind: Any, body: str) -> None:
        data = bytes.fromhex(body)
        decoded = decode(kind, data, qemufile)
        assert encode(decoded, qemufile) == data
        document = encode(decoded, tree)
        assert encode(decode(kind, document, tree), qemufile) == data
        assert convert(data, kind, qemufile, tree) == document
        assert convert(document, kind, tree, qemufile) == data

    def test_fits_one_record_once(self, kind: Any, body: str) -> None:
        data = bytes.fromhex(body)
        records = registry().for_section(f"0000:00:05.0/{record_of(kind).name}")
        found = [one for record in records for one in fits(record, data, qemufile) if isinstance(one, Decoded)]
        assert [one.record.kind for one in found] == [kind]

    def test_it_tells_its_own_end(self, kind: Any, body: str) -> None:
        """Fed piece by piece, and whatever follows. The rows within the longest bodies are like those of short ones."""
        data, record = bytes.fromhex(body), record_of(kind)
        for n in _places(data):
            with pytest.raises(NeedMore):
                _walk(qemufile.Reader(data[:n], whole=False), record)
        reader = qemufile.Reader(data + b"\x7e\0\0\0\7\2", whole=False)
        _walk(reader, record)
        assert reader.at == len(data)

    def test_no_part_of_it_is_one(self, kind: Any, body: str) -> None:
        data = bytes.fromhex(body)
        for n in _places(data):
            assert refusal(kind, data[:n]) is not None

    def test_mutated_bytes(self, kind: Any, body: str) -> None:
        data, pick = bytes.fromhex(body), chance(body[:500])
        for _ in range(60):
            mutated = bytearray(data)
            for _ in range(pick.randint(1, 3)):
                mutated[pick.randrange(len(mutated))] = pick.choice([0, 1, 2, 4, 8, 0x80, 0xFF, pick.randrange(256)])
            refusal(kind, bytes(mutated))


# -- chunks as another encoder writes them

def _number(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


@st.composite
def _behind(draw: Any, length: int) -> bytes:
    """Bytes behind their number."""
    data: bytes = draw(st.binary(max_size=9))
    return len(data).to_bytes(length, "big") + data


@st.composite
def bitmap_chunks(draw: Any, last: bool) -> bytes:
    """A chunk of a dirty bitmap, its flags in 1, 2 or 4 bytes."""
    flags = draw(st.integers(0, 0x3F)) << 1 | last
    rest = (draw(_behind(1)) if flags & 8 else b"") + (draw(_behind(1)) if flags & 4 else b"")
    if flags & 0x10:
        rest += draw(_number(4)) + bytes([draw(st.integers(0, 7))])
    elif flags & 0x60 == 0x40:
        rest += draw(_number(12)) + (b"" if flags & 2 else draw(_behind(8)))
    ahead = draw(st.sampled_from([b"", b"\x80", b"\xfe\xff\x12"]))
    return bytes(ahead) + bytes([flags]) + rest


@st.composite
def disk_chunks(draw: Any, last: bool) -> bytes:
    """A block of zeros, progress, or an end; the first may be an end too."""
    head = draw(st.integers(0, (1 << 55) - 1)) << 9
    flags = draw(st.sampled_from([2, 3 | 8, 6] if last else [1 | 8, 4]))
    name = draw(_behind(1)) if flags & 1 else b""
    return (head | flags).to_bytes(8, "big") + bytes(name)


def _paged(more: dict[int, bool], ends: list[int]) -> Any:
    """Chunks with a page's address; of some flags bytes follow."""
    @st.composite
    def chunks(draw: Any, last: bool) -> bytes:
        flags = draw(st.sampled_from(ends if last else sorted(more)))
        head = draw(st.integers(0, (1 << 52) - 1)) << 12 | flags
        return bytes(head.to_bytes(8, "big") + (draw(_behind(8)) if more.get(flags) else b""))
    return chunks


@st.composite
def vfio_chunks(draw: Any, last: bool) -> bytes:
    """A tag, and data behind one of them."""
    tag = draw(st.sampled_from([END, SENT, READY] if last else [SETUP, DATA]))
    return bytes.fromhex(tag) + (draw(_behind(8)) if tag == DATA else b"")


ROWS: dict[Any, Any] = {
    DirtyBitmaps: bitmap_chunks, Disks: disk_chunks, Vfio: vfio_chunks,
    StorageKeys: _paged({2: True}, [1, 4]), StorageAttributes: _paged({2: True, 8: False}, [1, 4]),
}


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: record_of(kind).name)
@given(data=st.data())
def test_rows(kind: Any, data: st.DataObject) -> None:
    chunks = data.draw(st.lists(ROWS[kind](last=False), max_size=5))
    chunks.append(data.draw(ROWS[kind](last=True)))
    body = b"".join(chunks)
    found = decode(kind, body, qemufile)
    assert [encode(Decoded(one, 1, record_of(type(one))), qemufile) for one in found.state.chunks] == chunks
    assert encode(found, qemufile) == body
    for n in range(len(body)):
        assert refusal(kind, body[:n]) is not None
    assert refusal(kind, body + b"\0") is not None


# -- what they say

def test_a_bitmap_chunk() -> None:
    first, *_, last = decode(DirtyBitmaps, bytes.fromhex(BITMAPS["END"]), qemufile).state.chunks
    assert first == BitmapChunk(
        flags=0x4C, node_alias=bytearray(b"n0"), bitmap_alias=bytearray(b"fine"), nr_sectors=8192,
        data=bytearray([0xFC]) + bytes(31))
    assert last == BitmapChunk()


@pytest.mark.parametrize(("flags", "said"), [
    ("41", 0x41), ("8041", 0x41), ("c101", 0x01), ("80800041", 0x41), ("ffff0001", 0x01)])
def test_flags_of_several_bytes(flags: str, said: int) -> None:
    """The last byte counts, as in QEMU, which keeps no more of them."""
    bits = bytes(20) if said & 0x40 else b""
    chunk = decode(BitmapChunk, bytes.fromhex(flags) + bits, qemufile).state
    assert (chunk.said, chunk.is_last) == (said, True)


def test_of_start_complete_and_bits_the_first_counts() -> None:
    both = bytes.fromhex("51 00010000 00")
    assert decode(BitmapChunk, both, qemufile).state.granularity == 1 << 16
    assert decode(BitmapChunk, b"\x61", qemufile).state.is_last


def test_reserved_flags_of_a_bitmap() -> None:
    with pytest.raises(VMStateError, match="8") as caught:
        decode(DirtyBitmaps, bytes.fromhex("11 00010000 08"), qemufile)
    assert (caught.value.path, caught.value.offset) == (("chunks", 0, "bitmap_flags"), 5)


def test_a_block() -> None:
    found = decode(Disks, bytes.fromhex(DISKS["PART"]), qemufile).state
    assert [(one.flags, one.sector, len(one.data)) for one in found.chunks] == [
        (4, 11, 0), (1, 0, BLOCK), (9, 0x800, 0), (2, 0, 0)]
    assert found.chunks[1].device_name == b"d0"


def test_a_chunk_without_data_holds_none() -> None:
    """A block's megabyte is not made for each chunk of a hostile row."""
    assert [len(DiskChunk(head=head).data) for head in (2, 4, 9, 1)] == [0, 0, 0, BLOCK]


def test_keys() -> None:
    keys, end = decode(StorageKeys, bytes.fromhex(KEYS), qemufile).state.chunks
    assert (len(keys.keys), keys.keys[0], keys.keys[7]) == (0x2000, 0x50, 0x30)
    assert end == KeysChunk()


@pytest.mark.parametrize(("kind", "head"), [
    (StorageKeys, 4), (StorageKeys, 3), (StorageAttributes, 4), (StorageAttributes, 3), (Disks, 8), (Disks, 0)])
def test_what_qemu_refuses_a_live_load_refuses(kind: Any, head: int) -> None:
    data = head.to_bytes(8, "big")
    assert refusal(kind, data) is None
    with pytest.raises(VMStateError, match="this must hold"):
        load(kind(), data, qemufile)


def test_an_unknown_tag() -> None:
    for tag in (CONFIG, "ffffffffef100007", "0000000000000000"):
        with pytest.raises(VMStateError, match="no Tag") as caught:
            decode(Vfio, bytes.fromhex(SETUP + tag), qemufile)
        assert caught.value.offset == 8


def test_a_function_of_the_host() -> None:
    found = decode(VfioConfiguration, bytes.fromhex(CONFIG + MSIX + DISPLAY + END), qemufile)
    function = found.state.configuration.function
    assert isinstance(function, VfioFunction)
    assert (function.pdev.msix_vectors, len(function.msix.msix), len(function.dpy.ramfb.cfg)) == (3, 49, 28)


@pytest.mark.parametrize("kind", [DirtyBitmaps, Disks, StorageKeys, StorageAttributes, Vfio])
def test_a_new_one_ends_at_once(kind: Any) -> None:
    new = kind()
    assert [type(one) for one in new.chunks] == [type(new.chunks[0])]
    assert isinstance(new.chunks[0], BitmapChunk | DiskChunk | KeysChunk | AttributesChunk | VfioChunk)
    assert load(kind(), save(new, qemufile), qemufile) == new
    assert VfioChunk().tag is Tag.END_OF_STATE
