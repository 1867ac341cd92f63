"""What a section's body says: decoded by a declaration, by the stream's own description, or left opaque.

A declaration and a description of the same bytes are compared; where they part is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from vmstate import Bag, Decoded, Record, Registry, Undetermined, VMStateError
from vmstate.describe.vmdesc import Described, Description
from vmstate.errors import render_path
from vmstate.format import fits, write
from vmstate.walk import Mode
from visitors import qemufile
from visitors.trace import Seen, Tracer

from .agreement import disagreements
from .stream.events import SectionBegin

Source = Literal["declared", "embedded", "opaque"]
Choice = Literal["auto", "declared", "embedded"]
Decodings = list[Decoded[Any]]


@frozen
class Section:
    """One section, understood as far as possible. `begin` and `end` are its body's place in the input.

    `trace` is the tree of its values with their offsets in the body (None: opaque). `findings` are what is wrong with
    it, or where declaration and description part; `why` says why it is opaque or only embedded.
    """

    header: SectionBegin
    begin: int
    end: int
    source: Source
    decoded: Decoded[Any] | None = None
    trace: Seen | None = None
    findings: tuple[str, ...] = ()
    why: VMStateError | None = None
    written: bytes = field(default=b"", repr=False)

    @property
    def label(self) -> str:
        """Its name, with the instance where that is not 0."""
        instance = self.header.instance_id
        return self.header.name + (f"@{instance}" if instance else "")


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
        i = next((i for i in same if i >= self._next), same[0])
        return self._described[i]

    def extent(self, header: SectionBegin, ahead: memoryview) -> int | None:
        """How long the body is, as its description or else its declaration says."""
        described = self.described(header)
        records = [described.record] if described is not None else self.registry.for_section(header.name, self.target)
        for record in records:
            reader = qemufile.Reader(ahead)
            try:
                write_nothing(record, reader)
            except VMStateError:
                continue
            return reader.at
        return None

    def read(self, header: SectionBegin, body: bytes, begin: int) -> Section:
        """One section; what cannot be understood is opaque, and says why."""
        described = self.described(header)
        if described is not None:
            self._next = self._described.index(described, self._next if described in self._described[self._next:]
                                               else 0) + 1
        embedded = self._embedded(header, described, body)
        declared, why = self._declared(header, body, embedded)
        findings: list[str] = []
        if declared is not None:
            written, trace = _traced(declared)
            if isinstance(embedded, Decoded):
                findings += disagreements(trace, _traced(embedded)[1])
            return Section(header, begin, begin + len(body), "declared", declared, trace, tuple(findings), None, written)
        if why is not None and self.registry.for_section(header.name, self.target) and self.choice != "embedded":
            findings.append(f"the declaration does not fit: {why}")
        if isinstance(embedded, Decoded):
            written, trace = _traced(embedded)
            return Section(header, begin, begin + len(body), "embedded", embedded, trace, tuple(findings), why, written)
        error = embedded if embedded is not None else why
        if embedded is not None:
            findings.append(f"the description does not fit: {embedded}")
        return Section(header, begin, begin + len(body), "opaque", None, None, tuple(findings), error, body)

    def _embedded(
        self, header: SectionBegin, described: Described | None, body: bytes
    ) -> Decoded[Any] | VMStateError | None:
        if described is None:
            return None
        record: Record[Bag] = described.record
        return next(iter(fits(record, body, qemufile, version=record.version)))

    def _declared(
        self, header: SectionBegin, body: bytes, embedded: object
    ) -> tuple[Decoded[Any] | None, VMStateError | None]:
        """The one decoding that fits, over all records of this name and all settings."""
        if self.choice == "embedded":
            return None, None
        found, errors = Decodings(), list[VMStateError]()
        given = self._given(header)
        for record in self.registry.for_section(header.name, self.target):
            for one in fits(record, body, qemufile, version=header.version, settings=given):
                if isinstance(one, Decoded):
                    found.append(one)
                else:
                    errors.append(one)
        if len(found) > 1 and isinstance(embedded, Decoded):
            theirs = _traced(embedded)[1]
            found = [one for one in found if not disagreements(_traced(one)[1], theirs)] or found
        if len(found) == 1:
            return found[0], None
        if found:
            listed = "; ".join(", ".join(f"{k}={v}" for k, v in one.settings.items()) for one in found)
            return None, Undetermined(f"{len(found)} combinations of settings fit", hint=listed)
        furthest = max(errors, key=lambda error: error.offset or 0, default=None)
        return None, furthest

    def _given(self, header: SectionBegin) -> dict[str, Any]:
        """Settings for this section: `SECTION::path`, SECTION a tail of its name, or `path` for all."""
        given: dict[str, Any] = {}
        for key, value in self.settings.items():
            section, mark, path = key.rpartition("::")
            if not mark or header.name == section or header.name.endswith("/" + section):
                given[path] = value
        return given


def write_nothing(record: Record[Any], reader: qemufile.Reader) -> None:
    """Reads a state only to see how long it is."""
    from vmstate.walk import Walk

    Walk(reader, Mode.WIRE).run(record, record.make())


def _traced(decoded: Decoded[Any]) -> tuple[bytes, Seen]:
    """The state written again, and the place of each value."""
    writer = qemufile.writer()
    tracer = Tracer(writer)
    from vmstate.walk import Walk

    Walk(tracer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    return writer.result(), tracer.root


__all__ = ["Choice", "Section", "SectionReader", "Source", "render_path", "write"]
