"""What is written, piece by piece: constants that grow together, and expressions between them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .source import Source

JOINED = "b''.join({})"


class Pieces:
    """Gathered until code branches; then they are added to `out`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.gathered: list[bytes | str] = []
        self.flushed = False

    def constant(self, data: bytes) -> None:
        """Bytes that are always the same."""
        if self.gathered and isinstance(last := self.gathered[-1], bytes):
            self.gathered[-1] = last + data
        else:
            self.gathered.append(data)

    def add(self, expression: str, size: int | None = None) -> None:
        """Bytes that an expression gives, so many if that is known; several where it has a star."""
        self.gathered.append(expression)

    def look(self, table: str, value: str) -> None:
        """Bytes that a table has for a value."""
        self.add(f"{table}[{value}]")

    def flush(self) -> None:
        """The code of all that was gathered."""
        if self.gathered:
            self.source.line(f"out += {self.said()}")
        self.gathered, self.flushed = [], True

    def said(self) -> str:
        """All that was gathered, as a list."""
        return f"[{', '.join(one if isinstance(one, str) else repr(one) for one in self.gathered)}]"

    @contextmanager
    def whole(self, finished: str = "{}") -> Generator[None]:
        """All of a function: it returns the pieces as one."""
        holder = self.source.holder()
        yield
        if self.flushed:
            self.source.fill(holder, ["out = []"])
            self.flush()
            self.source.line(f"return {finished.format(JOINED.format('out'))}")
        else:
            self.source.line(f"return {finished.format(JOINED.format(self.said()))}")
