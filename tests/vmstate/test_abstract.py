"""One abstract walk shows a schema or a code generator all that a declaration says, though it has no facts."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import pytest

from devices.catalogue import SECTIONS, registry
from visitors import qemufile, tree
from visitors.tokens import Recorder
from vmstate import (
    Exchange,
    Float64,
    Record,
    again,
    array,
    at_most,
    bitmap,
    boolean,
    buffer,
    chain,
    check,
    constant,
    descriptor,
    enum,
    equal,
    floating,
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
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    tmp,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
    view,
)
from vmstate.shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Range,
    Same,
    Setting,
    Subsection,
    Temporary,
    Timer,
    Validated,
)
from vmstate.walk import Mode, Walk

Fact = tuple[Any, ...]


class Notes:
    """The least that a schema needs: it notes what it is told, says yes to every question, and each list has one."""

    reading = False
    span = None

    def __init__(self) -> None:
        self.path: list[str] = []
        self.depth: list[int] = []
        self.facts: list[Fact] = []
        self.members: list[tuple[str, Member]] = []
        self.asked: list[Any] = []
        self.offered: list[str] = []

    def _note(self, *fact: Any) -> None:
        self.facts.append((".".join(self.path), *fact))

    def _leaf(self, kind: str, key: Any, shape: Any, *more: Any) -> Any:
        self._note(kind, key, shape, *more[:-1])
        return more[-1]

    def integer(self, key: Any, shape: Any, bits: int, value: int) -> int:
        assert isinstance(value, int)
        return self._leaf("integer", key, shape, bits, value)

    def boolean(self, key: Any, shape: Any, value: int) -> int:
        return self._leaf("boolean", key, shape, value)

    def floating(self, key: Any, shape: Any, value: int) -> int:
        return self._leaf("floating", key, shape, value)

    def blob(self, key: Any, shape: Any, size: int, value: Any) -> Any:
        return self._leaf("blob", key, shape, size, value)

    def bitmap(self, key: Any, shape: Any, count: int, value: int) -> int:
        return self._leaf("bitmap", key, shape, count, value)

    def padding(self, key: Any, shape: Any, size: int, value: bytes) -> bytes:
        return self._leaf("padding", key, shape, size, value)

    def descriptor(self, key: Any, shape: Any, value: Any) -> Any:
        return self._leaf("descriptor", key, shape, value)

    def setting(self, key: Any, shape: Any, value: Any) -> Any:
        self.asked.append(value)
        return self._leaf("setting", key, shape, value)

    def note(self, check: Any) -> None:
        self._note("note", check)

    def enter(self, key: Any, node: Any) -> None:
        self._note("enter", key, node)
        self.path.append(str(key))

    def leave(self) -> None:
        self.path.pop()
        self._note("leave")

    def version(self, node: Subsection, version: int) -> int:
        self._note("version", node, version)
        return version

    def is_there(self, node: Any, truth: Any) -> bool:
        self.asked.append(truth)
        if isinstance(node, Member):
            self.members.append((".".join(self.path), node))
        self._note("is there", node)
        return True

    def how_many(self, key: Any, shape: Any, n: Any) -> int:
        self.asked.append(n)
        self._note("how many", key, shape)
        return 1

    def has_next(self, key: Any, shape: Any, index: int, truth: Any) -> bool:
        self.asked.append(truth)
        self._note("has next", key, shape)
        return index == 0

    def which_next(self, record: Record[Any], pending: Sequence[Subsection]) -> Subsection | None:
        self.offered.append(record.name)
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: Any) -> Any:
        raise AssertionError("a reset state has nothing foreign")


def seen(record: Record[Any], instance: Any = None) -> Notes:
    """What one abstract walk told."""
    notes = Notes()
    Walk(notes, Mode.ABSTRACT).run(record, record.make() if instance is None else instance)
    assert not notes.path
    assert {one for one in notes.asked if one is not None} == set(), "a fact was told"
    return notes


# -- all members that a Record reaches

def reachable(record: Record[Any]) -> list[Member]:
    """The members of a record, of its subsections and of all records inside, each place once for each way to it."""
    found: list[Member] = []
    open_: list[Record[Any]] = []

    def inside(one: Record[Any], owner: type) -> None:
        if one in open_:
            return
        open_.append(one)
        members(one, owner)
        open_.pop()

    def members(one: Record[Any], owner: type) -> None:
        for member in one.members:
            found.append(member)
            shape(member.shape, owner)
        for sub in one.subsections:
            members(sub.record, owner)

    def shape(one: Any, owner: type) -> None:
        if isinstance(one, Nested | Temporary):
            inside(one.record, one.record.kind)
        elif isinstance(one, Same):
            record = one.find(owner)
            if record not in open_:
                members(record, owner)
        elif isinstance(one, Mapping):
            shape(one.key, owner)
            shape(one.value, owner)
        elif isinstance(one, Array | Chain | Nullable | Range | Equal | AtMost | Constant):
            shape(one.of, owner)

    inside(record, record.kind)
    return found


def _same_members(record: Record[Any], notes: Notes) -> None:
    told = [member for _, member in notes.members if not record.imperative or member in reachable(record)]
    assert [(one.key, one.name) for one in told] == [(one.key, one.name) for one in reachable(record)]
    assert [id(one) for one in told] == [id(one) for one in reachable(record)]


@pytest.mark.parametrize("record", [
    pytest.param(record, id=f"{name}: {record.kind.__name__}")
    for name in SECTIONS for record in registry().named(name)])
class TestDevice:
    def test_every_member_is_seen(self, record: Record[Any]) -> None:
        notes = seen(record)
        assert notes.members
        _same_members(record, notes)

    def test_every_subsection_is_seen_with_its_predicate(self, record: Record[Any]) -> None:
        notes = seen(record)
        entered = [fact[3] for fact in notes.facts if fact[1] == "enter" and isinstance(fact[3], Subsection)]
        assert {one.name for one in entered} == _subsection_names(record)
        assert all(one.needed is None or str(one.needed).isidentifier() for one in entered)

    def test_every_leaf_has_a_size(self, record: Record[Any]) -> None:
        """Methods are total on a reset state."""
        for fact in seen(record).facts:
            if fact[1] in ("blob", "bitmap", "padding"):
                assert isinstance(fact[4], int)
                assert fact[4] >= 0
            if fact[1] == "integer":
                assert fact[4] in (8, 16, 32, 64)

    def test_a_recorder_and_the_formats_can_be_walked_so(self, record: Record[Any]) -> None:
        recorder = Recorder(Notes())
        Walk(recorder, Mode.ABSTRACT).run(record, record.make())
        assert len(recorder.tokens) >= len(seen(record).members)


def _subsection_names(record: Record[Any]) -> set[str]:
    names: set[str] = set()
    visited: list[Record[Any]] = []

    def visit(one: Record[Any]) -> None:
        if one in visited:
            return
        visited.append(one)
        for sub in one.subsections:
            names.add(sub.name)
            visit(sub.record)
        for member in one.members:
            shape(member.shape, one.kind)

    def shape(one: Any, owner: type) -> None:
        if isinstance(one, Nested | Temporary):
            visit(one.record)
        elif isinstance(one, Same):
            visit(one.find(owner))
        for inner in ("of", "key", "value"):
            below = getattr(one, inner, None)
            if below is not None and not isinstance(below, int):
                shape(below, owner)

    visit(record)
    return names


# -- a declaration with all there is

class Colour(IntEnum):
    RED = 1


class Codec:
    """One byte."""

    name = "codec"

    def decode(self, data: bytes) -> int:
        return data[0]

    def encode(self, value: int) -> bytes:
        return bytes([value])


@state("kin", version=3, minimum=1)
class Kin:
    v: int = uint8()
    kin: "list[Kin]" = chain(nested(lambda: Kin))
    since_two: int = uint8(since=2)


@state("halves")
class Halves:
    low: int = uint8()

    @classmethod
    def pack(cls, parent: "Sink") -> "Halves":
        return cls(low=parent.held)

    def unpack(self, parent: "Sink") -> None:
        parent.held = self.low


CALLS: list[str] = []


@state("ended")
class Ended:
    v: int = uint8(reset=1)

    @property
    def is_last(self) -> bool:
        CALLS.append("last")
        return self.v == 1


@state("sink", version=2, minimum=1)
class Sink:
    """The kitchen sink."""

    def _gate(self) -> bool:
        CALLS.append("gate")
        return False

    def _three(self) -> int:
        return 3

    def _bits(self) -> int:
        return 32

    n: int = uint8(name="n_name")
    gated: int = uint16(when=_gate)
    late: int = uint8(since=2)
    flag: bool = boolean()
    real: Float64 = floating()
    expiry: int | None = timer()
    data: bytearray = buffer(_three)
    text: bytearray = sized_buffer(8)
    bits: int = bitmap(70)
    fd: int | None = descriptor()
    foreign: int = opaque(1, Codec(), reset=0)
    long: int = uint(_bits)
    colour: Colour = enum(Colour, uint8(reset=1))
    ranged: int = uint8(maximum=3)
    mine: int = equal(uint8(), hint="hint")
    least: int = at_most(uint8())
    size: int = setting(1, 2)
    _sent = again("size", equal(uint8()))
    sized: bytearray = buffer("size")
    _pad = unused(2)
    _always = constant(uint16(), 7)
    by_name: list[int] = array(uint8(), "n")
    by_method: list[int] = array(uint8(maximum=1), _three)
    grid: list[list[int]] = array(array(uint8(), 2), 2)
    part: list[int] = array(uint8(), 2, start=1)
    slots: list[Kin | None] = array(nullable(nested(Kin)), 2)
    marked: Kin | None = nullable(nested(Kin), marked=True)
    listed: list[Kin] = chain(nested(Kin), marker=42)
    valued: list[Kin] = chain(nested(Kin), marker=uint8())
    row: list[Ended] = chain(nested(Ended), until="is_last")
    by_key: dict[int, Kin] = mapping(uint64(), nested(Kin, version=2))
    by_kin: dict[Halves, int] = mapping(nested(Halves), uint8())
    held: int = local(0)
    _wire = tmp(Halves)
    _rest = same("rest")

    @check("it holds")
    def _holds(self) -> bool:
        CALLS.append("check")
        return False

    @subsection("sink/one", version=3, minimum=2)
    def _one(self) -> bool:
        CALLS.append("needed")
        return False

    in_one: int = uint8()

    @subsection("sink/one/deep", skippable=True)
    def _deep(self) -> bool:
        return False

    in_deep: int = uint8()
    _always_sent = subsection("sink/two")
    in_two: int = uint8()

    rest = view("sink/rest")
    in_rest: int = uint8()

    @pre_save
    @pre_load
    def _before(self) -> None:
        CALLS.append("hook")

    @post_load
    def _after(self, version: int) -> None:
        CALLS.append("hook")

    def transfer(self, v: Exchange) -> None:
        self.held = v("moved", self.held, uint32())
        self.held = v("perhaps", self.held, uint16(), when=self.held > 0)
        self.data = v("table", self.data, buffer(_three_of))


def _three_of(self: Any) -> int:
    return 3


def test_nothing_is_evaluated_and_no_hook_runs() -> None:
    CALLS.clear()
    seen(record_of(Sink))
    assert CALLS == []


def test_every_member_of_the_sink_is_seen() -> None:
    _same_members(record_of(Sink), seen(record_of(Sink)))


def test_the_answer_does_not_depend_on_the_instance() -> None:
    """The facts are those of the declaration: any instance that can be walked gives the same."""
    other = Sink(n=2, by_name=[1, 2], flag=True, slots=[Kin(), None], listed=[Kin(), Kin()], by_key={1: Kin()})
    assert [fact[:3] for fact in seen(record_of(Sink)).facts] == [
        fact[:3] for fact in seen(record_of(Sink), other).facts]


def _facts(kind: str, node: type) -> list[Fact]:
    return [fact for fact in seen(record_of(Sink)).facts if fact[1] == kind and isinstance(fact[-1], node)]


def test_what_a_member_says() -> None:
    members = {member.key: member for path, member in seen(record_of(Sink)).members if not path}
    assert (members["n"].name, members["late"].since, str(members["gated"].when)) == ("n_name", 2, "_gate")
    assert members["pad"].name == "unused"


def test_checks_are_announced_before_their_leaf() -> None:
    facts = seen(record_of(Sink)).facts
    notes = [(fact[2], facts[i + 1]) for i, fact in enumerate(facts) if fact[1] == "note"]
    kinds = [type(check) for check, _ in notes]
    assert kinds == [Timer, Enumerated, Range, Equal, AtMost, Equal, Constant, Range, Validated]
    keys = [following[2] for check, following in notes if not isinstance(check, Validated)]
    assert keys == ["expiry", "colour", "ranged", "mine", "least", "sent", "always", 0]
    (equal_,) = [check for check, _ in notes if isinstance(check, Equal) and check.hint]
    assert equal_.hint == "hint"
    assert [check.settles for check, _ in notes if isinstance(check, Equal)] == [False, True]
    assert [check.must for check, _ in notes if isinstance(check, Validated)] == ["it holds"]


def test_counts_are_told_as_facts() -> None:
    counts = {fact[2]: fact[3] for fact in seen(record_of(Sink)).facts if fact[1] == "how many"}
    assert counts["by_name"].count == "n"
    assert str(counts["by_method"].count) == "_three"
    assert (counts["grid"].count, counts["part"].count, counts["part"].start) == (2, 2, 1)
    assert isinstance(counts["by_key"], Mapping)
    assert isinstance(counts["by_kin"], Mapping)


def test_sizes_are_told_beside_their_shape() -> None:
    sizes = {fact[2]: fact[3:] for fact in seen(record_of(Sink)).facts if fact[1] in ("blob", "bitmap", "padding")}
    assert str(sizes["data"][0].size) == "_three"
    assert (sizes["data"][1], sizes["sized"][1], sizes["pad"][1], sizes["bits"][1]) == (3, 1, 2, 70)
    assert (sizes["sized"][0].size, sizes["text"][0].prefix) == ("size", 8)
    assert sizes["foreign"][0].codec.name == "codec"
    assert isinstance(sizes["bits"][0], Bits)
    assert isinstance(sizes["data"][0], Blob)
    (long,) = [fact for fact in seen(record_of(Sink)).facts if fact[1] == "integer" and fact[2] == "long"]
    assert (str(long[3].bits), long[4]) == ("_bits", 32)


def test_markers_of_chains() -> None:
    chains = {fact[2]: fact[3] for fact in seen(record_of(Sink)).facts if fact[1] == "has next" and
              isinstance(fact[3], Chain)}
    assert (chains["listed"].marker, chains["valued"].marker, chains["valued"].bits) == (42, None, 8)
    assert (chains["row"].marker, chains["row"].bits, chains["row"].until) == (None, 0, "is_last")
    assert chains["listed"].until is None


def test_key_and_value_of_a_mapping() -> None:
    facts = seen(record_of(Sink)).facts
    inside = [fact for fact in facts if fact[0] == "by_key" and fact[1] in ("integer", "enter")]
    assert [(fact[1], fact[2]) for fact in inside] == [("integer", "key"), ("enter", "value")]
    inside = [fact for fact in facts if fact[0] == "by_kin" and fact[1] in ("integer", "enter")]
    assert [(fact[1], fact[2]) for fact in inside] == [("enter", "key"), ("integer", "value")]


def test_nulls_are_asked() -> None:
    asked = [fact[2].marked for fact in seen(record_of(Sink)).facts
             if fact[1] == "is there" and isinstance(fact[2], Nullable)]
    assert asked == [False, True]


def test_a_recursive_record_is_named_where_it_is_met_again() -> None:
    facts = seen(record_of(Kin)).facts
    entered = [i for i, fact in enumerate(facts) if fact[1] == "enter" and isinstance(fact[3], Record)]
    assert [(facts[i][0], facts[i][3].name, facts[i + 1][1]) for i in entered] == [("kin", "kin", "leave")]


def test_a_recursive_record_inside_another_is_described_once() -> None:
    facts = seen(record_of(Sink)).facts
    listed = [(fact[0], fact[1]) for fact in facts if fact[0].startswith("listed.0")]
    assert listed == [
        ("listed.0", "is there"), ("listed.0", "integer"), ("listed.0", "is there"), ("listed.0", "enter"),
        ("listed.0.kin", "has next"), ("listed.0.kin", "enter"), ("listed.0.kin", "leave"),
        ("listed.0.kin", "has next"), ("listed.0", "leave"), ("listed.0", "is there"), ("listed.0", "integer")]


def test_subsections_have_their_predicates_versions_and_nesting() -> None:
    facts = seen(record_of(Sink)).facts
    entered = {fact[2]: (fact[0], fact[3]) for fact in facts if fact[1] == "enter" and isinstance(fact[3], Subsection)}
    assert {name: (path, one.needed and str(one.needed), one.skippable) for name, (path, one) in entered.items()} == {
        "sink/one": ("", "_one", False), "sink/one/deep": ("sink/one", "_deep", True), "sink/two": ("", None, False)}
    versions = {fact[2].name: (fact[3], fact[2].record.minimum) for fact in facts if fact[1] == "version"}
    assert versions == {"sink/one": (3, 2), "sink/one/deep": (1, 1), "sink/two": (1, 1)}


def test_every_record_is_offered_its_subsections() -> None:
    offered = seen(record_of(Sink)).offered
    assert set(offered) == {"sink", "sink/rest", "sink/one", "sink/one/deep", "sink/two", "kin", "ended", "halves"}


def test_settings_are_shown() -> None:
    (one,) = [fact for fact in seen(record_of(Sink)).facts if fact[1] == "setting"]
    assert one[2] == "size"
    assert isinstance(one[3], Setting)
    assert one[3].choices == (1, 2)


def test_imperative_structure() -> None:
    """What a method exchanges is shown as members are; a condition is there, though only the code knows which."""
    notes = seen(record_of(Sink))
    moved = {member.key: member for path, member in notes.members if member.key in ("moved", "perhaps", "table")}
    assert (moved["moved"].shape, moved["moved"].when) == (Int(32), None)
    assert (moved["perhaps"].shape, moved["perhaps"].when is not None) == (Int(16), True)
    assert [fact[1:3] for fact in notes.facts if len(fact) > 2 and fact[2] in ("moved", "perhaps", "table")] == [
        ("integer", "moved"), ("integer", "perhaps"), ("blob", "table")]


@pytest.mark.parametrize("form", [qemufile, tree], ids=["qemufile", "tree"])
def test_a_format_may_be_walked_so_too(form: Any) -> None:
    """A writer takes None for no: its output means little, and is no error."""
    writer = form.writer()
    Walk(writer, Mode.ABSTRACT).run(record_of(Sink), Sink())
    assert writer.result() is not None
