"""Whole streams, read and written again: the recorded ones, and damaged ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import registry
from migration.replica import Report, Stream, verify
from migration.sections import Section
from migration.stream.events import EndOfStream
from tests.migration.recorded import NAMES, STREAMS, stream
from vmstate import Registry

NODEFAULTS = ("pc72-72-nodefaults", "pc100-100-nodefaults", "opt-suppress-vmdesc-72", "opt-no-footer-100")


def verified(data: bytes) -> Report:
    """By all declarations there are."""
    return verify(Stream(data, registry()))


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_stream(name: str) -> None:
    report = verified(stream(name))
    assert report.error is None
    assert report.findings == []
    assert report.identical
    assert report.accounted == report.size == len(stream(name))
    assert report.ok
    assert report.sections.total() == STREAMS[name]["sections"]
    assert report.sections["opaque"] == 0


@pytest.mark.parametrize("name", NODEFAULTS)
def test_a_machine_that_is_declared_as_a_whole(name: str) -> None:
    assert set(verified(stream(name)).sections) == {"declared"}


@pytest.mark.parametrize("name", [name for name in NAMES if STREAMS[name]["vmdesc"]])
def test_by_the_description_alone(name: str) -> None:
    report = verify(Stream(stream(name), Registry()))
    assert report.ok
    assert set(report.sections) == {"embedded"}


def test_with_neither() -> None:
    report = verify(Stream(stream("opt-suppress-vmdesc-72"), Registry()))
    assert report.ok
    assert set(report.sections) == {"opaque"}


def test_something_behind_is_told() -> None:
    data = stream("none-72")
    report = verified(data + b"more")
    assert report.findings == ["4 bytes behind the stream"]
    assert (report.identical, report.ok) == (True, False)
    assert report.accounted == len(data)


@pytest.mark.parametrize("name", ["none-72", "tricore-100", "microblaze-72", "virtio-a-legacy-52"])
def test_a_stream_cut_short(name: str) -> None:
    data = stream(name)
    (complete,) = [event.end for event in Stream(data, registry()).events() if isinstance(event, EndOfStream)]
    for size in range(0, len(data), max(1, len(data) // 60)):
        report = verified(data[:size])
        assert not report.ok or size == complete
        assert report.error is None or 0 <= (report.error.offset or 0) <= size
        assert 0 <= report.accounted <= size


@given(data=st.data())
@pytest.mark.parametrize("name", ["none-72", "tricore-100", "or1k-sim-100"])
def test_a_damaged_stream(name: str, data: st.DataObject) -> None:
    """Whatever byte is another: no exception but errors with a place, and never an account of more than there is."""
    damaged = bytearray(stream(name))
    for _ in range(data.draw(st.integers(1, 3), label="damages")):
        at = data.draw(st.integers(0, len(damaged) - 1), label="at")
        damaged[at:at + data.draw(st.integers(0, 3), label="lost")] = data.draw(st.binary(max_size=4), label="new")
    report = verified(bytes(damaged))
    assert 0 <= report.accounted <= len(damaged)
    if report.error is not None:
        assert report.error.offset is not None
        assert 0 <= report.error.offset <= len(damaged)
        assert str(report.error)
    else:
        assert report.accounted == report.size or "behind the stream" in report.findings[-1]


def test_every_section_tells_its_place() -> None:
    data = stream("smp2-72")
    for event in Stream(data, registry()).events():
        if isinstance(event, Section):
            assert event.written == data[event.begin:event.end] == event.body
            leaves = [one for _, one in event.trace.leaves()]
            assert all(0 <= one.begin <= one.end <= len(event.body) for one in leaves)


def test_sections_that_differ_in_their_instance() -> None:
    labels = [event.label for event in Stream(stream("smp2-72"), registry()).events() if isinstance(event, Section)]
    assert {"cpu", "cpu@1", "apic", "apic@1"} <= set(labels)
    assert len(labels) == len(set(labels))
