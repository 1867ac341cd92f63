"""Damaged streams: what is wrong is told with its place, with no more work and memory than the input is worth.

2,000 of them here, the same on every run; `make fuzz` takes more. A case is told as `damaged(name, seed)`.
"""

from collections.abc import Iterator

import pytest

from tests.damage.cases import outcome, shares
from tests.damage.damages import DAMAGES, Damage, damaged
from tests.damage.measure import COUNTER, Watched, counted, spared, usual, verdict, weighed
from tests.damage.originals import files, pieces, recorded, whole
from tests.vmstate.exercise import chance

CASES = 2000
NAMES = list(files())
WHOLE = "pc72-72-default", "opt-mapped-ram-100", "sparc-ss5-72", "proxy-postcopy-100.main"
"""Whose memory is measured with all their RAM."""


@pytest.fixture(scope="module", autouse=True)
def counting() -> Iterator[None]:
    """Work is counted in all of this module."""
    with counted():
        yield


@pytest.mark.parametrize("name", NAMES)
def test_an_original_is_sound(name: str) -> None:
    """What is damaged here is a stream; else the tests below would say little."""
    report = verdict(whole(name))
    assert report.ok, (report.error, report.findings)
    assert len(pieces(name)) > 1


def test_every_kind_of_piece_is_damaged() -> None:
    kinds = {piece.kind for name in NAMES for piece in pieces(name)}
    assert kinds >= {"header", "configured", "section", "ram", "command", "endofstream", "length", "trailer", "packet"}


@pytest.mark.parametrize("name", NAMES)
def test_damaged_streams(name: str) -> None:
    count = shares(CASES)[name]
    found = outcome(name, range(count))
    assert not found.failures, "\n".join(found.failures)
    assert found.cases == count


def test_damage_is_felt() -> None:
    data = [damaged("tricore-100", seed) for seed in range(100)]
    refused = sum(verdict(one).error is not None for one in data)
    assert 20 < refused < 90
    assert len(set(data)) > 90


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_every_damage_does_something(damage: Damage) -> None:
    original, other = pieces("pc72-72-nodefaults"), "q42-52"
    different = 0
    for seed in range(20):
        parts = list(original)
        damage(parts, chance(seed), other)
        different += [part.data for part in parts] != [part.data for part in original]
    assert different >= 8


# -- what counts

def test_what_is_scanned_counts() -> None:
    COUNTER.work()
    data = Watched(b"0123456789")
    assert (data.find(b"4", 1), COUNTER.work().scanned) == (4, 3)
    assert (data.find(b"x", 1), COUNTER.work().scanned) == (-1, 9)
    assert (data.rfind(b"4", 1, 9), COUNTER.work().scanned) == (4, 5)
    assert (data[2:5], COUNTER.work().scanned) == (b"234", 3)


def test_the_work_of_a_stream_is_that_of_its_bytes() -> None:
    """Whatever is counted has been found: a stream's work is some leaves and some times its bytes."""
    size, work = usual("none-72")
    assert 20 < work.leaves < size
    assert size < work.scanned < 20 * size


def test_the_same_stream_is_the_same_work() -> None:
    assert weighed(whole("tricore-100"))[1] == weighed(whole("tricore-100"))[1]


# -- prefixes

def test_every_prefix_of_a_stream() -> None:
    data = recorded("none-72")
    complete = [n for n in range(len(data)) if verdict(data[:n]).error is None]
    assert complete == [len(data) - 5 - len(pieces("none-72")[-1].data)]  # all but its trailer


def test_prefixes_of_a_machine() -> None:
    data = b"".join(part.data for part in pieces("pc72-72-nodefaults") if part.kind not in ("length", "trailer"))
    for n in range(0, len(data), 97):
        assert verdict(data[:n]).error is not None


def test_every_prefix_of_every_section() -> None:
    """None is sound, but for a body that happens to end, with a 00 behind it, where one without a footer may."""
    parts = pieces("pc72-72-nodefaults")
    head = b"".join(part.data for part in parts[:2])
    records = [part.data for part in parts if part.kind == "section"]
    sound = [(record[:20], n) for record in records for n in range(0, len(record), len(record) // 100 + 1)
             if verdict(head + record[:n]).ok]
    assert len(sound) <= 2, sound


# -- memory

@pytest.mark.parametrize("name", WHOLE)
def test_memory_of_a_whole_stream(name: str) -> None:
    data = recorded(name)
    assert spared(data, weighed(data)[1]) >= 0
