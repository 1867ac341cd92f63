"""Unknown attributes: kept and written in every format if they are of the type that they are spelled with; refused if
they are not.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf, nan
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migration.documents.envelopes import FORMS as DOCUMENTS
from tests.visitors.test_formats import EVERY, FORMS, NEW, Older
from tests.vmstate.exercise import chance
from visitors import qemufile
from visitors._folding import fold, unfold
from visitors._values import MOST_UNKNOWN
from vmstate import (
    Decoded,
    DecodeError,
    EncodeError,
    Float64,
    LimitExceeded,
    Mismatch,
    VMStateError,
    decode,
    encode,
    record_of,
    save,
)
from vmstate.kept import Foreign, keep

# -- in each other

END = b"\0\0"


def ber(kind: bytes, deep: int) -> bytes:
    """All lengths indefinite, so that each is the same whatever is inside."""
    known = b"\xa0\x80\x0c\x05n:u16\x02\x01\x01" + END
    other = b"\xe1\x80\x0c\x82" + (len(kind) + 2).to_bytes(2, "big") + b"x:" + kind + b"\x30\x80" * deep + END * deep
    return b"\x31\x80" + known + other + END + END


def cbor(kind: bytes, deep: int) -> bytes:
    name = b"\x79" + (len(kind) + 3).to_bytes(2, "big") + b"?x:" + kind
    return b"\xa2\x65n:u16\x01" + name + b"\x81" * (deep - 1) + b"\x80"


def msgpack(kind: bytes, deep: int) -> bytes:
    name = b"\xda" + (len(kind) + 3).to_bytes(2, "big") + b"?x:" + kind
    return b"\x82\xa5n:u16\x01" + name + b"\x91" * (deep - 1) + b"\x90"


def json(kind: bytes, deep: int) -> bytes:
    return b'{"n:u16":1,"?x:' + kind + b'":' + b"[" * deep + b"]" * deep + b"}"


DEEP = pytest.mark.parametrize("deep", [1, 2, 99, 100, 101, 250, 490, 600, 900, 985, 5000, 10000])


def is_written_everywhere(decoded: Decoded[Any]) -> None:
    """Whichever format comes next."""
    for form in FORMS.values():
        again = decode(Older, encode(decoded, form), form).state
        assert (again, again._kept) == (decoded.state, decoded.state._kept)


def is_kept_everywhere(decoded: Decoded[Any]) -> None:
    """And QEMU's form has no place for it."""
    is_written_everywhere(decoded)
    with pytest.raises(EncodeError):
        encode(decoded, qemufile)


@DEEP
@pytest.mark.parametrize("make", [ber, cbor, msgpack, json], ids=lambda make: make.__name__)
def test_lists_in_lists(make: Callable[[bytes, int], bytes], deep: int) -> None:
    document = make(b"[" * deep + b"u8" + b"]" * deep, deep)
    if deep > MOST_UNKNOWN:
        with pytest.raises(VMStateError, match=r"deep|a type of \d+ characters|no CBOR"):
            decode(Older, document, FORMS[make.__name__])
        return
    decoded = decode(Older, document, FORMS[make.__name__])
    assert decoded.state == Older(n=1)
    is_kept_everywhere(decoded)


@pytest.mark.parametrize("kind", [b"[]", b"[u8]", b"{}", b"u8", b"<u8,u8>"])
@DEEP
@pytest.mark.parametrize("make", [ber, cbor, msgpack, json], ids=lambda make: make.__name__)
def test_lists_that_are_deeper_than_their_type(make: Callable[[bytes, int], bytes], deep: int, kind: bytes) -> None:
    if (kind, deep) != (b"[u8]", 1) and (kind, deep) != (b"<u8,u8>", 1):
        with pytest.raises(VMStateError):
            decode(Older, make(kind, deep), FORMS[make.__name__])


def records(deep: int) -> Any:
    return {"r:{}": records(deep - 1)} if deep > 1 else {}


def mappings(deep: int) -> Any:
    """Each is a list and a map."""
    return [{"key": 1, "value": mappings(deep - 1)}] if deep else 1


def mapping(deep: int) -> str:
    return "<u8," * deep + "u8" + ">" * deep


NESTED: dict[str, Callable[[int], tuple[str, Any]]] = {
    "records": lambda deep: ("{}", records(deep)),
    "lists of records": lambda deep: ("[{}]", lists_of_records(deep // 2)),
    "mappings": lambda deep: (mapping(deep // 2), mappings(deep // 2)),
}


def lists_of_records(deep: int) -> Any:
    return [{"l:[{}]": lists_of_records(deep - 1)}] if deep > 1 else [{}]


@EVERY
@pytest.mark.parametrize("make", NESTED.values(), ids=NESTED)
def test_whatever_is_in_each_other(form: Any, make: Callable[[int], tuple[str, Any]]) -> None:
    """100 deep in every format; 102 in none."""
    is_kept_everywhere(decode(Older, document(form, *make(MOST_UNKNOWN)), form))
    with pytest.raises(LimitExceeded):
        decode(Older, document(form, *make(MOST_UNKNOWN + 2)), form)


def test_types_take_no_time() -> None:
    begin = time.perf_counter()
    for kind in ("[" * 100_000 + "u8" + "]" * 100_000, "<u8," * 100_000, "?" * 100_000, "u8" + "?" * 100_000,
                 "b" + "9" * 100_000, "u8," * 100_000):
        for form in FORMS:
            with pytest.raises(VMStateError):
                decode(Older, document(FORMS[form], kind, []), FORMS[form])
    assert time.perf_counter() - begin < 10


# -- values that are not of their type

TYPES = ("", "u8", "b", "b2", "f64", "time", "bits9", "{}", "{}?", "[{}]", "[[{}]]", "[u8]", "<u8,{}>", "<{},u8>",
         "<u8,u8>", "<,>", "<", "[", "{", "?", "[?]", "x")
VALUES: tuple[Any, ...] = (
    1, None, True, 1.5, "text", "00", b"00", [], [1], [None], [[1]], [[{}]], {}, {"a": 1}, {"a:{}": 1}, [{}],
    [{"key": 1}], [{"key": 1, "value": 2}], [{"key": {}, "value": {}}], [{"key": 1, "value": 2, "more": 3}],
)


def document(form: Any, kind: str, value: Any) -> bytes:
    """A state with such an attribute, whether that makes sense or not."""
    name = next(name for name in FORMS if FORMS[name] is form)
    made: Any = {"n:u16": 1, f"?x:{kind}": value}
    if name.endswith("compact"):
        made = folded(made) or [[list(made)], [0, *made.values()]]
    return DOCUMENTS[name.partition(" ")[0]].dumps(made)


def folded(made: Any) -> Any:
    """None, where nothing tells how to fold it."""
    with suppress(VMStateError, AttributeError, LookupError, TypeError):
        if unfold(found := fold(made)) == made:
            return found
    return None


@pytest.mark.parametrize("kind", TYPES)
@EVERY
def test_what_one_format_takes_all_take(form: Any, kind: str) -> None:
    for value in VALUES:
        try:
            decoded = decode(Older, document(form, kind, value), form)
        except VMStateError:
            continue
        is_kept_everywhere(decoded)


WRONG: list[tuple[str, Any, str]] = [
    ("{}", 5, "x: expected {}, got 5"),
    ("<u8,u8>", [1], "x[0]: expected a key and a value, got "),
    ("<u8,u8>", 1, "x: expected <u8,u8>, got "),
    ("u8", "text", "x: no u8: expected uint8, got str"),
    ("u8", 256, "x: no u8: expected uint8, got 256"),
    ("i8", -129, "x: no i8: expected int8, got -129"),
    ("u", -1, "x: no u: expected uint64, got -1"),
    ("bool", 256, "x: no bool: expected uint8, got 256"),
    ("b2", b"abc", "x: no b2: expected 2 bytes, got 3 bytes"),
    ("b2", 1, "x: no b2: expected bytes"),
    ("bits9", b"ab", "x: no bits9: expected 8 bytes, got 2 bytes"),
    ("bits", b"ab", "x: no bits: expected 8 bytes, got 2 bytes"),
    ("f64", b"abc", "x: no f64: expected a float, or its 8 bytes, got 3 bytes"),
    ("time", -1, "x: no time: expected uint64, got -1"),
    ("[u8]", [1, [2]], "x[1]: no u8: expected uint8, got list"),
    ("[u8?]", [None, 256], "x[1]: no u8?: expected uint8, got 256"),
    ("u8", None, "x: no u8: expected uint8, got null"),
    ("{}", {"a:{}": {"b:[u8]": [1, 2, True]}}, "x.a.b[2]: no u8: expected uint8, got bool"),
    ("{}", {"a": 1}, "x.a: '' is no type"),
    ("{}", {"a:u8": 1, "a:u16": 1}, "x: a is there twice"),
    ("{}", {"@version": -1}, "x.@version: no u32: expected uint32, got -1"),
    ("u9", 1, "'u9' is no type"),
    ("", 1, "x: '' is no type"),
    ("[]", [], "'[]' is no type"),
    ("<u8>", [], "'<u8>' is no type"),
    ("u8]", [], "'u8]' is no type"),
    ("b" + "9" * 10, b"", "is no type"),
]


@pytest.mark.parametrize(("kind", "value", "text"), WRONG, ids=[f"{kind}: {value}" for kind, value, _ in WRONG])
@EVERY
def test_an_error_names_type_and_path(form: Any, kind: str, value: Any, text: str) -> None:
    if form in (FORMS["json"], FORMS["json compact"]):
        text = text.replace("expected bytes", "expected bytes as hexadecimal text")
    named = form in (FORMS["json"], FORMS["cbor"], FORMS["msgpack"], FORMS["ber"])
    with pytest.raises(Mismatch, match=re.escape(text) if named else None):
        decode(Older, document(form, kind, value), form)


@EVERY
def test_damaged_attributes(form: Any) -> None:
    """Whatever byte is another: an error of ours, or a state that goes through every format."""
    sound = save(NEW, form)
    for seed in range(1000):
        pick, damaged = chance(f"{seed}"), bytearray(sound)
        for _ in range(pick.randint(1, 3)):
            at = pick.randrange(len(damaged))
            damaged[at:at + pick.randrange(3)] = pick.randbytes(pick.randrange(4))
        try:
            decoded = decode(Older, bytes(damaged), form)
        except DecodeError:
            continue
        is_written_everywhere(decoded)


# -- any type

class Kind:
    """A type, values of it, and others."""

    def __init__(self, text: str, right: st.SearchStrategy[Any], wrong: st.SearchStrategy[Any]) -> None:
        self.text, self.right, self.wrong = text, right, wrong


BRACKETS: tuple[Any, ...] = ([], {}, [1])
NO_INTEGERS = (None, 1.5, "xy", b"xy", *BRACKETS)
NO_BYTES = (None, True, 1, "xy", *BRACKETS)  # to BER a float is bytes


def integer(bits: int, signed: bool, text: str) -> Kind:
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    beyond = [one for one in (least - 1, most + 1) if -(1 << 63) <= one < 1 << 64]  # what msgpack can say
    return Kind(text, st.integers(least, most), st.sampled_from([*NO_INTEGERS, True, *beyond]))


def octets(size: int, text: str) -> Kind:
    return Kind(text, st.binary(min_size=size, max_size=size),
                st.sampled_from([*NO_BYTES, bytes(size + 1), bytes(max(size - 1, 0) or size + 1)]))


LEAVES = [
    *(integer(bits, sign == "i", f"{sign}{bits}") for sign in "ui" for bits in (8, 16, 24, 32, 64)),
    integer(64, False, "u"), integer(64, True, "i"),
    Kind("bool", st.booleans() | st.integers(2, 255), st.sampled_from([*NO_INTEGERS, 256, -1])),
    Kind("f64", st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([nan, inf, -inf]).map(
        lambda one: Float64.of(one).bits.to_bytes(8, "big")), st.sampled_from([None, True, "xy", bytes(7), *BRACKETS])),
    Kind("time", st.none() | st.integers(0, (1 << 64) - 2), st.sampled_from([True, 1.5, "xy", -1, *BRACKETS])),
    Kind("fd", st.none() | st.integers(0, (1 << 31) - 1), st.sampled_from([True, 1.5, "xy", 1 << 63, *BRACKETS])),
    *(octets(size, f"b{size}") for size in (0, 1, 2, 16)), octets(8, "bits40"), octets(16, "bits65"),
    *(Kind(text, st.binary(max_size=9), st.sampled_from(NO_BYTES)) for text in ("b", "pad")),
    Kind("bits", st.integers(0, 3).map(lambda words: b"\x5a" * 8 * words), st.sampled_from([*NO_BYTES, bytes(7)])),
]


def spoilt(values: list[Any], wrong: Any, at: int) -> list[Any]:
    return [*values[:at], wrong, *values[at:]]


def items(of: Kind) -> Kind:
    right = st.lists(of.right, max_size=4)
    return Kind(f"[{of.text}]", right, st.sampled_from([None, 1, "xy", {}]) | st.builds(
        spoilt, right, of.wrong, st.integers(0, 4)))


def entries(key: Kind, of: Kind) -> Kind:
    def entry(key: st.SearchStrategy[Any], of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.tuples(key, of).map(lambda both: {"key": both[0], "value": both[1]})

    right = st.lists(entry(key.right, of.right), max_size=3)
    wrong = entry(key.wrong, of.right) | entry(key.right, of.wrong) | st.just({}) | st.just(1)
    return Kind(f"<{key.text},{of.text}>", right, st.sampled_from([None, 1, "xy", {}]) | st.builds(
        spoilt, right, wrong, st.integers(0, 3)))


def record(members: list[tuple[str, Kind]]) -> Kind:
    right = st.fixed_dictionaries({f"{name}:{of.text}": of.right for name, of in members})
    others = [right.map(lambda it: it | {"no type": 1}), right.map(lambda it: it | {"what:else": 1}),
              right.map(lambda it: it | {"twice:u8": 1, "?twice:i8": 1}), right.map(lambda it: it | {"@version": -1})]
    planted = [st.builds(lambda it, key, wrong: it | {key: wrong}, right, st.just(f"{name}:{of.text}"), of.wrong)
               for name, of in members]
    return Kind("{}", right, st.one_of(st.sampled_from([None, 1, "xy", []]), *others, *planted))


def or_null(of: Kind) -> Kind:
    return Kind(f"{of.text}?", st.none() | of.right, of.wrong.filter(lambda one: one is not None))


often = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
KINDS = st.recursive(st.sampled_from(LEAVES), lambda of: st.one_of(
    of.map(items), st.builds(entries, of, of), of.map(or_null),
    st.lists(st.tuples(NAMES, of), max_size=3, unique_by=lambda one: one[0].removeprefix("?")).map(record),
), max_leaves=6)


@often
@given(data=st.data(), kind=KINDS)
def test_any_value_of_any_type_comes_back(data: st.DataObject, kind: Kind) -> None:
    value = data.draw(kind.right)
    it = Older(n=1)
    keep(it).foreign["dev"] = (Foreign("x", kind.text, value),)
    decoded = Decoded(it, 2, record_of(Older))
    for form in FORMS.values():
        again = decode(Older, encode(decoded, form), form)
        assert again.state._kept == it._kept
        assert repr(keep(again.state).foreign["dev"][0].value) == repr(value)
        decoded = again


@EVERY
@often
@given(data=st.data(), kind=KINDS)
def test_any_other_value_is_refused(form: Any, data: st.DataObject, kind: Kind) -> None:
    value = data.draw(kind.wrong)
    with pytest.raises(VMStateError):
        decode(Older, document(form, kind.text, value), form)
    it = Older(n=1)
    keep(it).foreign["dev"] = (Foreign("x", kind.text, value),)
    with pytest.raises(EncodeError, match="x"):
        encode(Decoded(it, 2, record_of(Older)), form)
