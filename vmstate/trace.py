"""Where each value stands in the bytes: a tree of what a visitor was told, with offsets.

`Tracer(qemufile.Writer())` writes and traces at once: what is shown is then what would be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from .errors import Key, render_path
from .kept import Foreign
from .shape import (
    Bits,
    Blob,
    Bool,
    Check,
    Descriptor,
    Float,
    Int,
    Mapping,
    Member,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Shape,
    Subsection,
)
from .values import Float64
from .visitor import Bracket, Bytes, Counted, Linked, Visitor


class Seen:
    """A leaf, or a bracket with what is inside. `begin` and `end` are offsets in the bytes; a setting has no extent."""

    __slots__ = ("begin", "end", "inside", "key", "member", "node", "value", "version")

    def __init__(
        self, key: Key, node: Shape | Bracket, value: Any = None, begin: int = 0, end: int = 0,
        member: Member | None = None, version: int | None = None, inside: list[Seen] | None = None,
    ) -> None:
        self.key, self.node, self.value, self.begin, self.end = key, node, value, begin, end
        self.member, self.version, self.inside = member, version, inside

    def leaves(self, *above: Key) -> Iterator[tuple[str, Seen]]:
        """Every leaf with its path."""
        for one in self.inside or ():
            path = above if isinstance(one.node, Subsection) else (*above, one.key)
            if one.inside is None:
                yield render_path(path), one
            else:
                yield from one.leaves(*path)


class Tracer:
    """Stands before a visitor that has offsets, and grows the tree under `root`."""

    def __init__(self, inner: Visitor) -> None:
        self.inner, self.root = inner, Seen("", Padding(0), inside=[])
        self._open, self._member = [self.root], cast("Member | None", None)

    @property
    def reading(self) -> bool:
        return self.inner.reading

    @property
    def span(self) -> tuple[int, int] | None:
        return self.inner.span

    def _see(self, key: Key, node: Shape | Bracket, value: Any, extent: bool = True) -> Seen:
        begin, end = self.inner.span or (0, 0)
        seen = Seen(key, node, value, begin if extent else end, end, self._member)
        self._member = None
        inside = self._open[-1].inside
        if inside is not None:
            inside.append(seen)
        return seen

    def _seen(self, key: Key, node: Shape, value: Any) -> Any:
        self._see(key, node, value)
        return value

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        new: int = self._seen(key, shape, self.inner.integer(key, shape, bits, value))
        return new

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        raw = self.inner.boolean(key, shape, value)
        self._seen(key, shape, raw if raw > 1 else raw == 1)
        return raw

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        bits = self.inner.floating(key, shape, value)
        self._seen(key, shape, Float64(bits))
        return bits

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        new: Bytes = self._seen(key, shape, self.inner.blob(key, shape, size, value))
        return new

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        new: int = self._seen(key, shape, self.inner.bitmap(key, shape, count, value))
        return new

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        new: bytes = self._seen(key, shape, self.inner.padding(key, shape, size, value))
        return new

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        new: int | None = self._seen(key, shape, self.inner.descriptor(key, shape, value))
        return new

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        new = self.inner.setting(key, shape, value)
        self._see(key, shape, new, extent=False)
        return new

    def note(self, check: Check, /) -> None:
        self.inner.note(check)

    def enter(self, key: Key, node: Bracket, /) -> None:
        self.inner.enter(key, node)
        had_bytes = isinstance(node, Subsection | Mapping)  # the name; the count
        self._open_at(self._see(key, node, None, extent=had_bytes))

    def leave(self) -> None:
        self.inner.leave()
        self._close()

    def _open_at(self, seen: Seen) -> None:
        seen.inside = []
        self._open.append(seen)

    def _close(self) -> None:
        closed = self._open.pop()
        closed.end = max(closed.end, (self.inner.span or (0, 0))[1])

    def version(self, node: Subsection, version: int, /) -> int:
        self._open[-1].version = new = self.inner.version(node, version)
        return new

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        answer = self.inner.is_there(node, truth)
        if isinstance(node, Member):
            self._member = node
        elif not answer:
            inside = self._open[-1].inside or []
            key = self._member.key if self._member is not None else len(inside)
            self._seen(key, node, None)
        return answer

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return self.inner.how_many(key, shape, n)

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        answer = self.inner.has_next(key, shape, index, truth)
        if isinstance(shape, Mapping):  # each entry is a bracket of its own
            if index:
                self._close()
            if answer:
                self._open_at(self._see(index, shape, None, extent=False))
        return answer

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        self._member = None
        return self.inner.which_next(record, pending)

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        return self.inner.foreign(record, known)
