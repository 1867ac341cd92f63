"""A pipe: what a reader answers a writer is told, in each direction, and nothing else happens."""

from typing import Any

import pytest

from visitors import qemufile, tree
from visitors.tokens import Recorder
from vmstate import (
    Mismatch,
    Truncated,
    Undetermined,
    VMStateError,
    array,
    boolean,
    buffer,
    chain,
    convert,
    decode,
    encode,
    equal,
    mapping,
    nested,
    nullable,
    post_load,
    record_of,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    unused,
)
from vmstate.pipe import Pipe
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk


@state("leaf")
class Leaf:
    x: int = uint8()

    @subsection("leaf/more")
    def _more(self) -> bool:
        raise AssertionError("no predicate is asked")

    more: int = uint8()


@state("all", version=3, minimum=1)
class All:
    size: int = setting(1, 2)
    n: int = uint8()
    flag: bool = boolean()
    _pad = unused(2)
    row: list[Leaf] = array(nested(Leaf), "n")
    slots: list[Leaf | None] = array(nullable(nested(Leaf)), 2)
    items: list[Leaf] = chain(nested(Leaf))
    by: dict[int, int] = mapping(uint8(), uint16())
    lock: int = equal(uint8(reset=9))
    data: bytearray = buffer("size")
    late: int = uint8(since=3)

    @post_load
    def _never(self, version: int) -> None:
        raise AssertionError("no hook runs")


MORE = bytes.fromhex("05 09 6c6561662f6d6f7265 00000101 33")
BODY = bytes.fromhex("02 07 aabb 11") + MORE + bytes.fromhex("12  30 13") + MORE + bytes.fromhex(
    "01 14 00  00000001 01 05 0006 00  08  6162  03")


def test_there_and_back() -> None:
    document = convert(BODY, All, qemufile, tree)
    assert document == encode(decode(All, BODY, qemufile), tree)
    assert document["row"][0]["leaf/more"] == {"@version": 0x101, "more": 0x33}
    assert (document["pad"], document["flag"], document["@settings"]) == (b"\xaa\xbb", 7, {"size": 2})
    assert convert(document, All, tree, qemufile) == BODY
    assert convert(BODY, All, qemufile, qemufile) == BODY
    assert convert(document, All, tree, tree) == document


def test_an_older_version() -> None:
    old = BODY[:-1]
    document = convert(old, All, qemufile, tree, version=2)
    assert "late" not in document
    assert convert(document, All, tree, qemufile, version=2) == old


def test_both_are_told_the_same() -> None:
    reader, writer = Recorder(qemufile.reader(BODY)), Recorder(tree.writer())
    scratch = All(size=2)
    Walk(Pipe(reader, writer), Mode.WIRE, Trial({"size": 2})).run(record_of(All), scratch)
    assert reader.tokens == writer.tokens
    assert reader.tokens


def test_the_place_is_the_readers() -> None:
    pipe = Pipe(reader := qemufile.reader(BODY), tree.writer())
    assert pipe.reading
    reader.boolean("flag", Any, 0)
    assert pipe.span == (0, 1)


@pytest.mark.parametrize(("size", "kind"), [(1, Undetermined), (2, Truncated)])
def test_what_cannot_be_read_is_not_converted(size: int, kind: type[VMStateError]) -> None:
    settings = {} if size == 1 else {"size": 2}
    with pytest.raises(kind):
        convert(BODY[:-3], All, qemufile, tree, settings=settings)
    with pytest.raises(Mismatch):
        convert({**convert(BODY, All, qemufile, tree), "n": "x"}, All, tree, qemufile)
