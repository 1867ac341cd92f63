"""What a destination's words mean, to read and for programs: the cause first, then what to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migration.pointing import Parting, Place, Pointed, Told, Value
from vmstate.compat.catalogue import RULES
from vmstate.compat.explaining import Explanation
from vmstate.compat.findings import UNKNOWN
from vmstate.compat.messages import Rank

from .check import entry, folded, paragraph
from .colour import Paint, paint
from .leaves import words

COLUMN = 12
MOST_BYTES, MOST_PLACES = 16, 4
Json = dict[str, Any]
SAID_NOTHING = "no message of this text is known here"


def document(told: Told) -> Json:
    """As JSON has it."""
    forecast = told.forecast
    return {"known": told.known, "explanations": [explanation(one) for one in told.pointed],
            "verdict": None if forecast is None else str(forecast.verdict),
            "unfilled": [] if forecast is None else forecast.unfilled}


def explanation(one: Pointed) -> Json:
    """One message."""
    said = one.explanation
    return {
        "cause": cause(said), "look": said.look, "text": said.text, "row": said.row, "times": said.times,
        "names": list(said.names), "rules": [{"id": rule, "change": RULES[rule].change} for rule in said.rules],
        "section": said.section or None, "instance": said.instance, "member": said.member or None,
        "stream": [place(it) for it in one.places], "block": one.block, "near": one.near,
        "findings": [{**entry(it.finding), "offset": it.offset} for it in one.partings],
    }


def place(one: Place) -> Json:
    """A section of the stream."""
    header = one.section.header
    return {"name": header.name, "instance_id": header.instance_id, "version": header.version,
            "offset": one.section.begin, "size": len(one.section.body), "source": one.section.source,
            "members": [{"path": it.path, "offset": it.begin, "size": it.end - it.begin, "value": value(it)}
                        for it in one.values]}


def cause(said: Explanation) -> str:
    """Why it was said. A text without anything that looks like an error may still be no log at all."""
    return f"{SAID_NOTHING}; if it was all: {said.cause}" if said.row == "none" else said.cause


def value(one: Value) -> str:
    """What is there, in a line."""
    seen = one.seen
    if seen is not None and seen.inside is None:
        text, note = words(seen, seen.member.shape if seen.member is not None else None, seen.member)
        return f"{text} ({note})" if note else text
    more = f" … {len(one.data)} bytes" if len(one.data) > MOST_BYTES else ""
    return one.data[:MOST_BYTES].hex(" ") + more


# -- to read

def lines(told: Told, color: str) -> Iterator[str]:
    """Everything, the nearest to the cause first; where nothing was said, what nothing would fill."""
    painted = paint(color)
    for number, one in enumerate(told.pointed):
        if number:
            yield ""
        yield from paragraphs(one, painted)
    if told.forecast is not None and told.forecast.unfilled and not told.known:
        yield from row("not filled", folded(told.forecast.unfilled), painted)


def paragraphs(one: Pointed, painted: Paint) -> Iterator[str]:
    """One message: why, what to look at, what is meant by numbers, the rules; then what stream and destination have."""
    said = one.explanation
    style = "title" if said.rank <= Rank.PLACE else "dim"
    yield from (painted(style, line) for line in paragraph(cause(said), ""))
    for label, text in facts(said):
        yield from row(label, text, painted)
    for label, text in beyond(one):
        yield from row(label, text, painted)


def facts(said: Explanation) -> Iterator[tuple[str, str]]:
    """What the text itself tells."""
    if said.look:
        yield "look at", said.look
    for name in said.names:
        yield "that is", name
    for rule in said.rules:
        yield rule, RULES[rule].change
    if said.text:
        times = f" ({said.times} times)" if said.times > 1 else ""
        yield "said", said.text.replace("\n", " / ") + times


def beyond(one: Pointed) -> Iterator[tuple[str, str]]:
    """What stream and destination tell."""
    if one.absent:
        yield "the stream", f"has no section {one.explanation.section}: it is another stream, or was not read so far"
    if one.block is not None:
        yield "the stream", f"has {one.block:#x} bytes of {one.explanation.facts['block']}"
    for place in one.places[:MOST_PLACES]:
        yield from has(place)
    if len(one.places) > MOST_PLACES:
        yield "", f"and {len(one.places) - MOST_PLACES} more such sections"
    if one.near:
        yield "its build", f"knows {', '.join(one.near)}"
    for parting in one.partings:
        if parting.finding.positional.backward >= UNKNOWN:
            yield "they part", parted(parting)


def has(place: Place) -> Iterator[tuple[str, str]]:
    """What the stream has."""
    section = place.section
    yield "the stream", (f"{section.label}, version {section.header.version}, at {section.begin:#x}, "
                         f"{len(section.body):,} bytes, {section.source}")
    for one in place.values:
        yield "", f"{one.path}  {value(one)}  at {one.begin:#x}"


def parted(one: Parting) -> str:
    """Where stream and reader part."""
    finding = one.finding
    at = "" if one.offset is None else f"at {one.offset:#x}: "
    reason = f" ({finding.reason})" if finding.reason else ""
    return f"{at}{finding.rule} {finding.path}: {finding.message}{reason}"


def row(label: str, text: str, painted: Paint) -> Iterator[str]:
    """A label, and a text beside it."""
    first, *others = paragraph(text, "  " + " " * COLUMN) or [""]
    yield f"  {painted('dim', f'{label:{COLUMN}}')}{first.lstrip()}"
    yield from others
