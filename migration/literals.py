"""One value as a person writes it, made into what a tree of a state has (`visitors.tree`), by the shape that it fills.

| shape | written |
|---|---|
| integer, bitmap | decimal, `0x…`, `0b…`, negative; the names of its enumeration, `A|B` of its flags or bits |
| timer, file descriptor | the same, or `null` |
| boolean | `true`, `false`, or the byte |
| float | `1.5`, `nan`, or its 64 bits as `0x…` |
| buffer, unused bytes | hexadecimal, perhaps with `:` or `-` between; or text in double quotes, filled up by zeros |

What does not fit a shape's width, range or count is for the tree's reader to say. What has parts, `merging` tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, IntFlag
from typing import Any, cast

from vmstate.errors import EncodeError
from vmstate.exchanges import NOT_PENDING
from vmstate.meaning import Register, teller_of
from vmstate.nodes import Node, node
from vmstate.shape import (
    AtMost,
    Bits,
    Blob,
    Bool,
    Constant,
    Descriptor,
    Enumerated,
    Equal,
    Float,
    Int,
    Opaque,
    Padding,
    Range,
    Record,
    Shape,
    Timer,
)
from vmstate.values import Float64

NULL = "null"
BETWEEN_BYTES = re.compile(r"[\s:-]")
MOST_LIKE, FLOAT, MOST_FILLED = 5, 64, 1 << 20
Filled = Shape | Record[Any]


@node
class Wanted(Node):
    """What is to be filled: its shape, what the member `means`, what is there now; the class of state around it, and
    the members beside it.
    """

    shape: Filled
    means: Any = None
    old: Any = None
    kind: type = object
    beside: Any = None

    def of(self, shape: Shape, old: Any) -> Wanted:
        """A part of it."""
        return Wanted(shape, self.means, old, self.kind)

    @property
    def size(self) -> int:
        """Bytes of a buffer: as declared; as a member beside it says; else as many as there are."""
        if not isinstance(self.shape, Blob) or self.shape.prefix:
            return 0
        told = size = self.shape.size
        beside: object = self.beside
        if isinstance(size, str) and isinstance(beside, dict):
            told = cast("dict[str, Any]", beside).get(size, size)
        return min(told, MOST_FILLED) if isinstance(told, int) else len(self.old or b"")


def bare(wanted: Wanted) -> Wanted:
    """Without the checks around it."""
    shape, means = wanted.shape, wanted.means
    while isinstance(shape, Range | Equal | AtMost | Constant | Enumerated):
        means = shape.kind if isinstance(shape, Enumerated) else means
        shape = shape.of
    return wanted.but(shape=shape, means=means)


def octets(text: str) -> bytes:
    """Bytes as hexadecimal. Raises EncodeError."""
    try:
        return bytes.fromhex(BETWEEN_BYTES.sub("", text).removeprefix("0x"))
    except ValueError:
        raise EncodeError(f"{short(text)} is not hexadecimal", hint='two digits for each byte, or text: \'"paused"\''
                          ) from None


def integer(text: str) -> int:
    """A number in any base. Raises EncodeError."""
    try:
        return int(text, 0)
    except ValueError:
        raise EncodeError(f"{short(text)} is no number", hint="decimal, or 0x...") from None


def _integer(text: str, wanted: Wanted) -> int:
    means = teller_of(wanted.means)
    if isinstance(means, Register):
        names, what = means.bits(), "bit of this register"
    elif isinstance(means, type) and issubclass(means, IntEnum | IntFlag):
        names, what = {name: int(one) for name, one in means.__members__.items()}, means.__name__
    else:
        return integer(text)
    is_one = isinstance(means, type) and not issubclass(means, IntFlag)
    found = 0
    for part in [text] if is_one else text.split("|"):
        found |= _named(part.strip(), names, what)
    return found


def _named(text: str, names: Mapping[str, int], what: str) -> int:
    folded = {name.casefold(): one for name, one in names.items()}
    if (found := folded.get(text.casefold())) is not None:
        return found
    if text[:1].isdigit() or text[:1] == "-":
        return integer(text)
    raise EncodeError(f"{short(text)} is no {what}", hint=like(text, list(names)))


def _timer(text: str, _: Wanted) -> int:
    return NOT_PENDING if text == NULL else integer(text)


def _boolean(text: str, _: Wanted) -> bool | int:
    return {"true": True, "false": False}[text] if text in ("true", "false") else _byte(integer(text))


def _byte(value: int) -> bool | int:
    return value if value not in (0, 1) else bool(value)


def _floating(text: str, _: Wanted) -> Float64:
    try:
        return Float64(bits_of(text)) if text[:2].lower() == "0x" else Float64.of(float(text))
    except ValueError:
        raise EncodeError(f"{short(text)} is no number", hint="1.5, or the 64 bits as 0x...") from None


def bits_of(text: str) -> int:
    """The 64 bits of a float. Raises ValueError."""
    if (bits := int(text, 16)) >> FLOAT:
        raise ValueError(text)
    return bits


def _bytes(text: str, wanted: Wanted) -> bytes:
    if not text.startswith('"'):
        return octets(text)
    try:
        data = str(json.loads(text)).encode()
    except (ValueError, RecursionError):
        raise EncodeError(f"{short(text)} is no text in double quotes") from None
    return data.ljust(wanted.size, b"\0")


def _bits(text: str, _: Wanted) -> int:
    return integer(text)


def _descriptor(text: str, _: Wanted) -> int | None:
    return None if text == NULL else integer(text)


LEAVES: dict[type, Callable[[str, Wanted], Any]] = {
    Int: _integer, Timer: _timer, Bool: _boolean, Float: _floating, Blob: _bytes, Opaque: _bytes, Padding: _bytes,
    Bits: _bits, Descriptor: _descriptor,
}


# -- what is told

def like(text: str, names: Sequence[str]) -> str:
    """What may have been meant."""
    from difflib import get_close_matches

    upper = {name.casefold(): name for name in names}
    near = [upper[one] for one in get_close_matches(text.casefold(), list(upper), MOST_LIKE, 0.5)]
    return f"there is {', '.join(near or names[:MOST_LIKE * 4]) or 'none'}"


def short(text: str) -> str:
    """A text in quotes, not too long."""
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
