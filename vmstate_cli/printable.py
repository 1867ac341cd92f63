"""Text for a terminal: names come out of the stream, and may hold anything."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with what a terminal should not be sent raw as escapes: control characters, stray bytes."""
    return text if text.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in text)


def ascii_of(data: bytes | bytearray | memoryview) -> str:
    """Bytes as ASCII, a dot for each that is none."""
    return "".join(chr(one) if 0x20 <= one < 0x7F else "." for one in data)


def uuid_of(data: bytes | bytearray) -> str:
    """16 bytes as a UUID is written."""
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _escaped(one: str) -> str:
    code = ord(one)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8, as Python holds it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
