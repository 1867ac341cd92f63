"""Descriptions made by hand, with every type and quirk that QEMU writes, and the bodies that they describe.

Types and quirks are those of migration/vmstate.c and vmstate-types.c, 5.2 to 11.1; where releases differ, a name says
which one a description is like.
"""

import json
from typing import Any

import pytest

import vmstate
from migration.replica import Stream
from migration.sections import Section
from tests.describe.made import Pairs, Repeated, decoded, device, field, record, text_of, values
from tests.migration.recorded import NAMES, STREAMS, stream
from visitors import qemufile
from vmstate import Decoded, DecodeError, Float64, Registry, Truncated, UnknownMember
from vmstate.describe import vmdesc
from vmstate.kept import Bag

# -- types

LEAVES: list[tuple[str, bytes, Any]] = [
    ("bool", b"\x01", True), ("bool", b"\x00", False), ("bool", b"\x02", 2),
    ("int8", b"\xff", -1), ("uint8", b"\xff", 255), ("int16", b"\xff\xfe", -2), ("uint16", b"\xff\xfe", 0xFFFE),
    ("int32", b"\xff\xff\xff\xfd", -3), ("uint32", b"\xff\xff\xff\xfd", 0xFFFFFFFD),
    ("int64", b"\xff" * 8, -1), ("uint64", b"\xff" * 8, (1 << 64) - 1),
    ("uint8 equal", b"\x07", 7), ("uint16 equal", b"\x01\x00", 256), ("int32 equal", b"\xff" * 4, -1),
    ("uint32 equal", b"\xff" * 4, 0xFFFFFFFF), ("int64 equal", b"\xff" * 8, (1 << 64) - 1),
    ("int32 le", b"\x00\x00\x00\x02", 2), ("int32 le", b"\xff" * 4, -1),
    ("timer", b"\x00" * 7 + b"\x05", 5), ("timer", b"\xff" * 8, (1 << 64) - 1),
    ("CPU_Double_U", b"\x40\x09" + bytes(6), Float64(0x4009 << 48)),
    ("float64", b"\x7f\xf0\x00\x00\x00\x00\x00\x01", Float64(0x7FF0_0000_0000_0001)),
    ("buffer", b"raw bytes", b"raw bytes"), ("buffer", b"", b""), ("unused_buffer", bytes(4), bytes(4)),
    ("unused_buffer", b"left", b"left"), ("bitmap", b"\x00" * 7 + b"\x01" + b"\x80" + b"\x00" * 7, 1 | 1 << 127),
    ("ptr-marker", b"0", 0x30), ("ptr-marker", b"1", 0x31), ("nullptr", b"0", None), ("capability", b"\x01x", b"\x01x"),
    ("qtailq", b"\x00", b"\x00"), ("gtree", b"\x00" * 5, b"\x00" * 5), ("virtio", b"\x01\x02\x03", b"\x01\x02\x03"),
    ("fd", b"\x20", b"\x20"), ("pci config", bytes(256), bytes(256)), ("no type that anybody knows", b"x", b"x"),
]


@pytest.mark.parametrize(("kind", "body", "value"), LEAVES, ids=[f"{one[0]}-{one[1][:4].hex()}" for one in LEAVES])
def test_a_leaf(kind: str, body: bytes, value: Any) -> None:
    assert values(body, field("member", kind, len(body))) == {"member": value}


@pytest.mark.parametrize(("kind", "body"), [
    one[:2] for one in LEAVES if one[1]])
def test_a_leaf_cut_short(kind: str, body: bytes) -> None:
    (described,) = vmdesc.parse(text_of(device(field("member", kind, len(body))))).devices
    with pytest.raises(DecodeError) as caught:
        vmstate.decode(described.record, body[:-1], qemufile)
    assert caught.value.path == ("member",)


@pytest.mark.parametrize(("kind", "body"), [("ptr-marker", b"2"), ("ptr-marker", b"\x00"), ("nullptr", b"1")])
def test_a_marker_that_is_none(kind: str, body: bytes) -> None:
    (described,) = vmdesc.parse(text_of(device(field("member", kind, 1)))).devices
    with pytest.raises(DecodeError):
        vmstate.decode(described.record, body, qemufile)


def test_a_null_is_a_byte() -> None:
    """Two members of one byte each are not one byte."""
    with pytest.raises(DecodeError):
        decoded(b"\x07", field("p", "nullptr", 1), field("z", "uint8", 1))


def test_names_and_types_are_kept() -> None:
    (described,) = vmdesc.parse(text_of(device(field("env.cr[0]", "uint64", 8), version=12))).devices
    (member,) = described.record.members
    assert (member.key, member.name, member.type) == ("env.cr[0]", "env.cr[0]", "uint64")
    assert (described.name, described.record.name, described.record.version) == ("0000:00:03.0/dev", "dev", 12)


# -- structs

INNER = record(field("a", "uint8", 1), field("b", "uint16", 2), name="inner", version=3)


def test_a_struct() -> None:
    assert values(b"\x01\x00\x02\x09", field("s", "struct", 3, struct=INNER), field("z", "uint8", 1)) == {
        "s.a": 1, "s.b": 2, "z": 9}


def test_structs_in_structs() -> None:
    outer = record(field("in", "struct", 3, struct=INNER), field("c", "uint8", 1), name="outer")
    assert values(b"\x01\x00\x02\x03", field("s", "struct", 4, struct=outer)) == {"s.in.a": 1, "s.in.b": 2, "s.c": 3}


def test_a_record_of_nothing() -> None:
    """`audio`, `spapr_cpu`: the body has no bytes."""
    assert values(b"") == {}
    assert values(b"", field("s", "struct", 0, struct=record(name="empty"))) == {}


def test_a_null_struct_up_to_9() -> None:
    """`"struct": {}` with size 1: a null pointer among pointers."""
    assert values(b"0", field("p", "struct", 1, struct={})) == {"p": None}
    with pytest.raises(DecodeError):
        decoded(b"1", field("p", "struct", 1, struct={}))


@pytest.mark.parametrize("kind", ["tmp", "vstruct"])
def test_a_record_inside_the_field(kind: str) -> None:
    inside = {"name": "t", "type": kind, **INNER, "size": 3}
    assert values(b"\x01\x00\x02", inside) == {"t.a": 1, "t.b": 2}


def test_an_array_of_temporaries() -> None:
    """x86's fpregs: a struct each, in which a `tmp` is described inside its field."""
    inside = {"name": "tmp", "type": "tmp", **record(
        field("tmp_mant", "uint64", 8), field("tmp_exp", "uint16", 2), name="fpreg_tmp"), "size": 10}
    body = bytes(range(20))
    found = values(body, field("env.fpregs", "struct", 10, array_len=2, struct=record(inside, name="fpreg")))
    assert found['"env.fpregs"[1].tmp.tmp_exp'] == 0x1213


@pytest.mark.parametrize("kind", ["qtailq", "qlist"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_list_with_elements(kind: str, count: int) -> None:
    """Each describes itself inside the field, so that keys repeat."""
    pairs: Pairs = [("name", "queue"), ("type", kind), *list(INNER.items()) * count, ("size", 4 * count + 1)]
    body = b"".join(b"\x01" + bytes((i, 0, i)) for i in range(count)) + b"\x00"
    found = values(body, Repeated(*pairs))
    assert [value for path, value in found.items() if path.endswith(".a")] == list(range(count))


def test_a_list_whose_elements_differ() -> None:
    other = record(field("c", "uint32", 4), name="other")
    pairs: Pairs = [("name", "queue"), ("type", "qtailq"), *INNER.items(), *other.items(), ("size", 10)]
    assert [value for path, value in values(b"\x01\x01\x00\x02\x01\x00\x00\x00\x03\x00", Repeated(*pairs)).items()
            if path.endswith((".a", ".c"))] == [1, 3]


@pytest.mark.parametrize("body", [b"\x01\x01\x00\x02\x01", b"\x02\x01\x00\x02\x00", b"\x00\x01\x00\x02\x00"])
def test_a_list_with_wrong_markers(body: bytes) -> None:
    pairs: Pairs = [("name", "queue"), ("type", "qtailq"), *INNER.items(), ("size", 5)]
    with pytest.raises(DecodeError):
        decoded(body, Repeated(*pairs))


# -- arrays

def test_an_array_in_one() -> None:
    assert values(b"\x00\x01\x00\x02\x00\x03", field("a", "uint16", 2, array_len=3)) == {
        "a[0]": 1, "a[1]": 2, "a[2]": 3}


def test_an_array_of_structs_in_one() -> None:
    assert list(values(bytes(9), field("a", "struct", 3, array_len=3, struct=INNER))) == [
        f"a[{i}].{key}" for i in range(3) for key in "ab"]


@pytest.mark.parametrize("length", [1, 2])
def test_lengths(length: int) -> None:
    assert len(values(bytes(length), field("a", "uint8", 1, array_len=length))) == length


def test_an_array_without_elements() -> None:
    """No QEMU describes one; it has no bytes."""
    (described,) = vmdesc.parse(text_of(device(field("a", "uint8", 1, array_len=0)))).devices
    assert vmstate.decode(described.record, b"", qemufile).state == Bag(a=[])


def test_an_array_of_nothing() -> None:
    """m48t59's buffer, and many of it."""
    assert decoded(b"", field("a", "buffer", 0, array_len=3)).state is not None


TWO = (record(field("x", "uint8", 1), name="e"), record(field("x", "uint8", 1), field("y", "uint8", 1), name="e"))


@pytest.mark.parametrize("indices", [(0, 1, 2), (0, 1, None), (None, None, None)], ids=["up to 9.x", "10.x", "11.x"])
def test_an_array_listed_one_by_one(indices: tuple[int | None, ...]) -> None:
    """Elements may differ in size (`ide`)."""
    fields = [
        field("bus", "struct", size, struct=TWO[size - 1], **({} if index is None else {"index": index}))
        for size, index in zip((1, 2, 1), indices, strict=True)]
    assert list(values(b"\x01\x02\x03\x04", *fields).values()) == [1, 2, 3, 4]


def test_the_same_name_and_index_twice() -> None:
    """`ide`, `fdc`: a field list is no mapping."""
    fields = [field("a", "uint8", 1, index=0), field("a", "uint8", 1, index=0), field("a", "uint16", 2)]
    assert list(values(b"\x01\x02\x00\x03", *fields).values()) == [1, 2, 3]


def test_a_name_that_looks_like_a_made_one() -> None:
    fields = [field("a", "uint8", 1), field("a[0]", "uint8", 1), field("a", "uint8", 1), field("a[1]", "uint8", 1)]
    assert list(values(b"\x01\x02\x03\x04", *fields).values()) == [1, 2, 3, 4]


def test_runs_of_null_since_10() -> None:
    """s390_css: 254 nulls, one image, a null."""
    fields = [
        field("css", "nullptr", 1, array_len=254), field("css", "struct", 3, struct=INNER), field("css", "nullptr", 1)]
    found = values(b"0" * 254 + b"\x01\x00\x02" + b"0", *fields)
    assert [value for value in found.values() if value is not None] == [1, 2]
    assert len(found) == 254 + 2 + 1


def test_nulls_up_to_9_that_are_not_all_null() -> None:
    """s390_css: the first slot stands for all, and those that are there are not described: they fill what is left."""
    fields = [field("css", "struct", 1, array_len=4, struct={}), field("most", "uint8", 1)]
    assert values(b"0000\x03", *fields)["most"] == 3
    for body, size in ((b"00\x01\x00\x020\x07", 3), (b"00\x01\x02\x03\x04\x07", 2), (b"0\x01\x02\x03\x07", 1)):
        one = decoded(body, *fields)
        assert one.settings == {"css size": size}
        assert vmstate.encode(one, qemufile) == body
    with pytest.raises(DecodeError):
        decoded(b"000\x07", *fields)


def test_a_run_in_10_that_claims_the_whole_array() -> None:
    """An array that begins with what is there tells its whole length for the first run."""
    fields = [field("p", "struct", 3, array_len=3, struct=INNER), field("p", "nullptr", 1)]
    assert [one for one in values(b"\x01\x00\x02" * 2 + b"0", *fields).values() if one is not None] == [1, 2, 1, 2]
    more = [field("p", "struct", 3, array_len=6, struct=INNER), field("p", "nullptr", 1, array_len=2),
            field("p", "struct", 3, array_len=3, struct=INNER)]
    assert len(values(b"\x01\x00\x02" + b"00" + b"\x01\x00\x02" * 3, *more)) == 2 * 4 + 2


def test_nulls_in_10_that_stand_one_by_one() -> None:
    """An array that is not described by one element gives each null a field, with whatever length is left."""
    fields = [field("p", "struct", 3, index=0, struct=INNER), field("p", "nullptr", 1, array_len=2),
              field("p", "nullptr", 1, array_len=2), field("p", "struct", 3, struct=INNER)]
    assert len(values(b"\x01\x00\x02" + b"00" + b"\x01\x00\x02", *fields)) == 2 * 2 + 2


def test_markers_before_what_they_mark_in_11() -> None:
    """nvme: a marker for each slot, and the element if there is one."""
    fields = [
        field("sq", "ptr-marker", 1), field("sq", "struct", 3, struct=INNER), field("sq", "ptr-marker", 1),
        field("cq", "ptr-marker", 1, array_len=2), field("cq", "struct", 3, struct=INNER)]
    assert list(values(b"1\x01\x00\x020" + b"1\x03\x00\x04", *fields).values()) == [0x31, 1, 2, 0x30, 0x31, 3, 4]


# -- subsections

SUB = record(field("n", "uint16", 2), name="dev/sub", version=2)


def sent(name: str, version: int, body: bytes) -> bytes:
    """A subsection."""
    return b"\x05" + bytes((len(name),)) + name.encode() + version.to_bytes(4, "big") + body


def test_a_subsection() -> None:
    body = b"\x01" + sent("dev/sub", 2, b"\x00\x07")
    assert values(body, field("a", "uint8", 1), subsections=[SUB]) == {"a": 1, "n": 7}


def test_a_subsection_whose_names_are_its_parents() -> None:
    sub = record(field("a", "uint16", 2), name="dev/sub", version=2)
    found = values(b"\x01" + sent("dev/sub", 2, b"\x00\x07"), field("a", "uint8", 1), subsections=[sub])
    assert list(found.values()) == [1, 7]


def test_subsections_in_subsections() -> None:
    deepest = record(field("d", "uint8", 1), name="dev/sub/deep", version=1)
    sub = {**SUB, "subsections": [deepest]}
    other = record(name="dev/none", version=1)
    body = b"\x01" + sent("dev/sub", 2, b"\x00\x07" + sent("dev/sub/deep", 1, b"\x09")) + sent("dev/none", 1, b"")
    assert values(body, field("a", "uint8", 1), subsections=[sub, other]) == {"a": 1, "n": 7, "d": 9}


def test_a_subsection_of_a_struct() -> None:
    """In the middle of the body."""
    inner = {**INNER, "subsections": [record(field("n", "uint8", 1), name="inner/x")]}
    body = b"\x01\x00\x02" + sent("inner/x", 1, b"\x08") + b"\x09"
    fields = (field("s", "struct", 3 + 13 + 1, struct=inner), field("z", "uint8", 1))
    assert values(body, *fields) == {"s.a": 1, "s.b": 2, "s.n": 8, "z": 9}


def test_a_subsection_that_is_not_described() -> None:
    with pytest.raises(UnknownMember, match="dev has no subsection 'dev/other'"):
        decoded(b"\x01" + sent("dev/other", 1, b""), field("a", "uint8", 1), subsections=[SUB])


def test_a_struct_that_ends_in_a_five() -> None:
    """The byte that begins a subsection, in data."""
    assert values(b"\x05\x05\x05\x05", field("s", "struct", 3, struct=INNER), field("z", "uint8", 1))["z"] == 5


# -- handlers without a description of their own

def test_an_old_handler() -> None:
    """slirp: `data`, and its size first."""
    old = {"name": "slirp", "instance_id": 0, "size": 5, "fields": [{"name": "data", "size": 5, "type": "buffer"}]}
    (described,) = vmdesc.parse(text_of(old)).devices
    found = vmstate.decode(described.record, b"bytes", qemufile)
    assert (described.name, described.record.name, found.state.data) == ("slirp", "slirp", b"bytes")


def test_what_stands_beside_the_devices() -> None:
    new = {"configuration": record(field("len", "uint32", 4), name="configuration"), "page_size": 1024, "devices": []}
    described = vmdesc.parse(json.dumps(new).encode())
    assert (described.page_size, described.configuration, described.devices) == (1024, True, ())
    assert not vmdesc.parse(text_of()).configuration
    assert vmdesc.parse(b'{"devices": []}').page_size is None


def test_a_reset_state_is_one_that_can_be_written() -> None:
    fields = [
        field("a", "uint32", 4), field("b", "buffer", 3), field("c", "timer", 8), field("d", "CPU_Double_U", 8),
        field("e", "bool", 1), field("f", "bitmap", 8), field("u", "unused_buffer", 2), field("n", "nullptr", 1),
        field("m", "ptr-marker", 1), field("s", "struct", 3, struct=INNER),
        {"name": "t", "type": "tmp", **INNER, "size": 3}]
    (described,) = vmdesc.parse(text_of(device(*fields, subsections=[SUB]))).devices
    reset = Decoded(described.record.make(), described.record.version, described.record)
    body = vmstate.encode(reset, qemufile)
    assert len(body) == 4 + 3 + 8 + 8 + 1 + 8 + 2 + 1 + 1 + 3 + 3 + len(sent("dev/sub", 2, b"\0\0"))
    assert vmstate.decode(described.record, body, qemufile).state == reset.state


@pytest.mark.parametrize("length", [1, 3])
def test_a_reset_array_is_one_that_can_be_written(length: int) -> None:
    (described,) = vmdesc.parse(text_of(device(field("a", "uint16", 2, array_len=length)))).devices
    reset = Decoded(described.record.make(), described.record.version, described.record)
    assert vmstate.encode(reset, qemufile) == bytes(2 * length)


# -- recorded ones

@pytest.mark.parametrize("name", [name for name in NAMES if STREAMS[name]["vmdesc"]])
def test_recorded_streams(name: str) -> None:
    """Every body is written again by its description."""
    count = 0
    for section in Stream(stream(name), Registry()).events():
        if isinstance(section, Section):
            assert section.source == "embedded"
            assert section.written == section.body
            count += 1
    assert count == STREAMS[name]["sections"]


def test_a_name_that_looks_like_a_path() -> None:
    """i8254 has `channels[0].irq_disabled`, and `channels`."""
    channel = record(field("irq_disabled", "uint32", 4), name="pit channel")
    fields = (field("channels[0].irq_disabled", "uint32", 4),
              field("channels", "struct", 4, struct=channel, array_len=1))
    assert len(values(bytes(8), *fields)) == 2


@pytest.mark.parametrize("size", [0, 1, 7])
def test_a_body_cut_short(size: int) -> None:
    (described,) = vmdesc.parse(text_of(device(field("a", "uint64", 8)))).devices
    with pytest.raises(Truncated):
        vmstate.decode(described.record, bytes(size), qemufile)
