"""What a specifier really returns: a Spec, typed as the value it holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, IntFlag
from types import FunctionType
from typing import Any, Literal, TypedDict

from .kept import Around
from .machine_types import MachineType
from .meaning import Method, Register
from .shape import ABSENT, Asked, Bool, Fact, Member, Shape

Gate = Callable[[Any], bool] | Callable[[Any, Around], bool]
"""When a member is there: a method `(self)` or `(self, around)`. It replaces `since`."""
Number = int | str | Callable[[Any], int] | Callable[[Any, Around], int]
"""A count, size or width: a constant, an attribute's or property's name, or a method."""
Version = int | Literal["outer"] | None
Teller = type[IntEnum] | type[IntFlag] | Register | Method
Meaning = str | Teller | tuple[str, Teller]


class Options(TypedDict, total=False):
    """What any member may say besides its shape.

    `name` what QEMU calls it; `was` what it was called before; `write_as` the name a named format writes; `since` the
    version that it came with; `when` a predicate instead; `skippable` a reader that does not know it may go on without;
    `means` its unit, enumeration, bits or a method that tells it, for a person, perhaps behind a text; `type` what
    QEMU's trailer calls its type.
    """

    name: str
    was: str | Sequence[str]
    write_as: str
    since: int
    when: Gate
    skippable: bool
    means: Meaning
    type: str


class Spec:
    """A shape, what a new instance holds, and what the member says besides.

    `sized` makes the reset value of a size that only the instance knows.
    """

    __slots__ = ("default", "line", "mistakes", "options", "reset", "shape", "sized")

    def __init__(
        self, shape: Shape, reset: Callable[[], Any], options: Options, line: int,
        default: Callable[[], Any] | Any = ABSENT, sized: Callable[[int], Any] | None = None,
        mistakes: tuple[str, ...] = (),
    ) -> None:
        self.shape, self.reset, self.options, self.line = shape, reset, options, line
        self.default, self.sized, self.mistakes = default, sized, mistakes

    def member(self, key: str) -> Member:
        """The member that this specifier makes of an attribute."""
        how = self.options
        return Member(
            key, key, self.shape, how.get("name", key), how.get("since", 0), gate(how.get("when")),
            how.get("skippable", False), self.default, names(how.get("was", ())), how.get("write_as", ""),
            how.get("means"), how.get("type", ""),
        )


class Local:
    """An attribute that no wire carries. `before`: what it is on machine types older than these."""

    __slots__ = ("before", "line", "mistakes", "reset")

    def __init__(
        self, reset: Callable[[], Any], before: Mapping[MachineType, Any], line: int, mistakes: tuple[str, ...]
    ) -> None:
        self.reset, self.before, self.line, self.mistakes = reset, before, line, mistakes


def author_line() -> int:
    """The line of the class body that called a specifier or marker."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_globals.get("__package__") == __package__ and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_lineno


def make(
    shape: Shape, reset: Callable[[], Any], options: Options, *inner: Spec, default: Any = ABSENT,
    sized: Callable[[int], Any] | None = None, mistake: str = "",
) -> Any:
    """A Spec; with it go the mistakes of the specifiers inside."""
    mistakes = tuple(text for one in inner for text in one.mistakes) + ((mistake,) if mistake else ())
    return Spec(shape, reset, options, author_line(), default, sized, mistakes)


def spec_of(of: object) -> Spec:
    """The specifier in a combinator. Mistakes are told when the class is made, with all others."""
    if not isinstance(of, Spec):
        return Spec(Bool(), int, {}, 0, mistakes=(f"expected a specifier such as uint8(), got {of!r}",))
    if of.options:
        mistake = f"{', '.join(of.options)}= belongs to the member, not to an element"
        return Spec(of.shape, of.reset, of.options, of.line, of.default, of.sized, (*of.mistakes, mistake))
    return of


def asked(method: Callable[..., Any]) -> Asked:
    """The method, its arity looked at once: (self) or (self, around)."""
    return Asked(method, isinstance(method, FunctionType) and method.__code__.co_argcount > 1)


def gate(method: Gate | None) -> Asked | None:
    """A predicate, if there is one."""
    return None if method is None else asked(method)


def names(given: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several."""
    return (given,) if isinstance(given, str) else tuple(given)


def fact(number: Number) -> Fact:
    """A number as a shape holds it."""
    return number if isinstance(number, (int, str)) else asked(number)
