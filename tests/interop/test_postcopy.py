"""Migrations of QEMU 7.2 that switch to postcopy, recorded between two QEMUs: every connection, both ways.

A third QEMU is fed with what was recorded, as it was written again. It stays stopped: it misses no page, and none is
changed.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.catalogue import registry
from migration.ram.items import Item
from migration.replica import Stream, verify
from migration.sections import Section
from migration.stream.events import Command, Ram
from migration.stream.returnpath import Type
from tests.interop.conftest import Run, switch_on
from tests.interop.guest import PAGE, PAGES, RAM, seen
from tests.interop.judging import understood
from tests.interop.machine import Machine
from tests.interop.memory import Memory
from tests.interop.rewriting import rewritten
from tests.interop.wire import Wire, feeding
from vmstate import Truncated

PRECOPY, POSTCOPY, AGAIN = 2_000_000, 400_000, 1 << 30
"""Bytes a second: after the switch so few that the destination misses pages, and asks for them; no limit."""

PACKAGED, RESUME, RECV_BITMAP = 7, 9, 10
Page = tuple[str, int]
"""A block, and an address in it."""


@contextmanager
def postcopy(source: Machine, destination: Machine, path: Path, connections: int) -> Generator[Wire]:
    """A migration that has gone over memory once, and then was told to switch. The destination listens there."""
    source.command("migrate-set-parameters", max_bandwidth=PRECOPY, max_postcopy_bandwidth=POSTCOPY, downtime_limit=1)
    destination.listen(f"unix:{path}")
    destination.command("cont")  # as soon as it can
    with Wire(path.with_suffix(".wire"), path, expected=connections) as wire:
        source.command("migrate", uri=wire.uri)
        source.until(lambda: source.counted("ram", "dirty-sync-count") > 1)
        source.command("migrate-start-postcopy")
        yield wire


def arrived(source: Machine, destination: Machine, wire: Wire) -> None:
    """The end of a migration, for both; all of it is recorded."""
    source.finish()
    destination.arrive()
    wire.drain()


def is_now(machine: Machine, status: str) -> bool:
    """Whether the machine is in this state."""
    return machine.command("query-status")["status"] == status


def pages(data: bytes, begin: int = 0) -> list[Page]:
    """The pages of a stream behind an offset."""
    parts = [one.part for one in Stream(data, registry()).events() if isinstance(one, Ram) and one.begin >= begin]
    return [(one.block, address) for one in parts if isinstance(one, Item) and one.block
            for address, _, _ in one.pages(PAGE)]


def switch(data: bytes) -> int:
    """Where the package of sections begins, behind which is postcopy."""
    return next(one.begin for one in Stream(data, registry()).events()
                if isinstance(one, Command) and one.command == PACKAGED)


def answers(data: bytes) -> list[Type]:
    """What messages a return path has."""
    return [one.decoded.state.type for one in Stream(data, registry()).events() if isinstance(one, Section)]


def requests(data: bytes) -> set[Page]:
    """The pages that a return path asks for; one that names no block means that of the request before."""
    asked, block = set[Page](), ""
    for one in Stream(data, registry()).events():
        if isinstance(one, Section) and (message := one.decoded.state).type in (Type.REQ_PAGES, Type.REQ_PAGES_ID):
            block = message.block.decode() or block
            asked |= {(block, address) for address in range(message.start, message.start + message.size, PAGE)}
    return asked


def test_a_channel_for_urgent_pages(source: Run, destination: Run, tmp_path: Path) -> None:
    """With postcopy-preempt, what the destination asks for goes by its own connection."""
    running, following, fed = machines = source(), destination(), destination()
    for machine in machines:
        switch_on(machine, "postcopy-ram", "postcopy-preempt")
    with postcopy(running, following, tmp_path / "in", 2) as wire:
        arrived(running, following, wire)
    main, preempt = (bytes(one.there) for one in wire.connections)
    back, silence = (bytes(one.back) for one in wire.connections)
    assert silence == b""
    understood(main)
    understood(back, "return path")
    understood(preempt, "preempt channel")
    urgent, others = pages(preempt), pages(main, switch(main))
    assert len({*urgent, *others}) == len(urgent) + len(others) >= len(PAGES)  # each goes once
    assert set() < requests(back) <= {*urgent, *others}
    assert set(urgent) <= requests(back)
    fed.listen(f"unix:{tmp_path / 'again'}")
    with feeding(tmp_path / "again", rewritten(main), rewritten(preempt)):
        fed.arrive()
    assert seen(fed.memory(0, RAM)) == seen(Memory().stream(main).stream(preempt).blocks["pc.ram"])


def test_a_recovery(source: Run, destination: Run, tmp_path: Path) -> None:
    """The connection breaks, both wait, and go on by another one: a stream without a header."""
    running, following, fed = machines = source(), destination(), destination()
    for machine in machines:
        switch_on(machine, "postcopy-ram")
    with postcopy(running, following, tmp_path / "in", 1) as wire:
        following.until(lambda: is_now(following, "running"))  # the package is loaded: it can wait
        running.until(lambda: running.counted("ram", "postcopy-bytes") > 8 * PAGE)
        wire.cut()
        assert {one.reaches("postcopy-paused", "failed") for one in (running, following)} == {"postcopy-paused"}
    broken = bytes(wire.connections[0].there)
    following.command("migrate-recover", uri=f"unix:{tmp_path / 'resumed'}")
    with Wire(tmp_path / "resumed.wire", tmp_path / "resumed") as wire:
        running.command("migrate-set-parameters", max_postcopy_bandwidth=AGAIN)
        running.command("migrate", uri=wire.uri, resume=True)
        arrived(running, following, wire)
    resumed, back = bytes(wire.connections[0].there), bytes(wire.connections[0].back)
    assert isinstance(verify(Stream(broken, registry())).error, Truncated)
    understood(resumed, "recovery")
    understood(back, "return path")
    commands = [one.command for one in Stream(resumed, registry()).events() if isinstance(one, Command)]
    assert commands == [RECV_BITMAP] * (len(commands) - 1) + [RESUME]
    assert answers(back).count(Type.RECV_BITMAP) == len(commands) - 1
    whole = Memory()
    with pytest.raises(Truncated):
        whole.stream(broken)
    fed.listen(f"unix:{tmp_path / 'again'}")
    with feeding(tmp_path / "again", broken):
        fed.until(lambda: is_now(fed, "paused"))
    assert fed.reaches("postcopy-paused", "failed") == "postcopy-paused"
    fed.command("migrate-recover", uri=f"unix:{tmp_path / 'again-resumed'}")
    with feeding(tmp_path / "again-resumed", rewritten(resumed)):
        fed.arrive()
    assert seen(fed.memory(0, RAM)) == seen(whole.stream(resumed).blocks["pc.ram"])
