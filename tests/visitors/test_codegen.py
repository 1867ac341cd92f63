"""Generated code against the walk: the same bytes, states, keepsakes, hooks and errors."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import settings

from tests.visitors.judged import DEVICES
from tests.visitors.test_consistency import state_of
from tests.vmstate.exercise import chance
from visitors import qemufile, tree
from visitors.codegen import Plan, plan
from visitors.codegen.variants import Fixed, Variants
from vmstate import Decoded, Record, VMStateError, array, enum, state, uint8
from vmstate.format import write
from vmstate.kept import Bag
from vmstate.shape import Int, Member, Nested
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

SEEDS = range(1 if settings.default.max_examples <= 100 else 6)
"""Of states of each device; more in a long run."""


def walked(decoded: Decoded[Any], data: bytes, mode: Mode, into: Any) -> tuple[Any, Walk]:
    """A state as the walk reads it."""
    reader = qemufile.reader(data)
    walk = Walk(reader, mode, Trial(decoded.settings))
    walk.run(decoded.record, into, decoded.version)
    reader.finish()
    return into, walk


def whole(record: Any, state: Any, version: int) -> Any:
    """A state with all that is kept of it, as something to compare."""
    return write(record, state, tree.writer(), version, Mode.WIRE)


def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
    """What comes of a call, an error being its text."""
    try:
        return call(*arguments)
    except VMStateError as error:
        return Refused(str(error), error.path, error.offset)


class Refused(NamedTuple):
    """What an error says."""

    text: str
    path: tuple[Any, ...]
    offset: int | None


def refused(found: Any) -> bool:
    """Whether it was an error."""
    return isinstance(found, Refused)


def devices(seed: int) -> list[Any]:
    return [pytest.param(name, seed, id=f"{name} {seed}") for name in DEVICES]


drawn = pytest.mark.parametrize(("name", "seed"), [one for seed in SEEDS for one in devices(seed)])


def of(name: str, seed: int) -> tuple[Decoded[Any], bytes, Plan[Any]]:
    """A device's state, its bytes, and the plan."""
    decoded = state_of(name, seed)
    data = write(decoded.record, decoded.state, qemufile.writer(), decoded.version, Mode.WIRE)
    return decoded, data, plan(decoded.record, version=decoded.version)


@drawn
def test_what_a_file_has(name: str, seed: int) -> None:
    decoded, data, code = of(name, seed)
    assert code.written(decoded.state, Mode.WIRE) in (data, None)
    state, walk = walked(decoded, data, Mode.WIRE, decoded.record.make())
    trial = Trial(decoded.settings)
    found = code.decoded(data, trial)
    if found is not None:
        again, done = found
        assert again == state
        assert trial.chosen == walk.trial.chosen
        assert list(done.report) == walk.report
        assert whole(decoded.record, again, decoded.version) == whole(decoded.record, state, decoded.version)
        assert code.written(again, Mode.WIRE) in (data, None)


@drawn
def test_a_live_state(name: str, seed: int) -> None:
    decoded, data, code = of(name, seed)
    record, version = decoded.record, decoded.version
    others = [state_of(name, seed + 1).state for _ in range(2)]
    for states in ([record.make(), record.make()], others):
        theirs = outcome(walked, decoded, data, Mode.LIVE, states[0])
        done = outcome(code.read_into, states[1], data, Trial(decoded.settings))
        if refused(theirs):
            assert done is None or refused(done)
        else:
            assert done is not None, "what is right needs no walk"
            assert states[1] == states[0]
            written = [outcome(write, record, state, qemufile.writer(), version, Mode.LIVE) for state in states]
            assert outcome(code.save, states[1]) == written[0] == written[1]


@drawn
def test_damaged_bytes(name: str, seed: int) -> None:
    """Read as the walk reads them; or left to it."""
    decoded, data, code = of(name, seed)
    pick = chance(f"damage {name} {seed}")
    for _ in range(20):
        damaged = bytearray(data)
        for _ in range(pick.choice((1, 1, 3))):
            if damaged:
                damaged[pick.randrange(len(damaged))] = pick.choice((0, 1, 5, 0x30, 0xFF, pick.randrange(256)))
        if pick.random() < 0.3:
            del damaged[pick.randrange(len(damaged) + 1):]
        agree(decoded, bytes(damaged), code)


def agree(decoded: Decoded[Any], data: bytes, code: Plan[Any]) -> None:
    """What generated code reads, the walk reads the same."""
    record = decoded.record
    for mode in (Mode.WIRE, Mode.LIVE):
        theirs = outcome(walked, decoded, data, mode, record.make())
        if mode is Mode.WIRE:
            found = code.decoded(data, Trial(decoded.settings))
            ours = None if found is None else found[0]
        else:
            state = record.make()
            done = outcome(code.read_into, state, data, Trial(decoded.settings))
            ours = None if done is None or refused(done) else state
        if refused(theirs):
            assert ours is None, theirs
        else:
            assert ours is None or ours == theirs[0]
            assert mode is Mode.WIRE or ours is not None, "a live load that succeeds runs its hooks once"


def test_a_new_state() -> None:
    """`load` makes the state that `make` and `load_into` would."""
    for name, record in DEVICES.items():
        decoded, data, code = of(name, 0)
        if decoded.version == record.version:
            theirs = outcome(code.load_into, record.make(), data)
            ours = outcome(code.load, data)
            assert ours == theirs or (refused(ours) and refused(theirs)), name


def test_too_much_for_a_function() -> None:
    """Records within records, many of each: the code would be longer than what it is for."""
    def above(record: Record[Any], name: str) -> Record[Any]:
        nested = Nested(lambda: record)
        members = tuple(Member(f"m{i}", f"m{i}", nested, f"m{i}") for i in range(30))
        return Record(name, Bag, lambda: Bag(**{f"m{i}": record.make() for i in range(30)}), 1, 1, members)

    leaf = Record("leaf", Bag, lambda: Bag(n=0), 1, 1, (Member("n", "n", Int(8), "n"),))
    record = above(above(above(leaf, "low"), "middle"), "high")
    code, data = plan(record), bytes(30 ** 3)
    state = code.load(data)
    assert code.save(state) == data
    assert code.load_into(state, data) is state
    assert code.decoded(data, Trial()) is None
    assert code.written(state, Mode.WIRE) is None


@pytest.mark.parametrize("name", ["class", "\N{LATIN SMALL LIGATURE FI}", "a b", "'", "\n", "o", "data", "__slots__"])
def test_names_that_are_odd(name: str) -> None:
    """A stream's own description may call a member anything."""
    record = Record(name, Bag, lambda: Bag(**{name: 0, "x": 1}), 1, 1,
                    (Member(name, name, Int(16), name), Member("x", "x", Int(8), "x")))
    code = plan(record)
    assert vars(code.load(b"\1\2\3")) == {name: 0x102, "x": 3}
    assert code.save(Bag(**{name: 7, "x": 8})) == b"\0\7\x08"


class Level(IntEnum):
    """Two of them."""

    LOW = 0
    HIGH = 1


@state("levels")
class Levels:
    """One, several, and many in records."""

    level: Level = enum(Level, uint8())
    few: list[Level] = array(enum(Level, uint8()), 2)


@pytest.mark.parametrize("wrong", [Levels(level=cast(Level, 7)), Levels(few=[Level.LOW, cast(Level, 7)])])
def test_a_number_that_means_nothing(wrong: Levels) -> None:
    code = plan(Levels)
    assert code.load(code.save(Levels(level=Level.HIGH))) == Levels(level=Level.HIGH)
    with pytest.raises(VMStateError, match="7 is no Level"):
        code.save(wrong)


def test_a_setting_that_is_no_choice() -> None:
    """It is read by code that knows of none, which is made once."""
    made: list[object] = []
    variants = Variants((Fixed((), "n", (1, 2), 1),), lambda known: made.append(known) or made.append)
    assert variants[3,] is variants[4,] is variants[None]
    assert made == [{}]
