"""Two subsections of one name, as SD cards have them in QEMU 11.1: none of them is lost."""

import json
from typing import Any

import pytest

from tests.describe.dumps import description, dump, field, text
from vmstate.compat.alignment import align
from vmstate.compat.comparing import compare_sides
from vmstate.compat.findings import CONDITIONAL, Both
from vmstate.compat.loading import loads
from vmstate.compat.sides import Side
from vmstate.describe import dump_vmstate

NAME = "dev/modes"


def side(*subsections: Any) -> Side:
    return dump_vmstate.parse(dump(inner=description(field("a"), Subsections=list(subsections))), "a dump")


def modes(*fields: str) -> Any:
    return description(*(field(one, num=1) for one in fields), name=NAME)


ONE, TWO = side(modes("x")), side(modes("x"), modes("y", "z"))


def found(old: Side, new: Side) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in compare_sides(old, new).findings]


def test_the_same_is_the_same() -> None:
    again = side(modes("x"), modes("y", "z"))
    assert compare_sides(TWO, again).findings == ()


def test_the_second_was_added() -> None:
    (added,) = [one for one in compare_sides(ONE, TWO).findings if one.rule == "VM401"]
    assert (added.path, added.positional.forward) == (f"dev::{NAME}", CONDITIONAL)
    (twice,) = [one for one in compare_sides(ONE, TWO, positional=False).findings if one.rule == "VM316"]
    assert twice.named == Both(CONDITIONAL, CONDITIONAL)
    assert "VM402" in {rule for rule, _ in found(TWO, ONE)}


def test_each_is_compared_with_its_own() -> None:
    told = found(TWO, side(modes("x"), modes("y")))
    assert ("VM303", "z was removed") in told
    assert "VM408" in {rule for rule, _ in told}
    assert not {"VM401", "VM402", "VM316"} & {rule for rule, _ in told}


def test_both_are_shown() -> None:
    records = [one.parts[0].record for one in (ONE, TWO)]
    assert [(one.name, len(one.rows)) for one in align("dev", *records).inside] == [(NAME, 1), (NAME, 2)]


@pytest.mark.parametrize(("fields", "well"), [(("x",), True), (("y", "z"), False)])
def test_a_reader_takes_the_first(fields: tuple[str, ...], well: bool) -> None:
    """So does QEMU: what is sent as the second fails there."""
    sent = side(modes(*fields)).parts[0].record
    assert sent is not None
    assert (loads("dev", sent, 1, TWO.parts[0], TWO.knows) == []) is well


def test_of_a_real_dump() -> None:
    """Between 10.0 and 11.1 the second came."""
    sides = [dump_vmstate.parse(text(f"{release}-x86_64-microvm"), release) for release in ("10.0", "11.1")]
    there = json.loads(text("11.1-x86_64-microvm"))["emmc"]["Description"]["Subsections"]
    assert [one["name"] for one in there].count("sd-card/ext_csd_modes-state") == 2
    paths = [one.path for one in compare_sides(*sides, names=["emmc"]).findings if one.rule == "VM401"]
    assert "sd-card::sd-card/ext_csd_modes-state" in paths
