"""What a section's body says: decoded by a declaration, by the stream's own description, or left opaque.

A declaration and a description of the same bytes are compared; where they part is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from attrs import define, field

from visitors import qemufile
from visitors.trace import Seen, Tracer
from vmstate import Decoded, Registry, VersionRefused, VMStateError
from vmstate.describe.vmdesc import Described, Description
from vmstate.format import fits, misfit
from vmstate.walk import Mode, Walk

from .agreement import disagreements
from .stream.events import SectionBegin

Source = Literal["declared", "embedded", "opaque"]
Choice = Literal["auto", "declared", "embedded"]
Decoding = Decoded[Any]
Outcome = tuple[Decoding | None, VMStateError | None]
"""A decoding, or why there is none; neither where nobody knows the name."""


@define
class Section:
    """One section, understood as far as possible. `begin` and `end` are its body's place in the input.

    `trace` is the tree of its values with their offsets in the body, and `written` the body written again from them
    (opaque: the body itself). `findings` are what is wrong with it, or where declaration and description part; `why`
    says why no declaration took it.
    """

    header: SectionBegin
    begin: int
    end: int
    source: Source = "opaque"
    decoded: Decoding | None = None
    trace: Seen = field(factory=lambda: Tracer(qemufile.writer()).root)
    findings: list[str] = field(factory=list[str])
    why: VMStateError | None = None
    written: bytes = field(default=b"", repr=False)

    @property
    def label(self) -> str:
        """Its name, with the instance where that is not 0."""
        instance = self.header.instance_id
        return self.header.name + (f"@{instance}" if instance else "")

    def by(self, source: Source, decoded: Decoding) -> Self:
        """The same section, understood."""
        self.source, self.decoded = source, decoded
        self.written, self.trace = _traced(decoded)
        return self


class SectionReader:
    """Understands bodies one after the other: the descriptions of a trailer go by their order."""

    def __init__(
        self, registry: Registry, description: Description | None = None, *, target: str = "",
        settings: Mapping[str, Any] | None = None, choice: Choice = "auto",
    ) -> None:
        self.registry, self.target, self.choice = registry, target, choice
        self.settings = dict(settings or {})
        self._described = list(description.devices) if description is not None else []
        self._next = 0

    def described(self, header: SectionBegin) -> Described | None:
        """This section's description: the next in order, if it bears the same name; else the first that does."""
        same = [i for i, one in enumerate(self._described)
                if (one.name, one.instance_id) == (header.name, header.instance_id)]
        if not same:
            return None
        return self._described[next((i for i in same if i >= self._next), same[0])]

    def extent(self, header: SectionBegin, ahead: memoryview) -> int | None:
        """How long the body is, as its description or else its declaration says."""
        described = self.described(header)
        declared = self.registry.for_section(header.name, self.target)
        for record in [described.record] if described is not None else declared:
            reader = qemufile.Reader(ahead)
            try:
                Walk(reader, Mode.WIRE).run(record, record.make())
            except VMStateError:
                continue
            return reader.at
        return None

    def read(self, header: SectionBegin, body: bytes, begin: int) -> Section:
        """One section; what cannot be understood is opaque, and says why."""
        described = self.described(header)
        if described is not None:
            self._next = self._described.index(described) + 1
        embedded, misfit = self._embedded(described, body)
        declared, why = self._declared(header, body, embedded)
        section = Section(header, begin, begin + len(body), written=body, why=why)
        if declared is not None:
            section = section.by("declared", declared)
            if embedded is not None:
                section.findings.extend(disagreements(section.trace, _traced(embedded)[1]))
            return section
        if why is not None and self._is_ours(header) and not isinstance(why, VersionRefused):
            section.findings.append(f"the declaration does not fit: {why}")
        if misfit is not None:
            section.findings.append(f"the description does not fit: {misfit}")
        return section if embedded is None else section.by("embedded", embedded)

    def _embedded(self, described: Described | None, body: bytes) -> Outcome:
        if described is None or self.choice == "declared":
            return None, None
        return _sorted(fits(described.record, body, qemufile, version=described.record.version))

    def _declared(self, header: SectionBegin, body: bytes, embedded: Decoding | None) -> Outcome:
        """The one decoding that fits, over all records of this name and all settings."""
        if self.choice == "embedded":
            return None, None
        given = self._given(header)
        records = self.registry.for_section(header.name, self.target)
        trials = [one for record in records
                  for one in fits(record, body, qemufile, version=header.version, settings=given)]
        found = [one for one in trials if isinstance(one, Decoded)]
        if len(found) > 1 and embedded is not None:
            theirs = _traced(embedded)[1]
            agreeing: list[Decoding] = [one for one in found if not disagreements(_traced(one)[1], theirs)]
            return _sorted(agreeing or found)
        return _sorted(trials)

    def _is_ours(self, header: SectionBegin) -> bool:
        """Whether the name surely means one of ours: not if it is for certain targets, and this one's is unknown."""
        records = self.registry.for_section(header.name, self.target)
        return any(self.target or not record.traits.target for record in records)

    def _given(self, header: SectionBegin) -> dict[str, Any]:
        """Settings for this section: `SECTION::path`, SECTION a tail of its name, or `path` for all."""
        given: dict[str, Any] = {}
        for key, value in self.settings.items():
            section, mark, path = key.rpartition("::")
            if not mark or header.name == section or header.name.endswith("/" + section):
                given[path] = value
        return given


def _sorted(trials: Iterable[Decoding | VMStateError]) -> Outcome:
    """The only decoding among trials, or the error that says why there is not one."""
    found, errors = list[Decoding](), list[VMStateError]()
    for one in trials:
        if isinstance(one, VMStateError):
            errors.append(one)
        else:
            found.append(one)
    if len(found) == 1:
        return found[0], None
    return None, misfit(found, errors) if found or errors else None


def _traced(decoded: Decoding) -> tuple[bytes, Seen]:
    """The state written again, and the place of each value."""
    writer = qemufile.writer()
    tracer = Tracer(writer)
    Walk(tracer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    return writer.result(), tracer.root
