"""Descriptions that make no sense, or would take all memory and time."""

from typing import Any

import pytest

import vmstate
from tests.describe.made import device, field, record, text_of
from visitors import qemufile
from vmstate import DecodeError
from vmstate.describe import records, vmdesc


def nested(depth: int) -> dict[str, Any]:
    """A struct in a struct in …"""
    inner = record(field("x", "uint8", 1))
    for _ in range(depth):
        inner = record(field("s", "struct", 1, struct=inner))
    return inner


def under(depth: int) -> dict[str, Any]:
    """A subsection of a subsection of …"""
    inner = record(name="dev/" * depth)
    for i in range(depth - 1, 0, -1):
        inner = record(name="dev/" * i, subsections=[inner])
    return inner


HOSTILE: list[tuple[str, bytes]] = [
    ("nothing", b""), ("no JSON", b"{"), ("no text", b"\xff\xfe{}"), ("no object", b"[]"), ("a number", b"1"),
    ("null", b"null"), ("devices no list", b'{"devices": {}}'), ("devices a number", b'{"devices": 3}'),
    ("a device no object", b'{"devices": [1]}'), ("a device a list", b'{"devices": [[]]}'),
    ("a device without name", b'{"devices": [{"instance_id": 0}]}'),
    ("a device without instance", b'{"devices": [{"name": "x"}]}'),
    ("a name no text", b'{"devices": [{"name": 1, "instance_id": 0}]}'),
    ("an instance no number", b'{"devices": [{"name": "x", "instance_id": "0"}]}'),
    ("fields no list", text_of({"name": "x", "instance_id": 0, "fields": {}})),
    ("a field no object", text_of({"name": "x", "instance_id": 0, "fields": [1]})),
    ("a version no number", text_of(device(version="1"))),  # type: ignore[arg-type]
    ("a version below zero", text_of(device(version=-1))),
    ("a vmsd_name no text", text_of(device(name=3))),  # type: ignore[arg-type]
    ("a field name no text", text_of(device({"name": [], "type": "uint8", "size": 1}))),
    ("a type no text", text_of(device({"name": "a", "type": 8, "size": 1}))),
    ("a size no number", text_of(device({"name": "a", "type": "buffer", "size": "1"}))),
    ("a size below zero", text_of(device(field("a", "buffer", -1)))),
    ("a size of a part", text_of(device({"name": "a", "type": "buffer", "size": 1.5}))),
    ("a size of true", text_of(device({"name": "a", "type": "buffer", "size": None}))),
    ("a length below zero", text_of(device(field("a", "uint8", 1, array_len=-1)))),
    ("a length no number", text_of(device(field("a", "uint8", 1, array_len="3")))),
    ("a struct no object", text_of(device(field("a", "struct", 1, struct=[])))),
    ("a struct of nothing with a size", text_of(device(field("a", "struct", 1, struct=None)))),
    ("subsections no list", text_of(device(subsections={}))),
    ("a subsection no object", text_of(device(subsections=[7]))),
    ("structs too deep", text_of(device(field("s", "struct", 1, struct=nested(200))))),
    ("structs far too deep", text_of(device(field("s", "struct", 1, struct=nested(300))))),
    ("brackets too deep", b'{"devices": [' + b'[' * 100_000),
    ("objects too deep", b'{"a":' * 100_000),
    ("more bytes than there are", text_of(device(field("a", "buffer", 1 << 40)))),
    ("more bytes in sum", text_of(device(*[field(f"a{i}", "buffer", 1 << 27) for i in range(8)]))),
    ("a number without end", b'{"devices": [], "page_size": ' + b"9" * 5000 + b"}"),
]


@pytest.mark.parametrize("text", [one[1] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_what_is_refused(text: bytes) -> None:
    with pytest.raises(DecodeError, match="description"):
        _records(text)


def _records(text: bytes) -> list[Any]:
    return [one.record for one in vmdesc.parse(text).devices]


def test_too_many_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_FIELDS", 10)
    with pytest.raises(DecodeError, match="more than 10 fields"):
        _records(text_of(device(*[field("a", "uint8", 1)] * 11)))


def test_subsections_too_deep() -> None:
    with pytest.raises(DecodeError, match="more than 48 deep"):
        _records(text_of(device(subsections=[under(60)])))


@pytest.mark.parametrize("fields", [
    [field("a", "uint8", 1, array_len=1 << 62)], [field("a", "struct", 0, array_len=1 << 62, struct=record())],
    [field("a", "buffer", 0, array_len=1 << 62)], [field("a", "struct", 1, array_len=1 << 62, struct={})],
    [field("a", "struct", 1, array_len=1 << 30, struct=record(field("b", "uint8", 1, array_len=1 << 30)))],
], ids=["numbers", "structs of nothing", "buffers of nothing", "nulls", "of arrays"])
def test_an_array_beyond_all_bytes(fields: list[dict[str, Any]]) -> None:
    """It ends when the bytes do, or before; soon in any case."""
    (described,) = vmdesc.parse(text_of(device(*fields)), most=100).devices
    with pytest.raises(DecodeError):
        vmstate.decode(described.record, bytes(100), qemufile)


def test_a_page_size_that_is_none() -> None:
    assert vmdesc.parse(b'{"page_size": "4096", "devices": []}').page_size is None


@pytest.mark.parametrize("name", ["_kept", "_told", "_members", "__class__", "__dict__", "__eq__"])
def test_a_name_that_a_bag_has_itself(name: str) -> None:
    """A state's own attributes are not a stream's to set."""
    (described,) = vmdesc.parse(text_of(device(field(name, "uint8", 1), field("b", "bool", 1)))).devices
    read = vmstate.decode(described.record, b"\x05\x02", qemufile)
    assert read.state == vmstate.decode(described.record, b"\x05\x02", qemufile).state
    assert vmstate.encode(read, qemufile) == b"\x05\x02"
