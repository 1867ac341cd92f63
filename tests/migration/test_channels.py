"""Multifd channels and return paths: recorded ones, ones made by hand, and damaged ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from devices.catalogue import registry
from migration.inputs import opened
from migration.kinds import kind_of
from migration.ram import multifd
from migration.replica import Report, Stream, verify
from migration.sections import Section
from tests.migration.made import command, part
from vmstate import Mismatch, Truncated, VMStateError

CHANNELS = Path(__file__).parents[1] / "corpus" / "channels"
RECORDED = {
    "net-multifd-none-72.multifd1": ("multifd channel", 14), "net-multifd-zlib-100.multifd0": ("multifd channel", 11),
    "proxy-postcopy-100.main-reply": ("return path", 15),
}
INITIAL = multifd.MAGIC.to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes(16) + b"\x03" + bytes(39)


def recorded(name: str) -> bytes:
    with opened(str(CHANNELS / f"{name}.qemu.zst")) as data:
        return bytes(data)


def seen(data: bytes) -> tuple[Report, list[Section]]:
    """The verdict, and the packets."""
    packets = [one for one in Stream(data, registry()).events() if isinstance(one, Section)]
    return verify(Stream(data, registry())), packets


def packet(flags: int, normal: int, zero: int, data: bytes, *, slots: int = 128, size: int | None = None) -> bytes:
    """A packet of pages."""
    numbers = (multifd.MAGIC, 1, flags, slots, normal, len(data) if size is None else size)
    head = b"".join(n.to_bytes(4, "big") for n in numbers) + (7).to_bytes(8, "big") + zero.to_bytes(4, "big")
    return head + bytes(28) + b"pc.ram".ljust(256, b"\0") + bytes(8 * slots) + data


CPR = b"QCPR\0\0\0\1" + b"\1\0\0\0\7pc.rom\0\0\0\0\0\x20\0"
PAGE = (0x2008).to_bytes(8, "big") + b"\6pc.ram" + bytes(range(256)) * 16
EOS = (0x10).to_bytes(8, "big")


@pytest.mark.parametrize(("data", "kind"), [
    (b"", "main stream"), (b"QEVM\0\0\0\3", "main stream"), (bytes(7) + b"QEVM\0\0\0\3", "main stream"),
    (bytes(4096) + b"QEVM\0\0\0\3", "main stream"), (bytes(100), "main stream"), (b"text", "main stream"),
    (INITIAL, "multifd channel"), (b"\0\2\0\4\0\0\0\1", "return path"),
    (b"\0\2\0\4\0\0\0\2\0\1\0\4\0\0\0\0", "return path"),
    (command(10, b"\6pc.ram"), "recovery"), (command(1, b""), "main stream"), (CPR, "cpr state"),
    (PAGE, "preempt channel"), ((0x22 - 0x20).to_bytes(8, "big") + b"\1a\0", "preempt channel"),
    (EOS, "preempt channel"), (EOS + b"\0", "main stream"), (bytes(7) + b"\2", "main stream"),
    (bytes(7) + b"\2\0", "main stream"), (bytes(7) + b"\2\1\t", "main stream"), (b"\1" + PAGE[1:], "main stream"),
])
def test_what_file_it_is(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind
    assert Stream(data, registry(), offset=0).kind == "main stream"


def test_cpr() -> None:
    report, packets = seen(CPR)
    assert report.ok, (report.error, report.findings)
    assert [one.header.name for one in packets] == ["cpr-header", "CprState"]
    for data in (CPR[:-1], CPR + b"behind", CPR[:6], b"QCPR\0\0\0\2" + CPR[8:]):
        error = seen_error(data)
        assert error.offset is not None
        assert 0 <= error.offset <= len(data)


def seen_error(data: bytes) -> VMStateError:
    """What is wrong."""
    error = verify(Stream(data, registry())).error
    assert error is not None
    return error


def test_a_recovery() -> None:
    data = command(10, b"\6pc.ram") + command(9, b"") + part(2, 5, PAGE + EOS) + part(3, 5, EOS) + b"\0"
    stream = Stream(data, registry())
    report = verify(stream)
    assert report.ok, (report.error, report.findings)
    assert stream.reader.page_size == 4096


def test_a_preempt_channel() -> None:
    for data in (PAGE, PAGE + EOS, EOS):
        report = verify(Stream(data, registry()))
        assert report.ok, (report.error, report.findings)
    assert verify(Stream(PAGE + EOS + b"behind", registry())).findings == ["6 bytes behind the stream"]


def message(kind: int, payload: bytes, behind: bytes = b"") -> bytes:
    """A message of a return path."""
    return kind.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload + behind


@pytest.mark.parametrize("name", RECORDED)
def test_recorded(name: str) -> None:
    report, packets = seen(recorded(name))
    assert report.ok, (report.error, report.findings)
    assert Stream(recorded(name), registry()).kind == RECORDED[name][0]
    assert len(packets) == report.sections["declared"]


@pytest.mark.parametrize("slots", multifd.SLOTS)
def test_slots(slots: int) -> None:
    """Every page size; and a first packet that does not tell, for it is a bare SYNC."""
    page = multifd.PACKET_BYTES // slots
    silent = packet(1, 0, 0, b"", slots=slots)
    silent = silent[:12] + bytes(4) + silent[16:]
    data = INITIAL + silent + packet(0, 1, 0, bytes(page), slots=slots)
    report, packets = seen(data)
    assert report.ok, report.error
    assert packets[2].decoded is not None
    assert packets[2].decoded.settings == {"slots": slots}


def test_a_stale_size_has_no_data() -> None:
    """QEMU up to 8.x leaves the size of the packet before in one without pages."""
    assert seen(INITIAL + packet(1, 0, 0, b"", size=4096) + packet(0, 0, 128, b""))[0].ok


def test_device_state() -> None:
    head = multifd.MAGIC.to_bytes(4, "big") + (1).to_bytes(4, "big") + (0x40).to_bytes(4, "big")
    state = head + b"0000:00:03.0/vfio".ljust(256, b"\0") + bytes(4) + (5).to_bytes(4, "big") + b"state"
    report, packets = seen(INITIAL + state + packet(1, 0, 0, b""))
    assert report.ok, report.error
    assert [one.header.name for one in packets] == ["multifd-initial", "multifd-device-state", "multifd-packet"]


@pytest.mark.parametrize(("data", "error"), [
    (INITIAL[:40], Truncated),
    (INITIAL + packet(0, 1, 0, bytes(4096))[:-1], Truncated),
    (INITIAL + packet(0, 1, 0, bytes(4095)), Mismatch),
    (INITIAL + packet(2, 100, 100, b"x"), Exception),
    (INITIAL + b"\x12" + packet(0, 0, 0, b"")[1:], Mismatch),
])
def test_what_is_refused(data: bytes, error: type[Exception]) -> None:
    found = verify(Stream(data, registry())).error
    assert isinstance(found, error)
    assert found is not None
    assert found.offset is not None
    assert 0 <= found.offset <= len(data)


def test_every_message() -> None:
    bitmap = (8).to_bytes(8, "big") + b"\xff" * 8 + 0x0123_4567_89AB_CDEF.to_bytes(8, "big")
    data = b"".join((
        message(2, bytes(4)), message(3, bytes(8) + (4096).to_bytes(4, "big") + b"\x06pc.ram"), message(4, bytes(12)),
        message(5, b"\x06pc.ram", bitmap), message(6, (1).to_bytes(4, "big")), message(7, b""), message(1, bytes(4))))
    report, packets = seen(data)
    assert report.ok, report.error
    assert len(packets) == 7


@pytest.mark.parametrize("data", [message(2, bytes(5)), message(2, bytes(4)) + b"\0", message(1, bytes(4)) + b"\0\x09",
                                  message(5, b"\x01a", (1 << 62).to_bytes(8, "big"))])
def test_messages_that_are_refused(data: bytes) -> None:
    assert verify(Stream(data, registry())).error is not None


@pytest.mark.parametrize("name", RECORDED)
def test_damaged(name: str) -> None:
    data, pick = recorded(name), random.Random(name)  # noqa: S311  the same every time
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(3):
            changed[pick.randrange(len(changed))] = pick.choice([0, 1, 0xFF, pick.randrange(256)])
        report = verify(Stream(bytes(changed[:pick.randrange(1, len(changed) + 1)]), registry()))
        assert report.error is not None or report.identical
