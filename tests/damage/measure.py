"""The work of a verdict, counted: bytes of the input looked at, leaves exchanged; and what a verdict has to be."""

import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from unittest.mock import patch

from devices.catalogue import registry
from migration.replica import Report, Stream, verify
from tests.damage.originals import whole
from visitors import _typed, qemufile
from visitors._bytes import Cursor
from vmstate import VMStateError

EXCHANGES = (
    "integer", "boolean", "floating", "blob", "bitmap", "padding", "descriptor", "setting", "enter", "has_next",
)
"""What counts as a leaf: a bracket and a question of a list do as well, for they take time without leaves."""

TIMES, LEAVES, SCANNED = 20, 1000, 1 << 16
"""How many times the work of the undamaged stream there may be, for each of its bytes; and what any stream may cost
besides: that of a section of another one that was spliced in."""
BYTES_PER_BYTE, BYTES_PER_LEAF, BYTES = 4, 128, 8 << 20
"""The memory that may be taken: for each byte of input; for each leaf, as a section's tree has one for it, and another
where it is compared with its description; and for the reset state of a device, whatever is sent (AHCI: 7 MB)."""


class Work(NamedTuple):
    """Leaves exchanged with visitors, and bytes of input that were searched, copied or taken."""

    leaves: int
    scanned: int


class Counter:
    """What has been counted since `work` was asked for last."""

    def __init__(self) -> None:
        self.leaves = self.scanned = 0

    def work(self) -> Work:
        """The counts, which begin again."""
        found = Work(self.leaves, self.scanned)
        self.leaves = self.scanned = 0
        return found


COUNTER = Counter()


class Watched(bytes):
    """An input that counts what is searched in it and sliced out of it."""

    __slots__ = ()

    def find(self, *arguments: Any) -> int:
        """As of bytes: what was passed over was looked at."""
        found = super().find(*arguments)
        COUNTER.scanned += (len(self) if found < 0 else found) - arguments[1]
        return found

    def rfind(self, *arguments: Any) -> int:
        """As of bytes, backwards."""
        found = super().rfind(*arguments)
        COUNTER.scanned += arguments[2] - max(found, arguments[1])
        return found

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        COUNTER.scanned += len(part) if isinstance(part, bytes) else 1
        return part


class Ahead:
    """What a cursor or a setting's `told` looks at: a view that counts what is taken out of it."""

    __slots__ = ("view",)

    def __init__(self, view: memoryview) -> None:
        self.view = view

    def __len__(self) -> int:
        return len(self.view)

    def __getitem__(self, key: Any) -> Any:
        part = self.view[key]
        COUNTER.scanned += 1 if isinstance(part, int) else len(part)
        return part


@contextmanager
def counted() -> Generator[Counter]:
    """Here everything counts."""
    make: Any = Cursor.__init__

    def init(cursor: Any, data: Any, whole: bool = True) -> None:
        view = data.view if isinstance(data, Ahead) else memoryview(data)
        make(cursor, view, whole)
        cursor.data = Ahead(view)

    def rest(cursor: Any) -> Ahead:
        return Ahead(cursor.data.view[cursor.at:])

    with (patch.multiple(Cursor, __init__=init, rest=rest), _leaves(qemufile.Reader), _leaves(qemufile.Writer),
          _leaves(_typed.Reader)):
        COUNTER.work()
        yield COUNTER


def _leaves(kind: type) -> Any:
    return patch.multiple(kind, **{name: _exchange(getattr(kind, name)) for name in EXCHANGES})


def _exchange(method: Callable[..., Any]) -> Callable[..., Any]:
    def exchange(*arguments: Any) -> Any:
        COUNTER.leaves += 1
        return method(*arguments)

    return exchange


# -- verdicts

def verdict(data: bytes) -> Report:
    """What `verify` says, which must be something sensible."""
    report = verify(Stream(data, registry()))
    if report.error is not None:
        assert report.error.offset is not None, report.error
        assert 0 <= report.error.offset <= len(data), report.error
        assert str(report.error)
    else:
        differing = [text for text in report.findings if "written again it differs" in text]
        assert report.identical == (not differing)
        assert [text for text in differing if not text.startswith("trailer")] == []
        assert report.accounted == len(data) or report.findings
    return report


class Judged(Protocol):
    """What a verdict is at least: it has an error, or none."""

    @property
    def error(self) -> VMStateError | None: ...


V = TypeVar("V", bound=Judged)


class Scale(Generic[V]):
    """What a verdict costs, and what it may cost: `original` gives the undamaged input of a name."""

    def __init__(
        self, verdict: Callable[[bytes], V], original: Callable[[str], bytes], per_byte: int = BYTES_PER_BYTE,
    ) -> None:
        self.verdict, self.original, self.per_byte = verdict, original, per_byte
        self._usual: dict[str, tuple[int, Work]] = {}

    def weighed(self, data: bytes) -> tuple[V, Work]:
        """The verdict and its work."""
        COUNTER.work()
        return self.verdict(Watched(data)), COUNTER.work()

    def usual(self, name: str) -> tuple[int, Work]:
        """The size of an undamaged input, and the work of its verdict."""
        if name not in self._usual:
            data = self.original(name)
            self._usual[name] = len(data), self.weighed(data)[1]
        return self._usual[name]

    def judged(self, name: str, data: bytes) -> tuple[V, Work, float]:
        """The verdict, its work, and what part that is of the work allowed. Raises AssertionError where it is more."""
        report, work = self.weighed(data)
        size, (leaves, scanned) = self.usual(name)
        longer = max(1.0, len(data) / size)
        most = Work(int(TIMES * leaves * longer) + LEAVES, int(TIMES * scanned * longer) + SCANNED)
        assert work.leaves <= most.leaves, f"{work.leaves} leaves exchanged, {leaves} of the undamaged stream"
        assert work.scanned <= most.scanned, f"{work.scanned} bytes scanned, {scanned} of the undamaged stream"
        return report, work, max(work.leaves / most.leaves, work.scanned / most.scanned)

    def spared(self, data: bytes, work: Work) -> int:
        """How much less memory a verdict takes than it may; negative where it takes more."""
        return self.per_byte * len(data) + BYTES_PER_LEAF * work.leaves + BYTES - self.peak(data)

    def peak(self, data: bytes) -> int:
        """The most memory that a verdict takes, in bytes, besides the input."""
        tracemalloc.start()
        try:
            self.verdict(data)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


STREAMS = Scale(verdict, whole)
weighed, usual, spared = STREAMS.weighed, STREAMS.usual, STREAMS.spared
