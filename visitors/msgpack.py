"""msgpack, by msgpack-python: the typed tree as maps; compact, as arrays.

Bytes are `bin`, names `str`, floats 64 bits. Extension types and keys that repeat are refused.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

import msgpack  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]

from vmstate.errors import DecodeError, EncodeError, Truncated
from vmstate.visitor import Bytes

from ._compiled import Offer
from ._tree import shallow
from ._typed import Profile, Reader, Writer, distinct

_library: Any = msgpack


def dumps(document: Any, /) -> bytes:
    """A document's bytes. Raises EncodeError where text is no Unicode: QEMU's names are bytes."""
    try:
        return bytes(_library.packb(document))
    except UnicodeEncodeError as error:
        raise EncodeError(f"{error.object[:40]!r} is no Unicode text", hint="BER and JSON can say it") from None


def loads(data: Bytes, /) -> Any:
    """A document again. Raises DecodeError."""
    try:
        return shallow(_library.unpackb(data, object_pairs_hook=distinct, ext_hook=_refuse))
    except DecodeError:
        raise
    except _library.ExtraData as error:
        raise DecodeError(f"{len(error.extra)} bytes left over", offset=len(data) - len(error.extra)) from None
    except _library.StackError:
        raise DecodeError("msgpack that is nested too deep", offset=0) from None
    except ValueError as error:
        if "incomplete" in str(error):
            raise Truncated("the msgpack ends too early", offset=len(data)) from None
        raise DecodeError(f"no msgpack of ours: {error}", offset=0) from None


def _refuse(code: int, _: bytes) -> NoReturn:
    raise DecodeError(f"an extension type {code}")


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
