"""`vmstate explain`: what a rule means."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from vmstate.compat.catalogue import RULES, Rule

from . import exits
from .colour import paint
from .grammar import Options
from .output import emit
from .printable import printable
from .reports.text import STYLE

RULE = re.compile(r"VM[0-9]{3}", re.IGNORECASE)
MOST = 1 << 20
"""Characters of a text that are read."""


def run(options: Options) -> int:
    """Explains one text, and returns the exit code: 2 where it says nothing known."""
    text = " ".join(options.text)
    text = (sys.stdin.read(MOST) if text == "-" else text).strip()
    rule = RULES.get(text.upper()) if RULE.fullmatch(text) else None
    if rule is None:
        exits.complain(f"{text[:80] or 'nothing'} is no rule: `vmstate rules` has all")
        return exits.USAGE
    emit("\n".join(lines(rule, options.color)))
    return exits.FINE


def lines(rule: Rule, color: str) -> Iterator[str]:
    """A rule in full."""
    painted = paint(color)
    yield f"{painted('title', rule.id)} {painted(STYLE[rule.severity], rule.severity)}  {printable(rule.change)}"
    yield f"  {painted('dim', 'about')}     {rule.family}"
    for what, (backward, forward) in (("qemufile", rule.positional), ("by name", rule.named)):
        yield f"  {painted('dim', f'{what:9}')} {told(backward, 'old streams in new code')}"
        yield f"            {told(forward, 'new streams in old code')}"
    if rule.fix:
        yield f"  {painted('dim', 'do')}        {rule.fix}"


def told(verdict: str, which: str) -> str:
    """What typically becomes of streams."""
    return f"{which}: {verdict if verdict.strip('-') else 'does not apply'}"
