"""A destination's own words, explained: what each message of a log means, the nearest to the cause first.

A log may hold several attempts, and each ends with `load of migration failed`. Within one, messages are joined: the
section that QEMU names in one line, the member in another, and the error's name belong to the cause in a third.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from ..nodes import Node, node
from . import naming
from .messages import CONTEXT, FORMS, MESSAGES, Message, Rank

MOST_TEXT, MOST_ATTEMPTS, MOST_LINES, MOST_LINE, MOST_NAMES = 1 << 22, 50, 10, 300, 50
ERROR = "|".join(name.replace(" ", r"\s+") for name in naming.ERRNO)
PREFIX = r"\s*(?:\d[\dT:.,Z+-]{0,40}\s+)?[\w./-]{1,60}:\s"
END = re.compile(rf"load\s+of\s+migration\s+failed:\s+(?:{ERROR})?[^\n]*(?:\n(?!{PREFIX})[^\n]*){{0,5}}")
"""With the lines that follow where it was wrapped: those before which no program's name stands."""
ERROR_AT = re.compile(r"(?:migration\s+failed:|ret:|error:|Error)\s+(?P<error>" + ERROR + r")\b")
SUSPICIOUS = re.compile(
    r"(?i)\b(?:err(?:or)?s?|fail\w*|can(?:no|')t|could not|unable|invalid|unsupported|unknown|mismatch\w*|refus\w*|"
    r"assert\w*|abort\w*|not found|denied|panic|corrupt\w*)\b")
WARNING = re.compile(r"\bwarning:")
SILENT = """\
QEMU reported nothing. It loads the sections that it knows, and does not notice devices, CPUs or queues that stay \
unfilled, other properties, or values that shifted within the same number of bytes; for an empty stream it waits"""
ELSEWHERE = {"11", "13", "14", "15", "16"}


@node
class Explanation(Node):
    """One message: its `row` in the catalogue of failures ("" if it is not known, "none" if there is none), the line of
    the log and how often, why it was said, what to look at, the rules that speak of it, numbers by name.

    `section`, `instance`, `member`, `offset` (in PCI configuration space): as far as the text tells; `facts`: all that
    it tells.
    """

    row: str
    text: str
    cause: str
    look: str
    rules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    rank: Rank = Rank.CAUSE
    section: str = ""
    instance: int | None = None
    member: str = ""
    offset: int | None = None
    facts: Mapping[str, str] = {}
    times: int = 1


def explain(text: str, sections: Collection[str] = ()) -> list[Explanation]:
    """What a log says; never empty. `sections`: those of the destination, among which a missing one is looked for."""
    text = text[-MOST_TEXT:].replace("\r", "")
    found: dict[object, Explanation] = {}
    for attempt in deque(_attempts(text), MOST_ATTEMPTS):
        for one in _explained(attempt):
            found.setdefault((one.row, one.cause, one.names), one)
    if all(one.rank is Rank.HARMLESS for one in found.values()) and ((unknown := _unknown(text)).text or not found):
        return [unknown, *found.values()]
    return [_beside(one, sections) for one in found.values()]


def _attempts(text: str) -> Iterator[str]:
    """Each up to the line that ends it."""
    begin = 0
    for end in END.finditer(text):
        yield text[begin:end.end()]
        begin = end.end()
    if text[begin:].strip():
        yield text[begin:]


def _explained(text: str) -> list[Explanation]:
    """The messages of one attempt. Where the cause is said, nobody needs to hear where it was seen."""
    matches = _apart(text)
    if not any(message.rank < Rank.PLACE for message, _ in matches):
        errors = _errors(text)
        for message, pattern in _compiled():
            if message.rank is Rank.PLACE and message.error in ("", *errors) and (match := pattern.search(text)):
                matches.append((message, [match]))
                break
    context = _context(text)
    made = [_explanation(text, message, all_of, context) for message, all_of in matches]
    return sorted(made, key=lambda one: one.rank)


def _apart(text: str) -> list[tuple[Message, list[re.Match[str]]]]:
    """Each message with its matches, in the text's order; of two at one place the earlier in the table."""
    matches = [(match.start(), order, match) for order, (message, pattern) in enumerate(_compiled())
               if message.rank is not Rank.PLACE for match in pattern.finditer(text)]
    found: dict[int, list[re.Match[str]]] = {}
    end = 0
    for start, order, match in sorted(matches, key=lambda one: one[:2]):
        if start >= end:
            found.setdefault(order, []).append(match)
            end = match.end()
    return [(MESSAGES[order], all_of) for order, all_of in found.items()]


def _errors(text: str) -> set[str]:
    """The errors' names: as words, or as what a function returned."""
    return {naming.ERRNO[" ".join(seen["error"].split())] for seen in ERROR_AT.finditer(text)}


def _context(text: str) -> dict[str, str]:
    """What the lines around a message tell."""
    facts: dict[str, str] = {}
    for pattern in _context_patterns():
        if match := pattern.search(text):
            facts = {**_told(match), **facts}
    return facts


def _told(match: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in match.groupdict().items() if value is not None}


def _explanation(text: str, message: Message, matches: list[re.Match[str]], context: Mapping[str, str]) -> Explanation:
    """One for all matches of a message: the facts are those of the first, the names those of all."""
    facts = {**context, **_told(matches[0])}
    names: dict[str, None] = {}
    for match in matches[:MOST_NAMES] if message.names else ():
        names |= dict.fromkeys(message.names({**context, **_told(match)}) if message.names else ())
    words = _Words({"section": facts.get("record", "a section"), "member": "a member", **facts})
    return Explanation(
        message.row, _line(text, matches[0]), message.cause.format_map(words), message.look.format_map(words),
        message.rules, tuple(names), message.rank, facts.get("section", ""), _number(facts, "instance"),
        facts.get("member", ""), _number(facts, "offset"), facts, len(matches))


def _line(text: str, match: re.Match[str]) -> str:
    """The line of a match; the lines, if it was wrapped."""
    begin, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    return " ".join(text[begin:len(text) if end < 0 else end].split())[:MOST_LINE]


class _Words(dict[str, str]):
    """Facts for a text; one that is not known is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def _number(facts: Mapping[str, str], name: str) -> int | None:
    return naming.number(facts[name]) if name in facts else None


def _unknown(text: str) -> Explanation:
    """Of a log in which nothing is known: the lines that look like errors; or that there is none."""
    lines = [line.strip() for line in text.splitlines() if SUSPICIOUS.search(line) and not WARNING.search(line)]
    if lines:
        seen = "\n".join(line[:MOST_LINE] for line in lines[:MOST_LINES])
        return Explanation("", seen, "no message that is known here", "these lines, which look like errors")
    return Explanation("none", "", SILENT, "the sections of the destination that the stream does not fill, and values")


def _beside(one: Explanation, sections: Collection[str]) -> Explanation:
    """The same, with where a missing section is at the destination, or what is called alike there."""
    if one.row not in ELSEWHERE or not sections:
        return one
    device = one.section.rpartition("/")[2]
    same = sorted(name for name in sections if name != one.section and name.rpartition("/")[2] == device)
    if same and "/" in one.section:
        there = f"the same device is {', '.join(same[:MOST_LINES])} there: bus=, addr= or port= of both"
        return one.but(row="13" if one.row == "13" else "12", look=there, rules=("VM105",))
    near = get_close_matches(one.section, sections, 3)
    return one.but(names=(*one.names, *(f"there is {name}" for name in near)))


@cache
def _compiled() -> tuple[tuple[Message, re.Pattern[str]], ...]:
    return tuple((message, pattern_of(message.pattern)) for message in MESSAGES)


@cache
def _context_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(map(pattern_of, CONTEXT))


def pattern_of(wording: str) -> re.Pattern[str]:
    """A wording of the table as an expression."""
    spaced = re.sub(" +", r"\\s+", wording)
    return re.compile(re.sub(r"<(\w+):(\w+)>", lambda fact: f"(?P<{fact[2]}>{FORMS[fact[1]]})", spaced), re.MULTILINE)
