"""Finding the trailer before the stream is read, and writing its text again.

The reader wants the page size and the descriptions before it walks, and both stand at the end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from vmstate.describe.vmdesc import Object

from .events import Kind

if TYPE_CHECKING:
    from ..inputs import Searchable

MOST_TRAILER = 16 << 20


def find(data: Searchable) -> tuple[int, int] | None:
    """Begin and end of the trailer's JSON text: behind 00, 06 and a length that reaches exactly to the end."""
    at = size = len(data)
    least = max(0, size - MOST_TRAILER)
    while (at := data.rfind(b"\x00\x06", least, at)) >= 0:
        text = at + 6
        if int.from_bytes(data[at + 2:text], "big") == size - text and data[text:text + 1] == b"{":
            return text, size
        at += 1
    return None


def encode(pairs: Object, spaced: bool) -> bytes:
    """The text as QEMU spaces it: `spaced` as up to 5.2 (`{ "a" : 1 }`), else as since 6.0 (`{"a": 1}`)."""
    parts: list[str] = []
    _write(pairs, parts, *((" ", " : ") if spaced else ("", ": ")))
    return "".join(parts).encode("utf-8", "surrogateescape")


def record(text: bytes) -> bytes:
    """The text as a record: 06, length, text."""
    return bytes((Kind.VMDESCRIPTION,)) + len(text).to_bytes(4, "big") + text


def _write(value: Any, parts: list[str], inside: str, colon: str) -> None:
    if isinstance(value, Object):
        parts.append("{" + inside)
        for i, (key, one) in enumerate(value):
            parts.append(f"{', ' if i else ''}{json.dumps(key, ensure_ascii=False)}{colon}")
            _write(one, parts, inside, colon)
        parts.append(inside + "}")
    elif isinstance(value, list):
        parts.append("[" + inside)
        for i, one in enumerate(cast("Sequence[Any]", value)):
            parts.append(", " if i else "")
            _write(one, parts, inside, colon)
        parts.append(inside + "]")
    else:
        parts.append(json.dumps(value, ensure_ascii=False))
