"""Every hard verdict about how bytes lie has its proof, which holds when anybody reads the bytes."""

import json
from typing import Any

import pytest

from tests.compat.cases import NAMES, case
from tests.describe.dumps import NAMES as DUMPS
from tests.describe.dumps import description, dump, field, text
from visitors import cbor, qemufile
from vmstate import (
    Record,
    VersionRefused,
    VMStateError,
    buffer,
    decode,
    nested,
    record_of,
    state,
    uint8,
    uint16,
    uint32,
    unused,
)
from vmstate.compat import witness as witnesses
from vmstate.compat.comparing import Facts, compare_sides
from vmstate.compat.findings import BREAKS, DIRECTIONS, OK, Finding, Report
from vmstate.compat.sections import meet
from vmstate.compat.sides import Part, Side
from vmstate.compat.witness import witnessed
from vmstate.describe import dump_vmstate


@state("a", version=2, minimum=1)
class Old:
    first: int = uint32()
    second: int = uint16()
    third: int = uint16()


@state("a", version=2, minimum=1)
class Longer:
    first: int = uint32()
    between: int = uint8()
    second: int = uint16()
    third: int = uint16()


@state("a", version=2, minimum=1)
class Swapped:
    first: int = uint32()
    third: int = uint16()
    second: int = uint16()


@state("a", version=3, minimum=3)
class Newer:
    first: int = uint32()
    second: int = uint16()
    third: int = uint16()
    fourth: int = uint8(since=3)


def compared(old: Any, new: Any, form: Any = qemufile) -> Report:
    sides = [Side(name, (Part("a", record_of(kind)),)) for name, kind in (("old", old), ("new", new))]
    report = compare_sides(*sides, positional=form is qemufile)
    return witnessed(report, *sides, form)


def of(report: Report, rule: str) -> Any:
    """The witness of a rule's finding."""
    return next(one.witness for one in report.findings if one.rule == rule)


# -- what is told

def test_too_many_and_too_few_bytes() -> None:
    found = of(compared(Old, Longer), "VM301")
    assert {key: found[key] for key in ("direction", "offset", "written", "read")} == {
        "direction": "backward", "offset": 4, "written": "second", "read": "between"}
    assert len(bytes.fromhex(found["stream"])) == 8
    assert found["stops"] == {"offset": 7, "path": "third", "error": "third @ 0x7: expected 2 bytes, got 1 byte"}
    (other,) = found["other"]
    assert {key: other[key] for key in ("direction", "offset", "written", "read")} == {
        "direction": "forward", "offset": 4, "written": "between", "read": "second"}
    assert other["stops"] == {"offset": 8, "path": "", "error": "0x8: 1 byte left over (the state ends here)"}


def test_what_is_loaded_wrong() -> None:
    found = of(compared(Old, Swapped), "VM306")
    data = bytes.fromhex(found["stream"])
    assert (found["offset"], found["written"], found["read"]) == (4, "second", "third")
    assert found["differs"] == {
        "path": "third", "written": int.from_bytes(data[6:8], "big"), "read": int.from_bytes(data[4:6], "big")}
    assert "stops" not in found


def test_a_version_that_is_refused() -> None:
    found = of(compared(Old, Newer), "VM302")
    assert found["offset"] is None
    assert found["stops"]["error"].endswith("a is version 2, this declaration has 3")


def test_what_is_not_hard_has_none() -> None:
    @state("a", version=2, minimum=1)
    class Padded:
        first: int = uint32()
        _gone = unused(2)
        third: int = uint16()

    report = compared(Old, Padded)
    assert [one.rule for one in report.findings] == ["VM304"]
    assert of(report, "VM304") is None


def test_of_a_format_with_names() -> None:
    """It has no offsets; the first that is wrong is the one that is refused."""
    found = of(compared(Old, Longer, cbor), "VM301")
    assert found["offset"] is None
    assert found["stops"]["path"] == "between"
    assert bytes.fromhex(found["stream"])[:1] == b"\xa3"


def test_a_name_that_is_unknown() -> None:
    """Where bytes go by their place it is nothing."""
    @state("a", version=2, minimum=1)
    class Renamed:
        first: int = uint32()
        other: int = uint16()
        third: int = uint16()

    assert of(compared(Old, Renamed), "VM305") is None
    found = of(compared(Old, Renamed, cbor), "VM305")
    assert found["stops"]["error"] == "other: missing (it must be there: the declaration has no default= for it)"
    assert [one["direction"] for one in found["other"]] == ["forward"]


def test_of_many_bytes_those_around_the_place_are_shown() -> None:
    @state("b")
    class Large:
        head: bytearray = buffer(5000)
        old: Old = nested(Old)
        tail: bytearray = buffer(5000)

    @state("b")
    class Larger:
        head: bytearray = buffer(5000)
        old: Longer = nested(Longer)
        tail: bytearray = buffer(5000)

    found = of(compared(Large, Larger), "VM301")
    assert found["size"] == 10008
    assert found["begin"] <= found["offset"] == 5004 < found["begin"] + len(found["stream"]) // 2
    assert (len(found["stream"]), found["begin"] % witnesses.LINE) == (2 * witnesses.MOST_SHOWN, 0)


def test_of_many_bytes_the_last_are_shown() -> None:
    @state("b")
    class Large:
        head: bytearray = buffer(5001)

    @state("b")
    class Larger:
        head: bytearray = buffer(5001)
        tail: int = uint16()

    (found,) = of(compared(Large, Larger), "VM301")["other"]
    assert (found["size"], found["offset"]) == (5003, 5001)
    assert found["begin"] % witnesses.LINE == 0
    assert found["begin"] + len(found["stream"]) // 2 == 5003


def test_a_subsection_that_is_read_as_a_member_is_named() -> None:
    inner = description(field("extra"), name="dev/extra")
    old = dump(inner=description(field("a"), Subsections=[{**inner, "needed": None}]))
    new = dump(inner=description(field("a"), field("b"), Subsections=[{**inner, "needed": None}]))
    sides = dump_vmstate.parse(old, "old"), dump_vmstate.parse(new, "new")
    found = of(witnessed(compare_sides(*sides), *sides, qemufile), "VM301")
    assert (found["offset"], found["written"], found["read"]) == (4, "dev/extra", "b")


def test_members_of_unknown_size_are_told() -> None:
    """A dump does not say how long they are; in the stream they have no bytes."""
    sides = [dump_vmstate.parse(dump(field("list", 0), *more), "side") for more in ((), (field("a"),))]
    found = of(witnessed(compare_sides(*sides), *sides, qemufile), "VM301")
    assert (found["without"], found["stream"]) == (["list"], "")


# -- the cases, and real dumps: each witness is looked at by reading its bytes

def proofs(old: Side, new: Side) -> list[tuple[Finding, Any, Record[Any], Record[Any]]]:
    """Findings that want a witness, each with one, and the records that write and read it."""
    report = witnessed(compare_sides(old, new), old, new, qemufile)
    found = list[Any]()
    for one in report.findings:
        if one.layout and one.positional.worst.hard:
            both = [Facts(old, new).taken(met.old.record, met.new.record)[:2] for met in meet(old, new)
                    if met.name == one.path.partition("::")[0] and met.old is not None and met.new is not None
                    and met.old.record is not None and met.new.record is not None]
            assert one.witness is not None, one
            found += [(one, each, *both[0]) for each in (one.witness, *one.witness.get("other", ())) if len(both) == 1]
    return found


def holds(finding: Finding, witness: Any, old: Record[Any], new: Record[Any]) -> None:
    """Reads the bytes again."""
    writer, reader = (old, new) if witness["direction"] == "backward" else (new, old)
    assert finding.positional[witness["direction"]].hard
    assert json.loads(json.dumps(witness)) == witness
    if "size" in witness:
        return
    data = bytes.fromhex(witness["stream"])
    assert decode(writer, data, qemufile, version=writer.version)
    if "stops" not in witness:
        assert decode(reader, data, qemufile, version=writer.version)
        assert witness["differs"]["written"] != witness["differs"]["read"]
        return
    with pytest.raises(VMStateError) as caught:
        decode(reader, data, qemufile, version=writer.version)
    assert str(caught.value) == witness["stops"]["error"]
    assert isinstance(caught.value, VersionRefused) or witness["offset"] <= caught.value.offset


@pytest.mark.parametrize("name", NAMES)
def test_of_the_cases(name: str) -> None:
    one = case(name)
    for proof in proofs(one.old, one.new):
        holds(*proof)


@pytest.mark.parametrize("form", [qemufile, cbor], ids=["by place", "by name"])
def test_everything_hard_has_a_witness(form: Any) -> None:
    """What is refused stops somewhere, what loads wrong has another value; of numbers and names, which."""
    positional = form is qemufile
    for name in NAMES:
        one = case(name)
        for finding in witnessed(compare_sides(one.old, one.new, positional=positional), one.old, one.new,
                                 form).findings:
            verdicts = finding.verdicts(positional)
            assert finding.witness is not None or not verdicts.worst.hard, finding
            for each in (finding.witness or {}, *(finding.witness or {}).get("other", ())):
                if "direction" in each:
                    assert ("stops" if verdicts[each["direction"]] is BREAKS else "differs") in each, finding


def test_a_member_that_came_later_is_not_missed_by_name() -> None:
    """Documents of an earlier version need not have it."""
    @state("a", version=3, minimum=1)
    class Later:
        first: int = uint32()
        second: int = uint16()
        third: int = uint16()
        fourth: int = uint8(since=3)

    report = compared(Later, Old, cbor)
    assert {one.rule: one.named.forward for one in report.findings}["VM303"] is OK


def test_no_more_is_walked_than_there_is_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witnesses, "MOST_WALKED", 20)
    found = of(compared(Old, Longer), "VM301")
    assert (found["direction"], list(found["other"][0])) == ("backward", ["direction", "missing"])


def test_both_directions_are_shown() -> None:
    for name in NAMES:
        one = case(name)
        for finding, *_ in proofs(one.old, one.new):
            hard = [direction for direction in DIRECTIONS if finding.positional[direction].hard]
            assert finding.witness is not None
            shown = [each["direction"] for each in (finding.witness, *finding.witness.get("other", ()))]
            assert sorted(shown) == sorted(hard), finding


@pytest.mark.parametrize(("old", "new"), [
    (one, other) for one in DUMPS for other in DUMPS if one < other and one.split("-")[1] == other.split("-")[1]
    and "5.2" not in one + other])
def test_of_real_dumps(old: str, new: str) -> None:
    found = proofs(*(dump_vmstate.parse(text(name), name) for name in (old, new)))
    assert len(found) > 2
    for proof in found:
        holds(*proof)
