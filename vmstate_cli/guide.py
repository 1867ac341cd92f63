"""The page for authors: what they may change, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from vmstate.compat.catalogue import RULES, Rule

PROSE = Path(__file__).with_name("guide.md")
HERE = "{{rules}}"
HEAD = "| rule | severity | change | QEMU's stream | by name | what to do |\n|---|---|---|---|---|---|"


def page() -> str:
    """The whole page, in Markdown."""
    return PROSE.read_text("utf-8").replace(HERE, "\n\n".join(tables()))


def tables() -> Iterator[str]:
    """Each family under its name."""
    for family, rules in groupby(RULES.values(), key=lambda rule: rule.family):
        yield "\n".join([f"### {family[0].upper()}{family[1:]}\n", HEAD, *map(row, rules)])


def row(rule: Rule) -> str:
    """One rule."""
    cells = [rule.id, rule.severity, rule.change, both(rule.positional), both(rule.named), rule.fix]
    return f"| {' | '.join(cells)} |"


def both(verdicts: tuple[str, str]) -> str:
    """Verdicts of both directions; one, where they are the same."""
    backward, forward = (one if one.strip("-") else "n/a" for one in verdicts)
    return backward if backward == forward else f"{backward} / {forward}"
