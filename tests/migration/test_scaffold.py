"""Sketches of what a stream has: lists, pointers, temporaries, elements that are not alike; and with a dump's gates."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from devices.catalogue import registry
from migration.scaffold.known import Known
from migration.scaffold.modules import module
from migration.scaffold.seeing import seen
from migration.scaffold.sources import scaffold
from migration.sections import Section
from migration.stream.events import Kind, SectionBegin
from visitors import qemufile
from vmstate import DecodeError, Registry, decode, encode
from vmstate.describe import dump_vmstate
from vmstate.describe.records import described

Json = dict[str, Any]
NOTHING = Known(Registry())


def field(name: str, kind: str, size: int, **more: object) -> Json:
    return {"name": name, "type": kind, "size": size, **more}


def section(body: bytes, *fields: Json, subsections: tuple[Json, ...] = (), name: str = "gadget") -> Section:
    """A section of a stream that describes it so. A key with a number behind is one that repeats."""
    text = json.dumps({"name": name, "instance_id": 0, "vmsd_name": name, "version": 2, "fields": fields,
                       **({"subsections": subsections} if subsections else {})})
    found = decode(described(re.sub(r'#\d"', '"', text), name, 1 << 16), body, qemufile)
    return Section(SectionBegin(Kind.SECTION_FULL, 1, name, 0, 2, 0, 0), body, 0, embedded=found)


def lines(text: str) -> list[str]:
    """The members, without the classes around."""
    return [line.strip() for line in text.splitlines() if " = " in line]


def text_of(one: Section, known: Known = NOTHING) -> str:
    """The module; it reads what it was made of."""
    text = scaffold(one.header.name, known, [one], None)
    made: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "made", "exec"), made)  # noqa: S102  it is what is tested
    kind = [value for value in made.values() if isinstance(value, type) and value.__module__ == "made"][-1]
    assert encode(decode(kind, one.body, qemufile), qemufile) == one.body
    return text


POINT = {"vmsd_name": "point", "version": 1, "fields": [field("x", "uint8", 1), field("y", "int16", 2)]}


def test_a_list() -> None:
    twice = {f"{key}#{i}": value for i in range(2) for key, value in POINT.items()}
    text = text_of(section(b"\1\5\0\6\1\7\0\x08\0", field("points", "qtailq", 9, **twice)))
    assert lines(text) == ["x: int = uint8()", "y: int = int16()", "points: list[Point] = chain(nested(Point))"]


def test_an_empty_list() -> None:
    text = text_of(section(b"\0", field("points", "qtailq", 1)))
    assert lines(text) == ['points: bytearray = buffer(1, type="qtailq")']
    assert "TODO: `points`: what its elements are: a qtailq, and it was empty." in text


def test_pointers_of_which_some_are_null() -> None:
    text = text_of(section(
        b"0\5\0\6" + b"00", field("points", "nullptr", 1, index=0), field("points", "struct", 3, index=1, struct=POINT),
        field("points", "nullptr", 1, array_len=2)))
    assert lines(text)[-1] == "points: list[Point | None] = array(nullable(nested(Point)), 4)"


def test_pointers_with_markers() -> None:
    text = text_of(section(
        b"1\5\0\6" + b"0", field("points", "ptr-marker", 1), field("points", "struct", 3, struct=POINT),
        field("points", "ptr-marker", 1)))
    assert lines(text)[-1] == "points: list[Point | None] = array(nullable(nested(Point), marked=True), 2)"


def test_a_pointer_that_is_null() -> None:
    text = text_of(section(b"0", field("request", "nullptr", 1)))
    assert lines(text) == ["request: int | None = nullable(uint8())"]
    assert "TODO: `request`: what it points to. It was null." in text


def test_a_temporary() -> None:
    text = text_of(section(b"\5\0\6", {"name": "tmp", "type": "tmp", "size": 3, **POINT}))
    assert '    tmp_: Point = local(Point)\n    _tmp = tmp(Point)\n' in text
    assert '    def pack(cls, parent: "Gadget") -> "Point":\n' in text


def test_types_by_name() -> None:
    text = text_of(section(
        bytes(42), field("n", "uint8 equal", 1), field("v", "int32 le", 4), field("big", "int64 equal", 8),
        field("f", "float64", 8), field("bits", "bitmap", 8), field("own", "pci thing", 2), field("ok", "bool", 1),
        field("unused", "unused_buffer", 2), field("t", "timer", 8)))
    assert lines(text) == [
        "n: int = equal(uint8())", "v: int = at_most(int32())", "big: int = equal(uint64())",
        'f: Float64 = floating(type="float64")', "bits: int = bitmap(64)",
        'own: bytearray = buffer(2, type="pci thing")', "ok: bool = boolean()", "_unused = unused(2)",
        "t: int | None = timer()"]
    assert "TODO: `own`: what is in it: QEMU writes it by a function of its own, 'pci thing'." in text
    assert "TODO: `bits`: how many bits it has, 64 at most." in text


def test_what_a_load_compares_is_what_was_there() -> None:
    assert lines(text_of(section(b"\7", field("n", "uint8 equal", 1)))) == ["n: int = equal(uint8(reset=7))"]


RARE = {"vmsd_name": "point/rare", "version": 1, "fields": [field("z", "uint8", 1)]}
SENT = b"\5\x0apoint/rare\0\0\0\1"


def test_elements_of_which_some_have_a_subsection() -> None:
    text = text_of(section(
        b"\1\0\2" + SENT + b"\x09" + b"\3\0\4", field("points", "struct", 20, index=0, struct={
            **POINT, "subsections": [RARE]}), field("points", "struct", 3, index=1, struct=POINT)))
    assert lines(text)[-1] == "points: list[Point] = array(nested(Point), 2)"
    assert "        return self.z != 0\n" in text
    assert "TODO: `points`: QEMU lists the elements one by one" in text


def test_a_subsection_that_held_nothing() -> None:
    text = text_of(section(b"\1\0\2" + SENT + b"\0", field("points", "struct", 20, struct={
        **POINT, "subsections": [RARE]})))
    assert 'raise NotImplementedError("TODO: when point/rare is sent")' in text


def test_elements_that_are_not_alike() -> None:
    other = {**POINT, "fields": POINT["fields"][:1]}
    text = text_of(section(b"\1\0\2\3", field("points", "struct", 3, index=0, struct=POINT),
                           field("points", "struct", 1, index=1, struct=other)))
    assert lines(text)[-2:] == ["points: Point = nested(Point)", 'points2: Point2 = nested(Point2, name="points")']


def test_a_part_that_is_declared_already() -> None:
    """By what it reads: a record of another version or size is another one."""
    fields = [field("config_reg", "uint32", 4)]
    for size, version, reused in ((4, 1, True), (4, 2, False), (2, 1, False)):
        inner = {"vmsd_name": "PCIHost", "version": version, "fields": [{**fields[0], "size": size,
                                                                          "type": f"uint{8 * size}"}]}
        text = text_of(section(bytes(size), field("host", "struct", size, struct=inner)), Known(registry()))
        assert ("from devices.pci.host import PciHost\n" in text) is reused


# -- with a dump

def dump(*fields: Json, subsections: tuple[Json, ...] = (), version: int = 2) -> dump_vmstate.Side:
    description = {"name": "gadget", "version_id": version, "minimum_version_id": 1, "Fields": fields,
                   "Subsections": subsections}
    whole = {"Name": "gadget", "version_id": version, "minimum_version_id": 1, "Description": description}
    return dump_vmstate.parse(json.dumps({"gadget": whole}).encode(), "dump")


def told(name: str, size: int, since: int = 0, exists: bool = False, **more: object) -> Json:
    return {"field": name, "version_id": since, "field_exists": exists, "size": size, **more}


def test_both() -> None:
    one = section(b"\1\2\3\0\0", field("a", "int8", 1), field("c", "uint8", 1), field("n", "uint8", 1),
                  field("list", "uint8", 1, array_len=2))
    never = {"name": "gadget/rare", "version_id": 1, "minimum_version_id": 1, "Fields": [told("z", 1)]}
    text = scaffold("gadget", NOTHING, [one], dump(
        told("a", 1), told("b", 4, exists=True), told("c", 1, since=2), told("n", 1, exists=True), told("list", 1),
        told("fixed", 1, since=3, num=2), subsections=(never,), version=3))
    assert '@state("gadget", version=3, minimum=1)' in text
    assert lines(text) == [
        "a: int = int8()", "b: int = uint32(when=_has_b)", "c: int = uint8(since=2)", "n: int = uint8(when=_has_n)",
        'list_: list[int] = array(uint8(), 2, name="list")', "fixed: list[int] = array(uint8(), 2, since=3)",
        "z: int = uint8()"]
    assert text.count("return False") == text.count("return True") == 1
    assert "TODO: `list_`: what tells how many elements it has. There were 2." in text


def test_a_field_that_the_dump_has_not() -> None:
    with pytest.raises(DecodeError, match="the dump has no field b at this place of gadget"):
        scaffold("gadget", NOTHING, [section(b"\1\2", field("a", "uint8", 1), field("b", "uint8", 1))],
                 dump(told("a", 1)))


def test_a_sketch_keeps_its_order() -> None:
    one = section(b"\1\2", field("a", "uint8", 1), field("b", "uint8", 1))
    assert one.embedded is not None
    sketch = seen(one.embedded.record, one.embedded.state)
    assert [found.name for found in sketch.fields] == ["a", "b"]
    assert module(sketch, NOTHING, "x", "y").index("a:") < module(sketch, NOTHING, "x", "y").index("b:")
