"""What a section's body says: decoded by a declaration, by the stream's own description, or left opaque.

A declaration and a description of the same bytes are compared; where they part is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from visitors import qemufile
from vmstate import Decoded, Registry, VersionRefused, VMStateError
from vmstate.describe.vmdesc import Described, Description
from vmstate.format import fits, misfit
from vmstate.walk import Mode, Walk

from .attempts import Attempts
from .descriptions import Descriptions, Lent
from .stream.events import SectionBegin

if TYPE_CHECKING:
    from vmstate.trace import Seen, Tracer

Source = Literal["declared", "embedded", "opaque"]
UNFITTING = "the declaration does not fit: where it ends no record may begin"
RESYNCED = "bounded by resync: nothing tells where it ends but what looks like the next header"
Choice = Literal["auto", "declared", "embedded"]
Decoding = Decoded[Any]
Outcome = tuple[Decoding | None, VMStateError | None]
"""A decoding, or why there is none; neither where nobody knows the name."""


class Section:
    """One section, understood as far as possible. `begin` and `end` are its body's place in the input.

    `findings` are what is wrong with it, or where declaration and description part, `notes` what is worth knowing;
    `why` says why no declaration took it. `described` is what the stream's own description has of it.
    """

    def __init__(
        self, header: SectionBegin, body: bytes, begin: int, *, declared: Decoding | None = None,
        embedded: Decoding | None = None, findings: list[str] | None = None, why: VMStateError | None = None,
        notes: list[str] | None = None, described: Described | None = None,
    ) -> None:
        self.described, self.embedded = described, embedded
        self.header, self.body = header, body
        self.begin, self.end = begin, begin + len(body)
        self.decoded = embedded if declared is None else declared
        self.source: Source = "declared" if declared is not None else "embedded" if embedded is not None else "opaque"
        self.findings, self.notes, self.why = findings or [], notes or [], why

    @property
    def label(self) -> str:
        """Its name, with the instance where that is not 0."""
        instance = self.header.instance_id
        return self.header.name + (f"@{instance}" if instance else "")

    @cached_property
    def again(self) -> tuple[bytes, Seen]:
        """The body written again from its values, and the tree of these with their offsets in it."""
        return (self.body, _tracer(qemufile.writer()).root) if self.decoded is None else _traced(self.decoded)

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
    `lent`: another stream's description, for sections that nothing else describes.
    """

    def __init__(
        self, registry: Registry, description: Description | None = None, *, target: str = "",
        settings: Mapping[str, Any] | None = None, choice: Choice = "auto", comparing: bool = False,
        lent: Lent | None = None,
    ) -> None:
        self.registry, self.target, self.choice, self.comparing = registry, target, choice, comparing
        self.settings = dict(settings or {})
        self.descriptions, self.lent, self._attempts = Descriptions(description), lent, Attempts()

    def extents(self, header: SectionBegin, ahead: memoryview, whole: bool = True) -> Iterator[int]:
        """How long the body may be: as its description says, as a declaration does, as another stream's description.

        Raises NeedMore where the bytes ahead are not enough.
        """
        described, attempts, given = self.descriptions.of(header), self._attempts, self.given(header)
        attempts.begin()
        if described is not None:
            yield from attempts.described(described, ahead, whole)
        for record in self.registry.for_section(header.name, self.target):
            yield from attempts.lengths(record, ahead, whole, header.version, given)
        for one in self._lent(header):
            yield from attempts.described(one, ahead, whole)

    def read(self, header: SectionBegin, body: bytes, begin: int, resynced: bool = False) -> Section:
        """One section; what cannot be understood is opaque, and says why. So is what only a resync has bounded."""
        described = self.descriptions.of(header)
        self.descriptions.passed(header)
        self._attempts.settle(len(body))
        if resynced:
            unfitting = self.choice != "embedded" and self.is_ours(header, header.version)
            return Section(header, body, begin, findings=[UNFITTING] * unfitting, notes=[RESYNCED], described=described)
        declared, why = self._declared(header, body, described)
        findings: list[str] = []
        if declared is None and why is not None and self.is_ours(header) and not isinstance(why, VersionRefused):
            findings.append(f"the declaration does not fit: {why}")
        wanted = self.choice != "declared" and (declared is None or self.comparing)
        embedded, misfit = _embedded(described, body) if wanted else (None, None)
        if misfit is not None:
            findings.append(f"the description does not fit: {misfit}")
        borrowed = self._borrowed(header, body) if declared is None and embedded is None else None
        notes = [f"described by {self.lent.name}"] if borrowed is not None and self.lent is not None else []
        embedded = embedded or borrowed
        section = Section(header, body, begin, declared=declared, embedded=embedded, findings=findings, why=why,
                          notes=notes, described=described)
        if declared is not None and embedded is not None:
            section.findings += _parting(section.trace, _traced(embedded)[1])
        return section

    def _declared(self, header: SectionBegin, body: bytes, described: Described | None) -> Outcome:
        """The one decoding that fits, over all records of this name and all settings; the description breaks a tie."""
        if self.choice == "embedded":
            return None, None
        given = self.given(header)
        records = self.registry.for_section(header.name, self.target)
        trials = [one for record in records
                  for one in fits(record, body, qemufile, version=header.version, settings=given)]
        found = [one for one in trials if isinstance(one, Decoded)]
        if len(found) > 1 and (embedded := _embedded(described, body)[0]) is not None:
            theirs = _traced(embedded)[1]
            agreeing: list[Decoding] = [one for one in found if not _parting(_traced(one)[1], theirs)]
            return _sorted(agreeing or found)
        return _sorted(trials)

    def _lent(self, header: SectionBegin) -> Iterator[Described]:
        """What another stream's description may have of this section."""
        return iter(()) if self.lent is None or self.choice == "declared" else self.lent.of(header)

    def _borrowed(self, header: SectionBegin, body: bytes) -> Decoding | None:
        """The first of these that fits."""
        return next((found for one in self._lent(header) if (found := _embedded(one, body)[0]) is not None), None)

    def is_ours(self, header: SectionBegin, version: int | None = None) -> bool:
        """Whether the name surely means one of ours: not if it is for certain targets, and this one's is unknown.

        With a version it is one that can be of that.
        """
        records = self.registry.for_section(header.name, self.target)
        return any((self.target or not record.traits.target)
                   and (version is None or record.minimum <= version <= record.version) for record in records)

    def given(self, header: SectionBegin) -> dict[str, Any]:
        """Settings for this section: `SECTION::path`, SECTION a tail of its name, or `path` for all."""
        given: dict[str, Any] = {}
        for key, value in self.settings.items():
            from .places import covers  # here alone: few are given any

            section, mark, path = key.rpartition("::")
            if not mark or covers(section, header.name, header.instance_id):
                given[path] = value
        return given


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
    tracer = _tracer(writer)
    Walk(tracer, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    return writer.result(), tracer.root


def _tracer(writer: qemufile.Writer) -> Tracer:
    from vmstate.trace import Tracer  # which JSON has no use for

    return Tracer(writer)


def _parting(mine: Seen, theirs: Seen) -> list[str]:
    """Where a declaration says something else than a description."""
    from .agreement import disagreements  # which is asked for when both are at hand

    return disagreements(mine, theirs)
