"""From a sketch's nodes to specifiers: the text behind `=`, the annotation, and what has to be imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from vmstate.nodes import Node, node
from vmstate.shape import Bits, Blob, Bool, Constant, Float, Int, Opaque, Padding, Range, Shape, Timer

from .naming import quoted
from .sketch import Inner, Leaf, Linked, Many, Maybe, What


@node
class Specifier(Node):
    """A call and what it holds. `holds` empty: a place without an attribute. `uses` are names of `vmstate`."""

    call: str
    arguments: tuple[str, ...]
    holds: str
    uses: frozenset[str]

    def told(self, **options: str) -> Specifier:
        """With more options, in the order given; those that are empty are left out."""
        more = tuple(f"{name}={value}" for name, value in options.items() if value)
        return self.but(arguments=self.arguments + more)

    @property
    def text(self) -> str:
        """The expression."""
        return f"{self.call}({', '.join(self.arguments)})"


class Classes(Protocol):
    """What knows the class of a record within."""

    def class_of(self, inner: Inner) -> str:
        """Its name; it is declared before whoever asks."""
        ...


def specifier(what: What, classes: Classes) -> Specifier:
    """What an author would write."""
    return WRITERS[type(what)](what, classes)


def _made(call: str, arguments: Iterable[str], holds: str, *inner: Specifier, uses: Iterable[str] = ()) -> Specifier:
    every = {call, *uses}.union(*(one.uses for one in inner))
    return Specifier(call, tuple(arguments), holds, frozenset(every))


# -- leaves

def _int(shape: Int) -> Specifier:
    order = ('order="little"',) if shape.order == "little" else ()
    return _made(str(shape), order, "int")


def _range(shape: Range) -> Specifier:
    of = _shape(shape.of)
    return of.told(reset=str(shape.least), range=f"({shape.least}, {shape.most})")


def _constant(shape: Constant) -> Specifier:
    of = _shape(shape.of)
    return _made("constant", (of.text, str(shape.value)), "", of)


SHAPES: dict[type[Any], Callable[[Any], Specifier]] = {
    Int: _int, Range: _range, Constant: _constant,
    Bool: lambda _: _made("boolean", (), "bool"),
    Float: lambda _: _made("floating", (), "Float64", uses=("Float64",)),
    Timer: lambda _: _made("timer", (), "int | None"),
    Blob: lambda shape: _made("buffer", (str(shape.size),), "bytearray"),
    Opaque: lambda shape: _made("buffer", (str(shape.size),), "bytearray"),
    Bits: lambda shape: _made("bitmap", (str(shape.count),), "int"),
    Padding: lambda shape: _made("unused", (str(shape.size),), ""),
}
"""By the shape of a leaf."""

TYPES: Mapping[type[Any], str] = {
    Bool: "bool", Float: "CPU_Double_U", Timer: "timer", Blob: "buffer", Bits: "bitmap", Padding: "unused_buffer"}
"""What QEMU calls what has no type of its own."""


def _shape(shape: Shape) -> Specifier:
    return SHAPES[type(shape)](shape)


def _leaf(what: Leaf, _: Classes) -> Specifier:
    """A leaf, with the check that QEMU's word for its type tells."""
    of, kind = _shape(what.shape), what.type
    if what.own:
        of = of.told(reset=str(what.own))
    if kind == "int64 equal":  # what QEMU calls the unsigned one
        return _made("equal", (of.text,), of.holds, of)
    if kind == f"{what.shape} equal":
        return _made("equal", (of.text,), of.holds, of)
    if kind == f"{what.shape} le":
        return _made("at_most", (of.text,), of.holds, of)
    usual = str(what.shape) if isinstance(what.shape, Int) else TYPES.get(type(what.shape), kind)
    return of if kind in ("", usual) else of.told(type=quoted(kind))


# -- what holds others

def _inner(what: Inner, classes: Classes) -> Specifier:
    kind = classes.class_of(what)
    return _made("nested", (kind, *(() if what.version is None else (f"version={what.version}",))), kind)


def _outermost(of: Specifier) -> tuple[Specifier, str]:
    """An element, and the type that belongs to the member."""
    kinds = [one for one in of.arguments if one.startswith("type=")]
    return of.but(arguments=tuple(one for one in of.arguments if one not in kinds)), "".join(kinds)


def _many(what: Many, classes: Classes) -> Specifier:
    of, kind = _outermost(specifier(what.of, classes))
    return _made("array", filter(None, (of.text, str(what.count), kind)), f"list[{of.holds}]", of)


def _maybe(what: Maybe, classes: Classes) -> Specifier:
    of, kind = _outermost(specifier(what.of or Leaf(Int(8)), classes))
    marked = "marked=True" if what.marked else ""
    optional = of.holds if of.holds.endswith("| None") else f"{of.holds} | None"
    return _made("nullable", filter(None, (of.text, marked, kind)), optional, of)


def _linked(what: Linked, classes: Classes) -> Specifier:
    of, kind = _outermost(specifier(what.of, classes))
    return _made("chain", filter(None, (of.text, kind)), f"list[{of.holds}]", of)


WRITERS: dict[type[Any], Callable[[Any, Classes], Specifier]] = {
    Leaf: _leaf, Inner: _inner, Many: _many, Maybe: _maybe, Linked: _linked,
}
"""By the node."""
