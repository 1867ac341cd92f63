"""What an author's own methods take: those that a walk calls for a state, called again without a walk.

No serializer can do without them, and none of the peers runs them. Per element of a list some are asked that code by
hand asks once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vmstate import exchanges, facts, walk

from .calls import Call, Calls
from .ours import walked
from .workloads import Item

Called = list[tuple[Callable[..., Any], tuple[Any, ...]]]
PLACES = facts, exchanges, walk
"""Modules that call an author's methods."""


def calls(item: Item) -> Calls:
    """Of each work the calls that it made."""
    return {work: Call(replay, (noted(call), *call.given[1:])) for work, call in walked(item).items()}


def replay(called: Called, *_: Any) -> None:
    """All of them once more."""
    for method, arguments in called:
        method(*arguments)


def noted(call: Call) -> Called:
    """What is called while this runs."""
    called: Called = []
    with _watching(called):
        call.function(*call.given)
    return called


@contextmanager
def _watching(called: Called) -> Iterator[None]:
    original = facts.authors

    def authors(method: Callable[..., Any], *arguments: Any) -> Any:
        if method is not getattr:
            called.append((method, arguments))
        return original(method, *arguments)

    for module in PLACES:
        module.authors = authors  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in PLACES:
            module.authors = original  # type: ignore[attr-defined]
