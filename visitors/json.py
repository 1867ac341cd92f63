"""JSON (RFC 8259): the typed tree as objects; compact, as arrays. Bytes are lower-case hexadecimal text.

Integers stay integers, however large; where a float is meant they are floats, as JSON has but one kind of number. Keys
that repeat are refused, and so are NaN and Infinity, which are no JSON (a float that is not finite is its 8 bytes).
"""

from __future__ import annotations

import json
from functools import partial
from math import inf, isfinite
from typing import Any, NoReturn

from vmstate.errors import DecodeError, Mismatch
from vmstate.visitor import Bytes

from ._compiled import Offer
from ._tree import said, shallow
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
        return shallow(json.loads(text, object_pairs_hook=distinct, parse_int=_whole, parse_constant=_refuse))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DecodeError(f"no JSON: {error.msg}, {where}", offset=error.pos) from None
    except RecursionError:
        raise DecodeError("JSON that is nested too deep", offset=0) from None
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}", offset=0) from None


def _whole(digits: str) -> int | float:
    """A number without point and exponent: an integer, unless it is -0, which is none."""
    return -0.0 if digits == "-0" else int(digits)


def _refuse(name: str) -> NoReturn:
    raise DecodeError(f"{name} is no JSON")


class Reader(TypedReader):
    """Reads bytes out of text, and floats out of any number."""

    def octets(self, value: Any, /) -> bytes:
        return unhex(value)

    def float_bits(self, value: Any, /) -> int:
        return super().float_bits(real(value) if type(value) in (int, float) else value)


def unhex(text: Any) -> bytes:
    """The bytes that hexadecimal text stands for. Raises Mismatch."""
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        raise Mismatch(expected="bytes as hexadecimal text", actual=said(text)) from None


def real(number: float) -> float:
    """The float that a number is. Raises Mismatch where none is: one beyond all floats, or an integer between two."""
    try:
        found = float(number)
    except OverflowError:
        found = inf
    if found != number or not isfinite(found):
        raise Mismatch("no float is this number", expected="a number that a float of 64 bits is", actual=str(number))
    return found


def reader(data: Bytes | str, /) -> Reader:
    """A reader of either profile."""
    return Reader(loads(data))


compiled = Offer(__name__)


def writer() -> Writer[bytes]:
    """A writer of names with each attribute."""
    return Writer(dumps)


compact: Profile[bytes] = Profile(reader, partial(Writer, dumps, folded=True))
"""The same, with names once."""
