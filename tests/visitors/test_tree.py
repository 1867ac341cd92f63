"""The tree: what it looks like, and which trees are refused."""

import copy
from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import Any

import pytest

from visitors import tree
from vmstate import (
    DecodeError,
    EncodeError,
    Float64,
    Mismatch,
    UnknownMember,
    VMStateError,
    array,
    bitmap,
    boolean,
    buffer,
    chain,
    decode,
    descriptor,
    encode,
    enum,
    floating,
    int8,
    mapping,
    nested,
    nullable,
    save,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    unused,
    verify,
)


@state("leaf")
class Leaf:
    x: int = uint8()


@state("all")
class All:
    n: int = uint16()
    small: int = int8()
    flag: bool = boolean()
    f: Float64 = floating()
    t: int | None = timer()
    data: bytearray = buffer(2)
    text: bytearray = sized_buffer(8)
    bits: int = bitmap(8)
    fd: int | None = descriptor()
    _pad = unused(2)
    row: list[int] = array(uint8(), 2)
    leaf: Leaf = nested(Leaf)
    slot: Leaf | None = nullable(nested(Leaf))
    items: list[Leaf] = chain(nested(Leaf))
    by: dict[int, Leaf] = mapping(uint8(), nested(Leaf))
    size: int = setting(1, 2)

    @subsection("all/more", version=3)
    def _more(self) -> bool:
        return self.more != 0

    more: int = uint8()


FULL = All(n=1, small=-1, flag=True, f=Float64.of(1.5), data=bytearray(b"ab"), text=bytearray(b"xyz"), bits=5, fd=7,
           row=[1, 2], leaf=Leaf(x=3), slot=Leaf(x=4), items=[Leaf(x=5)], by={6: Leaf(x=7)}, size=2, more=8)
TREE = {
    "n": 1, "small": -1, "flag": True, "f": Float64.of(1.5), "t": 0xFFFF_FFFF_FFFF_FFFF, "data": b"ab", "text": b"xyz",
    "bits": 5, "fd": 7, "row": [1, 2], "leaf": {"x": 3}, "slot": {"x": 4}, "items": [{"x": 5}],
    "by": [{"key": 6, "value": {"x": 7}}], "all/more": {"@version": 3, "more": 8}, "@settings": {"size": 2},
}


def test_what_it_looks_like() -> None:
    assert save(FULL, tree) == TREE
    assert decode(All, TREE, tree).state == FULL


def test_the_order_of_members_does_not_matter() -> None:
    assert decode(All, dict(reversed(TREE.items())), tree).state == FULL


def test_reading_changes_nothing() -> None:
    given = copy.deepcopy(TREE)
    decoded = decode(All, given, tree)
    encode(decoded, tree)
    decoded.state.data[0] = 0
    assert given == TREE


def _without(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda given: given.pop(key)


def _with(*path: Any) -> Callable[[dict[str, Any]], None]:
    *way, key, value = path

    def change(given: Any) -> None:
        for step in way:
            given = given[step]
        given[key] = value
    return change


REFUSED = [
    (_with("n", "1"), Mismatch, ("n",), "expected int, got str"),
    (_with("n", 1.0), Mismatch, ("n",), "expected int, got float"),
    (_with("n", True), Mismatch, ("n",), "expected int, got bool"),
    (_with("n", None), Mismatch, ("n",), "expected int, got null"),
    (_with("n", -1), Mismatch, ("n",), "expected uint16, got -1"),
    (_with("n", 1 << 16), Mismatch, ("n",), "expected uint16, got 65536"),
    (_with("small", 128), Mismatch, ("small",), "expected int8, got 128"),
    (_with("small", -129), Mismatch, ("small",), "expected int8"),
    (_with("flag", 256), Mismatch, ("flag",), "a boolean"),
    (_with("flag", -1), Mismatch, ("flag",), "a boolean"),
    (_with("flag", "yes"), Mismatch, ("flag",), "expected bool or int"),
    (_with("f", 1.5), Mismatch, ("f",), "expected Float64, got float"),
    (_with("t", -1), Mismatch, ("t",), "uint64"),
    (_with("data", "ab"), Mismatch, ("data",), "expected bytes or bytearray, got str"),
    (_with("data", b"abc"), Mismatch, ("data",), "expected 2 bytes, got 3 bytes"),
    (_with("text", [1]), Mismatch, ("text",), "got list"),
    (_with("bits", 1 << 64), Mismatch, ("bits",), "beyond the bitmap's 8"),
    (_with("bits", -1), Mismatch, ("bits",), "beyond the bitmap's 8"),
    (_with("fd", "x"), Mismatch, ("fd",), "expected int or NoneType"),
    (_with("pad", b"x"), Mismatch, ("pad",), "expected 2 bytes, got 1 bytes"),
    (_with("row", 1), Mismatch, ("row",), "expected a list, got int"),
    (_with("row", {}), Mismatch, ("row",), "expected a list, got dict"),
    (_with("row", [1]), Mismatch, ("row",), "expected 2 elements, got 1"),
    (_with("row", [1, 2, 3]), Mismatch, ("row",), "expected 2 elements, got 3"),
    (_with("row", 1, "x"), Mismatch, ("row", 1), "expected int, got str"),
    (_with("leaf", [3]), Mismatch, ("leaf",), "expected dict, got list"),
    (_with("leaf", {}), Mismatch, ("leaf", "x"), "missing"),
    (_with("leaf", "y", 1), UnknownMember, ("leaf", "y"), "'y' must be understood"),
    (_with("slot", 4), Mismatch, ("slot",), "expected dict"),
    (_with("items", {"x": 5}), Mismatch, ("items",), "expected list, got dict"),
    (_with("items", [5]), Mismatch, ("items", 0), "expected dict"),
    (_with("by", {"6": {"x": 7}}), Mismatch, ("by",), "expected a list"),
    (_with("by", [6]), Mismatch, ("by", 0), "expected dict"),
    (_with("by", [{"key": 6}]), Mismatch, ("by", 0), "a key and a value"),
    (_with("by", [{"key": 6, "value": {"x": 7}, "?more": 1}]), Mismatch, ("by", 0), "a key and a value"),
    (_with("by", [{"key": 6, "value": {"x": 7}}] * 2), Mismatch, ("by", 1), "sent twice"),
    (_with("all/more", 1), Mismatch, (), "expected dict"),
    (_with("all/more", {"more": 8}), Mismatch, (), "@version is missing"),
    (_with("all/more", "@version", "3"), Mismatch, (), "expected int"),
    (_with("all/more", "@version", -1), Mismatch, (), "a version"),
    (_with("all/more", "@version", 1 << 32), Mismatch, (), "a version"),
    (_with("all/more", "other", 1), UnknownMember, ("other",), "'other'"),
    (_with("other", 1), UnknownMember, ("other",), "'other'"),
    (_with("all/other", {"@version": 1}), UnknownMember, ("all/other",), "'all/other'"),
    *((_without(key), Mismatch, (key,), "missing") for key in TREE if key[0] != "@" and key != "all/more"),
]


@pytest.mark.parametrize(("change", "kind", "path", "text"), REFUSED)
def test_what_is_refused(change: Any, kind: type[DecodeError], path: tuple[Any, ...], text: str) -> None:
    given = copy.deepcopy(TREE)
    change(given)
    with pytest.raises(kind, match=text.replace("(", r"\(")) as caught:
        decode(All, given, tree)
    assert (caught.value.path, caught.value.offset) == (path, None)
    assert [one.path for one in verify(given, All, tree)] == [caught.value.place]


def test_what_may_be_absent() -> None:
    given = {key: value for key, value in TREE.items() if key not in ("all/more", "@settings")}
    decoded = decode(All, given, tree, settings={"size": 1})
    assert (decoded.state.more, decoded.state.size) == (0, 1)
    assert "all/more" not in encode(decoded, tree)


@pytest.mark.parametrize("given", [
    pytest.param([], id="a list"),
    pytest.param(None, id="null"),
    pytest.param({**TREE, 1: 2}, id="a key that is no text"),
    pytest.param({**TREE, "@settings": 3}, id="settings that are no dict"),
    pytest.param({**TREE, "@settings": {"size": "x"}}, id="a setting of another type"),
    pytest.param({**TREE, "@settings": {"size": 2, "other": 1}}, id="an unknown setting"),
])
def test_trees_of_another_shape(given: Any) -> None:
    with pytest.raises(VMStateError):
        decode(All, given, tree)


def test_a_boolean_may_be_odd() -> None:
    decoded = decode(All, {**TREE, "flag": 7}, tree)
    assert decoded.state.flag is True
    assert encode(decoded, tree)["flag"] == 7
    assert save(decoded.state, tree)["flag"] is True


def test_padding_is_there_only_where_it_says_something() -> None:
    assert "pad" not in save(FULL, tree)
    decoded = decode(All, {**TREE, "pad": b"\0\1"}, tree)
    assert encode(decoded, tree)["pad"] == b"\0\1"


@pytest.mark.parametrize("it", [All(n=-1), All(n=1 << 16), All(small=200), All(row=[1]), All(data=bytearray(1))])
def test_what_cannot_be_written(it: All) -> None:
    with pytest.raises(EncodeError) as caught:
        save(it, tree)
    assert caught.value.path
    assert caught.value.offset is None


class Line(IntFlag):
    READY = 1


class Colour(IntEnum):
    RED = 1


def test_numbers_are_plain() -> None:
    document = save(Leaf(x=Line.READY), tree)
    assert type(document["x"]) is int
    assert decode(Leaf, document, tree).state == Leaf(x=1)


def test_an_enumeration_is_a_plain_number() -> None:
    body = {"__annotations__": {"a": Colour}, "__module__": __name__, "a": enum(Colour, uint8(reset=1))}
    kind = state("one")(type("One", (), body))
    document = save(kind(), tree)
    assert type(document["a"]) is int
    assert decode(kind, document, tree).state.a is Colour.RED
