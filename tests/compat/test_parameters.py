"""VFIO migration parameters: lists, whom they fit, what changed, what several implementations share."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmstate import DecodeError, VMStateError
from vmstate.compat.allowed import Scalar, Values, all_like, bounds, same, values
from vmstate.compat.findings import BREAKS, CONDITIONAL, CORRUPTS, OK, Both, Finding
from vmstate.compat.parameter_changes import compare
from vmstate.compat.parameter_texts import (
    BadDocument,
    arguments,
    from_arguments,
    list_from,
    list_text,
    model_from,
    model_text,
)
from vmstate.compat.parameters import Model, Parameter, ParameterList, check, pick

E1000E = "https://qemu.org/devices/e1000e"
QUEUES = Parameter("num-queues", 1, (4,), ("1-8",), "pairs of queues")
RSS = Parameter("rss", False, (True,))
MODEL = Model(E1000E, (QUEUES, RSS))

scalars: st.SearchStrategy[Scalar] = st.one_of(
    st.none(), st.booleans(), st.integers(-20, 20), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a", "1", "true", "null", '"a"', "1-5", "--m-x", " 1", "x\ny", "\0", "\ud800"]), st.text())
ranges = st.tuples(st.integers(-30, 30), st.integers(0, 30)).map(lambda pair: f"{pair[0]}-{pair[0] + pair[1]}")
allowed = st.one_of(st.none(), st.lists(st.one_of(scalars, ranges), min_size=1, max_size=6).map(tuple))


def model(*parameters: Parameter) -> Model:
    return Model(E1000E, parameters)


def one(off: Scalar, allowed: tuple[Scalar, ...] | None = None, *init: Scalar, name: str = "x") -> Model:
    return model(Parameter(name, off, init, allowed))


def found(findings: list[Finding] | tuple[Finding, ...]) -> dict[str, tuple[str, str]]:
    return {one.rule: (str(one.positional.backward), str(one.positional.forward)) for one in findings}


# -- values

@pytest.mark.parametrize(("given", "inside", "outside"), [
    (("0-255", 512, "1024-2048"), [0, 255, 512, 1024, 2048, 7.0], [-1, 256, 513, "0-255", "7", 7.5, True, None]),
    ((True,), [True], [1, 1.0, "true", False]),
    ((1,), [1, 1.0], [True, "1"]),
    ((0,), [0, -0.0], [False, None, ""]),
    (("-5--1",), [-5, -1], [-6, 0]),
    (("-5-5",), [-5, 0, 5], [6, "-5-5"]),
    (("a", "on-off", "1-", "-", "1-2-3"), ["a", "on-off", "1-", "1-2-3"], [1, 2, "b"]),
    (("9-3",), [], [9, 5, 3, "9-3"]),
    ((None, 0.5), [None, 0.5], [0, False, "null"]),
])
def test_allowed_values(given: tuple[Scalar, ...], inside: list[Scalar], outside: list[Scalar]) -> None:
    allowed = Parameter("x", 0, (), given).allowed
    assert [value for value in inside if value not in allowed] == []
    assert [value for value in outside if value in allowed] == []


@pytest.mark.parametrize(("off", "inside", "outside"), [
    (0, [1, -(10 ** 30)], [1.5, True, "1", None]), (0.5, [1, 1.5], [True, "1"]), ("off", ["", "1-2"], [1, None]),
    (False, [True, False], [0, 1, "true"]), (None, [None], [False, 0, ""]),
])
def test_without_allowed_values_all_of_the_type(off: Scalar, inside: list[Scalar], outside: list[Scalar]) -> None:
    assert [value for value in inside if value not in all_like(off)] == []
    assert [value for value in outside if value in all_like(off)] == []


def test_a_parameter_whose_off_value_looks_like_a_range_has_texts() -> None:
    assert "1-4" in Parameter("x", "0-0", (), ("0-0", "1-4")).allowed
    assert 2 not in Parameter("x", "0-0", (), ("0-0", "1-4")).allowed
    assert 2 in Parameter("x", "off", (), ("off", "1-4")).allowed


def test_bounds_are_of_reasonable_size() -> None:
    assert bounds("1-" + "9" * 1000) == (1, 10 ** 1000 - 1)
    assert bounds("1-" + "9" * 1001) is None
    assert bounds("1-" + "9" * 1_000_000) is None
    assert bounds("\u0661-\u0662") is None


@given(one=st.tuples(scalars, allowed), two=st.tuples(scalars, allowed), probes=st.lists(scalars, max_size=20))
def test_sets_are_sets(one: Any, two: Any, probes: list[Scalar]) -> None:
    a, b = (all_like(off) if given is None else values(given, ranges=True) for off, given in (one, two))
    for probe in [*probes, *range(-31, 31), *(both.one() for both in (a, b, a & b, a - b) if both)]:
        assert (probe in a & b) == (probe in a and probe in b)
        assert (probe in a - b) == (probe in a and probe not in b)
    for made in (a & b, a - b):
        assert not made or made.one() in made
        assert str(made)
    assert not a - a
    assert a & a == a - Values()


def test_many_spans_take_no_longer_than_that() -> None:
    many = values([f"{3 * number}-{3 * number + 1}" for number in range(50_000)], ranges=True)
    other = values([f"{3 * number + 1}-{3 * number + 2}" for number in range(50_000)], ranges=True)
    assert len((many & other).spans) == len((many - other).spans) == 50_000


# -- lists

def test_listed_is_what_is_not_off() -> None:
    assert MODEL.listing({"num-queues": 1, "rss": True}) == ParameterList(E1000E, {"rss": True})
    assert MODEL.listing({}) == ParameterList(E1000E)
    assert MODEL.listing(MODEL.initial()) == ParameterList(E1000E, {"num-queues": 4, "rss": True})


def test_true_is_not_one() -> None:
    assert ParameterList(E1000E, {"rss": True}) != ParameterList(E1000E, {"rss": 1})
    assert hash(ParameterList(E1000E, {"rss": True})) == hash(ParameterList(E1000E, {"rss": True}))
    assert Parameter("x", 0) != Parameter("x", False)
    assert one(0, (0, 1)).listing({"x": 1}).values == {"x": 1}
    assert not same(True, 1)
    assert same(1, 1.0)
    assert found(compare(one(0, (0, 1)), one(False, (False, True)))).keys() >= {"VM703"}


@pytest.mark.parametrize("chosen", [{"rss": 1}, {"num-queues": 9}, {"num-queues": "4"}, {"unknown": 1}])
def test_a_source_lists_nothing_impossible(chosen: dict[str, Scalar]) -> None:
    with pytest.raises(VMStateError):
        MODEL.listing(chosen)


@pytest.mark.parametrize(("listed", "rules"), [
    (ParameterList(E1000E), []),
    (ParameterList(E1000E, {"rss": True, "num-queues": 8}), []),
    (ParameterList("other", {"rss": True}), ["VM701"]),
    (ParameterList(E1000E, {"tso": True}), ["VM702"]),
    (ParameterList(E1000E, {"rss": 1}), ["VM703"]),
    (ParameterList(E1000E, {"num-queues": 9}), ["VM703"]),
    (ParameterList("other", {"tso": True, "rss": 0, "num-queues": "1-8"}), ["VM701", "VM702", "VM703", "VM703"]),
])
def test_a_list_is_checked_without_a_device(listed: ParameterList, rules: list[str]) -> None:
    findings = check(listed, MODEL)
    assert [one.rule for one in findings] == rules
    assert all(one.positional == one.named == Both(BREAKS, BREAKS) and one.witness for one in findings)


def test_what_is_missing_is_off_and_has_to_be_possible() -> None:
    demanding = model(Parameter("new", False, (), (True,)))
    [finding] = check(ParameterList(E1000E), demanding)
    assert (finding.rule, finding.witness) == ("VM703", {"parameter": "new", "value": False})
    assert check(ParameterList(E1000E, {"new": True}), demanding) == []


def test_a_destination_has_the_list_and_off() -> None:
    assert MODEL.complete(ParameterList(E1000E, {"rss": True})) == {"num-queues": 1, "rss": True}


# -- command lines

def test_arguments() -> None:
    assert arguments(MODEL, {"num-queues": 4, "rss": True}.items()) == ["--m-num-queues=4", "--m-rss=true"]
    assert arguments(MODEL, [("rss", False)], joined=False) == ["--m-rss", "false"]
    listed, rest = from_arguments(MODEL, ["prog", "--m-num-queues", "4", "-v", "--m-rss=true", "--", "--m-x"])
    assert listed == ParameterList(E1000E, {"num-queues": 4, "rss": True})
    assert rest == ["prog", "-v", "--", "--m-x"]


@pytest.mark.parametrize("given", [["--m-tso=1"], ["--m-rss"], ["--m-rss", "--m-num-queues=1"],
                                   ["--m-rss=true", "--m-rss=true"], ["--m-=1"], ["--m-"]])
def test_wrong_arguments(given: list[str]) -> None:
    with pytest.raises(VMStateError):
        from_arguments(MODEL, given)


def test_an_argument_of_the_wrong_type_is_left_to_the_check() -> None:
    listed, _ = from_arguments(MODEL, ["--m-rss=on", "--m-num-queues=99"])
    assert listed.values == {"rss": "on", "num-queues": 99}
    assert [one.rule for one in check(listed, MODEL)] == ["VM703", "VM703"]


@given(off=scalars, given=allowed, value=scalars, joined=st.booleans())
def test_arguments_are_read_back(off: Scalar, given: tuple[Scalar, ...] | None, value: Scalar, joined: bool) -> None:
    some = one(off, given)
    if value not in some.parameters[0].allowed:
        with pytest.raises(VMStateError):
            arguments(some, [("x", value)])
        return
    made = arguments(some, [("x", value)], joined=joined)
    assert "\0" not in "".join(made)
    assert from_arguments(some, made) == (ParameterList(E1000E, {"x": value}), [])


# -- JSON

@given(parameters=st.dictionaries(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,5}", fullmatch=True),
    st.tuples(scalars, st.lists(scalars, max_size=3).map(tuple), allowed, st.text(max_size=3)), max_size=3))
def test_documents_are_read_back(parameters: dict[str, Any]) -> None:
    made = model(*(Parameter(name, *rest) for name, rest in parameters.items()))
    assert model_from(model_text(made)) == made
    listed = ParameterList(E1000E, {name: rest[0] for name, rest in parameters.items()})
    assert list_from(list_text(listed)) == listed


def test_a_document_by_hand() -> None:
    text = json.dumps({"model": E1000E, "parameters": {
        "num-queues": {"off_value": 1, "init_value": 4, "allowed_values": ["1-8"], "description": "pairs of queues"},
        "rss": {"off_value": False, "init_values": [True]}}})
    assert model_from(text) == model_from(text.encode()) == MODEL


def test_every_mistake_is_told_with_its_path() -> None:
    with pytest.raises(BadDocument) as caught:
        model_from("""{"model": 1, "more": 2, "parameters": {"a b": {"off_value": 0}, "b": {"off_value": [],
            "allowed_values": ["9-1", {}], "init_value": 1, "init_values": 3, "limit": 1}, "c": {}, "d": 4,
            "c": {"off_value": 1e999}}}""")
    paths = {one.place for one in caught.value.mistakes}
    assert {"model", "more", "parameters.a b", "parameters.b.off_value", "parameters.b.limit", "parameters.b",
            "parameters.b.allowed_values[0]", "parameters.b.allowed_values[1]", "parameters.c", "parameters.d",
            "parameters.c.off_value"} <= paths


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "1", '"x"', "{}", b"\xff\xfe\xfd", "[" * 100_000, '{"model":' * 50_000, '{"model": NaN}',
    '{"model": "m", "parameters": []}', '{"model": "m", "parameters": {"x": NaN}}', '{"model": ""}',
    '{"model": "m", "parameters": {"x": ' + "9" * 5000 + "}}", '{"model": "m", "parameters": {"": 1}}',
    '{"model": "m", "parameters": {"x": ' + "9" * 1500 + "}}", '{"model": "m", "parameters": {"x": {"y": 1}}}',
    '{"model": "m", "parameters": {"x": 1, "x": 1}}', '{"model": "m", "parameters": {"--m-x=1": 1}}',
])
def test_hostile_documents(text: str | bytes) -> None:
    for read in (model_from, list_from):
        with pytest.raises(DecodeError) as caught:
            read(text)
        assert len(str(caught.value)) < 10_000


@given(st.binary(max_size=60))
def test_any_bytes(text: bytes) -> None:
    for read in (model_from, list_from):
        with pytest.raises(BadDocument):
            read(text)


# -- what changed

def test_the_same_is_no_change() -> None:
    assert compare(MODEL, MODEL) == []
    assert compare(one(0, (1,), 5), one(0, (1,), 5)) == []
    assert compare(one(0, ("0-9", 10)), one(0, ("0-10",))) == []


@pytest.mark.parametrize(("old", "new", "expected"), [
    (Model("a"), Model("b"), {"VM701": ("breaks", "breaks")}),
    (model(), one(0, (0, 1)), {"VM702": ("ok", "conditional")}),
    (model(), one(0, (0,)), {}),
    (model(), one(False, (True,)), {"VM702": ("breaks", "breaks"), "VM707": ("breaks", "breaks")}),
    (one(0, (0, 1)), model(), {"VM704": ("conditional", "ok")}),
    (one(0, ("0-8",)), one(0, ("0-4",)), {"VM703": ("conditional", "ok")}),
    (one(0, ("0-4",)), one(0, ("0-8",)), {"VM703": ("ok", "conditional")}),
    (one(0, (1, 2)), one(0, (2, 3)), {"VM703": ("conditional", "conditional")}),
    (one(0, (1, 2)), one(0, (3,)), {"VM703": ("breaks", "breaks"), "VM707": ("breaks", "breaks")}),
    (one(0, (0, 1)), one(0, (1,)), {"VM703": ("conditional", "ok")}),
    (one(0, (0, 1)), one(1, (0, 1)), {"VM705": ("corrupts", "corrupts"), "VM707": ("corrupts", "corrupts")}),
    (one(0, ("0-9",)), one(1, ("0-9",)), {"VM705": ("corrupts", "corrupts")}),
    (one(0, ("1-9",)), one(1, ("1-9",)), {"VM703": ("ok", "conditional")}),
    (one(0, (0, 1), 1), one(0, (0, 1), 2), {"VM706": ("ok", "breaks"), "VM708": ("ok", "ok")}),
    (one(0, (0, 1), 1), one(0, (0, 2), 0), {"VM703": ("conditional", "conditional"), "VM706": ("conditional", "ok"),
                                            "VM708": ("ok", "ok")}),
    (one(0, (0, 1), 0), one(0, (0, 1), 1), {"VM708": ("ok", "ok")}),
    (one(0, (0, 1), 0, 1), one(0, (0, 1), 1), {}),
])
def test_changes(old: Model, new: Model, expected: dict[str, tuple[str, str]]) -> None:
    assert found(compare(old, new)) == expected


@given(old=st.tuples(scalars, allowed), new=st.tuples(scalars, allowed), tried=st.lists(scalars, max_size=10))
def test_changes_say_what_lists_meet(old: Any, new: Any, tried: list[Scalar]) -> None:
    """Judged by lists that are really made and checked, each way."""
    sides = one(*old), one(*new)
    verdict = Both(*(max((getattr(found.positional, way) for found in compare(*sides)), default=OK)
                     for way in ("backward", "forward")))
    for (source, target), said in zip((sides, sides[::-1]), (verdict.backward, verdict.forward), strict=True):
        met = set[str]()
        for value in [*tried, *(side.parameters[0].off_value for side in sides), source.parameters[0].allowed.one()]:
            if value in source.parameters[0].allowed:
                listed = source.listing({"x": value})
                refused = check(listed, target)
                met.add("refused" if refused else "fits" if same(target.complete(listed)["x"], value) else "flips")
        assert "refused" not in met or said >= CONDITIONAL
        assert "flips" not in met or said >= CORRUPTS
        assert "fits" not in met or said is not BREAKS
        assert said is not OK or met <= {"fits"}


# -- values for several

@pytest.mark.parametrize(("models", "chosen", "rules"), [
    ((MODEL, MODEL), {"num-queues": 4, "rss": True}, []),
    ((one(0, ("0-8",), 8), one(0, ("0-4",), 2, 4)), {"x": 2}, ["VM708"]),
    ((one(0, ("0-8",), 8, 4), one(0, ("0-4",), 2, 4)), {"x": 4}, []),
    ((one(0, ("0-8",), 8, 2), one(0, ("0-4",), 2), one(0, (2, 3), 3, 2)), {"x": 2}, []),
    ((one(0, ("0-8",)), model()), {"x": 0}, []),
    ((one(0, ("0-8",), 8), model()), {"x": 0}, ["VM708"]),
    ((one(0, ("1-8",)), one(0, ("4-9",))), {"x": 4}, []),
    ((one(0, (1,)), one(0, (2,))), {}, ["VM707"]),
    ((one(0, (1,)), model()), {}, ["VM707"]),
    ((one(0, (0, 1)), one(1, (0, 1))), {}, ["VM707"]),
    ((one("a"), one("b")), {"x": "0"}, []),
    ((Model("a"), Model("b")), {}, ["VM701"]),
    ((one(0, (0, 1)), one(False, (False, True))), {}, ["VM707"]),
])
def test_values_for_all(models: tuple[Model, ...], chosen: dict[str, Scalar], rules: list[str]) -> None:
    choice = pick(models)
    assert ParameterList("", choice.values) == ParameterList("", chosen)
    assert [one.rule for one in choice.findings] == rules


@given(st.lists(st.tuples(scalars, st.lists(scalars, max_size=2).map(tuple), allowed), min_size=1, max_size=3))
def test_what_was_picked_goes_from_each_to_each(sides: list[Any]) -> None:
    models = [model(Parameter("x", off, init, given)) for off, init, given in sides]
    values = pick(models).values
    for source in models if values else ():
        listed = source.listing(values)
        for target in models:
            assert check(listed, target) == []
            assert same(target.complete(listed)["x"], values["x"])
