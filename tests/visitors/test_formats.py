"""BER, CBOR, msgpack and JSON: the same values through all of them, and what a reader does not know."""

import json as library_json
import re
import shutil
import subprocess
from typing import Any

import cbor2
import msgpack as library_msgpack
import pytest
from hypothesis import HealthCheck, given, settings

from tests.vmstate.exercise import chance, tokens
from tests.vmstate.strategies import Example, examples
from visitors import ber, cbor, json, msgpack, qemufile
from visitors._typed import Reader, Writer
from vmstate import (
    DecodeError,
    EncodeError,
    Float64,
    Mismatch,
    UnknownMember,
    VMStateError,
    array,
    boolean,
    buffer,
    convert,
    decode,
    descriptor,
    encode,
    floating,
    load,
    nested,
    nullable,
    record_of,
    save,
    setting,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
)
from vmstate.walk import Mode, Walk

FORMS: dict[str, Any] = {
    "ber": ber, "ber compact": ber.compact, "cbor": cbor, "cbor compact": cbor.compact, "json": json,
    "json compact": json.compact, "msgpack": msgpack, "msgpack compact": msgpack.compact,
}
EVERY = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
slow = settings(max_examples=25, suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


# -- any declaration, any state

@EVERY
@slow
@given(example=examples())
def test_through_each_format_and_back(form: Any, example: Example) -> None:
    document = save(example.state, form)
    decoded = decode(example.kind, document, form, settings=example.settings)
    assert decoded.state == example.state
    assert not decoded.report
    data = save(example.state, qemufile)
    read = decode(example.kind, data, qemufile, settings=example.settings)
    assert encode(decode(example.kind, encode(read, form), form), qemufile) == data
    assert convert(document, example.kind, form, qemufile) == data
    assert convert(data, example.kind, qemufile, form, settings=example.settings) == encode(read, form)


@EVERY
@slow
@given(example=examples())
def test_each_format_is_told_and_tells_the_same(form: Any, example: Example) -> None:
    data, document = save(example.state, qemufile), save(example.state, form)
    read = decode(example.kind, data, qemufile, settings=example.settings).state
    record = record_of(example.kind)
    expected = tokens(qemufile.writer(), read, Mode.WIRE)
    assert tokens(form.writer(), read, Mode.WIRE) == expected
    assert tokens(form.reader(document), record.make(), Mode.WIRE) == expected


# -- what it looks like

@state("leaf")
class Leaf:
    x: int = uint8()


@state("dev", version=2)
class Device:
    """One of each."""

    n: int = uint16()
    flag: bool = boolean()
    f: Float64 = floating()
    t: int | None = timer()
    data: bytearray = buffer(2)
    row: list[int] = array(uint32(), 2)
    leaves: list[Leaf] = array(nested(Leaf), 2)
    slot: Leaf | None = nullable(nested(Leaf))
    extra: int = uint8(skippable=True)

    @subsection("dev/more", version=3, skippable=True)
    def _more(self) -> bool:
        return self.more != 0

    more: int = uint8()


FULL = Device(n=300, flag=True, f=Float64.of(1.5), data=bytearray(b"ab"), row=[1, 2], leaves=[Leaf(x=3), Leaf(x=4)],
              extra=5, more=6)
NAMED = {
    "n:u16": 300, "flag:bool": True, "f:f64": 1.5, "t:time": None, "data:b2": b"ab", "row:[u32]": [1, 2],
    "leaves:[{}]": [{"x:u8": 3}, {"x:u8": 4}], "slot:{}?": None, "?extra:u8": 5,
    "?dev/more:{}": {"@version": 3, "more:u8": 6},
}
COMPACT = [
    [list(NAMED), ["x:u8"], ["@version", "more:u8"]],
    [0, 300, True, 1.5, None, b"ab", [1, 2], [[1, 3], [1, 4]], None, 5, [2, 3, 6]],
]


def spelled(document: Any) -> Any:
    """With bytes as JSON has them."""
    return library_json.loads(library_json.dumps(document, default=bytes.hex))


def test_cbor_as_its_library_reads_it() -> None:
    assert cbor2.loads(save(FULL, cbor)) == NAMED
    assert cbor2.loads(save(FULL, cbor.compact)) == COMPACT


def test_msgpack_as_its_library_reads_it() -> None:
    assert library_msgpack.unpackb(save(FULL, msgpack)) == NAMED
    assert library_msgpack.unpackb(save(FULL, msgpack.compact)) == COMPACT


def test_json_as_its_library_reads_it() -> None:
    assert library_json.loads(save(FULL, json)) == spelled(NAMED)
    assert library_json.loads(save(FULL, json.compact)) == spelled(COMPACT)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_ber_as_openssl_reads_it() -> None:
    text = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=save(FULL, ber), capture_output=True,
                          check=True).stdout.decode()
    lines = [line.partition("cons:" if "cons:" in line else "prim:")[2].strip() for line in text.splitlines()]
    assert lines[:4] == ["SET", "cont [ 0 ]", "UTF8STRING        :n:u16", "INTEGER           :012C"]
    assert "priv [ 8 ]" in lines
    assert "priv [ 9 ]" in lines
    assert lines[lines.index("priv [ 9 ]") + 1] == "UTF8STRING        :dev/more:{}"


@EVERY
@pytest.mark.parametrize("bits", [0x7FF8000000000001, 0x7FF0000000000001, 0xFFF0000000000000, 1 << 63, 1, 0x3FF8 << 48])
def test_every_float_comes_back(form: Any, bits: int) -> None:
    assert decode(Device, save(Device(f=Float64(bits)), form), form).state.f.bits == bits


@EVERY
def test_damaged_documents(form: Any) -> None:
    """Whatever byte is another: an error of ours, or a state that is written as it reads. 10,000 of each format."""
    sound = save(FULL, form)
    for seed in range(5000):
        pick, document = chance(f"{seed}"), bytearray(sound)
        for _ in range(pick.randint(1, 3)):
            at = pick.randrange(len(document))
            document[at:at + pick.randrange(3)] = pick.randbytes(pick.randrange(4))
        try:
            decoded = decode(Device, bytes(document), form)
        except VMStateError as error:
            assert error.offset is None or 0 <= error.offset <= len(document)  # noqa: PT017  either may be
        else:
            assert decode(Device, encode(decoded, form), form).state == decoded.state


# -- what a reader does not know, or knows otherwise

@state("dev", version=2)
class Older:
    """The same device before it had more."""

    n: int = uint16()


@state("dev", version=2)
class Newer:
    """The same device, with more that may be skipped."""

    n: int = uint16()
    skip: Leaf = nested(Leaf, skippable=True)
    times: list[int | None] = array(timer(), 1, skippable=True)
    floats: list[Float64] = array(floating(), 2, skippable=True)
    raw: list[bytearray] = array(buffer(2), 1, skippable=True)

    @subsection("dev/late", skippable=True)
    def _late(self) -> bool:
        return True

    sub: int = uint32()


NEW = Newer(n=1, skip=Leaf(x=2), times=[None], floats=[Float64.of(0.5), Float64(0x7FF8000000000001)],
            raw=[bytearray(b"xy")], sub=9)


@EVERY
@pytest.mark.parametrize("other", FORMS.values(), ids=FORMS)
def test_what_may_be_skipped_goes_through_any_chain(form: Any, other: Any) -> None:
    """A writer that knows more, a reader that knows less, another format, and back: nothing is lost."""
    decoded = decode(Older, save(NEW, form), form)
    assert {one.path for one in decoded.report} == {""}
    assert sorted(one.message for one in decoded.report) == [
        f"{name} is unknown here: kept" for name in ("dev/late", "floats", "raw", "skip", "times")]
    there = encode(decoded, other)
    back = encode(decode(Older, there, other), form)
    assert decode(Newer, back, form).state == NEW


@state("dev", version=2)
class Between:
    """The same device, with some of that."""

    n: int = uint16()

    @subsection("dev/late", skippable=True)
    def _late(self) -> bool:
        return True

    sub: int = uint32()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("known", [Older, Between, Newer])
def test_ber_numbers_what_is_unknown_behind_what_is_known(known: Any) -> None:
    written = encode(decode(known, save(NEW, ber), ber), ber)
    text = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=written, capture_output=True,
                          check=True).stdout.decode()
    assert re.findall(r":d=1 .*: (?:cont|priv) \[ (\d+) \]", text) == ["0", "1", "2", "3", "4", "5"]


@EVERY
def test_what_may_be_absent_is_taken_by_default_and_told(form: Any) -> None:
    @state("dev", version=2)
    class Later:
        n: int = uint16()
        late: int = uint8(default=7)

    decoded = decode(Later, save(Older(n=1), form), form)
    assert decoded.state == Later(n=1, late=7)
    assert [(one.path, one.message) for one in decoded.report] == [("late", "absent: its default was taken")]


@EVERY
def test_what_must_be_understood_is_refused(form: Any) -> None:
    @state("dev", version=2)
    class More:
        n: int = uint16()
        must: int = uint8()

    with pytest.raises(UnknownMember, match="'must:u8' must be understood"):
        decode(Older, save(More(), form), form)


@EVERY
@pytest.mark.parametrize(("n", "taken"), [(9, True), (256, False)])
def test_another_integer_type_is_taken_in_range_and_told(form: Any, n: int, taken: bool) -> None:
    @state("dev", version=2)
    class Narrow:
        n: int = uint8()

    document = save(Older(n=n), form)
    if not taken:
        with pytest.raises(Mismatch, match="expected uint8, got 256"):
            decode(Narrow, document, form)
        return
    decoded = decode(Narrow, document, form)
    assert decoded.state.n == n
    assert [(one.path, one.message) for one in decoded.report] == [("n", "sent as u16, declared as u8")]


OTHERS = [boolean(), floating(), timer(), buffer(2), array(uint16(), 1), nested(Leaf), nullable(uint16())]


@EVERY
@pytest.mark.parametrize("of", OTHERS, ids=range(len(OTHERS)))
def test_another_kind_is_refused(form: Any, of: Any) -> None:
    body = {"__annotations__": {"n": object}, "__module__": __name__, "n": of}
    kind = state("dev", version=2)(type("Other", (), body))
    with pytest.raises(Mismatch, match=r"sent as .* declared as"):
        decode(Older, save(kind(), form), form)
    with pytest.raises(Mismatch, match=r"sent as .* declared as"):
        decode(kind, save(Older(n=1), form), form)


@EVERY
def test_another_fixed_length_is_refused(form: Any) -> None:
    @state("dev")
    class Two:
        data: bytearray = buffer(2)

    @state("dev")
    class Four:
        data: bytearray = buffer(4)

    with pytest.raises(Mismatch, match="sent as b2, declared as b4"):
        decode(Four, save(Two(), form), form)


# -- hostile input

HOSTILE: dict[str, list[bytes]] = {
    "cbor": [
        b"", b"\x9b" + b"\xff" * 8, b"\x5b" + b"\x7f" * 8, b"\x81" * 10000, b"\xbf" * 10000, b"\xc1\x00", b"\xff",
        b"\xd8\x25\x50" + bytes(16), b"\xa2\x64n:u1\x01\x64n:u1\x02", b"\xa1\x01\x02", b"\xa0\x00", b"\xf7",
        b"\xa1\x65n:u16\xc2\x59\x0b\xb8" + b"\x7f" * 3000, b"\xa1\x65n:u16\xc2\x41\x01",
        b"\xd8\x1c\xa1\x65?x:{}\xd8\x1d\x00", b"\xd8\x1c\xa1\x62a:\x01",
    ],
    "msgpack": [
        b"", b"\xdd" + b"\xff" * 4, b"\xc6" + b"\x7f" * 4, b"\x91" * 10000, b"\xdf\xff\xff\xff\xff", b"\xc1",
        b"\x82\xa4n:u1\x01\xa4n:u1\x02", b"\x81\x01\x02", b"\x80\x00", b"\xd4\x01\x00",
    ],
    "json": [
        b"", b"[" * 10000, b'{"a":' * 10000, b'{"n:u16":1,"n:u16":2}', b'{"n:u16":NaN}', b'{"n:u16":1e999}', b"{} {}",
        b"\xff\xfe", b'{"n:u16":' + b"9" * 5000 + b"}", b'{"n:u16":' + b"9" * 4000 + b"}", b'"text"',
    ],
    "ber": [
        b"", b"\x31\x84\x7f\xff\xff\xff", b"\x31\x80" * 5000, b"\x30" * 100, b"\x31\x89" + b"\xff" * 9, b"\x02\x00",
        b"\xbf" + b"\xff" * 50, b"\x31\x02\x04\x80", b"\x31\x00\x00", b"\x31\x80\x00", b"\x24\x80" * 5000,
        b"\x30\x04\x30\x00\x31\x00",
        b"\x31\x80\xa0\x80\x0c\x05n:u16\x02\x82\x0b\xb8" + b"\x7f" * 3000 + bytes(4),
    ],
}


@pytest.mark.parametrize(("name", "data"), [(name, one) for name, many in HOSTILE.items() for one in many])
def test_hostile_documents(name: str, data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(Device, data, FORMS[name])


@state("odd")
class Odd:
    fd: int | None = descriptor()
    size: int = setting(1, 2)


@pytest.mark.parametrize(("fd", "size"), [
    (1 << 63, 1), (-(1 << 63) - 1, 1), (1 << 20000, 1), (1.5, 1),
    (1, 3), (1, 1.5), (1, []), (1, {"a": 1}), (1, "text"), (1, 1 << 20000), (1, [1 << 20000]),
], ids=range(11))
def test_what_not_every_format_can_say_is_refused(fd: Any, size: Any) -> None:
    """Else it could be read, and not written again."""
    with pytest.raises(Mismatch) as caught:
        Walk(Reader({"fd:fd": fd, "@settings": {"size": size}}), Mode.WIRE).run(record_of(Odd), Odd())
    assert caught.value.place == ("size" if fd == 1 else "fd")


@EVERY
def test_what_not_every_format_can_say_is_not_written(form: Any) -> None:
    with pytest.raises(EncodeError, match="does not fit"):
        save(Odd(fd=1 << 63), form)


def test_ber_of_indefinite_length() -> None:
    """And strings in segments: both are BER, and neither is written."""
    body = b"\x31\x80\xa0\x80\x2c\x80\x0c\x01n\x0c\x04:u16\x00\x00\x02\x02\x01\x2c\x00\x00\x00\x00"
    assert decode(Older, body, ber).state.n == 300
    assert load(Older(), body, ber).n == 300


@EVERY
def test_what_is_built_and_taken_apart(form: Any) -> None:
    assert isinstance(form.writer(), Writer)
    assert isinstance(form.reader(save(FULL, form)), Reader)


@pytest.mark.parametrize("more", [b"\0", b"garbage", b"}"])
@pytest.mark.parametrize("name", FORMS)
def test_bytes_behind_a_state(name: str, more: bytes) -> None:
    """They belong to nobody."""
    with pytest.raises(VMStateError):
        load(Device(), save(FULL, FORMS[name]) + more, FORMS[name])
