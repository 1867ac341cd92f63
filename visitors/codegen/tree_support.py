"""What generated code for documents calls besides: settings, and what a document says of its own lengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vmstate.errors import Key
from vmstate.shape import Setting
from vmstate.values import Float64
from vmstate.walk import Mode

from .support import Context, Miss, Subsections

NOT_FINITE = 0x7FF << 52


EntryAt = Callable[[bytes, int], tuple[bytes, int, int | None]]


class TreeContext(Context):
    """And the settings that are to be written, by their steps; whether it is sure that all can be read."""

    __slots__ = ("settings", "sure")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.settings: list[tuple[tuple[Key, ...], Any]] = []
        self.sure = False


class Sections:
    """The subsections of one place, by their labels.

    `entry_at` finds an entry's label, its value, and where that ends if the format says so. `behind` it stands this,
    and at the byte `close` there are no more.
    """

    def __init__(
        self, subs: Subsections, labels: Sequence[bytes], entry_at: EntryAt, behind: bytes, close: int
    ) -> None:
        self._subs, self._entry_at, self._behind, self._close = subs, entry_at, behind, close
        self._numbers = {label: i for i, label in enumerate(labels)}

    def read(self, state: Any, data: bytes, at: int, n: int | None, end: int | None, *rest: Any) -> int:
        """So many, or those up to this place, each once; the place behind them. Raises Miss."""
        met: list[int] = []
        while len(met) != n and at != end and data[at] != self._close:
            label, at, stop = self._entry_at(data, at)
            number = self._numbers[label]
            if number in met:
                raise Miss
            met.append(number)
            at = self._subs.newest[number](state, data, at, *rest)
            if (stop is not None and at != stop) or not data.startswith(self._behind, at):
                raise Miss
            at += len(self._behind)
        if self._subs.mode is Mode.WIRE:
            record, context = self._subs.record, rest[2]
            sent = [(sub.name, sub.record.version) for sub in map(record.subsections.__getitem__, met)]
            context.walk.keep_presence(record, state, sent)
        return at


def choice(shape: Setting, told: Any) -> Any:
    """The choice that a document tells. Raises Miss where it tells none."""
    if told is None:
        raise Miss
    if not shape.choices:
        return told
    for one in shape.choices:
        if one == told:
            return one
    raise Miss


def float_of(data: bytes) -> Float64:
    """A float, of the 8 bytes that it ends with. Raises Miss where it should have been bytes, being not finite."""
    bits = int.from_bytes(data[-8:], "big")
    if len(data) == 9 and bits & NOT_FINITE == NOT_FINITE:
        raise Miss
    return Float64(bits)
