"""A report to read in a terminal: the verdict, then what was found, by device and cause."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from vmstate.compat.catalogue import Severity
from vmstate.compat.findings import DIRECTIONS, Finding, Verdict

from ..colour import paint
from ..printable import printable
from . import MEANING, Cause, Compared, counts, devices
from .proof import sentences

STYLE: dict[Severity, str] = {"error": "bad", "warn": "embedded", "note": "record", "info": "dim"}
INDENT = "    "


def render(compared: Compared) -> str:
    """The whole report."""
    return "\n".join(Text(compared).lines()) + "\n"


def style_of(verdict: Verdict) -> str:
    """How a verdict is painted."""
    return "bad" if verdict.hard else "good" if verdict <= Verdict.OK else "embedded"


class Text:
    """One report, as lines."""

    def __init__(self, compared: Compared) -> None:
        self.compared, self.paint = compared, paint(compared.color)

    def lines(self) -> Iterator[str]:
        yield from self.verdict()
        for device in devices(self.compared.findings):
            yield ""
            yield self.paint("name", printable(device.name))
            for cause in device.causes:
                yield from self.cause(cause)
        yield ""
        yield self.summary()

    def verdict(self) -> Iterator[str]:
        """One line for each direction."""
        for direction in DIRECTIONS:
            verdict = self.compared.verdict(direction)
            asked = "" if self.compared.asked(direction) else "  not asked for"
            yield (f"{direction:8}  {self.paint(style_of(verdict), f'{verdict!s:11}')}  "
                   f"{self.paint('dim', MEANING[direction] + asked)}")

    def cause(self, cause: Cause) -> Iterator[str]:
        """The finding that counts, what it comes from, what to do; then, in a line each, what comes with it."""
        head = cause.head
        yield "  ".join(filter(None, [
            f"  {self.paint(STYLE[head.severity], f'{head.rule} {head.severity:5}')}", printable(head.path),
            self.follows(head), f"{cause.times} times" if cause.times > 1 else ""]))
        yield from self.wrapped(head.message + (f": {head.reason}" if head.reason else ""))
        if fix := self.compared.fix(head):
            yield from self.wrapped(f"fix: {fix}")
        for label, proof in sentences(head):
            yield from self.wrapped(f"witness: {label}: {proof}", "dim")
        for one in cause.rest:
            yield from self.wrapped(f"{one.rule} {one.severity}: {one.message}", "dim")

    def follows(self, finding: Finding) -> str:
        """Its verdicts, as far as they are not ok."""
        found = self.compared.verdicts(finding)
        return ", ".join(f"{direction} {self.paint(style_of(verdict), str(verdict))}"
                         for direction, verdict in found.items())

    def wrapped(self, text: str, style: str = "value") -> Iterator[str]:
        """A paragraph; its further lines are indented more."""
        parts = wrap(printable(text), max(40, self.compared.width), initial_indent=INDENT,
                     subsequent_indent=INDENT + "  ", break_on_hyphens=False)
        return (self.paint(style, part) for part in parts)

    def summary(self) -> str:
        """What was compared, and whether it is as promised."""
        one = self.compared
        kept = self.paint("bad", "violated") if one.violated else self.paint("good", "kept")
        sections = f"{len(one.met):,} section{'s' if len(one.met) != 1 else ''}"
        level = f"{one.level}{' transitive' if one.transitive else ''}"
        return f"level {level} {kept} in {one.wire}: {counts(one.findings)} in {sections}"
