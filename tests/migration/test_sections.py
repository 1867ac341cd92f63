"""What a body says: by a declaration, by the stream's description, or by neither."""

import json
from typing import Any

import pytest

from migration.sections import Choice, Section, SectionReader
from migration.stream.events import Kind, SectionBegin
from vmstate import Registry, Undetermined, UnknownMember, VersionRefused, buffer, setting, state, uint8, uint16, uint32
from vmstate.describe import vmdesc
from vmstate.errors import NeedMore

NAME = "sections/device"


@state(NAME, version=2, minimum=1)
class Device:
    """As the device is."""

    count: int = uint16()
    flags: int = uint8()
    more: int = uint8(since=2)


@state(NAME, version=2, minimum=1)
class Swapped:
    """Wrong: the members are the other way round."""

    flags: int = uint8()
    count: int = uint16()
    more: int = uint8(since=2)


@state(NAME, version=2)
class Short:
    """Wrong: a member is missing."""

    count: int = uint16()
    flags: int = uint8()


@state(NAME, version=2, target="avr")
class Elsewhere:
    """Of another target."""

    whole: int = uint32()


@state("sections/sized")
class Sized:
    """Nothing but the size of the body tells its setting."""

    width: int = setting(2, 4)
    data: bytearray = buffer("width")


@state("sections/ambiguous")
class Ambiguous:
    """Both settings fit one body."""

    width: int = setting(1, 2)
    data: bytearray = buffer("width")
    rest: bytearray = buffer(lambda self: 3 - self.width)


BODY = b"\x01\x02\x03\x04"


def field(name: str, kind: str, size: int, **more: Any) -> dict[str, Any]:
    """One field of a description."""
    return {"name": name, "type": kind, "size": size, **more}


FIELDS = [field("count", "uint16", 2), field("flags", "uint8", 1), field("more", "uint8", 1)]


def device(name: str = NAME, instance: int = 0, fields: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """One device of a description."""
    return {"name": name, "instance_id": instance, "vmsd_name": name, "version": 2,
            "fields": FIELDS if fields is None else fields}


def description(*devices: dict[str, Any]) -> vmdesc.Description:
    """A trailer."""
    return vmdesc.parse(json.dumps({"page_size": 4096, "devices": devices}).encode())


def header(name: str = NAME, instance: int = 0, version: int = 2) -> SectionBegin:
    """A section's header."""
    return SectionBegin(Kind.SECTION_FULL, 1, name, instance, version, 0, 0)


def registered(*kinds: type) -> Registry:
    """A registry of these alone."""
    registry = Registry()
    for kind in kinds:
        registry.add(kind)
    return registry


def read(
    *kinds: type, described: vmdesc.Description | None = None, body: bytes = BODY, version: int = 2, name: str = NAME,
    choice: Choice = "auto", target: str = "", settings: dict[str, Any] | None = None,
) -> Section:
    """A body, read with everything compared."""
    reader = SectionReader(
        registered(*kinds), described, target=target, choice=choice, settings=settings, comparing=True)
    return reader.read(header(name, version=version), body, 100)


def test_declared() -> None:
    section = read(Device)
    assert (section.source, section.findings, section.why) == ("declared", [], None)
    assert section.decoded is not None
    assert section.decoded.state == Device(count=0x0102, flags=3, more=4)
    assert (section.begin, section.end, section.written) == (100, 104, BODY)
    assert [(path, one.begin, one.end, one.value) for path, one in section.trace.leaves()] == [
        ("count", 0, 2, 0x0102), ("flags", 2, 3, 3), ("more", 3, 4, 4)]


def test_declared_at_the_version_of_its_header() -> None:
    section = read(Device, body=BODY[:3], version=1)
    assert (section.source, section.findings) == ("declared", [])
    assert section.decoded is not None
    assert section.decoded.version == 1


def test_embedded() -> None:
    section = read(described=description(device()))
    assert (section.source, section.findings, section.why) == ("embedded", [], None)
    assert section.decoded is not None
    assert [section.decoded.state.count, section.decoded.state.flags] == [0x0102, 3]
    assert section.written == BODY


def test_opaque() -> None:
    section = read()
    assert (section.source, section.decoded, section.findings, section.why) == ("opaque", None, [], None)
    assert section.written == BODY
    assert list(section.trace.leaves()) == []


def test_both_agree() -> None:
    section = read(Device, described=description(device()))
    assert (section.source, section.findings) == ("declared", [])


CHOICES: list[tuple[Choice, tuple[type, ...], bool, str]] = [
    ("auto", (Device,), True, "declared"), ("auto", (), True, "embedded"), ("auto", (), False, "opaque"),
    ("declared", (Device,), True, "declared"), ("declared", (Device,), False, "declared"),
    ("declared", (), True, "opaque"), ("embedded", (Device,), True, "embedded"),
    ("embedded", (Device,), False, "opaque"), ("embedded", (), False, "opaque"),
]
@pytest.mark.parametrize(("choice", "kinds", "with_description", "source"), CHOICES)
def test_choices(choice: Choice, kinds: tuple[type, ...], with_description: bool, source: str) -> None:
    section = read(*kinds, described=description(device()) if with_description else None, choice=choice)
    assert section.source == source
    assert section.written == BODY


# -- where declaration and description part

def test_another_order_is_told() -> None:
    section = read(Swapped, described=description(device()))
    assert section.source == "declared"
    assert section.findings[0] == "flags is from 0x0 to 0x1, count of the description from 0x0 to 0x2"


def test_a_missing_member_is_told() -> None:
    """The declaration does not fit, and the description is taken."""
    section = read(Short, described=description(device()))
    assert section.source == "embedded"
    (finding,) = section.findings
    assert finding.startswith("the declaration does not fit: ")
    assert "1 byte left over" in finding
    assert section.why is not None


def test_a_wrong_description_is_told() -> None:
    section = read(Device, described=description(device(fields=FIELDS[:2])))
    assert section.source == "declared"
    (finding,) = section.findings
    assert finding.startswith("the description does not fit: ")


def test_neither_fits() -> None:
    section = read(Short, described=description(device(fields=FIELDS[:2])))
    assert section.source == "opaque"
    assert [one.split(":")[0] for one in section.findings] == [
        "the declaration does not fit", "the description does not fit"]
    assert section.written == BODY


def test_unused_bytes_are_no_data() -> None:
    fields = [FIELDS[0], field("unused", "unused_buffer", 1), FIELDS[2]]
    section = read(Device, described=description(device(fields=fields)))
    assert section.findings == ["flags is data, the description has unused as unused"]


def test_a_description_of_nonsense_is_told() -> None:
    section = read(Device, described=description(device(fields=[field("count", "uint16", -1)])))
    assert section.source == "declared"
    assert section.findings == [
        "the description does not fit: the description has something else where a number belongs"]


def test_a_newer_version_is_no_finding() -> None:
    """That nobody here reads it is why it is embedded; nothing is wrong with the stream."""
    section = read(Device, described=description(device()), version=3)
    assert (section.source, section.findings) == ("embedded", [])
    assert isinstance(section.why, VersionRefused)


def test_an_unknown_subsection_is_a_finding() -> None:
    body = BODY + b"\x05" + bytes((len(NAME) + 4,)) + NAME.encode() + b"/new" + b"\0\0\0\x01"
    section = read(Device, body=body)
    assert section.source == "opaque"
    assert isinstance(section.why, UnknownMember)
    assert section.why.offset == len(BODY)


def test_not_compared_unless_asked() -> None:
    reader = SectionReader(registered(Swapped), description(device()))
    assert reader.read(header(), BODY, 0).findings == []


# -- which declaration

def test_one_of_another_target() -> None:
    """With the target known it is left out; without, a misfit says nothing."""
    assert read(Elsewhere, target="x86_64").source == "opaque"
    assert read(Elsewhere, target="avr").source == "declared"
    misfit = read(Elsewhere, body=BODY[:3])
    assert (misfit.source, misfit.findings) == ("opaque", [])
    assert misfit.why is not None
    told = read(Elsewhere, body=BODY[:3], target="avr")
    assert len(told.findings) == 1


def test_the_only_one_that_fits() -> None:
    assert read(Short, Device).source == "declared"
    assert read(Short, Device, body=BODY[:3]).source == "declared"


def test_the_description_breaks_a_tie() -> None:
    section = read(Swapped, Device, described=description(device()))
    assert section.decoded is not None
    assert isinstance(section.decoded.state, Device)
    assert section.findings == []


def test_a_tie_without_description() -> None:
    section = read(Swapped, Device)
    assert section.source == "opaque"
    assert isinstance(section.why, Undetermined)


@pytest.mark.parametrize("width", [2, 4])
def test_a_setting_that_fits(width: int) -> None:
    section = read(Sized, name="sections/sized", version=1, body=bytes(width))
    assert section.decoded is not None
    assert section.decoded.settings == {"width": width}


def test_no_setting_fits() -> None:
    section = read(Sized, name="sections/sized", version=1, body=bytes(3))
    assert section.source == "opaque"
    assert isinstance(section.why, Undetermined)


def test_two_settings_fit() -> None:
    section = read(Ambiguous, name="sections/ambiguous", version=1, body=bytes(3))
    assert isinstance(section.why, Undetermined)
    assert "width=1" in section.why.hint
    assert "width=2" in section.why.hint


@pytest.mark.parametrize("path", ["width", "sections/ambiguous::width", "ambiguous::width"])
def test_a_setting_that_is_given(path: str) -> None:
    section = read(Ambiguous, name="sections/ambiguous", version=1, body=bytes(3), settings={path: 2})
    assert section.decoded is not None
    assert section.decoded.settings == {"width": 2}


def test_a_setting_given_for_another_section() -> None:
    settings = {"other::width": 2, "uous::width": 2}
    section = read(Ambiguous, name="sections/ambiguous", version=1, body=bytes(3), settings=settings)
    assert section.source == "opaque"


# -- which description

def test_described_by_position() -> None:
    """Two sections may bear one name and instance (slirp, isa-ide): their descriptions go in order."""
    first, second = device(), device(fields=[field("other", "uint32", 4)])
    reader = SectionReader(Registry(), description(first, device("between"), second))
    keys: list[list[str]] = []
    for name in (NAME, "between", NAME):
        section = reader.read(header(name), BODY, 0)
        assert section.source == "embedded"
        keys.append([path for path, _ in section.trace.leaves()])
    assert keys == [["count", "flags", "more"], ["count", "flags", "more"], ["other"]]


def test_described_out_of_order() -> None:
    """A section whose description stands elsewhere is found by name."""
    reader = SectionReader(Registry(), description(device("a"), device("b")))
    assert [reader.read(header(name), BODY, 0).source for name in ("b", "a")] == ["embedded", "embedded"]


def test_described_by_instance() -> None:
    one, two = device(instance=0), device(instance=2, fields=[field("other", "uint32", 4)])
    reader = SectionReader(Registry(), description(one, two))
    section = reader.read(header(instance=2), BODY, 0)
    assert [path for path, _ in section.trace.leaves()] == ["other"]
    assert section.label == f"{NAME}@2"
    assert reader.read(header(instance=1), BODY, 0).source == "opaque"


def test_the_same_description_twice() -> None:
    """Two equal descriptions are still two."""
    reader = SectionReader(Registry(), description(device(), device(), device(fields=[field("other", "uint32", 4)])))
    keys = [[path for path, _ in reader.read(header(), BODY, 0).trace.leaves()] for _ in range(3)]
    assert keys == [["count", "flags", "more"], ["count", "flags", "more"], ["other"]]


def lengths(reader: SectionReader, ahead: bytes = BODY + b"and more", **more: Any) -> list[int]:
    """All lengths that a body may have."""
    return list(reader.extents(header(**more), memoryview(ahead)))


def test_extents() -> None:
    """By the description first, then by the declarations."""
    assert lengths(SectionReader(registered(Device))) == [4]
    assert lengths(SectionReader(Registry(), description(device()))) == [4]
    assert lengths(SectionReader(registered(Short, Device), description(device()))) == [4, 3, 4]
    assert lengths(SectionReader(Registry())) == []
    assert lengths(SectionReader(registered(Device)), BODY[:3]) == []


def test_more_bytes_may_decide_an_extent() -> None:
    """What follows a body may be a subsection of it: its first two bytes are looked at."""
    reader = SectionReader(registered(Device))
    for size in range(len(BODY) + 2):
        with pytest.raises(NeedMore):
            list(reader.extents(header(), memoryview((BODY + b"\x04\0")[:size]), whole=False))
    assert list(reader.extents(header(), memoryview(BODY + b"\x04\0"), whole=False)) == [4]


def test_the_extent_of_an_older_version() -> None:
    assert lengths(SectionReader(registered(Device)), version=1) == [3]


def test_the_extent_by_a_setting() -> None:
    assert lengths(SectionReader(registered(Sized)), name="sections/sized", version=1) == [2, 4]
    given = SectionReader(registered(Sized), settings={"width": 4})
    assert lengths(given, name="sections/sized", version=1) == [4]
