"""`vmstate get`: values by their places, as text and as JSON, and what is said where there are none."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.catalogue import registry
from migration.contents import Contents
from migration.replica import Stream
from tests.cli.command import Command, recorded, started
from tests.cli.test_damaged import DAMAGED
from tests.documents.rounds import Profile, document
from tests.migration.recorded import NAMES, stream
from vmstate_cli import exits
from vmstate_cli.documents import state
from vmstate_cli.pretty import plain as text_of
from vmstate_cli.values import plain

PC = recorded("pc72-72-default")


@pytest.mark.parametrize(("place", "text"), [
    ("mc146818rtc::cmos_data[0x50]", "0xa5  165"),
    ("mc146818rtc::cmos_data[0x10:0x14]", "50 00 f0 00"),
    ("mc146818rtc::periodic_timer", "not pending"),
    ("mc146818rtc::period", "0  ticks of 32768 Hz"),
    ("cpu::regs[2]", "0x70406"),
    ("cpu::regs[2:4]", "[2..3] 0x70406 8"),
    ("cpu::segs[1]", "selector 0  base 0  limit 0xffff  flags 0x9b0f (readable code)"),
    ("cpu::long_bits", "64  a setting: no byte carries it"),
    ("configuration::name", '"pc-i440fx-7.2"'),
    ("kvm-tpr-opt::state", "2  STANDBY"),
    ("pckbd::pckbd/extended_state.obdata", None),
    ("pckbd::kbd.pckbd/extended_state.obdata", "0xfa  250"),
])
def test_one_value(place: str, text: str | None, vmstate: Command) -> None:
    result = vmstate("get", PC, place)
    if text is None:
        assert (result.code, result.out) == (exits.USAGE, "")
    else:
        assert result == (exits.FINE, f"{text}\n", "")


def test_what_has_parts(vmstate: Command) -> None:
    """As `show` has it, without what stands above."""
    shown = vmstate("show", PC, "mc146818rtc").out.splitlines()[1:]
    assert vmstate("get", PC, "mc146818rtc").out.splitlines() == shown
    assert vmstate("get", PC, "mc146818rtc::cmos_data", "--raw").out.count("\n") == 8
    assert vmstate("get", PC, "ioapic::ioredtbl", "--raw").out.splitlines()[0].startswith("├─ [0..3] ")


def test_several(vmstate: Command) -> None:
    result = vmstate("get", PC, "cpu::eip", "cpu::segs[1]", "i8259@1::imr")
    assert result.out.splitlines() == [
        "├─ cpu::eip      0x7cee  31982",
        "├─ cpu::segs[1]  selector 0  base 0  limit 0xffff  flags 0x9b0f (readable code)",
        "└─ i8259@1::imr  0xef  line 0 | line 1 | line 2 | line 3 | line 5 | line 6 | line 7"]


def test_json(vmstate: Command) -> None:
    result = vmstate("get", PC, "--format", "json", "rtc::cmos_data[0x50:0x52]", "cpu::segs[1]", "rtc::update_timer")
    data, told = stream("pc72-72-default"), json.loads(result.out)["values"]
    assert [one["value"] for one in told[:2]] == ["a500", {"selector": 0, "base": 0, "limit": 65535, "flags": 0x9B0F}]
    assert {**told[0], "offset": 0} == {"place": "rtc::cmos_data[0x50:0x52]", "section": "mc146818rtc",
                                        "source": "declared", "offset": 0, "size": 2, "value": "a500"}
    for one in told:
        found = data[one["offset"]:one["offset"] + one["size"]]
        assert found == b"\xa5\0" or len(found) in (8, 20)
    assert int.from_bytes(data[told[2]["offset"]:][:8], "big") == told[2]["value"]


@pytest.mark.parametrize("name", NAMES)
def test_json_is_what_show_has(name: str) -> None:
    """Of every section, by the trace of its values."""
    contents = Contents(stream(name))
    for event in Stream(stream(name), registry()).events():
        contents.take(event)
    for section in contents.sections:
        if section.decoded is not None:
            assert plain(section.trace) == json.loads(text_of(state(section))), section.label


@pytest.mark.parametrize(("places", "words"), [
    (["nobody"], "no section nobody; there is configuration"), (["cpu::eipp"], "cpu: no eipp; there is eip"),
    (["cpu::eip", "cpu::eipp"], "no eipp"), (["ram::pc.ram"], "guest memory"), (["cpu::segs[9]"], "6 elements"),
    (["\x1b[31m::x"], "no section \\x1b[31m"), (["a" * 5000], "no section aaaa"), ([""], "no section ;"),
])
def test_what_is_not_there(places: list[str], words: str, vmstate: Command) -> None:
    result = vmstate("get", PC, *places)
    assert (result.code, result.out) == (exits.USAGE, "")
    assert words in result.err
    assert result.err.count("\n") == 1
    assert result.err.startswith(f"vmstate: {PC}: ")


def test_standard_input() -> None:
    told = started("get", "-", "timer::cpu_ticks_offset", data=recorded("none-72").read_bytes())
    assert (told.returncode, told.stderr) == (0, b"")
    assert re.fullmatch(rb"\d+  ticks\n", told.stdout)


def test_a_document(vmstate: Command, made: Callable[..., Path]) -> None:
    path = made(document(stream("none-72"), Profile("json", False)))
    assert vmstate("get", path, "timer") == vmstate("get", recorded("none-72"), "timer")


def test_by_its_own_description(vmstate: Command) -> None:
    result = vmstate("get", PC, "--source", "embedded", 'cpu::"env.regs"[2]', "cpu::env.regs[2]")
    assert [line.split()[-1] for line in result.out.splitlines()] == ["0x70406", "0x70406"]


def test_before_it_breaks_off(vmstate: Command, made: Callable[[bytes], Path]) -> None:
    result = vmstate("get", made(stream("pc72-72-nodefaults")[:-20_000]), "mc146818rtc::cmos_index")
    assert (result.code, result.out) == (exits.DAMAGED, "15\n")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged(case: str, vmstate: Command, made: Callable[[bytes], Path]) -> None:
    result = vmstate("get", made(DAMAGED[case][0]), "timer::cpu_ticks_offset", "--format", "json")
    assert result.code in (exits.FINE, exits.USAGE, DAMAGED[case][1])
    assert (result.out == "") is (result.code in (exits.USAGE, exits.UNSUPPORTED) or "values" not in result.out)
    assert "Traceback" not in result.err


def test_colours(vmstate: Command) -> None:
    assert "\x1b[" in vmstate("get", PC, "cpu::eip", "--color", "always").out
