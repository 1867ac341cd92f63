"""What the walk keeps of QEMU's rules, and where live, wire and abstract walks part."""

import copy
import struct
import tracemalloc
from collections.abc import Callable
from enum import IntEnum
from typing import Any, cast

import attrs
import pytest

from visitors import qemufile, tree
from vmstate import (
    Around,
    Decoded,
    DecodeError,
    EncodeError,
    Exchange,
    Float64,
    HookRefused,
    LimitExceeded,
    Mismatch,
    Truncated,
    Undetermined,
    UnknownMember,
    VersionRefused,
    VMStateError,
    again,
    array,
    bitmap,
    boolean,
    buffer,
    chain,
    check,
    constant,
    convert,
    decode,
    encode,
    enum,
    equal,
    fits,
    floating,
    load,
    local,
    mapping,
    nested,
    nullable,
    opaque,
    post_load,
    pre_load,
    pre_save,
    record_of,
    same,
    save,
    setting,
    state,
    subsection,
    tmp,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
    verify,
    view,
)
from vmstate.errors import NeedMore
from vmstate.trial import MOST_TRIALS, Trial
from vmstate.walk import MOST_NESTED, Mode, Walk


def sub(name: str, version: int, body: bytes) -> bytes:
    """A subsection's bytes."""
    return b"\x05" + bytes([len(name)]) + name.encode() + version.to_bytes(4, "big") + body


@state("leaf")
class Leaf:
    x: int = uint8()


# -- versions

@state("inner", version=3, minimum=1)
class Inner:
    a: int = uint8()
    b: int = uint8(since=2, reset=0xB0)
    c: int = uint8(since=3, reset=0xC0)


@state("outer", version=2, minimum=1)
class Outer:
    own: Inner = nested(Inner)
    fixed: Inner = nested(Inner, version=1)
    mine: Inner = nested(Inner, version="outer")
    late: int = uint8(since=2, reset=0xAA)


def test_a_nested_record_goes_by_its_own_version() -> None:
    body = bytes([1, 2, 3, 4, 5])  # at version 1 of the outer record
    it = decode(Outer, body, qemufile, version=1).state
    assert (it.own, it.fixed, it.mine, it.late) == (Inner(a=1, b=2, c=3), Inner(a=4), Inner(a=5), 0xAA)
    assert len(save(Outer(), qemufile)) == 3 + 1 + 2 + 1


def test_absent_members_keep_what_the_instance_has() -> None:
    it = Outer(mine=Inner(b=7, c=8), late=9)
    load(it, bytes(5), qemufile, version=1)
    assert (it.mine, it.late) == (Inner(a=0, b=7, c=8), 9)


@pytest.mark.parametrize("version", [0, 3, 256, -1])
def test_a_version_out_of_bounds_is_refused(version: int) -> None:
    with pytest.raises(VersionRefused, match="1 to 2") as caught:
        decode(Outer, bytes(9), qemufile, version=version)
    assert (caught.value.expected, caught.value.actual) == ("1 to 2", str(version))


def test_a_version_is_refused_where_it_stands() -> None:
    with pytest.raises(VersionRefused, match="holds is version 1, this declaration has 2"):
        decode(Parent, b"\1" + sub("parent/holds", 1, b"\0"), qemufile)


# -- subsections

@state("parent")
class Parent:
    a: int = uint8()

    @subsection("parent/one")
    def _one(self) -> bool:
        return self.one != 0

    one: int = uint8(reset=0x11)

    @subsection("parent/two")
    def _two(self) -> bool:
        return self.two != 0

    two: int = uint8()

    @subsection("parent/holds", version=2)
    def _holds(self) -> bool:
        return False

    held: int = uint8()


ONE, TWO = sub("parent/one", 1, b"\x07"), sub("parent/two", 1, b"\x08")


def test_an_absent_subsection_keeps_what_the_instance_has() -> None:
    assert load(Parent(one=5, two=6), b"\1", qemufile) == Parent(a=1, one=5, two=6)


@pytest.mark.parametrize("body", [b"\1", b"\1" + ONE, b"\1" + TWO, b"\1" + ONE + TWO, b"\1" + TWO + ONE])
def test_presence_and_order_are_kept(body: bytes) -> None:
    decoded = decode(Parent, body, qemufile)
    decoded.state.one = 0 if decoded.state.one == 0x11 else decoded.state.one  # what its predicate thinks matters not
    assert encode(decoded, qemufile) == body
    assert encode(decode(Parent, encode(decoded, tree), tree), qemufile) == body
    assert convert(body, Parent, qemufile, tree) == encode(decoded, tree)


def test_live_the_predicate_decides() -> None:
    read = decode(Parent, b"\1" + TWO, qemufile).state
    read.two, read.one = 0, 7
    assert save(read, qemufile) == b"\1" + ONE


def test_a_state_that_was_never_read_goes_by_its_predicates_off_line_too() -> None:
    new = Decoded(Parent(a=1, one=0, two=8), 1, record_of(Parent))
    assert encode(new, qemufile) == b"\1" + TWO


def test_a_version_counts_modulo_256_and_is_kept() -> None:
    body = b"\1" + sub("parent/one", 0xABCDEF01, b"\7")
    assert load(Parent(), body, qemufile).one == 7
    decoded = decode(Parent, body, qemufile)
    assert encode(decoded, qemufile) == body
    assert encode(decode(Parent, encode(decoded, tree), tree), qemufile) == body
    with pytest.raises(VersionRefused):
        decode(Parent, b"\1" + sub("parent/one", 0x102, b"\7"), qemufile)


def test_an_unknown_subsection_of_ours_is_refused() -> None:
    with pytest.raises(UnknownMember, match="parent/other") as caught:
        decode(Parent, b"\1" + ONE + sub("parent/other", 1, b""), qemufile)
    assert caught.value.offset == 1 + len(ONE)


def test_a_subsection_sent_twice_is_refused() -> None:
    with pytest.raises(Mismatch, match="parent/one is sent twice"):
        decode(Parent, b"\1" + ONE + TWO + ONE, qemufile)


@pytest.mark.parametrize(
    "behind", [b"\x05", b"\x05\x0a", b"\x05\x0aparent/on", b"\x05\x06parent", b"\x05\x05paren", b"\x05\x0aPARENT/one"])
def test_what_is_no_subsection_of_ours_is_left(behind: bytes) -> None:
    """It is data of whoever follows; here nobody does."""
    with pytest.raises(DecodeError, match="left over") as caught:
        decode(Parent, b"\1" + behind, qemufile)
    assert caught.value.offset == 1


@state("in")
class In:
    x: int = uint8()


@state("box")
class Box:
    """`in` stands last: what is behind it may be its subsections or the box's."""

    it: In = nested(In)

    @subsection("box/more")
    def _more(self) -> bool:
        return self.more != 0

    more: int = uint8()


@state("i")
class Catcher:
    it: In = nested(In)

    @subsection("inside")
    def _more(self) -> bool:
        return self.more != 0

    more: int = uint8()


def test_a_subsection_is_left_for_an_outer_record() -> None:
    body = b"\1" + sub("box/more", 1, b"\2")
    assert decode(Box, body, qemufile).state == Box(it=In(x=1), more=2)


def test_a_prefix_captures() -> None:
    """As QEMU's reader does: `in` begins `inside`, so what the outer record sent is taken for the inner one's."""
    with pytest.raises(UnknownMember, match="in has no subsection 'inside'") as caught:
        decode(Catcher, save(Catcher(more=2), qemufile), qemufile)
    assert caught.value.path == ("it",)


@state("mid")
class Middle:
    """A record with a subsection, and a byte behind it."""

    parent: Parent = nested(Parent)
    after: int = uint8()


def test_data_that_looks_like_a_subsection_is_data() -> None:
    body = b"\1" + ONE + b"\x05"
    assert decode(Middle, body, qemufile).state.after == 5
    assert encode(decode(Middle, body, qemufile), qemufile) == body


@state("deep")
class Deep:
    a: int = uint8()

    @subsection("deep/x")
    def _x(self) -> bool:
        return True

    x: int = uint8()

    @subsection("deep/x/y")
    def _y(self) -> bool:
        return True

    y: int = uint8()

    @subsection("deep/z")
    def _z(self) -> bool:
        return True

    z: int = uint8()


def test_a_subsection_in_a_subsection_belongs_to_it() -> None:
    x, y, z = sub("deep/x", 1, b"\1"), sub("deep/x/y", 1, b"\2"), sub("deep/z", 1, b"\3")
    assert save(Deep(x=1, y=2, z=3), qemufile) == b"\0" + x + y + z
    assert decode(Deep, b"\0" + z + x + y, qemufile).state == Deep(x=1, y=2, z=3)
    for lost in (b"\0" + z + y, b"\0" + y + x):  # behind another, or without its own
        with pytest.raises(UnknownMember):
            decode(Deep, lost, qemufile)


@state("ver", version=3, minimum=1)
class Versioned:
    a: int = uint8()

    @subsection("ver/x")
    def _needed(self, around: Around) -> bool:
        return around.version > 1

    x: int = uint8()


@state("over")
class OverVersioned:
    it: Versioned = nested(Versioned, version=1)


def test_a_predicate_of_a_subsection_is_told_the_version() -> None:
    assert save(OverVersioned(), qemufile) == b"\0"


@state("twice")
class Twice:
    """One attribute described twice by the same record: both times it has the same subsections."""

    it: Parent = nested(Parent)
    _second = again("it", nested(Parent))


@pytest.mark.parametrize("body", [b"\1\1", b"\1" + ONE + b"\1" + ONE])
def test_presence_is_the_same_at_both_places(body: bytes) -> None:
    assert encode(decode(Twice, body, qemufile), qemufile) == body


@pytest.mark.parametrize("body", [b"\1" + ONE + b"\1", b"\1\1" + ONE])
def test_presence_that_differs_is_refused(body: bytes) -> None:
    with pytest.raises(Mismatch, match="not with the same subsections"):
        decode(Twice, body, qemufile)


@state("contrary")
class Contrary:
    a: int = uint8()
    _again = again("a", uint8())


def test_an_attribute_sent_twice_with_other_values_cannot_be_kept() -> None:
    assert load(Contrary(), b"\1\2", qemufile).a == 2  # as in QEMU the last one counts
    assert encode(decode(Contrary, b"\2\2", qemufile), qemufile) == b"\2\2"
    with pytest.raises(Mismatch, match="sent twice"):
        decode(Contrary, b"\1\2", qemufile)


# -- hooks, and what else is live alone

@state("hooked")
class Hooked:
    seen: list[str] = local(list)
    a: int = uint8()

    more_section = subsection("hooked/more")
    more: int = uint8()

    @more_section.needed
    def _more(self) -> bool:
        self.seen.append("needed")
        return True

    @more_section.pre_save
    def _more_saving(self) -> None:
        self.seen.append("more pre_save")

    @more_section.pre_load
    def _more_loading(self) -> None:
        self.seen.append("more pre_load")

    @more_section.post_load
    def _more_loaded(self, version: int) -> None:
        self.seen.append(f"more post_load {version} a={self.a} more={self.more}")

    @pre_save
    def _saving(self) -> None:
        self.seen.append("pre_save")

    @pre_load
    def _loading(self) -> None:
        self.seen.append("pre_load")

    @post_load
    def _loaded(self, version: int) -> None:
        self.seen.append(f"post_load {version}")


@state("hooker", version=4)
class Hooker:
    seen: list[str] = local(list)
    it: Hooked = nested(Hooked)

    @pre_load
    def _loading(self) -> None:
        self.it.seen = self.seen
        self.seen.append("outer pre_load")

    @post_load
    def _loaded(self, version: int) -> None:
        self.seen.append(f"outer post_load {version}")


def test_the_order_of_hooks() -> None:
    it = Hooked(a=1, more=2)
    data = save(it, qemufile)
    assert it.seen == ["pre_save", "needed", "more pre_save"]
    outer = load(Hooker(), data, qemufile)
    assert outer.seen == ["outer pre_load", "pre_load", "more pre_load", "more post_load 1 a=1 more=2", "post_load 1",
                          "outer post_load 4"]


def test_off_line_no_hook_runs() -> None:
    body = b"\1" + sub("hooked/more", 1, b"\2")
    decoded = decode(Hooker, body, qemufile)
    encode(decoded, qemufile)
    encode(decoded, tree)
    convert(body, Hooker, qemufile, tree)
    assert decoded.state.seen == decoded.state.it.seen == []


@state("slots")
class Slots:
    slots: list[Leaf | None] = array(nullable(nested(Leaf)), 2)


def test_nulls_are_the_instances_own_when_live() -> None:
    body = b"\x30\7"
    assert load(Slots(slots=[None, Leaf()]), body, qemufile) == Slots(slots=[None, Leaf(x=7)])
    with pytest.raises(DecodeError):
        load(Slots(), body, qemufile)
    assert load(Slots(slots=[Leaf(), Leaf()]), body, qemufile).slots == [Leaf(x=0x30), Leaf(x=7)]  # QEMU misreads too
    assert decode(Slots, body, qemufile).state.slots == [None, Leaf(x=7)]


# -- what is kept

@state("odd")
class Odd:
    flag: bool = boolean()
    _pad = unused(2)
    n: int = uint8()


@state("odds")
class Odds:
    row: list[Odd] = array(nested(Odd), 2)
    flags: list[bool] = array(boolean(), 2)
    by: dict[int, bool] = mapping(uint8(), boolean())


@state("bools")
class Truths:
    by: dict[bool, bool] = mapping(boolean(), boolean())


def test_odd_bytes_of_a_key_and_of_its_value() -> None:
    body = bytes.fromhex("00000001 01 07 09 00")
    assert encode(decode(Truths, body, qemufile), qemufile) == body


ODD = bytes.fromhex("07 aabb 01  00 0000 02  ff00 00000001 01 05 09 00")


def test_odd_bytes_are_kept_and_live_they_are_not() -> None:
    decoded = decode(Odds, ODD, qemufile)
    assert decoded.state == Odds(row=[Odd(flag=True, n=1), Odd(n=2)], flags=[True, False], by={5: True})
    assert encode(decoded, qemufile) == ODD
    assert save(decoded.state, qemufile) == bytes.fromhex("01 0000 01  00 0000 02  0100 00000001 01 05 01 00")
    loaded = load(Odds(), ODD, qemufile)
    assert save(loaded, qemufile) == save(decoded.state, qemufile)


def test_what_is_kept_goes_with_its_instance() -> None:
    decoded = decode(Odds, ODD, qemufile)
    decoded.state.row.reverse()
    assert encode(decoded, qemufile)[:8] == bytes.fromhex("00 0000 02  07 aabb 01")
    decoded.state.row[1] = Odd(flag=True, n=1)
    assert encode(decoded, qemufile)[:8] == bytes.fromhex("00 0000 02  01 0000 01")


def test_an_edit_is_written() -> None:
    decoded = decode(Odds, ODD, qemufile)
    decoded.state.row[0].flag = False
    decoded.state.row[1].flag = True
    assert encode(decoded, qemufile)[:8] == bytes.fromhex("00 aabb 01  01 0000 02")


def test_copies_keep_it() -> None:
    decoded = decode(Odds, ODD, qemufile)
    deep = copy.deepcopy(decoded.state)
    assert encode(Decoded(deep, 1, decoded.record), qemufile) == ODD
    deep.row[0]._kept.raw.clear()
    assert encode(decoded, qemufile) == ODD  # the copy has its own


@state("low")
class Low:
    """Only seven bits of the byte mean something."""

    byte: int = uint8()

    @classmethod
    def pack(cls, parent: "Through") -> "Low":
        return cls(byte=parent.value)

    def unpack(self, parent: "Through") -> None:
        parent.value = self.byte & 0x7F


@state("through")
class Through:
    value: int = local(0)
    _wire = tmp(Low)


def test_a_temporary_is_kept_until_its_parent_is_edited() -> None:
    decoded = decode(Through, b"\x85", qemufile)
    assert decoded.state.value == 5
    assert encode(decoded, qemufile) == b"\x85"
    assert encode(decode(Through, encode(decoded, tree), tree), qemufile) == b"\x85"
    decoded.state.value = 6
    assert encode(decoded, qemufile) == b"\x06"
    assert save(decode(Through, b"\x85", qemufile).state, qemufile) == b"\x05"


class Coarse:
    """A codec that reads more than it writes."""

    name = "coarse"

    def decode(self, data: bytes) -> int:
        return data[0] & 0xF0

    def encode(self, value: int) -> bytes:
        return bytes([value])


@state("coarse")
class Rough:
    it: int = opaque(1, Coarse(), reset=0)


def test_opaque_bytes_are_kept_until_edited() -> None:
    decoded = decode(Rough, b"\x25", qemufile)
    assert (decoded.state.it, encode(decoded, qemufile)) == (0x20, b"\x25")
    decoded.state.it = 0x30
    assert encode(decoded, qemufile) == b"\x30"


# -- default, skippable, foreign

@state("form")
class Form:
    must: int = uint8(reset=1)
    may: int = uint8(reset=2, default=3)
    extra: int = uint8(reset=4, skippable=True)
    former: int = uint8(was=("old", "older"), write_as="fresh")

    @subsection("form/sub", skippable=True)
    def _sub(self) -> bool:
        return self.sub != 0

    sub: int = uint8()


FORM = {"must": 5, "may": 6, "?extra": 7, "former": 8}


def test_a_default_is_for_named_formats_and_a_reset_for_new_instances() -> None:
    assert (Form().must, Form().may) == (1, 2)
    without = {key: value for key, value in FORM.items() if key != "may"}
    assert load(Form(may=9), without, tree).may == 3
    decoded = decode(Form, without, tree)
    assert decoded.state.may == 3
    assert [(one.path, one.message) for one in decoded.report] == [("may", "absent: its default was taken")]
    for key in ("must", "?extra", "former"):
        with pytest.raises(Mismatch) as caught:
            decode(Form, {name: value for name, value in FORM.items() if name != key}, tree)
        assert caught.value.path == (key.lstrip("?"),)


@pytest.mark.parametrize("name", ["former", "old", "older", "fresh", "?former"])
def test_a_former_name_is_understood(name: str) -> None:
    given = {key: value for key, value in FORM.items() if key != "former"} | {name: 9}
    assert decode(Form, given, tree).state.former == 9


def test_a_skippable_attribute_is_marked() -> None:
    assert {"?extra", "?form/sub"} <= set(save(Form(sub=1), tree))
    assert decode(Form, save(Form(extra=9, sub=1), tree), tree).state == Form(extra=9, sub=1)


def test_unknown_and_skippable_is_kept_and_sent_on() -> None:
    given = {**FORM, "?later": {"deep": [1, b"x"]}}
    decoded = decode(Form, given, tree)
    assert [one.message for one in decoded.report] == ["later is unknown here: kept"]
    assert encode(decoded, tree)["?later"] == {"deep": [1, b"x"]}
    assert convert(given, Form, tree, tree)["?later"] == {"deep": [1, b"x"]}
    assert load(Form(), given, tree) == Form(must=5, may=6, extra=7, former=8)
    with pytest.raises(EncodeError, match="later"):
        encode(decoded, qemufile)


def test_unknown_and_not_skippable_is_refused() -> None:
    with pytest.raises(UnknownMember, match="'later'"):
        decode(Form, {**FORM, "later": 1}, tree)
    with pytest.raises(UnknownMember, match="'later'"):
        decode(Middle, {"parent": {"a": 1, "parent/one": {"@version": 1, "one": 1, "later": 2}}, "after": 1}, tree)


# -- around

@state("bus")
class Bus:
    wide: bool = boolean()
    slots: "list[Slot]" = array(nested(lambda: Slot), 2)


@state("slot", version=5, minimum=5)
class Slot:
    def _bits(self, around: Around) -> int:
        return 2 if around.up(Bus).wide else 1

    def _is_five(self, around: Around) -> bool:
        return around.version == 5

    data: bytearray = buffer(_bits)
    five: int = uint8(when=_is_five)

    @subsection("slot/more")
    def _more(self, around: Around) -> bool:
        return around.up(Bus).wide

    more: int = uint8()


def test_around() -> None:
    more = sub("slot/more", 1, b"\0")
    body = b"\1" + (b"ab\5" + more) * 2
    read = decode(Bus, body, qemufile).state
    assert [slot.data for slot in read.slots] == [b"ab", b"ab"]
    assert save(read, qemufile) == body
    assert load(Bus(), b"\0" + b"a\5" * 2, qemufile).slots[1] == Slot(data=bytearray(b"a"), five=5)


def test_around_without_one_is_an_error_with_its_path() -> None:
    with pytest.raises(VMStateError, match="Slot is not inside a Bus here") as caught:
        save(Slot(), qemufile)
    assert caught.value.path == ("data",)


# -- depth

@state("node")
class Node:
    kids: "list[Node]" = chain(nested(lambda: Node))


def _nest(depth: int) -> Node:
    it = Node()
    for _ in range(depth):
        it = Node(kids=[it])
    return it


def test_depth() -> None:
    deepest = _nest(MOST_NESTED)
    for form in (qemufile, tree):
        assert decode(Node, save(deepest, form), form).state == deepest
        with pytest.raises(LimitExceeded, match=str(MOST_NESTED)):
            save(_nest(MOST_NESTED + 1), form)
    body = save(deepest, qemufile)
    assert convert(convert(body, Node, qemufile, tree), Node, tree, qemufile) == body


def test_depth_of_an_input() -> None:
    with pytest.raises(LimitExceeded) as caught:
        decode(Node, b"\1" * 100_000, qemufile)
    assert len(caught.value.path) == 2 * MOST_NESTED + 2
    assert caught.value.offset is not None
    assert caught.value.offset <= MOST_NESTED + 1


# -- settings and exact fit

@state("fit")
class Fit:
    size: int = setting(2, 4, 8)
    data: bytearray = buffer("size")
    end: int = uint8()


@state("pair")
class Fits:
    one: Fit = nested(Fit)
    other: Fit = nested(Fit)


@state("fixed")
class Fixed:
    size: int = setting(2)
    data: bytearray = buffer("size")


@state("telling")
class Telling:
    """The bytes tell: the first is the size, or 0 where it does not say."""

    size: int = setting(1, 2, 3, told=lambda ahead: ahead[0] or None)
    data: bytearray = buffer("size")


@state("settled")
class Settled:
    pairs: int = setting(1, 2, 3)
    _sent = again("pairs", equal(uint8(), hint="both need the same"))
    first: list[int] = array(uint8(), lambda self: 3 - self.pairs)
    rest: list[int] = array(uint8(), "pairs")


@pytest.mark.parametrize("size", [2, 4, 8])
def test_the_one_setting_that_fits(size: int) -> None:
    decoded = decode(Fit, bytes(size + 1), qemufile)
    assert (decoded.state.size, decoded.settings) == (size, {"size": size})
    assert encode(decoded, qemufile) == bytes(size + 1)


def test_data_that_no_reader_takes() -> None:
    """They are refused as any others: yielded, not raised."""
    (found,) = fits(Fits, cast("Any", []), tree)
    assert isinstance(found, DecodeError)


def test_none_fits() -> None:
    with pytest.raises(Undetermined, match="no setting fits; the best of 3 tried") as caught:
        decode(Fit, bytes(6), qemufile)
    assert caught.value.offset is not None
    assert caught.value.hint


def test_several_fit() -> None:
    with pytest.raises(Undetermined, match="2 combinations") as caught:
        decode(Fits, bytes(2 + 4 + 2), qemufile)
    assert "one.size=2, other.size=4" in caught.value.hint
    assert "one.size=4, other.size=2" in caught.value.hint
    tried = list(fits(Fits, bytes(8), qemufile))
    # Depth first: where the first does not fit, no second one is asked for.
    assert (len(tried), sum(isinstance(one, Decoded) for one in tried)) == (7, 2)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"one.size": 4}, (4, 2)),
        ({"other.size": 4}, (2, 4)),
        ({"one.size": 2, "other.size": 4}, (2, 4)),
        ({"size": 2, "other.size": 4}, (2, 4)),  # the longest tail counts
    ],
)
def test_settings_are_given_by_path_or_tail(given: dict[str, int], expected: tuple[int, int]) -> None:
    decoded = decode(Fits, bytes(8), qemufile, settings=given)
    assert (decoded.state.one.size, decoded.state.other.size) == expected
    assert decoded.settings == {"one.size": expected[0], "other.size": expected[1]}


def test_a_setting_given_is_not_guessed_besides() -> None:
    assert len(list(fits(Fits, bytes(8), qemufile, settings={"size": 2}))) == 1
    with pytest.raises(DecodeError):
        decode(Fits, bytes(8), qemufile, settings={"size": 2})


def test_one_value_alone_is_never_guessed() -> None:
    assert decode(Fixed, bytes(2), qemufile).state.size == 2
    with pytest.raises(Truncated):
        decode(Fixed, bytes(1), qemufile)
    assert decode(Fixed, bytes(3), qemufile, settings={"size": 3}).state.data == bytes(3)


def test_what_the_bytes_tell_is_not_guessed() -> None:
    assert decode(Telling, b"\3ab", qemufile).state.size == 3
    assert len(list(fits(Telling, b"\3ab", qemufile))) == 1
    assert decode(Telling, b"\0ab", qemufile).state.size == 3  # it did not say, and three fit
    assert decode(Telling, b"\3", qemufile, settings={"size": 1}).state.data == b"\3"  # the caller goes first


def test_an_equal_over_a_setting_settles_the_trial() -> None:
    decoded = decode(Settled, b"\2abc", qemufile)
    assert decoded.state.pairs == 2
    assert len(list(fits(Settled, b"\2abc", qemufile))) == 3
    with pytest.raises(Mismatch, match="both need the same"):
        load(Settled(pairs=1), b"\2abc", qemufile)


def test_a_live_load_takes_the_instances_own() -> None:
    assert load(Fit(size=4), bytes(5), qemufile).size == 4
    with pytest.raises(DecodeError):
        load(Fit(), bytes(5), qemufile)
    assert load(Fit(), bytes(5), qemufile, settings={"size": 4}).data == bytes(4)


def test_named_formats_carry_settings() -> None:
    document = save(Fits(one=Fit(size=4)), tree)
    assert document["@settings"] == {"one.size": 4, "other.size": 2}
    decoded = decode(Fits, document, tree)
    assert decoded.settings == {"one.size": 4, "other.size": 2}
    assert convert(bytes(8), Fits, qemufile, tree, settings={"one.size": 4})["@settings"] == document["@settings"]


def test_a_new_instance_is_sized_by_its_setting() -> None:
    assert (len(Fit().data), len(Fit(size=8).data)) == (2, 8)


def test_trials_are_limited() -> None:
    kind = type("Endless", (), {
        "__annotations__": {f"s{i}": int for i in range(20)}, "__module__": __name__,
        **{f"s{i}": setting(1, 2) for i in range(20)}})
    assert len(list(fits(state("endless")(kind), b"\0", qemufile))) == MOST_TRIALS


# -- an author's mistakes

class Raising:
    """A codec that fails."""

    name = "raising"

    def decode(self, data: bytes) -> int:
        raise ValueError("no such bytes")

    def encode(self, value: int) -> bytes:
        return b"\0"


def _fails(kind: type[Exception], *arguments: Any) -> Callable[..., Any]:
    def fail(self: Any = None, around: Any = None) -> Any:
        raise kind(*arguments)
    return fail


def _fails_alone(kind: type[Exception], *arguments: Any) -> Callable[..., Any]:
    def fail(self: Any) -> Any:
        raise kind(*arguments)
    return fail


def _one(**lines: Any) -> Any:
    """A class of these lines."""
    annotations = {key: Any for key in lines if not key.startswith("_") and key != "transfer"}
    return state("one")(type("One", (), {"__annotations__": annotations, "__module__": __name__, **lines}))


def _mistakes() -> list[Any]:
    fail = _fails_alone(KeyError, "x")

    def after(self: Any, version: int) -> None:
        raise ZeroDivisionError

    def transfer(self: Any, v: Exchange) -> None:
        raise AttributeError("no attribute")

    return [
        pytest.param(_one(a=uint8(when=fail)), ("a",), id="when"),
        pytest.param(_one(a=uint8(when=_fails(TypeError))), ("a",), id="when, with around"),
        pytest.param(_one(a=buffer(_fails(IndexError))), ("a",), id="size"),
        pytest.param(_one(a=array(uint8(), _fails(KeyError))), ("a",), id="count"),
        pytest.param(_one(a=setting(1, 2, told=fail)), ("a",), id="told"),
        pytest.param(_one(a=setting(1, 2, told=lambda ahead: struct.unpack(">Q", ahead[:8]))), ("a",),
                     id="told struct"),
        pytest.param(_one(a=opaque(1, Raising(), reset=0)), ("a",), id="decode"),
        pytest.param(_one(_p=subsection("one/x")(fail), a=uint8()), (), id="needed"),
        pytest.param(_one(transfer=transfer), (), id="transfer"),
        pytest.param(_one(_after=post_load(after)), (), id="post_load"),
        pytest.param(_one(_before=pre_load(fail)), (), id="pre_load"),
        pytest.param(_one(_before=pre_save(fail)), (), id="pre_save"),
        pytest.param(_one(a=uint8(), _c=check("holds")(fail)), ("c",), id="check"),
    ]


@pytest.mark.parametrize(("kind", "path"), _mistakes())
def test_what_an_authors_method_raises_is_an_error_of_ours(kind: Any, path: tuple[Any, ...]) -> None:
    """Each fails in saving or in loading; whichever it is, the error is a VMStateError with the place."""
    caught: list[VMStateError] = []
    for run in (lambda: save(kind(), qemufile), lambda: load(kind(), b"\0", qemufile),
                lambda: decode(kind, b"\0", qemufile)):
        try:
            run()
        except VMStateError as error:
            caught.append(error)
    assert any(error.path == path and error.__cause__ is not None for error in caught)


def test_a_hook_may_refuse() -> None:
    def refuse(self: Any, version: int) -> None:
        raise HookRefused("makes no sense")

    kind = _one(a=uint8(), _after=post_load(refuse))
    with pytest.raises(HookRefused, match="makes no sense"):
        load(kind(), b"\0", qemufile)
    assert decode(kind, b"\0", qemufile).state.a == 0


def test_a_size_that_is_no_number() -> None:
    with pytest.raises(EncodeError, match="should be a number"):
        save(_one(a=buffer(lambda self: "4"))(a=bytearray(4)), qemufile)  # type: ignore[arg-type,return-value]


# -- where an error is

@state("place")
class Place:
    n: int = uint16()
    rows: list[Leaf] = array(nested(Leaf), 2)
    by: dict[int, Leaf] = mapping(uint8(), nested(Leaf))
    _always = constant(uint8(), 7)

    @subsection("place/more")
    def _more(self) -> bool:
        return True

    more: int = uint8(maximum=3)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("", "n @ 0x0"),
        ("00", "n @ 0x0"),
        ("0000", "rows[0].x @ 0x2"),
        ("0000 01", "rows[1].x @ 0x3"),
        ("0000 0102 000000", "by @ 0x4"),
        ("0000 0102 00000001", "by @ 0x8"),
        pytest.param("0000 0102 00000001 01 05", "by[0].value.x @ 0xa"),
        ("0000 0102 00000001 02 05 06 00", "by[0] @ 0x8"),
        ("0000 0102 00000000 00 08", "always @ 0x9"),
        ("0000 0102 00000000 00 07 050a706c6163652f6d6f7265 00000001 04", "more @ 0x1a"),
        ("0000 0102 00000000 00 07 050a706c6163652f6d6f7265 00000001", "more @ 0x1a"),
        ("0000 0102 00000000 00 07 99", " @ 0xa"),
    ],
)
def test_the_place_of_an_error(body: str, place: str) -> None:
    data = bytes.fromhex(body)
    with pytest.raises(DecodeError) as caught:
        decode(Place, data, qemufile)
    path, _, offset = place.partition(" @ ")
    assert (caught.value.place, hex(caught.value.offset or 0)) == (path, offset)
    assert str(caught.value).startswith(place.strip(" @") if not path else f"{place}: ")
    assert [(one.path, one.offset) for one in verify(data, Place, qemufile)] == [(path, int(offset, 16))]


# -- limits: what a number in the input may ask for

@state("ask")
class Asking:
    n: int = uint32()
    data: bytearray = buffer("n")


@state("ask64")
class AskingMuch:
    n: int = uint64()
    data: bytearray = buffer("n")


@state("pad")
class AskingPadding:
    n: int = uint32()
    _pad = unused("n")


@state("pad64")
class AskingMuchPadding:
    n: int = uint64()
    _pad = unused("n")


@state("bits")
class AskingBits:
    n: int = uint32()
    bits: int = bitmap("n")


@state("rows")
class AskingRows:
    n: int = uint32()
    rows: list[Leaf] = array(nested(Leaf), "n")


@pytest.mark.parametrize("kind", [
    Asking, AskingMuch, AskingBits, AskingRows, AskingPadding, AskingMuchPadding])
@pytest.mark.parametrize("high", [0x10, 0x7F, 0xFF])
def test_a_size_out_of_the_input_costs_nothing(kind: type, high: int) -> None:
    body = bytes([high]) + bytes([0xFF]) * 11
    tracemalloc.start()
    try:
        with pytest.raises(VMStateError) as caught:
            decode(kind, body, qemufile)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.offset is not None
    assert peak < 1 << 20


# -- what cannot be written

@state("valued")
class Valued:
    items: list[Leaf] = chain(nested(Leaf), marker=uint8())


class Short:
    """A codec that gives another number of bytes than it was declared with."""

    name = "short"

    def decode(self, data: bytes) -> bytes:
        return data

    def encode(self, value: bytes) -> bytes:
        return value


@state("short")
class Shortened:
    it: bytes = opaque(4, Short(), reset=bytes(4))


@state("many")
class Many:
    n: int = uint8()
    row: list[int] = array(uint8(), "n")
    data: bytearray = buffer(2)
    f: Any = floating()
    bits: int = bitmap(8)
    colour: int = uint8(maximum=7)


UNWRITABLE = [
    (Many(n=2, row=[1]), ("row",)),
    (Many(n=256), ("n",)),
    (Many(n=-1), ("n",)),
    (Many(data=bytearray(3)), ("data",)),
]
BITS = [(Many(bits=1 << 64), ("bits",)), (Many(bits=-1), ("bits",))]
SHORT = pytest.param(Shortened(it=b"ab"), ("it",))
ENDING = pytest.param(
    Valued(items=[Leaf(x=1), Leaf(x=0)]), ("items", 1))
BEYOND = [
    pytest.param(Many(f=Float64(1 << 64)), ("f",)),
    pytest.param(Many(n=None), ("n",)),
    pytest.param(Many(n="1"), ("n",)),
]


@pytest.mark.parametrize(("it", "path"), [*UNWRITABLE, *BITS, SHORT, ENDING, *BEYOND])
def test_what_cannot_be_read_again_is_not_written(it: Any, path: tuple[Any, ...]) -> None:
    with pytest.raises(EncodeError) as caught:
        save(it, qemufile)
    assert caught.value.path[:len(path)] == path


@pytest.mark.parametrize(("it", "path"), [
    *UNWRITABLE, *BITS, SHORT, *BEYOND])
def test_nor_as_a_tree(it: Any, path: tuple[Any, ...]) -> None:
    with pytest.raises(EncodeError) as caught:
        save(it, tree)
    assert caught.value.path[:len(path)] == path


# -- fed piece by piece

@state("keys")
class Keys:
    by: dict[Leaf, int | None] = mapping(nested(Leaf), nullable(uint8()))


def test_a_null_behind_a_key_that_is_a_record() -> None:
    it = Keys(by={Leaf(x=1): None, Leaf(x=2): 5})
    for form in (qemufile, tree):
        data: Any = save(it, form)
        assert decode(Keys, data, form).state == it


def test_more_is_asked_for_before_a_subsection_that_may_come() -> None:
    body = b"\1" + ONE
    for n in range(len(body)):
        with pytest.raises(NeedMore):
            Walk(qemufile.Reader(body[:n], whole=False), Mode.WIRE).run(record_of(Parent), Parent())
    Walk(reader := qemufile.Reader(body + b"\x7e\0", whole=False), Mode.WIRE).run(record_of(Parent), Parent())
    assert reader.at == len(body)


def test_a_copy_by_evolve_is_as_never_read() -> None:
    decoded = decode(Parent, b"\1" + ONE, qemufile)
    new = attrs.evolve(decoded.state, one=0)
    assert encode(Decoded(new, 1, decoded.record), qemufile) == b"\1"


@state("own")
class Own:
    a: int = uint8()
    _tail = same("tail")
    tail = view("own/tail")
    flag: bool = boolean()


@state("holder")
class Holder:
    it: Own = nested(Own)
    _again = again("it", nested(Own.tail))


def test_another_view_of_this_instance() -> None:
    assert save(Holder(it=Own(a=1, flag=True)), qemufile) == b"\1\1\1"
    odd = b"\1\7\7"
    assert encode(decode(Holder, odd, qemufile), qemufile) == odd


def test_a_trial_is_reused_by_nobody() -> None:
    """Two walks by one set of settings do not disturb each other."""
    given = {"size": 4}
    first, second = Trial(given), Trial(given)
    Walk(qemufile.reader(bytes(5)), Mode.WIRE, first).run(record_of(Fit), Fit())
    assert (first.chosen, second.chosen, given) == ({"size": 4}, {}, {"size": 4})


class Colour(IntEnum):
    RED = 1


def test_an_enumeration_of_an_element_has_its_path() -> None:
    kind = _one(row=array(enum(Colour, uint8(reset=1)), 3))
    with pytest.raises(Mismatch, match="2 is no Colour") as caught:
        decode(kind, b"\1\1\2", qemufile)
    assert (caught.value.path, caught.value.offset) == (("row", 2), 2)
