"""What is found of each case, kept: `python -m tests.compat.snapshots` makes the files in tests/compat/snapshots anew.

All rules run on every case, so that a change of one shows in every pair that it says something else of. To read: a line
for each finding, by family of formats; a witness without its bytes and values, which chance has drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.compat.cases import FAMILIES, NAMES, case
from visitors import cbor, qemufile
from vmstate.compat.comparing import compare_sides
from vmstate.compat.witness import witnessed
from vmstate_cli.reports.proof import parting

FOLDER = Path(__file__).parent / "snapshots"
FORMS: dict[bool, Any] = {True: qemufile, False: cbor}


def taken(name: str) -> str:
    """What is found of a case."""
    return "\n".join(lines(name)) + "\n"


def lines(name: str) -> Iterator[str]:
    """The verdicts, then the findings in order, of each family."""
    one = case(name)
    for family, positional in FAMILIES.items():
        report = witnessed(compare_sides(one.old, one.new, positional=positional), one.old, one.new, FORMS[positional])
        yield f"{family}: backward {report.verdict.backward}, forward {report.verdict.forward}"
        for found in sorted(report.findings, key=lambda it: (it.path, it.rule, it.message)):
            verdicts = found.verdicts(positional)
            follows = f"{verdicts.backward}, {verdicts.forward}"
            yield f"  {found.rule} {found.severity} {found.path}: {follows}: {found.message}"
            if found.reason:
                yield f"    {found.reason}"
            yield from (f"    {proof}" for proof in proofs(found.witness or {}))


def proofs(witness: dict[str, Any]) -> Iterator[str]:
    """What proves a finding."""
    if "direction" not in witness:
        yield from (f"{key}: {value}" for key, value in witness.items())
        return
    for one in (witness, *witness.get("other", ())):
        end = f"{one['stops']['path'] or 'the end'} is refused" if "stops" in one else (
            f"{one['differs']['path']} is another" if "differs" in one else one["missing"])
        yield f"{one['direction']}: {'; '.join(filter(None, (parting(one), end)))}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in NAMES:
        (FOLDER / f"{each}.txt").write_text(taken(each), "utf-8")
