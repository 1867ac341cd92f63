"""A state of any record, drawn: `drawn` as it might be read, `sent` as an instance might send it today.

The reader that it takes has no input, and answers by chance. The walk asks for every value in the order of the bytes,
so that what is drawn is consistent by construction: versions, gates, counts and settings decide as they do of a stream.
Checks are looked up in the declaration: a range is kept, a constant or a value that both ends must have stays, an
enumeration gives one of its members.

What only an author's code knows (a register that tells a size, a map whose keys repeat) may still end in an error, or
in more than is reasonable. Then it is drawn again: without the subsection that ended so; or calmer, that is with fewer
values that leave what they are after reset. The last draw changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from random import Random
from typing import Any, TypeVar

from ..combinators import record_of
from ..errors import Finding, Key, LimitExceeded, VMStateError
from ..format import Decoded
from ..kept import Foreign
from ..shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Check,
    Constant,
    Descriptor,
    Enumerated,
    Equal,
    Float,
    Int,
    Mapping,
    Member,
    Nullable,
    Opaque,
    Padding,
    Range,
    Record,
    Same,
    Setting,
    Shape,
    Subsection,
)
from ..trial import Trial
from ..visitor import Bracket, Bytes, Counted, Linked
from ..walk import Mode, Walk

T = TypeVar("T")

CALMER = (1.0, 1.0, 0.7, 0.5, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.0)
"""How likely a value leaves its reset, attempt by attempt."""
MOST_ELEMENTS, MOST_BYTES = 20_000, 4 << 20
"""Of one state: all elements that are not there by declaration alone, all bytes and padding."""
SEVERAL = 4
"""Elements of a chain or mapping, values that are thought small, bytes behind a length: up to about so many."""


def drawn(
    kind: type[T] | Record[T], pick: Random, version: int | None = None, most: int = MOST_ELEMENTS
) -> Decoded[T]:
    """A state as it might have been read: at this version, or at any that the declaration reads."""
    record: Record[T] = record_of(kind)
    number = pick.randint(record.minimum, record.version) if version is None else version
    return _drawn(record, pick, number, most, Drawn)


def sent(
    kind: type[T] | Record[T], pick: Random, most: int = MOST_ELEMENTS, *, distinct: bool = False
) -> Decoded[T]:
    """A state as an instance sends it: of the newest version, what is always sent being there, unused bytes zero.

    `distinct`: no number is small or special, so that hardly two are alike.
    """
    record: Record[T] = record_of(kind)
    return _drawn(record, pick, record.version, most, Distinct if distinct else Sent)


def _drawn(record: Record[T], pick: Random, version: int, most: int, reader: type[Drawn]) -> Decoded[T]:
    attempts, without = list(CALMER), set[Subsection]()
    while True:
        it, trial, visitor = record.make(), Trial(), reader(pick, attempts[0], most, without)
        try:
            Walk(visitor, Mode.WIRE, trial).run(record, it, version)
        except VMStateError:
            if (inside := visitor.inside) is not None and inside not in without:
                without.add(inside)
            elif not attempts[1:]:
                raise
            else:
                del attempts[0]
        else:
            return Decoded(it, version, record, dict(trial.chosen))


class Frame:
    """An open bracket: the member of a record that is asked for, which attributes its instance was given, what is left.

    `again`: the member's attribute was exchanged already, and has to be sent the same.
    """

    __slots__ = ("again", "left", "member", "met", "node", "subsections")

    def __init__(self, node: Bracket | None, met: set[str], left: int) -> None:
        self.node, self.met, self.left = node, met, left
        self.member: Member | None = None
        self.again = False
        self.subsections: list[Subsection] | None = None

    def shape(self, key: Key) -> Shape | None:
        """What is declared under this key."""
        match self.node:
            case Array(of=of) | Chain(of=of):
                return of
            case Mapping():
                return self.node.key if key == "key" else self.node.value
            case _:
                return None if self.member is None else self.member.shape

    def checks(self, key: Key) -> Iterator[Check]:
        """The checks around the value under this key."""
        shape = self.shape(key)
        while isinstance(shape, Nullable | Range | Equal | AtMost | Constant | Enumerated):
            if not isinstance(shape, Nullable):
                yield shape
            shape = shape.of


class Drawn:
    """A reader without an input.

    `daring`: how likely a value is another than it was after reset. `most`: elements that are not there by declaration
    alone. `without`: subsections that stay absent.
    """

    reading = True
    span = None
    report: tuple[Finding, ...] = ()

    def __init__(
        self, pick: Random, daring: float = 1.0, most: int = MOST_ELEMENTS, without: Collection[Subsection] = (),
    ) -> None:
        self._pick, self._daring, self._most, self._without = pick, daring, most, without
        self._open = [Frame(None, set(), 0)]
        self._entries = self._elements = self._bytes = 0
        self._marks = False

    def finish(self) -> None:
        """Nothing can be left over."""

    @property
    def inside(self) -> Subsection | None:
        """The innermost subsection that is open."""
        return next((one.node for one in reversed(self._open) if isinstance(one.node, Subsection)), None)

    # -- chance

    def _bold(self) -> bool:
        return not self._open[-1].again and self._pick.random() < self._daring

    def _within(self, least: int, most: int) -> int:
        """A number: as often small, or the least or the greatest, as any."""
        match self._pick.randrange(4):
            case 0:
                return min(most, max(least, 0) + self._pick.randrange(SEVERAL))
            case 1:
                return self._pick.choice((least, most))
            case _:
                return self._pick.randint(least, most)

    def _run(self, size: int, bold: bool) -> bytes:
        """So many bytes: any, or zeros."""
        self._bytes += size
        if size < 0 or self._bytes > MOST_BYTES:
            raise LimitExceeded(f"{size} bytes more")
        return self._pick.randbytes(size) if bold else bytes(size)

    def _count(self, n: int) -> None:
        self._elements += n
        if self._elements > self._most:
            raise LimitExceeded(f"{n} elements more")

    # -- leaves

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if shape.signed else (0, (1 << bits) - 1)
        if self._marks:  # it says that an element follows
            self._marks, least, value = False, 1, max(value, 1)
        if not self._bold():
            return value
        for check in self._open[-1].checks(key):
            match check:
                case Equal() | Constant():
                    return value
                case Enumerated(kind=kind):
                    return self._pick.choice([int(one) for one in kind if least <= one <= most])
                case Range(least=low, most=high):
                    least, most = max(least, low), min(most, high)
                case _:
                    least, most = 0, value  # AtMost
        return self._within(least, most)

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        """Now and then a byte that is neither."""
        if not self._bold() or any(self._open[-1].checks(key)):
            return value
        return self._pick.randrange(256) if self._pick.random() < 0.05 else self._pick.randrange(2)

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        return self._pick.getrandbits(64) if self._bold() else value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        if not self._bold():
            return value if len(value) == size else self._run(size, bold=False)
        if isinstance(shape, Blob) and shape.prefix:
            size = min((1 << shape.prefix) - 1, self._pick.choice((0, self._pick.randrange(SEVERAL), 300)))
        return self._run(size, bold=True)

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        return int.from_bytes(self._run(-(-count // 8), self._bold()), "big") >> -count % 8

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        """Mostly zeros."""
        return self._run(size, self._bold() and not self._pick.randrange(8))

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        """None is the first of the choices, as of any input that does not tell."""
        return self._pick.choice(shape.choices) if shape.choices and self._bold() else value

    def note(self, check: Check, /) -> None:
        pass

    # -- brackets

    def enter(self, key: Key, node: Bracket, /) -> None:
        """A subsection or another view is of the same instance, and shares what was met of it."""
        outer = self._open[-1]
        same = isinstance(node, Subsection) or isinstance(outer.shape(key), Same)
        self._open.append(Frame(node, outer.met if same else set(), self._entries))

    def leave(self) -> None:
        self._open.pop()

    def version(self, node: Subsection, version: int, /) -> int:
        return self._pick.randint(node.record.minimum, node.record.version) if self._bold() else version

    # -- questions

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Nullable):
            return self._pick.random() < self._daring / 2 if truth is None else truth
        frame = self._open[-1]
        frame.member, frame.again = node, False
        if truth and node.twice and node.attribute is not None:
            frame.again = node.attribute in frame.met
            frame.met.add(node.attribute)
        return bool(truth)

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        if isinstance(shape, Mapping):
            n = self._entries = self._pick.randrange(SEVERAL) if self._bold() else 0
        elif n and not isinstance(shape.count, int):
            self._count(n)
        return n or 0

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):
            return index < self._open[-1].left
        more = self._pick.random() < self._daring * (1 - 1 / SEVERAL) if truth is None else truth
        self._count(int(more))
        self._marks = more and shape.marker is None and shape.until is None
        return more

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        """Half of them, in any order."""
        frame = self._open[-1]
        frame.again = False
        if frame.subsections is None:
            frame.subsections = self._chosen(pending)
        return frame.subsections.pop() if frame.subsections else None

    def _chosen(self, pending: Sequence[Subsection]) -> list[Subsection]:
        """Those that are there, the last first."""
        likely = [one for one in pending if self._pick.random() < self._daring / 2]
        chosen = [one for one in likely if one not in self._without]
        if self._bold():
            self._pick.shuffle(chosen)
        return chosen

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        return ()


class Sent(Drawn):
    """Gives what a writer would send of a new instance."""

    def version(self, node: Subsection, version: int, /) -> int:
        return version

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        return self._run(size, bold=False)

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        return super().boolean(key, shape, value) & 1

    def _chosen(self, pending: Sequence[Subsection]) -> list[Subsection]:
        """What is always sent, and half of the others, in order."""
        return [one for one in reversed(pending) if one.needed is None or (
            one not in self._without and self._pick.random() < self._daring / 2)]


class Distinct(Sent):
    """Gives values of which hardly two are alike."""

    def _within(self, least: int, most: int) -> int:
        return self._pick.randint(least, most)
