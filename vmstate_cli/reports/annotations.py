"""A report for GitHub: workflow commands, which become annotations of the lines that they name."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from vmstate.compat.catalogue import Severity
from vmstate.compat.findings import DIRECTIONS, Finding
from vmstate.kept import Bag
from vmstate.shape import Record

from ..printable import printable
from . import Compared, counts, same, section_of

COMMANDS: dict[Severity, str] = {"error": "error", "warn": "warning", "note": "notice"}
"""What a finding becomes; one of severity `info` becomes nothing. What breaks the promise is an error in any case."""


class Place(NamedTuple):
    """A file of the project, and a line of it if that is known."""

    file: str
    line: int | None = None


def render(compared: Compared) -> str:
    """One command for each finding, and a last line for whoever reads the log."""
    verdict = ", ".join(f"{direction} {compared.verdict(direction)}" for direction in DIRECTIONS)
    lines = [*commands(compared), f"verdict: {verdict}; {counts(compared.findings)}"]
    return "\n".join(lines) + "\n"


def commands(compared: Compared) -> Iterator[str]:
    """The commands; the worst first, for GitHub shows ten of each kind."""
    records = {met.name: part.record for met in compared.met if (part := met.new or met.old) is not None}
    for finding in {same(one): one for one in compared.findings}.values():
        name = "error" if compared.breaks(finding) else COMMANDS.get(finding.severity)
        if name is None:
            continue
        place = declared(records.get(section_of(finding)), finding) or given(compared.new) or given(compared.old)
        about = {"file": place.file, "line": place.line} if place is not None else {}
        about["title"] = f"{finding.rule} {finding.path}"
        properties = ",".join(f"{key}={value_of(value)}" for key, value in about.items() if value is not None)
        yield f"::{name} {properties}::{text_of(message(compared, finding))}"


def message(compared: Compared, finding: Finding) -> str:
    """What is said of one."""
    follows = ", ".join(f"{direction} {verdict}" for direction, verdict in compared.verdicts(finding).items())
    fix = compared.fix(finding)
    lines = [finding.message, finding.reason, follows, f"fix: {fix}" if fix else ""]
    return "\n".join(printable(line) for line in lines if line)


def text_of(text: str) -> str:
    """A command's text."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value_of(value: object) -> str:
    """The value of a command's property."""
    return text_of(printable(str(value))).replace(":", "%3A").replace(",", "%2C")


# -- where a finding is to be shown

def declared(record: Record[Any] | None, finding: Finding) -> Place | None:
    """The class that declares a section, if it is a file below this folder; and the member's line in it."""
    if record is None or record.kind is Bag:
        return None
    name = getattr(sys.modules.get(record.kind.__module__), "__file__", None)
    if not name:
        return None
    try:
        path = Path(name).resolve().relative_to(Path.cwd())
        source = path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return Place(path.as_posix(), line_of(source, record.kind.__name__, finding))


def line_of(source: list[str], kind: str, finding: Finding) -> int | None:
    """The line of the class, or of its member."""
    begin = next((i for i, line in enumerate(source) if re.match(rf"class {kind}\b", line)), None)
    if begin is None:
        return None
    member = re.escape(finding.path.partition("::")[2].partition(".")[0].partition("[")[0])
    for i, line in enumerate(source[begin + 1:], begin + 1):
        if line and not line[0].isspace():
            break
        if member and re.match(rf"\s+_?{member}\s*[:=]", line):
            return i + 1
    return begin + 1


def given(argument: str) -> Place | None:
    """A side's own file, if it is below this folder."""
    path = Path(argument)
    if not path.is_file():
        return None
    try:
        return Place(path.resolve().relative_to(Path.cwd()).as_posix())
    except ValueError:
        return None
