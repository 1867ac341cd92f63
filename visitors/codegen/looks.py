"""What an author's method looks at: found in its bytecode, if it does nothing but read and set its own attributes."""

from __future__ import annotations

from dis import get_instructions
from functools import lru_cache
from types import FunctionType
from typing import Any, cast

Names = frozenset[str]
DEEPEST = 8
"""Properties that look at properties."""


@lru_cache(maxsize=4096)
def looked_at(method: Any, kind: Any, depth: int = 0) -> Names | None:
    """Attributes of `self`; None where it may look at anything: it hands itself on, or calls a method of its own."""
    if not isinstance(method, FunctionType) or depth > DEEPEST or not method.__code__.co_argcount:
        return None
    me = method.__code__.co_varnames[0]
    if me in method.__code__.co_cellvars:
        return None
    found: set[str] = set()
    instructions = [one for one in get_instructions(method) if one.opname != "EXTENDED_ARG"]
    for one, after in zip(instructions, [*instructions[1:], None], strict=True):
        named: object = one.argval
        if named != me and not (isinstance(named, tuple) and me in cast("tuple[object, ...]", named)):
            continue
        if one.opname != "LOAD_FAST" or after is None or after.opname not in ("LOAD_ATTR", "STORE_ATTR"):
            return None
        names = _behind(kind, after.argval, depth)
        if names is None:
            return None
        found |= names
    return frozenset(found)


def _behind(kind: Any, name: str, depth: int) -> Names | None:
    """A slot is itself; a property is what that looks at."""
    value: Any = next((vars(one)[name] for one in cast("tuple[type, ...]", kind.__mro__) if name in vars(one)), None)
    if isinstance(value, property):
        return looked_at(value.fget, kind, depth + 1)
    return None if isinstance(value, FunctionType) else frozenset({name})
