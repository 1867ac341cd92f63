"""What is written where each part begins with its length: pieces within pieces.

If but one value of a part varies, the part's length is looked up by that value, or is that value's and a constant; of
any other part the pieces are joined first.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache

from vmstate.nodes import Node, node

from .pieces import JOINED, Pieces
from .source import Source
from .tables import Spelled, Sum


@node
class Piece(Node):
    """Expressions that give bytes. `length`: the length octets of it and so many bytes with it, as an expression;
    `behind` is what is said then, for that may have bound a variable.
    """

    said: tuple[bytes | str, ...]
    size: int | None = None
    length: Callable[[int], str] | None = None
    behind: tuple[bytes | str, ...] = ()


class Frame:
    """A part that is open: `name` is the variable of its list, if code has branched since."""

    def __init__(self, source: Source, name: str) -> None:
        self.holder, self.name, self.flushed = source.holder(), name, False
        self.gathered: list[bytes | Piece] = []


class Nest(Pieces):
    """Pieces of the innermost part that is open. `octets` are the length octets of a number."""

    def __init__(self, source: Source, octets: Callable[[int], bytes]) -> None:
        super().__init__(source)
        self._octets, self._lengths = octets, Spelled(octets, 0, 1 << 48)
        source.given["lengths"] = self._lengths
        self.open: list[Frame] = []

    def constant(self, data: bytes) -> None:
        gathered = self.open[-1].gathered
        if gathered and isinstance(last := gathered[-1], bytes):
            gathered[-1] = last + data
        else:
            gathered.append(data)

    def add(self, expression: str, size: int | None = None) -> None:
        local = self.source.local("t")

        def length(more: int) -> str:
            return f"lengths[len({local} := {expression}) + {more}]"

        many = expression.startswith("*")
        self.open[-1].gathered.append(Piece((expression,), size, None if many else length, (local,)))

    def look(self, table: str, value: str) -> None:
        found = self.source.given.get(table)
        if not isinstance(found, Spelled):
            self.add(f"{table}[{value}]")
            return

        def length(more: int) -> str:
            return f"{self.source.name(found.lengths(self._octets, more), 'lengths')}[{value}]"

        said = f"{table}[{value}]",
        self.open[-1].gathered.append(Piece(said, None, length, said))

    @contextmanager
    def part(self, head: bytes) -> Generator[None]:
        """What stands inside of a part that begins with these octets, and its length."""
        self.open.append(Frame(self.source, self.source.local("out")))
        yield
        frame = self.open.pop()
        parts = [one for one in frame.gathered if isinstance(one, Piece)]
        told = [one for one in parts if one.size is None]
        more = sum(len(one) if isinstance(one, bytes) else one.size or 0 for one in frame.gathered)
        if frame.flushed or len(told) > 1 or (told and told[0].length is None):
            self._joined(frame, head)
            return
        self.constant(head)
        if told and told[0].length is not None:
            self.open[-1].gathered.append(Piece((told[0].length(more),)))
        else:
            self.constant(self._octets(more))
        for one in frame.gathered:
            if isinstance(one, bytes):
                self.constant(one)
            else:
                self.open[-1].gathered.append(Piece(one.behind) if one in told else one)

    def _joined(self, frame: Frame, head: bytes) -> None:
        """A part in a variable; what it is part of may be no more than this."""
        data, n = self.source.local("part"), self.source.local("n")
        if frame.flushed:
            self._flush(frame)
        self.source.line(f"{data} = b''.join({frame.name if frame.flushed else said(frame.gathered)})")
        self.source.line(f"{n} = len({data})")

        def told(more: int) -> str:
            return f"{self.source.name(sums(self._octets, more + len(head)), 'lengths')}[{n}]"

        parts = head, f"lengths[{n}]", data
        self.open[-1].gathered.append(Piece(parts, None, told, parts))

    def flush(self) -> None:
        for frame in self.open:
            self._flush(frame)

    def _flush(self, frame: Frame) -> None:
        if not frame.flushed:
            self.source.fill(frame.holder, [f"{frame.name} = []"])
        if frame.gathered:
            self.source.line(f"{frame.name} += {said(frame.gathered)}")
        frame.gathered, frame.flushed = [], True

    @contextmanager
    def whole(self, finished: str = "{}") -> Generator[None]:
        frame = Frame(self.source, "out")
        self.open.append(frame)
        yield
        self.open.pop()
        if frame.flushed:
            self._flush(frame)
        joined = JOINED.format(frame.name if frame.flushed else said(frame.gathered))
        self.source.line(f"return {finished.format(joined)}")


@cache
def sums(octets: Callable[[int], bytes], more: int) -> Sum:
    """The length octets of a part, of its length octets, and of so many bytes."""
    return Sum(octets, more)


def said(gathered: list[bytes | Piece]) -> str:
    """Pieces as a list's expression."""
    flat: list[bytes | str] = []
    for one in gathered:
        for part in (one,) if isinstance(one, bytes) else one.said:
            if isinstance(part, bytes) and flat and isinstance(last := flat[-1], bytes):
                flat[-1] = last + part
            else:
                flat.append(part)
    return f"[{', '.join(one if isinstance(one, str) else repr(one) for one in flat)}]"
