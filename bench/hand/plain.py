"""What code written by hand holds its states in, and the little that it has in common.

A twin of a declared class has the same attributes in slots and the same methods (hooks, predicates, properties), and
nothing else: no equality, no place for what is kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from struct import Struct
from types import FunctionType
from typing import Any, NamedTuple, NoReturn

from vmstate import DecodeError, EncodeError, Packed
from vmstate.marks import SubsectionMark

Bytes = bytes | bytearray
new = object.__new__
octet, two_octets, four_octets = Struct("B").pack, Struct("BB").pack, Struct("BBBB").pack
NOT_PENDING = 0xFFFF_FFFF_FFFF_FFFF
HIDDEN = {"_kept", "__weakref__"}

TWINS: dict[type, type[Any]] = {}
"""Of each declared class, the plain one."""


class Hand(NamedTuple):
    """One device: a state's bytes; a new state; an existing one filled. `load` takes settings by keyword."""

    save: Callable[[Any], bytes]
    load: Callable[..., Any]
    load_into: Callable[[Any, bytes], Any]


def plain(kind: type) -> type[Any]:
    """The twin of a declared class."""
    slots = tuple(name for name in kind.__slots__ if name not in HIDDEN)  # type: ignore[attr-defined]
    body: dict[str, Any] = {"__slots__": slots, "__doc__": kind.__doc__}
    for key, value in vars(kind).items():
        found = value.predicate if isinstance(value, SubsectionMark) else value
        if isinstance(found, FunctionType | property) and not key.startswith("__"):
            body[key] = found
    made = TWINS[kind] = type(kind.__name__, kind.__bases__, body)
    return made


def copied(value: Any) -> Any:
    """A declared state as its twin, with all that is in it."""
    if isinstance(value, list):
        return [copied(one) for one in value]
    if isinstance(value, bytearray):
        return bytearray(value)
    if isinstance(value, array):
        return value[:]
    if (twin := TWINS.get(type(value))) is None:
        return value
    made = new(twin)
    for name in twin.__slots__:
        setattr(made, name, copied(getattr(value, name)))
    return made


def same(twin: Any, declared: Any) -> bool:
    """Whether a twin holds what the declared state does."""
    if isinstance(declared, list):
        return (isinstance(twin, list) and len(twin) == len(declared)
                and all(same(one, other) for one, other in zip(twin, declared, strict=True)))
    kind = TWINS.get(type(declared))
    if kind is None:
        return type(twin) is type(declared) and bool(twin == declared)
    return type(twin) is kind and all(same(getattr(twin, name), getattr(declared, name)) for name in kind.__slots__)


def name(text: str) -> bytes:
    """What stands before a subsection's version: 05, the length of its name, its name."""
    return bytes((5, len(text))) + text.encode()


def head(text: str, version: int = 1) -> bytes:
    """What stands before a subsection's members."""
    return name(text) + version.to_bytes(4, "big")


def refuse(what: str) -> NoReturn:
    """The bytes are no state of this device."""
    raise DecodeError(what)


def unwritable(what: str) -> NoReturn:
    """The state has no such bytes."""
    raise EncodeError(what)


def packed(code: str, values: Sequence[int]) -> bytes:
    """Many numbers: quicker through an array than through a format."""
    many = array(code, values)
    many.byteswap()
    return many.tobytes()


def held(code: str, data: bytes) -> Packed:
    """The same back, as C has them."""
    many = array(code, data)
    many.byteswap()
    return many


def zeros(code: str, count: int) -> Packed:
    """So many that are 0."""
    return array(code, [0]) * count
