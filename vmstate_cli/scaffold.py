"""`vmstate scaffold`: a declaration to begin with, out of a stream, a dump or both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from devices.catalogue import registry
from migration.documents import format_of
from migration.inputs import Searchable, opened, spooled
from migration.places import NotFound
from migration.replica import Stream
from migration.scaffold.known import Known
from migration.scaffold.sources import scaffold
from migration.sections import Section
from vmstate.compat.sides import Side
from vmstate.describe import dump_vmstate
from vmstate.describe.objects import MOST_TEXT

from . import exits
from .grammar import Options
from .opening import open_stream
from .output import emit
from .trouble import TROUBLES, Unusable, code_of, text_of
from .writing import writing

HEAD = 4096


def run(options: Options) -> int:
    """Writes one module; where that cannot be, none."""
    try:
        text = made(options)
        if not options.output or options.output == "-":
            emit(text.removesuffix("\n"))
        else:
            with writing(options.output) as out:
                out(text.encode())
    except NotFound as missing:
        exits.complain(str(missing))
        return exits.USAGE
    except TROUBLES as trouble:
        exits.complain(", ".join(options.sources), text_of(trouble))
        return code_of(trouble)
    return exits.FINE


def made(options: Options) -> str:
    """The module's text. Raises NotFound, Unusable, OSError, VMStateError."""
    sections, dump = list[list[Section]](), list[Side]()
    for name in options.sources:
        with opened(name) as data:
            if is_dump(data):
                dump.append(dump_vmstate.parse(data[:MOST_TEXT + 1], Path(name).name))
            else:
                sections.append(list(read(data, options)))
        if len(sections) > 1 or len(dump) > 1:
            raise Unusable("one stream, one dump, or one of each")
    known = Known(registry())
    return scaffold(options.device, known, sections[0] if sections else None, dump[0] if dump else None)


def is_dump(data: Searchable) -> bool:
    """Whether it is what `-dump-vmstate` writes: JSON, and no document of ours."""
    return data[:HEAD].lstrip().startswith(b"{") and not format_of(data)


def read(data: Searchable, options: Options) -> Iterator[Section]:
    """The sections of a stream, or of one that a document was made of, as it describes them itself."""
    if format_of(data):
        from migration.documents.reading import Document

        with spooled(Document(data, registry(), drop_unknown=True).stream()) as inside:
            yield from read(inside, options)
        return
    given = Options(**vars(options), source="embedded", target="", setting=[])
    yield from (event for event in open_stream(data, given, Stream).events() if isinstance(event, Section))
