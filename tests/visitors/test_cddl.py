"""CDDL: pycddl takes the grammars, accepts our CBOR by them, and refuses what is wrong."""

import re
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.visitors import judged
from tests.visitors.judged import DEVICES, FULL, KEPT, Planted, each
from tests.visitors.test_asn1 import Keyed, Pair
from tests.visitors.test_schema import Set, Sets, Twin
from tests.vmstate.strategies import Example, examples
from tests.vmstate.test_abstract import Kin, Sink
from visitors import cbor, cddl
from vmstate import Decoded, encode, record_of, save

pycddl = pytest.importorskip("pycddl", reason="it has no wheel for this Python")

slow = settings(max_examples=40, suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


UNKNOWN = "  * unknown => any\n"
LAX = {"a number for bytes", "a third part of an entry"}
"""What pycddl 0.6 lets pass: `.size` it allows of numbers, and maps in arrays are open to it."""


EXPIRY = "0..18446744073709551614 / null"
"""In an array this judge takes a choice that has a name by its first part alone."""


class Judge:
    """pycddl, by the grammar of one declaration.

    0.6 compares a pattern for keys with the whole map. So it does not see the line for what may be skipped, which
    leaves the maps closed; and settings that go by patterns may be any.
    """

    def __init__(self, kind: Any) -> None:
        self.text = cddl.text(kind)
        pycddl.Schema(self.text)
        shown = re.sub(r'\* \(text \.regexp "[^"]*"\) => [^\n]*', "* text => any,", self.text.replace(UNKNOWN, ""))
        self.schema = pycddl.Schema(shown.replace("* expiry", f"* ({EXPIRY})"))

    def accepts(self, document: bytes) -> bool:
        try:
            self.schema.validate_cbor(document)
        except pycddl.ValidationError:
            return False
        return True


def test_every_recorded_state_matches() -> None:
    judges = {record: Judge(record) for record in DEVICES.values()}
    assert [decoded.record for decoded in judged.states()
            if not judges[decoded.record].accepts(encode(decoded, cbor))] == []
    assert [record for record, judge in judges.items()
            if not judge.accepts(encode(Decoded(record.make(), record.version, record), cbor))] == []


@slow
@given(example=examples())
def test_any_state_of_any_declaration_matches(example: Example) -> None:
    judge = Judge(example.kind)
    assume(not re.search(r"\[\S+ \(?\[", judge.text))  # 0.6 refuses an empty list of lists
    assert judge.accepts(save(example.state, cbor))


@pytest.mark.parametrize("it", [
    FULL, Planted(), Sets(one=Set(deeper=[Set()])), Twin(), Kin(kin=[Kin(v=3)]), Keyed(table={1: Pair(low=2)}),
], ids=lambda it: type(it).__name__)
def test_what_no_stream_has(it: Any) -> None:
    record = record_of(type(it))
    assert Judge(record).accepts(encode(Decoded(it, record.version, record), cbor))


JUDGE = Judge(Planted)


def document(plant: judged.Plant) -> bytes:
    """A state's CBOR, changed."""
    tree = cbor2.loads(encode(KEPT, cbor))
    plant(tree)
    return cbor2.dumps(tree)


@pytest.mark.parametrize("plant", each(
    judged.RANGES, judged.SIZES, judged.TYPES, judged.MISSING, judged.UNKNOWN, judged.VALUES))
def test_what_is_wrong_is_refused(plant: judged.Plant, request: pytest.FixtureRequest) -> None:
    lax = request.node.callspec.id in LAX
    assert JUDGE.accepts(document(plant)) is lax


@pytest.mark.parametrize("plant", each(judged.HARMLESS))
def test_what_is_not_wrong_is_accepted(plant: judged.Plant) -> None:
    assert JUDGE.accepts(document(plant))


def test_every_map_says_what_may_be_skipped() -> None:
    text = cddl.text(Planted)
    assert text.count(UNKNOWN) == len(re.findall(r"^\S+ = \{$", text, re.MULTILINE))
    pattern = re.search(r'^unknown = text \.regexp "(.*)"$', text, re.MULTILINE)
    assert pattern is not None
    assert re.fullmatch(pattern[1], "?other:u8")
    assert not re.fullmatch(pattern[1], "other:u8")
    assert not re.fullmatch(pattern[1], "?other")


@pytest.mark.parametrize(("name", "spelled"), [
    ("hpet_timer", "hpet_timer"), ("ide bmdma/status", "ide.bmdma.status"), ("16550", "x16550"), ("/", "x"),
    ("a-", "a"), ("virtio/128bit_features", "virtio.128bit_features"),
])
def test_identifiers(name: str, spelled: str) -> None:
    assert cddl.identifier(name) == spelled


def test_names_are_kept_apart() -> None:
    rules = re.findall(r"^(\S+) = \{$", cddl.text(Twin), re.MULTILINE)
    assert rules == ["twin", "twin.Inner", "twin.Other", "u8.record"]


def test_what_a_grammar_looks_like() -> None:
    lines = cddl.text(Sink).split("\n")
    assert lines[:3] == ["; sink, version 2, reads from 1 on, it holds", "sink = {", '  "n:u8": u8,']
    for line in (
        '  ? "gated:u16": u16, ; when _gate', '  ? "late:u8": u8, ; since 2', '  "flag:bool": flag,',
        '  "text:b": bytes .size (0..255),', '  "bits:bits70": bytes .size 16,', '  "colour:u8": 1,',
        '  "ranged:u8": 0..3,', '  "grid:[[u8]]": [2*2 [2*2 u8]],', '  "slots:[{}?]": [2*2 (kin / null)],',
        '  "row:[{}]": [+ ended],', '  "by_key:<u64,{}>": [* { "key": u64, "value": kin }],',
        '    ? "size": 1 / 2,', "u8 = 0..255",
    ):
        assert line in lines
