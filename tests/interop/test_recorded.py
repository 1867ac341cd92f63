"""Streams that QEMU 7.2 writes here and now, in each way that it has: walked to their end, judged by its memory.

What is in the pages of a stream is compared with what QEMU's monitor dumps. Then another QEMU loads the stream as it
was written again, and has the same.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from migration.ram.items import Flag
from tests.interop.conftest import Run, switch_on
from tests.interop.guest import CHANGING, PAGE, PAGES, RAM, filled, seen
from tests.interop.judging import items, records, sent, states, understood
from tests.interop.machine import Machine
from tests.interop.memory import Memory
from tests.interop.rewriting import rewritten
from tests.interop.wire import Wire, feeding

SLOW, MODERATE, FAST = 2_000_000, 5_000_000, 1 << 30
"""Bytes a second: less than the guest writes; so few that QEMU sleeps, rather than writing empty records, until it
knows how fast it is; no limit."""


def memory(machine: Machine) -> bytes:
    """What its guest sees of its memory, as the monitor dumps it."""
    return seen(machine.memory(0, RAM))


def received(data: bytes) -> bytes:
    """The same, as the pages of a stream leave it."""
    return seen(Memory().stream(data).blocks["pc.ram"])


def loaded(data: bytes, machine: Machine) -> bytes:
    """The same, of a machine that loads the stream as it is written again."""
    machine.load(rewritten(data))
    return memory(machine)


def saved_until(machine: Machine, enough: Callable[[], bool]) -> bytes:
    """A stream for which the machine goes over memory again and again, as the guest is faster, until it is enough."""
    machine.command("migrate-set-parameters", max_bandwidth=SLOW, downtime_limit=1)
    path = machine.folder / "outgoing"
    with path.open("wb") as file:
        machine.begin(file)
    machine.until(enough)
    machine.command("migrate-set-parameters", max_bandwidth=FAST, downtime_limit=2000)
    machine.finish()
    return path.read_bytes()


def test_a_guest_that_writes(source: Run, destination: Run) -> None:
    """Its pages go again and again."""
    running = source()
    data = saved_until(running, lambda: running.counted("ram", "normal") > 4 * len(PAGES))
    understood(data)
    again = Counter(sent(items(data, Flag.PAGE), PAGE))
    assert min(again[one] for one in PAGES) > 1
    assert memory(running) == received(data) == loaded(data, destination())


def test_changes_of_pages(source: Run, destination: Run) -> None:
    """XBZRLE: of a page that went twice, only what has changed."""
    running, waiting = source(), destination()
    for machine in (running, waiting):
        machine.capabilities("xbzrle")
    data = saved_until(running, lambda: running.counted("ram", "dirty-sync-count") > 3)
    understood(data)
    changes = items(data, Flag.XBZRLE)
    assert len(set(sent(changes, PAGE)) & set(PAGES)) > len(PAGES) / 2
    assert max(one.end - one.begin for one in changes) < 2 * CHANGING
    assert memory(running) == received(data) == loaded(data, waiting)


def test_compressed_pages(source: Run, destination: Run) -> None:
    stopped, waiting = source(), destination()
    for machine in (stopped, waiting):
        machine.capabilities("compress")
    stopped.command("stop")
    data = stopped.save()
    understood(data)
    pages = items(data, Flag.COMPRESS_PAGE)
    assert len(set(sent(pages, PAGE)) & set(PAGES)) > len(PAGES) / 2
    for one in pages:
        if one.block == "pc.ram" and one.address in PAGES:
            page = zlib.decompress(data[one.begin + 4:one.end])
            assert page[CHANGING:] == filled(one.address)[CHANGING:]
    assert memory(stopped) == received(data) == loaded(data, waiting)


def test_a_background_snapshot(source: Run, destination: Run) -> None:
    """It is of the moment when it begins, although the guest goes on; memory has no last record."""
    running = source()
    switch_on(running, "background-snapshot")
    running.command("stop")
    before = memory(running)
    data = running.save()  # which starts the guest again
    assert memory(running) != before
    understood(data)
    assert set(records(data, "ram")[1:]) == {"SECTION_PART"}
    pages = sent(items(data, Flag.PAGE), PAGE)
    assert len(pages) == len(set(pages)) >= len(PAGES)
    assert before == received(data) == loaded(data, destination())


def test_block_migration(source: Run, destination: Run, tmp_path: Path) -> None:
    """A disk goes along, by whole MiB: QEMU 7.2 refuses what it has written of a disk that ends within one."""
    contents = hashlib.shake_128(b"disk").digest(1 << 20) + bytes(2 << 20) + b"last" * (1 << 18)
    disks = tmp_path / "from", tmp_path / "to"
    disks[0].write_bytes(contents)
    disks[1].write_bytes(bytes(len(contents)))
    running, waiting = (
        run("-drive", f"if=none,id=disk0,format=raw,file={disk}", "-device", "virtio-blk-pci,drive=disk0")
        for run, disk in zip((source, destination), disks, strict=True))
    running.command("stop")
    path = running.folder / "outgoing"
    with path.open("wb") as file:
        running.begin(file, blk=True)
    running.finish()
    data = path.read_bytes()
    understood(data)
    assert records(data, "block")[0] == "SECTION_START"
    assert records(data, "block")[-1] == "SECTION_END"
    sent_disk = bytearray(len(contents))
    for chunk in (one for state in states(data, "block") for one in state.chunks if one.data):
        sent_disk[chunk.sector * SECTOR:chunk.sector * SECTOR + len(chunk.data)] = chunk.data
    assert sent_disk == contents
    assert memory(running) == received(data) == loaded(data, waiting)
    assert disks[1].read_bytes() == contents


NODE, DISK, SECTOR = "disk0", 64 << 20, 512
WRITTEN = "0 512", "1M 64k", "33M 4M", f"{DISK - 512} 512"
BITS = {"fine": 1 + 128 + 8192 + 1, "coarse": 1 + 1 + 64 + 1, "off": 0}
BITMAPS: tuple[dict[str, object], ...] = (
    {"name": "fine", "granularity": 512},  # 16 KiB of bits: many chunks
    {"name": "coarse", "granularity": 65536},
    {"name": "off", "granularity": 4096, "disabled": True},
)


def digests(machine: Machine) -> list[str]:
    """What QEMU says of the bits of each bitmap."""
    return [machine.command("x-debug-block-dirty-bitmap-sha256", node=NODE, name=one["name"])["sha256"]
            for one in BITMAPS]


def bits(data: bytes) -> dict[str, int]:
    """How many bits each bitmap has, as the stream tells; a chunk without a name is of the bitmap before."""
    counted, name = Counter[str](), ""
    for chunk in (one for state in states(data, "dirty-bitmap") for one in state.chunks):
        name = chunk.bitmap_alias.decode() or name
        counted[name] += int.from_bytes(chunk.data, "little").bit_count()
    return dict(counted)


def test_dirty_bitmaps(source: Run, destination: Run) -> None:
    """Bitmaps of what was written to a disk; one that is off stays empty."""
    disk = "-blockdev", f"driver=null-co,node-name={NODE},size={DISK}"
    running, waiting = source(*disk), destination(*disk)
    for machine in (running, waiting):
        machine.capabilities("dirty-bitmaps")
    for one in BITMAPS:
        running.command("block-dirty-bitmap-add", node=NODE, **one)
    empty = digests(running)
    for place in WRITTEN:
        running.monitor(f'qemu-io {NODE} "write {place}"')
    running.command("stop")
    assert [a == b for a, b in zip(digests(running), empty, strict=True)] == [False, False, True]
    running.command("migrate-set-parameters", max_bandwidth=MODERATE)
    data = running.save()
    understood(data)
    assert records(data, "dirty-bitmap")[0] == "SECTION_START"
    assert records(data, "dirty-bitmap")[-1] == "SECTION_END"
    assert bits(data) == BITS
    assert memory(running) == received(data) == loaded(data, waiting)
    assert digests(waiting) == digests(running)


@pytest.mark.parametrize("method", ["none", "zlib", "zstd"])
def test_multifd(source: Run, destination: Run, method: str) -> None:
    """Pages by two channels beside the main one, which has those that are all zeros."""
    stopped, waiting = source(), destination()
    for machine in (stopped, waiting):
        machine.capabilities("multifd")
        machine.command("migrate-set-parameters", multifd_channels=2, multifd_compression=method)
    stopped.command("stop")
    with Wire(stopped.folder / "wire", expected=3) as wire:
        stopped.command("migrate", uri=wire.uri)
        stopped.finish()
        wire.drain()
    main, *channels = sorted((bytes(one.there) for one in wire.connections), key=lambda one: one[:4] != b"QEVM")
    understood(main)
    for one in channels:
        understood(one, "multifd channel")
    assert items(main, Flag.PAGE) == []
    whole = Memory().stream(main)
    for one in channels:
        whole.channel(one)
    assert memory(stopped) == seen(whole.blocks["pc.ram"])
    waiting.listen(f"unix:{waiting.folder / 'wire'}")
    with feeding(waiting.folder / "wire", rewritten(main), *map(rewritten, channels)):
        waiting.arrive()
    assert memory(stopped) == memory(waiting)


OFF: dict[str, tuple[str, ...]] = {
    "footers": ("-global", "migration.send-section-footer=off"),
    "configuration": ("-global", "migration.send-configuration=off"),
    "run-state": ("-global", "migration.store-global-state=off"),
    "description": ("-M", "suppress-vmdesc=on"),
}
OFF["all"] = tuple(argument for arguments in OFF.values() for argument in arguments)


@pytest.mark.parametrize("what", OFF)
def test_a_stream_without(source: Run, destination: Run, what: str) -> None:
    """As machine types up to 2.3 write it: nothing tells where a section ends but what it is."""
    stopped = source(*OFF[what])
    stopped.command("stop")
    data = stopped.save()
    stream = understood(data)
    assert (b"globalstate" in data) == (what not in ("run-state", "all"))
    assert (stream.description is not None) == (what not in ("description", "all"))
    assert stream.reader.footers == (what not in ("footers", "all"))
    assert data.startswith(b"QEVM\0\0\0\x03\x07") == (what not in ("configuration", "all"))
    assert memory(stopped) == received(data) == loaded(data, destination(*OFF[what]))
