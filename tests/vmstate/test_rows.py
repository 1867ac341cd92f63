"""Arrays exchanged at once: the same values, bytes and errors as one by one."""

from typing import Any

import pytest

from visitors import qemufile
from vmstate import (
    LimitExceeded,
    Truncated,
    VMStateError,
    array,
    boolean,
    int16,
    nested,
    record_of,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)
from vmstate.rows import LEAST, Row, exchanged
from vmstate.shape import Array, Int
from vmstate.walk import Mode, Walk

N = LEAST + 3


@state("queue")
class Queue:
    """A row: padding, a truth, a list."""

    num: int = uint16()
    _gap = unused(2)
    enabled: bool = boolean()
    low: int = int16()
    desc: list[int] = array(uint32(), 2)


@state("one")
class One:
    """A row of one number."""

    value: int = uint64()


@state("gated")
class Gated:
    """No row: one member may be absent."""

    def _odd(self) -> bool:
        return self.a & 1 == 1

    a: int = uint8()
    b: int = uint8(when=_odd)


@state("with-more")
class WithMore:
    """No row: something may follow."""

    a: int = uint8()

    @subsection("with-more/b")
    def _more(self) -> bool:
        return self.b != 0

    b: int = uint8()


@state("all", version=1)
class All:
    """Arrays of each."""

    n: int = uint8(reset=N)
    bytes_: list[int] = array(uint8(), "n")
    words: list[int] = array(uint64(), N)
    truths: list[bool] = array(boolean(), N)
    queues: list[Queue] = array(nested(Queue), N)
    ones: list[One] = array(nested(One), N)
    gated: list[Gated] = array(nested(Gated), N)
    some: list[WithMore] = array(nested(WithMore), N)
    part: list[int] = array(uint16(), N, start=2)


@state("queues")
class Queues:
    """Rows alone."""

    queues: list[Queue] = array(nested(Queue), N)


class Reader(qemufile.Reader):
    """One that is asked for each element."""

    def numbers(self, row: Row, n: int, values: Any, /) -> None:
        """It has none."""


class Writer(qemufile.Writer):
    """The same."""

    def numbers(self, row: Row, n: int, values: Any, /) -> None:
        """It has none."""


def _filled() -> All:
    made = All()
    made.bytes_ = [i * 13 & 0xFF for i in range(N)]
    made.words = [(1 << 64) - 1 - i for i in range(N)]
    made.truths = [i % 3 == 0 for i in range(N)]
    for i, queue in enumerate(made.queues):
        queue.num, queue.enabled, queue.low, queue.desc = i, i % 2 == 0, -i, [i, 0xFFFFFFFF - i]
    for i in range(N):
        made.ones[i].value, made.gated[i].a, made.gated[i].b, made.some[i].b = i, i, 7 * (i & 1), i % 2
    made.part = [0, 0, *range(N)]
    return made


def _written(value: Any, writer: Any, mode: Mode = Mode.LIVE) -> bytes:
    Walk(writer, mode).run(record_of(type(value)), value)
    data: bytes = writer.result()
    return data


def _read(data: bytes, kind: Any, mode: Mode = Mode.WIRE, into: Any = None) -> Any:
    reader, value = kind(data), All() if into is None else into
    Walk(reader, mode).run(record_of(type(value)), value)
    reader.finish()
    return value


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.WIRE])
def test_the_same_as_one_by_one(mode: Mode) -> None:
    value = _filled()
    data = _written(value, qemufile.Writer())
    assert data == _written(value, Writer())
    assert _read(data, qemufile.Reader, mode) == _read(data, Reader, mode) == value
    again = _read(data, qemufile.Reader)
    assert _written(again, qemufile.Writer(), Mode.WIRE) == _written(again, Writer(), Mode.WIRE) == data


@pytest.mark.parametrize("damage", range(256))
def test_every_bit_that_differs(damage: int) -> None:
    """Odd truths and padding that holds something come back as they were."""
    data = bytearray(_written(_filled(), qemufile.Writer()))
    at = damage * len(data) // 256
    data[at] ^= 1 << damage % 8
    told = list[object]()
    for kind, writer in ((qemufile.Reader, qemufile.Writer()), (Reader, Writer())):
        try:
            value = _read(bytes(data), kind)
            assert _written(value, writer, Mode.WIRE) == data
            told.append((value, value.queues, [one._kept for one in value.queues], value._kept))
        except VMStateError as error:
            told.append(str(error))
    assert told[0] == told[1]


def test_what_is_missing_is_told_the_same() -> None:
    data = _written(_filled(), qemufile.Writer())
    for end in range(len(data)):
        errors = list[tuple[object, ...]]()
        for kind in (qemufile.Reader, Reader):
            with pytest.raises((Truncated, LimitExceeded)) as told:
                _read(data[:end], kind)
            errors.append((str(told.value), told.value.path, told.value.offset))
        assert errors[0] == errors[1]


def test_what_does_not_fit_is_told_the_same() -> None:
    errors = list[tuple[object, ...]]()
    for writer in (qemufile.Writer(), Writer()):
        value = _filled()
        value.queues[5].desc[1] = 1 << 32
        with pytest.raises(VMStateError) as told:
            _written(value, writer)
        errors.append((str(told.value), told.value.path))
    assert errors[0] == errors[1]
    assert "queues[5].desc[1]" in str(errors[0][0])


def test_which_are_asked_for_at_once() -> None:
    asked: list[Row] = []

    class Told(qemufile.Writer):
        def numbers(self, row: Row, n: int, values: Any, /) -> Any:
            asked.append(row)
            return super().numbers(row, n, values)

    _written(_filled(), Told())
    assert [row.layout for row in asked] == ["B", "Q", "H2x?h2I", "Q", "H"]
    assert [part.key for part in asked[2].parts] == ["num", "enabled", "low", "desc"]


def test_few_are_not_worth_it() -> None:
    walk, shape = Walk(qemufile.Writer(), Mode.LIVE), Array(Int(8), LEAST, list)
    assert exchanged(walk, shape, LEAST, [0] * LEAST) is not None
    assert exchanged(walk, shape, LEAST - 1, [0] * LEAST) is None


@pytest.mark.parametrize(("name", "refused"), [(b"queue/more", True), (b"other/more", False)])
def test_a_subsection_behind_a_record_that_has_none(name: bytes, refused: bool) -> None:
    data = bytearray(_written(Queues(), qemufile.Writer()))
    at = len(data) // N
    data[at:at + 2 + len(name)] = bytes((5, len(name))) + name
    told = list[object]()
    for kind in (qemufile.Reader, Reader):
        try:
            told.append(_read(bytes(data), kind, into=Queues()))
        except VMStateError as error:
            told.append((type(error), str(error)))
    assert told[0] == told[1]
    assert isinstance(told[0], tuple) is refused
