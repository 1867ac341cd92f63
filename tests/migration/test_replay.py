"""Old streams into newer declarations: what becomes of each section, and the stream that is written."""

from typing import Any

import pytest

from devices.catalogue import MACHINES, SECTIONS, registry
from migration.replay import Replay, Replayed
from migration.replica import Stream, verify
from migration.sections import Section
from migration.stream import trailer
from migration.stream.events import Ram, SectionBegin
from tests.interop.rewriting import rewritten
from tests.migration.recorded import NAMES, STREAMS, stream
from visitors import tree
from vmstate import (
    Finding,
    HookRefused,
    Machine,
    Mismatch,
    Registry,
    VersionRefused,
    VMStateError,
    after_load,
    load,
    post_load,
    state,
    uint8,
    uint32,
    unused,
)
from vmstate.describe import vmdesc

PC = "pc72-72-nodefaults"


def onto(*kinds: type) -> Registry:
    """All declarations, these in the place of those of the same names."""
    entries: dict[str, Any] = dict(SECTIONS)
    return Registry({**entries, **{kind.__vmstate__.name: kind for kind in kinds}}, MACHINES)  # type: ignore[attr-defined]


def replayed(name: str, known: Registry | None = None) -> Replay:
    return Replay(Stream(stream(name), known or registry()))


def output(replay: Replay) -> bytes:
    out = list[bytes]()
    replay.write(out.append)
    return b"".join(out)


def of(replay: Replay, label: str) -> Replayed:
    (found,) = [one for one in replay.sections if one.section.label == label]
    return found


def told(one: Replayed) -> list[str]:
    return [str(change) for change in one.changes]


# -- real streams, today's declarations

@pytest.mark.parametrize("name", [name for name in NAMES if STREAMS[name].get("kind", "main stream") == "main stream"])
def test_a_recorded_stream(name: str) -> None:
    """What is written is a stream in which nothing is left to say; the same, where nothing has changed."""
    replay = replayed(name)
    assert replay.refused == []
    again = output(replay)
    report = verify(Stream(again, registry()))
    assert report.ok, report.error or report.findings
    assert report.sections.total() == STREAMS[name]["sections"]
    if not any(one.changes for one in replay.sections):
        assert again == stream(name)


def replayed_of(data: bytes) -> Replay:
    return Replay(Stream(data, registry()))


@pytest.mark.parametrize("name", ["none-72", PC, "opt-no-footer-100", "microblaze-72"])
def test_one_that_has_nothing_to_change(name: str) -> None:
    assert output(replayed(name)) == stream(name)


def test_once_is_enough() -> None:
    again = output(replayed(PC, onto(Faster)))
    assert again != stream(PC)
    assert output(Replay(Stream(again, onto(Faster)))) == again


def memory(data: bytes) -> list[bytes]:
    return [data[one.begin:one.end] for one in Stream(data, onto(Faster)).events() if isinstance(one, Ram)]


def test_guest_memory_and_framing_are_as_they_were() -> None:
    again = output(replayed(PC, onto(Faster)))
    assert again != stream(PC)
    assert memory(again) == memory(stream(PC))
    headers, old = ([(one.kind, one.section_id, one.name, one.instance_id, one.name == "i2c_bus" or one.version)
                     for one in Stream(data, onto(Faster)).events() if isinstance(one, SectionBegin)]
                    for data in (again, stream(PC)))
    assert headers == old


# -- newer declarations

@state("i2c_bus", version=2, minimum=1)
class Faster:
    """A member more, which its version tells."""

    saved_address: int = uint8()
    speed: int = uint32(reset=100_000, since=2)


def test_a_member_that_is_new() -> None:
    replay = replayed(PC, onto(Faster))
    assert told(of(replay, "i2c_bus")) == ["defaulted  speed  100000"]
    again = output(replay)
    sections = {one.label: one for one in Stream(again, onto(Faster)).events() if isinstance(one, Section)}
    bus = sections["i2c_bus"]
    assert (bus.header.version, bus.body) == (2, b"\xff" + (100_000).to_bytes(4, "big"))
    assert len(again) - len(stream(PC)) == 4 + described_growth(again)
    others = {label: one.body for label, one in sections.items() if label != "i2c_bus"}
    before = {one.label: one.body for one in Stream(stream(PC), registry()).events() if isinstance(one, Section)}
    assert others == {label: body for label, body in before.items() if label != "i2c_bus"}


def test_a_package_tells_how_long_it_has_become() -> None:
    again = output(replayed("proxy-postcopy-100.main", onto(Faster)))
    report = verify(Stream(again, onto(Faster)))
    assert (report.ok, len(again)) == (True, len(stream("proxy-postcopy-100.main")) + 4)


def described_growth(again: bytes) -> int:
    """How much longer the description has become."""
    old, new = (trailer.find(data) for data in (stream(PC), again))
    assert old is not None
    assert new is not None
    return (new[1] - new[0]) - (old[1] - old[0])


def test_the_description_is_of_what_is_in_it_now() -> None:
    again = output(replayed(PC, onto(Faster)))
    extent = trailer.find(again)
    assert extent is not None
    (bus,) = [one for one in vmdesc.parse(again[slice(*extent)], len(again)).devices if one.name == "i2c_bus"]
    assert [member.key for member in bus.record.members] == ["saved_address", "speed"]
    assert verify(Stream(again, Registry())).ok  # by the description alone


@state("port92", version=1)
class Silent:
    """What was a register is of no use any more."""

    _outport = unused(1)


@state("port92", version=1)
class Masked:
    """Its hook knows better."""

    outport: int = uint8()

    @post_load
    def _masks(self, version: int) -> None:
        self.outport |= 0x80


def test_bytes_that_nothing_takes_are_told() -> None:
    data = rewritten(stream(PC), {"port92": lambda one: setattr(one, "outport", 3)})
    (change,) = of(Replay(Stream(data, onto(Silent))), "port92").changes
    assert (change.what, change.before) == ("skipped", "03")


def test_what_a_hook_changes() -> None:
    replay = replayed(PC, onto(Masked))
    (change,) = of(replay, "port92").changes
    assert (change.what, change.path, int(change.after)) == ("changed", "outport", int(change.before) | 0x80)


# -- all devices of a machine

@state("port92", version=1)
class Asking:
    """It waits for the others."""

    outport: int = uint8()

    @after_load
    def _asks(self, machine: Machine) -> None:
        bus = machine.find(Faster)
        assert machine.find(Faster, 1) is None
        assert bus is not None
        self.outport = bus.saved_address


def test_hooks_that_wait_for_all() -> None:
    """The bus comes behind the port, or before: its state is there."""
    replay = replayed(PC, onto(Asking, Faster))
    assert replay.refused == []
    assert of(replay, "port92").body == b"\xff"


def test_a_hook_that_waited_and_refuses() -> None:
    @state("port92", version=1)
    class Refusing:
        outport: int = uint8()

        @after_load
        def _no(self, machine: Machine) -> None:
            raise HookRefused("not on this board")

    one = of(replayed(PC, onto(Refusing)), "port92")
    assert str(one.error).startswith(f"port92 @ {one.section.begin:#x}: not on this board")


# -- refused

@state("i2c_bus", version=3, minimum=3)
class TooNew:
    saved_address: int = uint8()


@state("i2c_bus", version=2, minimum=1)
class TooLong:
    saved_address: int = uint8()
    more: int = uint32()


@state("i2c_bus", version=1, minimum=0)
class Picky:
    saved_address: int = uint8()

    @post_load
    def _refuses(self, version: int) -> None:
        raise HookRefused(f"{self.saved_address} is nobody")


@pytest.mark.parametrize(("kind", "error"), [(TooNew, VersionRefused), (TooLong, VMStateError), (Picky, HookRefused)])
def test_a_section_that_does_not_load(kind: type, error: type[VMStateError]) -> None:
    replay = replayed(PC, onto(kind))
    (one,) = replay.refused
    assert one.outcome == "refused"
    assert one.section.label == "i2c_bus"
    assert isinstance(one.error, error)
    assert one.error.section == "i2c_bus"
    assert one.error.offset is not None
    assert one.section.begin <= one.error.offset <= one.section.end


def test_all_that_does_not_load_is_told() -> None:
    @state("port92", version=9, minimum=9)
    class Newest:
        outport: int = uint8()

    assert [one.section.label for one in replayed(PC, onto(TooNew, Newest)).refused] in (
        ["port92", "i2c_bus"], ["i2c_bus", "port92"])


def test_an_error_has_the_member() -> None:
    data = rewritten(stream(PC), {"0000:00:00.0/I440FX": _interrupt_line})
    (one,) = Replay(Stream(data, registry())).refused
    assert isinstance(one.error, Mismatch)
    assert one.error.place.startswith("0000:00:00.0/I440FX::")


def _interrupt_line(one: Any) -> None:
    one.parent.irq_state[1] = 2


# -- facts and the rest

def test_a_fact_that_no_byte_carries_may_be_given() -> None:
    def pckbd(**facts: object) -> list[str]:
        return told(of(Replay(Stream(stream("q42-52"), registry(), settings=facts)), "pckbd"))

    assert pckbd() == []
    assert pckbd(**{"pckbd::kbd.extended_state": True}) == ["defaulted  kbd.pckbd/extended_state"]


def test_what_nobody_declares_goes_through() -> None:
    replay = replayed("sparc-ss5-72")
    assert of(replay, "slavio_timer").outcome == "passed through"
    assert of(replay, "slavio_timer").why
    assert output(replay) == stream("sparc-ss5-72")


def test_with_no_declaration_at_all() -> None:
    replay = replayed(PC, Registry())
    assert {one.outcome for one in replay.sections} == {"passed through"}
    assert output(replay) == stream(PC)


def test_what_is_behind_a_stream_is_dropped_and_told() -> None:
    replay = replayed_of(stream("none-72") + b"more")
    assert replay.behind == 4
    assert output(replay) == stream("none-72")


def test_a_subsection_that_is_sent_no_more() -> None:
    facts: dict[str, object] = {"fw_cfg::dma_enabled": False}
    assert told(of(replayed("q62-72"), "fw_cfg")) == []
    assert told(of(Replay(Stream(stream("q62-72"), registry(), settings=facts)), "fw_cfg")) == ["dropped  fw_cfg/dma"]


def test_what_a_live_load_takes_though_it_was_not_as_declared() -> None:
    """A format with names may lack one that has a default."""
    @state("lamp")
    class Lamp:
        red: int = uint8()
        blue: int = uint8(default=9)

    report, lamp = list[Finding](), Lamp(blue=1)
    assert load(lamp, {"red": 3}, tree, report=report) is lamp
    assert (lamp.red, lamp.blue) == (3, 9)
    assert [(one.path, one.message) for one in report] == [("blue", "absent: its default was taken")]
