"""What file of a connection this is, by its first bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from .inputs import Searchable
from .ram.items import Flag
from .stream.events import Kind

MULTIFD, CPR = b"\x11\x22\x33\x44", b"QCPR"
RECV_BITMAP = bytes((Kind.COMMAND, 0, 10))
MESSAGES = range(1, 8)
"""Types of messages on the return path."""
LONGEST_MESSAGE = 512
MOST_ADDRESS = 1 << 48

FileKind = Literal["main stream", "multifd channel", "return path", "recovery", "preempt channel", "cpr state"]


def kind_of(data: Searchable) -> FileKind:
    """What file this is, as its first bytes tell; a main stream where they do not."""
    for kind, test in KINDS.items():
        if test(data):
            return kind
    return "main stream"


def is_multifd(data: Searchable) -> bool:
    """Whether a multifd channel begins like this."""
    return data[:4] == MULTIFD


def is_return_path(data: Searchable) -> bool:
    """Whether a return path begins like this: a known type, a length that it can have."""
    kind, length = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    return len(data) >= 4 and kind in MESSAGES and length <= LONGEST_MESSAGE


def is_recovery(data: Searchable) -> bool:
    """Whether a postcopy goes on like this: it asks which pages of a block have been received."""
    return data[:3] == RECV_BITMAP


def is_preempt(data: Searchable) -> bool:
    """Whether pages begin like this that a destination has asked for: one with its block's name; or nothing but EOS."""
    word, name = int.from_bytes(data[:8], "big"), data[9:9 + sum(data[8:9])]
    if word == Flag.EOS:
        return len(data) == 8
    return (word & 0xFF in (Flag.ZERO, Flag.PAGE) and word < MOST_ADDRESS and len(name) > 0 and name.isascii()
            and name.decode().isprintable())


def is_cpr(data: Searchable) -> bool:
    """Whether a state of CPR begins like this."""
    return data[:4] == CPR


KINDS: dict[FileKind, Callable[[Searchable], bool]] = {
    "multifd channel": is_multifd, "return path": is_return_path, "recovery": is_recovery, "cpr state": is_cpr,
    "preempt channel": is_preempt,
}
