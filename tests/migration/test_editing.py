"""A stream with values set: what becomes of the section, and of all that has to be true of it besides."""

import re
from typing import Any

import pytest

import vmstate
from devices.catalogue import registry
from migration.drafting import Draft
from migration.editing import Editing
from migration.paths import find
from migration.places import NotFound
from migration.replica import Stream, verify
from migration.sections import Section
from migration.stream import trailer
from tests.migration.made import EOF, HEADER, full
from tests.migration.recorded import NAMES, stream
from visitors import qemufile
from vmstate import (
    Decoded,
    HookRefused,
    Registry,
    VMStateError,
    array,
    boolean,
    buffer,
    chain,
    check,
    mapping,
    nested,
    nullable,
    post_load,
    sized_buffer,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    unused,
)
from vmstate.describe import vmdesc
from vmstate.shape import Int

PC, SMALL = "pc72-72-nodefaults", "none-72"
REINJECT = "mc146818rtc/irq_reinject_on_ack_count"
ADDED = '{"irq_reinject_on_ack_count": 3}'
MORE = 2 + len(REINJECT) + 4 + 2
"""Bytes of that subsection."""
MAPPED, POSTCOPY, BARE = "opt-mapped-ram-100", "proxy-postcopy-100.main", "opt-suppress-vmdesc-72"


def editing(data: bytes, values: list[tuple[str, str]], known: Registry | None = None, **how: Any) -> Editing:
    made = Editing(Stream(data, known or registry(), **how))
    for place, text in values:
        made.set(place, text)
    return made


def written(made: Editing) -> bytes:
    made.finish()
    out = list[bytes]()
    made.write(out.append)
    return b"".join(out)


def state_of(data: bytes, label: str, known: Registry | None = None) -> Any:
    (found,) = [one for one in Stream(data, known or registry()).events()
                if isinstance(one, Section) and one.label == label]
    assert found.decoded is not None
    return found.decoded.state


# -- recorded streams

@pytest.mark.parametrize("choice", ["auto", "embedded"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_set_is_nothing_changed(name: str, choice: Any) -> None:
    assert written(editing(stream(name), [], choice=choice)) == stream(name)


@pytest.mark.parametrize("choice", ["auto", "embedded"])
@pytest.mark.parametrize("name", NAMES)
def test_there_and_back(name: str, choice: Any) -> None:
    """A bit of two of each section's numbers is turned over and back again."""
    turned = 0
    for section in editing(stream(name), [], choice=choice).contents.sections:
        leaves = [path for path, leaf in section.trace.leaves() if isinstance(leaf.node, Int)]
        for path in dict.fromkeys(leaves[::len(leaves) // 2 + 1]):
            if leaves.count(path) == 1 and section.decoded is not None:
                turned += turns(section, section.decoded, path)
    assert turned > 1 or (choice == "embedded" and trailer.find(stream(name)) is None)


def turns(section: Section, decoded: Decoded[Any], path: str) -> bool:
    """Whether a number can be another one: of counts and the like it is refused."""
    found, there = find(section.trace, path), Draft(section, decoded)
    there.set(found, hex(found.whole.value ^ 1))
    try:
        there.finish()
    except VMStateError as error:
        return error.section != section.label
    assert there.body != section.body
    assert there.renewed.decoded is not None
    back = Draft(there.renewed, there.renewed.decoded)
    back.set(find(there.renewed.trace, path), hex(found.whole.value))
    back.finish()
    assert back.body == section.body
    return True


def test_a_value_changes_its_bytes_alone() -> None:
    old = stream(PC)
    new = written(editing(old, [("mc146818rtc::cmos_data[0x45]", "0xa5")]))
    assert [at for at in range(len(old)) if old[at] != new[at]] == [0x79490 + 0x45]
    assert state_of(new, "mc146818rtc").cmos_data[0x45] == 0xA5


def test_a_value_set_to_what_it_is() -> None:
    assert written(editing(stream(PC), [("mc146818rtc::cmos_index", "0xf"), ("cpu::eip", "0xb7b9")])) == stream(PC)


@pytest.mark.parametrize("name", [PC, "pc100-100-nodefaults", "pc52-111", "virtio-a-legacy-52", "opt-no-footer-100",
                                  "smp2-72", "q100-100-default", BARE, POSTCOPY])
def test_the_stream_stays_true(name: str) -> None:
    """A subsection more: the section is longer, its description has it, a package's length too."""
    old = stream(name)
    new = written(editing(old, [(f"mc146818rtc::{REINJECT}", ADDED)]))
    described = trailer.find(new)
    assert (len(new) == len(old) + MORE) is (described is None)
    assert (described is not None) is (trailer.find(old) is not None)
    report = verify(Stream(new, registry()))
    assert (report.findings, str(report.error), report.accounted) == ([], "None", len(new))
    assert state_of(new, "mc146818rtc").irq_reinject_on_ack_count == 3
    if described is not None:
        assert REINJECT.encode() in new[described[0]:]
    assert written(editing(new, [(f"mc146818rtc::{REINJECT}", "null")])) == old


def test_the_configuration() -> None:
    new = written(editing(stream("pc100-100-nodefaults"), [
        ("configuration::length", "7"), ("configuration::name", '"machine"')]))
    report = verify(Stream(new, registry()))
    assert (report.ok, report.findings) == (True, [])
    described = vmdesc.parse(new[slice(*trailer.find(new) or ())])
    assert dict(dict(described.pairs)["configuration"])["fields"][1][2] == ("size", 7)


def test_mapped_pages_stay_in_their_place() -> None:
    old = stream(MAPPED)
    new = written(editing(old, [(f"mc146818rtc::{REINJECT}", ADDED)]))
    assert verify(Stream(new, registry())).ok
    pages = old.index(b"mc146818rtc")
    assert new[:pages] == old[:pages]
    made = editing(old, [("configuration::length", "3"), ("configuration::name", '"abc"')])
    with pytest.raises(VMStateError, match="before the pages of a file with mapped RAM must stay as long"):
        made.finish()


def test_a_description_that_nobody_would_write_stays() -> None:
    """As long as it is still true."""
    data = stream(SMALL)
    begin, _ = trailer.find(data) or (0, 0)
    odd = data[begin:].replace(b'"page_size": 4096', b'"page_size":  4096')
    data = data[:begin - 4] + len(odd).to_bytes(4, "big") + odd
    new = written(editing(data, [("timer::cpu_ticks_offset", "77")]))
    assert new[begin:] == odd
    assert state_of(new, "timer").cpu_ticks_offset == 77


def test_a_setting_would_be_taken_for_another() -> None:
    """How long the name is, in this section, shows in a byte behind it alone."""
    with pytest.raises(VMStateError, match="globalstate: what was set would be read as something else"):
        editing(stream("tricore-100"), [("globalstate::has_vm_was_suspended", "0")]).finish()
    editing(stream("tricore-100"), [("globalstate::vm_was_suspended", "1")]).finish()


def test_a_setting_follows_from_what_is_set() -> None:
    """A subsection that is left out, and that a machine type may have decided about."""
    new = written(editing(stream("pc72-72-default"), [("e1000::e1000/mit_state", "null")]))
    assert verify(Stream(new, registry())).ok
    assert new.count(b"e1000/mit_state") == 0


@pytest.mark.parametrize(("name", "place", "text"), [
    ("a64-virt72-gic3-72", "configuration::page_bits", "13"),
    (MAPPED, "configuration::configuration/capabilities", "null"),
])
def test_memory_would_be_read_in_another_way(name: str, place: str, text: str) -> None:
    with pytest.raises(VMStateError, match="configuration: guest memory is sent as its page size and capabilities say"):
        editing(stream(name), [(place, text)]).finish()


@pytest.mark.parametrize(("place", "text", "words"), [
    ("mc146818rtc::cmos_index", "300", "mc146818rtc::cmos_index: expected uint8, got 300"),
    ("mc146818rtc::cmos_index", "-1", "mc146818rtc::cmos_index: expected uint8, got -1"),
    ("mc146818rtc::cmos_data", "00", "mc146818rtc::cmos_data: expected 128 bytes, got 1 bytes"),
    ("mc146818rtc::cmos_data[3]", "256", "mc146818rtc::cmos_data: '256' is no byte"),
    ("mc146818rtc::cmos_data[3]", "0x" + "f" * 9000, "is no byte"),
    ("mc146818rtc::cmos_data[3:5]", "aa", "1 bytes for 2"),
    ("cpu::regs[0:2]", "[1]", "cpu::regs: 1 elements for 2"),
    ("cpu::regs", "[1, 2]", "cpu::regs: expected 16 elements, got 2"),
    ("cpu::regs[1]", "0x1" + "0" * 16, "cpu::regs[1]: expected uint64, got 18446744073709551616"),
    ("cpu::regs[1]", "0x1" + "0" * 9000, "cpu::regs[1]: expected uint64, got an integer of 36001 bits"),
    ("cpu::long_bits", "32", "cpu::long_bits: it is a setting, which the bytes do not carry"),
    ("cpu", "[]", "cpu: an object of members is wanted"),
    ("mc146818rtc::tm", "01", "mc146818rtc::tm: expected 28 bytes"),
    ("hpet::num_timers", "5", "hpet::timers: expected 5 elements, got 3"),
    (f"mc146818rtc::{REINJECT}", '{"irq_reinject_on_ack_count": 70000}', "expected uint16, got 70000"),
    (f"mc146818rtc::{REINJECT}", '{"@version": 9}', "version 9"),
    (f"mc146818rtc::{REINJECT}", "3", "an object of members is wanted"),
])
def test_what_does_not_fit(place: str, text: str, words: str) -> None:
    with pytest.raises(VMStateError) as told:
        editing(stream(PC), [(place, text)]).finish()
    assert words in str(told.value)
    assert "@ 0x" not in str(told.value)


@pytest.mark.parametrize(("place", "words"), [
    ("ram::x", "guest memory"), ("mc146818rtc::cmos", "no cmos; there is cmos_data"),
    ("mc146818rtc::irq_reinject_on_ack_count", f"was not sent; mc146818rtc::{REINJECT}={{...}} adds it"),
    ("vmmouse2::x", "no section vmmouse2"), ("mc146818rtc::x.y", "no x; there is"),
])
def test_what_is_not_there(place: str, words: str) -> None:
    with pytest.raises(NotFound, match=re.escape(words)):
        Editing(Stream(stream(PC), registry())).set(place, "1")


# -- a device with one of each

@state("leaf")
class Leaf:
    x: int = uint8()


@state("all", version=2, minimum=1)
class All:
    n: int = uint8()
    row: list[int] = array(uint16(), "n")
    flag: bool = boolean()
    t: int | None = timer()
    text: bytearray = sized_buffer(8)
    slot: Leaf | None = nullable(nested(Leaf))
    items: list[Leaf] = chain(nested(Leaf))
    by: dict[int, Leaf] = mapping(uint8(), nested(Leaf))
    data: bytearray = buffer("n")
    _pad = unused(2)
    last: int = uint8(range=(0, 9))

    @check("last is not 8")
    def _is_fine(self) -> bool:
        return self.last != 8

    @subsection("all/a")
    def _a(self) -> bool:
        return self.a != 0

    a: int = uint8()

    @subsection("all/b", version=3)
    def _b(self) -> bool:
        return self.b != 5

    b: int = uint8(reset=5)
    c: int = uint8(reset=6)

    @post_load
    def _refuses(self, version: int) -> None:
        if self.n == 3:
            raise HookRefused("three are too many")


KNOWN = Registry({"all": All, "leaf": Leaf})
FULL = All(n=2, row=[1, 2], flag=True, t=5, text=bytearray(b"xyz"), slot=Leaf(x=4), items=[Leaf(x=5)],
           by={6: Leaf(x=7)}, data=bytearray(b"ab"), last=1)
ODD = vmstate.save(FULL, qemufile).replace(b"\0\1\0\2\1", b"\0\1\0\2\7").replace(b"ab\0\0\1", b"ab\1\2\1")
"""With a boolean that is 7, and unused bytes that are not 0."""
DATA = HEADER + full(3, "other", b"opaque") + full(4, "all", ODD, version=2) + EOF + b"behind"


@pytest.mark.parametrize(("values", "change"), [
    ([("n", "1"), ("row", "[9]"), ("data", "ff")], {"n": 1, "row": [9], "data": b"\xff"}),
    ([("n", "0"), ("row", "[]"), ("data", "")], {"n": 0, "row": [], "data": b""}),
    ([("row[1]", "7"), ("data[0]", "0"), ("data[1:2]", "0xee")], {"row": [1, 7], "data": b"\0\xee"}),
    ([("flag", "false")], {"flag": False}),
    ([("t", "null")], {"t": None}),
    ([("text", '"longer than that"')], {"text": b"longer than that"}),
    ([("text[1]", "0x20")], {"text": b"x z"}),
    ([("slot", "null")], {"slot": None}),
    ([("slot.x", "9")], {"slot": Leaf(x=9)}),
    ([("items", '[{"x": 1}, {"x": 2}, {"x": 3}]')], {"items": [Leaf(x=1), Leaf(x=2), Leaf(x=3)]}),
    ([("items[0].x", "1")], {"items": [Leaf(x=1)]}),
    ([("items", "[]")], {"items": []}),
    ([("by", '[{"key": 1, "value": {"x": 2}}]')], {"by": {1: Leaf(x=2)}}),
    ([("by[0].value.x", "2")], {"by": {6: Leaf(x=2)}}),
    ([("by[0].key", "2")], {"by": {2: Leaf(x=7)}}),
    ([("by[0]", '{"key": 2, "value": {"x": 1}}')], {"by": {2: Leaf(x=1)}}),
    ([("last", "9")], {"last": 9}),
    ([("", '{"last": 9, "t": null}')], {"last": 9, "t": None}),
])
def test_what_is_set_is_read(values: list[tuple[str, str]], change: dict[str, Any]) -> None:
    new = written(editing(DATA, [(f"all::{path}" if path else "all", text) for path, text in values], KNOWN))
    before, after = state_of(DATA, "all", KNOWN), state_of(new, "all", KNOWN)
    for key, value in change.items():
        assert getattr(after, key) == value
        setattr(before, key, value)
    assert after == before
    assert new.startswith(DATA[:DATA.index(ODD)])
    assert new.endswith(b"\x7e\0\0\0\4\0behind")
    if "flag" not in change:
        assert after._kept.raw[("flag",)] == 7
    assert after._kept.raw[("pad",)] == b"\1\2"


def test_unused_bytes() -> None:
    new = written(editing(DATA, [("all::pad", "0000"), ("all::flag", "1")], KNOWN))
    assert ODD.replace(b"\2\7", b"\2\1").replace(b"ab\1\2\1", b"ab\0\0\1") in new
    assert b"ab\3\4\1" in written(editing(new, [("all::pad", "0304")], KNOWN))


def test_subsections_stand_in_their_order() -> None:
    both = written(editing(DATA, [("all::all/b", '{"c": 1}'), ("all::all/a", "{}")], KNOWN))
    assert both.index(b"all/a") < both.index(b"all/b")
    assert b"\5all/b\0\0\0\3\5\1" in both
    assert written(editing(both, [("all::all/b", "null")], KNOWN)).count(b"all/b") == 0
    assert written(editing(both, [("all::all/b", "null"), ("all::all/a", "null")], KNOWN)) == DATA
    assert b"\5all/b\0\0\0\3\5\x08" in written(editing(both, [("all::c", "8")], KNOWN))


@pytest.mark.parametrize(("values", "told"), [
    ([("all::last", "8")], ["all::is_fine: last is not 8: this must hold, and does not"]),
    ([("all::n", "3"), ("all::row", "[1, 2, 3]"), ("all::data", "010203")], ["all: three are too many"]),
    ([("all::last", "9")], []),
])
def test_what_a_destination_would_refuse(values: list[tuple[str, str]], told: list[str]) -> None:
    found = editing(DATA, values, KNOWN).finish()
    assert found == [f"a destination would refuse it: {one}" for one in told]


def test_what_was_refused_before_is_not_told() -> None:
    bad = vmstate.save(FULL, qemufile)[:-1] + b"\x08"
    data = HEADER + full(4, "all", bad, version=2) + EOF
    assert editing(data, [("all::t", "9")], KNOWN).finish() == []


@pytest.mark.parametrize(("values", "words"), [
    ([("last", "10")], "all::last: expected 0 to 9, got 10"),
    ([("n", "1")], "all::row: expected 1 elements, got 2"),
    ([("row", "[1, 2, 3]")], "all::row: expected 2 elements, got 3"),
    ([("by", '[{"key": 1, "value": {"x": 2}}, {"key": 1, "value": {"x": 3}}]')], "is sent twice"),
    ([("items", '[{"x": 1}, {}]')], "all::items[1].x: missing"),
    ([("slot", "null"), ("slot.x", "3")], "all::slot.x: it is no longer there, by what was set before"),
    ([("items", "[]"), ("items[0].x", "3")], "it is no longer there"),
    ([("by[0]", "3")], "all::by[0]: an object"),
])
def test_what_does_not_fit_it(values: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(VMStateError) as told:
        editing(DATA, [(f"all::{path}", text) for path, text in values], KNOWN).finish()
    assert words in str(told.value)


def test_what_is_opaque() -> None:
    made = Editing(Stream(DATA, KNOWN))
    for place in ("other::x", "other"):
        with pytest.raises(NotFound, match="other is opaque: nothing here knows what its 6 bytes mean"):
            made.set(place, "1")
