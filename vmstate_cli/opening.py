"""Streams, understood as the options say. A document is the stream that it was made of."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from devices.catalogue import registry
from migration.descriptions import Lent
from migration.documents import format_of
from migration.inputs import Searchable, opened, spooled
from migration.replica import Stream
from migration.stream import trailer
from vmstate import Registry
from vmstate.describe import vmdesc
from vmstate.errors import VMStateError

from . import exits
from .grammar import Options
from .printable import printable
from .progress import progress
from .trouble import Unusable, text_of

if TYPE_CHECKING:
    from migration.documents.reading import Document

S = TypeVar("S", bound=Stream)


@contextmanager
def stream_of(name: str, options: Options, kind: type[S], known: Registry | None = None) -> Generator[S]:
    """A file's stream, by these declarations (default: this program's).

    Raises OSError, Unusable, and DecodeError where a document is damaged.
    """
    known = known or registry()
    with opened(name) as data:
        if not format_of(data):
            yield open_stream(data, options, kind, known)
            return
        from migration.documents.reading import Document

        document = Document(data, known, drop_unknown=True)
        with spooled(_watched(document, name)) as inside:
            for told in remarks(document):
                exits.complain(name, told)
            stream = open_stream(inside, options, kind, known)
            stream.document = document.kind
            yield stream


def open_stream(data: Searchable, options: Options, kind: type[S], known: Registry | None = None) -> S:
    """A stream of this kind, by these declarations.

    Raises Unusable where another one was to lend its description, and cannot.
    """
    lent = borrowed(options.describe_with) if options.describe_with else None
    return kind(data, known or registry(), choice=options.source, target=options.target,
                settings=dict(options.setting), lent=lent, offset=options.offset)


def _watched(document: Document, name: str) -> Iterator[bytes]:
    with progress(name, len(document.data)) as tick:
        for part in document.stream():
            tick(document.at)
            yield part


def remarks(document: Document) -> Iterator[str]:
    """What a document's reader has to say: what was taken though it was not as declared, and what was left out."""
    yield from map(str, document.report)
    for dropped in dict.fromkeys(document.dropped):
        yield f"{printable(dropped)} was dropped: QEMU's stream has no place for it"


@cache
def borrowed(name: str) -> Lent:
    """The description of another stream. Raises Unusable."""
    try:
        with opened(name) as data:
            if (extent := trailer.find(data)) is None:
                raise Unusable(f"{name}: it has no description")
            return Lent(name, vmdesc.parse(data[extent[0]:extent[1]], len(data)))
    except (VMStateError, OSError) as trouble:
        raise Unusable(f"{name}: {text_of(trouble)}") from None
