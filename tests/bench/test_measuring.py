"""What is made of times and counts: ratios, fits, aims, the page."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any

import pytest

from bench import aims, growth, instructions, machine, processes
from bench.calls import Call, Calls, Work
from bench.page import Results, page, table
from bench.processes import Command, Shown
from bench.sides import BY_HAND, OURS
from bench.speed import Speed, by_device
from bench.turns import Ratio, Series, Turns, ratio
from bench.workloads import Workload, items
from devices.catalogue import registry
from migration.replica import Stream
from migration.sections import Section

ONE = Ratio(0.9, 1.0, 1.2)


def _spin(times: int) -> None:
    for _ in range(times):
        pass


def _calls(save: int, load: int | None = None) -> Calls:
    found: Calls = {"save": Call(_spin, (save,))}
    if load is not None:
        found["load"] = Call(_spin, (load,))
    return found


# -- turns

def test_a_ratio_is_of_the_same_rounds() -> None:
    found = ratio([2, 3, 8], [1, 1, 2])
    assert (found.least, found.median, found.most) == (2, 3, 4)
    assert str(found) == "3.00 (2.00 to 4.00)"


def test_sides_are_compared_over_the_devices_that_both_have() -> None:
    turns = Turns({"a": {"x": _calls(10, 10), "y": _calls(10)}, "b": {"x": _calls(10, 10), "z": _calls(10)}})
    save, load = (("a", "save"), ("b", "save")), (("a", "load"), ("b", "load"))
    mixed: Any = (("a", "load"), ("b", "save"))
    assert turns.common(save) == turns.common(load) == turns.common(mixed) == {"x"}
    for pair in (save, load, mixed):
        turns.add(pair)  # type: ignore[arg-type]
    assert len(turns.series) == 4


def test_more_work_takes_longer() -> None:
    turns = Turns({"a": {"x": _calls(60_000)}, "b": {"x": _calls(3_000)}})
    pair: Any = (("a", "save"), ("b", "save"))
    turns.add(pair)
    turns.run(3)
    found = turns.ratio(pair)
    assert found is not None
    assert found.median > 5


def test_nothing_in_common_is_no_ratio() -> None:
    turns = Turns({"a": {"x": _calls(1)}, "b": {"y": _calls(1)}})
    pair: Any = (("a", "save"), ("b", "save"))
    turns.add(pair)
    assert turns.series == {}
    assert turns.ratio(pair) is None


def test_a_function_of_a_state_and_its_bytes() -> None:
    met: list[tuple[int, int]] = []
    Series([Call(lambda one, other: met.append((one, other)), (1, 2))], times=3).run()
    assert met == [(1, 2)] * 3


# -- growth

def test_a_line_is_found() -> None:
    found = growth.fit("it", [(n, 0.5 + 0.25 * n) for n in (1, 10, 100)])
    assert found.base == pytest.approx(0.5)
    assert found.slope == pytest.approx(0.25)
    assert found.worst < 1e-9
    assert growth.fit("it", [(n, n * n) for n in (1, 10, 100, 1000)]).exponent == pytest.approx(2)


def test_a_machine_many_times() -> None:
    count, data = growth.machine(3)
    found = [event for event in Stream(data, registry()).events() if isinstance(event, Section)]
    assert count == len(found) == 90
    assert {one.source for one in found} == {"declared"}


# -- processes

def test_memory_is_the_commands_own() -> None:
    ballast = bytearray(64 << 20)
    small, large = Command(processes.BARE), Command([sys.executable, "-c", "bytearray(48 << 20)"])
    processes.in_turn([small, large], 2)
    assert len(small.seconds) == 2
    assert small.memory < 40 << 20 < len(ballast)
    assert large.memory - small.memory > 40 << 20


def test_a_command_that_fails() -> None:
    with pytest.raises(processes.subprocess.CalledProcessError):
        Command([sys.executable, "-c", "raise SystemExit(3)"]).run()


@pytest.mark.parametrize(("size", "theirs", "aim"), [
    (1_000, 0.1, "at most 90 ms"), (1_000, 0.2, "2 x"), (1_000, 0.6, "3 x"), (6_000_000, 0.3, "20 x")])
def test_an_aim_is_by_what_it_takes_them(size: int, theirs: float, aim: str) -> None:
    quick = Shown("it", size, theirs, theirs / 30, Ratio(29, 30, 31), 1, 4, 0.09)
    slow = Shown("it", size, theirs, theirs, Ratio(1, 1, 1), 30_000_000, 40_000_000, 0.09)
    assert (quick.aim, quick.met, quick.memory_met) == (aim, True, True)
    assert (slow.aim, slow.met, slow.memory_met) == (aim, False, False)


# -- instructions

def test_dearer_by_more_than_ten_percent() -> None:
    before = {"a": 1000, "b": 1000}
    assert instructions.compared({"a": 1100, "b": 1101, "new": 5}, before) == ["b"]


def test_counts_are_found() -> None:
    found = instructions.COUNTED.search("==7== Events    : Ir\n==7== Collected : 184417622\n")
    assert found is not None
    assert int(found[1]) == 184417622


def test_the_baseline_has_what_is_counted() -> None:
    known = json.loads(instructions.BASELINE.read_text("utf-8"))
    works = {f"{work}, pc72-72-nodefaults" for work in instructions.WORKS}
    for counts in known.values():
        assert counts.keys() == {"import attrs", *instructions.COMMANDS, *works}


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind counts, and is not here")
def test_a_process_is_counted() -> None:
    few, many = (instructions.instructions(["-I", "-S", "-c", f"for _ in range({n}): pass"]) for n in (1, 100_001))
    assert 1_000_000 < many - few < 50_000_000


# -- the page

def _speed() -> Speed:
    ratios: dict[Any, Ratio] = {(one.pair[0], one.pair[1]): ONE for one in aims.AIMS}
    ratios |= {((OURS, work), (BY_HAND, work)): ONE for work in ("save", "load", "load into")}
    seconds: dict[Work, float] = {"save": 1e-6, "load": 2e-6, "load into": 3e-6}
    return Speed("few", 2, 300, ratios, seconds, {"save": 2, "load": 1, "load into": 2}, {"x": {"fdc": "a gate"}})


def test_the_page_has_every_part() -> None:
    shown = Shown("it", 1_000, 0.3, 0.1, Ratio(2, 3, 4), 4_000_000, 40_000_000, 0.1)
    fit = growth.fit("devices", [(n, float(n)) for n in (1, 2, 3, 4)])
    text = page(Results([_speed()], {"vmstate --help": ONE}, [shown], [fit], [(16, 1_000_000)], [("fdc", *"123")]))
    for part in ("The aims", "few: 2 devices", "Start-up", "analyze-migration.py", "Growth", "By device"):
        assert f"## {part}" in text or f"# {part}" in text or part in text
    assert "Without fdc for x, and for whoever they are compared with: a gate." in text
    assert "**no**" in text  # 1.00 is less than 1.8 times
    assert machine.processor() in text


def test_parts_that_were_not_measured_are_left_out() -> None:
    assert "##" not in page(Results())


def test_an_aim_is_a_bound_on_the_median() -> None:
    assert aims.Aim(aims.AIMS[0].pair, 1.0, at_most=True).met(ONE)
    assert not aims.Aim(aims.AIMS[0].pair, 1.1, at_most=False).met(ONE)
    assert {one.text for one in aims.AIMS} >= {"at most 1.15", "at least 12"}


def test_a_table() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |\n"


def test_device_by_device() -> None:
    few = Workload("few", [one for one in items("pc72-72-nodefaults") if one.name in ("port92", "pcspk")])
    rows = list(by_device([few], [OURS], 1))
    assert [row[0] for row in rows] == ["pcspk", "port92"]
    assert all(len(row) == 7 and all(row) for row in rows)
