"""Which description a section has: its own stream's, or another's."""

import json
from typing import Any

import pytest

from devices.catalogue import registry
from migration.descriptions import Descriptions, Lent
from migration.replica import Stream, verify
from migration.sections import RESYNCED, Section
from migration.stream import trailer
from migration.stream.events import Configured, Kind, SectionBegin, SectionEnd, Trailer
from tests.migration.made import EOF, HEADER, full, without
from tests.migration.recorded import STREAMS, stream
from vmstate import Registry
from vmstate.describe import vmdesc


def device(name: str, version: int = 1, instance: int = 0, size: int = 4, field: str = "field") -> dict[str, Any]:
    """A device of a trailer."""
    return {"name": name, "instance_id": instance, "vmsd_name": name.rpartition("/")[2], "version": version,
            "fields": [{"name": field, "type": "buffer", "size": size}]}


def description(*devices: dict[str, Any]) -> vmdesc.Description:
    """A trailer."""
    return vmdesc.parse(json.dumps({"page_size": 4096, "devices": devices}).encode())


def header(name: str, version: int = 1, instance: int = 0) -> SectionBegin:
    """A section's header."""
    return SectionBegin(Kind.SECTION_FULL, 1, name, instance, version, 0, 0)


def lent(name: str) -> Lent:
    """The description of a recorded stream."""
    data = stream(name)
    extent = trailer.find(data)
    assert extent is not None
    return Lent(name, vmdesc.parse(data[extent[0]:extent[1]]))


# -- of the stream itself

def test_in_order() -> None:
    told = Descriptions(description(device("a"), device("b"), device("a", field="second")))
    for expected in ("field", "second", "field"):  # more than there are: the first again
        found = told.of(header("a"))
        assert found is not None
        assert found.record.members[0].key == expected
        told.passed(header("a"))
    assert told.of(header("c")) is None
    assert told.of(header("a", instance=1)) is None
    assert Descriptions().of(header("a")) is None


def test_asking_does_not_move_on() -> None:
    told = Descriptions(description(device("a"), device("a", field="second")))
    assert told.of(header("a")) is told.of(header("a"))


# -- of another stream

def test_the_same_device_of_the_same_version() -> None:
    other = Lent("other", description(
        device("0000:00:02.0/nic", 3), device("0000:00:03.0/nic", 3, size=8), device("nic", 4), device("icp/server"),
        {"name": "slirp", "instance_id": 0, "size": 9, "fields": [{"name": "data", "size": 9, "type": "buffer"}]}))
    assert [one.name for one in other.of(header("0000:00:07.0/nic", 3))] == ["0000:00:02.0/nic", "0000:00:03.0/nic"]
    assert [one.name for one in other.of(header("nic", 4))] == ["nic"]
    assert list(other.of(header("nic", 5))) == []
    assert [one.name for one in other.of(header("server"))] == ["icp/server"]
    assert list(other.of(header("slirp", 4))) == []  # of those by hand the version is not described


def test_one_that_makes_no_sense_describes_nothing() -> None:
    wrong = {**device("a"), "fields": 7}
    assert [one.name for one in Lent("other", description(wrong, device("x/a"))).of(header("a"))] == ["x/a"]


@pytest.mark.parametrize("footers", [True, False])
def test_it_is_taken_where_it_ends_with_the_body(footers: bool) -> None:
    other = Lent("other", description(device("aa", size=4), device("x/aa", size=6), device("bb", size=6)))
    parts = [full(3, "y/aa", b"123456", footer=footers), full(4, "aa", b"1234", footer=footers),
             full(5, "bb", b"1234", footer=footers), full(6, "cc", b"1", footer=footers)]
    made = Stream(HEADER + b"".join(parts) + EOF, Registry(), lent=other)
    found = [one for one in made.events() if isinstance(one, Section)]
    assert [one.source for one in found] == ["embedded", "embedded", "opaque", "opaque"]
    last = [] if footers else [RESYNCED]
    assert [one.notes for one in found] == [["described by other"]] * 2 + [last] * 2
    assert [one.body for one in found] == [b"123456", b"1234", b"1234", b"1"]
    report = verify(Stream(HEADER + b"".join(parts) + EOF, Registry(), lent=other))
    assert report.ok
    assert report.notes["described by other"] == 2


@pytest.mark.parametrize("size", [None, 0, 3, -1, 1 << 70, 4096.0])
def test_page_sizes_that_make_no_sense(size: object) -> None:
    """Those of the stream and of the other one: they are found by trying."""
    told = vmdesc.parse(json.dumps({"page_size": size, "devices": []}).encode())
    bare = without(stream("none-72"), Trailer, Configured)
    text = json.dumps({"page_size": size, "devices": []}).encode()
    for data in (bare, bare + b"\x06" + len(text).to_bytes(4, "big") + text):
        made = Stream(data, Registry(), lent=Lent("other", told))
        assert len(list(made.events())) > 9
        assert made.reader.page_size == 4096


def test_declarations_come_first() -> None:
    data = without(stream("smp2-72"), Trailer)
    sources = {choice: {one.source for one in Stream(data, registry(), lent=lent("smp2-72"), choice=choice).events()
                        if isinstance(one, Section)} for choice in ("auto", "declared", "embedded")}
    assert sources == {"auto": {"declared"}, "declared": {"declared"}, "embedded": {"embedded"}}


def test_a_streams_own_description_comes_first() -> None:
    for one in Stream(stream("none-72"), Registry(), lent=lent("pc72-72-nodefaults")).events():
        assert not isinstance(one, Section) or (one.source, one.notes) == ("embedded", [])


@pytest.mark.parametrize("kinds", [(Trailer,), (Trailer, SectionEnd), (Trailer, SectionEnd, Configured)])
@pytest.mark.parametrize("name", [
    name for name, told in STREAMS.items() if told["vmdesc"] and not name.startswith("opt-mapped")
    and "ignore-shared" not in name])
def test_recorded_streams(name: str, kinds: tuple[Any, ...]) -> None:
    """Each by its own description that was taken off: all of it is understood, save what is written by hand."""
    data = without(stream(name), *kinds)
    found = [one for one in Stream(data, Registry(), lent=lent(name)).events() if isinstance(one, Section)]
    own = [one for one in Stream(stream(name), Registry()).events() if isinstance(one, Section)]
    assert [one.body for one in found] == [one.body for one in own]
    by_hand = {one.header.name for one in own if one.described is not None and one.described.record.traits.by_hand}
    for one, told in zip(found, own, strict=True):
        assert one.source == ("opaque" if one.header.name in by_hand else told.source)
        assert one.written == one.body


@pytest.mark.parametrize(("name", "other", "least"), [
    ("q62-72", "smp2-72", 31), ("pc42-100", "pc100-100-nodefaults", 24), ("q42-52", "smp2-72", 18)])
def test_of_a_relative(name: str, other: str, least: int) -> None:
    """Another machine type of the same QEMU; another QEMU: the less alike they are, the less it describes."""
    data = without(stream(name), Trailer)
    found = [one for one in Stream(data, Registry(), lent=lent(other)).events() if isinstance(one, Section)]
    assert len([one for one in found if one.source == "embedded"]) >= least
    assert all(one.written == one.body for one in found)
