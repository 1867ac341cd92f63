"""Tag, length and value after ITU-T X.690: definite lengths are written, indefinite ones are read as well."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from vmstate.errors import BadMarker, DecodeError, LimitExceeded, Truncated
from vmstate.visitor import Bytes

from ._bytes import Cursor
from ._tree import MOST_DEEP

BOOLEAN, INTEGER, OCTET_STRING, NULL, UTF8_STRING = 0x01, 0x02, 0x04, 0x05, 0x0C
SEQUENCE, SET = 0x30, 0x31
CONSTRUCTED, APPLICATION, CONTEXT, PRIVATE = 0x20, 0x40, 0x80, 0xC0
CLASS, HIGH = 0xC0, 0x1F
NAMES = {
    BOOLEAN: "BOOLEAN", INTEGER: "INTEGER", OCTET_STRING: "OCTET STRING", NULL: "NULL", UTF8_STRING: "UTF8String",
    SEQUENCE: "SEQUENCE", SET: "SET",
}
MOST_LENGTH_OCTETS, MOST_NUMBER_OCTETS = 8, 5
MOST_ELEMENTS = 2 * MOST_DEEP
"""Elements in each other: a record takes two, itself and the attribute that the next one is in."""


def element(head: bytes, body: bytes) -> bytes:
    """An element: identifier octets (8.1.2), a definite length (8.1.3), contents."""
    size = len(body)
    if size < 0x80:
        return head + bytes((size,)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes((0x80 | len(octets),)) + octets + body


def identifier(kind: int, number: int) -> bytes:
    """Identifier octets of a class and form, and a tag number (8.1.2.4 for those from 31 on)."""
    if number < HIGH:
        return bytes((kind | number,))
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes((kind | HIGH, *reversed(octets)))


def integer(value: int) -> bytes:
    """Contents of an INTEGER: two's complement in as few octets as possible (8.3)."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


class Puller:
    """Takes elements off bytes one after the other; what is inside of one, between its `inside` and the end of that."""

    def __init__(self, data: Bytes) -> None:
        self.cursor = Cursor(data)
        self.ends: list[int | None] = [self.cursor.end]

    @property
    def at(self) -> int:
        """The offset of the next element."""
        return self.cursor.at

    def more(self) -> bool:
        """Whether another element is in the one that is open."""
        end = self.ends[-1]
        return self.cursor.peek(2) != b"\0\0" if end is None else self.cursor.at < end

    def finish(self) -> None:
        """Raises DecodeError where something follows."""
        self.cursor.finish()

    def peek(self) -> int:
        """The first identifier octet of the next element."""
        head = self.cursor.peek(1)
        if not head or not self.more():
            raise Truncated(expected="an element", actual="no more", offset=self.at)
        return head[0]

    @contextmanager
    def inside(self, *tags: int) -> Generator[int]:
        """What is in the next element, which must be constructed. Its first identifier octet is told."""
        begin = self.at
        tag, size = self._head(*tags)
        if not tag & CONSTRUCTED:
            raise BadMarker(expected="a constructed element", actual=f"{tag:#04x}", offset=begin)
        if len(self.ends) > MOST_ELEMENTS:
            raise LimitExceeded(f"elements are nested more than {MOST_ELEMENTS} deep", offset=begin)
        self.ends.append(None if size is None else self.at + size)
        yield tag
        self._close()

    def primitive(self, tag: int | None) -> bytes:
        """The contents of the next element, of whatever tag if none is given. A string may come in segments (8.7.3)."""
        if tag is not None and self.peek() == tag | CONSTRUCTED and tag in (OCTET_STRING, UTF8_STRING):
            with self.inside(tag | CONSTRUCTED):
                parts = list[bytes]()
                while self.more():
                    parts.append(self.primitive(tag))
            return b"".join(parts)
        begin = self.at
        first, size = self._head() if tag is None else self._head(tag)
        if size is None or first & CONSTRUCTED:
            raise BadMarker("a primitive element of indefinite length", offset=begin)
        return bytes(self.cursor.take(size))

    def _head(self, *tags: int) -> tuple[int, int | None]:
        """Identifier and length. With tags: it is one of them."""
        cursor, begin, first = self.cursor, self.at, self.peek()
        if tags and first not in tags:
            raise BadMarker(expected=" or ".join(NAMES.get(tag, f"{tag:#04x}") for tag in tags),
                            actual=NAMES.get(first, f"{first:#04x}"), offset=begin)
        cursor.take(1)
        if first & HIGH == HIGH:
            for _ in range(MOST_NUMBER_OCTETS):
                if not cursor.take(1)[0] & 0x80:
                    break
            else:
                raise LimitExceeded("a tag number of more than 35 bits", offset=begin)
        return first, self._length(begin)

    def _length(self, begin: int) -> int | None:
        cursor = self.cursor
        size = cursor.take(1)[0]
        if size == 0x80:
            return None
        if size > 0x80:
            octets = size & 0x7F
            if octets > MOST_LENGTH_OCTETS:
                raise LimitExceeded(f"a length of {octets} octets", offset=begin)
            size = cursor.number(octets)
        end = self.ends[-1]
        if size > (cursor.end if end is None else end) - cursor.at:
            raise Truncated(f"an element of {size} bytes", expected=f"{size} bytes",
                            actual=str((cursor.end if end is None else end) - cursor.at), offset=begin)
        return size

    def _close(self) -> None:
        end = self.ends.pop()
        if end is None:
            if bytes(self.cursor.take(2)) != b"\0\0":
                raise BadMarker("an element of indefinite length does not end here", offset=self.at - 2)
        elif self.at != end:
            raise DecodeError(f"{end - self.at} bytes left over in an element", offset=self.at)
