"""Trailers, written from declarations and from what a trailer had described: QEMU's own text is the judge."""

from collections.abc import Iterator
from typing import Any

import pytest

from devices.catalogue import registry
from migration.describing import TrailerWriter, describe, style_of
from migration.replica import Stream
from migration.sections import Section
from migration.stream import trailer
from migration.stream.events import Trailer
from tests.migration.recorded import NAMES, STREAMS, stream
from visitors import vmdesc
from visitors.vmdesc import STYLES, Style
from vmstate import (
    Registry,
    array,
    boolean,
    chain,
    mapping,
    nested,
    nullable,
    state,
    tmp,
    uint8,
    uint16,
    uint32,
    unused,
)
from vmstate.combinators import record_of
from vmstate.describe.vmdesc import Object

DESCRIBED = [name for name in NAMES if STREAMS[name]["vmdesc"]]
STYLE = {"5.2": STYLES["2.3"], "7.2": STYLES["6.0"], "10.0": STYLES["10.0"], "11.1": STYLES["11.0"]}

RENAMED = {
    "hpet": [('"num_timers_save"', '"num_timers"')],
    "pckbd": [('"pending_tmp"', '"pending"')],
    "serial": [('"state"', '"serial"')],
    "ps2kbd": [('"parent_obj"', '"common"')],
    "ps2mouse": [('"parent_obj"', '"common"')],
    "ich9_ahci": [('"uint32 equal"', '"int32 equal"')],
    "cpu": [("gt_timer[GTIMER_PHYS]", "gt_timer[0]"), ("gt_timer[GTIMER_VIRT]", "gt_timer[1]")],
    "pl011": [('"readbuff", "type": "uint32"', '"unused", "type": "unused_buffer"')],
    "sysbusespscsi": [('"esp[1]"', '"esp"'), ('"esp", "version": 8', '"esp", "version": 6'),
                      ('"data_ready"', '"data_in_ready"'), ('"mig_ti_cmd"', '"ti_cmd"')],
}
"""What other releases call otherwise (a declaration has the newest name); a serial port off the ISA bus has its own."""


def described(name: str, known: Registry) -> Iterator[tuple[Section, Object]]:
    """Each section that a stream's trailer describes, with what that says."""
    read = Stream(stream(name), known)
    assert read.description is not None
    devices = iter(dict(read.description.pairs)["devices"])
    for event in read.events():
        if isinstance(event, Section) and event.described is not None:
            yield event, next(devices)


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_declaration_says_what_the_trailer_says(name: str) -> None:
    style, met = STYLE[STREAMS[name]["qemu"]], 0
    for section, theirs in described(name, registry()):
        if section.source == "declared" and section.decoded is not None:
            one, met = section.decoded, met + 1
            ours = describe(one.record, one.state, one.version, style)
            text = trailer.encode(ours, spaced=False).decode()
            other = text
            for now, then in RENAMED.get(one.record.name, []):
                other = other.replace(now, then)
            assert trailer.encode(Object(theirs[2:]), spaced=False).decode() in (text, other), section.label
    assert met or name in ("mps2-an385-100", "tricore-100", "or1k-sim-100", "microblaze-72", "none-72")


@pytest.mark.parametrize("known", [Registry(), registry()], ids=["embedded", "declared"])
@pytest.mark.parametrize("name", DESCRIBED)
def test_a_whole_trailer(name: str, known: Registry) -> None:
    read = Stream(stream(name), known)
    assert read.description is not None
    writer = TrailerWriter.like(read.description)
    for event in read.events():
        writer.add(event)
        if isinstance(event, Trailer):
            assert writer.text() == event.text
            return
    pytest.fail("no trailer")


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_style_is_seen(name: str) -> None:
    """As far as it shows: a stream without an array that is listed one by one looks like the newest."""
    description = Stream(stream(name), Registry()).description
    assert description is not None
    found, style = style_of(description), STYLE[STREAMS[name]["qemu"]]
    assert (found.spaced, found.configuration) == (style.spaced, style.configuration)
    assert found in (style, vmdesc.NEWEST)


def test_a_section_that_was_changed() -> None:
    """A subsection more: the stream's own description fits no longer, and the declaration's takes its place."""
    read = Stream(stream("pc72-72-nodefaults"), registry())
    assert read.description is not None
    writer = TrailerWriter.like(read.description)
    for event in read.events():
        if isinstance(event, Section) and event.label == "mc146818rtc":
            assert event.decoded is not None
            event.decoded.state._kept.subsections.append(("mc146818rtc/irq_reinject_on_ack_count", 1))
        writer.add(event)
    again = dict(next(one for one in writer.devices if one[0][1] == "mc146818rtc"))
    assert [dict(one)["vmsd_name"] for one in again["subsections"]] == ["mc146818rtc/irq_reinject_on_ack_count"]


# -- made by hand, after QEMU's code: no stream has these


@state("part")
class Part:
    """A record that is alike each time."""

    a: int = uint8()


@state("odd")
class Odd:
    """One that is not: a member of it has a predicate."""

    def _is_there(self) -> bool:
        return True

    b: int = uint8(when=_is_there)


@state("tmp")
class Halved:
    """A temporary."""

    low: int = uint16()

    @classmethod
    def pack(cls, parent: Any) -> "Halved":
        return cls(low=parent.word & 0xFFFF)

    def unpack(self, parent: Any) -> None:
        parent.word = self.low


@state("dev", version=3)
class Device:
    """One of each."""

    word: int = uint32()
    _half = tmp(Halved)
    alike: list[Part] = array(nested(Part), 3)
    odd: list[Odd] = array(nested(Odd), 3)
    slots: list[Part | None] = array(nullable(nested(Part)), 5)
    odd_slots: list[Odd | None] = array(nullable(nested(Odd)), 4)
    marked: list[Part | None] = array(nullable(nested(Part), marked=True), 2)
    queue: list[Part] = chain(nested(Part), type="qlist")
    tree: dict[int, Part] = mapping(uint32(), nested(Part))
    whole: list[int] = array(uint16(), 4, info="pci irq state")
    at_five: Part = nested(Part, version=1)
    _gone = unused(2)
    single: list[bool] = array(boolean(), 1)
    none: list[bool] = array(boolean(), 0)
    _unused_too = unused(1)


def fields(style: Style, slots: list[Part | None], odd_slots: list[Odd | None]) -> dict[str, list[Any]]:
    """What the device says, by field: everything but the records inside."""
    device = Device(slots=slots, odd_slots=odd_slots, marked=[None, Part()], queue=[Part(), Part()], tree={7: Part()})
    found = dict(describe(record_of(Device), device, 3, style))
    said: dict[str, list[Any]] = {}
    for one in found["fields"]:
        keys = [(key, value) for key, value in one[1:] if key not in ("struct", "vmsd_name", "version", "fields")]
        said.setdefault(one[0][1], []).append(tuple(keys))
    return said


ALIKE = [(("array_len", 3), ("type", "struct"), ("size", 1))]


@pytest.mark.parametrize("release", STYLES)
def test_what_all_releases_say_alike(release: str) -> None:
    said = fields(STYLES[release], [Part() for _ in range(5)], [Odd() for _ in range(4)])
    assert said["alike"] == ALIKE
    assert said["slots"] == [(("array_len", 5), ("type", "struct"), ("size", 1))]
    assert said["tmp"] == [(("type", "tmp"), ("size", 2))]
    assert said["queue"] == [(("type", "qlist"), ("size", 5))]
    assert said["tree"] == [(("type", "gtree"), ("size", 11))]
    assert said["whole"] == [(("type", "pci irq state"), ("size", 8))]
    assert said["at_five"] == [(("type", "vstruct"), ("size", 1))]
    assert said["single"] == [(("type", "bool"), ("size", 1))]
    assert said["unused[0]"] == [(("type", "unused_buffer"), ("size", 2))]
    assert said["unused[1]"] == [(("type", "unused_buffer"), ("size", 1))]
    assert "none" not in said


def test_markers_since_11() -> None:
    said = fields(STYLES["11.0"], [None] * 5, [None] * 4)
    assert said["marked"] == [(("type", "ptr-marker"), ("size", 1))] * 2 + [(("type", "struct"), ("size", 1))]


@pytest.mark.parametrize(("release", "numbers"), [("6.0", [0, 1, 2]), ("10.0", [0, 1, None]), ("11.0", [None] * 3)])
def test_elements_one_by_one(release: str, numbers: list[int | None]) -> None:
    said = fields(STYLES[release], [None] * 5, [Odd() for _ in range(4)])["odd"]
    assert [dict(one).get("index") for one in said] == numbers


def test_nulls_up_to_9() -> None:
    """The first slot stands for all, a null or not; where none stands for all, each has its field's own type."""
    said = fields(STYLES["8.2"], [None, Part(), Part(), None, None], [None, Odd(), None, Odd()])
    assert said["slots"] == [(("array_len", 5), ("type", "struct"), ("size", 1))]
    assert said["odd_slots"] == [(("index", i), ("type", "struct"), ("size", 1)) for i in range(4)]


def test_nulls_since_10() -> None:
    said = fields(STYLES["10.0"], [None, Part(), Part(), None, None], [None, Odd(), None, None])
    null = (("type", "nullptr"), ("size", 1))
    assert said["slots"] == [null, (("array_len", 2), ("type", "struct"), ("size", 1)), (("array_len", 2), *null)]
    assert said["odd_slots"] == [null, (("type", "struct"), ("size", 1)), (("array_len", 2), *null), null]


def test_a_first_run_since_10_has_the_length_of_the_array() -> None:
    said = fields(STYLES["10.0"], [Part(), Part(), None, Part(), Part()], [Odd(), Odd(), None, Odd()])
    assert said["slots"] == [(("array_len", 5), ("type", "struct"), ("size", 1)), (("type", "nullptr"), ("size", 1)),
                             (("array_len", 2), ("type", "struct"), ("size", 1))]
    assert [dict(one).get("index") for one in said["odd_slots"]] == [0, 1, None, None]
