"""JSON that somebody else wrote: each value is what it has to be, or DecodeError says where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from ..errors import DecodeError

Json = dict[str, Any]

MOST_TEXT = 64 << 20
"""Bytes of JSON; QEMU's largest dump has two millions."""
MOST_NUMBER = 1 << 32
SHORT, HUGE = 40, 1 << 64
HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half of a character, which JSON may have alone, and no encoding has."""


class Said:
    """A JSON object, of which each value is taken as what it should be. Extra keys are nobody's business."""

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise DecodeError(expected="an object", actual=kind(value))
        self.values = cast(Json, value)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def text(self, key: str, otherwise: str | None = None) -> str:
        """A text."""
        value = self.values.get(key, otherwise)
        if isinstance(value, str):
            return value
        raise wrong(key, "a text", value)

    def number(self, key: str, otherwise: int | None = None, most: int = MOST_NUMBER) -> int:
        """A number from 0 on."""
        value = self.values.get(key, otherwise)
        if type(value) is int and 0 <= value <= most:
            return value
        raise wrong(key, f"a number from 0 to {most}", value)

    def listed(self, key: str) -> list[Any]:
        """A list; empty where there is none."""
        value: object = self.values.get(key, [])
        if isinstance(value, list):
            return cast("list[Any]", value)  # type: ignore[redundant-cast]
        raise wrong(key, "a list", value)

    def inner(self, key: str) -> Said:
        """An object within; an empty one where there is none."""
        try:
            return Said(self.values.get(key, {}))
        except DecodeError as error:
            raise error.under(key) from None


def parsed(data: bytes, what: str) -> Said:
    """The object that a text is. Raises DecodeError where it is none; `what` it should be."""
    if len(data) > MOST_TEXT:
        raise DecodeError(f"{what} of {len(data)} bytes", hint=f"at most {MOST_TEXT} are read")
    try:
        value = json.loads(data.decode())
        if HALF.search(data):
            json.dumps(value, ensure_ascii=False).encode()
        return Said(value)
    except DecodeError as error:
        raise DecodeError(f"{what} is {error.actual}, no object", hint="is this the right file?") from None
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"{what} is no JSON: {error}", hint="is this the right file, and all of it?") from None


def of_section(error: DecodeError, section: str) -> DecodeError:
    """The same error, of this section; a description has no offsets."""
    error.section = error.section or section
    return error


def wrong(key: str, expected: str, value: object) -> DecodeError:
    """Something else stands under a key."""
    short = isinstance(value, int | str) and (isinstance(value, str) or abs(value) < HUGE) and len(repr(value)) < SHORT
    return DecodeError(expected=expected, actual=repr(value) if short else kind(value)).under(key)


def kind(value: object) -> str:
    """What JSON calls a value."""
    return KINDS.get(type(value), "nothing")


KINDS: dict[type, str] = {
    dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number", bool: "a boolean",
}
