"""The trailer: found from the end, before anything else is read, and written again as QEMU spaces it."""

import json

import pytest

from migration.replica import Stream
from migration.stream import trailer
from migration.stream.events import Trailer
from tests.migration.recorded import NAMES, STREAMS, stream
from vmstate import DecodeError, Registry
from vmstate.describe import vmdesc
from vmstate.describe.vmdesc import Object

DESCRIBED = [name for name in NAMES if STREAMS[name]["vmdesc"]]
OLD, NEW = '{ "page_size" : 4096, "devices" : [  ] }', '{"page_size": 4096, "devices": []}'


def parsed(text: str) -> Object:
    """A text as pairs."""
    pairs = json.loads(text, object_pairs_hook=Object)
    assert isinstance(pairs, Object)
    return pairs


@pytest.mark.parametrize("name", DESCRIBED)
def test_found_where_the_walk_arrives(name: str) -> None:
    data = stream(name)
    (met,) = [event for event in Stream(data, Registry()).events() if isinstance(event, Trailer)]
    assert trailer.find(data) == (met.end - len(met.text), met.end) == (data.rfind(met.text), len(data))


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(DESCRIBED)))
def test_not_found_where_there_is_none(name: str) -> None:
    assert trailer.find(stream(name)) is None


@pytest.mark.parametrize("name", DESCRIBED)
def test_written_again(name: str) -> None:
    begin, end = trailer.find(stream(name)) or (0, 0)
    text = stream(name)[begin:end]
    assert text.startswith(vmdesc.SPACED) is (STREAMS[name]["qemu"] == "5.2")
    assert trailer.encode(vmdesc.parse(text).pairs, text.startswith(vmdesc.SPACED)) == text
    assert trailer.record(text) == stream(name)[begin - 5:]


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_other_style_says_the_same(name: str) -> None:
    begin, end = trailer.find(stream(name)) or (0, 0)
    text = stream(name)[begin:end]
    other = trailer.encode(vmdesc.parse(text).pairs, not text.startswith(vmdesc.SPACED))
    assert other != text
    assert vmdesc.parse(other).pairs == vmdesc.parse(text).pairs


@pytest.mark.parametrize("text", [OLD, NEW])
def test_both_styles(text: str) -> None:
    assert trailer.encode(parsed(text), text is OLD) == text.encode()
    assert trailer.encode(parsed(text), text is NEW) == (NEW if text is OLD else OLD).encode()


@pytest.mark.parametrize(("spaced", "text"), [
    (False, '{"a": 1, "a": 2, "b": {}, "c": [[], {"d": "\\u00e9 \\" \\\\"}], "e": null, "f": true, "g": -1}'),
    (True, '{ "a" : 1, "a" : 2, "b" : {  }, "c" : [ [  ], { "d" : "x" } ] }'),
])
def test_what_json_can_say(spaced: bool, text: str) -> None:
    """Keys that repeat, nesting and emptiness; characters beyond ASCII go as themselves."""
    assert trailer.encode(parsed(text), spaced) == text.replace("\\u00e9", "é").encode()


JSON = b'{"page_size": 4096, "devices": []}'


@pytest.mark.parametrize("ahead", [
    b"", b"QEVM\0\0\0\x03", b"\x00\x06", b"\x00\x06\x00\x00\x00\x22{", b"\x00\x06" * 50,
    b"\x00" + trailer.record(JSON), b"\x00\x06\xff\xff\xff\xff{",
], ids=["alone", "behind a header", "behind half a one", "behind a false one", "behind many", "behind a whole one",
        "behind an endless one"])
def test_fake_trailers_ahead(ahead: bytes) -> None:
    data = ahead + b"\x00" + trailer.record(JSON)
    assert trailer.find(data) == (len(data) - len(JSON), len(data))


@pytest.mark.parametrize("inside", [b"\x00\x06", b"\x00\x06\x00\x00\x00\x02{}", b"\x00\x06\x00\x00\x00\x05{"])
def test_fake_trailers_inside(inside: bytes) -> None:
    """No text of JSON has a zero byte, so what looks like one inside is behind the true one's begin."""
    text = b'{"x": "' + inside + b'"}'
    data = b"\x00" + trailer.record(text)
    assert trailer.find(data) == (6, len(data))


@pytest.mark.parametrize("data", [
    b"", b"\x00", b"\x00\x06", b"\x00\x06\x00\x00\x00\x00", b"\x00\x06\x00\x00\x00\x02[]",
    b"\x00\x06\x00\x00\x00\x03{}", b"\x00\x06\x00\x00\x00\x01{}", trailer.record(JSON),
    b"\x01" + trailer.record(JSON), b"\x00" + trailer.record(JSON) + b"x",
], ids=["nothing", "end", "no length", "no text", "no object", "too long", "too short", "no end before it",
        "another byte before it", "something behind it"])
def test_what_is_none(data: bytes) -> None:
    assert trailer.find(data) is None


@pytest.mark.parametrize("behind", [b"x", b"\x00\x06\x00\x00\x00\x02{}"], ids=["a byte", "a false one"])
def test_something_behind_hides_it(behind: bytes) -> None:
    """Then the stream is read without it; the walk still meets it."""
    name = "pc72-72-nodefaults"
    found = Stream(stream(name) + behind, Registry())
    assert found.description is None or found.description.devices == ()


def test_no_further_back_than_a_trailer_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"\x00" + trailer.record(JSON)
    monkeypatch.setattr(trailer, "MOST_TRAILER", len(data) - 1)
    assert trailer.find(data) is None


def test_a_trailer_that_is_no_json() -> None:
    """The stream tells its trouble, and is read without."""
    name = "none-72"
    begin, _ = trailer.find(stream(name)) or (0, 0)
    damaged = bytearray(stream(name))
    damaged[begin + 10] = 0xFF
    found = Stream(bytes(damaged), Registry())
    assert found.description is None
    assert isinstance(found.trouble, DecodeError)
    assert found.trouble.offset == begin
    assert [type(event).__name__ for event in found.events()][-1] == "Trailer"
