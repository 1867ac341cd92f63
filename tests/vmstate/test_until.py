"""Chains whose elements say which is the last: no marker stands anywhere, and the walk knows when reading, too."""

from typing import Any

import pytest

from tests.vmstate.exercise import all_tokens
from visitors import qemufile, tree
from vmstate import (
    Around,
    DecodeError,
    EncodeError,
    LimitExceeded,
    VMStateError,
    chain,
    convert,
    decode,
    encode,
    load,
    nested,
    record_of,
    save,
    sized_buffer,
    state,
    uint8,
    uint16,
)
from vmstate.errors import NeedMore
from vmstate.shape import Chain
from vmstate.trace import Tracer
from vmstate.walk import Mode, Walk


@state("chunk", version=2, minimum=1)
class Chunk:
    """Its lowest bit says that it is the last; the next, that text follows."""

    @property
    def is_last(self) -> bool:
        return self.flags & 1 != 0

    def _is_old_and_last(self, around: Around) -> bool:
        return around.version == 1 and around.up(ByMethod).last == self.flags

    def _has_text(self) -> bool:
        return self.flags & 2 != 0

    flags: int = uint8(reset=1)
    text: bytearray = sized_buffer(8, when=_has_text)


@state("by property")
class ByProperty:
    chunks: list[Chunk] = chain(nested(Chunk), until="is_last")
    behind: int = uint8()


@state("pair")
class Pair:
    number: int = uint8()
    last: int = uint8(reset=1)


@state("by attribute")
class ByAttribute:
    pairs: list[Pair] = chain(nested(Pair), until="last")


@state("by method")
class ByMethod:
    last: int = uint8(reset=1)
    chunks: list[Chunk] = chain(nested(Chunk, version=1), until=Chunk._is_old_and_last)


@state("group")
class Group:
    chunks: list[Chunk] = chain(nested(Chunk), until="is_last")
    last: int = uint8(reset=1)


@state("groups")
class Groups:
    groups: list[Group] = chain(nested(Group), until="last")


def _chunks(*flags: int) -> list[Chunk]:
    return [Chunk(flags=one) for one in flags]


CASES = [
    pytest.param(ByProperty(behind=9), "01 09", id="one"),
    pytest.param(ByProperty(chunks=[Chunk(flags=2, text=bytearray(b"ab")), *_chunks(0, 4, 5)]),
                 "02 02 6162 00 04 05 00", id="several"),
    pytest.param(ByAttribute(pairs=[Pair(number=1, last=0), Pair(number=0, last=7)]), "01 00 00 07", id="an attribute"),
    pytest.param(ByMethod(last=4, chunks=_chunks(1, 0, 4)), "04 01 00 04", id="a method, with what is around"),
    pytest.param(Groups(groups=[Group(chunks=_chunks(0, 1), last=0), Group()]), "00 01 00  01 01", id="a chain in one"),
]


@pytest.mark.parametrize(("it", "text"), CASES)
class TestCase:
    def test_save_and_load(self, it: Any, text: str) -> None:
        data = bytes.fromhex(text)
        assert save(it, qemufile) == data
        assert load(type(it)(), data, qemufile) == it
        document = save(it, tree)
        assert load(type(it)(), document, tree) == it

    def test_off_line(self, it: Any, text: str) -> None:
        data = bytes.fromhex(text)
        decoded = decode(type(it), data, qemufile)
        assert decoded.state == it
        assert encode(decoded, qemufile) == data
        document = encode(decoded, tree)
        assert convert(data, type(it), qemufile, tree) == document
        assert convert(document, type(it), tree, qemufile) == data

    def test_six_walks_agree(self, it: Any, text: str) -> None:
        data, document = bytes.fromhex(text), save(it, tree)
        walks = all_tokens(it, data, document, type(it), decode(type(it), data, qemufile).state)
        assert [name for name, tokens in walks.items() if tokens != walks["save"]] == []

    def test_every_beginning_of_it(self, it: Any, text: str) -> None:
        data = bytes.fromhex(text)
        for n in range(len(data)):
            with pytest.raises(DecodeError, match="expected"):
                decode(type(it), data[:n], qemufile)
            with pytest.raises(NeedMore):
                Walk(qemufile.Reader(data[:n], whole=False), Mode.WIRE).run(record_of(type(it)), type(it)())


def test_a_new_instance_holds_one() -> None:
    assert ByProperty().chunks == [Chunk(flags=1)]
    assert ByProperty().chunks[0] is not ByProperty().chunks[0]
    assert save(ByProperty(), qemufile) == b"\1\0"


# -- what cannot be written, and what cannot be read

NOT_THE_LAST = [
    pytest.param([], 0, "more than 0 elements, got 0", id="none"),
    pytest.param(_chunks(0, 2), 1, "more than 2 elements, got 2", id="nobody says it"),
    pytest.param(_chunks(0, 1, 0, 1), 1, "2 elements, got 4", id="one before the last says it"),
    pytest.param(_chunks(1, 0), 0, "1 elements, got 2", id="the first says it"),
]


@pytest.mark.parametrize("form", [qemufile, tree], ids=["qemufile", "tree"])
@pytest.mark.parametrize(("chunks", "at", "message"), NOT_THE_LAST)
def test_a_writer_is_given_other_elements(form: Any, chunks: list[Chunk], at: int, message: str) -> None:
    with pytest.raises(EncodeError, match=message) as caught:
        save(ByProperty(chunks=chunks), form)
    assert caught.value.path == ("chunks", at)
    assert caught.value.hint == "the last is the one whose is_last is true"


@pytest.mark.parametrize(("flags", "path"), [
    ([0, 0], ("chunks", 2)), ([1, 1], ("chunks",)), ([], ("chunks", 0)), ([0, 1, 1], ("chunks",))])
def test_a_document_has_other_elements(flags: list[int], path: Any) -> None:
    document = {"chunks": [{"flags": one} for one in flags], "behind": 0}
    with pytest.raises(VMStateError) as caught:
        decode(ByProperty, document, tree)
    assert caught.value.path[:len(path)] == path


# -- a hostile row

@state("nothing")
class Nothing:
    """An element that may take no bytes: a mistake of its author, which only bytes bring to light."""

    def _is_there(self) -> bool:
        return False

    number: int = uint16(when=_is_there)

    @property
    def is_last(self) -> bool:
        return self.number > 0


@state("endless")
class Endless:
    flag: int = uint8()
    row: list[Nothing] = chain(nested(Nothing), until="is_last")


def test_a_row_of_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qemufile, "MANY", 1000)
    with pytest.raises(LimitExceeded) as caught:
        decode(Endless, bytes(2), qemufile)
    assert (caught.value.path, caught.value.offset) == (("row", 1000 + 2 * qemufile.MOST_PER_BYTE - 1), 1)


def test_each_element_of_a_long_row_took_a_byte() -> None:
    data = bytes(50_000)
    with pytest.raises(DecodeError, match="expected 1 byte, got 0 bytes") as caught:
        decode(ByProperty, data, qemufile)
    assert (caught.value.path, caught.value.offset) == (("chunks", len(data), "flags"), len(data))


# -- what visitors are told

def test_its_place() -> None:
    tracer = Tracer(qemufile.writer())
    Walk(tracer, Mode.WIRE).run(record_of(ByProperty), ByProperty(chunks=_chunks(0, 0, 1)))
    row, behind = tracer.root.inside or []
    assert isinstance(row.node, Chain)
    assert [(one.begin, one.end) for one in row.inside or []] == [(0, 1), (1, 2), (2, 3)]
    assert [(one.begin, one.end) for one in (row, behind)] == [(0, 3), (3, 4)]
