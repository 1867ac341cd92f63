"""JSON: numbers as other programs write them."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from visitors import cbor, json, schema
from vmstate import DecodeError, Float64, Mismatch, array, decode, encode, floating, save, state, uint8


@state("real")
class Real:
    n: int = uint8(default=0)
    f: Float64 = floating(default=0.0)
    row: list[Float64] = array(floating(), 2, default=[Float64(), Float64()])


@state("real")
class Older:
    n: int = uint8(default=0)


JUDGE = Draft202012Validator(schema.document(Real))
EXACT = [
    ("1", 1.0), ("0", 0.0), ("-0", -0.0), ("-0.0", -0.0), ("-7", -7.0), ("1e3", 1000.0), ("9007199254740992", 2.0**53),
    ("9007199254740994", 2.0**53 + 2), (str(1 << 1023), 2.0**1023), (str(-(1 << 1023)), -(2.0**1023)),
    (str(int(1.7976931348623157e308)), 1.7976931348623157e308), ("0.1", 0.1), ("5e-324", 5e-324),
]
INEXACT = ["9007199254740993", "-9007199254740993", str((1 << 1023) + 1), str(1 << 1024), "9" * 400, "1e309", "-1e309"]


@pytest.mark.parametrize(("text", "value"), EXACT)
def test_a_float_may_be_written_without_a_point(text: str, value: float) -> None:
    document = f'{{"f:f64": {text}, "row:[f64]": [{text}, 2]}}'
    assert JUDGE.is_valid(json.loads(document))
    it = decode(Real, document, json).state
    assert it.f == Float64.of(value)
    assert it.row == [Float64.of(value), Float64.of(2.0)]
    compact = f'[[["f:f64"]], [0, {text}]]'
    assert decode(Real, compact, json).state.f == Float64.of(value)


@pytest.mark.parametrize("text", INEXACT)
def test_a_number_that_no_float_is_is_refused(text: str) -> None:
    with pytest.raises(Mismatch, match="no float is this number") as caught:
        decode(Real, f'{{"f:f64": {text}}}', json)
    assert caught.value.place == "f"
    with pytest.raises(Mismatch, match="no float is this number"):
        decode(Real, f'{{"row:[f64]": [0, {text}]}}', json)


@pytest.mark.parametrize("value", ["true", "null", "[1]", "{}", '"1"', '"xy"', '"00"', '"7FF8"'])
def test_what_is_no_float_is_refused(value: str) -> None:
    with pytest.raises(DecodeError):
        decode(Real, f'{{"f:f64": {value}}}', json)


@pytest.mark.parametrize("text", ["1.0", "1e0", "-0", "-0.0"])
def test_an_integer_is_written_without_a_point(text: str) -> None:
    with pytest.raises(Mismatch, match="expected int, got float"):
        decode(Real, f'{{"n:u8": {text}}}', json)


@pytest.mark.parametrize(("text", "value"), EXACT)
def test_an_unknown_float_is_one_in_every_format(text: str, value: float) -> None:
    document = f'{{"?f:f64": {text}, "?row:[f64]": [{text}, 2]}}'
    kept = encode(decode(Older, document, json), cbor)
    reader: Any = cbor.loads(kept)
    assert repr(reader["?f:f64"]) == repr(value)
    assert [type(one) for one in reader["?row:[f64]"]] == [float, float]


@pytest.mark.parametrize("text", INEXACT)
def test_an_unknown_number_that_no_float_is_is_refused(text: str) -> None:
    with pytest.raises(Mismatch, match="no float is this number"):
        decode(Older, f'{{"?f:f64": {text}}}', json)


def test_what_is_written_has_a_point() -> None:
    assert save(Real(f=Float64.of(-0.0)), json) == b'{"n:u8":0,"f:f64":-0.0,"row:[f64]":[0.0,0.0]}'
