"""Bytes as they come, and a state that takes them: what any sans-I/O reader of a stream consists of.

A state is a function that takes bytes off a cursor and yields events. One that runs out of bytes starts again from
where it began when at least twice as many are there, so that all together is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from visitors._bytes import Cursor
from vmstate import VMStateError
from vmstate.errors import NeedMore

from .events import Event

if TYPE_CHECKING:
    from ..inputs import Searchable

State = Callable[[Cursor], Iterable[Event]]


class Machine:
    """Fed with `feed` and `close`, or given all at once with `over`. `at`: how far the input was taken.

    A state moves on by `go`; `within` names the section that its errors are of, and `done` says that there is no more.
    """

    def __init__(self, first: State) -> None:
        self.at, self.done, self.within = 0, False, ""
        self.state = first
        self._data: Searchable = b""
        self._more: list[bytes] = []
        self._base, self._whole, self._wanted = 0, False, 0

    def over(self, data: Searchable) -> Iterator[Event]:
        """The events of an input that is all there; it is not copied."""
        self._data, self._whole = data, True
        yield from self._events()

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete."""
        self._more.append(data)
        self._wanted -= len(data)
        if self._wanted <= 0:
            self._join()
            yield from self._events()

    def close(self) -> Iterator[Event]:
        """The events that the end of the input completes. Raises Truncated where it comes too early."""
        self._join()
        self._whole = True
        yield from self._events()

    def beside(self, other: Machine, state: State) -> Iterator[Event]:
        """The events of what another one has at hand, from where that is; it stays there."""
        self.at, self.state = other.at, state
        self._data, self._base, self._whole = other._data, other._base, other._whole
        yield from self._events()

    def go(self, cursor: Cursor, state: State) -> tuple[int, int]:
        """What the cursor has taken is taken, and the next state is this. Returns where that began and ended."""
        begin, self.at, self.state = self.at, self.at + cursor.at, state
        return begin, self.at

    @property
    def here(self) -> tuple[Searchable, int]:
        """The bytes at hand, and the place in them up to which they were taken."""
        return self._data, self.at - self._base

    def _join(self) -> None:
        self._data = b"".join((self._data[self.at - self._base:], *self._more))
        self._base, self._more = self.at, []

    def _events(self) -> Iterator[Event]:
        view = memoryview(self._data)
        while not self.done:
            begin = self.at
            try:
                yield from self.state(Cursor(view[begin - self._base:], self._whole))
            except NeedMore:
                self._wanted = max(1, len(self._data) - (self.at - self._base))
                return
            except VMStateError as error:
                raise error.within(self.within, begin) from error.__cause__
