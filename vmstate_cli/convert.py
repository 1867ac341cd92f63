"""`vmstate convert`: a stream into a document, or back, or from one document into another."""

from __future__ import annotations

from collections.abc import Callable

from devices.catalogue import registry
from migration.documents import format_of
from migration.documents.converting import convert_document, convert_stream
from migration.documents.reading import Document
from migration.inputs import Searchable, opened
from migration.replica import Stream

from . import exits
from .grammar import Options
from .opening import open_stream, remarks
from .progress import progress
from .trouble import TROUBLES, Unusable, code_of, text_of
from .writing import writing


def run(options: Options) -> int:
    """Converts one file; a file that cannot be converted leaves none behind."""
    try:
        if not options.output:
            raise Unusable("say with -o where the result goes; -o - is standard output")
        with opened(options.input) as data, writing(options.output) as out:
            return _convert(data, options, out)
    except TROUBLES as trouble:
        exits.complain(options.input, text_of(trouble))
        return code_of(trouble)


def _convert(data: Searchable, options: Options, out: Callable[[bytes], object]) -> int:
    folded = options.profile == "compact"
    with progress(options.input, len(data)) as tick:
        if not format_of(data):
            stream = open_stream(data, options, Stream)
            convert_stream(stream, out, options.to, folded, tick)
            return exits.FINE
        document = Document(data, registry(), edited=options.edited, drop_unknown=options.drop_unknown)
        convert_document(document, out, options.to, folded, tick)
    for told in remarks(document):
        exits.complain(options.input, told)
    return exits.FINE
