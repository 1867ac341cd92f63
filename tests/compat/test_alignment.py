"""Layouts side by side: nothing is left out, nothing stands twice, and what changed is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmstate import array, buffer, nested, state, subsection, uint8, uint16, uint32, unused
from vmstate.combinators import record_of
from vmstate.compat.alignment import Alignment, align, in_order, lines
from vmstate.compat.layout import pieces
from vmstate.kept import Bag
from vmstate.shape import Int, Member, Record

Told = tuple[str, str, str]


def told(made: Alignment) -> list[Told]:
    """Names and changes."""
    return [(*("" if one is None else ".".join(one.piece.path) for one in (row.old, row.new)), row.change)
            for row in made.rows]


def record(*members: tuple[str, int]) -> Record[Any]:
    made = (Member(key, key, Int(bits), key) for key, bits in members)
    return Record("thing", Bag, Bag, 1, 1, tuple(made))


@pytest.mark.parametrize(("old", "new", "rows"), [
    ([("a", 8)], [("a", 8)], [("a", "a", "same")]),
    ([("a", 8), ("b", 8)], [("b", 8)], [("a", "", "removed"), ("b", "b", "shifted")]),
    ([("a", 8)], [("a", 8), ("b", 8)], [("a", "a", "same"), ("", "b", "added")]),
    ([("a", 8), ("b", 8)], [("a", 16), ("b", 8)], [("a", "a", "changed"), ("b", "b", "shifted")]),
    ([("a", 8), ("b", 8), ("c", 8)], [("b", 8), ("c", 8), ("a", 8)],
     [("a", "", "moved"), ("b", "b", "shifted"), ("c", "c", "shifted"), ("", "a", "moved")]),
    ([("a", 8), ("b", 8), ("c", 8)], [("a", 8), ("x", 8), ("c", 8)],
     [("a", "a", "same"), ("b", "x", "renamed"), ("c", "c", "same")]),
    ([("a", 8), ("b", 8), ("c", 8)], [("a", 8), ("x", 32), ("c", 8)],
     [("a", "a", "same"), ("b", "x", "replaced"), ("c", "c", "shifted")]),
])
def test_what_became_of_each(old: list[tuple[str, int]], new: list[tuple[str, int]], rows: list[Told]) -> None:
    assert told(align("thing", record(*old), record(*new))) == rows


NAMES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([8, 16, 32])), max_size=8,
                 unique_by=lambda one: one[0])


@given(NAMES, NAMES)
def test_every_piece_stands_once(old: list[tuple[str, int]], new: list[tuple[str, int]]) -> None:
    made = align("thing", record(*old), record(*new))
    assert [row.old.piece.name for row in made.rows if row.old is not None] == [name for name, _ in old]
    assert [row.new.piece.name for row in made.rows if row.new is not None] == [name for name, _ in new]
    if old == new:
        assert {row.change for row in made.rows} <= {"same"}


@given(st.permutations(range(10)))
def test_the_longest_run_that_is_in_order(places: list[int]) -> None:
    found = in_order(list(enumerate(places)))
    assert found == sorted(found)
    assert [place for _, place in found] == sorted(place for _, place in found)
    longest = [1] * len(places)
    for i, place in enumerate(places):
        longest[i] = 1 + max((longest[k] for k in range(i) if places[k] < place), default=0)
    assert len(found) == max(longest)


# -- declarations

@state("ring")
class Ring:
    size: int = uint16()
    base: int = uint32()


@state("thing", version=2)
class Old:
    a: int = uint8()
    rings: list[Ring] = array(nested(Ring), 3)
    data: bytearray = buffer(16)
    mode: int = uint8(when=lambda _: True)
    last: int = uint16()

    @subsection("thing/sub")
    def _sub(self) -> bool:
        return True

    s: int = uint8()


@state("thing", version=2)
class New:
    first: int = uint8(was="a")
    rings: list[Ring] = array(nested(Ring), 4)
    _data = unused(16)
    mode: int = uint8(when=lambda _: True)
    last: int = uint16()

    @subsection("thing/other")
    def _other(self) -> bool:
        return True

    o: int = uint8()


def test_declarations() -> None:
    made = align("thing", record_of(Old), record_of(New))
    assert told(made) == [
        ("a", "first", "renamed"), ("rings", "rings", "changed"), ("rings.size", "rings.size", "same"),
        ("rings.base", "rings.base", "same"), ("data", "data", "changed"), ("mode", "mode", "shifted"),
        ("last", "last", "same")]
    assert [told(one) for one in made.inside] == [[("s", "", "removed")], [("", "o", "added")]]
    assert [one.name for one in made.inside] == ["thing/sub", "thing/other"]


def test_offsets_and_forms() -> None:
    found = [(one.depth, one.offset, one.form) for one in lines(pieces(record_of(Old)))]
    assert found == [(0, 0, "u8"), (0, 1, "elements[3]"), (1, None, "u16"), (1, None, "u32"), (0, 19, "bytes[16]"),
                     (0, 35, "u8"), (0, None, "u16")]


def test_a_side_without_it() -> None:
    assert told(align("thing", None, record(("a", 8)))) == [("", "a", "added")]
    assert told(align("thing", record(("a", 8)), None)) == [("a", "", "removed")]
