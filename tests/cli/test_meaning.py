"""Names beside numbers: in the tree, under `meaning` in JSON, and neither with `--raw`."""

import json
from typing import Any

import pytest

from tests.cli.command import Command, recorded
from tests.cli.test_diff import Edited, edited
from tests.migration.recorded import NAMES
from vmstate_cli import exits

__all__ = ["edited"]
VIRTIO, PC = recorded("virtio-a-modern-72"), recorded("pc72-72-default")


def _sections(vmstate: Command, name: str, *more: str) -> list[dict[str, Any]]:
    result = vmstate("show", "--format", "json", recorded(name), *more)
    assert (result.code, result.err) == (exits.FINE, "")
    found: list[dict[str, Any]] = json.loads(result.out)["sections"]
    return found


def _rows(vmstate: Command, *arguments: Any) -> list[str]:
    return [" ".join(line.lstrip("│├└─ ").split()) for line in vmstate("show", *arguments).out.splitlines()]


@pytest.mark.parametrize("row", [
    "eflags 0x246 PF | ZF | IF", "cr0 0x10 ET", "mp_state 0 RUNNABLE",
    "[2] selector 0 base 0 limit 0xffff flags 0x9300 (writable)",
    "cpu_clock_offset 1002458767 ns 1.002 s",
    "lvt [0..5] 0x10000 0x10000 0x10000 0x8700 0x8400 0x10000", "LINT0 ExtINT | level",
    "icr [0..1] 0xc4610 0 vector 0x10 | start-up | to all others",
    "timer_expiry -1 ns -1 when not pending",
    "[0] 0x10000 masked", "[1..23] as [0]",
    "update_timer 1795305600060520000 ns 2026-11-22 00:00:00.060 UTC",
    "base_rtc 0x6b00e200 2026-11-21 00:12:48.000 UTC, s since 1970",
    "time 2026-11-21 00:12:49", "A rate 6 | 32768 Hz",
    "status 0xf ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK",
    "features_low 0x44 SEG_MAX | BLK_SIZE, the lower half of guest_features",
    "guest_features 0x100000044 SEG_MAX | BLK_SIZE | VERSION_1",
    "guest_features [0..1] 0x44 1 SEG_MAX | BLK_SIZE | VERSION_1",
    "id 1af4:1001", "class storage: SCSI", "0x40 VNDR virtio common, BAR 4 at 0x0, 0x1000 bytes",
])
def test_in_the_tree(row: str, vmstate: Command) -> None:
    assert row in _rows(vmstate, VIRTIO)


def test_beside_bytes(vmstate: Command) -> None:
    """What a buffer says has no bytes of its own: in the columns of offsets and bytes there is nothing."""
    for option, blank in (("--hex", 78), ("--offsets", 18)):
        lines = vmstate("show", VIRTIO, "mc146818rtc", option).out.splitlines()
        (line,) = [one for one in lines if "time  2026" in one]
        assert line[:blank].strip() == ""
        assert line[blank:].lstrip("│├└─ ").startswith("time")


def test_raw(vmstate: Command) -> None:
    rows = _rows(vmstate, VIRTIO, "--raw")
    for row in ("eflags 0x246", "cpu_clock_offset 1002458767 ns", "status 0xf", "features_low 0x44",
                "ioredtbl [0..23] 0x10000", "update_timer 1795305600060520000 ns", "hpet_counter 0",
                "[2] selector 0 base 0 limit 0xffff flags 0x9300"):
        assert row in rows
    assert not [row for row in rows if "UTC" in row or " | " in row or row.startswith("LINT0")]


@pytest.mark.parametrize("name", NAMES)
def test_in_json(name: str, vmstate: Command) -> None:
    """Beside the state, which is the same as without; where there is nothing to say it is not there."""
    raw = _sections(vmstate, name, "--raw")
    for section, alone in zip(_sections(vmstate, name), raw, strict=True):
        assert section.get("meaning") != {}
        assert {key: value for key, value in section.items() if key != "meaning"} == alone


def test_the_shape(vmstate: Command) -> None:
    sections = {one["name"]: one for one in _sections(vmstate, "virtio-a-modern-72")}
    assert list(sections["timer"]) == [
        "id", "name", "instance_id", "version", "offset", "size", "source", "settings", "state", "meaning", "findings",
        "notes", "why"]
    assert sections["timer"]["state"]["cpu_clock_offset"] == 1002458767
    assert sections["timer"]["meaning"] == {"cpu_clock_offset": "1.002 s"}
    assert sections["kvm-tpr-opt"]["meaning"] == {"state": "STANDBY"}
    assert sections["apic"]["meaning"]["spurious_vec"] == ["vector 0xff", "enabled"]
    assert sections["apic"]["meaning"]["lvt"]["LINT1"] == ["NMI", "level"]
    assert sections["ioapic"]["meaning"] == {f"ioredtbl[{i}]": ["masked"] for i in range(24)}
    assert "meaning" not in sections["slirp"]


@pytest.mark.parametrize("name", ["virtio-a-modern-72", "rv64-virt-72", "usb-uhci-72", "pc52-111"])
def test_paths_are_those_of_get(name: str, vmstate: Command) -> None:
    """Each leads to the value that it is of, and there the same is said."""
    for nth, section in enumerate(_sections(vmstate, name)):
        meaning = section.get("meaning", {})
        places = [f"{section['name']}@{section['instance_id']}::{path}" for path in meaning]
        if not places or not nth % 3:
            continue
        got = json.loads(vmstate("get", "--format", "json", recorded(name), *places).out)["values"]
        assert [one["meaning"] for one in got] == [{path: told} for path, told in meaning.items()]


def test_get(vmstate: Command) -> None:
    assert vmstate("get", VIRTIO, "cpu::eflags").out == "0x246  PF | ZF | IF\n"
    assert vmstate("get", VIRTIO, "cpu::eflags", "--raw").out == "0x246\n"
    assert vmstate("get", VIRTIO, "apic::lvt").out.splitlines()[:2] == [
        "[0..5] 0x10000 0x10000 0x10000 0x8700  0x8400  0x10000", "├─ timer        masked"]
    (told,) = json.loads(vmstate("get", VIRTIO, "cpu::segs[2]", "--format", "json").out)["values"]
    assert told["meaning"] == {"segs[2].flags": ["writable"]}
    (alone,) = json.loads(vmstate("get", VIRTIO, "cpu::eflags", "--format", "json", "--raw").out)["values"]
    assert "meaning" not in alone


def test_timers_from_now_on(vmstate: Command, edited: Edited) -> None:
    """By the clock that the stream itself tells; also where their section is shown alone."""
    path = edited("timer::cpu_clock_offset=2000000000", "hpet::timers[0].qemu_timer=2001500000",
                  "hpet::timers[1].qemu_timer=1999000000")
    told = json.loads(vmstate("show", "--format", "json", path, "hpet").out)["sections"][0]["meaning"]
    assert (told["timers[0].qemu_timer"], told["timers[1].qemu_timer"]) == ("in 1.500 ms", "1.000 ms ago")
    assert "qemu_timer 2001500000 ns in 1.500 ms" in _rows(vmstate, path, "hpet")
    assert "qemu_timer 2001500000 ns" in _rows(vmstate, path, "hpet", "--raw")


def test_a_description_names_nothing(vmstate: Command) -> None:
    """What a stream says of itself has no names of bits."""
    sections = _sections(vmstate, "pc72-72-nodefaults", "--source", "embedded")
    assert not [one for one in sections if "meaning" in one]
