"""What is called the same is the same to a comparison; nothing else is, and a circle ends."""

from typing import Any

import pytest

from tests.compat.cases import NAMES, case
from tests.compat.planting import planted
from tests.visitors.judged import DEVICES
from tests.vmstate.exercise import chance
from vmstate import Record, nested, record_of, state, uint8, uint16
from vmstate.compat.comparing import Facts, compare_sides
from vmstate.compat.equality import equal
from vmstate.compat.sections import meet
from vmstate.compat.sides import side_of
from vmstate.kept import Bag
from vmstate.shape import Member, Nested


@state("dev")
class Plain:
    a: int = uint8()
    b: int = uint16()


@state("dev")
class Copy:
    a: int = uint8()
    b: int = uint16()


@state("dev")
class Other:
    a: int = uint8()
    b: int = uint16(since=1)


def test_two_classes_that_declare_the_same() -> None:
    assert equal(record_of(Plain), record_of(Copy))


def test_what_stands_inside_counts() -> None:
    def holding(kind: type) -> Record[Any]:
        @state("outer")
        class Outer:
            inner: Any = nested(kind)
        return record_of(Outer)

    assert equal(holding(Plain), holding(Copy))
    assert not equal(holding(Plain), holding(Other))


def test_another_member_is_another_record() -> None:
    assert not equal(record_of(Plain), record_of(Other))


def test_a_circle_ends() -> None:
    def circle(name: str) -> Record[Any]:
        found: Record[Any] = Record("dev", Bag, Bag, 1, 1, (Member(name, name, Nested(lambda: found), name),))
        return found

    assert equal(circle("a"), circle("a"))
    assert not equal(circle("a"), circle("b"))


@pytest.mark.parametrize("seed", range(40))
def test_a_change_is_seen(seed: int) -> None:
    """Whatever a comparison finds of a planted change, the records are not the same."""
    pick = chance(seed)
    one = planted(DEVICES[pick.choice(sorted(DEVICES))], pick, 1)
    for positional in (True, False):
        if compare_sides(side_of("old", [one.old]), side_of("new", [one.new]), positional=positional).findings:
            assert not equal(one.old, one.new), one.what


@pytest.mark.parametrize("name", NAMES)
def test_of_the_cases(name: str) -> None:
    one = case(name)
    for met in meet(one.old, one.new):
        if met.old is not None and met.new is not None and met.old.record is not None and met.new.record is not None:
            old, new, _ = Facts(one.old, one.new).taken(met.old.record, met.new.record)
            assert equal(old, old)
            assert not equal(old, new) or {one.rule for one in compare_sides(one.old, one.new).findings} <= {
                "VM104", "VM209", "VM901"}
