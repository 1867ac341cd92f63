"""JSON Schema: jsonschema accepts what is written and refuses what is wrong; the text is made for review."""

import difflib
import json as library_json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from tests.visitors import judged
from tests.visitors.judged import DEVICES, KEPT, Planted, Tree, each
from tests.vmstate.strategies import Example, examples
from tests.vmstate.test_abstract import Kin, Sink
from visitors import json, qemufile, schema
from vmstate import (
    Decoded,
    Exchange,
    abstract,
    array,
    buffer,
    chain,
    check,
    decode,
    encode,
    mapping,
    nested,
    nullable,
    record_of,
    reserved,
    save,
    setting,
    state,
    uint8,
    uint16,
    uint32,
    view,
)
from vmstate.describe.hooks import digests

slow = settings(max_examples=40, suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


def judge(kind: Any) -> Any:
    """A validator of its documents."""
    return Draft202012Validator(schema.document(kind))


def accepts(kind: Any, document: bytes) -> bool:
    errors = [(list(error.absolute_path), error.message) for error in judge(kind).iter_errors(json.loads(document))]
    assert errors == []
    return True


# -- every device, every state

@pytest.mark.parametrize("record", DEVICES.values(), ids=DEVICES)
def test_the_metaschema_accepts_it(record: Any) -> None:
    found = schema.document(record)
    Draft202012Validator.check_schema(found)
    assert library_json.loads(schema.text(record)) == found
    assert [line for line in schema.text(record).split("\n") if len(line) > schema.WIDTH and " " not in line] == []


def test_every_recorded_state_is_an_instance() -> None:
    judges = {record: judge(record) for record in DEVICES.values()}
    found = judged.states()
    assert len(found) > 200
    for decoded in found:
        document = json.loads(encode(decoded, json))
        errors = [error.message for error in judges[decoded.record].iter_errors(document)]
        assert (decoded.record, errors) == (decoded.record, [])


@pytest.mark.parametrize("record", DEVICES.values(), ids=DEVICES)
def test_a_reset_state_is_an_instance(record: Any) -> None:
    assert accepts(record, encode(Decoded(record.make(), record.version, record), json))


@slow
@given(example=examples())
def test_any_state_of_any_declaration_is_an_instance(example: Example) -> None:
    Draft202012Validator.check_schema(schema.document(example.kind))
    assert accepts(example.kind, save(example.state, json))
    read = decode(example.kind, save(example.state, qemufile), qemufile, settings=example.settings)
    assert accepts(example.kind, encode(read, json))


# -- what is wrong

JUDGE = judge(Planted)
TEXTS: dict[str, judged.Plant] = {
    "bytes that are no digits": judged.put("zzzz", "raw:b2"),
    "capital digits": judged.put("ABCD", "raw:b2"),
    "blanks between digits": judged.put("a b ", "raw:b2"),
    "half a byte": judged.put("abc", "text:b"),
    "a float that is a word": judged.put("Infinity", "real:f64"),
    "an odd boolean of 1": judged.put(1, "flag:bool"),
    "a fraction": judged.put(1.5, "n:u8"),
    "a fraction for a timer": judged.put(1.5, "expiry:time"),
    "a boolean for a float": judged.put(True, "real:f64"),
    "null for a float": judged.put(None, "real:f64"),
    "settings that are a list": judged.put([], "@settings"),
}


def planted(plant: judged.Plant) -> Tree:
    """The document of a state, changed."""
    document = json.loads(encode(KEPT, json))
    plant(document)
    return json.loads(json.dumps(document))


@pytest.mark.parametrize("plant", each(
    judged.RANGES, judged.SIZES, judged.TYPES, judged.MISSING, judged.UNKNOWN, judged.VALUES, TEXTS))
def test_what_is_wrong_is_refused(plant: judged.Plant) -> None:
    assert not JUDGE.is_valid(planted(plant))


@pytest.mark.parametrize("plant", each(judged.HARMLESS, judged.SKIPPABLE))
def test_what_is_not_wrong_is_accepted(plant: judged.Plant) -> None:
    assert [error.message for error in JUDGE.iter_errors(planted(plant))] == []


def test_twenty_kinds_at_least() -> None:
    kinds = (judged.RANGES, judged.SIZES, judged.TYPES, judged.MISSING, judged.UNKNOWN, judged.VALUES, TEXTS)
    assert sum(map(len, kinds)) >= 20


def test_every_member_that_is_required_is_missed() -> None:
    for decoded in judged.states()[::5]:
        validator, document = judge(decoded.record), json.loads(encode(decoded, json))
        for key in schema.document(decoded.record)["required"]:
            assert not validator.is_valid({name: value for name, value in document.items() if name != key})


# -- what it shows

def found(kind: Any, *path: str) -> Any:
    inside: Any = schema.document(kind)
    for key in path:
        inside = inside[key]
    return inside


def extra(*path: str) -> Any:
    return found(Sink, "properties", *path)["x-vmstate"]


def test_facts_of_members() -> None:
    assert extra("n:u8") == {"name": "n_name"}
    assert extra("gated:u16") == {"when": "_gate"}
    assert extra("late:u8") == {"since": 2}
    assert extra("by_name:[u8]") == {"count": "n"}
    assert extra("by_method:[u8]") == {"count": "_three"}
    assert extra("part:[u8]") == {"start": 1}
    assert extra("data:b") == {"size": "_three"}
    assert extra("text:b") == {"length": "u8"}
    assert extra("long:u") == {"bits": "_bits"}
    assert extra("foreign:b1") == {"codec": "codec"}
    assert extra("mine:u8") == {"own": "equal", "hint": "hint"}
    assert extra("least:u8") == {"own": "at most"}
    assert extra("colour:u8") == {"means": {"RED": 1}}
    assert extra("row:[{}]") == {"until": "is_last"}
    assert extra("sized:b") == {"size": "size"}
    assert extra("sink/one:{}") == {"subsection": True, "version": 3, "minimum": 2, "when": "_one"}
    assert extra("sink/two:{}") == {"subsection": True, "version": 1}
    deep = extra("sink/one:{}", "properties", "?sink/one/deep:{}")
    assert deep == {"subsection": True, "version": 1, "when": "_deep", "skippable": True}


def test_facts_of_the_record() -> None:
    whole = schema.document(Sink)
    assert whole["x-vmstate"] == {
        "version": 2, "minimum": 1, "hooks": digests(record_of(Sink)), "must": ["it holds"]}
    assert list(whole["x-vmstate"]["hooks"]) == ["_before", "_after", "transfer"]
    assert (whole["title"], whole["description"]) == ("sink", "The kitchen sink.")
    assert whole["properties"]["@settings"]["properties"] == {"size": {"enum": [1, 2]}}
    assert "pad:pad" not in whole["required"]
    assert {"n:u8", "late:u8", "gated:u16", "always:u16", "moved:u32"} & set(whole["required"]) == {
        "n:u8", "always:u16", "moved:u32"}


def test_wire_types_are_said_once() -> None:
    types = {name: one["x-vmstate"] for name, one in found(Sink, "$defs").items() if schema.is_type(name)}
    assert types == {name: {"type": name} for name in types}
    assert {"u8", "u16", "u", "bool", "f64", "time", "fd", "b", "b1", "bits70"} <= set(types)


def test_imperative_state_is_shown() -> None:
    members = found(Sink, "properties")
    assert members["moved:u32"] == {"$ref": "#/$defs/u32"}
    assert members["perhaps:u16"] == {"$ref": "#/$defs/u16", "x-vmstate": {"when": "computed"}}
    assert members["table:b"] == {"$ref": "#/$defs/b", "x-vmstate": {"size": "_three_of"}}


def test_views_and_temporaries_are_records_within() -> None:
    members, within = found(Sink, "properties"), found(Sink, "$defs")
    assert members["rest:{}"] == {"$ref": "#/$defs/sink~1rest"}
    assert set(within["sink/rest"]["properties"]) == {"in_rest:u8"}
    assert members["wire:{}"]["$ref"] == "#/$defs/halves"
    assert members["by_kin:<{},u8>"]["items"]["properties"]["key"] == {"$ref": "#/$defs/halves"}


def test_a_recursive_record_is_named() -> None:
    whole = schema.document(Kin)
    assert whole["properties"]["kin:[{}]"]["items"] == {"$ref": "#/$defs/kin"}
    assert whole["$defs"]["kin"]["properties"]["kin:[{}]"]["items"] == {"$ref": "#/$defs/kin"}
    deep = Kin(v=1, kin=[Kin(v=2, kin=[Kin(v=3)])])
    assert accepts(Kin, save(deep, json))
    document = json.loads(save(deep, json))
    document["kin:[{}]"][0]["kin:[{}]"][0]["v:u8"] = 256
    assert not judge(Kin).is_valid(document)


@state("twin", version=2)
class Inner:
    """The inner one."""

    a: int = uint8()


@state("twin")
class Other:
    b: int = uint16()


@state("u8")
class Odd:
    """It has the name of a type."""

    c: int = uint8()


@state("twin")
class Twin:
    one: Inner = nested(Inner)
    two: Other = nested(Other)
    three: Odd = nested(Odd)


def test_records_of_one_name_are_kept_apart() -> None:
    members, within = found(Twin, "properties"), found(Twin, "$defs")
    assert [one["$ref"] for one in members.values()] == ["#/$defs/twin", "#/$defs/twin.Other", "#/$defs/u8%7B%7D"]
    assert list(within) == ["twin", "twin.Other", "u8{}", "u16", "u8"]
    assert accepts(Twin, save(Twin(), json))


@state("set")
class Set:
    size: int = setting(1, 2)
    data: bytearray = buffer("size")
    deeper: "list[Set]" = chain(nested(lambda: Set))


@state("sets")
class Sets:
    """Settings wherever they may be."""

    one: Set = nested(Set)
    listed: list[Set] = array(nested(Set), 2)
    slot: Set | None = nullable(nested(Set))
    keyed: dict[int, Set] = mapping(uint8(), nested(Set))
    wide: int = setting(*range(1, 21))
    open_: int = setting(5)


def test_settings_wherever_they_may_be() -> None:
    two = Set(size=2, data=bytearray(2))
    it = Sets(one=Set(deeper=[two]), slot=two, keyed={1: Set(), 2: two})
    assert accepts(Sets, save(it, json))
    document = json.loads(save(it, json))
    assert len(document["@settings"]) == 9
    told = found(Sets, "properties", "@settings")
    assert told["properties"] == {
        "wide": {"type": "integer", "minimum": 1, "maximum": 20, "default": 1},
        "open_": {"type": ["boolean", "integer", "string", "null"]}}
    assert list(told["patternProperties"]) == [
        r"^one.*\.size$", r"^listed\[[0-9]+\].*\.size$", r"^slot.*\.size$", r"^keyed\[[0-9]+\]\.value.*\.size$"]
    for path in ("one.size", "one.deeper[0].size", "listed[1].size", "slot.size", "keyed[1].value.size"):
        assert path in document["@settings"]
        document["@settings"][path] = 3
        assert not judge(Sets).is_valid(document)
        document["@settings"][path] = 2


@state("note", target="i386")
class Noted:
    _gone = reserved("gone")
    old: int = uint8(was=("older", "oldest"), write_as="older", default=3)
    text: bytearray = buffer(2, default=b"ab", means="letters")
    pinned: Inner = nested(Inner, version=2)

    @check("a word")
    def _holds(self) -> bool:
        return True


def test_names_defaults_and_promises() -> None:
    members = found(Noted, "properties")
    assert members["older:u8"] == {
        "$ref": "#/$defs/u8", "x-vmstate": {"key": "old", "was": ["older", "oldest"]}, "default": 3}
    assert members["text:b2"] == {"$ref": "#/$defs/b2", "x-vmstate": {"means": "letters"}, "default": "6162"}
    assert members["pinned:{}"]["x-vmstate"] == {"version": 2}
    assert found(Noted, "x-vmstate") == {
        "version": 1, "target": ["i386"], "reserved": ["gone"], "must": ["a word"]}
    assert found(Noted, "required") == ["pinned:{}"]


# -- made for review

def changed(old: Any, new: Any) -> list[str]:
    """Lines of the difference."""
    lines = difflib.unified_diff(schema.text(old).split("\n"), schema.text(new).split("\n"), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def made(**members: Any) -> Any:
    """A device with these members besides its own."""
    body = {f"m{i}": uint32(means="one of many") for i in range(20)} | members
    annotations = dict.fromkeys(body, object)
    kind = type("Made", (), {"__annotations__": annotations, "__module__": __name__, **body})
    return state("made", version=2, minimum=1)(kind)


def test_a_line_of_a_declaration_is_a_few_of_its_schema() -> None:
    assert changed(made(), made(late=uint32(since=2))) == [
        '-    "m19:u32": {"$ref": "#/$defs/u32", "x-vmstate": {"means": "one of many"}}',
        '+    "m19:u32": {"$ref": "#/$defs/u32", "x-vmstate": {"means": "one of many"}},',
        '+    "late:u32": {"$ref": "#/$defs/u32", "x-vmstate": {"since": 2}}']
    assert changed(made(), made(m3=uint32())) == [
        '-    "m3:u32": {"$ref": "#/$defs/u32", "x-vmstate": {"means": "one of many"}},',
        '+    "m3:u32": {"$ref": "#/$defs/u32"},']
    assert len(changed(made(), made(m3=uint16()))) == 5  # the member, among those required, and a type


def test_it_is_a_visitor_and_always_says_the_same() -> None:
    assert abstract(Sink, schema.writer()) == schema.document(Sink)
    assert schema.text(Sink) == schema.text(record_of(Sink))


@state("moves")
class Moves:
    """Imperative: what its code says, in order."""

    n: int = uint8()
    rest = view("moves/rest")
    late: int = uint8()

    def transfer(self, v: Exchange) -> None:
        self.n = v("again", self.n, uint8(maximum=3))
        v("leaves", [Inner(), Inner()], array(nested(Inner), 2))


def test_imperative_brackets_are_shown() -> None:
    members = found(Moves, "properties")
    assert list(members) == ["n:u8", "again:u8", "leaves:[{}]"]
    assert members["again:u8"] == {"$ref": "#/$defs/u8", "minimum": 0, "maximum": 3}
    assert members["leaves:[{}]"]["items"] == {"$ref": "#/$defs/twin"}
    assert accepts(Moves, save(Moves(n=2), json))
