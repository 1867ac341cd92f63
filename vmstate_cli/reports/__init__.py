"""What `vmstate compare` tells, in several forms: each module here has `render(compared)`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vmstate.compat.allowances import Settled
from vmstate.compat.catalogue import SEVERITIES, Severity
from vmstate.compat.findings import DIRECTIONS, OK, Direction, Finding, Verdict
from vmstate.compat.levels import Level, breach, directions
from vmstate.compat.sections import Met
from vmstate.compat.sides import Side

FORMS = {"text": "text", "json": "document", "github": "annotations", "junit": "junit", "html": "page"}
"""By format: the module that makes it."""
MEANING = {"backward": "old streams in new code", "forward": "new streams in old code"}
WORDS: dict[Severity, tuple[str, str]] = {
    "error": ("error", "errors"), "warn": ("warning", "warnings"), "note": ("note", "notes"),
    "info": ("remark", "remarks"),
}
"""What findings of a severity are called: one, and several."""
NOWHERE = "(all)"


class Compared(NamedTuple):
    """Two sides, what of them met, and what was found; `old` and `new` as the command line names them."""

    old: str
    new: str
    sides: tuple[Side, Side]
    met: Sequence[Met]
    settled: Settled
    level: Level
    wire: str
    transitive: bool = False
    color: str = "never"
    width: int = 100

    @property
    def findings(self) -> list[Finding]:
        """The most severe first; of those, the worst."""
        return sorted(self.settled.report.findings, key=lambda one: -SEVERITIES.index(one.severity))

    @property
    def violated(self) -> bool:
        """Whether the promise is broken."""
        return self.settled.violates(self.level)

    def verdict(self, direction: Direction) -> Verdict:
        """What follows in one direction."""
        return self.settled.report.verdict[direction]

    def verdicts(self, finding: Finding) -> dict[Direction, Verdict]:
        """Those of a finding that say more than ok."""
        both = finding.verdicts(self.settled.report.positional)
        return {direction: both[direction] for direction in DIRECTIONS if both[direction] is not OK}

    def fix(self, finding: Finding) -> str:
        """What to do about a finding; empty where nothing follows from it."""
        return finding.fix if finding.rule != "VM902" and self.verdicts(finding) else ""

    def asked(self, direction: Direction) -> bool:
        """Whether the promise speaks of this direction."""
        return direction in directions(self.level)

    def breaks(self, finding: Finding) -> bool:
        """Whether it is this finding that breaks the promise."""
        return finding in self.settled.expired or breach(finding, self.level, self.settled.report.positional)


class Cause(NamedTuple):
    """What one change made: the finding that counts most, how often it is there alike, and what follows from it."""

    head: Finding
    times: int
    rest: tuple[Finding, ...]


class Device(NamedTuple):
    """A section, and what was found of it."""

    name: str
    causes: tuple[Cause, ...]

    @property
    def findings(self) -> list[Finding]:
        return [one for cause in self.causes for one in (cause.head, *cause.rest)]


def devices(findings: Iterable[Finding]) -> list[Device]:
    """Findings by section and by cause, in the order in which they come: the worst first."""
    by_section = dict[str, dict[str, list[Finding]]]()
    for one in findings:
        by_section.setdefault(section_of(one), {}).setdefault(one.cause, []).append(one)
    return [Device(name, tuple(map(cause, by_cause.values()))) for name, by_cause in by_section.items()]


def section_of(finding: Finding) -> str:
    """The section that a finding is about."""
    return finding.path.partition("::")[0] or NOWHERE


def cause(found: Sequence[Finding]) -> Cause:
    """Findings of one cause. Those that are alike are of types that share a section's name."""
    once = {same(one): one for one in found}
    times = Counter(map(same, found))
    head, *rest = once.values()
    return Cause(head, times[same(head)], tuple(rest))


def same(one: Finding) -> tuple[str, ...]:
    """What two findings have in common that say the same."""
    return one.rule, one.path, one.message, one.severity, one.reason


def counts(findings: Iterable[Finding]) -> str:
    """How many of each severity there are, the worst first; those that are alike as one."""
    number = Counter(one.severity for one in {same(one): one for one in findings}.values())
    told = (f"{n:,} {WORDS[one][n != 1]}" for one in reversed(SEVERITIES) if (n := number[one]))
    return ", ".join(told) or "no findings"
