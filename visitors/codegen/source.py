"""The text of a function that is being written: lines, the names it uses, and the function itself."""

from __future__ import annotations

import linecache
import re
from array import array
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from keyword import iskeyword
from typing import Any, cast

from vmstate.values import Packed

_serial = count()


Makers = dict[type, list[tuple[Any, Callable[[int], list[Any]]]]]
"""Functions that make new states, each with a state like those it makes."""


LONGEST = 20_000
"""Lines of one function: a stream's own description may be of any size."""


class TooLong(Exception):  # then there is no code, and the walk does it
    """A function would be too long."""


class Source:
    """Lines of one function. `given` are the objects that its text names; `title` is what tracebacks call its file.

    `makers` are functions that make new states, shared by all code that belongs together.
    """

    def __init__(self, title: str, head: str, makers: Makers | None = None) -> None:
        self.title, self.head = title, head
        self.makers: Makers = {} if makers is None else makers
        self.lines: list[str] = []
        self.given: dict[str, Any] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._perhaps: list[tuple[int, str]] = []
        self.depth, self._local = 1, count(1)

    def line(self, text: str) -> None:
        """One more line. Raises TooLong."""
        if len(self.lines) >= LONGEST:
            raise TooLong(f"{self.title}: more than {LONGEST} lines")
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """What stands below `head`, which ends with a colon."""
        self.line(head)
        self.depth += 1
        begin = len(self.lines)
        yield
        if len(self.lines) == begin:
            self.line("pass")
        self.depth -= 1

    def local(self, hint: str = "x") -> str:
        """A name that no other local variable has."""
        return f"{hint}{next(self._local)}"

    def name(self, thing: object, hint: str) -> str:
        """A global name for an object, always the same for the same one."""
        key = hint, id(thing)
        if (found := self._names.get(key)) is None:
            text = "".join(one if one.isalnum() else "_" for one in hint)
            found = self._names[key] = f"{text if text.isidentifier() else 'it'}_{len(self._names)}"
            self.given[found] = thing
        return found

    def perhaps(self, name: str, value: str) -> None:
        """A variable that is set here if anything uses it."""
        self._perhaps.append((len(self.lines), name))
        self.line(f"{name} = {value}")

    def _settle(self) -> None:
        """Variables that nothing uses are gone."""
        while self._perhaps:
            at, name = self._perhaps.pop()
            used = re.compile(rf"\b{name}\b")
            if not any(used.search(line) for i, line in enumerate(self.lines) if i > at):
                self.lines[at] = ""

    def holder(self) -> int:
        """A place to which lines are added later."""
        self.lines.append("    " * self.depth)
        return len(self.lines) - 1

    def fill(self, place: int, lines: list[str]) -> None:
        """These lines stand there."""
        indent = self.lines[place]
        self.lines[place] = "\n".join(indent + line for line in lines)

    @property
    def text(self) -> str:
        """The function as Python."""
        self._settle()
        return "\n".join([self.head, *(line for line in self.lines if line.strip()), ""])

    def compiled(self) -> Callable[..., Any]:
        """The function; its source is found by whoever shows a traceback."""
        text, file = self.text, f"<vmstate {self.title} {next(_serial)}>"
        linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
        space: dict[str, Any] = dict(self.given)
        exec(compile(text, file, "exec"), space)  # noqa: S102  our own text, made of declarations alone
        function: Callable[..., Any] = space[self.head.split("(")[0].removeprefix("def ")]
        return function


def class_of(value: object) -> type[Any]:
    """A value's class."""
    return type(value)


def is_state(value: object) -> bool:
    """Whether it is a state: of a declared class, or a bag."""
    return hasattr(type(value), "_kept")


def as_list(value: object) -> list[Any] | None:
    """A list, or None for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else None  # type: ignore[redundant-cast]


def as_packed(value: object) -> Packed | None:
    """Integers as C has them, or None for anything else."""
    return cast("Packed", value) if isinstance(value, array) else None


def dotted(state: str, attribute: str) -> str:
    """An attribute of a state as an expression that may be assigned to."""
    if attribute.isascii() and attribute.isidentifier() and not iskeyword(attribute):  # Python changes others
        return f"{state}.{attribute}"
    return f"vars({state})[{attribute!r}]"
