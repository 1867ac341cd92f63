"""A report for programs: JSON."""

from __future__ import annotations

import json
from typing import Any

from vmstate.compat.findings import DIRECTIONS, Finding

from . import Compared


def render(compared: Compared) -> str:
    """The whole report."""
    verdict = {direction: str(compared.verdict(direction)) for direction in DIRECTIONS}
    positional = compared.settled.report.positional
    found = [entry(one, positional) for one in compared.settled.report.findings]
    return json.dumps({"verdict": verdict, "findings": found}, indent=2, default=str) + "\n"


def entry(finding: Finding, positional: bool) -> dict[str, Any]:
    """One finding."""
    verdicts = finding.verdicts(positional)
    return {
        "rule": finding.rule, "severity": finding.severity, "path": finding.path, "backward": str(verdicts.backward),
        "forward": str(verdicts.forward), "message": finding.message, "reason": finding.reason, "fix": finding.fix,
        "witness": finding.witness,
    }
