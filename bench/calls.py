"""What is measured of a device by one side: up to three calls, which give equal results or are not measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Work = Literal["save", "load", "load into"]
WORKS: tuple[Work, ...] = "save", "load", "load into"
NEW: tuple[Work, ...] = "save", "load"
"""What peers do: none loads into what is there."""


class Call(NamedTuple):
    """A function and what it is given: a state, its bytes, or both."""

    function: Callable[..., Any]
    given: tuple[Any, ...]


Calls = dict[Work, Call]


class Unequal(Exception):
    """A side's result is not the one that it has to be."""


def expect(true: bool, what: str) -> None:
    """Raises Unequal where it is not so."""
    if not true:
        raise Unequal(what)
