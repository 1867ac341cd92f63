"""construct, interpreted: QEMU's bytes by a description of them, from and to attrs classes."""

from __future__ import annotations

from typing import Any

import construct as cs

from .layout import Expiry, Fixed, Flag, Many, Node, Number, Part, Raw
from .peer import Job, verified
from .twins import Twins
from .wire import Wire

NAME, WHAT = "construct", "interpreted; QEMU's bytes; generated conversion of its containers"


def job(twins: Twins) -> Job:
    """The description as it is."""
    return made(twins, lambda described: described)


def made(twins: Twins, finish: Any) -> Job:
    """A job of the description, finished somehow."""
    wire = Wire(twins)
    built: dict[Part, Any] = {}

    def described(node: Node) -> Any:
        match node:
            case Number(bits=bits, signed=signed, little=little):
                return getattr(cs, f"Int{bits}{'s' if signed else 'u'}{'l' if little else 'b'}")
            case Flag():
                return cs.Flag
            case Raw(size=size):
                return cs.Bytes(size)
            case Expiry():
                return cs.Int64ub
            case Many(of=of, count=count):
                return cs.Array(count, described(of))
            case Fixed(data=data):
                return cs.Const(data)
            case Part():
                if node not in built:
                    built[node] = cs.Struct(*(name / described(inner) for name, _, inner, _ in wire.members(node)))
                return built[node]

    finished = finish(described(twins.layout.root))
    convert = wire.to_wire(lambda _: "{", lambda name, value: f"{name!r}: {value}", "}")
    back, build, parse = wire.from_wire(), finished.build, finished.parse
    return verified(twins, lambda state: build(convert(state)), lambda data: back(parse(data)), twins.item.body)
