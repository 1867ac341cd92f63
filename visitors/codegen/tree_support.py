"""What generated code for documents calls besides: settings, and what a document says of its own lengths."""

from __future__ import annotations

from typing import Any

from vmstate.errors import Key
from vmstate.shape import Setting
from vmstate.values import Float64

from .support import Context, Miss

NOT_FINITE = 0x7FF << 52


class TreeContext(Context):
    """And the settings that are to be written, by their steps; whether it is sure that all can be read."""

    __slots__ = ("settings", "sure")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.settings: list[tuple[tuple[Key, ...], Any]] = []
        self.sure = False


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
