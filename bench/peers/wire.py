"""Conversions between objects and what follows QEMU's bytes member by member (construct, dissect.cstruct).

A record that is described twice (a view, `again`) stands twice in the bytes: its objects are filled from both places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .layout import Expiry, Fixed, Inexpressible, Many, Node, Part
from .twins import Made, Source, Twins

Call = Callable[[str], str]
Pair = Callable[[str, str], str]


class Wire:
    """Every record of a device in the order of the bytes, with a name for each and for each of its members."""

    def __init__(self, twins: Twins) -> None:
        self.twins = twins
        self.parts: dict[Part, str] = {}
        self.root = self._add(twins.layout.root)

    def _add(self, part: Part) -> str:
        if part not in self.parts:
            for name, node in part.entries:
                self._check(part, name, node)
                inner = node.of if isinstance(node, Many) else node
                if isinstance(inner, Part):
                    self._add(inner)
            self.parts[part] = f"{part.kind.__name__}{len(self.parts)}"
        return self.parts[part]

    def _check(self, part: Part, name: str, node: Node) -> None:
        if not isinstance(node, Many):
            return
        if not node.alike:
            raise Inexpressible("elements of which more or less is sent")
        if isinstance(node.of, Many | Fixed):
            raise Inexpressible("lists of lists")
        whole = self.twins.fields[part.kind][name]
        if isinstance(whole, Many) and whole.count != node.count:
            raise Inexpressible("a list that is described in several places, in part and as a whole")

    def members(self, part: Part) -> Iterator[tuple[str, str, Node, bool]]:
        """Name here, attribute, node, and whether the attribute has been there already."""
        met: set[str] = set()
        for i, (name, node) in enumerate(part.entries):
            if isinstance(node, Fixed):
                yield f"fixed{i}", "", node, False
            else:
                yield (f"{name}__{i}" if name in met else name), name, node, name in met
            met.add(name)

    def to_wire(self, start: Call, pair: Pair, end: str, **names: Any) -> Made:
        """From objects. `start`, `pair` and `end` are the text of a display or a call, `names` what is called."""
        source = Source(**names)

        def value(node: Node, text: str) -> str:
            match node:
                case Part():
                    return f"to_{self.parts[node]}({text})"
                case Many(of=Part() as inner):
                    return f"[to_{self.parts[inner]}(e) for e in {text}]"
                case Expiry():
                    return f"NOT_PENDING if {text} is None else {text}"
                case Fixed(data=data):
                    return repr(data)
                case _:
                    return text

        for part, label in self.parts.items():
            pairs = [pair(name, value(node, "o." + attribute)) for name, attribute, node, _ in self.members(part)]
            source.define(f"to_{label}", f"return {start(label)}{', '.join(pairs)}{end}")
        return source.compiled(f"to_{self.root}")

    def from_wire(self) -> Made:
        """Into new objects."""
        kinds = self.twins.kinds
        source = Source(**{kind.__name__: made for kind, made in kinds.items()})
        for part, label in self.parts.items():
            lines = [line for name, attribute, node, again in self.members(part) if attribute
                     for line in self._taking(attribute, node, again, f"w.{name}")]
            source.define(f"into_{label}", *(lines or ["pass"]), parameters="o, w")
            source.define(
                f"from_{label}", f"o = new({part.kind.__name__})", f"into_{label}(o, w)", "return o", parameters="w")
        return source.compiled(f"from_{self.root}")

    def _taking(self, attribute: str, node: Node, again: bool, text: str) -> list[str]:
        match node:
            case Part() if again:
                return [f"into_{self.parts[node]}(o.{attribute}, {text})"]
            case Part():
                return [f"o.{attribute} = from_{self.parts[node]}({text})"]
            case Many(of=Part() as inner) if again:
                return [f"for e, one in zip(o.{attribute}, {text}): into_{self.parts[inner]}(e, one)"]
            case Many(of=Part() as inner):
                return [f"o.{attribute} = [from_{self.parts[inner]}(e) for e in {text}]"]
            case Many():
                return [f"o.{attribute} = list({text})"]
            case Expiry():
                return [f"t = {text}", f"o.{attribute} = None if t == NOT_PENDING else t"]
            case _:
                return [f"o.{attribute} = {text}"]
