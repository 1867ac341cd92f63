"""`vmstate rules`: the catalogue that `vmstate compare` goes by."""

from __future__ import annotations

import json
from typing import Any

from vmstate.compat.catalogue import RULES, Rule

from . import exits
from .colour import paint
from .grammar import Options
from .output import emit
from .reports.text import STYLE


def run(options: Options) -> int:
    """Prints all rules."""
    if options.format == "json":
        emit(json.dumps({"rules": list(map(entry, RULES.values()))}, indent=2))
    elif options.format == "markdown":
        from .guide import page

        emit(page().removesuffix("\n"))
    else:
        emit("\n".join(lines(options.color)))
    return exits.FINE


def entry(rule: Rule) -> dict[str, Any]:
    """One rule as JSON has it."""
    return {
        "id": rule.id, "severity": rule.severity, "family": rule.family, "change": rule.change,
        "qemufile": both(rule.positional), "selfdescribing": both(rule.named), "fix": rule.fix,
    }


def both(verdicts: tuple[str, str]) -> dict[str, str]:
    """Verdicts by direction."""
    return {"backward": verdicts[0], "forward": verdicts[1]}


def lines(color: str) -> list[str]:
    """A line each, under the names of families."""
    painted, family, made = paint(color), "", list[str]()
    for rule in RULES.values():
        if rule.family != family:
            family = rule.family
            made += ["", painted("name", family)] if made else [painted("name", family)]
        severity = painted(STYLE[rule.severity], f"{rule.severity:5}")
        made.append(f"  {painted('title', rule.id)} {severity} {rule.change}")
    return made
