"""`SECTION::path`: which section and which value it means, and what is said where it means none or several."""

import re

import pytest

from devices.catalogue import registry
from devices.timer.mc146818rtc import Rtc
from migration.contents import Contents
from migration.paths import find
from migration.places import NotFound, covers, named, parted, the_one
from migration.replica import Stream
from migration.sections import Choice
from tests.migration.recorded import NAMES, stream
from vmstate import record_of
from vmstate.shape import Int, Padding, Subsection
from vmstate.trace import Seen

PC, SMP = "pc72-72-default", "smp2-72"


def contents(name: str, choice: Choice = "auto", settings: dict[str, object] | None = None) -> Contents:
    read = Stream(stream(name), registry(), choice=choice, settings=settings)
    made = Contents(read.data)
    for event in read.events():
        made.take(event)
    return made


@pytest.mark.parametrize(("name", "place", "value"), [
    (PC, "mc146818rtc::cmos_data[0x50]", 0xA5),
    (PC, "rtc::cmos_index", 80),
    (PC, "cpu::regs[2]", 0x70406),
    (PC, "cpu::segs[1].limit", 0xFFFF),
    (PC, "cpu::eip", 0x7CEE),
    (PC, "cpu::env.eip", 0x7CEE),
    (PC, 'cpu::"env.eip"', 0x7CEE),
    (PC, "cpu::env.cr[0]", 0x10),
    (PC, "dma@1::command", 0),
    (PC, "dma@1#1::command", 0),
    (PC, "pckbd::kbd.obdata", 0xFA),
    (PC, "pckbd::kbd.pckbd/extended_state.obdata", 0xFA),
    (PC, "pckbd::kbd.[pckbd/extended_state].obdata", 0xFA),
    (PC, "0000:00:03.0/e1000::mac_reg[0]", 0x140240),
    (PC, "e1000::parent.config[0]", 0x86),
    (PC, "configuration::length", 13),
    (SMP, "cpu@1::regs[0]", 1001974),
])
def test_a_value(name: str, place: str, value: int) -> None:
    assert contents(name).value(place).found.seen.value == value


def test_parts() -> None:
    there = contents(PC)
    for place, value in {"[0x10:0x12]": b"\x50\x00", "[:2]": b"\x34\x00", "[0x7f:]": b"\0", "[5:5]": b""}.items():
        section, found = there.value(f"rtc::cmos_data{place}")
        seen = found.seen
        assert bytes(seen.value) == section.body[seen.begin:seen.end] == value
    seen = there.value("cpu::regs[2:4]").found.seen
    assert [one.value for one in seen.inside or ()] == [0x70406, 8]
    assert seen.end - seen.begin == 16


def test_a_part_that_stands_behind_its_length() -> None:
    section, found = contents(PC).value("configuration::name[0:2]")
    assert section.body[found.seen.begin:found.seen.end] == b"pc"


def test_by_a_streams_own_names() -> None:
    there = contents(PC, choice="embedded")
    for place in ("cpu::env.regs[2]", 'cpu::"env.regs"[2]'):
        assert there.value(place).found.seen.value == 0x70406
    assert there.value("i8254::channels[0].count").found.seen.value == 0x1234


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_found_by_its_path(name: str) -> None:
    """The way in which errors spell it, as long as that is one value's alone."""
    for section in contents(name).sections:
        leaves = list(section.trace.leaves())[:200]
        paths = [path for path, _ in leaves]
        for path, leaf in leaves[::7]:
            if paths.count(path) == 1:
                assert find(section.trace, path).whole is leaf, f"{section.label}::{path}"


@pytest.mark.parametrize(("place", "words"), [
    ("nobody::x", "no section nobody; there is configuration, timer"),
    ("", "no section ; there is"),
    ("cpu@9::x", "no section cpu@9; there is cpu_common, cpu"),
    ("ram::x", "ram is guest memory, in which nothing has a name"),
    ("rtc::cmos_dat", "mc146818rtc: no cmos_dat; there is cmos_data, cmos_index"),
    ("cpu::segs[1].limt", "cpu: no limt in segs[1]; there is limit"),
    ("cpu::segs[6]", "cpu: no segs[6]: segs: it has 6 elements"),
    ("cpu::segs[x]", "segs: [x] is no index"),
    ("cpu::segs[]", "segs: [] is no index"),
    ("cpu::segs[-1]", "is no index"),
    ("cpu::segs[1", "is no index"),
    ("cpu::segs[4:9]", "segs: it has 6 elements"),
    ("cpu::segs[4:2]", "segs: it has 6 elements"),
    ("cpu::segs[1:2].limit", "segs: nothing may stand behind [1:2]"),
    ("rtc::cmos_data[128]", "cmos_data: it has 128 bytes"),
    ("rtc::cmos_data[1][2]", "nothing may stand behind [1]"),
    ("rtc::period[0]", "no [0] in period; there is nothing in it"),
    ("rtc::period.x", "no x in period; there is nothing in it"),
    ("pckbd::obdata", "no obdata; there is kbd.obdata"),
    ("rtc::a.b", "no a; there is cmos_data, cmos_index"),
])
def test_what_is_not_there(place: str, words: str) -> None:
    with pytest.raises(NotFound, match=re.escape(words)):
        contents(PC).value(place)


def test_a_name_that_several_have() -> None:
    with pytest.raises(NotFound, match=re.escape("x may be any of a/x, b/x")):
        the_one("x", list(named([("a/x", 0, 1), ("b/x", 0, 2)])))
    with pytest.raises(NotFound, match=re.escape("x may be any of x@1, x@2")):
        the_one("x", list(named([("x", 1, 1), ("x", 2, 2)])))
    with pytest.raises(NotFound, match=re.escape("x may be any of x#1, x#2")):
        the_one("x", list(named([("x", 0, 1), ("x", 0, 2)])))
    assert the_one("x", list(named([("x", 0, 1), ("x", 2, 2)]))).item == 1
    assert the_one("x#2", list(named([("x", 0, 1), ("x", 0, 2)]))).item == 2


def test_a_member_that_several_subsections_have() -> None:
    """None of them is taken for another; the record's own goes before both."""
    sub = Subsection(record_of(Rtc))
    subs = [Seen(f"it/{one}", sub, inside=[Seen("x", Int(8), at)]) for at, one in enumerate("ab")]
    root = Seen("", Padding(0), inside=[*subs])
    with pytest.raises(NotFound, match=re.escape("x may be any of it/a.x, it/b.x")):
        find(root, "x")
    assert find(root, "it/b.x").whole.value == 1
    own = Seen("x", Int(8), 7)
    assert find(Seen("", Padding(0), inside=[*subs, own]), "x").whole is own


def test_a_place_in_two_parts() -> None:
    assert [parted(text) for text in ("a::b", "a", "a::b::c", "::b")] == [
        ("a", "b"), ("a", ""), ("a::b", "c"), ("", "b")]


@pytest.mark.parametrize(("text", "name", "instance", "truth"), [
    ("cpu", "cpu", 0, True), ("cpu", "cpu", 1, True), ("cpu@1", "cpu", 1, True), ("cpu@1", "cpu", 0, False),
    ("e1000", "0:3/e1000", 0, True), ("1000", "0:3/e1000", 0, False), ("e1000@2", "0:3/e1000", 2, True),
    ("odd@1", "odd@1", 0, True), ("", "cpu", 0, False),
])
def test_which_section_a_setting_is_for(text: str, name: str, instance: int, truth: bool) -> None:
    assert covers(text, name, instance) is truth


def test_a_setting_for_one_instance() -> None:
    there = contents(SMP, settings={"cpu@1::long_bits": 32})
    assert [one.source for one in there.sections if one.header.name == "cpu"] == ["declared", "embedded"]
