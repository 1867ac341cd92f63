"""The size of a target's pages, where neither description nor configuration tells it."""

from itertools import repeat

import pytest

from devices.catalogue import registry
from migration.ram.items import Flag, Item
from migration.replica import Stream
from migration.stream import pages
from migration.stream.events import Configured, Ram, Trailer
from migration.stream.reader import StreamReader
from tests.migration.made import EOF, HEADER, command, configuration, cut, fed, full, named, part, plain, without
from tests.migration.recorded import NAMES, STREAMS, stream
from vmstate import Mismatch

TOLD = [name for name in NAMES if STREAMS[name]["page_size"] and not name.startswith("opt-mapped-ram")]
EOS = (Flag.EOS).to_bytes(8, "big")
DEVICE = full(3, "device", b"body")


def listed(size: int) -> bytes:
    """START of RAM: one block."""
    return named(1, 2, "ram", (size | Flag.MEM_SIZE).to_bytes(8, "big") + b"\x02pc" + size.to_bytes(8, "big") + EOS,
                 version=4)


def ram(size: int, sent: list[tuple[int, bytes]], *, block: int = 1 << 20) -> bytes:
    """RAM of these pages, by number: all alike are sent as zero pages."""
    items = list[bytes]()
    for number, (page, data) in enumerate(sent):
        flag, name = (Flag.PAGE, data) if len(data) > 1 else (Flag.ZERO, data)
        items.append((page * size | flag | (Flag.CONTINUE if number else 0)).to_bytes(8, "big")
                     + (b"" if number else b"\x02pc") + name)
    return listed(block) + part(3, 2, b"".join(items) + EOS)


def page(size: int, seed: int) -> bytes:
    """A page that is not all alike: some words, and nothing."""
    return (seed.to_bytes(8, "big") + bytes(56)) * (size // 64)


def size_of(data: bytes, reader: StreamReader | None = None) -> tuple[int | None, bool]:
    """What was found, and whether by trying."""
    reader = reader or StreamReader()
    list(reader.over(data))
    return reader.page_size, reader.tried


# -- recorded streams

@pytest.mark.parametrize("name", TOLD)
def test_without_description(name: str) -> None:
    """The machine type tells it, or the configuration, or trying."""
    found = Stream(without(stream(name), Trailer), registry())
    list(found.events())
    assert found.reader.page_size == STREAMS[name]["page_size"]


@pytest.mark.parametrize("name", [name for name in TOLD if "ignore-shared" not in name])
def test_without_description_and_configuration(name: str) -> None:
    data = without(stream(name), Trailer, Configured)
    expected = plain(Stream(data, registry()).reader.over(data), STREAMS[name]["page_size"])
    found = Stream(data, registry())
    list(found.events())
    assert (found.reader.page_size, found.reader.tried) == (STREAMS[name]["page_size"], True)
    assert plain(fed(cut(data, repeat(4099)), Stream(data, registry()).reader), found.reader.page_size) == expected


# -- made by hand

@pytest.mark.parametrize("size", pages.SIZES)
def test_one_page_with_data(size: int) -> None:
    """Zero pages before it could be of any smaller size."""
    sent = [(0, b"\0"), (1, b"\0"), (3, page(size, 5)), (2, b"\0"), (5, b"\0")]
    data = HEADER + ram(size, sent) + DEVICE + EOF
    assert size_of(data) == (size, True)
    for pieces in (1, 1000):
        reader = StreamReader()
        assert plain(fed(cut(data, repeat(pieces)), reader), size) == plain(StreamReader().over(data), size)
        assert reader.page_size == size


@pytest.mark.parametrize("size", pages.SIZES)
def test_many_pages_with_data(size: int) -> None:
    """It is not necessary to see all of them: the rest may be damaged."""
    sent = [(number, page(size, number)) for number in range(70)]
    data = HEADER + ram(size, sent, block=1 << 24)
    reader = StreamReader()
    with pytest.raises(Mismatch, match=f"no item of RAM with pages of {size} bytes"):
        list(reader.over(data[:-13] + b"\xff" * 13))
    assert reader.page_size == size


@pytest.mark.parametrize("size", pages.SIZES)
@pytest.mark.parametrize("usual", [None, *pages.SIZES])
def test_zero_pages_alone(size: int, usual: int | None) -> None:
    """Smaller sizes fit as well: the usual one is taken, or else the largest."""
    data = HEADER + ram(size, [(number, b"\0") for number in range(9)]) + DEVICE + EOF
    found = size_of(data, StreamReader(usual=usual))
    assert found == (usual if usual is not None and usual <= size else size, True)


@pytest.mark.parametrize(("usual", "expected"), [(None, 4096), (1024, 1024), (65536, 65536)])
def test_no_pages_at_all(usual: int | None, expected: int) -> None:
    """They went by on other channels, or there are none."""
    flush = (Flag.MULTIFD_FLUSH).to_bytes(8, "big")
    for items in (b"", flush):
        data = HEADER + listed(1 << 20) + part(2, 2, items + EOS) + part(3, 2, EOS) + DEVICE + EOF
        assert size_of(data, StreamReader(usual=usual)) == (expected, True)


def test_with_none_that_fits() -> None:
    with pytest.raises(Mismatch, match="with pages of 4096 bytes"):
        size_of(HEADER + ram(4096, [(0, b"\0"), (1, page(4096, 3)[8:])]) + DEVICE + EOF)


def test_who_tells_goes_before() -> None:
    data = HEADER + ram(1024, [(0, page(1024, 1))]) + DEVICE + EOF
    assert size_of(data, StreamReader(1024)) == (1024, False)
    advised = command(3, (0x1000).to_bytes(8, "big") + (1024).to_bytes(8, "big"))
    assert size_of(HEADER + advised + data[8:]) == (1024, False)
    assert size_of(HEADER + command(3, bytes(15) + b"\5") + data[8:]) == (1024, True)
    assert size_of(HEADER + configuration(b"versatilepb") + data[8:]) == (1024, False)
    assert size_of(HEADER + configuration(b"virt") + data[8:]) == (1024, True)


def test_the_first_devices_are_those_before_ram() -> None:
    """An early section does not end the trial."""
    data = HEADER + full(9, "early", b"body") + ram(2048, [(0, page(2048, 1)), (1, b"\0")]) + DEVICE + EOF
    assert size_of(data) == (2048, True)


def test_items_say_which_size() -> None:
    data = HEADER + ram(256, [(0, b"\0"), (1, page(256, 1)), (2, b"\0")], block=1024) + DEVICE + EOF
    items = [event.part for event in StreamReader().over(data) if isinstance(event, Ram)]
    assert [(one.flag, one.address) for one in items if isinstance(one, Item) and one.block] == [
        (Flag.ZERO, 0), (Flag.PAGE, 256), (Flag.ZERO, 512)]


# -- machine types

@pytest.mark.parametrize("name", TOLD)
def test_the_table_agrees(name: str) -> None:
    told = [event.configuration for event in StreamReader().over(stream(name)) if isinstance(event, Configured)]
    for one in told:
        known = one.page_size or pages.of_machine(one.machine)
        assert known in (None, STREAMS[name]["page_size"])


@pytest.mark.parametrize(("machine", "size"), [
    ("pc-i440fx-7.2", 4096), ("pc", 4096), ("pcx", None), ("", None), ("virt-7.2", None), ("none", None),
    ("uno", 256), ("clipper", 8192), ("tricore_testboard", 16384), ("raspi2b", 1024), ("s390-ccw-virtio-10.0", 4096)])
def test_machine_types(machine: str, size: int | None) -> None:
    assert pages.of_machine(machine) == size


def test_every_size_can_be() -> None:
    assert set(pages.MACHINES) <= set(pages.SIZES)
    assert all(size & size - 1 == 0 for size in pages.SIZES)
