"""What a section's body says: decoded by a declaration, by the stream's own description, or left opaque.

A declaration and a description of the same bytes are compared; where they part is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from visitors import qemufile
from visitors.trace import Seen, Tracer
from vmstate import Decoded, Record, Registry, VersionRefused, VMStateError
from vmstate.describe.vmdesc import Described, Description
from vmstate.format import fits, misfit
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

from .agreement import disagreements
from .stream.events import Kind, SectionBegin

Source = Literal["declared", "embedded", "opaque"]
ENDS = {bytes((kind,)) for kind in Kind} - {bytes((Kind.SUBSECTION,))}
"""What may follow a body: a footer, another record, the end."""

Choice = Literal["auto", "declared", "embedded"]
Decoding = Decoded[Any]
Outcome = tuple[Decoding | None, VMStateError | None]
"""A decoding, or why there is none; neither where nobody knows the name."""


class Section:
    """One section, understood as far as possible. `begin` and `end` are its body's place in the input.

    `findings` are what is wrong with it, or where declaration and description part; `why` says why no declaration took
    it. `described` is what the stream's own description has of it.
    """

    def __init__(
        self, header: SectionBegin, body: bytes, begin: int, *, declared: Decoding | None = None,
        embedded: Decoding | None = None, findings: list[str] | None = None, why: VMStateError | None = None,
        described: Described | None = None,
    ) -> None:
        self.described, self.embedded = described, embedded
        self.header, self.body = header, body
        self.begin, self.end = begin, begin + len(body)
        self.decoded = embedded if declared is None else declared
        self.source: Source = "declared" if declared is not None else "embedded" if embedded is not None else "opaque"
        self.findings, self.why = findings or [], why

    @property
    def label(self) -> str:
        """Its name, with the instance where that is not 0."""
        instance = self.header.instance_id
        return self.header.name + (f"@{instance}" if instance else "")

    @cached_property
    def again(self) -> tuple[bytes, Seen]:
        """The body written again from its values, and the tree of these with their offsets in it."""
        if self.decoded is None:
            return self.body, Tracer(qemufile.writer()).root
        return _traced(self.decoded)

    @property
    def written(self) -> bytes:
        """The body written again; of an opaque section, the body."""
        return self.again[0]

    @property
    def trace(self) -> Seen:
        """The tree of its values; empty where it is opaque."""
        return self.again[1]


class SectionReader:
    """Understands bodies one after the other: the descriptions of a trailer go by their order.

    `comparing`: where there is a declaration, the description is read as well, and where they part is a finding.
    """

    def __init__(
        self, registry: Registry, description: Description | None = None, *, target: str = "",
        settings: Mapping[str, Any] | None = None, choice: Choice = "auto", comparing: bool = False,
    ) -> None:
        self.registry, self.target, self.choice, self.comparing = registry, target, choice, comparing
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
        if described is not None and (size := _length(described, ahead)) is not None:
            return size
        sizes = set[int]()
        for record in self.registry.for_section(header.name, self.target):
            sizes.update(_lengths(record, ahead, header.version, self._given(header)))
        likely = {size for size in sizes if ahead[size:size + 1].tobytes() in ENDS} or sizes
        return likely.pop() if len(likely) == 1 else None

    def read(self, header: SectionBegin, body: bytes, begin: int) -> Section:
        """One section; what cannot be understood is opaque, and says why."""
        described = self.described(header)
        if described is not None:
            self._next = self._described.index(described) + 1
        declared, why = self._declared(header, body, described)
        wanted = self.choice != "declared" and (declared is None or self.comparing)
        embedded, misfit = _embedded(described, body) if wanted else (None, None)
        findings: list[str] = []
        if declared is None and why is not None and self._is_ours(header) and not isinstance(why, VersionRefused):
            findings.append(f"the declaration does not fit: {why}")
        if misfit is not None:
            findings.append(f"the description does not fit: {misfit}")
        section = Section(header, body, begin, declared=declared, embedded=embedded, findings=findings, why=why,
                          described=described)
        if declared is not None and embedded is not None:
            section.findings += disagreements(section.trace, _traced(embedded)[1])
        return section

    def _declared(self, header: SectionBegin, body: bytes, described: Described | None) -> Outcome:
        """The one decoding that fits, over all records of this name and all settings; the description breaks a tie."""
        if self.choice == "embedded":
            return None, None
        given = self._given(header)
        records = self.registry.for_section(header.name, self.target)
        trials = [one for record in records
                  for one in fits(record, body, qemufile, version=header.version, settings=given)]
        found = [one for one in trials if isinstance(one, Decoded)]
        if len(found) > 1 and (embedded := _embedded(described, body)[0]) is not None:
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


def _length(described: Described, ahead: memoryview) -> int | None:
    try:
        return _walked(described.record, ahead, described.record.version, Trial())
    except VMStateError:
        return None


def _lengths(record: Record[Any], ahead: memoryview, version: int, given: dict[str, Any]) -> Iterator[int]:
    """How long the body may be, for every combination of settings."""
    trial = Trial(given)
    while True:
        if (size := _walked(record, ahead, version, trial)) is not None:
            yield size
        if not trial.next():
            return


def _walked(record: Record[Any], ahead: memoryview, version: int, trial: Trial) -> int | None:
    """How many bytes a state takes; None if these are not one."""
    reader = qemufile.Reader(ahead)
    try:
        Walk(reader, Mode.WIRE, trial).run(record, record.make(), version)
    except VMStateError:
        return None
    return reader.at


def _embedded(described: Described | None, body: bytes) -> Outcome:
    if described is None:
        return None, None
    try:
        record = described.record
    except VMStateError as error:
        return None, error
    return _sorted(fits(record, body, qemufile, version=record.version))


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
