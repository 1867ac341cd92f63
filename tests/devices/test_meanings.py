"""What devices say of their registers: exact words on recorded streams, and nothing worse of odd bytes."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.catalogue import SECTIONS, registry
from devices.cpu.x86_bits import debug
from devices.pci.device import CONVENTIONAL_SIZE, EXPRESS_SIZE, PciDevice
from devices.pci.meaning import meaning
from devices.timer.mc146818rtc import Rtc
from devices.timer.timers import Timers
from devices.virtio.common import Virtio
from devices.virtio.meaning import KINDS
from migration.replica import Stream
from migration.sections import Section
from tests.migration.recorded import NAMES, stream
from vmstate import Around, Decoded, Told, record_of
from vmstate.errors import render_path
from vmstate.meaning import plain
from vmstate.meanings import meanings


@cache
def _sections(name: str) -> tuple[Section, ...]:
    return tuple(one for one in Stream(stream(name), registry()).events() if isinstance(one, Section))


def _declared(name: str) -> Iterator[tuple[str, Decoded[Any]]]:
    for one in _sections(name):
        if one.source == "declared" and one.decoded is not None:
            yield one.label, one.decoded


def _told(name: str, section: str) -> dict[str, Told]:
    found = next(decoded for label, decoded in _declared(name) if label == section)
    return {render_path(place): told for place, told in meanings(found).items()}


@pytest.mark.parametrize(("name", "section", "path", "told"), [
    ("pc72-72-default", "cpu", "cr0", ["ET"]),
    ("pc72-72-default", "cpu", "segs[4].flags", ["writable", "32 bits", "pages"]),
    ("virtio-a-modern-72", "cpu", "eflags", ["PF", "ZF", "IF"]),
    ("virtio-a-modern-72", "cpu", "mxcsr", ["IM", "DM", "ZM", "OM", "UM", "PM"]),
    ("virtio-a-modern-72", "cpu", "mtrr_deftype", ["WB", "fixed ranges", "enabled"]),
    ("virtio-a-modern-72", "apic", "apicbase", ["boot processor", "enabled"]),
    ("virtio-a-modern-72", "apic", "lvt", {
        "timer": ["masked"], "thermal": ["masked"], "performance": ["masked"], "LINT0": ["ExtINT", "level"],
        "LINT1": ["NMI", "level"], "error": ["masked"]}),
    ("virtio-a-modern-72", "apic", "icr", ["vector 0x10", "start-up", "to all others"]),
    ("virtio-a-modern-72", "i8259@1", "elcr", ["line 2", "line 3"]),
    ("virtio-a-modern-72", "hpet", "timers[2].config", ["can be periodic", "can have 64 bits"]),
    ("virtio-a-modern-72", "i8254", "channels[0].mode", ["rate generator"]),
    ("virtio-a-modern-72", "0000:00:02.0/virtio-blk", "virtio.status",
     ["ACKNOWLEDGE", "DRIVER", "DRIVER_OK", "FEATURES_OK"]),
    ("virtio-a-modern-72", "0000:00:02.0/virtio-blk", "later.guest_features", ["SEG_MAX", "BLK_SIZE", "VERSION_1"]),
    ("virtio-a-modern-72", "0000:00:02.0/virtio-blk", "later.pci_extra.guest_features",
     ["SEG_MAX", "BLK_SIZE", "VERSION_1"]),
    ("a64-virt72-gic3-72", "cpu", "cpsr", ["EL1h", "C", "D", "A", "I", "F"]),
    ("rv64-virt-72", "cpu", "priv", "MACHINE"),
    ("opt-savevm-100", "ioapic", "ioredtbl[4]", ["vector 0x39", "masked"]),
    ("pc72-72-default", "serial", "state.lcr", ["8 bits", "even"]),
    ("pc72-72-default", "serial", "state.fcr", ["enabled", "at 14 bytes"]),
    ("pc72-72-default", "mc146818rtc", "cmos_data", {
        "time": "2026-11-21 00:12:34", "A": ["rate 6", "32768 Hz"], "B": ["24 hours", "BCD", "update interrupt"],
        "C": ["updated", "interrupt"], "D": ["valid"]}),
    ("pc72-72-default", "0000:00:01.1/ide", "primary[0].status", ["DSC", "DRDY"]),
    ("pc72-72-default", "PCIHost", "config_reg", ["device 1", "register 4", "enabled"]),
    ("pc72-72-default", "0000:00:01.1/ide", "parent.config", {
        "id": "8086:7010", "command": ["IO", "MEMORY", "SERR"], "status": ["FAST_BACK", "DEVSEL_MEDIUM"],
        "class": "storage: IDE", "bars": {"4": "I/O at 0xc040"}, "subsystem": "1af4:1100"}),
])
def test_words(name: str, section: str, path: str, told: Told) -> None:
    assert _told(name, section)[path] == told


def test_a_configuration_space() -> None:
    """Base addresses and capabilities of virtio, as the guest has set them."""
    told = _told("virtio-a-modern-72", "0000:00:02.0/virtio-blk")["virtio.pci.pci.config"]
    assert isinstance(told, dict)
    assert told["class"] == "storage: SCSI"
    assert told["bars"]["4"].endswith("64 bits, prefetchable")
    assert told["capabilities"]["0x40"] == "VNDR virtio common, BAR 4 at 0x0, 0x1000 bytes"
    assert told["capabilities"]["0x98"].startswith("MSIX disabled, 2 vectors, table in BAR 1 at 0x0")


# -- odd bytes

@st.composite
def _spaces(draw: st.DrawFn) -> bytes:
    """Configuration spaces with lists of capabilities in them: short, long, in circles, beyond the end."""
    size = draw(st.sampled_from((0, 64, CONVENTIONAL_SIZE, EXPRESS_SIZE)))
    space = bytearray(draw(st.binary(min_size=min(size, 256), max_size=min(size, 256)))).ljust(size, b"\0")
    if size >= CONVENTIONAL_SIZE:
        space[6] |= 0x10
        space[0:2] = draw(st.sampled_from((b"\xf4\x1a", bytes(space[:2]))))
        at = draw(st.integers(0, 255))
        space[0x34] = at
        for _ in range(draw(st.integers(0, 60))):
            space[at] = draw(st.sampled_from((1, 5, 9, 0x10, 0x11, 0x77)))
            at, space[(at + 1) % 256] = (following := draw(st.integers(0, 255))), following
    at = 0x100
    for _ in range(draw(st.integers(0, 9)) if size == EXPRESS_SIZE else 0):
        following = draw(st.integers(0, 0xFFF))
        space[at:at + 4] = (following << 20 | draw(st.integers(0, 0xFFFF))).to_bytes(4, "little")
        at = min(following & ~3, EXPRESS_SIZE - 4)
    return bytes(space[:size])


@given(_spaces())
@settings(max_examples=300)
def test_any_space(space: bytes) -> None:
    told = meaning(space)
    assert told is None or len(plain(told)) < 40_000


def test_lists_in_a_circle() -> None:
    """Each is there once."""
    space = bytearray(EXPRESS_SIZE)
    space[0:8] = bytes.fromhex("8680c02900001000")
    space[0x34] = 0x40
    space[0x40:0x42], space[0x60:0x62] = b"\x09\x60", b"\x0d\x40"
    space[0x100:0x104] = (0x200 << 20 | 1).to_bytes(4, "little")
    space[0x200:0x204] = (0x100 << 20 | 0x0D).to_bytes(4, "little")
    told = meaning(space)
    assert told is not None
    assert told["capabilities"] == {"0x40": "VNDR", "0x60": "SSVID"}
    assert told["extended"] == {"0x100": "AER", "0x200": "ACS"}


@pytest.mark.parametrize("name", SECTIONS)
def test_as_created(name: str) -> None:
    """Every device has something to say, or nothing; the same of its state as of what was read."""
    for record in registry().named(name):
        made = record.make()
        for told in meanings(Decoded(made, record.version, record)).values():
            assert plain(told)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_other_values(data: st.DataObject) -> None:
    """With the lists of a state cut off and its numbers beyond all bounds, what can be told is told."""
    name = data.draw(st.sampled_from(["virtio-a-modern-72", "pc72-72-default", "rv64-virt-72"]))
    _, read = data.draw(st.sampled_from(list(_declared(name))))
    found = read.but(state=deepcopy(read.state))
    for member in found.record.members:
        value = None if member.attribute is None else getattr(found.state, member.attribute)
        if type(value) is int and data.draw(st.booleans()):
            value_now: Any = data.draw(st.integers(-(1 << 63), (1 << 64) - 1))
        elif isinstance(value, bytearray | list) and data.draw(st.booleans()):
            value_now = value[: data.draw(st.integers(0, len(value)))]
        else:
            continue
        setattr(found.state, str(member.attribute), value_now)
    assert all(plain(told) for told in meanings(found).values())


@pytest.mark.parametrize("name", NAMES)
def test_every_stream(name: str) -> None:
    """Whatever is told is text, and not much of it."""
    for label, found in _declared(name):
        told = meanings(found)
        assert all(plain(one) for one in told.values()), label
        assert sum(len(plain(one)) for one in told.values()) < 100_000, label


# -- what is told of several members

def test_kinds_of_features() -> None:
    """By names of sections that there are."""
    assert not KINDS.keys() - SECTIONS.keys()
    virtio = Virtio(guest_features=1 << 5 | 1 << 32)
    for name, told in (("virtio-blk", ["RO", "VERSION_1"]), ("virtio-net", ["MAC", "VERSION_1"]),
                       ("virtio-rng", ["0x20", "VERSION_1"])):
        outer = next(iter(registry().named(name))).make()
        around = Around(virtio, Around(outer, None, 1), 1)
        assert sorted(map(str, virtio._features(around))) == sorted(told)


def test_breakpoints() -> None:
    cpu = record_of(next(iter(registry().named("cpu", "x86_64")))).make()
    cpu.dr = [0x1000, 0, 0, 0x2000, 0, 0, 0xFFFF_4FF1, 0x400 | 1 | 1 << 6 | 0xD << 28]
    assert debug(cpu) == {"breakpoint 0": "execute at 0x1000, 1 bytes", "breakpoint 3": "write at 0x2000, 4 bytes",
                          "DR6": ["B0", "BS"]}


def test_the_clock_of_the_guest() -> None:
    """With -icount it goes by instructions, of which only an adapting shift is in the stream."""
    assert Timers(cpu_clock_offset=5).now == 5
    assert Timers(cpu_clock_offset=5, icount_enabled=True, qemu_icount=3).now is None
    counting = {"icount_enabled": True, "icount_adapts": True, "qemu_icount": 3, "qemu_icount_bias": 1}
    assert Timers(**counting, icount_time_shift=2).now == 13
    assert Timers(**counting, icount_time_shift=-1).now is None


def test_the_time_of_a_clock() -> None:
    data = bytearray(128)
    data[0:10] = 30, 0, 59, 0, 0x80 | 11, 0, 1, 31, 12, 99
    data[11], data[0x32] = 0x04, 19
    assert Rtc(cmos_data=data)._registers()["time"] == "1999-12-31 11:59:30 pm"


def test_a_function_that_is_not_there() -> None:
    assert PciDevice()._registers() is None
    assert meaning(b"") is None
