"""Specifiers made of specifiers: arrays, chains, mappings, nulls, and records within records."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any, Literal, TypeVar, Unpack, cast, overload

from .shape import ABSENT, Array, Bool, Chain, Int, Nested, Nullable, Range, Record
from .shape import Mapping as MappingShape
from .spec import Gate, Number, Options, Spec, Version, asked, fact, make, spec_of
from .values import Float64, Packed

T = TypeVar("T")
K = TypeVar("K")
COPIED = 64
"""Numbers in an array of which one is kept for all new instances to copy."""
Last = str | Gate
"""What an element says of itself: the name of an attribute or property, or a method."""


@overload
def array(
    of: int, count: Number, *, packed: Literal[True], start: int = 0,
    reset: Sequence[int] | Callable[[], Sequence[int]] | None = None, default: Sequence[int] | None = None,
    info: str = "", **how: Unpack[Options],
) -> Packed: ...
@overload
def array(
    of: T, count: Number, *, packed: Literal[False] = False, start: int = 0,
    reset: Sequence[T] | Callable[[], Sequence[T]] | None = None, default: Sequence[T] | None = None, info: str = "",
    **how: Unpack[Options],
) -> list[T]: ...
def array(
    of: T, count: Number, *, packed: bool = False, start: int = 0,
    reset: Sequence[T] | Callable[[], Sequence[T]] | None = None, default: Sequence[T] | None = None, info: str = "",
    **how: Unpack[Options],
) -> Any:
    """`count` elements and no length on the wire (QEMU: ARRAY, VARRAY_*, SUB_ARRAY).

    It is the elements from `start` on of a list that may be longer: the rest is left alone. `reset` gives the elements
    of a new instance, or is called for them: states among them have to be new each time. `info` is for what QEMU sends
    by one function and describes as one piece of this type; `type` is that of each element.

    With `packed` the state holds plain integers in an `array.array`, which takes the bytes that they have in C and is
    read and written as fast as those are copied. It pays from 64 elements on.
    """
    inner, length = spec_of(of), count + start if isinstance(count, int) else 0
    code = inner.shape.code if packed and isinstance(inner.shape, Int) else ""
    hold = _holding(code)

    def fresh(n: int) -> Any:
        if n and isinstance(one := inner.reset(), int | None | Float64):
            return hold([one]) * n
        return hold([inner.reset() for _ in range(n)])

    def made() -> Any:
        return fresh(length) if reset is None else hold(reset() if callable(reset) else reset)

    held = length if reset is None or callable(reset) else len(reset)
    shared = reset is None and 0 < length <= COPIED and isinstance(inner.shape, Int | Bool) and not code
    return make(
        Array(inner.shape, fact(count), inner.reset, start, info, code),
        fresh(length).copy if shared else made,  # a queue has several of these, and a device a thousand queues
        how, inner, default=ABSENT if default is None else lambda: hold(default),
        sized=None if isinstance(count, int) or reset is not None else lambda n: fresh(n + start),
        mistake=_odd_array(count, start, held - length, packed and not code))


def _holding(code: str) -> Callable[[Any], Any]:
    """What elements are held in: an array of this typecode, or a list."""
    return partial(Packed, code) if code else list


def _odd_array(count: Number, start: int, more: int, unpackable: bool) -> str:
    """What is wrong with an array. `more`: elements that a new instance has besides those that are exchanged."""
    if (isinstance(count, int) and count < 0) or start < 0:
        return f"an array of {count} elements from {start} on"
    if unpackable:
        return "packed= is for integers of 8, 16, 32 or 64 bits, without a range"
    if more < 0:
        length = count + start if isinstance(count, int) else 0
        return f"reset= has {length + more} elements of {length}"
    return ""


@overload
def chain(
    of: T, *, marker: int = 1, default: Sequence[T] | None = None, **how: Unpack[Options]
) -> list[T]: ...
@overload
def chain(of: T, *, until: Last, default: Sequence[T] | None = None, **how: Unpack[Options]) -> list[T]: ...
def chain(
    of: T, *, marker: int = 1, until: Last | None = None, default: Sequence[T] | None = None, **how: Unpack[Options]
) -> list[T]:
    """Elements each behind a marker, and a 0 at the end (QEMU: QTAILQ, QLIST).

    `marker` is the byte; or a specifier such as `uint32()`: then the first member of each element is its marker, an
    integer of that width that is never 0. With `until` no marker stands anywhere: it names an attribute or property of
    the element, or is a method of it, and is true of the last element alone. There is at least one; a new instance
    holds one.
    """
    inner, ahead = spec_of(of), cast(object, marker)
    byte, bits, mistake = 1, 8, ""
    if until is not None:
        bits, mistake = 0, _unsaid(inner, until)
    elif isinstance(ahead, Spec):
        integer = ahead.shape.of if isinstance(ahead.shape, Range) else ahead.shape
        if isinstance(integer, Int) and isinstance(integer.bits, int):
            bits = integer.bits
        else:
            mistake = "a chain's marker is a plain integer"
    elif isinstance(ahead, int) and 0 < ahead < 256:
        byte = ahead
    else:
        mistake = f"a chain's marker is a byte from 1 to 255, or a specifier: {ahead!r}"
    by_value = until is not None or isinstance(ahead, Spec)
    last = asked(until) if callable(until) else until
    return cast("list[T]", make(
        Chain(inner.shape, None if by_value else byte, bits, inner.reset, last),
        list if until is None else lambda: [inner.reset()], how, inner,
        default=ABSENT if default is None else lambda: list(default), mistake=mistake))


def _unsaid(inner: Spec, until: Last) -> str:
    """Why an element cannot say this of itself, if so."""
    if not isinstance(inner.shape, Nested):
        return "until= is what a record says of itself"
    with suppress(NameError, TypeError):  # a class that is yet to come, or is no state
        kind = inner.shape.record.kind
        if isinstance(until, str) and not hasattr(kind, until):
            return f"until= names {until!r}, which {kind.__name__} does not have"
    return ""


def mapping(
    key: K, value: T, *, default: Mapping[K, T] | None = None, **how: Unpack[Options]
) -> dict[K, T]:
    """Keys and values behind their number, each pair behind a marker, and a 0 at the end (QEMU: GTREE)."""
    one, other = spec_of(key), spec_of(value)
    shape = MappingShape(one.shape, other.shape, one.reset, other.reset)
    hashable = isinstance(one.shape, Nested) or isinstance(one.reset(), Hashable)
    return cast("dict[K, T]", make(
        shape, dict, how, one, other, default=ABSENT if default is None else lambda: dict(default),
        mistake="" if hashable else "a mapping's key is a number or a record, not bytes or a list"))


@overload
def nested(
    of: type[T], *, version: Version = None, reset: Callable[[], T] | None = None, **how: Unpack[Options]
) -> T: ...
@overload
def nested(
    of: Record[T], *, version: Version = None, reset: Callable[[], T] | None = None, **how: Unpack[Options]
) -> T: ...
@overload
def nested(
    of: Callable[[], type[T]], *, version: Version = None, reset: Callable[[], T] | None = None,
    **how: Unpack[Options],
) -> T: ...
def nested(
    of: Any, *, version: Version = None, reset: Callable[[], Any] | None = None, **how: Unpack[Options]
) -> Any:
    """Another state in this one: a class, a view of a class, or `lambda: Later` (QEMU: STRUCT).

    It is walked at its own newest version; at `version` if given (QEMU: VSTRUCT); at this record's with "outer".
    `reset` makes what a new instance holds, where that is not the other's own reset state.
    """
    find = finder(of)
    mistake = f"{of.__name__} is not a @state class" if isinstance(of, type) and "__vmstate__" not in vars(of) else ""
    return make(Nested(find, version), reset or (lambda: find().make()), how, mistake=mistake)


def nullable(of: T, *, marked: bool = False, **how: Unpack[Options]) -> T | None:
    """Or None, which is one byte 0x30 (QEMU: ARRAY_OF_POINTER).

    No marker precedes what is there; with `marked` it is 0x31 (QEMU 11: ARRAY_OF_POINTER_AUTO_ALLOC).
    """
    inner = spec_of(of)
    return cast("T | None", make(Nullable(inner.shape, inner.reset, marked), lambda: None, how, inner))


def finder(of: Any) -> Callable[[], Record[Any]]:
    """Finds the record late, so that classes may name each other; once."""
    @cache
    def find() -> Record[Any]:
        return record_of(of if isinstance(of, (type, Record)) else of())
    return find


def record_of(kind: Any) -> Record[Any]:
    """The record of a state class; a record is its own. Raises TypeError for any other class."""
    if isinstance(kind, Record):
        return cast("Record[Any]", kind)  # type: ignore[redundant-cast]
    view: Any = kind.__dict__.get("__vmstate__")
    if view is None:
        raise TypeError(f"{kind.__name__} is not a @state class")
    return cast("Record[Any]", view.built)
