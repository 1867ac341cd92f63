"""dissect.cstruct: QEMU's bytes by C structures, from and to attrs classes."""

from __future__ import annotations

from collections.abc import Iterator

from dissect.cstruct import cstruct

from .layout import Expiry, Fixed, Flag, Inexpressible, Many, Node, Number, Part, Raw
from .peer import Job, verified
from .twins import Twins
from .wire import Wire

NAME, WHAT = "dissect.cstruct", "compiled, QEMU's bytes; generated conversion of its structures"


def job(twins: Twins) -> Job:
    """Structures in C; the bytes between members are members too."""
    wire, kinds = Wire(twins), cstruct(endian=">")
    kinds.load("".join(_structure(wire, part, label) for part, label in wire.parts.items()))
    root, names = getattr(kinds, wire.root), {label: getattr(kinds, label) for label in wire.parts.values()}
    convert = wire.to_wire(lambda label: f"{label}(", lambda name, value: f"{name}={value}", ")", **names)
    back = wire.from_wire()
    return verified(twins, lambda state: convert(state).dumps(), lambda data: back(root(data)), twins.item.body)


def _structure(wire: Wire, part: Part, label: str) -> str:
    return f"struct {label} {{{' '.join(_members(wire, part))}}};\n"


def _members(wire: Wire, part: Part) -> Iterator[str]:
    for name, _, node, _ in wire.members(part):
        inner, count = (node.of, f"[{node.count}]") if isinstance(node, Many) else (node, "")
        yield f"{_type(wire, inner)} {name}{_size(inner)}{count};"


def _type(wire: Wire, node: Node) -> str:
    match node:
        case Number(little=True):
            raise Inexpressible("two byte orders")
        case Number(bits=bits, signed=signed):
            return f"{'' if signed else 'u'}int{bits}"
        case Flag():
            return "uint8"
        case Expiry():
            return "uint64"
        case Part():
            return wire.parts[node]
        case _:
            return "char"


def _size(node: Node) -> str:
    return f"[{node.size}]" if isinstance(node, Raw) else f"[{len(node.data)}]" if isinstance(node, Fixed) else ""
