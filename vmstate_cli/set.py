"""`vmstate set`: a stream with some of its values changed, into another file."""

from __future__ import annotations

from pathlib import Path

from migration.editing import Editing
from migration.places import NotFound
from migration.replica import Stream
from vmstate.errors import VMStateError

from . import exits
from .grammar import Options
from .opening import stream_of
from .progress import progress
from .trouble import TROUBLES, Unusable, code_of, text_of
from .writing import writing

MAIN = "main stream"


def run(options: Options) -> int:
    """Writes the stream with its values set; 1 where a destination would refuse one of them."""
    try:
        _check(options)
        with stream_of(options.stream, options, Stream) as stream:
            if stream.kind != MAIN:
                raise Unusable(f"it is no {MAIN}, but a {stream.kind}: device state is in that alone")
            with progress(options.stream, len(stream.data)) as tick:
                editing = Editing(stream, tick)
            told = _set(editing, options)
            if stream.trouble is not None:
                told.append(f"its description makes no sense, and is as it was: {stream.trouble}")
    except TROUBLES as trouble:
        exits.complain(options.stream, text_of(trouble))
        return code_of(trouble)
    for text in told:
        exits.complain(options.stream, text)
    return exits.FINDINGS if told else exits.FINE


def _set(editing: Editing, options: Options) -> list[str]:
    """Sets all, and writes. Raises Unusable where a value is not there, or cannot be that."""
    try:
        for place, text in map(_assignment, options.values):
            editing.set(place, text)
        told = editing.finish()
    except NotFound as missing:
        raise Unusable(str(missing)) from None
    except VMStateError as error:
        raise Unusable(str(error)) from None
    with writing(options.output) as out:
        editing.write(out)
    return told


def _assignment(text: str) -> tuple[str, str]:
    """A place, and the value for it. Raises Unusable."""
    place, mark, value = text.partition("=")
    if not mark or not place:
        raise Unusable(f"{text}: PLACE=VALUE is wanted")
    return place, value


def _check(options: Options) -> None:
    """Raises Unusable, OSError where there is no other file to write to."""
    if not options.output:
        raise Unusable("say with -o where the result goes; -o - is standard output")
    if "-" not in (options.stream, options.output) and Path(options.output).exists() and Path(
            options.output).samefile(options.stream):
        raise Unusable("a stream is never changed in place: name another file with -o")
