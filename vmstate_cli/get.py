"""`vmstate get`: values out of a stream, each by its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from migration.contents import Contents, Value
from migration.paths import is_entry
from migration.places import NotFound
from migration.replica import Stream
from vmstate.errors import VMStateError
from vmstate.shape import Setting

from . import exits
from .grammar import Options
from .meant import Meant
from .opening import stream_of
from .output import emit
from .printable import printable
from .progress import progress
from .trouble import TROUBLES, code_of, text_of

if TYPE_CHECKING:
    from .rows import Row

Got = list[tuple[str, Value]]
"""Values by what was asked for."""


def run(options: Options) -> int:
    """Prints the values, and returns the exit code; what was read before a stream breaks off is told too."""
    code = exits.FINE
    try:
        with stream_of(options.stream, options, Stream) as stream:
            contents, meant = Contents(stream.data), Meant(options.raw)
            try:
                with progress(options.stream, len(stream.data)) as tick:
                    for event in stream.events():
                        contents.take(event)
                        meant.take(event)
                        tick(event.end)
            except VMStateError as trouble:
                exits.complain(options.stream, text_of(trouble))
                code = code_of(trouble)
            got = [(place, contents.value(place)) for place in options.places]
            emit(json.dumps(document(got, meant), indent=2) if options.format == "json" else "\n".join(
                lines(got, meant, options)))
    except NotFound as missing:
        exits.complain(options.stream, str(missing))
        return max(code, exits.USAGE)
    except TROUBLES as trouble:
        exits.complain(options.stream, text_of(trouble))
        return max(code, code_of(trouble))
    return code


def document(got: Got, meant: Meant) -> dict[str, Any]:
    """As JSON has it; offsets are those of the stream."""
    from .values import plain

    return {"values": [entry(place, one, plain(one.found.seen), meant) for place, one in got]}


def entry(place: str, one: Value, value: Any, meant: Meant) -> dict[str, Any]:
    """One value; what it and those in it mean, where that is known."""
    seen, begin = one.found.seen, one.section.begin
    meaning = {} if one.found.cut is not None else meant.named(one.section, one.found.trail)
    return {"place": place, "section": one.section.label, "source": one.section.source,
            "offset": begin + seen.begin, "size": seen.end - seen.begin, "value": value,
            **({"meaning": meaning} if meaning else {})}


def lines(got: Got, meant: Meant, options: Options) -> Iterator[str]:
    """To read, as `show` has it: of one place the value alone, of several a row for each."""
    from .colour import paint
    from .layout import Layout
    from .output import width

    painted = paint(options.color)
    layout = Layout(painted, width())
    rows = [row(place, one, layout.width, meant) for place, one in got]
    if len(rows) > 1:
        yield from layout.lines(rows)
        return
    (alone,) = rows
    if not alone.inside or alone.inside[0].kind == "meaning":
        yield alone.text + (f"  {painted('dim', alone.note)}" if alone.note else "")
    yield from layout.lines(alone.inside)


def row(place: str, one: Value, room: int, meant: Meant) -> Row:
    """One value as a row, with the rows below it."""
    from .rows import Row, Rows

    found, seen = one.found, one.found.seen
    rows = Rows(one.section.body, room=room, told=meant.seen(one.section), raw=meant.raw)
    if isinstance(seen.node, Setting):
        return Row(printable(place), str(seen.value), "a setting: no byte carries it")
    if is_entry(seen):
        return rows.record(seen, printable(place))
    return rows.row(seen, place, None if isinstance(found.cut, int) else found.shape, found.member)
