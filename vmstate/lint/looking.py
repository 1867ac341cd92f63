"""What an author's method asks and sets of its own state: found in its bytecode, through methods and properties.

Unlike code generation (visitors/codegen/looks.py), which has to know all, this tells what there is for certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dis import Instruction, get_instructions
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, cast

from ..nodes import Node, node

DEEPEST = 8
"""Methods that call methods."""


@node
class Looks(Node):
    """Attributes of `self`, of methods that are called too. `paths`: `name`, or `name.other`, where it is looked into.
    """

    paths: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()

    @property
    def asks(self) -> frozenset[str]:
        """Those that are asked, by name."""
        return frozenset(one.partition(".")[0] for one in self.paths)

    def __or__(self, other: Looks) -> Looks:
        return Looks(self.paths | other.paths, self.sets | other.sets)


NOTHING = Looks()


def looks(method: Any, kind: Any) -> Looks:
    """What a method looks at; nothing, where it is no function of Python's."""
    return _looks(method, kind, 0)


@lru_cache(maxsize=4096)
def _looks(method: Any, kind: Any, depth: int) -> Looks:
    if not isinstance(method, FunctionType) or depth > DEEPEST or not method.__code__.co_argcount:
        return NOTHING
    found = NOTHING
    for path, sets in _named(method.__code__, method.__code__.co_varnames[0]):
        behind = None if sets else _behind(kind, path.partition(".")[0])
        if behind is not None:
            found |= _looks(behind, kind, depth + 1)
        found |= Looks(frozenset(), frozenset({path})) if sets else Looks(frozenset({path}))
    return found


def _named(code: CodeType, me: str) -> Iterator[tuple[str, bool]]:
    """The attributes of a name in a function and those within it, and whether they are set."""
    every = [one for one in get_instructions(code) if one.opname not in ("EXTENDED_ARG", "CACHE", "NOP")]
    for before, one, after in zip(every, every[1:], [*every[2:], None], strict=False):
        if _is(before, me) and one.opname in ASKING:
            into = f".{after.argval}" if after is not None and after.opname in ASKING else ""
            yield f"{one.argval}{into}", False
        elif _is(before, me) and one.opname in COPYING and after is not None:  # +=
            yield from ((str(after.argval), sets) for sets in (False, True))
        elif _is(before, me) and one.opname in SETTING:
            yield str(one.argval), True
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and me in inner.co_freevars:
            yield from _named(inner, me)


ASKING, SETTING, COPYING = ("LOAD_ATTR", "LOAD_METHOD"), ("STORE_ATTR", "DELETE_ATTR"), ("COPY", "DUP_TOP")


def _is(one: Instruction, me: str) -> bool:
    """Whether this puts the name on top of the stack."""
    named: object = one.argval
    last: object = cast("tuple[object, ...]", named)[-1] if isinstance(named, tuple) else named
    return one.opname.startswith("LOAD_") and last == me


def _behind(kind: Any, name: str) -> Any:
    """The function behind an attribute, if it is a property or a method."""
    bases: tuple[type, ...] = kind.__mro__
    value: Any = next((vars(one)[name] for one in bases if name in vars(one)), None)
    if isinstance(value, property):
        return value.fget
    return value if isinstance(value, FunctionType) else None


def named_anywhere(method: Any) -> set[str]:
    """Every name that may be an attribute of whatever, in a method and those within it."""
    found, left = set[str](), [method.__code__] if isinstance(method, FunctionType) else []
    while left:
        code: CodeType = left.pop()
        found.update(code.co_names)
        found.update(one for one in code.co_consts if isinstance(one, str))
        left += [one for one in code.co_consts if isinstance(one, CodeType)]
    return found


def only_returns(method: Any, value: object) -> bool:
    """Whether a method does nothing but return this constant."""
    if not isinstance(method, FunctionType):
        return False
    work = [one for one in get_instructions(method) if one.opname not in ("RESUME", "CACHE", "NOP")]
    if work[-1].opname == "RETURN_CONST":
        return len(work) == 1 and work[0].argval is value
    return [one.opname for one in work] == ["LOAD_CONST", "RETURN_VALUE"] and work[0].argval is value


def is_unwritten(method: Any) -> bool:
    """Whether it does nothing but raise NotImplementedError."""
    if not isinstance(method, FunctionType):
        return False
    names = [str(one.argval) for one in get_instructions(method) if one.opname == "LOAD_GLOBAL"]
    return names == ["NotImplementedError"] and not any(
        one.opname in ("RETURN_VALUE", "RETURN_CONST") for one in get_instructions(method))
