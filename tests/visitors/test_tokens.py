"""Tokens: what passed is written down, and passes unchanged."""

from visitors import qemufile, tree
from visitors.tokens import Recorder, bracket_name
from vmstate import array, boolean, mapping, nested, record_of, state, subsection, uint8, uint16
from vmstate.shape import Array
from vmstate.walk import Mode, Walk


@state("leaf")
class Leaf:
    x: int = uint16()


@state("all")
class All:
    flag: bool = boolean()
    row: list[Leaf] = array(nested(Leaf), 1)
    by: dict[int, int] = mapping(uint8(), uint8())
    late: int = uint8(when=lambda self: False)

    @subsection("all/more", version=2)
    def _more(self) -> bool:
        return True

    more: int = uint8()


IT = All(flag=True, row=[Leaf(x=2)], by={3: 4}, more=5)
EXPECTED = [
    ("is there", "flag", True), ("boolean", "flag", 1),
    ("is there", "row", True), ("how many", "row", 1), ("enter", "row", "array"),
    ("enter", 0, "leaf"), ("is there", "x", True), ("integer", "x", 16, 2), ("which next", "leaf", None), ("leave",),
    ("leave",),
    ("is there", "by", True), ("how many", "by", 1), ("enter", "by", "mapping"),
    ("has next", "by", 0, True), ("integer", "key", 8, 3), ("integer", "value", 8, 4), ("has next", "by", 1, False),
    ("leave",),
    ("is there", "late", False),
    ("which next", "all", "all/more"), ("enter", "all/more", "all/more"), ("version", "all/more", 2),
    ("is there", "more", True), ("integer", "more", 8, 5), ("which next", "all/more", None), ("leave",),
    ("which next", "all", None),
]


def test_what_is_written_down() -> None:
    for form in (qemufile, tree):
        writer = form.writer()
        saved = Recorder(writer)
        Walk(saved, Mode.LIVE).run(record_of(All), IT)
        assert saved.tokens == EXPECTED
        loaded, read = Recorder(form.reader(writer.result())), All()
        Walk(loaded, Mode.LIVE).run(record_of(All), read)
        assert loaded.tokens == EXPECTED
        assert read == IT


def test_a_difference_shows() -> None:
    recorder = Recorder(qemufile.writer())
    Walk(recorder, Mode.LIVE).run(record_of(All), All(flag=True, row=[Leaf(x=3)], by={3: 4}, more=5))
    assert [(mine, theirs) for mine, theirs in zip(recorder.tokens, EXPECTED, strict=True) if mine != theirs] == [
        (("integer", "x", 16, 3), ("integer", "x", 16, 2))]


def test_it_stands_for_the_visitor_behind_it() -> None:
    reader = qemufile.reader(b"\1\2")
    recorder = Recorder(reader)
    assert (recorder.reading, Recorder(qemufile.writer()).reading) == (True, False)
    assert recorder.span == reader.span
    shape = record_of(All).members[1].shape
    assert isinstance(shape, Array)
    assert (bracket_name(shape), bracket_name(record_of(All))) == ("array", "all")
    assert bracket_name(record_of(All).subsections[0]) == "all/more"
