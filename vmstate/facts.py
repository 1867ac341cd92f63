"""What an author's methods say: the one place where a declaration's code is called, and its mistakes become errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import EncodeError, NeedMore, VMStateError
from .kept import Around
from .shape import Asked, Fact


def authors(method: Callable[..., Any], *arguments: Any) -> Any:
    """Calls an author's method. What it raises is told as the state's error, for odd bytes may have led it astray."""
    try:
        return method(*arguments)
    except (NeedMore, VMStateError):
        raise
    except Exception as error:
        name = getattr(method, "__qualname__", str(method))
        raise VMStateError(f"{name} failed: {type(error).__name__}: {error}") from error


def tell(fact: Fact, state: Any, around: Around) -> Any:
    """A constant, an attribute, or what the author's method says."""
    if isinstance(fact, int):
        return fact
    if isinstance(fact, Asked):
        return authors(fact.method, state, around) if fact.takes_around else authors(fact.method, state)
    return authors(getattr, state, fact)


def number(fact: Fact, state: Any, around: Around) -> int:
    """A fact that has to be a number."""
    if isinstance(fact, int):
        return fact
    told = tell(fact, state, around)
    if not isinstance(told, int):
        raise EncodeError(f"{fact} should be a number", expected="a number", actual=repr(told))
    return told
