"""What a comparison finds: verdicts, findings, reports."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Literal

from attrs import evolve, field, frozen

from .catalogue import RULES, Severity

Direction = Literal["backward", "forward"]
DIRECTIONS: tuple[Direction, ...] = ("backward", "forward")


class Verdict(IntEnum):
    """What becomes of a stream, from harmless to refused. `n/a`: that side cannot save at all."""

    NA = 0
    OK = 1
    LOSSY = 2
    UNKNOWN = 3
    CONDITIONAL = 4
    CORRUPTS = 5
    BREAKS = 6

    def __str__(self) -> str:
        return "n/a" if self is Verdict.NA else self.name.lower()

    @property
    def hard(self) -> bool:
        """Whether it fails for certain: refused, or loaded wrong."""
        return self >= Verdict.CORRUPTS

    def at_most(self, most: Verdict) -> Verdict:
        """The same, but no worse: what may not be sent at all is no more than conditional."""
        return min(self, most)


NA, OK, LOSSY, UNKNOWN = Verdict.NA, Verdict.OK, Verdict.LOSSY, Verdict.UNKNOWN
CONDITIONAL, CORRUPTS, BREAKS = Verdict.CONDITIONAL, Verdict.CORRUPTS, Verdict.BREAKS


@frozen
class Both:
    """A verdict for each direction: an old stream into new code, a new stream into old code."""

    backward: Verdict = OK
    forward: Verdict = OK

    def __getitem__(self, direction: Direction) -> Verdict:
        return self.backward if direction == "backward" else self.forward

    @property
    def worst(self) -> Verdict:
        """The worse one of the two."""
        return max(self.backward, self.forward)

    def at_most(self, most: Verdict) -> Both:
        """Each no worse than that."""
        return Both(self.backward.at_most(most), self.forward.at_most(most))


HARMLESS = Both()


@frozen
class Finding:
    """One difference, and what follows from it.

    `positional` is the verdict where bytes go by their place (QEMU's stream), `named` where attributes have names (BER,
    CBOR, msgpack, JSON). `path`: the section, and the way to the member. `cause` groups findings that one change made.
    `layout`: it says that bytes lie otherwise, so that a hard verdict has a witness; `witness` is that, or the refused
    header, name or value.
    """

    rule: str
    path: str
    message: str
    positional: Both = Both()
    named: Both = Both()
    reason: str = ""
    fix: str = ""
    cause: str = ""
    layout: bool = False
    severity: Severity = "info"
    witness: dict[str, Any] | None = None

    def __attrs_post_init__(self) -> None:
        rule = RULES[self.rule]
        object.__setattr__(self, "fix", self.fix or rule.fix)

    def verdicts(self, positional: bool) -> Both:
        """Those of one family of formats."""
        return self.positional if positional else self.named


@frozen
class Report:
    """What comparing two sides gave, for one family of formats."""

    findings: tuple[Finding, ...]
    positional: bool = True
    equal: frozenset[str] = frozenset()
    unsendable: frozenset[Direction] = field(factory=frozenset[Direction])

    @property
    def verdict(self) -> Both:
        """The worst of all findings, one of each cause."""
        return Both(*(self._worst(direction) for direction in DIRECTIONS))

    def _worst(self, direction: Direction) -> Verdict:
        found = [one.verdicts(self.positional)[direction] for one in self.findings]
        worst = max(found, default=OK)
        return NA if NA in found and worst <= OK else max(worst, OK)


def suppressed(finding: Finding, reason: str) -> Finding:
    """A finding that somebody allows: it is told, and counts for nothing."""
    return evolve(finding, rule="VM902", positional=Both(), named=Both(), severity="info", layout=False, witness=None,
                  message=f"{finding.rule} allowed: {reason}: {finding.message}")


def most_severe(findings: Iterable[Finding], positional: bool) -> list[Finding]:
    """The worst for one family of formats first, by path where they are alike."""
    return sorted(findings, key=lambda one: (-one.verdicts(positional).worst, one.path, one.rule))


def bytes_are(size: int) -> str:
    """So many bytes, as a sentence begins."""
    return "1 byte is" if size == 1 else f"{size} bytes are"
