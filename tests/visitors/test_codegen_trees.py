"""Generated code for documents against the walk: the same bytes, states, keepsakes, hooks and errors."""

from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from tests.visitors.judged import DEVICES
from tests.visitors.test_consistency import state_of
from tests.vmstate.exercise import chance
from visitors import ber, cbor, codegen, json, msgpack, tree
from visitors.codegen import Plan
from vmstate import (
    Decoded,
    Float64,
    VMStateError,
    array,
    floating,
    load,
    local,
    nested,
    post_load,
    record_of,
    save,
    setting,
    state,
    timer,
    uint8,
    uint32,
)
from vmstate.format import settle, write
from vmstate.kept import Alone
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

FORMS: dict[str, Any] = {"CBOR": cbor, "msgpack": msgpack, "BER": ber, "JSON": json}
LONG = settings.default.max_examples > 100
LEFT = "virtio-iommu"
"""A mapping: it is left to the walk."""

forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def devices(*seeds: int) -> pytest.MarkDecorator:
    """States of all devices: in a form each, another for each seed; in a long run, in all."""
    return pytest.mark.parametrize(("name", "seed", "form"), [
        pytest.param(name, seed, form, id=f"{name} {seed} {label}")
        for seed in seeds for i, name in enumerate(DEVICES) for j, (label, form) in enumerate(FORMS.items())
        if LONG or (i + seed) % len(FORMS) == j])


drawn, few = devices(0, 1), devices(2)


def walked(decoded: Decoded[Any], form: Any, data: bytes, mode: Mode, into: Any) -> tuple[Any, Walk]:
    """A state as the walk reads it."""
    reader = form.reader(data)
    walk = Walk(reader, mode, Trial())
    walk.run(decoded.record, into, decoded.version)
    reader.finish()
    settle(walk.later, Alone(into))
    walk.report += reader.report
    return into, walk


def whole(decoded: Decoded[Any], it: Any) -> Any:
    """A state with all that is kept of it, as something to compare."""
    return write(decoded.record, it, tree.writer(), decoded.version, Mode.WIRE)


def outcome(call: Callable[..., Any], *given: Any) -> Any:
    """What comes of a call, an error being its text and place."""
    try:
        return call(*given)
    except VMStateError as error:
        return "refused", str(error), error.path, error.offset


def refused(found: Any) -> bool:
    return isinstance(found, tuple) and found[:1] == ("refused",)


def of(name: str, seed: int, form: Any, mode: Mode = Mode.WIRE) -> tuple[Decoded[Any], bytes, Plan[Any]]:
    """A device's state, its document, and the plan."""
    decoded = state_of(name, seed)
    data = write(decoded.record, decoded.state, form.writer(), decoded.version, mode)
    return decoded, data, codegen.plan(decoded.record, form, decoded.version)


@drawn
def test_what_a_file_has(name: str, seed: int, form: Any) -> None:
    decoded, data, code = of(name, seed, form)
    assert code.written(decoded.state, Mode.WIRE) in (data, None)
    it, walk = walked(decoded, form, data, Mode.WIRE, decoded.record.make())
    trial = Trial()
    if (found := code.decoded(data, trial)) is not None:
        again, done = found
        assert again == it
        assert trial.chosen == walk.trial.chosen
        assert not done.report
        assert not walk.report
        assert whole(decoded, again) == whole(decoded, it)
        assert code.written(again, Mode.WIRE) == data


@drawn
def test_a_live_state(name: str, seed: int, form: Any) -> None:
    decoded = state_of(name, seed)
    record, version = decoded.record, decoded.version
    code = codegen.plan(record, form, version)
    data = outcome(write, record, decoded.state, form.writer(), version, Mode.LIVE)
    assert outcome(code.save, decoded.state) == data
    if not refused(data):
        for states in ([record.make(), record.make()], [state_of(name, seed + 1).state for _ in range(2)]):
            theirs = outcome(walked, decoded, form, data, Mode.LIVE, states[0])
            done = outcome(code.read_into, states[1], data, Trial())
            if refused(theirs):
                assert done is None or refused(done)
            else:
                assert done is not None or name.startswith(LEFT), "what is as it is written needs no walk"
                assert done is None or states[1] == states[0]


@few
def test_damaged_bytes(name: str, seed: int, form: Any) -> None:
    decoded, data, code = of(name, seed, form)
    pick = chance(f"damage {name} {seed}")
    for _ in range(6):
        damaged = bytearray(data)
        for _ in range(pick.choice((1, 1, 3))):
            damaged[pick.randrange(len(damaged))] = pick.choice((0, 1, 5, 0x18, 0x7F, 0xF5, 0xFF, pick.randrange(256)))
        if pick.random() < 0.3:
            del damaged[pick.randrange(len(damaged) + 1):]
        agree(decoded, form, bytes(damaged), code)


@few
def test_other_documents(name: str, seed: int, form: Any) -> None:
    """In another order, with other values and names: the walk takes some."""
    decoded, data, code = of(name, seed, form)
    pick = chance(f"other {name} {seed}")
    for _ in range(6):
        document = form.loads(data)
        for _ in range(pick.choice((1, 1, 3))):
            change(document, pick)
        agree(decoded, form, form.dumps(document), code)


def brackets(inner: Any) -> list[Any]:
    """All records and lists of a document that are not empty, itself first."""
    kind: Any = inner.__class__
    if kind not in (dict, list) or not inner:
        return []
    return [inner, *chain.from_iterable(map(brackets, inner.values() if kind is dict else inner))]


def change(document: Any, pick: Random) -> None:
    """One record or list is not as it was."""
    one: Any = pick.choice(brackets(document) or [{}])
    kind: Any = one.__class__
    if kind is list:
        one[pick.randrange(len(one))] = value(pick)
    elif one:
        items = list(one.items())
        pick.choice(CHANGES)(items, pick.randrange(len(items)), pick)
        one.clear()
        one.update(items)


def value(pick: Random) -> Any:
    return deepcopy(pick.choice(VALUES))


VALUES: list[Any] = [
    0, 1, 24, 255, 256, -1, 1 << 32, (1 << 64) - 1, True, False, None, b"", b"\0" * 8, [], {}, [0]]


def _replace(items: list[Any], at: int, pick: Random) -> None:
    items[at] = items[at][0], value(pick)


def _rename(items: list[Any], at: int, pick: Random) -> None:
    name, _, kind = items[at][0].rpartition(":")
    items[at] = pick.choice((f"?{name}:{kind}", f"{name}:u16", f"{name}:i64", f"{name}x:{kind}", name)), items[at][1]


def _add(items: list[Any], at: int, pick: Random) -> None:
    values: tuple[Any, ...] = 1, {}
    items.insert(at, (pick.choice(("?more:u8", "more:u8", "@settings", "@version")), pick.choice(values)))


CHANGES: list[Callable[[list[Any], int, Random], Any]] = [
    lambda items, at, pick: pick.shuffle(items), lambda items, at, pick: items.pop(at), _replace, _rename, _add]


def agree(decoded: Decoded[Any], form: Any, data: bytes, code: Plan[Any]) -> None:
    """Whoever reads it, the outcome is the walk's."""
    record = decoded.record
    theirs = outcome(walked, decoded, form, data, Mode.WIRE, record.make())
    found = code.decoded(data, Trial())
    if refused(theirs):
        assert found is None, theirs
    elif found is not None:
        assert whole(decoded, found[0]) == whole(decoded, theirs[0])
        assert not theirs[1].report
    into = record.make()
    live = outcome(walked, decoded, form, data, Mode.LIVE, into)
    wanted = live if refused(live) else into
    assert outcome(code.load, data) == wanted
    assert outcome(code.load_into, record.make(), data) == wanted


# -- what no device has

@state(name="part", version=1)
class Part:
    value: int = uint8()
    more: list[int] = array(uint32(), 10)
    loads: int = local(0)

    @post_load
    def _count(self, version: int) -> None:
        self.loads += 1


@state(name="sum", version=1)
class Sum:
    part: Part = nested(Part)
    real: Float64 = floating()
    wide: bool = setting(False, True)
    high: int = uint32(when=lambda self: self.wide)
    last: int | None = timer()


def example() -> Sum:
    return Sum(part=Part(value=7, more=list(range(10))), real=Float64.of(0.5), last=77)


@forms
def test_hooks_run_once(form: Any) -> None:
    """Whatever the walk has to read again: inner states are loaded when it is known that all can be read."""
    data = save(example(), form)
    document = form.loads(data)
    for mixed in (document, dict(reversed(document.items())), {**document, "?more:u8": 1}):
        it = Sum()
        assert codegen.plan(Sum, form).load_into(it, form.dumps(mixed)).part.loads == 1
        assert load(Sum(), form.dumps(mixed), form) == it


@forms
@pytest.mark.parametrize("value", [Float64.of(-0.0), Float64(0x7FF0 << 48), Float64(0x7FF8_0000_0000_0001)])
def test_floats(value: Float64, form: Any) -> None:
    it = example()
    it.real = value
    data = write(record_of(Sum), it, form.writer(), 1, Mode.LIVE)
    assert codegen.plan(Sum, form).save(it) == data
    assert codegen.plan(Sum, form).load(data).real == value


@forms
@pytest.mark.parametrize(("name", "value"), [
    ("value", 256), ("value", -1), ("value", 1.5), ("value", None), ("more", [0] * 9), ("more", [0] * 9 + [1 << 32])])
def test_what_cannot_be_written(name: str, value: Any, form: Any) -> None:
    it = example()
    setattr(it.part, name, value)
    theirs = outcome(write, record_of(Sum), it, form.writer(), 1, Mode.LIVE)
    assert outcome(codegen.plan(Sum, form).save, it) == theirs


@forms
def test_settings(form: Any) -> None:
    """The document's own, which a live state has to have, or is given."""
    it = example()
    it.wide, it.high = True, 5
    data = save(it, form)
    code = codegen.plan(Sum, form)
    assert code.save(it) == data
    assert code.load(data) == code.load_into(Sum(wide=True), data) == load(Sum(), data, form)
    found = code.decoded(data, trial := Trial())
    assert found is not None
    assert found[0].high == 5
    assert trial.chosen == {"wide": True}
    document = form.loads(data)
    for other in ({"wide": False}, {"wide": 2}, {"wide": True, "other": 1}, {}, None, {"wide": None}):
        agree(Decoded(it, 1, record_of(Sum)), form, form.dumps({**document, "@settings": other}), code)


@forms
def test_bytes_that_look_like_settings(form: Any) -> None:
    it = example()
    data = save(it, form)
    at = data.rfind(b"@settings")
    assert outcome(codegen.plan(Sum, form).load, data[:at - 20] + data[at - 4:] + data)[0] == "refused"


@forms
def test_without_code(form: Any) -> None:
    """Names that are no text, and formats that are left to the walk."""
    odd = record_of(Sum).but(members=tuple(one.but(key="\udcff") for one in record_of(Part).members[:1]))
    odd = odd.but(kind=Part, make=Part)
    code = codegen.plan(odd, form)
    assert outcome(code.save, Part()) == outcome(write, odd, Part(), form.writer(), 1, Mode.LIVE)
    other: Any = tree
    with pytest.raises(LookupError):
        codegen.plan(Sum, other)
