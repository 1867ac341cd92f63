"""Every recorded stream through its declarations: `python -m tests.devices`, a table.

For each main stream: how many of its sections are declared, are understood by its own description, or by nothing; and
what is wrong of those that are declared. They say what the description says; they say it without the description too;
they are written as they were read; and loaded live and saved again they send the subsections that were sent, but for
those of docs/devices.md, which need a fact that no stream has.

VMSTATE_CORPUS names a folder of other streams. Ends with 1 where a machine that is declared has a section that is not,
or about which something is wrong.
"""

import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from devices.catalogue import MACHINES, registry
from migration.kinds import kind_of
from migration.replay import Replay
from migration.replica import Stream, verify
from migration.sections import Section
from migration.stream.events import Configured, Trailer
from tests.damage.originals import files, recorded
from vmstate import VMStateError

SOURCES = "declared", "embedded", "opaque"


class Row(NamedTuple):
    """A stream."""

    name: str
    machine: str
    sources: Counter[str]
    troubles: list[str]


def row(name: str) -> Row | None:
    """What is to be told of a stream; None where it is no main stream."""
    data = recorded(name)
    if kind_of(data) != "main stream":
        return None
    sources, troubles, machine = Counter[str](), list[str](), ""
    try:
        stream = Stream(data, registry())
        stream.sections.comparing = True
        found, end = list[Section](), len(data)
        for event in stream.events():
            if isinstance(event, Section):
                found.append(event)
            elif isinstance(event, Configured):
                machine = event.configuration.machine
            elif isinstance(event, Trailer):
                end = event.begin
        sources.update(one.source for one in found)
        troubles += (f"{one.label}: {text}" for one in found if one.source == "declared" for text in one.findings)
        troubles += _written(data)
        troubles += _undescribed(data[:end], found) if end < len(data) else ()
        troubles += _replayed(data)
    except VMStateError as error:
        troubles.append(str(error))
    return Row(name, machine, sources, troubles)


def _written(data: bytes) -> Iterator[str]:
    report = verify(Stream(data, registry()))
    if not report.identical or report.error is not None:
        yield f"written otherwise: {report.error or 'other bytes'}"


def _undescribed(data: bytes, found: list[Section]) -> Iterator[str]:
    """The same sections, without the description."""
    again = [event for event in Stream(data, registry()).events() if isinstance(event, Section)]
    for one, other in zip(found, again, strict=False):
        same = one.decoded is not None and other.decoded is not None and one.decoded.state == other.decoded.state
        if one.source == "declared" and not (other.source == "declared" and same):
            yield f"{one.label}: without the description it is {other.source}, or says something else"
    if len(again) != len(found):
        yield f"{len(again)} sections without the description, {len(found)} with it"


def _replayed(data: bytes) -> Iterator[str]:
    """Subsections that a live save leaves out, or adds; sections that do not load."""
    for one in Replay(Stream(data, registry())).sections:
        if one.error is not None:
            yield f"{one.section.label}: {one.error}"
        for change in one.changes:
            if change.what in ("dropped", "defaulted") and "/" in change.path.rpartition(".")[2]:
                yield f"{one.section.label}: {change}"


def is_declared(machine: str) -> bool:
    """Whether all sections of a machine of this type are to be declared."""
    return any(machine + "$" == prefix or (machine.startswith(prefix) and not prefix.endswith("$"))
               for prefix in MACHINES)


def main() -> int:
    """All of them."""
    sys.stdout.write(f"{'stream':32}{'machine':22}" + "".join(f"{one:>10}" for one in SOURCES) + "\n")
    wrong = 0
    with multiprocessing.Pool() as pool:
        for found in pool.imap(row, sorted(files())):
            if found is None:
                continue
            counts = "".join(f"{found.sources[one] or '-':>10}" for one in SOURCES)
            sys.stdout.write(f"{found.name:32}{found.machine:22}{counts}\n")
            sys.stdout.writelines(f"    {one}\n" for one in found.troubles)
            sys.stdout.flush()
            if is_declared(found.machine):
                wrong += bool(found.troubles) or found.sources["declared"] < found.sources.total()
    sys.stdout.write(f"{wrong} streams with something wrong\n" if wrong else "nothing wrong\n")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
