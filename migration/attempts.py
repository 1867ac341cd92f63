"""How long a body may be: its description or its declaration is tried on the bytes that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from visitors import qemufile
from vmstate import Record, VMStateError
from vmstate.describe.vmdesc import Described
from vmstate.errors import NeedMore
from vmstate.trial import Trial
from vmstate.walk import Mode, Walk

TIMES, LEAST = 4, 1 << 12
"""Of one section no more bytes than there are, and so many, are walked over in vain; beyond the ends of all bodies
together so many times as many. A damaged stream of many sections, of which none fits, would else be walked to its end
for each of them."""


class Attempts:
    """Tries them, and counts the bytes beyond the end of a body over which that went."""

    def __init__(self) -> None:
        self._seen = self._wasted = 0
        self._reached: list[int] = []

    def begin(self) -> None:
        """Another section is tried; or the same one again, with more bytes."""
        self._reached.clear()

    def settle(self, length: int) -> None:
        """The body that was tried last has this length."""
        self._wasted += sum(max(0, at - length) for at in self._reached)
        self._reached.clear()

    def described(self, one: Described, ahead: memoryview, whole: bool) -> Iterator[int]:
        """The length that a description gives; none where it does not fit. Raises NeedMore."""
        try:
            record = one.record
        except VMStateError:
            return
        yield from self.lengths(record, ahead, whole, record.version, {})

    def lengths(
        self, record: Record[Any], ahead: memoryview, whole: bool, version: int, given: Mapping[str, Any]
    ) -> Iterator[int]:
        """The lengths that a record may have, for every combination of settings. Raises NeedMore."""
        self._seen, trial = max(self._seen, len(ahead)), Trial(given)
        while self._wasted <= TIMES * self._seen + LEAST and sum(self._reached) <= self._seen + LEAST:
            if (length := self._length(record, ahead, whole, version, trial)) is not None:
                yield length
            if not trial.next():
                return
        if not whole:
            raise NeedMore

    def _length(
        self, record: Record[Any], ahead: memoryview, whole: bool, version: int, trial: Trial
    ) -> int | None:
        reader = qemufile.Reader(ahead, whole)
        try:
            Walk(reader, Mode.WIRE, trial).run(record, record.make(), version)
        except VMStateError:
            return None
        finally:
            self._reached.append(reader.at)
        return reader.at
