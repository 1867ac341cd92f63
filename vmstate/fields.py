"""Specifiers of leaves and checks: what an author writes behind `=`. Each is typed as the value that it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any, TypeVar, Unpack, cast, overload

from .machine_types import MachineType
from .shape import (
    ABSENT,
    Absent,
    AtMost,
    Bits,
    Blob,
    Bool,
    Codec,
    Descriptor,
    Enumerated,
    Equal,
    Float,
    Int,
    Opaque,
    Order,
    Range,
    Setting,
    Shape,
    Timer,
)
from .spec import Local, Number, Options, author_line, fact, make, spec_of
from .values import Float64

T = TypeVar("T")
E = TypeVar("E", bound=IntEnum)
WIDTHS = 8, 16, 32, 64
BOOL = Bool()


class Ints(Options, total=False):
    """What an integer may say besides.

    `reset` what a new instance holds; `default` what a named format may leave out, and what that means; `range` and
    `maximum` the values that make sense (both bounds included); `order` "little" where the bytes go by that way round.
    """

    reset: int
    default: int
    range: tuple[int, int]
    maximum: int
    order: Order


def _integer(shape: Int, how: Ints, mistake: str = "") -> int:
    reset, default = how.pop("reset", 0), how.pop("default", None)
    least, most = how.pop("range", (None, how.pop("maximum", None)))
    checked: Shape = shape if most is None else Range(shape, 0 if least is None else least, most)
    if most is not None and not (least or 0) <= reset <= most:
        mistake = f"reset={reset} is out of range"
    given = ABSENT if default is None else _always(default)
    return cast(int, make(checked, _number(reset), how, default=given, mistake=mistake))


def _always(value: T) -> Callable[[], T]:
    return lambda: value


_number = lru_cache(maxsize=None, typed=True)(_always)
"""The same for numbers and truths: a program's declarations have thousands, and few that differ."""


def _default(value: object) -> Any:
    return ABSENT if isinstance(value, Absent) else _always(value)


def _sized(bits: Number, signed: bool, how: Ints) -> int:
    odd = isinstance(bits, int) and (bits % 8 or not 0 < bits <= WIDTHS[-1])
    mistake = f"an integer of {bits} bits: they are whole bytes, up to 64" if odd else ""
    make_shape = _int if isinstance(bits, int) else Int
    return _integer(make_shape(fact(bits), signed, how.pop("order", "big")), how, mistake)


_int = cache(Int)


def uint8(**how: Unpack[Ints]) -> int:
    """An unsigned integer of 1 byte."""
    return _sized(8, False, how)


def uint16(**how: Unpack[Ints]) -> int:
    """An unsigned integer of 2 bytes, big-endian."""
    return _sized(16, False, how)


def uint32(**how: Unpack[Ints]) -> int:
    """An unsigned integer of 4 bytes, big-endian."""
    return _sized(32, False, how)


def uint64(**how: Unpack[Ints]) -> int:
    """An unsigned integer of 8 bytes, big-endian."""
    return _sized(64, False, how)


def int8(**how: Unpack[Ints]) -> int:
    """A signed integer of 1 byte."""
    return _sized(8, True, how)


def int16(**how: Unpack[Ints]) -> int:
    """A signed integer of 2 bytes, big-endian."""
    return _sized(16, True, how)


def int32(**how: Unpack[Ints]) -> int:
    """A signed integer of 4 bytes, big-endian."""
    return _sized(32, True, how)


def int64(**how: Unpack[Ints]) -> int:
    """A signed integer of 8 bytes, big-endian."""
    return _sized(64, True, how)


def uint(bits: Number, **how: Unpack[Ints]) -> int:
    """An unsigned integer whose width in bits is a fact: QEMU's target-long."""
    return _sized(bits, False, how)


def sint(bits: Number, **how: Unpack[Ints]) -> int:
    """A signed integer whose width in bits is a fact."""
    return _sized(bits, True, how)


def boolean(*, reset: bool = False, default: bool | Absent = ABSENT, **how: Unpack[Options]) -> bool:
    """One byte: 0 is false, any other true."""
    return cast(bool, make(BOOL, _number(reset), how, default=_default(default)))


def floating(*, reset: float = 0.0, default: float | Absent = ABSENT, **how: Unpack[Options]) -> Float64:
    """A 64-bit float, held as its bits (QEMU: CPU_DoubleU, float64)."""
    given = ABSENT if isinstance(default, Absent) else _always(Float64.of(default))
    return cast(Float64, make(Float(), _always(Float64.of(reset)), how, default=given))


def timer(**how: Unpack[Options]) -> int | None:
    """Expiry in ns, or None when not pending (QEMU: QEMUTimer; all ones on the wire)."""
    return cast("int | None", make(Timer(), lambda: None, how))


def buffer(
    size: Number, *, reset: bytes = b"", default: bytes | Absent = ABSENT, **how: Unpack[Options]
) -> bytearray:
    """`size` bytes as they are (QEMU: BUFFER, VBUFFER). A shorter `reset` is filled up with zeros."""
    def sized(length: int) -> bytearray:
        return bytearray(reset.ljust(length, b"\0"))

    length = size if isinstance(size, int) else 0
    given = ABSENT if isinstance(default, Absent) else lambda: bytearray(default)
    told = None if isinstance(size, int) else sized
    mistake = f"a buffer of {length} bytes" if length < 0 else ""
    return cast(bytearray, make(
        Blob(fact(size)), lambda: sized(length), how, default=given, sized=told, mistake=mistake))


def sized_buffer(
    prefix: int = 32, *, reset: bytes = b"", default: bytes | Absent = ABSENT, **how: Unpack[Options]
) -> bytearray:
    """Bytes behind their number, an integer of `prefix` bits: 32 for QEMU's GByteArray, 8 for short strings."""
    given = ABSENT if isinstance(default, Absent) else lambda: bytearray(default)
    mistake = "" if prefix in WIDTHS else f"a length of {prefix} bits: it is 8, 16, 32 or 64"
    return cast(bytearray, make(Blob(0, prefix), lambda: bytearray(reset), how, default=given, mistake=mistake))


def bitmap(bits: Number, *, reset: int = 0, default: int | Absent = ABSENT, **how: Unpack[Options]) -> int:
    """A bitmap as an integer: bit i of it is bit i of the map (QEMU: BITMAP, big-endian words of 64 bits)."""
    return cast(int, make(Bits(fact(bits)), _always(reset), how, default=_default(default)))


def descriptor(**how: Unpack[Options]) -> int | None:
    """A file descriptor that travels beside the bytes (QEMU: FD, since 10.0); None where it did not come along."""
    return cast("int | None", make(Descriptor(), lambda: None, how))


def opaque(size: Number, codec: Codec[T], *, reset: T, **how: Unpack[Options]) -> T:
    """`size` bytes of somebody else's format, understood by a codec. The last resort."""
    return cast(T, make(Opaque(fact(size), codec), _always(reset), how))


def equal(of: T, *, hint: str = "", **how: Unpack[Options]) -> T:
    """A value that a live load finds equal to its own, or refuses (QEMU: *_EQUAL)."""
    inner = spec_of(of)
    return cast(T, make(Equal(inner.shape, hint), inner.reset, how, inner, default=inner.default))


def at_most(of: int, **how: Unpack[Options]) -> int:
    """A value from 0 to its own, or a live load refuses it (QEMU: `int32 le`)."""
    inner = spec_of(of)
    return cast(int, make(AtMost(inner.shape), inner.reset, how, inner, default=inner.default))


def enum(kind: type[E], of: int, **how: Unpack[Options]) -> E:
    """An enumeration, carried by an integer such as `uint8(reset=1)`; other values are refused."""
    inner = spec_of(of)
    carrier, mistake = inner.shape, ""
    if not isinstance(carrier, Int):
        carrier, mistake = Int(8), "an enumeration is carried by a plain integer"
    elif inner.reset() not in {one.value for one in kind}:
        mistake = f"{kind.__name__} has no value {inner.reset()}: say reset="
    given = inner.default
    return cast(E, make(Enumerated(carrier, kind), lambda: kind(inner.reset()), how, inner, mistake=mistake,
                        default=given if isinstance(given, Absent) else lambda: kind(given())))


def setting(reset: T, *others: T, told: Callable[[memoryview], T | None] | None = None) -> T:
    """A fact that both ends are configured with and the byte stream does not carry.

    The values given are all there are: where neither the caller nor the bytes tell, each is tried (exact fit). One
    value alone is never guessed. `told` looks at the bytes that follow this place and returns the value, or None.
    """
    choices = (reset, *others) if others else ()
    plain = [one for one in choices if isinstance(one, int | str)]
    twice = [one for one in plain if plain.count(one) > 1] if len(set(plain)) < len(plain) else []
    mistake = f"a setting has the choice {twice[0]!r} twice" if twice else ""
    return cast(T, make(Setting(choices, told), _always(reset), {}, mistake=mistake))


@overload
def local(reset: type[T]) -> T: ...
@overload
def local(reset: T, *, before: Mapping[str, T] | None = None) -> T: ...
def local(reset: Any, *, before: Mapping[str, Any] | None = None) -> Any:
    """An attribute that no wire carries: a value, or a class that makes it.

    `before` has what it is on machine types older than a version (`"6.1"`), or older than one of its own family
    (`"pc-q35-6.1"`); the oldest that applies is meant. A machine type without a version has the value itself.
    """
    older = {name: MachineType.of(name) for name in before or ()}
    odd = [name for name, machine in older.items() if machine is None]
    mistakes = tuple(f"before={name!r} is no version such as 6.1, no machine type such as pc-q35-6.1" for name in odd)
    values = {machine: value for machine, value in zip(older.values(), (before or {}).values(), strict=True) if machine}
    return Local(reset if callable(reset) else _always(reset), values, author_line(), mistakes)
