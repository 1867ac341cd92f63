"""The one exception tree. Errors are data; their text is one function."""

from __future__ import annotations

from typing import Self

from .nodes import Node, node

Key = str | int
"""One step of a path: a member's key, or an index."""


@node
class Finding(Node):
    """Something to say that is no error; where it is, as far as known."""

    message: str
    path: str = ""
    offset: int | None = None

    def __str__(self) -> str:
        place = " @ ".join(filter(None, [self.path, "" if self.offset is None else f"{self.offset:#x}"]))
        return (f"{place}: " if place else "") + self.message


class NeedMore(Exception):
    """The bytes at hand end here, and more may come: the framing tries again with at least twice as many.

    Not an error and never shown: a reader that was told that its input is whole raises `Truncated` instead.
    """


class VMStateError(Exception):
    """What is wrong, and where: `path` and `offset` are filled in by the walk alone, on the way out.

    `section` is the section's name, `path` the members and indices below it, `offset` the byte where it was seen (in
    the whole input once the framing has seen the error, else in the body), `expected` and `actual` what was wanted and
    met, `hint` what to do about it.
    """

    def __init__(
        self, message: str = "", *, path: tuple[Key, ...] = (), offset: int | None = None,
        expected: str | None = None, actual: str | None = None, hint: str = "", section: str = "",
    ) -> None:
        self.message = message or f"expected {expected}, got {actual}"
        self.path, self.offset, self.section = path, offset, section
        self.expected, self.actual, self.hint = expected, actual, hint
        super().__init__(self.message)

    def at(self, offset: int | None) -> Self:
        """The same error, with an offset if it had none."""
        self.offset = offset if self.offset is None else self.offset
        return self

    def under(self, *keys: Key) -> Self:
        """The same error, one or more steps further in."""
        self.path = (*keys, *self.path)
        return self

    def within(self, section: str, begin: int = 0) -> Self:
        """The same error, of this section, whose body begins at this offset of the whole input."""
        self.section = self.section or section
        self.offset = begin if self.offset is None else begin + self.offset
        return self

    @property
    def place(self) -> str:
        """`SECTION::member.member[3]`, as it is written everywhere."""
        return "::".join(filter(None, [self.section, render_path(self.path)]))

    def __str__(self) -> str:
        place = " @ ".join(filter(None, [self.place, "" if self.offset is None else f"{self.offset:#x}"]))
        return (f"{place}: " if place else "") + self.message + (f" ({self.hint})" if self.hint else "")


def render_path(path: tuple[Key, ...]) -> str:
    """`("queues", 3, "ring")` as `queues[3].ring`; a name of QEMU's with a dot in it stands in quotes."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{_quoted(key)}" for key in path).removeprefix(".")


def _quoted(key: str) -> str:
    return f'"{key}"' if "." in key else key


class DeclarationError(VMStateError):
    """Every mistake of one class, each with its line."""

    def __init__(self, kind: type, mistakes: list[tuple[int, str]]) -> None:
        ordered = sorted(mistakes)
        text = "".join(f"\n  line {line}: {mistake}" for line, mistake in ordered)
        super().__init__(f"{kind.__module__}.{kind.__qualname__} cannot be a state:{text}")
        self.mistakes = [mistake for _, mistake in ordered]


class EncodeError(VMStateError):
    """The state cannot be written."""


class DecodeError(VMStateError):
    """The input cannot be read as this state."""


class Truncated(DecodeError):
    """The input ends before the state does."""


class Mismatch(DecodeError):
    """A value or a name that the declaration does not allow."""


class VersionRefused(DecodeError):
    """A version outside what the declaration reads."""


class UnknownMember(DecodeError):
    """An attribute or subsection that must be understood, and is not."""


class LimitExceeded(DecodeError):
    """The input asks for more than is reasonable: depth, count or size."""


class BadMarker(DecodeError):
    """A byte that should say what follows, and says nothing known."""


class Unsupported(DecodeError):
    """Input of a kind that is known, and not read here."""


class Undetermined(DecodeError):
    """No setting or description, or more than one, makes the record end where it must."""


class HookRefused(VMStateError):
    """Raised by an author's hook: the state is well-formed and makes no sense."""
