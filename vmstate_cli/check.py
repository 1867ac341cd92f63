"""`vmstate check`: whether this very stream would load there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from textwrap import wrap
from typing import Any

from migration.foretelling import Forecast, Story, foretell, side_of, story
from migration.replica import Stream
from migration.stream.trailer import find
from vmstate.compat.findings import OK, UNKNOWN, Finding, Verdict
from vmstate.compat.sides import Side

from . import exits
from .colour import Paint, paint
from .grammar import Options
from .opening import stream_of
from .output import emit, width
from .printable import printable
from .reports.text import INDENT, STYLE, style_of
from .sides import OURS, REVISION, side
from .trouble import TROUBLES, Unusable, code_of, text_of

MAIN = "main stream"
OWN = Side(OURS, (), own=True)
"""This program's declarations, by which every stream is read anyway."""
MOST_OF_A_SECTION, MOST_UNFILLED = 3, 12


def run(options: Options) -> int:
    """Foretells one load, and returns the exit code: 1 where it would fail, or go wrong."""
    try:
        forecast = foretold(options)
    except TROUBLES as trouble:
        exits.complain(options.stream, text_of(trouble))
        return code_of(trouble)
    if options.format == "json":
        emit(json.dumps(document(forecast), indent=2))
    else:
        emit("\n".join(lines(forecast, paint(options.color))))
    return exits.FINDINGS if forecast.verdict.hard else exits.FINE


def foretold(options: Options) -> Forecast:
    """What becomes of the load. Raises Unusable, OSError, VMStateError."""
    if options.stream == options.against == "-":
        raise Unusable("standard input cannot be both sides")
    sent = told(options.stream, options)
    if not options.against:
        return foretell(sent, OWN)
    there, like = destination(options.against, options)
    return foretell(sent, there, like)


def told(name: str, options: Options) -> Story:
    """What a stream says. Raises Unusable where it is another file of a migration."""
    with stream_of(name, options, Stream) as stream:
        if stream.kind != MAIN:
            raise Unusable(f"it is a {stream.kind}, and no load begins with one: the {MAIN} is wanted")
        return story(stream)


def destination(name: str, options: Options) -> tuple[Side, Story | None]:
    """The other side, and what it says where it is a stream. Raises Unusable, OSError, VMStateError."""
    if name == OURS:
        return OWN, None
    like = None if name.startswith(REVISION) else stream_there(name, options)
    return (side(name), None) if like is None else (side_of(name, like), like)


def stream_there(name: str, options: Options) -> Story | None:
    """The other side as a stream, if it is one. Raises Unusable where it is one that cannot serve."""
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(stream_of(name, Options(**{**vars(options), "offset": None}), Stream))
        except TROUBLES:
            return None  # what else it may be, or what is wrong with it, `side` tells
        if stream.kind != MAIN:
            raise Unusable(f"{name} is a {stream.kind}, and tells nothing of the machine: its {MAIN} does")
        if find(stream.data) is None and stream.data[:4] != b"QEVM":
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


# -- to read

def lines(forecast: Forecast, painted: Paint) -> Iterator[str]:
    """The verdict, what is in the way, what nothing would fill."""
    verdict = forecast.verdict
    yield painted(style_of(verdict), str(verdict))
    for _, group in groupby(forecast.findings, together):
        alike = list(group)
        if len(alike) > 1 and alike[0].positional.backward is UNKNOWN:
            yield from unsure(alike, painted)
            continue
        for one in alike[:MOST_OF_A_SECTION]:
            yield from finding(one, painted)
        if len(alike) > MOST_OF_A_SECTION:
            yield painted("dim", f"{INDENT}… and {len(alike) - MOST_OF_A_SECTION} more like these "
                                 f"in {printable(section_of(alike[0]))} (--format json has all)")
    if forecast.unfilled:
        yield from paragraph(f"nothing would fill {folded(forecast.unfilled)}", "  ")


def together(one: Finding) -> tuple[Verdict, str, str]:
    """What findings have in common that are told together: of those that leave it open, the section is enough."""
    verdict = one.positional.backward
    return verdict, "" if verdict is UNKNOWN else one.rule, section_of(one)


def unsure(alike: list[Finding], painted: Paint) -> Iterator[str]:
    """Findings of one section that leave open what becomes of it, in a line."""
    section = section_of(alike[0])
    rules = ", ".join(dict.fromkeys(one.rule for one in alike))
    head = painted(STYLE[alike[0].severity], f"{rules} {alike[0].severity:5}")
    names = list(dict.fromkeys(one.path.partition("::")[2] or section for one in alike))
    yield f"  {head}  {printable(section)}  {UNKNOWN}"
    yield from paragraph(f"nobody can tell of {folded(names)} (--format json has why)", INDENT)


def section_of(one: Finding) -> str:
    """Of which section a finding speaks."""
    return one.path.partition("::")[0]


def finding(one: Finding, painted: Paint) -> Iterator[str]:
    """What it is, why, what to do."""
    follows = "" if one.positional.backward <= OK else str(one.positional.backward)
    head = painted(STYLE[one.severity], f"{one.rule} {one.severity:5}")
    yield "  " + "  ".join(filter(None, (head, printable(one.path), follows)))
    yield from paragraph(f"{one.message} ({one.reason})" if one.reason else one.message, INDENT)
    if one.fix and one.positional.backward.hard:
        yield from paragraph(f"fix: {one.fix}", INDENT)


def paragraph(text: str, indent: str) -> list[str]:
    """A text in lines; the further ones are indented more."""
    return wrap(printable(text), max(40, width()), initial_indent=indent, subsequent_indent=indent + "  ",
                break_on_hyphens=False)


def folded(names: list[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(names) - MOST_UNFILLED} more" if len(names) > MOST_UNFILLED else ""
    return ", ".join(names[:MOST_UNFILLED]) + more
