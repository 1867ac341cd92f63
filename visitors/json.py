"""JSON (RFC 8259): the typed tree as objects; compact, as arrays. Bytes are lower-case hexadecimal text.

Integers stay integers, however large. Keys that repeat are refused, and so are NaN and Infinity, which are no JSON (a
float that is not finite is its 8 bytes).
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from vmstate.errors import DecodeError, Key, Mismatch
from vmstate.visitor import Bytes

from ._tree import what
from ._typed import Profile, Writer, distinct
from ._typed import Reader as TypedReader


def dumps(document: Any, /) -> bytes:
    """A document's text, in one line."""
    return json.dumps(document, default=bytes.hex, allow_nan=False, ensure_ascii=False,
                      separators=(",", ":")).encode("utf-8", "surrogateescape")


def loads(data: Bytes | str, /) -> Any:
    """A document again. Raises DecodeError."""
    try:
        text = data if isinstance(data, str) else bytes(data).decode("utf-8", "surrogateescape")
        return json.loads(text, object_pairs_hook=distinct, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DecodeError(f"no JSON: {error.msg}, {where}", offset=error.pos) from None
    except RecursionError:
        raise DecodeError("JSON that is nested too deep", offset=0) from None
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}", offset=0) from None


def _refuse(name: str) -> NoReturn:
    raise DecodeError(f"{name} is no JSON")


class Reader(TypedReader):
    """Reads bytes out of text."""

    def _bytes(self, key: Key) -> Bytes:
        return unhex(self._typed(key, str))

    def leaf(self, value: Any, kind: str) -> Any:
        return unhex(value) if isinstance(value, str) and kind != "" else value


def unhex(text: Any) -> bytes:
    """The bytes that hexadecimal text stands for. Raises Mismatch."""
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        raise Mismatch(expected="bytes as hexadecimal text", actual=what(text)) from None


def reader(data: Bytes | str, /) -> Reader:
    """A reader of either profile."""
    return Reader(loads(data))


def writer() -> Writer[bytes]:
    """A writer of names with each attribute."""
    return Writer(dumps)


compact: Profile[bytes] = Profile(dumps, reader)
"""The same, with names once."""
