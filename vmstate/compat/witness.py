"""The proof of a hard verdict: a state that one side writes, and the first byte that the other takes for another's.

What a comparison derives from two layouts, a walk is made to show: a state of the writing record is drawn, written in
the format at hand, and read by the other record. Where none shows it, the witness says why it is `missing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..describe.bags import always
from ..errors import VersionRefused, VMStateError, render_path
from ..shape import Member, Nested, Record
from ..trace import Seen
from .comparing import Facts
from .effort import EACH, MOST_WALKED, Effort, weight
from .findings import BREAKS, DIRECTIONS, Direction, Finding, Report, Verdict
from .layout import NOBODY, Path, gate_of, pieces
from .pairing import pair
from .renames import Called, Place, Renames, called
from .running import Fate, Leaf, Run, run
from .scenarios import flat
from .scope import carried_versions
from .sections import Met, meet
from .sides import Side

if TYPE_CHECKING:
    from ..format import Format

Witness = dict[str, Any]
ABOUT_MEMBERS = "VM3", "VM5"
"""Families of rules."""
TRIES = 20
"""States that are drawn at most, for one that shows what is claimed."""
MOST_SHOWN, LINE = 1024, 16
"""Bytes of a stream that are shown; where these begin, a multiple."""
MOST_ELEMENTS = 2000
"""Of a state, at most, that are not there by declaration: a witness is to be looked at."""


def witnessed(report: Report, old: Side, new: Side, form: Format[Any]) -> Report:
    """The same report; hard verdicts about how bytes lie have their witnesses."""
    proofs = {section(one): list[Witnesses]() for one in report.findings if wants(one, report.positional)}
    effort = Effort(MOST_WALKED)
    for met in meet(old, new) if proofs else ():
        if met.name in proofs:
            proofs[met.name].append(Witnesses(met, Facts(old, new), form, effort))
    return evolve(report, findings=tuple(
        proved(one, proofs.get(section(one), ()), report.positional) for one in report.findings))


def section(finding: Finding) -> str:
    """The section that a finding is about."""
    return finding.path.partition("::")[0]


def wants(finding: Finding, positional: bool) -> bool:
    """Whether it says for certain that bytes lie otherwise, or that members do; and nothing was told to prove it."""
    about = finding.layout or finding.rule.startswith(ABOUT_MEMBERS)
    return about and finding.witness is None and finding.verdicts(positional).worst.hard


def proved(finding: Finding, proofs: Sequence[Witnesses], positional: bool) -> Finding:
    """A finding with its witness; one for each direction where both are hard, the worse first. Of several device types
    that are called the same, that of the first which shows it.
    """
    if not wants(finding, positional):
        return finding
    verdicts = finding.verdicts(positional)
    hard: list[Direction] = [one for one in DIRECTIONS if verdicts[one].hard]
    hard.sort(key=lambda one: -verdicts[one])
    each = ([some.of(one, verdicts[one]) for one in hard] for some in proofs)
    found = max(each, key=lambda some: -sum("missing" in one for one in some), default=list[Witness]())
    if not found:
        return evolve(finding, witness={"direction": hard[0], "missing": "no section of this name can be drawn"})
    found.sort(key=lambda one: "missing" in one)
    return evolve(finding, witness={**found[0], "other": found[1:]} if found[1:] else found[0])


class Witnesses:
    """Those of one section, in one format; each is looked for once."""

    def __init__(self, met: Met, facts: Facts, form: Format[Any], effort: Effort) -> None:
        self.form, self.effort, self.found = form, effort, dict[tuple[Direction, Verdict], Witness]()
        before, after = (None if part is None else part.record for part in (met.old, met.new))
        self.both = None if before is None or after is None else facts.taken(before, after)[:2]

    def of(self, direction: Direction, verdict: Verdict) -> Witness:
        """The one that shows this; or why it is missing."""
        if (direction, verdict) not in self.found:
            self.found[direction, verdict] = witness(*self.both, direction, verdict, self.form, self.effort) if (
                self.both is not None) else {"direction": direction, "missing": "one side does not tell what it sends"}
        return self.found[direction, verdict]


def witness(
    old: Record[Any], new: Record[Any], direction: Direction, verdict: Verdict, form: Format[Any], effort: Effort
) -> Witness:
    """A state that shows this verdict, what is written of it, and where the reader goes wrong; or why it is missing."""
    writer, reader = (old, new) if direction == "backward" else (new, old)
    places, known = called(old, new)[direction == "forward"], carried_versions(writer, reader)
    unsent, wanted = Renames(pair(old, new)).retired if direction == "forward" else ({}, {})
    ran = showing(settled(writer, known | unsent), settled(reader, known | wanted), verdict, form, places, effort)
    if isinstance(ran, str):
        return {"direction": direction, "missing": ran}
    found = told(ran)
    return {"direction": direction, **shown(ran.data, found["offset"] or 0), **found, **unseen(writer)}


def showing(
    writer: Record[Any], reader: Record[Any], verdict: Verdict, form: Format[Any], places: Called, effort: Effort
) -> Run | str:
    """A run as the verdict says; of what loads wrong also one that is refused, if all are: lengths may be among what is
    taken wrong, or values that cannot be. Where there is none, why.
    """
    refused, missing = None, f"none of {TRIES} states shows it"
    size = EACH + weight(writer) + weight(reader)
    for n in range(TRIES):
        if not effort.spend(size):
            missing = f"it takes {size:,} values to show it, and of {MOST_WALKED:,} in a comparison too few are left"
            break
        try:
            ran = run(writer, reader, form, pick(n), places, MOST_ELEMENTS, distinct=True)
        except VMStateError as error:
            missing = f"no state can be drawn: {error}"
            break
        if ran.fate is Fate.REFUSED:
            refused = refused or ran
        if shows(ran, verdict):
            return ran
    return refused or missing


def settled(record: Record[Any], known: Mapping[str, bool], path: Path = ()) -> Record[Any]:
    """A record without the predicates of which it is known what they say."""
    def within(member: Member) -> Member:
        step, shape = (*path, member.key), member.shape
        if isinstance(shape, Nested):
            shape = shape.but(find=always(settled(shape.record, known, step)))
        gated = member.when is not None and gate_of(step, member) not in known
        return member.but(shape=shape) if gated or member.when is None else member.but(shape=shape, when=None, since=0)

    if not known:
        return record
    return record.but(members=tuple(within(one) for one in record.members if one.when is None or known.get(
        gate_of((*path, one.key), one), True)))


def pick(n: int) -> Random:
    """Chance that is the same on every run."""
    return Random(n)  # noqa: S311 - nothing of it is a secret


def shows(ran: Run, verdict: Verdict) -> bool:
    """Whether a run is as the verdict says: refused; or loaded, with a value that is another."""
    if verdict is BREAKS:
        return ran.fate is Fate.REFUSED
    return ran.fate is Fate.MISREAD and ran.differs is not None


def shown(data: Any, offset: int) -> Witness:
    """The bytes; of many those around an offset, where they begin, how many there are. Of a format without, nothing."""
    if not isinstance(data, bytes | bytearray):
        return {}
    if len(data) <= MOST_SHOWN:
        return {"stream": data.hex()}
    begin = -(-max(0, min(offset - MOST_SHOWN // 2, len(data) - MOST_SHOWN)) // LINE) * LINE  # up: all of the end
    return {"stream": data[begin:begin + MOST_SHOWN].hex(), "begin": begin, "size": len(data)}


def told(ran: Run) -> Witness:
    """Where bytes are taken for another member; then where the reader stops, or which value is another."""
    found = where(ran)
    if (error := ran.error) is not None:
        at = None if isinstance(error, VersionRefused) else error.offset
        found["stops"] = {"offset": at, "path": render_path(error.path), "error": str(error)}
    elif (other := ran.differs) is not None:
        found["differs"] = {"path": render_path(other.read.place), "written": other.own and plain(other.own),
                            "read": plain(other.read)}
    return found


def where(ran: Run) -> Witness:
    """The first offset where a byte is taken for another member's: what was written there, and what is read."""
    if (wrong := ran.wrong) is not None:
        offset = wrong.read.begin if wrong.offset is None else wrong.offset
        return place(offset if wrong.read.end else None, ran, wrong.read.place)
    if (error := ran.error) is None or isinstance(error, VersionRefused):
        return place(None, ran, ())
    return place(error.offset, ran, error.path)


def place(offset: int | None, ran: Run, read: Place) -> Witness:
    """An offset, and the members on both sides; None where there is none."""
    written = None if offset is None else lying(ran.wrote, offset)
    return {"offset": offset, "written": written, "read": render_path(read) or None}


def lying(seen: Seen, offset: int, above: Place = ()) -> str | None:
    """What a byte was written for: a member; or a subsection's name, or a marker, before what is inside of it."""
    one = next((one for one in seen.inside or () if one.begin <= offset < one.end), None)
    if one is None:
        return render_path(above) or None
    return lying(one, offset, (*above, one.key))


def plain(leaf: Leaf) -> Any:
    """A value as JSON has it."""
    value = leaf.value
    if isinstance(value, bytes | bytearray):
        return value[:MOST_SHOWN].hex()
    return value if isinstance(value, bool | int | str | None) else repr(value)


def unseen(record: Record[Any]) -> Witness:
    """Members of which nobody knows how long they are: in this stream they have no bytes."""
    paths = sorted({".".join(one.path) for one in flat(pieces(record)) if one.count == NOBODY})
    return {"without": paths} if paths else {}
