"""A trace: each value with its place, its path and its member."""


from visitors import qemufile
from vmstate import (
    Float64,
    array,
    boolean,
    chain,
    decode,
    floating,
    mapping,
    nested,
    nullable,
    record_of,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    unused,
)
from vmstate.shape import Padding, Subsection
from vmstate.trace import Seen, Tracer
from vmstate.walk import Mode, Walk


@state("leaf")
class Leaf:
    x: int = uint16()


@state("all")
class All:
    size: int = setting(1, 2)
    flag: bool = boolean()
    f: Float64 = floating()
    _pad = unused(2)
    slots: list[Leaf | None] = array(nullable(nested(Leaf)), 2)
    one: int | None = nullable(uint8(), marked=True)
    items: list[Leaf] = chain(nested(Leaf), marker=42)
    by: dict[int, Leaf] = mapping(uint8(), nested(Leaf))

    @subsection("all/more", version=2)
    def _more(self) -> bool:
        return True

    more: int = uint8()


DATA = bytes.fromhex("07 3ff8000000000000 aabb 30 0102 31 05 2a 0007 00 00000001 01 09 0008 00"
                     " 05 08 616c6c2f6d6f7265 00000002 06")
LEAVES = [
    ("size", 0, 0, 1), ("flag", 0, 1, 7), ("f", 1, 9, Float64.of(1.5)), ("pad", 9, 11, b"\xaa\xbb"),
    ("slots[0]", 11, 12, None), ("slots[1].x", 12, 14, 0x102), ("one", 15, 16, 5), ("items[0].x", 17, 19, 7),
    ("by[0].key", 25, 26, 9), ("by[0].value.x", 26, 28, 8), ("more", 43, 44, 6),
]


def _written() -> Seen:
    decoded = decode(All, DATA, qemufile, settings={"size": 1})
    writer = qemufile.writer()
    tracer = Tracer(writer)
    Walk(tracer, Mode.WIRE).run(decoded.record, decoded.state)
    assert writer.result() == DATA
    return tracer.root


def _read() -> Seen:
    tracer = Tracer(qemufile.reader(DATA))
    Walk(tracer, Mode.WIRE).run(record_of(All), All())
    return tracer.root


def _plain(root: Seen) -> list[tuple[str, int, int, object]]:
    return [(path, one.begin, one.end, one.value) for path, one in root.leaves()]


def test_every_leaf_has_its_place() -> None:
    assert _plain(_written()) == LEAVES


def test_reading_gives_the_same_places() -> None:
    told = _plain(_read())
    assert [one[0] for one in told] == [one[0] for one in LEAVES]
    assert told[1:] == LEAVES[1:]  # a setting is not in the bytes: who reads them is not told


def test_brackets_have_their_extent() -> None:
    inside = {one.key: one for one in _written().inside or ()}
    more = inside["all/more"]
    assert isinstance(more.node, Subsection)
    assert (more.begin, more.end, more.version) == (29, 44, 2)
    assert (inside["slots"].begin, inside["slots"].end) == (11, 14)
    assert (inside["items"].begin, inside["items"].end) == (16, 20)


def test_a_mapping_has_its_count() -> None:
    (by,) = [one for one in _written().inside or () if one.key == "by"]
    assert (by.begin, by.end) == (20, 29)


def test_a_value_knows_its_member() -> None:
    members = {path: one.member for path, one in _written().leaves()}
    assert {path: member and member.key for path, member in members.items()} == {
        "size": "size", "flag": "flag", "f": "f", "pad": "pad", "slots[0]": None, "slots[1].x": "x", "one": "one",
        "items[0].x": "x", "by[0].key": None, "by[0].value.x": "x", "more": "more"}


def test_an_empty_trace() -> None:
    assert list(Seen("", Padding(0), inside=[]).leaves()) == []
    assert Tracer(qemufile.writer()).reading is False
    assert Tracer(qemufile.reader(b"")).reading is True
