"""The records of descriptions: the same one for the same text, a bounded number of them."""

from collections import Counter
from typing import Any

import pytest

from devices.catalogue import registry
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import SectionBegin
from tests.describe.made import device, field, text_of
from tests.migration.recorded import stream
from visitors import codegen, qemufile
from visitors.codegen import plans
from vmstate import DecodeError, Record
from vmstate.describe import records, vmdesc

TIMES = 20


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MEMORY", records.Memory())


def _record(text: bytes, most: int = vmdesc.MOST_BYTES) -> Record[Any]:
    (described,) = vmdesc.parse(text, most).devices
    return described.record


def test_the_same_text_is_the_same_record() -> None:
    text = text_of(device(field("a", "uint8", 1)))
    assert _record(text) is _record(text) is _record(text, 100)
    assert _record(text_of(device(field("b", "uint8", 1)))) is not _record(text)


def test_a_stream_may_be_too_short_for_it_all_the_same() -> None:
    text = text_of(device(field("a", "buffer", 1 << 20)))
    kept = _record(text)
    for _ in range(2):
        with pytest.raises(DecodeError, match="more bytes than the stream"):
            _record(text, 100)
    assert _record(text) is kept


def test_so_many_fields_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_KEPT", 10)
    first, second = text_of(device(*[field("a", "uint8", 1)] * 4)), text_of(device(*[field("b", "uint8", 1)] * 3))
    kept, other = _record(first), _record(second)
    assert (_record(first), _record(second)) == (kept, other)
    _record(text_of(device(field("c", "uint8", 1))))
    assert _record(second) is other
    assert _record(first) is not kept
    large = text_of(device(*[field("d", "uint8", 1)] * 10))
    assert _record(large) is not _record(large)
    assert records.MEMORY.held == 0
    assert records.MEMORY.made == {}


def test_twenty_streams_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of one machine: their trailers are the same."""
    made = Counter[tuple[str, int]]()

    class Counted(plans.Plan[Any]):
        def __init__(self, record: Record[Any], *more: Any) -> None:
            made[record.name, id(record)] += 1
            super().__init__(record, *more)

    monkeypatch.setattr(plans, "Plan", Counted)
    monkeypatch.setattr(qemufile, "ENOUGH", 8)
    data, states = stream("none-72"), list[list[Any]]()
    for _ in range(TIMES):
        known = Stream(data, registry(), choice="embedded")
        states.append([event.decoded.state if isinstance(event, Section) and event.decoded is not None else event
                       for event in known.events() if isinstance(event, Section | SectionBegin)])
    assert all(one == states[0] for one in states)
    assert made
    assert set(made.values()) == {1}
    assert len(made) == len({name for name, _ in made})
    assert codegen.plan is plans.plan
