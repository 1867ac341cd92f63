"""The classes that peers are given: for each declared class a slotted attrs class with what is sent of it.

What a device holds besides (subsections that are not sent, facts of its configuration) a peer need not carry.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import attrs

from bench.workloads import Item

from .layout import Expiry, Fixed, Flag, Inexpressible, Many, Node, Number, Part, Raw, layout

new = object.__new__
NUMBERS = count(1)
NOT_PENDING = 0xFFFF_FFFF_FFFF_FFFF


class Twins:
    """A device for peers: its layout, the class for each of its records, and its state in these."""

    def __init__(self, item: Item) -> None:
        self.item, self.layout = item, layout(item.record, item.state)
        self.kinds: dict[type, type[Any]] = {}
        self.fields: dict[type, dict[str, Node]] = {}
        self._make(item.record.kind)
        self.root = self.kinds[item.record.kind]
        self.state = self._filled(item.state)

    def _make(self, kind: type) -> type[Any]:
        if kind in self.kinds:
            return self.kinds[kind]
        fields = self.fields[kind] = {name: node for name, (node, _) in self.layout.sent.get(kind, {}).items()}
        attributes = {name: attrs.field(type=self.annotation(node)) for name, node in fields.items()}
        made: type[Any] = attrs.make_class(f"{kind.__name__}_{next(NUMBERS)}", attributes, slots=True, repr=False)
        made.__module__ = __name__
        globals()[made.__name__] = made  # where pickle looks for it
        self.kinds[kind] = made
        return made

    def annotation(self, node: Node) -> Any:
        """The type of an attribute."""
        match node:
            case Number():
                return int
            case Flag():
                return bool
            case Raw():
                return bytes
            case Expiry():
                return int | None
            case Many(of=of):
                return list[self.annotation(of)]  # type: ignore[misc]
            case Part(kind=kind):
                return self._make(kind)
            case Fixed():
                raise Inexpressible("bytes that are no attribute")

    def _filled(self, state: Any) -> Any:
        made = new(self.kinds[type(state)])
        for name, (node, get) in self.layout.sent[type(state)].items():
            setattr(made, name, self._value(node, get(state)))
        return made

    def _value(self, node: Node, value: Any) -> Any:
        match node:
            case Many(of=of, count=size):
                return [self._value(of, one) for one in value[:size]]
            case Part():
                return self._filled(value)
            case Raw():
                return bytes(value)
            case Number():
                return int(value)
            case _:
                return value


# -- functions written for one device: the fastest that plain Python has for these objects

Made = Callable[[Any], Any]


class Source:
    """Collects functions by name, and compiles them together."""

    def __init__(self, **names: Any) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"new": new, "NOT_PENDING": NOT_PENDING, **names}

    def define(self, name: str, *lines: str, parameters: str = "o") -> str:
        """One function more."""
        self.lines += [f"def {name}({parameters}):", *(f"    {line}" for line in lines), ""]
        return name

    def compiled(self, name: str) -> Made:
        """The function of this name."""
        exec(compile("\n".join(self.lines), f"<{name}>", "exec"), self.names)  # noqa: S102  written here
        made: Made = self.names[name]
        return made


def to_dict(twins: Twins, rename: Callable[[str], str] = str, raw_timers: bool = False) -> Made:
    """From objects to plain dicts, lists and values."""
    source = Source()

    def value(node: Node, text: str) -> str:
        match node:
            case Part(kind=kind):
                return f"to_{kind.__name__}({text})"
            case Many(of=Part(kind=kind)):
                return f"[to_{kind.__name__}(e) for e in {text}]"
            case Many(of=Many()):
                raise Inexpressible("lists of lists")
            case Expiry() if raw_timers:
                return f"NOT_PENDING if {text} is None else {text}"
            case _:
                return text

    for kind, fields in twins.fields.items():
        pairs = ", ".join(f"{rename(name)!r}: {value(node, 'o.' + name)}" for name, node in fields.items())
        source.define(f"to_{kind.__name__}", f"return {{{pairs}}}")
    return source.compiled(f"to_{twins.item.record.kind.__name__}")


def from_dict(twins: Twins, rename: Callable[[str], str] = str, raw_timers: bool = False) -> Made:
    """Back into objects."""
    source = Source(**{kind.__name__: made for kind, made in twins.kinds.items()})

    def value(node: Node, text: str) -> str:
        match node:
            case Part(kind=kind):
                return f"from_{kind.__name__}({text})"
            case Many(of=Part(kind=kind)):
                return f"[from_{kind.__name__}(e) for e in {text}]"
            case Expiry() if raw_timers:
                return f"None if {text} == NOT_PENDING else {text}"
            case _:
                return text

    for kind, fields in twins.fields.items():
        lines = [f"o.{name} = {value(node, f'd[{rename(name)!r}]')}" for name, node in fields.items()]
        source.define(f"from_{kind.__name__}", f"o = new({kind.__name__})", *lines, "return o", parameters="d")
    return source.compiled(f"from_{twins.item.record.kind.__name__}")
