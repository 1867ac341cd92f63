"""`vmstate check`: whether this very stream would load there."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

from migration.foretelling import Forecast, Story, foretell, side_of, story
from migration.replica import Stream
from migration.stream.trailer import find
from vmstate.compat.findings import OK, Finding
from vmstate.compat.sides import Side

from . import exits
from .colour import Paint, paint
from .grammar import Options
from .opening import stream_of
from .output import emit
from .printable import printable
from .reports.text import STYLE, style_of
from .sides import OURS, side
from .trouble import TROUBLES, Unusable, code_of, text_of

OWN = Side("devices", (), own=True)
"""This program's declarations, by which every stream is read anyway."""


def run(options: Options) -> int:
    """Foretells one load, and returns the exit code: 1 where it would fail, or go wrong."""
    try:
        forecast = _forecast(options)
    except TROUBLES as trouble:
        exits.complain(options.stream, text_of(trouble))
        return code_of(trouble)
    if options.format == "json":
        emit(json.dumps(document(forecast), indent=2))
    else:
        emit("\n".join(lines(forecast, paint(options.color))))
    return exits.FINDINGS if forecast.verdict.hard else exits.FINE


def _forecast(options: Options) -> Forecast:
    against = options.against or OURS
    with stream_of(options.stream, options, Stream) as stream:
        sent = story(stream)
    if sent.error is not None and not sent.sections and sent.configuration is None:
        return foretell(sent, OWN)
    if (like := _like(against, options)) is not None:
        return foretell(sent, side_of(against, like), like)
    return foretell(sent, side(against) if against != OURS else OWN)


def _like(name: str, options: Options) -> Story | None:
    """The other side as a stream, if it is one."""
    if name == OURS or name.startswith("git:"):
        return None
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(stream_of(name, options, Stream))
        except TROUBLES:
            return None
        if stream.kind != "main stream" or (find(stream.data) is None and stream.data[:4] != b"QEVM"):
            return None
        found = story(stream)
    if found.error is not None:
        raise Unusable(f"{name}: {found.error}")
    return found


def document(forecast: Forecast) -> dict[str, Any]:
    """As JSON has it."""
    return {"verdict": str(forecast.verdict), "findings": [entry(one) for one in forecast.findings],
            "unfilled": forecast.unfilled}


def entry(one: Finding) -> dict[str, Any]:
    """One finding, with the keys of `vmstate compare`."""
    return {"rule": one.rule, "severity": one.severity, "path": one.path, "backward": str(one.positional.backward),
            "forward": str(one.positional.forward), "message": one.message, "reason": one.reason, "fix": one.fix,
            "witness": one.witness}


def lines(forecast: Forecast, painted: Paint) -> list[str]:
    """To read: the verdict, what is in the way, what nothing would fill."""
    verdict = forecast.verdict
    shown = [painted(style_of(verdict), str(verdict))]
    for one in forecast.findings:
        follows = "" if one.positional.backward <= OK else f"  {one.positional.backward}"
        head = painted(STYLE[one.severity], f"{one.rule} {one.severity:5}")
        shown.append(f"  {head}  {printable(one.path)}{follows}")
        shown.append(f"    {printable(one.message)}" + (f" ({printable(one.reason)})" if one.reason else ""))
    if forecast.unfilled:
        shown.append(f"  nothing would fill {printable(', '.join(forecast.unfilled))}")
    return shown
