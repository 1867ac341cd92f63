"""New states in generated code: what one holds after reset, without a call for each attribute.

A state after reset is looked at once, when the code is written; its values become constants, and whatever could change
is made anew each time.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable
from typing import Any, cast

from .source import Source, as_list, as_packed, class_of, dotted, is_state
from .support import fields, same

FEW = 8
"""Numbers of a list that are written out."""
MOST = 16
"""Different states of one list that have a line each."""


class Making:
    """A state that the code makes: it gets the values of one after reset, but those that are read before anybody looks.

    `parent` is the state that it is in. What is read where code has branched may not be read at all.
    """

    def __init__(self, source: Source, var: str, template: Any, parent: Making | None = None) -> None:
        self.holder, self.depth = source.holder(), source.depth
        self.var, self.template, self.parent = var, template, parent
        self.read: set[str] = set()
        self.looked: set[str] = set()

    def looks(self, names: Iterable[str]) -> bool:
        """Somebody looks at these attributes now. Whether that is all: a state inside is more than its attribute."""
        for name in names:
            if not is_frozen(getattr(self.template, name, None)):
                return False
        self.looked |= {target for name in names if (target := dotted(self.var, name)) not in self.read}
        return True

    def is_in(self, var: str) -> bool:
        """Whether it is this state, or in it."""
        return self.var == var or (self.parent is not None and self.parent.is_in(var))

    def fill(self, source: Source) -> None:
        """Its lines."""
        source.fill(self.holder, presets(self.var, self.template, self.read - self.looked, source))


def presets(var: str, template: Any, read: Container[str], source: Source) -> list[str]:
    """Lines for what a new state holds where nothing is read at once: values that may be shared in one line."""
    shared: dict[str, list[str]] = {}
    own: list[str] = []
    for name in fields(template):
        target = dotted(var, name)
        if target not in read:
            value = getattr(template, name)
            text = literal(value, source)
            if is_frozen(value):
                shared.setdefault(text, []).append(target)
            else:
                own.append(f"{target} = {text}")
    return [*(f"{' = '.join(targets)} = {value}" for value, targets in shared.items()), *own]


def is_frozen(value: object) -> bool:
    """Whether several may hold this very value."""
    return not isinstance(value, list | bytearray | dict | array) and not is_state(value)


def literal(value: object, source: Source) -> str:
    """A value like this one, as an expression."""
    if value is None or type(value) in (int, bool, str, bytes):
        return repr(value)
    if (many := as_list(value)) is not None:
        return listed(many, source)
    if isinstance(value, bytearray):
        return f"bytearray({len(value)})" if not any(value) else f"bytearray({source.name(bytes(value), 'bytes')})"
    if (packed := as_packed(value)) is not None:
        return f"{source.name(packed, 'packed')}[:]"
    if is_state(value):
        return f"{maker(value, source)}(1)[0]"
    if isinstance(value, dict):
        return f"same({source.name(cast(object, value), 'reset')})"
    return source.name(value, "reset")


def listed(value: list[Any], source: Source) -> str:
    """A list like this one."""
    if not value:
        return "[]"
    alike = all(class_of(one) is class_of(value[0]) and one == value[0] for one in value)
    if len(value) <= FEW and all(one is None or class_of(one) in (int, bool) for one in value):
        return repr(value)
    if all(map(is_frozen, value)):
        return f"[{literal(value[0], source)}] * {len(value)}" if alike else f"{source.name(value, 'list')}[:]"
    if alike and is_state(value[0]):
        return f"{maker(value[0], source)}({len(value)})"
    if alike:
        return f"[{literal(value[0], source)} for _ in range({len(value)})]"
    if len(value) <= MOST:
        return f"[{', '.join(literal(one, source) for one in value)}]"
    return f"same({source.name(value, 'reset')})"


def maker(template: Any, source: Source) -> str:
    """The name of a function that makes so many states like this one, as a list; of all that are alike the same one."""
    known = source.makers.setdefault(class_of(template), [])
    function = next((made for one, made in known if one == template), None)
    if function is None:
        inner = Source(f"{source.title} new", "def make(count):", source.makers)
        inner.given["new"], inner.given["same"] = object.__new__, same
        inner.line("made = []")
        with inner.block("for _ in range(count):"):
            inner.line(f"v = new({inner.name(class_of(template), class_of(template).__name__)})")
            for line in presets("v", template, (), inner):
                inner.line(line)
            inner.line("made.append(v)")
        inner.line("return made")
        function = inner.compiled()
        known.append((template, function))
    return source.name(function, "make")
