"""ASN.1: asn1tools compiles the modules and decodes our BER by them; openssl and fq read it."""

import json as library_json
import re
import shutil
import subprocess
from typing import Any

import asn1tools
import cbor2
import pytest
from hypothesis import HealthCheck, given, settings

from tests.visitors import judged
from tests.visitors.judged import DEVICES, FULL, KEPT, Planted, each
from tests.visitors.test_schema import Set, Sets, Twin
from tests.vmstate.strategies import Example, examples
from tests.vmstate.test_abstract import Kin, Sink
from visitors import asn1, ber, cbor
from vmstate import Decoded, encode, mapping, nested, record_of, state, uint8, unused
from vmstate.walk import Mode, Walk

slow = settings(max_examples=20, suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


class Judge:
    """asn1tools, by the module of one declaration."""

    def __init__(self, kind: Any) -> None:
        text = asn1.text(kind)
        found = re.search(r"^(\S+) ::= SET", text, re.MULTILINE)
        assert found is not None
        self.root, self.module = found[1], asn1tools.compile_string(text, "ber")

    def decoded(self, document: bytes) -> Any:
        """The values, as CBOR has them. Ranges and sizes are looked at."""
        return told(self.module.decode(self.root, document, check_constraints=True))


def told(value: Any) -> Any:
    """A component says its own name; of a choice the value alone is told."""
    if isinstance(value, dict):
        return {one["name"]: told(one["value"]) for one in value.values()}
    if isinstance(value, tuple):
        return told(value[1])
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], dict) and isinstance(value[0].get("name"), str):
        return {one["name"]: told(one["value"]) for one in value}  # settings
    return [told(one) for one in value]


def expected(value: Any) -> Any:
    """The same of CBOR, as BER has it: a name says nothing of skipping, a float is its bytes."""
    if isinstance(value, dict):
        return {key.removeprefix("?"): expected(one) for key, one in value.items()}
    if isinstance(value, list):
        return [expected(one) for one in value]
    return cbor2.dumps(value)[1:] if isinstance(value, float) else value


def agrees(decoded: Decoded[Any], judge: Judge) -> bool:
    assert judge.decoded(encode(decoded, ber)) == expected(cbor2.loads(encode(decoded, cbor)))
    return True


# -- asn1tools

def test_every_recorded_state_is_decoded_to_the_same_values() -> None:
    judges = {record: Judge(record) for record in DEVICES.values()}
    assert all(agrees(decoded, judges[decoded.record]) for decoded in judged.states())
    for record, judge in judges.items():
        assert agrees(Decoded(record.make(), record.version, record), judge)


@slow
@given(example=examples())
def test_any_state_of_any_declaration_is_decoded_to_the_same_values(example: Example) -> None:
    record = record_of(example.kind)
    assert agrees(Decoded(example.state, record.version, record), Judge(record))


@state("pair")
class Pair:
    low: int = uint8()
    _pad = unused(2)


@state("keyed")
class Keyed:
    table: dict[int, Pair] = mapping(uint8(), nested(Pair))


@pytest.mark.parametrize("it", [
    FULL, Planted(), Sets(one=Set(deeper=[Set()])), Twin(), Kin(kin=[Kin(v=3)]), Keyed(table={1: Pair(low=2)}),
], ids=lambda it: type(it).__name__)
def test_what_no_stream_has(it: Any) -> None:
    record = record_of(type(it))
    assert agrees(Decoded(it, record.version, record), Judge(record))


def document(plant: judged.Plant) -> bytes:
    """A state's BER, changed: each attribute keeps its number."""
    writer = ber.writer()
    Walk(writer, Mode.WIRE).run(KEPT.record, KEPT.state)
    tree = writer.document()
    plant(tree)
    return ber.dumps(tree)


JUDGE = Judge(Planted)


@pytest.mark.parametrize("plant", each(judged.RANGES, judged.SIZES, judged.TYPES, judged.MISSING))
def test_what_is_wrong_is_refused(plant: judged.Plant) -> None:
    with pytest.raises(asn1tools.Error):
        JUDGE.decoded(document(plant))


@pytest.mark.parametrize("plant", each(judged.HARMLESS))
def test_what_is_not_wrong_is_accepted(plant: judged.Plant) -> None:
    assert JUDGE.decoded(document(plant))


@pytest.mark.parametrize("plant", each(judged.SKIPPABLE))
def test_behind_the_extension_marker_anything_may_come(plant: judged.Plant) -> None:
    assert "other" not in JUDGE.decoded(document(plant))


# -- openssl and fq

def pairs(value: Any) -> Any:
    """What fq says of a document of this tree, bytes and texts aside."""
    if isinstance(value, dict):
        return [["", pairs(one)] for one in value.values()]
    if isinstance(value, list):
        return [pairs(one) for one in value]
    return "" if isinstance(value, bytes | float | str) else value


def blurred(value: Any) -> Any:
    """fq's own words, bytes and texts aside."""
    return [blurred(one) for one in value] if isinstance(value, list) else "" if isinstance(value, str) else value


def has_empty(value: Any) -> bool:
    """Whether an element without contents is there: fq 0.3 takes a length of 0 for the indefinite one."""
    if not isinstance(value, dict | list):
        return value == b""
    return not value or any(map(has_empty, value.values() if isinstance(value, dict) else value))


def test_openssl_reads_it() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    for decoded in judged.states():
        data = encode(decoded, ber)
        read = subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-noout"], input=data, capture_output=True,
                              check=False)
        assert (read.returncode, read.stderr) == (0, b"")


@pytest.mark.skipif(shutil.which("fq") is None, reason="fq is not installed")
def test_fq_reads_the_same_values(tmp_path: Any) -> None:
    names, wanted = list[str](), list[Any]()
    for i, decoded in enumerate(judged.states()):
        tree = cbor2.loads(encode(decoded, cbor))
        if not has_empty(tree) and len(names) < 40:
            (tmp_path / f"{i}.ber").write_bytes(encode(decoded, ber))
            names.append(f"{i}.ber")
            wanted.append(pairs(tree))
    read = subprocess.run(["fq", "-d", "asn1_ber", "-c", "torepr | tojson", *names], cwd=tmp_path, capture_output=True,
                          check=True)
    found = [blurred(library_json.loads(library_json.loads(line))) for line in read.stdout.splitlines()]
    assert len(found) > 20
    assert found == wanted


# -- names

@pytest.mark.parametrize(("name", "spelled"), [
    ("cmos_data", "cmos-data"), ("IER", "ier"), ("_a__b_", "a-b"), ("2d", "x2d"), ("a/b c.d", "a-b-c-d"), ("?", "x"),
    ("größe", "gr-e"),
])
def test_identifiers(name: str, spelled: str) -> None:
    assert asn1.identifier(name) == spelled


@pytest.mark.parametrize(("name", "spelled"), [
    ("hpet", "Hpet"), ("ide bmdma/status", "Ide-bmdma-status"), ("PCIDevice", "PCIDevice"), ("16550", "X16550"),
])
def test_type_references(name: str, spelled: str) -> None:
    assert asn1.type_reference(name) == spelled


def test_names_are_kept_apart() -> None:
    text = asn1.text(Twin)
    assert re.findall(r"^(\S+) ::= SET", text, re.MULTILINE) == ["Twin", "Twin-Inner", "Twin-Other", "U8-record"]


def test_what_a_module_looks_like() -> None:
    lines = asn1.text(Sink).split("\n")
    assert lines[0] == "VMState-Sink DEFINITIONS IMPLICIT TAGS ::= BEGIN"
    assert lines[2] == "-- sink, version 2, reads from 1 on, it holds"
    assert "  n [0] SEQUENCE { name UTF8String, value U8 }, -- n:u8" in lines
    assert "  gated [1] SEQUENCE { name UTF8String, value U16 } OPTIONAL, -- gated:u16, when _gate" in lines
    (deep,) = [line for line in lines if line.startswith("  sink-one-deep ")]
    assert deep.startswith("  sink-one-deep [PRIVATE 1] SEQUENCE { name UTF8String, value Sink-one-deep } OPTIONAL,")
    assert deep.endswith(", -- ?sink/one/deep:{}, when _deep")
    assert lines[-2:] == ["END", ""]
