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
            contents = Contents(stream.data)
            try:
                with progress(options.stream, len(stream.data)) as tick:
                    for event in stream.events():
                        contents.take(event)
                        tick(event.end)
            except VMStateError as trouble:
                exits.complain(options.stream, text_of(trouble))
                code = code_of(trouble)
            got = [(place, contents.value(place)) for place in options.places]
            emit(json.dumps(document(got), indent=2) if options.format == "json" else "\n".join(lines(got, options)))
    except NotFound as missing:
        exits.complain(options.stream, str(missing))
        return max(code, exits.USAGE)
    except TROUBLES as trouble:
        exits.complain(options.stream, text_of(trouble))
        return max(code, code_of(trouble))
    return code


def document(got: Got) -> dict[str, Any]:
    """As JSON has it; offsets are those of the stream."""
    from .values import plain

    return {"values": [entry(place, one, plain(one.found.seen)) for place, one in got]}


def entry(place: str, one: Value, value: Any) -> dict[str, Any]:
    """One value."""
    seen, begin = one.found.seen, one.section.begin
    return {"place": place, "section": one.section.label, "source": one.section.source,
            "offset": begin + seen.begin, "size": seen.end - seen.begin, "value": value}


def lines(got: Got, options: Options) -> Iterator[str]:
    """To read, as `show` has it: of one place the value alone, of several a row for each."""
    from .colour import paint
    from .layout import Layout
    from .output import width

    painted = paint(options.color)
    layout = Layout(painted, width())
    rows = [row(place, one, layout.width) for place, one in got]
    if len(rows) > 1 or rows[0].inside:
        yield from layout.lines(rows if len(rows) > 1 else rows[0].inside)
        return
    (alone,) = rows
    yield alone.text + (f"  {painted('dim', alone.note)}" if alone.note else "")


def row(place: str, one: Value, room: int) -> Row:
    """One value as a row, with the rows below it."""
    from .rows import Row, Rows

    found, seen = one.found, one.found.seen
    rows = Rows(one.section.body, room=room)
    if isinstance(seen.node, Setting):
        return Row(printable(place), str(seen.value), "a setting: no byte carries it")
    if is_entry(seen):
        return rows.record(seen, printable(place))
    return rows.row(seen, place, None if isinstance(found.cut, int) else found.shape, found.member)
