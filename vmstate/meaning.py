"""What a value means to a person: a register's bits by name, an enumeration's value, a time.

A member's `means` is a text (its unit, or what it is), or what tells it of a value: an enumeration, a `Register`, a
method of the state, which may look at all that was read; or a text and one of these. None changes a byte. A schema has
texts and enumerations, of registers and methods it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any, TypeAlias, TypeGuard, cast

from .kept import Around

Told: TypeAlias = str | list["Told"] | Mapping[str, "Told"]
"""Words; several; or parts by name."""
Method = Callable[[Any], Told | None] | Callable[[Any, Around], Told | None]
"""What tells it of a state: a method `(self)` or `(self, around)`; None: there is nothing to say."""

SECOND = 10**9
UNITS = ((SECOND, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))
SINCE_1970, UNTIL_2100 = 10**18, 4_102_444_800 * SECOND
"""Nanoseconds between which a time is the host's, since 1970: a guest's clock takes 31 years to come there."""
DAY, DAYS_OF_ERA, DAYS_BEFORE_1970 = 86_400, 146_097, 719_468
"""Seconds of a day; days of 400 years, and from March of the year 0 to 1970."""
FAR = 10**17
"""Three years: what is farther away goes by another clock."""


class Register:
    """A register's bits by name: what each mask of `names` says, in this order.

    A text: the name, told where a bit of the mask is set; with the number there, if the mask has several bits. Texts:
    one for each number. "" says nothing. Bits that no mask has are told as a number.
    """

    __slots__ = ("known", "names", "names_zero")

    def __init__(self, names: Mapping[int, str | Sequence[str]]) -> None:
        self.names, self.known = names, 0
        self.names_zero = False
        for mask, name in names.items():
            self.known |= mask
            self.names_zero = self.names_zero or type(name) is not str

    def __repr__(self) -> str:
        return f"<Register {self.names}>"

    def bits(self) -> dict[str, int]:
        """The bits that have a name of their own."""
        named = ((mask, name) for mask, name in self.names.items() if isinstance(name, str) and not mask & mask - 1)
        return {name: mask for mask, name in named if name}

    def told(self, value: int) -> list[Told]:
        """What is to say of a value."""
        said = list[Told]()
        if not value and not self.names_zero:
            return said
        for mask, name in self.names.items():
            if ((part := value & mask) or type(name) is not str) and (text := _part(mask, part, name)):
                said.append(text)
        rest = value & ~self.known
        return [*said, f"{rest:#x}"] if rest > 0 else said


def _part(mask: int, part: int, name: str | Sequence[str]) -> str:
    """One field of a register, in which a bit is set or which has a name for 0."""
    low = mask & -mask
    if isinstance(name, str):
        return name if mask == low or not name else f"{name} {shown(part // low)}"
    number = part // low
    return name[number] if number < len(name) else f"{part:#x}"


def shown(number: int) -> str:
    """A number in the base that suits it."""
    return str(number) if number < 10 else f"{number:#x}"


@cache
def values(kind: type[IntEnum | IntFlag]) -> tuple[tuple[str, int], ...]:
    """An enumeration's names, with their values."""
    return tuple((one.name or "", int(one)) for one in kind)


def name_of(kind: type[IntEnum], value: int) -> str | None:
    """The name of an enumeration's value, if it has one."""
    return next((name for name, one in values(kind) if one == value), None)


def flags(kind: type[IntFlag], value: int) -> list[Told]:
    """The names of the bits that are set; those that have none as a number."""
    known = [(name, one) for name, one in values(kind) if one and one & value == one]
    rest = value
    for _, one in known:
        rest &= ~one
    return [*(name for name, _ in known), *([f"{rest:#x}"] if rest > 0 else [])]


def of_number(means: object, value: int) -> Told | None:
    """What a number says by an enumeration, a register, or as a time where the text begins with its unit."""
    if isinstance(means, Register):
        return means.told(value) or None
    if isinstance(means, type):
        kind = cast("type[IntEnum]", means)
        return flags(means, value) or None if issubclass(means, IntFlag) else name_of(kind, value)
    return of_time(means, value) if isinstance(means, str) else None


def speaks_of_numbers(means: object) -> bool:
    """Whether it may have something to say of a number."""
    return isinstance(means, Register | type) or (isinstance(means, str) and means.startswith(("ns", "s since 1970")))


def is_method(means: object) -> TypeGuard[Callable[..., Any]]:
    """Whether a method tells it, of the state."""
    return callable(means) and not isinstance(means, type)


def text_of(means: object) -> str | None:
    """The text in what a member means, if there is any."""
    text: object = cast("tuple[object, ...]", means)[0] if isinstance(means, tuple) else means
    return text if isinstance(text, str) else None


def teller_of(means: object) -> object:
    """What tells it of a value: a text does, where it is a unit of time."""
    return cast("tuple[object, ...]", means)[1] if isinstance(means, tuple) else means


# -- times

def of_time(unit: str, value: int) -> str | None:
    """A time in these units; None: it is none, or there is nothing to say of it. Also of a negative one in 64 bits."""
    if unit.startswith("s since 1970"):
        return at(value * SECOND) if 0 < value < UNTIL_2100 // SECOND else None
    if unit != "ns" and not unit.startswith(("ns,", "ns;")):
        return None
    value -= value >> 63 << 64 if value > 0 else 0
    if SINCE_1970 <= value < UNTIL_2100:
        return at(value)
    return None if value in (0, -1) else span(value)


def expiry(value: int, now: int | None) -> str:
    """When a timer expires: from now on, where this is known to be its clock."""
    if SINCE_1970 <= value < UNTIL_2100:
        return at(value)
    if now is None or abs(value - now) > FAR:
        return span(value)
    return f"in {span(value - now)}" if value >= now else f"{span(now - value)} ago"


def span(ns: int) -> str:
    """A time in the unit that suits it."""
    size, unit = next((one for one in UNITS if abs(ns) >= one[0]), UNITS[-1])
    return f"{ns} ns" if size == 1 else f"{ns / size:,.3f} {unit}"


def at(ns: int) -> str:
    """A time since 1970 as a date."""
    seconds, rest = divmod(ns, SECOND)
    days, left = divmod(seconds, DAY)
    year, month, day = calendar(days)
    return (f"{year}-{month:02}-{day:02} {left // 3600:02}:{left // 60 % 60:02}:{left % 60:02}"
            f".{rest // 10**6:03} UTC")


def calendar(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970; to import datetime would take 2 ms.

    Years are counted from March, so that a leap day ends one, and in eras of 400.
    """
    era, day = divmod(days + DAYS_BEFORE_1970, DAYS_OF_ERA)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    of_month = day - (153 * month + 2) // 5 + 1
    return 400 * era + year + (month >= 10), month - 9 if month >= 10 else month + 3, of_month


# -- as text

def plain(told: Told) -> str:
    """All of it in a line."""
    if isinstance(told, str):
        return told
    if isinstance(told, list):
        return " | ".join(map(plain, told))
    return "  ".join(f"{name} {plain(one)}" for name, one in told.items())


def parts(told: Told) -> Iterator[tuple[str, Told]]:
    """What it says of several things, each by itself; nothing where a line says it all."""
    if not isinstance(told, str | list):
        yield from told.items()
