"""Damaged streams: what is wrong is told with its place, in bounded time and memory; nothing else ever comes out.

`make fuzz` runs the marked ones with FUZZ_EXAMPLES; without it they are 500, the same on every run.
"""

import os
import time
import tracemalloc
from functools import cache

import pytest

from devices.catalogue import registry
from migration.replica import Report, Stream, verify
from migration.stream.events import Configured, EndOfStream, Header, SectionBegin, SectionEnd, Trailer
from tests.migration.recorded import stream
from tests.vmstate.exercise import chance

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "500"))
SECONDS = 10.0  # per case; the longest takes a fifth of a second on an idle machine
BYTES_PER_BYTE, BYTES = 8, 8 << 20  # the constant is for what a machine has whatever its stream says

SEEDS = {"none-72": 30, "tricore-100": 30, "pc72-72-nodefaults": 25, "q42-52": 10, "virtio-a-modern-72": 5}
"""What is damaged, and which part of the examples it has: in per cent, by how long one takes."""


@cache
def parts(name: str) -> tuple[bytes, list[bytes], bytes, bytes]:
    """A recorded stream without its RAM: what precedes sections, each section with its footer, the end, the trailer."""
    data = stream(name)
    head, tail, records, begin = b"", b"", list[bytes](), 0
    for event in Stream(data, registry()).reader.over(data):
        match event:
            case Header(end=end) | Configured(end=end):
                head = data[:end]
            case SectionBegin(name="ram"):
                begin = -1
            case SectionBegin(begin=at):
                begin = at
            case SectionEnd(end=end) if begin >= 0:
                records.append(data[begin:end])
            case Trailer(end=end):
                tail = data[end - len(event.text) - 5:end]
            case EndOfStream() | _:
                pass
    return head, records, b"\0", tail


def whole(name: str, with_trailer: bool = True) -> bytes:
    """The stream without its RAM."""
    head, records, end, tail = parts(name)
    return head + b"".join(records) + end + (tail if with_trailer else b"")


def fate(data: bytes) -> Report:
    """What `verify` says of it, which must be something sensible."""
    begin = time.perf_counter()
    report = verify(Stream(data, registry()))
    assert time.perf_counter() - begin < SECONDS
    if report.error is not None:
        assert report.error.offset is not None, report.error
        assert 0 <= report.error.offset <= len(data), report.error
        assert report.error.message
    else:
        differing = [text for text in report.findings if "written again it differs" in text]
        assert report.identical == (not differing)
        assert [text for text in differing if not text.startswith("trailer")] == []
        assert report.accounted == len(data) or report.findings
    return report


def damaged(name: str, seed: int) -> bytes:
    """A stream with a few bytes changed, lost or put in, or with its sections in another order."""
    pick = chance(f"{name} {seed}")
    head, records, end, tail = parts(name)
    records = list(records)
    if pick.random() < 0.1:
        pick.shuffle(records)
    if pick.random() < 0.1:
        records.insert(pick.randrange(len(records) + 1), pick.choice(records))
    body = bytearray(head + b"".join(records) + end)
    tail_wanted = pick.random() < 0.7
    data = body + tail if tail_wanted else body
    limit = len(data) if pick.random() < 0.2 else len(body)
    for _ in range(pick.choice([1, 1, 1, 2, 4, 16])):
        at = pick.randrange(limit)
        match pick.randrange(6):
            case 0 | 1:
                data[at] = pick.randrange(256)
            case 2:
                data[at] = pick.choice([0, 1, 5, 7, 0x30, 0x7E, 0x7F, 0xFF])
            case 3:
                data[at] ^= 1 << pick.randrange(8)
            case 4:
                data[at:at + 4] = pick.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), b""])
            case _:
                data[at:at] = pick.randbytes(pick.randint(1, 8))
        limit = min(limit, len(data))
    return bytes(data)


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_are_sound(name: str) -> None:
    """What is damaged here is a stream; else the tests below would say little."""
    assert len(parts(name)[1]) >= 2
    assert fate(whole(name)).ok
    assert fate(whole(name, with_trailer=False)).ok


def test_every_prefix_of_a_stream() -> None:
    data = stream("none-72")
    complete = [n for n in range(len(data)) if fate(data[:n]).error is None]
    end = len(data) - len(parts("none-72")[3])
    assert complete == [end]  # all but its trailer


def _step(size: int) -> int:
    """All prefixes of what is short; of what is long every few bytes, unless there is time."""
    return 1 if EXAMPLES > 500 else size // 400 + 1


def test_every_prefix_of_every_section() -> None:
    """None is sound, but for a body that happens to end, with a 00 behind it, where one without a footer may."""
    head, records, _, _ = parts("pc72-72-nodefaults")
    sound = [(record[:20], n) for record in records for n in range(0, len(record), _step(len(record)))
             if fate(head + record[:n]).ok]
    assert len(sound) <= 2, sound


def test_prefixes_of_the_device_part() -> None:
    data = whole("pc72-72-nodefaults", with_trailer=False)
    for n in range(0, len(data), 97):
        assert fate(data[:n]).error is not None


@pytest.mark.hypothesis
@pytest.mark.parametrize("name", SEEDS)
def test_damaged_streams(name: str) -> None:
    refused = 0
    for seed in range(EXAMPLES * SEEDS[name] // 100):
        data = damaged(name, seed)
        try:
            refused += fate(data).error is not None
        except BaseException as error:
            error.add_note(f"damaged({name!r}, {seed})")
            raise
    assert refused  # the damage is felt


def peak(data: bytes) -> int:
    """The most memory that a verdict takes, in bytes."""
    tracemalloc.start()
    try:
        fate(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", SEEDS)
def test_memory_is_bounded_by_the_input(name: str) -> None:
    fate(whole(name))  # what is imported and cached is not counted
    for seed in range(EXAMPLES * SEEDS[name] // 5000 + 2):
        data = damaged(name, seed)
        assert peak(data) <= BYTES_PER_BYTE * len(data) + BYTES, f"damaged({name!r}, {seed})"


def test_memory_of_a_whole_stream() -> None:
    data = stream("usb-uhci-72")
    fate(data)
    assert peak(data) <= BYTES_PER_BYTE * len(data) + BYTES
