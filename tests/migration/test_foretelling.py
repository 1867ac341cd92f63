"""Whether a stream would load, foretold: against real loads, and against streams of a destination that differs."""

from collections.abc import Callable
from functools import cache

import pytest
from attrs import evolve

from migration.foretelling import Forecast, Story, foretell, side_of
from tests.compat.damages import DAMAGES
from tests.compat.loads import Corpus, Load, against, tell
from tests.migration.made import EOF, HEADER
from tests.migration.recorded import CORPUS, stream
from vmstate.compat.findings import BREAKS, OK, UNKNOWN, Verdict
from vmstate.compat.sides import Side

RECORDED = Corpus(CORPUS)
LOADS = [one for one in RECORDED.loads if one.outcome != "not started"]
UNDAMAGED = [one for one in LOADS if one.kind == "same machine"]
DAMAGED = [one for one in LOADS if one.kind in DAMAGES]
FAILING = {("5.2", "35"), ("7.2", "35")}
"""Of failures by destination and cause, those that a dump tells; all others are refused by code, or by values."""


@cache
def told(name: str) -> Story:
    return RECORDED.told(name)


def rules(forecast: Forecast, least: Verdict = BREAKS) -> set[tuple[str, str]]:
    """Rules and paths of what is as bad as that."""
    return {(one.rule, one.path) for one in forecast.findings if one.positional.backward >= least}


# -- real loads

def test_what_there_is() -> None:
    assert (len(UNDAMAGED), len(DAMAGED)) == (90, 30)
    assert sum(RECORDED.dump(one) is not None for one in UNDAMAGED) > 70


@pytest.mark.parametrize("load", [one for one in UNDAMAGED if RECORDED.dump(one) is not None], ids=str)
def test_by_the_dump_of_the_destination(load: Load) -> None:
    """What is foretold to fail failed; nothing is above a note where it loads; all else says what nobody knows."""
    forecast = RECORDED.by_dump(load)
    assert forecast is not None
    failed = load.outcome == "failed"
    assert forecast.verdict is (BREAKS if failed and (load.to, load.row) in FAILING else UNKNOWN)
    assert {one.severity for one in forecast.findings} <= {"info", "note"} or failed
    unknown = [one for one in forecast.findings if one.positional.backward is UNKNOWN]
    assert all(one.reason for one in unknown)
    assert "VM901" in {one.rule for one in unknown}
    assert not forecast.unfilled


@pytest.mark.parametrize("load", [one for one in UNDAMAGED if RECORDED.like(one)], ids=str)
def test_by_a_stream_of_the_destination(load: Load) -> None:
    forecast = RECORDED.by_stream(load)
    assert (load.outcome, forecast) == ("loaded", Forecast([], []))


@pytest.mark.parametrize("load", DAMAGED, ids=str)
@pytest.mark.parametrize("means", [Corpus.by_dump, Corpus.by_stream], ids=["dump", "stream"])
def test_damaged(load: Load, means: Callable[[Corpus, Load], Forecast | None]) -> None:
    """All are foretold, but for a section of another name: a dump has not all names. QEMU notices no garbage behind."""
    forecast = means(RECORDED, load)
    assert forecast is not None
    by_dump = means is Corpus.by_dump
    if load.kind == "damage: trailing garbage":
        assert load.outcome == "loaded"
        assert forecast.verdict is (UNKNOWN if by_dump else OK)
        assert [one.reason for one in forecast.findings if one.rule == "VM903"] == ["QEMU does not notice them"]
    elif load.kind == "damage: section name changed" and by_dump:
        assert forecast.verdict is UNKNOWN
        assert "what is in mc146818rtx nobody can tell" in [one.message for one in forecast.findings]
    else:
        assert load.outcome in ("failed", "stuck")
        assert rules(forecast) == {NAMED[load.kind]}


RTC = "mc146818rtc"
NAMED = {
    "damage: bad magic": ("VM903", ""), "damage: bad file version": ("VM903", ""), "damage: empty": ("VM903", ""),
    "damage: cut in RAM": ("VM903", "ram"), "damage: cut in devices": ("VM903", RTC),
    "damage: footer id changed": ("VM903", RTC), "damage: section name changed": ("VM101", "mc146818rtx"),
    "damage: section version raised": ("VM201", RTC), "damage: subsection name changed": ("VM903", "cpu"),
}


# -- another machine

PC, SMP, ARM = "pc72-72-default", "smp2-72", "a64-virt72-gic3-72"


def fewer(one: Story, *names: str, instance: int | None = None) -> Story:
    """Without these sections."""
    return evolve(one, sections=[section for section in one.sections if not (
        section.header.name.endswith(names) and instance in (None, section.header.instance_id))])


def test_the_same_machine() -> None:
    for name in (PC, SMP, ARM):
        assert against(told(name), told(name)) == Forecast([], [])


def test_other_memory() -> None:
    there = evolve(told(PC), blocks={**told(PC).blocks, "pc.ram": 1 << 26})
    forecast = against(told(PC), there)
    assert rules(forecast) == {("VM108", "ram::pc.ram")}
    assert forecast.findings[0].witness == {"value": "0x2000000"}
    missing = {name: size for name, size in told(PC).blocks.items() if name != "pc.bios"}
    assert rules(against(told(PC), evolve(told(PC), blocks=missing))) == {("VM108", "ram::pc.bios")}


def test_a_missing_device_and_an_extra_one() -> None:
    """QEMU does not notice one that nothing fills."""
    without = fewer(told(PC), "e1000")
    assert rules(against(told(PC), without)) == {("VM101", "0000:00:03.0/e1000")}
    assert against(without, told(PC)) == Forecast([], ["0000:00:03.0/e1000"])


def test_another_slot() -> None:
    forecast = against(told(PC), tell(RECORDED.data(PC).replace(b":03.0/e1000", b":04.0/e1000")))
    assert ("VM105", "0000:00:03.0/e1000") in rules(forecast)
    (one,) = [one for one in forecast.findings if one.rule == "VM105"]
    assert one.reason == "the same device is 0000:00:04.0/e1000 there"
    assert forecast.unfilled == ["0000:00:04.0/e1000"]


def test_fewer_processors_and_more() -> None:
    """More are not noticed: QEMU loads these streams."""
    single = fewer(told(SMP), "cpu", "cpu_common", "apic", instance=1)
    assert rules(against(told(SMP), single)) == {("VM101", name) for name in ("cpu@1", "cpu_common@1", "apic@1")}
    more = against(single, told(SMP))
    assert (more.verdict, sorted(more.unfilled)) == (OK, ["apic@1", "cpu@1", "cpu_common@1"])


def test_another_interrupt_controller() -> None:
    assert rules(against(told(ARM), fewer(told(ARM), "arm_gicv3"))) == {("VM101", "arm_gicv3")}


def test_another_machine_type() -> None:
    forecast = against(told(PC), told("q62-72"))
    assert ("VM108", "configuration::machine") in rules(forecast)
    assert forecast.findings[0].message == "machine received is pc-i440fx-7.2, the local one is pc-q35-6.2"


def test_another_uuid() -> None:
    one = told("opt-uuid-72")
    assert one.configuration is not None
    other = evolve(one, configuration=evolve(one.configuration, uuid=bytes(16)[:-1] + b"\x01"))
    assert rules(against(one, other)) == {("VM108", "configuration::uuid")}
    unset = evolve(one, configuration=evolve(one.configuration, uuid=bytes(16)))
    assert against(one, unset).verdict is OK


def test_capabilities() -> None:
    one = told(PC)
    assert one.configuration is not None
    other = evolve(one, configuration=evolve(
        one.configuration, capability_count=1, capability_names=[bytearray(b"x-ignore-shared")]))
    assert rules(against(one, other)) == rules(against(other, one)) == {("VM108", "configuration::capabilities")}


def test_another_version_of_a_section() -> None:
    """A stream tells what its writer reads at most, not from which version on."""
    raised = tell(DAMAGES["damage: section version raised"](RECORDED.data(PC)))
    assert rules(against(raised, told(PC))) == {("VM201", RTC)}
    back = against(told(PC), raised)
    assert not rules(back)
    (one,) = [one for one in back.findings if one.rule == "VM901"]
    assert one.reason == "a stream does not tell the oldest version that its writer reads"


def test_another_cpu_model() -> None:
    """Its values are another's, and what is sent depends on these: nothing can be told, and QEMU loads such streams."""
    sent, there = told("cpu-max-100"), told("q100-100-default")
    forecast = against(sent, evolve(there, blocks=sent.blocks))
    about = [one for one in forecast.findings if one.path.startswith("cpu")]
    assert about
    assert {(one.severity, one.positional.backward) for one in about} == {("note", UNKNOWN)}
    assert all("a stream does not tell which members are always sent" in one.reason for one in about)


# -- odd streams, odd sides

def test_a_stream_without_sections() -> None:
    bare = tell(HEADER + EOF)
    assert foretell(bare, Side("", (), own=True)) == Forecast([], [])
    forecast = against(bare, told("none-72"))
    assert (forecast.verdict, forecast.unfilled) == (UNKNOWN, ["timer", "slirp", "globalstate"])


def test_nothing_at_all() -> None:
    (one,) = against(tell(b""), told("none-72")).findings
    assert (one.rule, one.message, one.reason) == ("VM903", "the stream is empty", "QEMU waits for its first byte")


def test_a_description_that_makes_no_sense() -> None:
    """What was decoded stands in for it, on either side."""
    data = stream("pc72-72-nodefaults")
    at = data.index(b'"name": "cmos_data"') if b'"name": "cmos_data"' in data else data.index(b'"name":"cmos_data"')
    size = data.index(b'"size"', at)
    odd = tell(data[:size] + b'"sizx"' + data[size + 6:])
    assert not rules(against(odd, told("pc72-72-nodefaults")))
    assert not rules(against(told("pc72-72-nodefaults"), odd))


def test_one_configuration_alone() -> None:
    forecast = against(told("opt-no-config-72"), told("opt-uuid-72"))
    assert ("VM108", "configuration") in rules(forecast, UNKNOWN)
    assert not rules(forecast)


def test_a_new_command() -> None:
    """An OTHER stream without it may be of an older machine type, or of an older QEMU."""
    sent = told("q100-100-default")
    assert 0x0B in sent.commands
    forecast = against(sent, evolve(sent, commands=[]))
    assert {(one.rule, one.severity) for one in forecast.findings} == {("VM903", "note")}
    assert against(evolve(sent, commands=[]), sent).verdict is OK


@pytest.mark.parametrize("name", RECORDED.streams)
def test_own_declarations_take_every_stream(name: str) -> None:
    assert not rules(foretell(told(name), Side("devices", (), own=True)))


def test_a_side_of_a_stream() -> None:
    side = side_of("there", told("none-72"))
    assert [part.name for part in side.parts] == ["timer", "slirp", "globalstate"]
    assert side.knows == {"counts", "types"}
