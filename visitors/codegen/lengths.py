"""Lengths after X.690 8.1.3, as generated code writes and reads them: definite ones."""

from __future__ import annotations

from .support import Miss

LENGTH = rb"[\x00-\x7f]|\x81.|\x82..|\x83..."
"""The pattern of a definite length."""


def length(n: int) -> bytes:
    """A number's length octets (8.1.3)."""
    if n < 0x80:
        return bytes((n,))
    octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def length_at(data: bytes, at: int) -> tuple[int, int]:
    """A length and the place behind it. Raises Miss where it is indefinite."""
    if (first := data[at]) < 0x80:
        return first, at + 1
    size = first & 0x7F
    if not 0 < size <= 8:
        raise Miss
    return int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size
