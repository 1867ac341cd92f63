"""`-dump-vmstate` of real QEMUs, judged by the streams that the same QEMUs wrote; dumps made by hand; hostile ones."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from migration.stream import trailer
from tests.describe.dumps import NAMES, description, dump, field, name_of, text
from tests.migration.recorded import STREAMS, stream
from visitors import qemufile
from vmstate import Decoded, DecodeError, Record, decode, encode
from vmstate.compat.layout import Layout, Piece, pieces, total
from vmstate.compat.sides import Part
from vmstate.describe import dump_vmstate, vmdesc
from vmstate.describe.bags import TOLD, tell
from vmstate.describe.extras import Capacity
from vmstate.describe.hooks import records
from vmstate.kept import Bag
from vmstate.shape import (
    ABSENT,
    Array,
    Asked,
    AtMost,
    Bits,
    Blob,
    Bool,
    Constant,
    Enumerated,
    Equal,
    Float,
    Int,
    Member,
    Nested,
    Opaque,
    Padding,
    Range,
    Shape,
    Timer,
)


def parts(name: str) -> dict[str, Part]:
    return {part.key: part for part in dump_vmstate.parse(text(name), name).parts}


def record_of(part: Part) -> Record[Any]:
    assert part.record is not None
    return part.record


def only(*fields: dict[str, Any], **more: Any) -> Record[Any]:
    """The record of a dump of one device."""
    (part,) = dump_vmstate.parse(dump(*fields, **more), "by hand").parts
    return record_of(part)


def member(said: dict[str, Any]) -> Member:
    return only(said).members[0]


# -- real dumps

@pytest.mark.parametrize("name", NAMES)
def test_every_device_is_understood(name: str) -> None:
    side = dump_vmstate.parse(text(name), name)
    said = json.loads(text(name))
    assert [part.key for part in side.parts] == [key for key in said if key != "vmschkmachine"]
    assert side.machine == said["vmschkmachine"]["Name"]
    assert side.knows - {"counts"} == {"conditions", "minimum", "subsections"}
    assert ("counts" in side.knows) == (b'"num": ' in text(name))
    for part in side.parts:
        description = said[part.key]["Description"]
        assert (part.name, part.version, part.minimum) == (
            description["name"], description["version_id"], description["minimum_version_id"])
        assert part.sendable == ("Fields" in description) == (part.record is not None)
        if part.record is not None:
            assert len(part.record.members) == len(description["Fields"])


@pytest.mark.parametrize("name", [name for name in NAMES if "x86_64" in name])
def test_every_device_can_be_walked(name: str) -> None:
    """A reset state with all that it may have comes back; without subsections it is as long as its layout says."""
    for part in filter(lambda one: one.sendable, parts(name).values()):
        record = record_of(part)
        if not repeated(record):
            data = encode(Decoded(record.make(), record.version, record), qemufile)
            assert encode(decode(record, data, qemufile), qemufile) == data
        plain = bare(record)
        assert len(encode(Decoded(plain.make(), plain.version, plain), qemufile)) == sum(map(extent, pieces(plain)))


def repeated(record: Record[Any]) -> bool:
    """Whether two subsections have one name: QEMU 11.1's sd-card has two, of which it finds the first."""
    return any(len({sub.name for sub in one.subsections}) < len(one.subsections) for one in records(record))


def extent(piece: Piece) -> int:
    """Bytes of a piece, when those are none of which nobody knows how many they are."""
    count = piece.count if isinstance(piece.count, int) else 0
    return sum(map(extent, piece.unit)) * count if piece.unit else piece.size or 0


def bare(record: Record[Any]) -> Record[Any]:
    """A record without subsections."""
    return record.but(subsections=(), members=tuple(one.but(shape=stripped(one.shape)) for one in record.members))


def stripped(shape: Shape) -> Shape:
    if isinstance(shape, Array):
        return shape.but(of=stripped(shape.of))
    if isinstance(shape, Nested):
        inner = bare(shape.record)
        return shape.but(find=lambda: inner)
    return shape


def test_two_subsections_of_one_name() -> None:
    found = [key for key, part in parts("11.1-x86_64-microvm").items() if part.record and repeated(part.record)]
    assert sorted(found) == ["emmc", "sd-card", "sd-card-spi", "sdmmc-common"]
    assert not any(part.record and repeated(part.record) for part in parts("10.0-x86_64-microvm").values())


def test_who_refuses_to_be_sent() -> None:
    """QEMU 7.2: `State blocked by non-migratable device` for those of them that were tried (nvme, rocker, usb-net)."""
    refusing = {key for key, part in parts("7.2-x86_64-microvm").items() if not part.sendable}
    assert refusing == {
        "amd-iommu", "hv-syndbg", "nvme", "rocker", "usb-audio", "usb-braille", "usb-net", "usb-serial",
        "usb-serial-dev", "usb-wacom-tablet", "vhost-user-fs-device", "vhost-user-gpio-device",
        "vhost-user-i2c-device", "vhost-user-input", "vhost-user-rng", "vhost-user-vsock-device",
        "virtio-input-host-device"}
    assert parts("7.2-x86_64-microvm")["nvme"].name == "nvme"
    assert parts("11.1-x86_64-microvm")["nvme"].sendable  # it can be sent since 11


def test_stubs_inside_are_empty_records() -> None:
    """What this binary never sends has no fields either; its device is sent all the same."""
    record = record_of(parts("10.0-aarch64-virt-10.0")["acpi-ged"])
    (stub,) = [one for one in records(record) if one.name == "(null)"]
    assert stub.members == ()


@pytest.mark.parametrize("name", NAMES)
def test_only_timers_have_48_bytes(name: str) -> None:
    said = Counter[str]()

    def look(one: Any) -> None:
        if isinstance(one, dict):
            if one.get("size") == 48 and "Description" not in one:
                said[one["field"]] += 1
            for value in one.values():
                look(value)
        elif isinstance(one, list):
            for value in one:
                look(value)

    look(json.loads(text(name)))
    assert [field for field in said if "timer" not in field] == []


# -- the judge: streams of the same program

JUDGED = [(name, release) for name, entry in STREAMS.items()
          if entry["vmdesc"] and (release := name_of(entry["qemu"], entry["binary"])) is not None]


@pytest.mark.parametrize(("name", "release"), JUDGED, ids=[one[0] for one in JUDGED])
def test_sizes_are_those_of_a_stream(name: str, release: str) -> None:
    data = stream(name)
    extent = trailer.find(data)
    assert extent is not None
    known = [part for part in parts(release).values() if part.sendable]
    judged = 0
    for one in vmdesc.parse(data[extent[0]:extent[1]]).devices:
        if alike := [record_of(part) for part in known if part.name == one.record.name]:
            assert min((list(differing(record, one.record, one.record.name)) for record in alike), key=len) == []
            judged += 1
    assert judged > 2 or name == "none-72"


def differing(ours: Record[Any], theirs: Record[Any], path: str) -> Iterator[str]:
    """Members of a stream's description that a dump has otherwise, or has not."""
    by_name: dict[str, list[Member]] = {}
    for one in ours.members:
        by_name.setdefault(one.name.partition("[")[0], []).append(one)
    for member in theirs.members:
        alike = by_name.get(member.name.partition("[")[0], [])
        if not any(fits(one.shape, member.shape) for one in alike):
            yield f"{path}.{member.name}: {member.shape}, {[one.shape for one in alike]}"
        for inner in {one for one in map(nested, [member.shape]) if one is not None}:
            candidates = [one for one in map(nested, [one.shape for one in alike]) if one is not None]
            wrong = [list(differing(one, inner, f"{path}.{member.name}")) for one in candidates]
            yield from min(wrong, key=len, default=[])
    subs = {sub.name: sub.record for sub in ours.subsections}
    for sub in theirs.subsections:
        if sub.name not in subs:
            yield f"{path}: {sub.name}"
        else:
            yield from differing(subs[sub.name], sub.record, sub.name)


def nested(shape: Shape) -> Record[Any] | None:
    inner = shape.of if isinstance(shape, Array) else shape
    return inner.record if isinstance(inner, Nested) else None


def fits(dumped: Shape, sent: Shape) -> bool:
    """Whether a stream has what a dump says: the same number of bytes for each element; where it says none, any."""
    of = dumped.of if isinstance(dumped, Array) else dumped
    element = sent.of if isinstance(sent, Array) else sent
    if isinstance(of, Nested) or isinstance(element, Nested):
        return isinstance(of, Nested)
    size, real = (total(tuple(Layout().shape(one, 0, (), ()))) for one in (of, element))
    return size in (None, real) or (isinstance(of, Padding) and size == total(tuple(Layout().shape(sent, 0, (), ()))))


# -- fields

@pytest.mark.parametrize(("size", "shape"), [
    (1, Int(8)), (2, Int(16)), (4, Int(32)), (8, Int(64)), (3, Blob(3)), (256, Blob(256)), (48, Timer())])
def test_a_size(size: int, shape: Shape) -> None:
    assert member(field("a", size)) == Member("a", "a", shape, "a")


def test_a_size_that_nobody_tells() -> None:
    (piece,) = pieces(only(field("virtio", 0)))
    assert (piece.size, piece.form) == (None, "opaque ?")


def test_unused_bytes() -> None:
    assert member(field("unused", 20)) == Member("unused", None, Padding(20), "unused")
    assert member(field("unused", 2, num=7)).shape == Padding(14)


def test_an_array() -> None:
    shape = member(field("a", 2, num=8)).shape
    assert isinstance(shape, Array)
    assert (shape.of, shape.count) == (Int(16), 8)
    assert only(field("a", 2, num=8)).make() == Bag(a=[0] * 8)
    assert only(field("a", 2, num=0)).make() == Bag(a=[])


def test_structs() -> None:
    inner = description(field("x", 1), name="inner", version=3)
    record = only(field("one", 999, Description=inner), field("many", 999, num=2, Description=inner))
    one, many = record.members
    assert isinstance(one.shape, Nested)
    assert (one.shape.record.name, one.shape.record.version, one.shape.version) == ("inner", 3, None)
    assert isinstance(many.shape, Array)
    assert record.make() == Bag(one=Bag(x=0), many=[Bag(x=0), Bag(x=0)])


def test_a_gate() -> None:
    """Whether it is there, the bag decides; unless told otherwise it is."""
    record = only(field("a", 1, field_exists=True), field("b", 1, version_id=3))
    assert [str(one.when) for one in record.members] == ["field_exists", "None"]
    assert record.members[1].since == 3
    state = record.make()
    assert encode(Decoded(state, 1, record), qemufile) == b"\x00"
    tell(state, "a", False)
    assert encode(Decoded(state, 1, record), qemufile) == b""


def test_gates_of_one_name_are_two() -> None:
    record = only(field("config", 1, field_exists=True), field("config", 2, field_exists=True))
    assert [one.key for one in record.members] == ["config[0]", "config[1]"]
    state = record.make()
    tell(state, "config[0]", False)
    assert encode(Decoded(state, 1, record), qemufile) == b"\x00\x00"


def test_a_subsection() -> None:
    """Its members are the bag's, and have their own keys; nobody knows when it is needed."""
    sub = description(field("a", 2), name="dev/sub")
    record = only(inner=description(field("a", 1), Subsections=[sub]))
    (found,) = record.subsections
    assert (found.name, str(found.needed), found.record.members[0].key) == ("dev/sub", "needed", "a")
    assert record.make() == Bag(**{"a": 0, "a#2": 0})
    state = record.make()
    whole = encode(Decoded(state, 1, record), qemufile)
    tell(state, "dev/sub", False)
    assert encode(Decoded(state, 1, record), qemufile) == b"\x00"
    assert whole.endswith(b"\x07dev/sub\x00\x00\x00\x01\x00\x00")
    assert vars(decode(record, whole, qemufile).state)["a#2"] == 0


def test_names_that_a_bag_has_itself() -> None:
    record = only(*(field(name, 1) for name in ("_kept", "__class__", "__dict__", "_members", TOLD, "mro")))
    state = decode(record, bytes(range(6)), qemufile).state
    assert state == decode(record, bytes(range(6)), qemufile).state
    assert encode(Decoded(state, 1, record), qemufile) == bytes(range(6))


def test_versions_of_section_and_description() -> None:
    (part,) = dump_vmstate.parse(dump(version_id=5, minimum_version_id=4), "by hand").parts
    assert (part.version, part.minimum, record_of(part).version, record_of(part).minimum) == (5, 4, 1, 1)


# -- parts

def test_records_are_made_when_asked_for() -> None:
    wrong = {"field": "a", "version_id": 0, "field_exists": False, "size": "four"}
    (part,) = dump_vmstate.parse(dump(wrong), "by hand").parts
    assert part.name == "dev"
    with pytest.raises(DecodeError, match=r"^dev::a\.size: expected a number"):
        _ = part.record
    (fine,) = dump_vmstate.parse(dump(field("a")), "by hand").parts
    assert record_of(fine) is record_of(fine)


def test_parts_that_say_the_same_are_the_same() -> None:
    """Without their records."""
    one, other, third = (dump_vmstate.parse(dump(field("a", size)), "x").parts[0] for size in (4, 4, 8))
    assert one.same_as(other)
    assert not one.same_as(third)
    assert "record" not in vars(one)


# -- what QEMU does not print

@pytest.mark.parametrize(("kind", "size", "shape"), [
    ("uint64", 8, Int(64)), ("int64", 8, Int(64, signed=True)), ("bool", 1, Bool()), ("timer", 8, Timer()),
    ("timer", 48, Timer()), ("float64", 8, Float()), ("CPU_Double_U", 8, Float()), ("u16", 2, Int(16)),
    ("i8", 1, Int(8, signed=True)), ("uint32", 8, Int(64)), ("buffer", 6, Blob(6)), ("bitmap", 8, Bits(64)),
    ("unused_buffer", 6, Padding(6)), ("uint32le", 4, Int(32, order="little")), ("le16", 2, Int(16, order="little")),
    ("int32_be", 4, Int(32, signed=True)), ("int32 le", 4, AtMost(Int(32, signed=True))),
    ("uint8 equal", 1, Equal(Int(8))),
])
def test_a_type(kind: str, size: int, shape: Shape) -> None:
    assert member(field("a", size, type=kind)).shape == shape


def test_a_type_that_nobody_knows() -> None:
    shape = member(field("a", 16, type="uuid")).shape
    assert isinstance(shape, Opaque)
    assert (shape.size, shape.codec.name) == (16, "?uuid")
    assert only(field("a", 16, type="uuid")).make() == Bag(a=bytes(16))
    shape = member(field("a", 0, codec="virtio 2")).shape
    assert isinstance(shape, Opaque)
    assert shape.codec.name == "virtio 2"


def test_an_order_of_bytes() -> None:
    assert member(field("a", 4, endian="little")).shape == Int(32, order="little")
    assert member(field("a", 4, endian="big")).shape == Int(32)


@pytest.mark.parametrize(("facts", "shape"), [
    ({"allowed": [0, 1, 2, 3]}, Range(Int(32), 0, 3)), ({"allowed": [3, 2]}, Range(Int(32), 2, 3)),
    ({"allowed": ["0-255", 256]}, Range(Int(32), 0, 256)), ({"allowed": {"min": 1, "max": 5}}, Range(Int(32), 1, 5)),
    ({"range": [1, 5]}, Range(Int(32), 1, 5)), ({"max": 7}, Range(Int(32), 0, 7)), ({"allowed": []}, Int(32)),
    ({"minimum": 2, "maximum": 7}, Range(Int(32), 2, 7)), ({"equal": True}, Equal(Int(32))),
    ({"equal": False}, Int(32)), ({"at_most": True}, AtMost(Int(32))), ({"const": 5}, Constant(Int(32), 5)),
    ({"allowed": ["off", "on"]}, Range(Int(32), 0, 1)),
])
def test_values(facts: dict[str, Any], shape: Shape) -> None:
    assert member(field("a", **facts)).shape == shape


@pytest.mark.parametrize(("facts", "name", "values"), [
    ({"allowed": [0, 1, 5]}, "allowed", {0, 1, 5}), ({"enum": {"OFF": 0, "ON": 4}}, "enum", {0, 4}),
    ({"enum": ["off", "on"]}, "enum", {0, 1}), ({"enum": [3, 9]}, "enum", {3, 9}),
    ({"enum": {"mro": 1, "_x_": 2, "__init__": 3}}, "enum", {1, 2, 3}), ({"enum": {}}, "enum", {0}),
])
def test_values_with_gaps(facts: dict[str, Any], name: str, values: set[int]) -> None:
    shape = member(field("a", **facts)).shape
    assert isinstance(shape, Enumerated)
    assert (shape.kind.__name__, set(shape.kind), shape.of) == (name, values, Int(32))


def test_checks_of_elements() -> None:
    shape = member(field("a", 1, num=3, allowed=[0, 1])).shape
    assert isinstance(shape, Array)
    assert shape.of == Range(Int(8), 0, 1)


def test_options() -> None:
    found = member(field("a", must_parse=False, default=7, aliases=["b", "c"], write_as="d", meaning="ns"))
    assert (found.skippable, found.default(), found.was, found.write_as) == (True, 7, ("b", "c"), "d")
    assert found.means == "ns"
    plain = member(field("a", must_parse=True))
    assert (plain.skippable, plain.default, plain.was, plain.means) == (False, ABSENT, (), None)
    assert member(field("a", alias="b")).was == ("b",)
    assert member(field("a", default=None)).default() is None


def test_predicates_by_name() -> None:
    assert str(member(field("a", when="is_new")).when) == "is_new"
    assert str(member({**field("a"), "field_exists": "is_new"}).when) == "is_new"
    subs = [description(name="dev/a", needed="hotplug", must_parse=False), description(name="dev/b", needed=None)]
    one, other = only(inner=description(Subsections=subs)).subsections
    assert (str(one.needed), one.skippable, other.needed, other.skippable) == ("hotplug", True, None, False)


def test_counts_by_name() -> None:
    shape = member(field("a", 2, count="n", max_num=16)).shape
    assert isinstance(shape, Array)
    assert shape.count == Asked(Capacity("n", 16), False)
    assert str(shape.count) == "n"
    record = only(field("n", 1), field("a", 2, count="n"))
    assert decode(record, b"\x02\x00\x01\x00\x02", qemufile).state == Bag(n=2, a=[1, 2])


def test_what_is_said_of_a_device() -> None:
    said = description(reserved=["old"], alias_ids=[3])
    (part,) = dump_vmstate.parse(dump(inner=said, priority=5, instance_id=2, hooks={"_load": "abc"}), "x").parts
    traits = record_of(part).traits
    assert (traits.reserved, traits.alias_ids, traits.priority, part.instance, part.digests) == (
        ("old",), (3,), 5, 2, {"_load": "abc"})
    (part,) = dump_vmstate.parse(dump(field("a"), unmigratable=True), "x").parts
    assert part.record is None


@pytest.mark.parametrize(("facts", "more"), [
    ({}, set()), ({"num": 3}, {"counts"}), ({"type": "uint8"}, {"counts", "types", "meanings"}),
    ({"meaning": "ns"}, {"counts", "meanings"}), ({"needed": None}, {"counts", "needed", "meanings"}),
    ({"vendor": 1}, set()),
])
def test_what_a_dump_knows(facts: dict[str, Any], more: set[str]) -> None:
    side = dump_vmstate.parse(dump(field("num", **facts)), "x")
    assert side.knows == {"conditions", "minimum", "subsections"} | more


# -- hostile

DEEP: Any = description(field("a"))
for _ in range(60):
    DEEP = description(field("a", Description=DEEP))
BILLIONS = [field("a", 1 << 30), field("a", 8, num=1 << 30), field("a", 1, type="uuid", num=1 << 32)]
HUGE = description(field("a", 1 << 20), name="inner")

HOSTILE: list[tuple[str, bytes]] = [
    ("nothing", b""), ("no JSON", b"{"), ("no text", b"\xff\xfe{}"), ("no object", b"[]"), ("a number", b"1"),
    ("brackets", b"[" * 200_000), ("braces", b'{"a":' * 200_000),
    ("a number without end", b'{"a": ' + b"9" * 5000 + b"}"),
    ("nobody described", b"{}"), ("a device no object", b'{"vmschkmachine": {"Name": "pc"}, "a": 1}'),
    ("a machine no object", b'{"vmschkmachine": 1}'), ("a machine no text", b'{"vmschkmachine": {"Name": 1}}'),
    ("a description no object", dump(inner=[])), ("half a character", b'{"vmschkmachine": {}, "\\ud800": {}}'),
    ("fields no list", dump(inner=description() | {"Fields": {}})),
    ("a field no object", dump(inner=description() | {"Fields": [1]})), ("no name", dump(inner={"Fields": []})),
    ("a name no text", dump(inner=description(name=None))),  # type: ignore[arg-type]
    ("a field without a name", dump({"size": 4})), ("a field without a size", dump({"field": "a"})),
    ("a version below zero", dump(version_id=-1)), ("a version that is true", dump(version_id=True)),
    ("a version beyond all", dump(inner=description(version=1 << 70))), ("a size below zero", dump(field("a", -1))),
    ("a size no number", dump(field("a", "4"))),  # type: ignore[arg-type]
    ("a size that is not whole", dump(field("a", 4.5))),  # type: ignore[arg-type]
    ("a count below zero", dump(field("a", num=-1))), ("a count that is true", dump(field("a", num=True))),
    ("subsections no list", dump(inner=description(Subsections=1))), ("too deep", dump(inner=DEEP)),
    *((f"too much {i}", dump(one)) for i, one in enumerate(BILLIONS)),
    ("much of much", dump(field("a", 8, num=1 << 20, Description=HUGE))),
    ("many empty records", dump(field("a", 8, num=1 << 30, Description=description(name="e")))),
    ("an enumeration of many", dump(field("a", enum=list(range(5000))))),
]


@pytest.mark.parametrize("hostile", [one[1] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_what_is_refused(hostile: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        _records(hostile)
    assert caught.value.hint or caught.value.path or caught.value.section


def _records(dumped: bytes) -> list[Record[Any] | None]:
    return [part.record for part in dump_vmstate.parse(dumped, "hostile").parts]


def test_too_many_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump_vmstate, "MOST_FIELDS", 10)
    with pytest.raises(DecodeError, match="more than 10 fields"):
        only(*(field(f"f{i}") for i in range(11)))


def test_odd_facts_are_no_facts() -> None:
    """What has a known name and makes no sense is kept out, or is text; nothing fails later."""
    odd: list[Any] = [None, True, -1, 1.5, "", "x", [], [None], {}, {"a": 1}, [[1, 2]]]
    for key in ("type", "codec", "order", "allowed", "range", "min", "equal", "count", "when", "default", "was",
                "means", "enum", "const", "must_parse", "write_as", "max_num"):
        for value in odd:
            try:
                record = only(field("a", **{key: value}))
            except DecodeError:
                continue
            pieces(record)
            record.make()
            repr(record.members)
    for key in ("reserved", "priority", "early", "alias_ids", "target", "allow", "hooks", "instance_id", "post_load"):
        for value in odd:
            try:
                (part,) = dump_vmstate.parse(dump(field("a"), **{key: value}), "x").parts
                record_of(part)
                part.digests.items()
            except DecodeError:
                continue
