"""How long a body may be: attempts, and when they end."""

import json

import pytest

from migration.attempts import LEAST, TIMES, Attempts
from vmstate import buffer, record_of, setting, state, uint8
from vmstate.describe import vmdesc
from vmstate.describe.vmdesc import Described
from vmstate.errors import NeedMore


@state("attempts/any")
class Anything:
    """As long as you like."""

    size: int = setting(*range(1, 1001))
    data: bytearray = buffer("size")


@state("attempts/one")
class One:
    """One byte, and a check."""

    value: int = uint8(maximum=3)


def lengths(attempts: Attempts, kind: type, ahead: bytes, *, whole: bool = True) -> list[int]:
    """All of them."""
    return list(attempts.lengths(record_of(kind), memoryview(ahead), whole, 1, {}))


def described(**pairs: object) -> Described:
    """A device of a trailer."""
    return vmdesc.parse(json.dumps({"devices": [{"name": "a", "instance_id": 0, **pairs}]}).encode()).devices[0]


def test_every_setting() -> None:
    assert lengths(Attempts(), Anything, bytes(4)) == [1, 2, 3, 4]
    assert lengths(Attempts(), One, b"\3rest") == [1]
    assert lengths(Attempts(), One, b"\4rest") == []


def test_more_may_come() -> None:
    with pytest.raises(NeedMore):
        lengths(Attempts(), One, b"", whole=False)
    with pytest.raises(NeedMore):
        lengths(Attempts(), Anything, bytes(100), whole=False)


def test_by_a_description() -> None:
    one = described(vmsd_name="a", version=1, fields=[{"name": "x", "type": "uint32", "size": 4}])
    assert list(Attempts().described(one, memoryview(bytes(9)), True)) == [4]
    assert list(Attempts().described(one, memoryview(bytes(3)), True)) == []
    assert list(Attempts().described(described(fields=7), memoryview(bytes(9)), True)) == []


def test_one_section_ends_with_as_many_bytes_as_there_are() -> None:
    found = lengths(Attempts(), Anything, bytes(1000))
    assert len(found) < 1000
    assert LEAST < sum(found) < LEAST + 3 * 1000


def test_all_sections_end() -> None:
    """What is walked over beyond their ends."""
    attempts, ahead, walked = Attempts(), b"\1" * 1000, 0
    for _ in range(100):
        walked += sum(lengths(attempts, Anything, ahead))
        attempts.settle(0)
    assert TIMES * len(ahead) + LEAST < walked < TIMES * len(ahead) + 2 * LEAST + 4000
    assert lengths(attempts, One, ahead) == []


def test_what_was_not_in_vain_does_not_count() -> None:
    attempts = Attempts()
    for _ in range(10_000):
        assert lengths(attempts, One, b"\1" * 100) == [1]
        attempts.settle(1)
