"""One value as a person reads it: a text, and a note that may be left out.

Numbers: below 10, negative or of a signed type in decimal; so too what counts, as its name (`COUNTING`) or its
meaning (`MEASURES`) says. All others are registers, flags and addresses: hexadecimal, with the decimal value as a note
below 65,536.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntFlag
from math import isfinite

from vmstate.meaning import expiry, of_number, plain, shown, teller_of, text_of
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
    Member,
    Nullable,
    Opaque,
    Padding,
    Range,
    Shape,
    Timer,
)
from vmstate.trace import Seen
from vmstate.values import Float64

COUNTING = frozenset((
    "channels", "count", "freq", "frequency", "height", "idx", "index", "interval", "len", "length", "n", "nb",
    "nr", "num", "number", "ns", "period", "pos", "queues", "rate", "size", "ticks", "time", "timestamp", "total",
    "version", "width"))
"""A member with one of these words in its name is a count or a time."""
MEASURES = frozenset(("bytes", "ms", "ns", "ticks", "units", "us"))
"""… and so is one whose meaning begins with one of these."""

WORDS = re.compile(r"[a-z]+")
NOT_PENDING = 0xFFFF_FFFF_FFFF_FFFF
IN_A_ROW = 16
"""Bytes of a row."""
SHORT_TEXT = 3
"""Bytes that are text: at least so many of it."""
MOST_RANGES = 12
NS = "ns"

TIMES = "\N{MULTIPLICATION SIGN}"

Words = tuple[str, str]
"""Text and note."""


class Leaf:
    """A value, its declared shape, and the member that it belongs to (an array's, for its elements)."""

    __slots__ = ("member", "seen", "shape")

    def __init__(self, seen: Seen, shape: Shape | None, member: Member | None) -> None:
        self.seen, self.shape, self.member = seen, shape, member


def bare(shape: Shape | None) -> Shape | None:
    """The shape without the checks and the null around it that leave its text as it is."""
    while isinstance(shape, Range | Equal | AtMost | Constant | Nullable):
        shape = shape.of
    return shape


def words(seen: Seen, shape: Shape | None, member: Member | None) -> Words:
    """What a leaf says."""
    text, note = TEXTS[type(seen.node)](Leaf(seen, bare(shape), member))
    means = text_of(member.means) if member is not None else None
    if means and means.startswith(NS) and isinstance(seen.node, Int) and isinstance(seen.key, str):
        text, means = f"{text} ns", means[len(NS):].lstrip(",; ")
    return text, ", ".join(filter(None, (note, means)))


def _integer(leaf: Leaf) -> Words:
    value: int = leaf.seen.value
    if isinstance(leaf.shape, Timer):
        return _timer(value)
    means = teller_of(leaf.member.means) if leaf.member is not None else None
    node = leaf.seen.node
    text = number(value, (isinstance(node, Int) and node.signed) or counts(leaf.member))
    kind = leaf.shape.kind if isinstance(leaf.shape, Enumerated) else means
    if (told := of_number(kind, value)) is not None:
        return text, plain(told)
    if isinstance(kind, type):
        return text, "" if issubclass(kind, IntFlag) else "unknown"
    return text, str(value) if text.startswith("0x") and value < 1 << 16 else ""


def number(value: int, decimal: bool) -> str:
    """A number in the base that suits it."""
    return str(value) if decimal else shown(value)


def counts(member: Member | None) -> bool:
    """Whether a member is a count or a time."""
    if member is None:
        return False
    means = WORDS.match(member.means) if isinstance(member.means, str) else None
    return not COUNTING.isdisjoint(WORDS.findall(member.key.lower())) or (
        means is not None and means.group() in MEASURES)


def _timer(value: int) -> Words:
    if value == NOT_PENDING:
        return "not pending", ""
    return f"{value} ns", expiry(value, None)


def _boolean(leaf: Leaf) -> Words:
    if isinstance(leaf.seen.value, bool):
        return ("true" if leaf.seen.value else "false"), ""
    return "true", f"the byte is {leaf.seen.value:#04x}"


def _floating(leaf: Leaf) -> Words:
    number: Float64 = leaf.seen.value
    return repr(number.value), "" if isfinite(number.value) else f"{number.bits:#018x}"


def _bytes(leaf: Leaf) -> Words:
    return inline(bytes(leaf.seen.value)) or (f"{len(leaf.seen.value)} bytes", "")


def inline(data: bytes) -> Words | None:
    """Bytes that fit in a text: text, one byte many times, up to a row of them. None: they want rows of their own."""
    if not data:
        return "empty", ""
    text = data.rstrip(b"\0")
    if len(text) >= SHORT_TEXT and all(0x20 <= one < 0x7F for one in text):
        zeros = len(data) - len(text)
        return f'"{text.decode()}"', f"and {zeros} {TIMES} 00" if zeros else ""
    if len(data) > SHORT_TEXT and data.count(data[0]) == len(data):
        return f"{len(data)} {TIMES} {data[0]:02x}", ""
    if len(data) <= IN_A_ROW:
        return data.hex(" "), ""
    return None


def _bits(leaf: Leaf) -> Words:
    """The bits that are set, as ranges."""
    size = 8 * (leaf.seen.end - leaf.seen.begin)
    number = bin(leaf.seen.value)[:1:-1]
    ranges = [(one.start(), one.end() - 1) for one in re.finditer("1+", number)]
    listed = ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in ranges[:MOST_RANGES])
    more = f" and {len(ranges) - MOST_RANGES} more runs" if len(ranges) > MOST_RANGES else ""
    return (f"{listed}{more}" if ranges else "none"), f"set, of {size} bits"


def _descriptor(leaf: Leaf) -> Words:
    return ("beside the bytes" if leaf.seen.value is None else str(leaf.seen.value)), "file descriptor"


def _null(_leaf: Leaf) -> Words:
    return "null", ""


TEXTS: dict[type, Callable[[Leaf], Words]] = {
    Int: _integer, Bool: _boolean, Float: _floating, Blob: _bytes, Opaque: _bytes, Bits: _bits, Padding: _bytes,
    Descriptor: _descriptor, Nullable: _null,
}
"""How each kind of leaf is told; a setting is told in its section's header."""
