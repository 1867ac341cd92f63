"""CBOR (RFC 8949), by cbor2: the typed tree as maps; compact, as arrays.

Bytes are byte strings, floats 64 bits, lengths definite. Read are indefinite lengths too; tags and whatever else the
tree has no place for are refused, and so are keys that repeat.
"""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

import cbor2

from vmstate.errors import DecodeError, EncodeError, LimitExceeded, Truncated
from vmstate.visitor import Bytes

from ._compiled import Offer
from ._tree import MOST_DEEP
from ._typed import Profile, Reader, Writer


class Tags(dict[int, Any]):
    """What to make of a tag: whichever it is, nothing, and of those least that the library knows (of values that are
    in several places, or in themselves).
    """

    def __missing__(self, tag: int) -> Any:
        raise LimitExceeded(f"a tag {tag}")


def dumps(document: Any, /) -> bytes:
    """A document's bytes. Raises EncodeError where text is no Unicode: QEMU's names are bytes."""
    try:
        return cbor2.dumps(document)
    except UnicodeEncodeError as error:
        raise EncodeError(f"{error.object[:40]!r} is no Unicode text", hint="BER and JSON can say it") from None


def loads(data: Bytes, /) -> Any:
    """A document again. Raises DecodeError."""
    source = BytesIO(data)
    decoder = cbor2.CBORDecoder(source, max_depth=MOST_DEEP, allow_duplicate_keys=False, strict_hashable_types=True,
                                semantic_decoders=Tags())
    try:
        document = decoder.decode()
    except cbor2.CBORDecodeEOF:
        raise Truncated("the CBOR ends too early", offset=len(data)) from None
    except (cbor2.CBORDecodeError, RecursionError, ValueError, TypeError) as error:
        raise DecodeError(f"no CBOR of ours: {error.__cause__ or error}", offset=0) from None
    if left := len(data) - source.tell():
        raise DecodeError(f"{left} bytes left over", offset=source.tell())
    return document


def reader(data: Bytes, /) -> Reader:
    """A reader of either profile."""
    return Reader(loads(data))


def writer() -> Writer[bytes]:
    """A writer of names with each attribute."""
    return Writer(dumps)


compiled = Offer(__name__)
"""Generated code, for the profile with names."""

compact: Profile[bytes] = Profile(reader, partial(Writer, dumps, folded=True))
"""The same, with names once."""
