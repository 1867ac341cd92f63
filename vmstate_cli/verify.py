"""`vmstate verify`: streams read and written again, every byte accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from migration.replica import Report, Stream, verify
from migration.sections import Section
from migration.stream.events import Event

from . import exits
from .colour import Paint, paint
from .grammar import Options
from .opening import stream_of
from .output import emit
from .printable import printable
from .progress import Tick, progress
from .trouble import TROUBLES, code_of, text_of

SOURCES = ("declared", "embedded", "opaque")


class Watched(Stream):
    """A stream that tells how far it was read."""

    tick: Tick

    def events(self) -> Iterator[Event | Section]:
        for event in super().events():
            self.tick(event.end)
            yield event


def run(options: Options) -> int:
    """Verifies each stream, tells of each, and returns the highest exit code."""
    painted = paint(options.color)
    told, code = list[dict[str, Any]](), exits.FINE
    for file in options.streams:
        entry, own, findings = _verify(file, options)
        told.append(entry)
        code = max(code, own)
        if options.format == "text":
            emit(_line(entry, painted))
        for text in findings:
            exits.complain(file, text)
    if options.format == "json":
        emit(json.dumps({"streams": told}, indent=2))
    return code


def _verify(file: str, options: Options) -> tuple[dict[str, Any], int, list[str]]:
    """The entry of one stream, its exit code, and what is to be told on standard error."""
    try:
        with stream_of(file, options, Watched) as stream, progress(
                file, len(stream.data), several=len(options.streams) > 1) as stream.tick:
            report = verify(stream)
    except TROUBLES as trouble:
        text = text_of(trouble)
        return _entry(file, Report(0, identical=False), text), code_of(trouble), [text]
    error = None if report.error is None else text_of(report.error)
    code = exits.FINE if report.ok else exits.FINDINGS if report.error is None else code_of(report.error)
    return _entry(file, report, error), code, [*report.findings, *([error] if error is not None else [])]


def _entry(file: str, report: Report, error: str | None) -> dict[str, Any]:
    return {
        "file": file, "ok": report.ok and error is None, "size": report.size, "accounted": report.accounted,
        "identical": report.identical, "sections": {source: report.sections[source] for source in SOURCES},
        "findings": report.findings, "notes": dict(report.notes), "error": error,
    }


def _line(entry: dict[str, Any], painted: Paint) -> str:
    """One stream in one line."""
    verdict = painted("good", "ok     ") if entry["ok"] else painted("bad", "FAILED ")
    size, accounted = entry["size"], entry["accounted"]
    counts = ", ".join(f"{n} {source}" for source, n in entry["sections"].items() if n) or "no sections"
    counts += "".join(f"; {n} {printable(text.partition(':')[0])}" for text, n in entry["notes"].items())
    identical = "identical when written again" if entry["identical"] else "not identical when written again"
    bytes_told = f"{size:,} bytes" if accounted == size else f"{accounted:,} of {size:,} bytes accounted for"
    return f"{verdict}{printable(entry['file'])}  {painted('dim', f'{bytes_told}, {identical}; {counts}')}"
