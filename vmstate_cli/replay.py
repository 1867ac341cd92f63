"""`vmstate replay`: an old stream into newer declarations and out again, or into a real QEMU; or all that is pinned."""

from __future__ import annotations

import json
import sys
from typing import Any

from devices.catalogue import MACHINES, SECTIONS, registry
from migration.replay import Replay, Replayed
from migration.replica import Stream
from vmstate import Registry

from . import exits
from .colour import Paint, paint
from .grammar import Options
from .opening import stream_of
from .output import emit
from .printable import printable
from .sides import OURS
from .trouble import TROUBLES, Unusable, code_of, text_of
from .writing import writing

GOLDEN = "tests/golden"
STYLE = {"replayed": "good", "passed through": "opaque", "refused": "bad"}


def run(options: Options) -> int:
    """Replays one stream, or all that is pinned, and returns the exit code: 1 where something is refused."""
    if options.pinned:
        from .pinned import run as run_pinned

        return run_pinned(options)
    try:
        if options.stream is None:
            raise Unusable("say which stream, before --matrix, or --pinned")
        return _proved(options) if options.qemu or options.matrix else _replayed(options)
    except TROUBLES as trouble:
        exits.complain(options.stream or "replay", text_of(trouble))
        return code_of(trouble)


def _proved(options: Options) -> int:
    from .proving import run as run_proof

    if options.output or options.onto != OURS:
        raise Unusable("--qemu takes the stream as it is: replay it first, with -o")
    return run_proof(options)


def onto(name: str) -> Registry:
    """This program's declarations, with those of a file or module in the place of the same names. Raises Unusable."""
    if name == OURS:
        return registry()
    from .declarations import declared

    entries: dict[str, Any] = dict(SECTIONS)
    found = declared(*name.rsplit(":", 1))
    for section in {record.name for record in found}:
        entries[section] = tuple(record.kind for record in found if record.name == section)
    return Registry(entries, MACHINES)


def _replayed(options: Options) -> int:
    if options.arguments or options.matrix is not None:
        raise Unusable("arguments behind -- and --matrix are for a real QEMU: name it with --qemu, or several behind "
                       "--matrix")
    with stream_of(options.stream, options, Stream, onto(options.onto)) as stream:
        if stream.kind != "main stream":
            raise Unusable(f"it is no main stream: {stream.kind}")
        replay = Replay(stream)
        if options.output and not replay.refused:
            with writing(options.output) as out:
                replay.write(out)
    text = json.dumps(document(replay), indent=2) if options.format == "json" else "\n".join(
        lines(replay, paint(options.color)))
    if options.output == "-":
        print(text, file=sys.stderr)
    else:
        emit(text)
    return exits.FINDINGS if replay.refused else exits.FINE


# -- the report

def document(replay: Replay) -> dict[str, Any]:
    """As JSON has it."""
    return {"loads": not replay.refused, "sections": [entry(one) for one in replay.sections],
            "dropped_behind": replay.behind}


def entry(one: Replayed) -> dict[str, Any]:
    """One section. `from` and `to` are versions; `changes` tell what became of values, by path."""
    header, error = one.section.header, one.error
    return {
        "name": header.name, "instance": header.instance_id, "from": header.version, "to": one.version,
        "outcome": one.outcome, "why": one.why,
        "error": None if error is None else {"path": error.place, "offset": error.offset, "message": error.message,
                                             "hint": error.hint},
        "changes": [{"what": change.what, "path": change.path, "before": change.before, "after": change.after}
                    for change in one.changes]}


def lines(replay: Replay, painted: Paint) -> list[str]:
    """To read: what does not load, what became of values, what went through as it was; then a summary."""
    shown = list[str]()
    for one in replay.sections:
        if one.error is not None:
            shown.append(f"{painted('bad', 'refused')}  {printable(str(one.error))}")
        elif one.changes or one.version != one.section.header.version:
            shown.append(f"{painted('name', printable(one.section.label))}  {_versions(one)}")
            shown += [f"  {printable(str(change))}" for change in one.changes]
        elif one.why:
            shown.append(f"{painted('dim', 'passed through')}  {printable(one.section.label)}  {one.why}")
    if replay.behind:
        shown.append(f"{painted('dim', 'dropped')}  {replay.behind} bytes behind the stream")
    outcomes: list[str] = [one.outcome for one in replay.sections]
    counts = ((outcomes.count(outcome), outcome) for outcome in STYLE)
    shown.append(", ".join(painted(STYLE[outcome], f"{count} {outcome}") for count, outcome in counts if count)
                 or "no sections")
    return shown


def _versions(one: Replayed) -> str:
    old = one.section.header.version
    return f"version {old}" if one.version == old else f"version {old} -> {one.version}"
