"""`vmstate diff`: what differs between two streams, by place and meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from migration.differing import Difference, Differing, Ignored, Pair, Story
from migration.paths import Found
from migration.ram.held import PageCount
from migration.replica import Stream
from migration.sections import Section
from vmstate.meaning import Register, teller_of
from vmstate.shape import Blob, Opaque, Setting

from . import exits
from .colour import Paint, paint
from .configuration import ignored
from .grammar import Options
from .layout import MOST_LABEL
from .leaves import inline, words
from .opening import stream_of
from .output import emit
from .printable import printable
from .progress import progress
from .trouble import TROUBLES, Unusable, code_of, text_of
from .values import plain

MOST_LINES, MOST_BYTES = 20, 16
MAIN = "main stream"
NAMES = {"embedded": "by the streams' own descriptions", "bytes": "by its bytes", "declared": ""}
SIGNS = {"removed": ("- ", "bad"), "added": ("+ ", "good"), "changed": ("  ", "value")}


def run(options: Options) -> int:
    """Compares two streams, and returns the exit code: 1 where they differ."""
    try:
        if options.old == options.new == "-":
            raise Unusable("standard input cannot be both sides")
        patterns = [*options.ignore, *ignored(options.config)]
    except TROUBLES as trouble:
        exits.complain(text_of(trouble))
        return code_of(trouble)
    stories = list[Story]()
    for name in (options.old, options.new):
        try:
            stories.append(story(name, options))
        except TROUBLES as trouble:
            exits.complain(name, text_of(trouble))
            return code_of(trouble)
    before, after = stories
    differing = Differing(before, after, ignores(patterns))
    emit(json.dumps(document(differing), indent=2) if options.format == "json" else "\n".join(
        lines(differing, paint(options.color), MOST_LINES if options.limit is None else options.limit)))
    return exits.FINE if differing.same else exits.FINDINGS


def story(name: str, options: Options) -> Story:
    """One side. Raises Unusable, OSError, VMStateError."""
    with stream_of(name, options, Stream) as stream:
        if stream.kind != MAIN:
            raise Unusable(f"it is no {MAIN}, but a {stream.kind}")
        with progress(name, len(stream.data)) as tick:
            return Story(stream, tick)


def ignores(patterns: Iterable[str]) -> Ignored:
    """Whether a place is as one of these says, or below it; a section may be meant by its end behind a slash."""
    if not (given := list(patterns)):
        return lambda _place: False
    from vmstate.compat.allowances import BENEATH, like

    every = [f"{behind}{one}{below}" for one in given for behind in ("", "*/") for below in ("", *BENEATH)]
    return lambda place: any(like(one, place) for one in every)


# -- as JSON has it

def document(differing: Differing) -> dict[str, Any]:
    """All that differs. A place with `[0..7]` in it is that of elements which differ alike."""
    return {
        "same": differing.same,
        "removed": [_section(one) for one in differing.removed],
        "added": [_section(one) for one in differing.added],
        "changed": [_pair(one) for one in differing.changed],
        "alike": len(differing.pairs) - len(differing.changed), "ignored": differing.ignored,
        "ram": {"compared": not differing.unfollowed, "why": differing.unfollowed,
                "blocks": [_block(one) for one in differing.pages]},
    }


def _section(one: Section) -> dict[str, Any]:
    header = one.header
    return {"name": header.name, "instance_id": header.instance_id, "version": header.version, "size": len(one.body)}


def _pair(pair: Pair) -> dict[str, Any]:
    return {"section": pair.before.label, "by": pair.by,
            "differences": [{"what": one.what, "path": str(one), "before": _json(one.before), "after": _json(one.after)}
                            for one in pair.differences]}


def _block(one: PageCount) -> dict[str, Any]:
    return {"name": one.block, "pages": one.both, "differ": one.differ, "only_before": one.before,
            "only_after": one.after}


def _json(found: Found | None) -> Any:
    return None if found is None else plain(found.seen)


# -- to read

def lines(differing: Differing, painted: Paint, most: int) -> Iterator[str]:
    """What one side alone has, what differs, section by section, then a summary."""
    for what, sections in (("removed", differing.removed), ("added", differing.added)):
        sign, style = SIGNS[what]
        for one in sections:
            yield painted(style, f"{sign}{printable(one.label)}") + painted("dim", f"  {len(one.body):,} bytes")
    for pair in differing.changed:
        by = f"  {NAMES[pair.by]}" if NAMES[pair.by] else ""
        yield painted("name", printable(pair.before.label)) + painted("dim", by)
        yield from _differences(pair.differences, painted, most)
    for block in differing.pages:
        yield painted("name", "ram") + f"  {printable(block.block)}: {_pages(block)}"
    yield summary(differing, painted)


def _differences(found: tuple[Difference, ...], painted: Paint, most: int) -> Iterator[str]:
    shown = found[:most] if most else found
    paths = [printable(str(one)) or "version" for one in shown]
    column = max((len(path) for path in paths if len(path) <= MOST_LABEL), default=0)
    for one, path in zip(shown, paths, strict=True):
        sign, style = SIGNS[one.what]
        values = " -> ".join(_text(side) for side in (one.before, one.after) if side is not None)
        yield f"{painted(style, f'{sign}  {path:{column}}')}  {values}"
    if len(found) > len(shown):
        yield painted("dim", f"    … and {len(found) - len(shown)} more (--limit 0 has all)")


def _text(found: Found) -> str:
    """A value in a line."""
    seen = found.seen
    if seen.inside is not None:
        return f"{len(seen.inside)} values, {seen.end - seen.begin} bytes"
    if isinstance(seen.node, Setting):
        return str(seen.value)
    if isinstance(seen.node, Blob | Opaque):
        return _bytes(seen.value)
    text, note = words(seen, found.shape if found.cut is None else None, found.member)
    means = teller_of(found.member.means) if found.member is not None else None
    return f"{text} ({note})" if note and isinstance(means, Register | type) else text


def _bytes(data: bytes) -> str:
    if (short := inline(bytes(data))) is not None:
        return " ".join(filter(None, short))
    return f"{data[:MOST_BYTES].hex(' ')} … {len(data)} bytes"


def _pages(one: PageCount) -> str:
    parts = [f"{one.differ:,} of {one.both:,} pages differ"] if one.differ else []
    parts += [f"{count:,} are only in the {side}" for count, side in ((one.before, "first"), (one.after, "second"))
              if count]
    return ", ".join(parts)


def summary(differing: Differing, painted: Paint) -> str:
    """One line at the end."""
    values = sum(len(one.differences) for one in differing.changed)
    counts = ((len(differing.changed), f"sections differ, in {values} values"), (len(differing.removed), "removed"),
              (len(differing.added), "added"), (len(differing.pages), "blocks of memory differ"),
              (len(differing.pairs) - len(differing.changed), "alike"), (differing.ignored, "ignored"))
    told = [f"{count} {what}" for count, what in counts if count]
    if differing.unfollowed:
        told.append(f"memory not compared: {differing.unfollowed}")
    return painted("good" if differing.same else "title", ", ".join(told) or "nothing in either")
