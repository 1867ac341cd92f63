"""A declaration's schema says what the declaration does: the declared records are the judges."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from devices.catalogue import registry
from tests.visitors.judged import DEVICES, Link, Planted
from tests.vmstate.strategies import Example, examples
from tests.vmstate.test_abstract import Kin, Sink
from visitors import schema as written
from vmstate import (
    Record,
    allow,
    array,
    boolean,
    buffer,
    chain,
    enum,
    equal,
    floating,
    mapping,
    nested,
    post_load,
    record_of,
    reserved,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    unused,
)
from vmstate.compat.comparing import compare_sides
from vmstate.compat.layout import Piece, pieces
from vmstate.compat.sides import Part, Side, part_of
from vmstate.describe import hooks, schema
from vmstate.errors import DecodeError
from vmstate.kept import Bag
from vmstate.shape import ABSENT, Chain, Constant, Enumerated, Equal, Int, Member, Nested, Range, Setting

slow = settings(max_examples=60, suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


def part(kind: Any, key: str = "device") -> Part:
    return schema.part(key, written.text(kind).encode())


def read(kind: Any) -> Record[Any]:
    record = part(kind).record
    assert record is not None
    return record


def members(kind: Any) -> dict[str, Member]:
    return {one.key: one for one in read(kind).members}


# -- the judge: what was declared

@pytest.mark.parametrize("record", DEVICES.values(), ids=DEVICES)
def test_a_device_lies_as_it_was_declared(record: Record[Any]) -> None:
    for version in range(record.minimum, record.version + 1):
        if (found := part(record).record) is not None:
            assert pieces(found, version) == pieces(record, version)
            assert isinstance(found.make(), Bag)
    assert (part(record).record is None) == bool(record.traits.unmigratable)


@pytest.mark.parametrize("positional", [True, False], ids=["by place", "by name"])
def test_nothing_differs_between_devices_and_their_schemas(positional: bool) -> None:
    declared = Side("declared", tuple(part_of(name, record) for name, record in DEVICES.items()))
    stored = schema.side("stored", {name: written.text(record).encode() for name, record in DEVICES.items()})
    for one, other in ((declared, stored), (stored, declared), (stored, stored)):
        assert compare_sides(one, other, positional=positional).findings == ()


@slow
@given(examples())
def test_any_state_lies_as_it_was_declared(example: Example) -> None:
    record = record_of(example.kind)
    if not any(again(one) for one in hooks.records(record)):
        assert pieces(read(record)) == pieces(record)


def again(record: Record[Any]) -> bool:
    """Whether a record has another view of itself in it: in a schema that is a record as any other."""
    return any(type(one.shape).__name__ == "Same" for one in record.members)


@pytest.mark.parametrize("kind", [Planted, Link, Kin], ids=lambda one: one.__name__)
def test_states_with_everything(kind: type) -> None:
    assert pieces(read(kind)) == pieces(record_of(kind))
    assert read(kind).make() == read(kind).make()


def test_a_state_with_everything_that_is_no_attribute() -> None:
    """What its code exchanges has members here, and none in the declaration."""
    assert record_of(Sink).imperative
    assert len(read(Sink).members) > len(record_of(Sink).members)
    declared = {one.key for one in record_of(Sink).members if not isinstance(one.shape, Setting)}
    assert declared - {one.key for one in read(Sink).members} == {"holds"}


# -- what it says of a member

def test_names_and_conditions() -> None:
    @state("noted", version=3, minimum=1)
    class Noted:
        plain: int = uint8()
        named: int = uint8(name="QEMU's")
        old: int = uint8(was=("older", "oldest"), write_as="older")
        late: int = uint16(since=2)
        gated: int = uint32(when=lambda self: True)
        small: int = uint8(skippable=True, default=3, means="ns")
        text: bytearray = buffer(2, default=b"ab")
        real: Any = floating(default=1.5)
        many: list[int] = array(uint8(), 2, default=[1, 2])

    found = members(Noted)
    assert (found["plain"].name, found["named"].name) == ("plain", "QEMU's")
    assert (found["old"].was, found["old"].write_as, found["old"].attribute) == (("older", "oldest"), "older", "old")
    assert (found["late"].since, found["late"].when, found["plain"].since) == (2, None, 0)
    assert (str(found["gated"].when), found["plain"].when) == ("<lambda>", None)
    assert (found["small"].skippable, found["small"].means, found["plain"].skippable) == (True, "ns", False)
    for key in ("small", "text", "real", "many"):
        ours = next(one for one in record_of(Noted).members if one.key == key)
        assert found[key].default() == ours.default()
    assert found["plain"].default is ABSENT
    assert (read(Noted).version, read(Noted).minimum, read(Noted).name) == (3, 1, record_of(Noted).name)


def test_a_default_that_json_cannot_say() -> None:
    @state("inner")
    class Inner:
        a: int = uint8()

    @state("outer")
    class Outer:
        tree: dict[int, Inner] = mapping(uint8(), nested(Inner), default={})

    (member,) = read(Outer).members
    assert member.default is not ABSENT
    assert member.default() == {}


def test_checks() -> None:
    from enum import IntEnum

    class Kind(IntEnum):
        OFF = 0
        ON = 4

    @state("checked")
    class Checked:
        ranged: int = uint8(range=(2, 5), reset=2)
        own: int = equal(uint16(), hint="both ends need the same n=")
        kind: Kind = enum(Kind, uint8())
        each: list[int] = array(uint8(range=(0, 1)), 3)
        flags: int = uint8(means=Kind)

    found = members(Checked)
    assert found["ranged"].shape == Range(Int(8), 2, 5)
    assert found["own"].shape == Equal(Int(16), "both ends need the same n=")
    shape = found["kind"].shape
    assert isinstance(shape, Enumerated)
    assert ({one.name: int(one) for one in shape.kind}, found["kind"].means) == ({"OFF": 0, "ON": 4}, None)
    assert {one.name: int(one) for one in found["flags"].means} == {"OFF": 0, "ON": 4}
    assert found["each"].shape.of == Range(Int(8), 0, 1)  # type: ignore[union-attr]


def test_orders_and_markers() -> None:
    @state("element")
    class Element:
        mark: int = uint32()
        last: int = boolean()

    @state("rows")
    class Rows:
        little: int = uint32(order="little")
        bytes_: list[Element] = chain(nested(Element), marker=7)
        words: list[Element] = chain(nested(Element), marker=uint32())
        ended: list[Element] = chain(nested(Element), until="last")

    found = members(Rows)
    assert found["little"].shape == Int(32, order="little")
    shapes = [found[key].shape for key in ("bytes_", "words", "ended")]
    assert [(one.marker, one.bits, one.until) for one in shapes if isinstance(one, Chain)] == [
        (7, 8, None), (None, 32, None), (None, 0, "last")]


def test_settings_are_where_they_were() -> None:
    @state("inner")
    class Inner:
        wide: bool = setting(False, True)
        a: int = uint8(when=lambda self: self.wide)

    @state("outer")
    class Outer:
        count: int = setting(3, *(n for n in range(20) if n != 3))
        inner: Inner = nested(Inner)
        many: list[Inner] = array(nested(Inner), "count")

    found = members(Outer)
    assert found["count"].shape == Setting((3, *(n for n in range(20) if n != 3)))
    shape = found["inner"].shape
    assert isinstance(shape, Nested)
    assert [one.key for one in shape.record.members] == ["wide", "a"]
    assert shape.record.members[0].shape == Setting((False, True))


def test_traits_and_hooks() -> None:
    @state("dev", priority=3, alias_ids=(7,))
    class Device:
        _gone = reserved("old", "older")
        _fine = allow("VM301", "it was never sent", "2999-12-31")
        a: int = uint8()

        @post_load
        def _settle(self, version: int) -> None:
            """Words do not count."""
            self.a += version

        _sub = subsection("dev/sub")(lambda self: True)
        b: int = uint8()

        @_sub.pre_save
        def _prepare(self) -> None:
            self.b = 1

    traits = read(Device).traits
    assert traits == record_of(Device).traits
    assert part(Device).digests == hooks.all_digests(record_of(Device)) == part_of("x", record_of(Device)).digests
    assert set(part(Device).digests) == {"_settle", "dev/sub: _prepare"}


def test_one_that_refuses_to_be_sent() -> None:
    record = registry().named("virtio-crypto")[0]
    assert part(record).record is None
    assert part(record).name == "virtio-crypto"


def test_a_name_that_two_records_have() -> None:
    @state("twin")
    class One:
        a: int = uint8()

    @state("twin")
    class Other:
        b: int = uint16()

    @state("both")
    class Both:
        one: One = nested(One)
        other: Other = nested(Other)

    shapes = [one.shape for one in read(Both).members]
    assert [one.record.name for one in shapes if isinstance(one, Nested)] == ["twin", "twin"]


# -- digests

def digest_of(body: str, words: str = "") -> str:
    namespace: dict[str, Any] = {}
    source = f"def hook(self):\n    {words!r}\n    {body}\n" if words else f"def hook(self):\n    {body}\n"
    import ast

    (tree,) = ast.parse(source).body
    del namespace
    return hooks.told(hooks._wordless(tree))


def test_digests_do_not_see_words() -> None:
    assert digest_of("return self.a", "what it does") == digest_of("return self.a") != digest_of("return self.b")


def test_what_a_digest_is_of() -> None:
    """The same in every Python: what is empty is not told."""
    assert digest_of("return self.a") == (
        "FunctionDef(name='hook', args=arguments(args=[arg(arg='self')]), body=[Return(value=Attribute("
        "value=Name(id='self', ctx=Load()), attr='a', ctx=Load()))])")


def test_a_hook_without_source() -> None:
    namespace: dict[str, Any] = {}
    exec("def hook(self): pass", namespace)  # noqa: S102  a function that no file has
    assert hooks.digest(namespace["hook"]) == ""


# -- hostile

def changed(**changes: Any) -> bytes:
    """The schema of a small state, changed."""
    @state("small")
    class Small:
        a: int = uint8()

    return json.dumps({**written.document(Small), **changes}).encode()


def properties(**shapes: Any) -> bytes:
    return changed(properties={name.replace("__", ":"): one for name, one in shapes.items()})


U8 = {"$ref": "#/$defs/u8"}


def loop(ref: str) -> dict[str, Any]:
    return {"x-vmstate": {"version": 1}, "properties": {"a:{}": {"$ref": f"#/$defs/{ref}"}}}


def doubled(levels: int) -> dict[str, Any]:
    """Records of which each has the next one twice."""
    return {f"r{i}": {"x-vmstate": {"version": 1}, "properties": {
        key: {"$ref": f"#/$defs/r{i + 1}"} for key in ("a:{}", "b:{}")}} for i in range(levels)} | {
        f"r{levels}": {"x-vmstate": {"version": 1}, "properties": {}}}


def properties_of(levels: int) -> bytes:
    """Subsections of which each has the next one."""
    said: dict[str, Any] = {}
    for _ in range(levels):
        said = {"s:{}": {"x-vmstate": {"subsection": True, "version": 1}, "properties": said}}
    return changed(properties=said)


ROOT = {"a:{}": {"$ref": "#/$defs/r0"}}
HOSTILE: list[tuple[str, bytes]] = [
    ("nothing", b""), ("no JSON", b"{"), ("no object", b"[]"), ("deep", b'{"a":' * 100_000), ("another schema", b"{}"),
    ("a title no text", changed(title=1)), ("properties no object", changed(properties=[])),
    ("no version", changed(**{"x-vmstate": {}})), ("a version no number", changed(**{"x-vmstate": {"version": "1"}})),
    ("facts no object", changed(**{"x-vmstate": 1})), ("definitions no object", changed(**{"$defs": 1})),
    ("a key without a type", properties(a=U8)), ("a type that is none", changed(properties={"a:x9": U8})),
    ("an integer of 7 bits", changed(properties={"a:u7": U8})), ("a member no object", changed(properties={"a:u8": 1})),
    ("a reference to nowhere", changed(properties={"a:{}": {"$ref": "#/$defs/none"}})),
    ("a reference no text", changed(properties={"a:{}": {"$ref": 1}})),
    ("a record without a reference", changed(properties={"a:{}": {}})),
    ("a range that is none", changed(properties={"a:u8": {**U8, "minimum": 5, "maximum": "x"}})),
    ("a range upside down", changed(properties={"a:u8": {**U8, "minimum": 5, "maximum": 1}})),
    ("bytes beyond all", changed(properties={"a:b999999999": {}})),
    ("elements beyond all", changed(properties={"a:[u8]": {"items": U8, "maxItems": 1 << 31}})),
    ("a mapping of one type", changed(properties={"a:<u8>": {"items": {"properties": {"key": U8, "value": U8}}}})),
    ("within itself", changed(properties=ROOT, **{"$defs": {"r0": loop("r0")}})),
    ("within each other", changed(properties=ROOT, **{"$defs": {"r0": loop("r1"), "r1": loop("r0")}})),
    ("a row of records", changed(properties=ROOT, **{"$defs": {f"r{i}": loop(f"r{i + 1}") for i in range(100)}})),
    ("more records than there are atoms", changed(properties=ROOT, **{"$defs": doubled(40)})),
    ("subsections in subsections", properties_of(100)), ("more subsections in subsections", properties_of(200)),
    ("more lists in lists", changed(properties={"a:" + "[" * 900 + "u8" + "]" * 900: json.loads(
        '{"items":' * 900 + "{}" + "}" * 900)})),
    ("lists in lists", changed(properties={"a:" + "[" * 100 + "u8" + "]" * 100: json.loads(
        '{"items":' * 100 + "{}" + "}" * 100)})),
    ("a default no bytes", changed(properties={"a:b2": {"default": "xy"}})),
    ("a setting nowhere", changed(properties={"@settings": {"properties": {"": {}}}})),
    ("a setting's choices no list", changed(properties={"@settings": {"properties": {"a": {"enum": 1}}}})),
    ("half a character", b'{"title": "\\ud800"}'), ("hooks no object", changed(**{"x-vmstate": {
        "version": 1, "hooks": []}})), ("a marker of 0", changed(properties={"a:[u8]": {
            "items": U8, "x-vmstate": {"marker": 300}}})),
]


@pytest.mark.parametrize("hostile", [one[1] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_what_is_refused(hostile: bytes) -> None:
    with pytest.raises(DecodeError):
        _records(hostile)


def _records(text: bytes) -> list[Record[Any] | None]:
    return [one.record for one in schema.parse(text, "hostile").parts]


def test_odd_facts() -> None:
    """Nothing but DecodeError leaves, however odd a fact is."""
    odd: list[Any] = [None, True, -1, 1.5, "", "x", "__class__", [], [None], {}, {"mro": 1}, 1 << 80]
    for fact in ("name", "was", "since", "when", "version", "means", "count", "start", "until", "marker", "size",
                 "bits", "length", "codec", "own", "hint", "key", "order"):
        for kind in ("u8", "u", "b", "b2", "bits", "pad", "[u8]", "{}", "time", "u8?", "<u8,u8>"):
            for value in odd:
                said = {"$ref": "#/$defs/u8", "items": U8, "x-vmstate": {fact: value}, "anyOf": [U8]}
                _harmless(changed(properties={f"a:{kind}": said}))
    for key in ("minimum", "maximum", "const", "enum", "default", "maxItems", "$ref", "anyOf", "items"):
        for kind in ("u8", "b2", "[u8]", "u8?", "f64", "{}"):
            for value in odd:
                _harmless(changed(properties={f"a:{kind}": {"$ref": "#/$defs/u8", "items": U8, key: value}}))
    for fact in ("minimum", "when", "skippable", "target", "reserved", "must", "hooks", "priority", "allow", "name"):
        for value in odd:
            _harmless(changed(**{"x-vmstate": {"version": 1, fact: value}}))


def _harmless(text: bytes) -> None:
    try:
        (part,) = schema.parse(text, "odd").parts
        assert part.record is not None or part.name
        if part.record is not None:
            pieces(part.record)
            part.record.make()
    except DecodeError:
        pass


def test_constants() -> None:
    @state("small")
    class Small:
        a: int = uint8()
        _pad = unused(3)

    text = json.loads(written.text(Small))
    text["properties"]["a:u8"] = {"const": 5}
    (found,) = schema.parse(json.dumps(text).encode(), "x").parts
    assert found.record is not None
    assert found.record.members[0].shape == Constant(Int(8), 5)


def test_a_piece_is_told_by_names() -> None:
    """So that it is the same, whether a method or a text says how many there are."""
    assert Piece(("a",), "row", None, (), "n").count == "n"

