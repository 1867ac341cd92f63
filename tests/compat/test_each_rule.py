"""Every rule: a pair in which it is found, and one that is nearly so, in which it is not."""

import json
from typing import Any

import pytest

from vmstate import record_of, reserved, state, uint8, uint32
from vmstate.compat.catalogue import RULES
from vmstate.compat.comparing import compare_sides
from vmstate.compat.sides import Part, Side
from vmstate.describe import dump_vmstate

Json = dict[str, Any]


def f(name: str, size: int = 4, since: int = 0, cond: bool = False, **more: Any) -> Json:
    """A field."""
    return {"field": name, "version_id": since, "field_exists": cond, "size": size, **more}


def record(*fields: Json, name: str = "dev", v: int = 1, m: int = 1, subs: tuple[Json, ...] = (), **more: Any) -> Json:
    """A description."""
    inner = {"name": name, "version_id": v, "minimum_version_id": m, "Fields": list(fields), **more}
    return {**inner, "Subsections": list(subs)} if subs else inner


def side(*fields: Json, key: str = "dev", machine: str = "pc-1", section: int | None = None, **how: Any) -> Side:
    """A dump of one device; `num` somewhere says that it tells counts."""
    inner = record(*fields, f("z", 1, num=3), **how)
    version = inner["version_id"] if section is None else section
    top = {"vmschkmachine": {"Name": machine}, key: {
        "Name": key, "version_id": version, "minimum_version_id": inner["minimum_version_id"], "Description": inner}}
    return dump_vmstate.parse(json.dumps(top).encode(), "a dump")


def nested(*fields: Json, **how: Any) -> Json:
    """A field that is a record."""
    return f("inner", 100, Description=record(*fields, name="inner", **how))


A, B = f("a"), f("b", 2)
SUB, OTHER = record(f("x", 1), name="dev/x"), record(f("y", 1), name="dev/y")
PLAIN = side(A, B)
EMPTY = Side("nothing", (), "pc-1", PLAIN.knows)
GONE = dump_vmstate.parse(b'{"vmschkmachine": {"Name": "pc-1"}, "dev": {"Name": "dev", "version_id": 1, '
                          b'"minimum_version_id": 1, "Description": {"name": "dev", "version_id": 1, '
                          b'"minimum_version_id": 1}}}', "a dump")


@state("dev")
class Before:
    """With a name that must not come back."""

    a: int = uint32()
    b: int = uint8(default=1)

    _gone = reserved("old")


@state("dev", priority=3)
class After:
    """With another priority, default, and the name."""

    a: int = uint32()
    b: int = uint8(default=2)
    old: int = uint8()


def declared(kind: type, **how: Any) -> Side:
    """A declaration; both are one device."""
    part = Part("dev", record_of(kind), **how)
    return Side("declared", (part,))


def instance(*ids: int) -> Side:
    """Sections of a stream."""
    part = PLAIN.parts[0].record
    return Side("a stream", tuple(Part("0/dev", part, instance=one, digests={}) for one in ids), "pc-1")


PAIRS: dict[str, tuple[tuple[Side, Side], tuple[Side, Side]]] = {
    "VM101": ((PLAIN, EMPTY), (EMPTY, PLAIN)),
    "VM102": ((EMPTY, PLAIN), (PLAIN, EMPTY)),
    "VM103": ((PLAIN, side(A, B, name="other")), (PLAIN, side(A, B, key="other"))),
    "VM104": ((PLAIN, side(A, B, key="other")), (PLAIN, PLAIN)),
    "VM106": ((PLAIN, GONE), (GONE, PLAIN)),
    "VM107": ((declared(Before), declared(After)), (declared(Before), declared(Before))),
    "VM108": ((PLAIN, side(A, B, machine="pc-2")), (PLAIN, PLAIN)),
    "VM109": ((instance(0), instance(0, 0)), (instance(0, 0), instance(0, 0))),
    "VM110": ((side(nested(A)), side(f("inner", 100, Description=record(A, name="other")))),
              (side(nested(A)), side(nested(A)))),
    "VM201": ((PLAIN, side(A, B, v=2)), (side(A, B, v=2), PLAIN)),
    "VM202": ((side(A, B, v=2), PLAIN), (PLAIN, side(A, B, v=2))),
    "VM203": ((side(A, B, v=2), side(A, B, v=2, m=2)), (side(A, B, v=2, m=2), side(A, B, v=2))),
    "VM204": ((side(A, B, v=2, m=2), side(A, B, v=2)), (side(A, B, v=2), side(A, B, v=2, m=2))),
    "VM205": ((PLAIN, side(A, B, v=1, m=2)), (PLAIN, side(A, B, v=2, m=2))),
    "VM206": ((PLAIN, side(A, B, f("c", since=2))), (PLAIN, side(A, B, f("c", since=2), v=2))),
    "VM207": ((side(nested(A)), side(nested(A, f("c", since=2), v=2))), (side(nested(A)), side(nested(A)))),
    "VM208": ((PLAIN, side(A, B, v=2)), (PLAIN, side(A, B, f("c", since=2), v=2))),
    "VM209": ((PLAIN, side(A, B, f("c"), section=3)), (PLAIN, side(A, B, f("c")))),
    "VM301": ((PLAIN, side(A, B, f("c"))), (PLAIN, side(A, B, f("c", since=2), v=2))),
    "VM302": ((PLAIN, side(A, B, f("c", since=2), v=2)), (PLAIN, side(A, B, f("c")))),
    "VM303": ((PLAIN, side(A)), (PLAIN, side(A, f("unused", 2)))),
    "VM304": ((PLAIN, side(A, f("unused", 2))), (PLAIN, side(A))),
    "VM305": ((PLAIN, side(A, f("c", 2))), (PLAIN, side(A, f("c", 4)))),
    "VM306": ((PLAIN, side(B, A)), (PLAIN, side(A, B))),
    "VM307": ((PLAIN, side(f("a", 8), B)), (PLAIN, side(A, B))),
    "VM308": ((side(f("a", type="uint32")), side(f("a", type="int32"))),
              (side(f("a", type="uint32")), side(f("a", type="uint32")))),
    "VM309": ((side(f("a", 8, type="uint64")), side(f("a", 8, type="float64"))),
              (side(f("a", 8, type="uint64")), side(f("a", 8, type="uint64")))),
    "VM311": ((side(f("a", num=2)), side(f("a", num=3))), (side(f("a", num=2)), side(f("a", num=2), f("c")))),
    "VM312": ((side(f("a", 1, num=8)), side(f("a", 8))), (side(f("a", 1, num=8)), side(f("a", 1, num=9)))),
    "VM313": ((side(f("a", since=2), v=3, m=1), side(f("a", since=1), v=3, m=1)), (PLAIN, side(A, B, f("c")))),
    "VM314": ((side(A, f("unused", 2)), side(A, f("unused", 3))), (side(A, f("unused", 2)), side(A, B))),
    "VM316": ((PLAIN, side(A, B, f("a"))), (side(A, A), side(A, A, B))),
    "VM317": ((PLAIN, side(A, f("b", 2, cond=True))),
              (side(A, f("b", 2, cond=True)), side(A, f("b", 2, cond=True), f("c")))),
    "VM318": ((side(A, f("unused", 2)), PLAIN), (side(A, f("unused", 2)), side(A, f("unused", 2), B))),
    "VM319": ((side(nested(A, B)), PLAIN), (side(nested(A, B)), side(nested(A)))),
    "VM401": ((PLAIN, side(A, B, subs=(SUB,))), (side(A, B, subs=(SUB,)), PLAIN)),
    "VM402": ((side(A, B, subs=(SUB,)), PLAIN), (PLAIN, side(A, B, subs=(SUB,)))),
    "VM403": ((side(A, subs=({**SUB, "needed": "p"},)), side(A, subs=({**SUB, "needed": None},))),
              (side(A, subs=({**SUB, "needed": "p"},)), side(A, B, subs=({**SUB, "needed": "p"},)))),
    "VM404": ((side(A, subs=({**SUB, "needed": None},)), side(A, subs=({**SUB, "needed": "p"},))),
              (side(A, subs=({**SUB, "needed": "p"},)), side(A, subs=({**SUB, "needed": None},)))),
    "VM405": ((PLAIN, side(A, B, subs=({**SUB, "needed": None},))),
              (PLAIN, side(A, B, subs=({**SUB, "needed": "p"},)))),
    "VM406": ((PLAIN, side(A, B, subs=(record(f("x", 1), name="x"),))), (PLAIN, side(A, B, subs=(SUB,)))),
    "VM407": ((side(A, subs=(SUB,)), side(A, subs=({**SUB, "version_id": 2},))),
              (side(A, subs=(SUB,)), side(A, B, subs=(SUB,)))),
    "VM408": ((side(A, subs=(SUB,)), side(A, subs=(record(f("x", 2), name="dev/x"),))),
              (side(A, subs=(SUB,)), side(A, B, subs=(SUB,)))),
    "VM409": ((side(A, subs=(SUB,)), side(A, subs=(record(f("x", 1), name="dev/y"),))),
              (side(A, subs=(SUB,)), side(A, subs=(record(f("q", 8), name="dev/y"),)))),
    "VM410": ((side(A, subs=(SUB, OTHER)), side(A, subs=(OTHER, SUB))),
              (side(A, subs=(SUB,)), side(A, B, subs=(SUB,)))),
    "VM501": ((PLAIN, side(A, B, f("c", must_parse=True))), (PLAIN, side(A, B, f("c", must_parse=False)))),
    "VM502": ((PLAIN, side(A, B, f("c", must_parse=False))), (PLAIN, side(A, B, f("c", must_parse=True)))),
    "VM503": ((PLAIN, side(A, f("b", 2, must_parse=False))), (side(A, f("b", 2, must_parse=False)), PLAIN)),
    "VM504": ((side(A, f("b", 2, must_parse=False)), PLAIN), (PLAIN, side(A, f("b", 2, must_parse=False)))),
    "VM505": ((PLAIN, side(A, B, f("c"))), (PLAIN, side(A, B, f("c", default=0)))),
    "VM506": ((declared(Before), declared(After)), (declared(Before), declared(Before))),
    "VM507": ((side(f("a", meaning="bytes")), side(f("a", meaning="left"))),
              (side(f("a", meaning="bytes")), side(f("a", meaning="bytes"), B))),
    "VM508": ((declared(Before), declared(After)), (declared(Before), declared(Before))),
    "VM601": ((side(f("a", allowed=[0, 1, 2])), side(f("a", allowed=[0, 1]))),
              (side(f("a", allowed=[0, 1])), side(f("a", allowed=[0, 1, 2])))),
    "VM602": ((side(f("a", allowed=[0, 1])), side(f("a", allowed=[0, 1, 2]))),
              (side(f("a", allowed=[0, 1, 2])), side(f("a", allowed=[0, 1])))),
    "VM605": ((PLAIN, side(f("a", equal=True), B)), (side(f("a", equal=True), B), PLAIN)),
    "VM607": ((declared(Before, digests={"load": "1"}), declared(After, digests={"load": "2"})),
              (declared(Before, digests={"load": "1"}), declared(After, digests={"load": "1"}))),
}
ELSEWHERE = {"VM105", "VM310", "VM315", "VM603", "VM604", "VM606", "VM701", "VM702", "VM703", "VM704", "VM705", "VM706",
             "VM707", "VM708", "VM901", "VM902", "VM903"}
"""Found below, in test_parameters, test_allowances or test_foretelling."""


def found(pair: tuple[Side, Side]) -> set[str]:
    """The rules that say something of a pair."""
    return {one.rule for one in compare_sides(*pair).findings}


def test_each_rule_is_here_once() -> None:
    assert PAIRS.keys() | ELSEWHERE == RULES.keys()
    assert not PAIRS.keys() & ELSEWHERE


@pytest.mark.parametrize("rule", PAIRS)
def test_found(rule: str) -> None:
    assert rule in found(PAIRS[rule][0])


@pytest.mark.parametrize("rule", PAIRS)
def test_not_found(rule: str) -> None:
    assert rule not in found(PAIRS[rule][1])
