"""A stream's JSON trailer ("vmdesc"), so that a device nobody declared is decoded by name as well (see `records`).

What QEMU writes there (migration/vmstate.c, vmstate_save_state_v and put_* of vmstate-types.c; 5.2 to 11.1): for each
field its name, type and the size of one element, `array_len` or `index`, and inside `struct` the record. It describes
bytes, not types: what counts what, gates and predicates are not in it. Its quirks: a field list is no mapping (names
repeat), and infos that nest a record (`tmp`, `qtailq`, `vstruct`) put it into the field itself, once per element, so
that JSON keys repeat too. Objects are therefore lists of pairs here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, cast

from ..errors import DecodeError
from ..kept import Bag
from ..nodes import Node, node
from ..shape import Record


class Object(list[tuple[str, Any]]):
    """A JSON object as its pairs, in order; keys may repeat."""


MOST_BYTES = 1 << 28

DECODER = json.JSONDecoder(object_pairs_hook=Object)
BLANKS = " ", "\t", "\n", "\r"
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]')
"""And texts, in which brackets mean nothing."""


class Described:
    """One section of a trailer: the name and instance that its header bears, and its record (made when asked for).

    It keeps its place in the text, not what that says, which would take thirty times as much memory.
    """

    def __init__(self, text: str, begin: int, end: int, said: Object, most: int = MOST_BYTES) -> None:
        self._text, self._begin, self._end, self._most = text, begin, end, most
        plain = dict(said)
        name, instance = plain.get("name"), plain.get("instance_id")
        if not isinstance(name, str) or not isinstance(instance, int):
            raise DecodeError("a device of the description has no name or no instance_id")
        self.name, self.instance_id = name, instance

    @property
    def pairs(self) -> Object:
        """What is said of it."""
        return as_object(DECODER.raw_decode(self._text, self._begin)[0])

    @cached_property
    def record(self) -> Record[Bag]:
        """What its body consists of. Raises DecodeError where the description makes no sense."""
        from .records import described  # which a stream of declared sections has no use for

        try:
            return described(self._text[self._begin:self._end], self.name, self._most)
        except RecursionError:
            raise DecodeError("the description is nested too deep") from None

    def forget(self) -> None:
        """Lets go of the record, until it is asked for again."""
        self.__dict__.pop("record", None)


SPACED = b"{ "
"""What a trailer of up to 5.2 begins with: blanks inside braces."""


@node
class Description(Node):
    """A whole trailer. `spaced`: with blanks inside braces."""

    page_size: int | None
    devices: tuple[Described, ...]
    configuration: bool
    spaced: bool
    text: str

    @property
    def pairs(self) -> Object:
        """All that it says."""
        return as_object(DECODER.decode(self.text))


def parse(text: bytes, most: int = MOST_BYTES) -> Description:
    """The trailer's JSON text (without its header of 5 bytes). Raises DecodeError where it is none.

    `most` is the size of the whole stream: a device that describes more than twice as much is refused.
    """
    try:
        top = dict(_top(read := text.decode("utf-8", "surrogatepass"), most))
    except (ValueError, IndexError, RecursionError) as error:
        raise DecodeError(f"the description is no JSON: {error}") from None
    page_size = top.get("page_size")
    return Description(page_size if isinstance(page_size, int) else None, tuple(as_list(top.get("devices", []))),
                       "configuration" in top, text.startswith(SPACED), read)


def _top(text: str, most: int) -> Iterator[tuple[str, Any]]:
    """The keys of the whole, and their values; of `devices` one `Described` for each."""
    at = _behind(text, 0, "{")
    while text[at] != "}":
        key, at = DECODER.raw_decode(text, at)
        at = _behind(text, at, ":")
        if key == "devices" and text[at] == "[":
            devices, at = _devices(text, at, most)
            yield key, devices
        elif text[at] in "[{":
            yield as_text(key), None
            at = _skipped(text, at)
        else:
            value, at = DECODER.raw_decode(text, at)
            yield as_text(key), value
        at = _behind(text, at, ",") if text[_blank(text, at)] == "," else _blank(text, at)
    if _blank(text, at + 1) != len(text):
        raise ValueError(f"more follows at {at + 1}")


def _devices(text: str, at: int, most: int) -> tuple[list[Described], int]:
    found: list[Described] = []
    at = _behind(text, at, "[")
    while text[at] != "]":
        said, end = DECODER.raw_decode(text, at)
        found.append(Described(text, at, end, as_object(said), most))
        at = _blank(text, end)
        at = _behind(text, at, ",") if text[at] == "," else at
    return found, at + 1


def _skipped(text: str, at: int) -> int:
    """Where a list or object ends that nobody wants to know. Raises ValueError where it does not."""
    deep = 0
    for found in BRACKETS.finditer(text, at):
        deep += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if not deep:
            return found.end()
    raise ValueError(f"what begins at {at} does not end")


def _blank(text: str, at: int) -> int:
    """Where the next thing stands."""
    while text[at:at + 1] in BLANKS:
        at += 1
    return at


def _behind(text: str, at: int, mark: str) -> int:
    """Where what follows a mark stands. Raises ValueError where the mark does not."""
    at = _blank(text, at)
    if text[at:at + 1] != mark:
        raise ValueError(f"expected {mark!r} at {at}")
    return _blank(text, at + 1)


def as_object(value: Any) -> Object:
    if isinstance(value, Object):
        return value
    raise DecodeError("the description has something else where an object belongs")


def as_list(value: Any) -> list[Any]:
    if not isinstance(value, list) or isinstance(value, Object):
        raise DecodeError("the description has something else where a list belongs")
    return cast(Any, value)  # type: ignore[no-any-return]


def as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise DecodeError("the description has something else where a name belongs")
    try:
        value.encode()
    except UnicodeEncodeError:  # JSON can hold half of a character
        raise DecodeError(f"the description has a name that no encoding has: {value!r}") from None
    return value


def as_number(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise DecodeError("the description has something else where a number belongs")
    return value
