"""`vmstate explain`: what a rule means, or a destination's words."""

from __future__ import annotations

import json
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
from .rules import entry
from .trouble import TROUBLES, Unusable, code_of, text_of

RULE = re.compile(r"V[ML][0-9]{3}", re.IGNORECASE)
MOST = 1 << 22
"""Bytes of a log that are read."""


def run(options: Options) -> int:
    """Explains one text, and returns the exit code: 1 where nothing of it is known."""
    text = " ".join(options.text)
    if RULE.fullmatch(text.strip()):
        return rule(text.strip().upper(), options)
    try:
        if text == options.stream == "-":
            raise Unusable("standard input cannot be both the text and the stream")
        return words(standard_input() if text == "-" else text, options)
    except TROUBLES as trouble:
        exits.complain(options.stream or "-", text_of(trouble))
        return code_of(trouble)


def rule(name: str, options: Options) -> int:
    """A rule of `compare` or `lint` by its name."""
    if name.startswith("VL"):
        return mistake(name, options)
    if (found := RULES.get(name)) is None:
        exits.complain(f"{name} is no rule: `vmstate rules` has all")
        return exits.USAGE
    emit(json.dumps(entry(found), indent=2) if options.format == "json" else "\n".join(lines(found, options.color)))
    return exits.FINE


def mistake(name: str, options: Options) -> int:
    """A rule of `vmstate lint`."""
    from vmstate.lint.rules import RULES as MISTAKES

    if (found := MISTAKES.get(name)) is None:
        exits.complain(f"{name} is no rule: `vmstate lint --rules` has all")
        return exits.USAGE
    painted = paint(options.color)
    emit(json.dumps({"id": found.id, "wrong": found.wrong, "hint": found.hint}, indent=2) if options.format == "json"
         else f"{painted('title', found.id)} {found.wrong}\n  {painted('dim', 'about')}     {found.family}\n"
              f"  {painted('dim', 'do')}        {found.hint}")
    return exits.FINE


def words(text: str, options: Options) -> int:
    """What a destination said, with the stream and the destination, as far as they are given."""
    from migration.pointing import point

    from . import telling
    from .check import destination, told

    if options.against and not options.stream:
        raise Unusable("--against is for a stream: --stream names it")
    sent = told(options.stream, options) if options.stream else None
    there, like = destination(options.against, options) if options.against else (None, None)
    found = point(text, sent, there, like)
    emit(json.dumps(telling.document(found), indent=2) if options.format == "json"
         else "\n".join(telling.lines(found, options.color)))
    return exits.FINE if found.known else exits.FINDINGS


def standard_input() -> str:
    """A log, whatever bytes are in it."""
    return sys.stdin.buffer.read(MOST).decode("utf-8", "surrogateescape")


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
