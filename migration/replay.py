"""An old stream loaded into newer declarations, live, and saved again: what their QEMU would write.

Each section that is sent whole is loaded by its declaration, hooks and predicates as they are; when all are loaded, the
hooks that wait for that run; then all are saved at their newest versions. What has no declaration, guest memory and
what is sent in parts go through as they were. The machine is one like the source: what both ends must have alike
(`equal`, `at_most`, settings) is as the stream has it; a `local` fact is as it was given, else as the machine type
decides, else as after reset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeVar

from attrs import define, field

from visitors import qemufile
from vmstate import Decoded, Mismatch, VMStateError, decode, settle
from vmstate.machine_types import MachineType

from .describing import TrailerWriter
from .likeness import liken
from .reloading import Change, Reload
from .replica import Stream, written
from .sections import UNFITTING, Section
from .stream.events import Command, Configured, Event, Kind, Rest, SectionBegin
from .stream.reader import PACKAGED

T = TypeVar("T")
Outcome = Literal["replayed", "passed through", "refused"]
UNDECLARED = "nothing declares it"
IN_PARTS = "it is sent in parts"


@define(eq=False)
class Replayed:
    """What became of one section. `error`: why it is refused; `why`: why it goes through as it was."""

    section: Section
    why: str = ""
    error: VMStateError | None = None
    reload: Reload | None = None
    saved: Decoded[Any] | None = None
    body: bytes = b""
    changes: list[Change] = field(factory=list[Change])

    @property
    def outcome(self) -> Outcome:
        return "refused" if self.error is not None else "replayed" if self.reload is not None else "passed through"

    @property
    def version(self) -> int:
        """The version that it is written at."""
        return self.section.header.version if self.saved is None else self.saved.version

    @property
    def renewed(self) -> Section:
        """The section as it is written. One that did not change is described as it was; else as declared."""
        old = self.section
        if self.saved is None or (self.body == old.body and self.version == old.header.version):
            return old
        begin = old.header
        header = SectionBegin(begin.kind, begin.section_id, begin.name, begin.instance_id, self.version, begin.begin,
                              begin.end)
        return Section(header, self.body, old.begin, declared=self.saved)

    def refuse(self, error: VMStateError) -> None:
        """Notes the first reason, with its place in the input."""
        if self.error is None:
            self.error = error.within(self.section.label, self.section.begin)


@define
class Loaded:
    """The devices of one machine, for the hooks that wait for all."""

    devices: list[tuple[Any, int]] = field(factory=list[tuple[Any, int]])

    def find(self, kind: type[T], instance: int = 0) -> T | None:
        """The state of this kind and instance id, if there is one."""
        return next((state for state, number in self.devices if isinstance(state, kind) and number == instance), None)


class Replay:
    """A stream, replayed when it is made. `sections` tell what became of each; `behind`: bytes behind the stream.

    Raises VMStateError where the stream makes no sense.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream, self.machine = stream, Loaded()
        self.sections: list[Replayed] = []
        self.behind = 0
        self._events: list[Event | Replayed] = []
        self._machine_type: MachineType | None = None
        for event in stream.events():
            if isinstance(event, Configured):
                self._machine_type = MachineType.of(event.configuration.machine)
            if isinstance(event, Rest):
                self.behind = event.end - event.begin
            elif isinstance(event, Section):
                self.sections.append(self._loaded(event))
                self._events.append(self.sections[-1])
            else:
                self._events.append(event)
        for step in (_settle, _save):
            for one in () if self.refused else self.sections:
                if one.reload is not None:
                    step(one, one.reload, self.machine)

    @property
    def refused(self) -> list[Replayed]:
        """The sections that do not load."""
        return [one for one in self.sections if one.error is not None]

    def _loaded(self, section: Section) -> Replayed:
        """One section, loaded live if it has a declaration."""
        made = Replayed(section, body=section.body)
        if section.header.kind is not Kind.SECTION_FULL:
            made.why = IN_PARTS
        elif section.source != "declared" and not self.stream.sections.is_ours(section.header):
            made.why = UNDECLARED
        elif section.source != "declared" or section.decoded is None:
            made.refuse(section.why or Mismatch(UNFITTING))
        else:
            self._load(made, section.decoded)
        return made

    def _load(self, one: Replayed, decoded: Decoded[Any]) -> None:
        header = one.section.header
        liken(one.section, decoded, self._machine_type, self.stream.sections.given(header))
        try:
            one.reload = Reload.of(decoded.state, one.section.body, qemufile, header.version, decoded.settings)
        except VMStateError as error:
            one.refuse(error)
        self.machine.devices.append((decoded.state, header.instance_id))

    # -- the new stream

    def write(self, out: Callable[[bytes], object]) -> None:
        """The stream of the newer version; nothing may be refused. Its description is of what is in it now."""
        description = self.stream.description
        describing = TrailerWriter.like(description) if description is not None else None
        for event in self._renewed():
            if describing is not None:
                describing.add(event)
            out(written(event, self.stream, describing))

    def _renewed(self) -> Iterator[Event | Section]:
        """The events, with each section's header and body as they are now."""
        begun: SectionBegin | None = None
        for event in self._events:
            if isinstance(event, SectionBegin):
                begun = event
                continue
            if isinstance(event, Replayed):
                section = event.renewed if begun is not None else event.section
                yield from (section,) if begun is None else (section.header, section)
                begun = None
                continue
            if begun is not None:
                yield begun
                begun = None
            yield self._package(event) if isinstance(event, Command) and event.command == PACKAGED else event

    def _package(self, event: Command) -> Command:
        """It tells how long what is in it is now."""
        size = int.from_bytes(event.payload, "big")
        more = sum(len(one.body) - len(one.section.body) for one in self.sections
                   if event.end <= one.section.begin < event.end + size)
        return Command(event.command, (size + more).to_bytes(4, "big"), event.begin, event.end)


def _settle(one: Replayed, reload: Reload, machine: Loaded) -> None:
    """Runs the hooks that wait for all devices."""
    try:
        settle(reload.later, machine)
    except VMStateError as error:
        one.refuse(error)


def _save(one: Replayed, reload: Reload, _: Loaded) -> None:
    """Saves it at its newest version, and reads what was written as a stream's reader would."""
    before = one.section.decoded
    try:
        one.body = reload.saved()
        if before is not None:
            one.saved = decode(before.record, one.body, qemufile, settings=before.settings)
        one.changes = reload.changes()
    except VMStateError as error:
        one.refuse(error)
