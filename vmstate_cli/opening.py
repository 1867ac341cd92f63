"""Streams, understood as the options say."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from devices.catalogue import registry
from migration.descriptions import Lent
from migration.inputs import Searchable, opened
from migration.replica import Stream
from migration.stream import trailer
from vmstate.describe import vmdesc
from vmstate.errors import VMStateError

from .grammar import Options
from .trouble import Unusable, text_of

S = TypeVar("S", bound=Stream)


def open_stream(data: Searchable, options: Options, kind: type[S]) -> S:
    """A stream of this kind. Raises Unusable where another one was to lend its description, and cannot."""
    lent = borrowed(options.describe_with) if options.describe_with else None
    return kind(data, registry(), choice=options.source, target=options.target, settings=dict(options.setting),
                lent=lent, offset=options.offset)


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
