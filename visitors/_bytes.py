"""A bounded cursor over bytes, and a builder of bytes: what byte formats have in common."""

from __future__ import annotations

from vmstate.errors import DecodeError, NeedMore, Truncated
from vmstate.visitor import Bytes


class Cursor:
    """A place in bytes that are all there (`whole`) or of which more may come.

    `taken_at` is where the last take began, so that an error can tell its offset.
    """

    __slots__ = ("at", "data", "end", "taken_at", "whole")

    def __init__(self, data: Bytes, whole: bool = True) -> None:
        self.data, self.whole = memoryview(data), whole
        self.at, self.taken_at, self.end = 0, 0, len(data)

    @property
    def left(self) -> int:
        """Bytes from here on."""
        return self.end - self.at

    def take(self, size: int) -> memoryview:
        """The next bytes, not copied. Raises Truncated; or NeedMore where more may come."""
        begin = self.taken_at = self.at
        end = begin + size
        if size < 0 or end > self.end:
            self.short(size)
        self.at = end
        return self.data[begin:end]

    def peek(self, size: int) -> bytes:
        """The next bytes or, at the end, fewer; the place stays."""
        if not self.whole and self.left < size:
            raise NeedMore
        return bytes(self.data[self.at:self.at + size])

    def number(self, size: int) -> int:
        """An unsigned big-endian number."""
        return int.from_bytes(self.take(size), "big")

    def rest(self) -> memoryview:
        """All that is left; the place stays."""
        return self.data[self.at:]

    def short(self, size: int) -> None:
        if not self.whole and size >= 0:
            raise NeedMore
        raise Truncated(expected=_bytes(size), actual=_bytes(self.left), offset=self.at)

    def finish(self) -> None:
        """Raises DecodeError where something is left."""
        if self.left:
            raise DecodeError(f"{_bytes(self.left)} left over", offset=self.at, hint="the state ends here")


def _bytes(n: int) -> str:
    return "1 byte" if n == 1 else f"{n} bytes"
