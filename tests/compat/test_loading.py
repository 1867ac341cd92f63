"""What was really sent, member by member, into what a reader has."""

import json
from typing import Any

import pytest

from migration.stream import trailer
from tests.describe.dumps import description, dump
from tests.describe.dumps import field as dumped_field
from tests.migration.recorded import stream
from vmstate.compat.findings import BREAKS, OK, UNKNOWN
from vmstate.compat.loading import loads
from vmstate.compat.sides import Part
from vmstate.describe import dump_vmstate, vmdesc
from vmstate.shape import Record

Json = dict[str, Any]
DUMP, STREAM = frozenset({"conditions", "minimum", "needed", "subsections"}), frozenset({"counts", "types"})


def sent(*fields: Json, version: int = 1, **more: Any) -> Record[Any]:
    """A section as a stream describes it."""
    device = {"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": version, "fields": list(fields), **more}
    return vmdesc.parse(json.dumps({"page_size": 4096, "devices": [device]}).encode()).devices[0].record


def field(name: str, size: int, kind: str = "uint32", **more: Any) -> Json:
    return {"name": name, "type": kind, "size": size, **more}


def dumped(*fields: Json, version: int = 1, minimum: int = 1, **more: Any) -> Part:
    """A type of device, as a dump describes it."""
    numbers: Json = {"version_id": version, "minimum_version_id": minimum}
    (part,) = dump_vmstate.parse(dump(inner=description(*fields, **numbers, **more), **numbers), "there").parts
    return part


def member(name: str, size: int, *, since: int = 0, gated: bool = False) -> Json:
    return dumped_field(name, size, version_id=since, field_exists=gated)


A, B, C = field("a", 4), field("b", 2, "uint16"), field("c", 1, "uint8")
RA, RB, RC = member("a", 4), member("b", 2), member("c", 1)


def found(one: Record[Any], reader: Part, knows: frozenset[str] = DUMP, version: int = 1) -> list[tuple[str, str, str]]:
    """Rules, paths and verdicts."""
    return [(one.rule, one.path, str(one.positional.backward)) for one in loads("dev", one, version, reader, knows)]


def test_the_same() -> None:
    assert not found(sent(A, B, C), dumped(RA, RB, RC))


def test_a_gated_member_that_was_not_sent() -> None:
    """Its own predicate decides, and the stream has it not."""
    assert not found(sent(A, C), dumped(RA, member("b", 2, gated=True), RC))


def test_a_gated_member_that_was_sent() -> None:
    assert not found(sent(A, B, C), dumped(RA, member("b", 2, gated=True), RC))


def test_members_of_a_newer_version() -> None:
    assert not found(sent(A), dumped(RA, member("b", 2, since=2), version=2))
    assert not found(sent(A, B, version=2), dumped(RA, member("b", 2, since=2), version=2), version=2)


def test_a_member_left_over() -> None:
    assert found(sent(A, B, C), dumped(RA, RC)) == [("VM303", "dev::b", "breaks")]


def test_a_member_that_is_wanted() -> None:
    """A dump up to 9.x does not tell whether it is an array, which may be empty."""
    assert found(sent(A, C), dumped(RA, RB, RC)) == [("VM301", "dev::b", "unknown")]


def test_another_width() -> None:
    assert found(sent(A, B), dumped(RA, member("b", 4))) == [("VM307", "dev::b", "breaks")]


def test_a_renamed_member() -> None:
    """Of the same size, in the same place: nothing is in the way."""
    assert not found(sent(A, B), dumped(RA, member("other", 2)))


def test_another_order() -> None:
    (one,) = loads("dev", sent(A, B, C), 1, dumped(RB, RA, RC), DUMP)
    assert (one.rule, one.positional.backward) == ("VM306", UNKNOWN)
    assert one.reason == "as many bytes are sent as are read"


@pytest.mark.parametrize(("version", "rules"), [(1, ["VM203"]), (2, []), (3, []), (4, ["VM201"])])
def test_versions(version: int, rules: list[str]) -> None:
    reader = dumped(RA, version=3, minimum=2)
    assert found(sent(A, version=version), reader, version=version) == [(rule, "dev", "breaks") for rule in rules]


def test_an_older_version_into_a_stream() -> None:
    """A stream tells no minimum."""
    reader = Part("dev", sent(A, version=2))
    (one,) = loads("dev", sent(A), 1, reader, STREAM)
    assert (one.rule, one.severity, one.positional.backward) == ("VM901", "note", UNKNOWN)
    assert found(sent(A, version=3), reader, STREAM, 3) == [("VM201", "dev", "breaks")]


def subsection(name: str, *fields: Json, version: int = 1) -> Json:
    return {"subsections": [{"vmsd_name": name, "version": version, "fields": list(fields)}]}


def known(name: str, *fields: Json, version: int = 1, minimum: int = 1) -> Json:
    return {"Subsections": [{"name": name, "version_id": version, "minimum_version_id": minimum,
                             "Fields": list(fields)}]}


def test_subsections() -> None:
    """One that is not sent is no matter; one that nobody knows is refused; one of a newer version too."""
    one = sent(A, **subsection("dev/more", B))
    assert not found(one, dumped(RA, **known("dev/more", RB)))
    assert not found(sent(A), dumped(RA, **known("dev/more", RB)))
    assert found(one, dumped(RA, **known("dev/other", RB))) == [("VM402", "dev::dev/more", "breaks")]
    assert found(one, dumped(RA, **known("dev/more", member("b", 4)))) == [("VM307", "dev::dev/more.b", "breaks")]
    newer = sent(A, **subsection("dev/more", B, version=2))
    assert found(newer, dumped(RA, **known("dev/more", RB))) == [("VM407", "dev::dev/more", "breaks")]


def test_a_subsection_of_a_nested_record() -> None:
    """Nobody knows it, however many bytes all else has."""
    inner = {"vmsd_name": "in", "version": 1, "fields": [A], **subsection("in/more", B)}
    one = sent({"name": "i", "type": "struct", "size": 4, "struct": inner})
    nested = {"name": "in", "version_id": 1, "minimum_version_id": 1, "Fields": [RA]}
    reader = dumped({**member("i", 4), "Description": nested})
    assert found(one, reader) == [("VM402", "dev::i.in/more", "breaks")]


def test_a_stream_decides_little() -> None:
    """What the other stream has not, its build may still read."""
    reader = Part("dev", sent(A))
    found = loads("dev", sent(A, B, **subsection("dev/more", C)), 1, reader, STREAM)
    assert {(one.rule, one.positional.backward) for one in found} == {("VM303", UNKNOWN), ("VM402", UNKNOWN)}
    assert all("a stream does not tell which members are always sent" in one.reason for one in found)


def test_bytes_of_a_format_of_their_own() -> None:
    """Those of another number of queues, say."""
    one, other = sent(field("virtio", 40, "virtio")), sent(field("virtio", 24, "virtio"))
    (told,) = loads("dev", one, 1, Part("dev", other), STREAM)
    assert (told.rule, told.positional.backward) == ("VM311", UNKNOWN)
    assert "only its code knows what they are" in told.reason
    assert not loads("dev", one, 1, dumped(member("virtio", 0)), DUMP)


def test_what_may_not_be_sent() -> None:
    (one,) = loads("dev", sent(A), 1, Part("dev"), DUMP)
    assert (one.rule, one.positional.backward) == ("VM106", BREAKS)


@pytest.mark.parametrize("name", ["pc72-72-default", "a64-virt72-gic3-72", "sparc-ss5-72", "rv64-virt-72"])
def test_every_section_of_a_stream_into_itself(name: str) -> None:
    data = stream(name)
    extent = trailer.find(data)
    assert extent is not None
    for one in vmdesc.parse(data[slice(*extent)]).devices:
        assert not loads(one.name, one.record, one.record.version, Part(one.name, one.record), STREAM)


def test_only_one_direction_counts() -> None:
    (one,) = loads("dev", sent(A, B), 1, dumped(RA), DUMP)
    assert (one.positional.backward, one.positional.forward, one.severity) == (BREAKS, OK, "error")
