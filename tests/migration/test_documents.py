"""Whole streams as documents: back they are the same bytes, and damage is found with its place."""

from typing import Any

import pytest

from devices.catalogue import registry
from migration.documents import format_of
from migration.documents.converting import TARGETS, convert_document, convert_stream
from migration.documents.envelopes import FORMS
from migration.documents.reading import DamagedError, Document
from migration.replica import Stream
from tests.migration.recorded import NAMES, stream
from vmstate import DecodeError, EncodeError, VMStateError

PROFILES = [(form, folded) for form in FORMS for folded in (False, True)]
IDS = [f"{form}{' compact' if folded else ''}" for form, folded in PROFILES]
EVERY = pytest.mark.parametrize(("form", "folded"), PROFILES, ids=IDS)


def document(data: bytes, form: Any, folded: bool = False) -> bytes:
    """A stream as a document."""
    out = bytearray()
    convert_stream(Stream(data, registry()), out.extend, form, folded)
    return bytes(out)


def back(data: bytes, **how: bool) -> bytes:
    """The stream that a document was made of."""
    out = bytearray()
    convert_document(Document(data, registry(), **how), out.extend, "qemufile")
    return bytes(out)


@EVERY
@pytest.mark.parametrize("name", NAMES)
def test_a_stream_comes_back(name: str, form: str, folded: bool) -> None:
    data = stream(name)
    made = document(data, form, folded)
    assert format_of(made) == form
    assert back(made) == data


@pytest.mark.parametrize("name", ["pc72-72-nodefaults", "virtio-a-legacy-52", "sparc-ss5-72"])
def test_through_all_of_them(name: str) -> None:
    """One after the other, and nothing is lost on the way."""
    data = document(stream(name), "cbor")
    for form, folded in (*PROFILES, *reversed(PROFILES)):
        out = bytearray()
        convert_document(Document(data, registry()), out.extend, form, folded)
        data = bytes(out)
    assert back(data) == stream(name)
    assert back(document(stream(name), "cbor")) == back(data)


def test_read_and_written_again() -> None:
    data = stream("none-72")
    out = bytearray()
    convert_stream(Stream(data, registry()), out.extend, "qemufile")
    assert bytes(out) == data
    assert TARGETS[0] == "qemufile"


# -- damage

@EVERY
def test_every_byte_of_a_small_document(form: str, folded: bool) -> None:
    made = document(stream("none-72"), form, folded)
    for at in range(len(made)):
        for other in {made[at] ^ 1, made[at] ^ 0x20, made[at] ^ 0x80, 0xFF - made[at]}:
            damaged = made[:at] + bytes((other,)) + made[at + 1:]
            with pytest.raises(DecodeError) as caught:
                back(damaged)
            assert caught.value.offset is not None or caught.value.section
            assert caught.value.offset is None or 0 <= caught.value.offset <= len(made)


def test_the_damaged_section_is_named() -> None:
    made = document(stream("pc72-72-nodefaults"), "cbor")
    at = made.index(b"cmos_data:b128") + 40
    with pytest.raises(DamagedError) as caught:
        back(made[:at] + bytes((made[at] ^ 1,)) + made[at + 1:])
    assert caught.value.section == "mc146818rtc"
    assert "--edited" in caught.value.hint


@EVERY
def test_a_document_cut_short(form: str, folded: bool) -> None:
    made = document(stream("none-72"), form, folded)
    for size in range(4, len(made), 7):
        with pytest.raises(DecodeError):
            back(made[:size])
    with pytest.raises(DecodeError, match=r"behind the document|no item begins|an item"):
        back(made + b"more")


def items(form: str) -> tuple[bytes, list[bytes]]:
    """A document, and its items."""
    made = document(stream("none-72"), form)
    found, at = list[bytes](), 0
    unseal = FORMS[form].unseal
    while at < len(made):
        _, _, end = unseal(made, at)
        found.append(made[at:end])
        at = end
    return made, found


@pytest.mark.parametrize("form", FORMS)
def test_items_that_are_lost_doubled_or_moved(form: str) -> None:
    made, found = items(form)
    assert b"".join(found) == made
    for i in range(1, len(found) - 1):
        for wrong in (found[:i] + found[i + 1:], [*found[:i], found[i], *found[i:]],
                      [*found[:i], found[i + 1], found[i], *found[i + 2:]]):
            with pytest.raises(DamagedError):
                back(b"".join(wrong))


# -- by hand

def test_json_with_other_blanks_and_changed_by_hand() -> None:
    made = document(stream("none-72"), "json")
    assert back(made.replace(b'":', b'" : ')) == stream("none-72")
    changed = made.replace(b'"cpu_ticks_offset:i64":2610401908', b'"cpu_ticks_offset:i64":1')
    assert changed != made
    with pytest.raises(DamagedError):
        back(changed)
    again = back(changed, edited=True)
    assert len(again) == len(stream("none-72"))
    assert sum(a != b for a, b in zip(again, stream("none-72"), strict=True)) == 4


def test_what_qemu_has_no_place_for() -> None:
    made = document(stream("none-72"), "json")
    more = made.replace(b'"cpu_ticks_offset:i64"', b'"?later:u8":5,"cpu_ticks_offset:i64"')
    with pytest.raises(EncodeError, match="later"):
        back(more, edited=True)
    reader = Document(more, registry(), edited=True, drop_unknown=True)
    assert b"".join(reader.stream()) == stream("none-72")
    assert reader.dropped == ["timer: later"]
    other = bytearray()
    convert_document(Document(more, registry(), edited=True), other.extend, "cbor", folded=True)
    kept = bytearray()
    convert_document(Document(bytes(other), registry()), kept.extend, "json")
    assert b'"?later:u8":5' in kept


WRONG = [
    (b'"version":3', b'"version":"3"'), (b'"page_size":4096', b'"page_size":null'), (b'"record":4', b'"record":99'),
    (b'["EOS",0,null,1,0]', b'["EOS",0,null,1]'), (b'["EOS",0,null,1,0]', b'["NONE",0,null,1,0]'),
    (b'["EOS",0,null,1,0]', b'["PAGE",0,"x",9999999999,4096]'), (b'["BLOCKS",0,[]]', b'["BLOCKS",0,[[1]]]'),
    (b'"item":"section"', b'"item":"something"'), (b'"name":"timer"', b'"name":"nobody"'), (b'"id":0', b'"id":-1'),
    (b'"data:b":""', b'"data:b":"xy"'), (b'"footer":true', b'"footer":{}'),
    (b'"cpu_ticks_offset:i64"', b'"cpu_ticks_offset:b8"'), (b'"format":1', b'"format":2'),
    (b'"item":"end"', b'"item":1'),
    (b'"xxh3-128"', b'"md5"'), (b'"state:{}":{"length', b'"state:{}":{"x:u8":1,"length'),
]


@pytest.mark.parametrize(("good", "bad"), WRONG, ids=[bad.decode() for _, bad in WRONG])
def test_wrong_by_hand(good: bytes, bad: bytes) -> None:
    made = document(stream("none-72"), "json")
    assert good in made
    with pytest.raises(VMStateError):
        back(made.replace(good, bad, 1), edited=True)
