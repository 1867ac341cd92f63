"""From a class body to a Record: what it becomes, and every mistake in it at once, each with its line."""

import copy
import pickle
import re
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any

import attrs
import pytest

from visitors import qemufile
from vmstate import (
    Around,
    Bag,
    DeclarationError,
    Exchange,
    Float64,
    Machine,
    after_load,
    again,
    allow,
    array,
    at_most,
    bitmap,
    boolean,
    buffer,
    chain,
    check,
    constant,
    decode,
    descriptor,
    enum,
    equal,
    floating,
    load,
    local,
    mapping,
    nested,
    nullable,
    post_load,
    pre_load,
    pre_save,
    record_of,
    reserved,
    same,
    save,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    tmp,
    uint8,
    uint16,
    uint32,
    unused,
    view,
)
from vmstate.format import settle
from vmstate.kept import Alone
from vmstate.shape import ABSENT, Array, Asked, Equal, Int, Nested, Range, Subsection

HERE = Path(__file__)


class Colour(IntEnum):
    RED = 1


class Plain:
    """No state."""


@state("base")
class Base:
    a: int = uint8()
    part = view("part")
    b: int = uint8()


# -- mistakes: each line that has one says which, behind "##"

def _wrong() -> None:
    @state("device", version=2)  ## Base is a state: compose with nested\(Base\) | 'gone' is reserved
    class Device(Base):
        late: list[int] = array(uint8(), "count")  ## count of late names 'count': no attribute before this line
        count: int = uint8()
        data: bytearray = buffer("lenght")  ## size of data names 'lenght'
        name: bytearray = buffer(4)
        named: bytearray = buffer("name")  ## size of named names 'name', which is no integer
        width: int = bitmap("late")  ## count of width names 'late', which is no integer
        plain: int = 0  ## plain has no specifier
        bare: int  ## bare has no specifier
        unannotated = uint8()  ## unannotated has no annotation
        typed: list[int] = array(int, 4)  ## expected a specifier such as uint8\(\), got <class 'int'>
        gated: list[int] = array(uint8(since=2), 4)  ## since= belongs to the member
        foreign: int = nested(Plain)  ## Plain is not a @state class
        newer: int = uint16(since=3)  ## newer is there since version 3, and device has version 2
        both: int = uint16(since=1, when=lambda self: True)  ## when= replaces since=
        colour: Colour = enum(Colour, uint8())  ## Colour has no value 0: say reset=
        carried: Colour = enum(Colour, uint8(reset=1, maximum=3))  ## carried by a plain integer
        ranged: int = uint8(range=(3, 9))  ## reset=0 is out of range
        most: int = uint8(maximum=3, reset=4)  ## reset=4 is out of range
        short: list[int] = array(uint8(), 4, reset=[1, 2])  ## reset= has 2 elements of 4
        prefixed: bytearray = sized_buffer(12)  ## a length of 12 bits: it is 8, 16, 32 or 64
        marked: list[Base] = chain(nested(Base), marker=256)  ## marker is a byte from 1 to 255
        zero: list[Base] = chain(nested(Base), marker=0)  ## marker is a byte from 1 to 255
        odd: list[Base] = chain(nested(Base), marker=boolean())  ## marker is a plain integer
        unsaid: list[Base] = chain(nested(Base), until="is_last")  ## until= names 'is_last', which Base does not have
        leaf: list[int] = chain(uint8(), until="real")  ## until= is what a record says of itself
        stranger: list[Plain] = chain(nested(Plain), until="is_last")  ## Plain is not a @state class
        inner: dict[int, int] = mapping(uint8(name="x"), uint8())  ## name= belongs to the member
        _more = again("queues", array(uint8(), 4))  ## again\('queues'\): no such attribute before this line
        _count = again("count", uint8())  ## _count is a place of its own: the attribute 'count' has that name already
        _wire = tmp(Base)  ## Base has no pack\(\) | Base has no unpack\(\)
        gone: int = uint8()
        _promise = reserved("gone", "never")

        @subsection("other/thing")  ## subsection 'other/thing' must begin with 'device'
        def _needed(self) -> bool:
            return True

        thing: int = uint8()
        one = subsection("device/one")
        in_one: int = uint8()
        two = subsection("device/one")  ## subsection 'device/one' is there already
        in_two: int = uint8(since=2)  ## in_two is there since version 2, and device/one has version 1
        three = subsection("device/" + 250 * "x")  ## a name has 1 to 255 bytes
        back = subsection("device/back", minimum=2)  ## device/back reads from version 2 on, and has version 1
        rest = view("")  ## a name has 1 to 255 bytes


def _wrong_order() -> None:
    @state("backwards", version=1, minimum=2)  ## backwards reads from version 2 on, and has version 1
    class Backwards:
        a: int = uint8()


def _wrong_subsection_name() -> None:
    @state("device")
    class Device:
        a: int = uint8()
        gone = subsection("device/old")  ## 'device/old' is reserved: it meant something else once
        b: int = uint8()
        _promise = reserved("device/old")


def _wrong_rename() -> None:
    @state("device")  ## 'old' is reserved
    class Device:
        a: int = uint8(name="old")
        _promise = reserved("old")


def _marked(function: Callable[[], None]) -> list[tuple[int, str]]:
    """Line and pattern of every mistake that the function's source announces."""
    first = function.__code__.co_firstlineno
    lines = HERE.read_text("utf-8").splitlines()
    last = next((i for i in range(first, len(lines)) if lines[i].startswith(("def ", "# --", "@"))), len(lines))
    return [(number, pattern.strip()) for number in range(first, last + 1) if "  ## " in lines[number - 1]
            for pattern in lines[number - 1].split("  ## ")[1].split(" | ")]


@pytest.mark.parametrize("function", [_wrong, _wrong_order, _wrong_subsection_name, _wrong_rename])
def test_all_mistakes_are_told_at_once(function: Callable[[], None]) -> None:
    with pytest.raises(DeclarationError) as caught:
        function()
    told = [(int(number), text) for number, text in re.findall(r"\n  line (\d+): (.*)", str(caught.value))]
    assert [text for _, text in told] == caught.value.mistakes
    expected = _marked(function)
    assert [pattern for line, pattern in expected
            if not any(line == at and re.search(pattern, text) for at, text in told)] == []
    assert [(at, text) for at, text in told
            if not any(line == at and re.search(pattern, text) for line, pattern in expected)] == []
    assert sorted(line for line, _ in expected) == [at for at, _ in told]


def test_the_mistakes_are_many() -> None:
    """So that the test above cannot pass by finding nothing."""
    assert len(_marked(_wrong)) == 37


@pytest.mark.parametrize("make", [
    pytest.param(lambda: array(uint8(), -1), id="array(-1)"),
    pytest.param(lambda: buffer(-1), id="buffer(-1)"),
    pytest.param(lambda: mapping(buffer(2), uint8()), id="mapping(buffer)"),
    pytest.param(lambda: __import__("vmstate").uint(12), id="uint(12)"),
    pytest.param(lambda: setting(1, 1), id="setting(1, 1)"),
])
def test_a_specifier_that_makes_no_sense(make: Callable[[], Any]) -> None:
    body = {"__annotations__": {"a": Any}, "__module__": __name__, "a": make()}
    with pytest.raises(DeclarationError):
        state("one")(type("One", (), body))


# -- what a body becomes

@state("whole", version=3, minimum=2, target="i386,x86_64", alias_ids=(7,), priority=2, early=True,
       unmigratable="holds a lock")
class Whole:
    """A bit of everything."""

    a: int = uint8(
        reset=5, name="field_a", was="alpha", write_as="beta", since=3, means="ns", type="odd", skippable=True)
    _pad = unused(2)
    _again = again("a", equal(uint8()), name="twice")
    _allowed = allow("field-removed", "nobody had it", "2030-01-01")
    _gone = reserved("former")

    def _gate(self) -> bool:
        return self.a > 0

    def _count(self, around: Around) -> int:
        return around.version

    gated: int = uint8(when=_gate)
    counted: list[int] = array(uint8(), _count)
    hidden: int = local(9)

    @subsection("whole/one", version=4, minimum=3, skippable=True)
    def _one(self) -> bool:
        return False

    in_one: int = uint8()

    _two = subsection("whole/two")
    in_two: int = uint8()

    part = view("part", version=6)
    in_part: int = uint8()

    @subsection("part/x")
    def _x(self) -> bool:
        return False

    in_x: int = uint8()


def test_the_record() -> None:
    record = record_of(Whole)
    assert (record.name, record.version, record.minimum, record.kind) == ("whole", 3, 2, Whole)
    assert [(one.key, one.attribute, one.name) for one in record.members] == [
        ("a", "a", "field_a"), ("pad", None, "unused"), ("again", "a", "twice"), ("gated", "gated", "gated"),
        ("counted", "counted", "counted")]
    assert [(one.name, one.skippable, one.needed is not None, [inner.key for inner in one.record.members])
            for one in record.subsections] == [
        ("whole/one", True, True, ["in_one"]), ("whole/two", False, False, ["in_two"])]
    assert (record.subsections[0].record.version, record.subsections[0].record.minimum) == (4, 3)
    traits = record.traits
    assert (traits.target, traits.alias_ids, traits.priority, traits.early, traits.unmigratable, traits.reserved) == (
        ("i386", "x86_64"), (7,), 2, True, "holds a lock", ("former",))
    assert [(one.rule, one.reason, one.until) for one in traits.allowances] == [
        ("field-removed", "nobody had it", "2030-01-01")]


def test_a_member_has_what_was_said() -> None:
    a, _, twice, gated, counted = record_of(Whole).members
    assert (a.since, a.was, a.write_as, a.means, a.type, a.skippable, a.default) == (
        3, ("alpha",), "beta", "ns", "odd", True, ABSENT)
    assert a.shape == Int(8)
    assert twice.shape == Equal(Int(8))
    assert isinstance(gated.when, Asked)
    assert not gated.when.takes_around
    assert isinstance(counted.shape, Array)
    assert isinstance(counted.shape.count, Asked)
    assert counted.shape.count.takes_around
    assert str(counted.shape.count) == "_count"


def test_a_view_is_a_record_of_the_same_class() -> None:
    part = record_of(Whole.part)
    assert part is Whole.part
    assert (part.name, part.version, part.kind, [one.key for one in part.members]) == ("part", 6, Whole, ["in_part"])
    assert [one.name for one in part.subsections] == ["part/x"]
    assert isinstance(part.make(), Whole)


def test_nodes_are_equal_by_value_and_frozen() -> None:
    assert Range(Int(8), 0, 3) == Range(Int(8), 0, 3)
    assert hash(Int(8)) == hash(Int(8))
    assert Int(8) != Int(8, signed=True)
    with pytest.raises(AttributeError):
        Int(8).bits = 9  # type: ignore[misc]


def test_no_state_no_record() -> None:
    with pytest.raises(TypeError, match="Plain is not a @state class"):
        record_of(Plain)


@state("nest")
class Nest:
    @subsection("nest/a")
    def _a(self) -> bool:
        return True

    a: int = uint8()

    @subsection("nest/a/b")
    def _b(self) -> bool:
        return True

    b: int = uint8()

    @subsection("nest/a/b/c")
    def _c(self) -> bool:
        return True

    c: int = uint8()

    @subsection("nest/ab")
    def _ab(self) -> bool:
        return True

    d: int = uint8()

    @subsection("nest/d")
    def _d(self) -> bool:
        return True

    e: int = uint8()


def test_subsections_are_nested_by_prefix() -> None:
    def shape(subs: tuple[Subsection, ...]) -> Any:
        return {one.name: shape(one.record.subsections) for one in subs}

    assert shape(record_of(Nest).subsections) == {
        "nest/a": {"nest/a/b": {"nest/a/b/c": {}}, "nest/ab": {}}, "nest/d": {}}


# -- instances

@state("values")
class Values:
    a: int = uint8(reset=3)
    flag: bool = boolean(reset=True)
    f: Float64 = floating(reset=1.5)
    t: int | None = timer()
    data: bytearray = buffer(4, reset=b"ab")
    n: int = uint8(reset=2)
    sized: bytearray = buffer("n", reset=b"z")
    rows: list[int] = array(uint8(reset=7), "n")
    part: list[int] = array(uint8(), 2, start=1)
    tail: bytearray = sized_buffer(8, reset=b"xy")
    bits: int = bitmap(8, reset=5)
    fd: int | None = descriptor()
    colour: Colour = enum(Colour, uint8(reset=1))
    own: int = equal(uint8(reset=4))
    upto: int = at_most(uint8(reset=6))
    size: int = setting(8, 9)
    base: Base = nested(Base, reset=lambda: Base(a=1))
    slot: Base | None = nullable(nested(Base))
    items: list[Base] = chain(nested(Base))
    until: list[Base] = chain(nested(Base), until="a")
    by: dict[int, Base] = mapping(uint8(), nested(Base))
    plain: int = local(11)
    made: list[int] = local(list)
    states: list[Base] = array(nested(Base), 2, reset=lambda: [Base(a=1), Base(a=2)])

    @property
    def twice(self) -> int:
        """A size by property."""
        return 2 * self.n

    wide: bytearray = buffer("twice")

    def _configured(self) -> int:
        return self.size

    configured: list[int] = array(uint8(), _configured)


def test_a_new_instance_is_as_after_reset() -> None:
    it = Values()
    assert (it.a, it.flag, it.f.value, it.t, it.data, it.n) == (3, True, 1.5, None, b"ab\0\0", 2)
    assert (it.sized, it.rows, it.part, it.tail, it.bits, it.fd) == (b"z\0", [7, 7], [0, 0, 0], b"xy", 5, None)
    assert (it.colour, it.own, it.upto, it.size, it.base, it.slot) == (Colour.RED, 4, 6, 8, Base(a=1), None)
    assert it.until == [Base()]
    assert (it.items, it.by, it.plain, it.made, it.states) == ([], {}, 11, [], [Base(a=1), Base(a=2)])
    assert (it.wide, it.configured) == (bytearray(4), [0] * 8)


def test_what_is_sized_by_the_instance_follows_what_is_given() -> None:
    it = Values(n=3, size=9)
    assert (len(it.sized), len(it.rows), len(it.wide), len(it.configured)) == (3, 3, 6, 9)
    assert Values(n=3, rows=[1]).rows == [1]


def test_instances_have_slots_and_take_keywords_alone() -> None:
    it = Base(a=1)
    assert not hasattr(it, "__dict__")
    with pytest.raises(AttributeError):
        it.nope = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        Base(1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        Base(nope=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Base(_kept=None)  # type: ignore[call-arg]


def test_equality_text_and_hash() -> None:
    assert Base(a=1) == Base(a=1) != Base(a=2)
    assert Base(a=1) != Plain()
    assert repr(Base(a=1)) == "Base(a=1, b=0)"
    assert hash(Base(a=1)) == hash(Base(a=1))
    assert {Base(a=1): 2}[Base(a=1)] == 2
    with pytest.raises(TypeError):
        hash(Values())


def test_what_is_kept_does_not_count() -> None:
    odd = decode(Holder, b"\7", qemufile).state
    assert odd._kept is not None
    assert (odd, repr(odd), hash(odd)) == (Holder(on=True), repr(Holder(on=True)), hash(Holder(on=True)))


@state("holder")
class Holder:
    on: bool = boolean()


def _pickled(it: Any) -> Any:
    return pickle.loads(pickle.dumps(it))  # noqa: S301 - its own


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, _pickled],
                         ids=["copy", "deepcopy", "pickle"])
def test_copies(again: Callable[[Any], Any]) -> None:
    it = Values(n=3, states=[Base(a=9), Base()])
    assert again(it) == it
    odd = decode(Holder, b"\7", qemufile).state
    assert again(odd)._kept == odd._kept
    assert again(odd)._kept is not None


def test_evolve() -> None:
    assert attrs.evolve(Base(a=1, b=2), a=5) == Base(a=5, b=2)


def test_a_class_may_have_its_own_equality_and_text() -> None:
    @state("own")
    class Own:  # noqa: PLW1641 - it is given a hash
        a: int = uint8()

        def __eq__(self, other: object) -> bool:
            return True

        def __repr__(self) -> str:
            return "own"

    assert Own(a=1) == Own(a=2)
    assert repr(Own()) == "own"


@state("first")
class First:
    second: "Second | None" = nullable(nested(lambda: Second))
    rest: "list[First]" = chain(nested(lambda: First))
    tail: "Second" = nested(lambda: Second.tail, reset=lambda: Second(a=0))


@state("second")
class Second:
    a: int = uint8()
    tail = view("second/tail")
    b: int = uint8()


def test_forward_references() -> None:
    it = First(second=None, rest=[First(tail=Second(b=2))], tail=Second(b=1))
    assert save(it, qemufile) == b"\x30\1\x30\0\2\0\1"
    assert decode(First, save(it, qemufile), qemufile).state == it
    shape = record_of(First).members[2].shape
    assert isinstance(shape, Nested)
    assert shape.record is Second.tail


# -- markers

def test_a_place_is_no_attribute() -> None:
    it = Whole()
    for name in ("_pad", "_again", "pad", "again"):
        assert name not in attrs.fields_dict(Whole)
    assert it.hidden == 9
    assert "hidden" not in [one.key for one in record_of(Whole).members]


def test_hooks_of_each_record() -> None:
    calls: list[str] = []

    @state("hooks")
    class Hooks:
        a: int = uint8()

        @pre_save
        def _one(self) -> None:
            calls.append("pre_save")

        @pre_load
        def _two(self) -> None:
            calls.append("pre_load")

        @post_load
        def _three(self, version: int) -> None:
            calls.append(f"post_load {version}")

        @post_load
        def _four(self, version: int) -> None:
            calls.append("and another")

        @after_load
        def _five(self, machine: Machine) -> None:
            calls.append(f"after_load {machine.find(Hooks) is self} {machine.find(Base)}")

        part = view("part")
        b: int = uint8()

        @part.pre_save
        def _six(self) -> None:
            calls.append("part pre_save")

    hooks = record_of(Hooks).hooks
    assert [len(one) for one in (hooks.pre_save, hooks.pre_load, hooks.post_load, hooks.after_load)] == [1, 1, 2, 1]
    assert len(record_of(Hooks.part).hooks.pre_save) == 1
    load(Hooks(), save(Hooks(), qemufile), qemufile)
    assert calls == ["pre_save", "pre_load", "post_load 1", "and another", "after_load True None"]
    calls.clear()
    later: list[Any] = []
    it = load(Hooks(), b"\0", qemufile, later=later)
    assert "after_load True None" not in calls
    settle(later, Alone(it))
    assert calls[-1] == "after_load True None"


def test_a_check_is_no_method() -> None:
    @state("checked")
    class Checked:
        a: int = uint8()

        @check("a is small")
        def _small(self) -> bool:
            return self.a < 3

    assert [one.key for one in record_of(Checked).members] == ["a", "small"]


def test_an_imperative_record_says_so() -> None:
    @state("moves")
    class Moves:
        a: int = uint8()

        def transfer(self, v: Exchange) -> None:
            self.a = v("b", self.a, uint16())

        part = view("part")

    assert record_of(Moves).imperative
    assert not record_of(Moves.part).imperative
    assert not record_of(Base).imperative


def test_same_and_constant() -> None:
    @state("these")
    class These:
        _rest = same("rest")
        _number = constant(uint32(), 7, name="number")
        rest = view("these/rest")
        a: int = uint8()

    assert [(one.key, one.attribute, one.name) for one in record_of(These).members] == [
        ("rest", None, "rest"), ("number", None, "number")]
    assert save(These(a=1), qemufile) == b"\1\0\0\0\7"


def test_a_bag() -> None:
    one, other = Bag(a=1, b=[2]), Bag(a=1, b=[2])
    assert one == other
    assert one != Bag(a=1)
    assert repr(one) == "Bag(a=1, b=[2])"
    with pytest.raises(TypeError):
        hash(one)


def test_a_float_is_its_bits() -> None:
    quiet, signalling = Float64(0x7FF8000000000001), Float64(0x7FF0000000000001)
    assert quiet != signalling
    assert quiet == Float64(0x7FF8000000000001)
    assert Float64.of(-0.0) != Float64.of(0.0)
    assert Float64.of(0.1).value == 0.1
