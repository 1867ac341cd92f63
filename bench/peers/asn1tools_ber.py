"""asn1tools: BER by a module of the same values, in order and without names."""

from __future__ import annotations

from collections.abc import Iterator

import asn1tools

from .layout import Expiry, Fixed, Flag, Inexpressible, Many, Node, Number, Part, Raw
from .peer import Job, verified
from .twins import Twins, from_dict, to_dict

NAME, WHAT = "asn1tools", "BER by a module of SEQUENCEs; generated conversion of its dicts"


def renamed(name: str) -> str:
    """A name as ASN.1 allows it."""
    return "m-" + name.replace("_", "-").strip("-").replace("--", "-")


def job(twins: Twins) -> Job:
    """The module of one device."""
    types = "\n".join(f"{kind.__name__} ::= SEQUENCE {{ {', '.join(_members(fields))} }}"
                      for kind, fields in twins.fields.items())
    module = asn1tools.compile_string(f"M DEFINITIONS AUTOMATIC TAGS ::= BEGIN\n{types}\nEND\n", "ber")
    root = twins.item.record.kind.__name__
    convert, back = to_dict(twins, renamed, raw_timers=True), from_dict(twins, renamed, raw_timers=True)
    encode, decode = module.encode, module.decode
    return verified(twins, lambda state: encode(root, convert(state)), lambda data: back(decode(root, data)))


def _members(fields: dict[str, Node]) -> Iterator[str]:
    for name, node in fields.items():
        yield f"{renamed(name)} {_type(node)}"


def _type(node: Node) -> str:
    match node:
        case Number() | Expiry():
            return "INTEGER"
        case Flag():
            return "BOOLEAN"
        case Raw():
            return "OCTET STRING"
        case Many(of=of):
            return f"SEQUENCE OF {_type(of)}"
        case Part(kind=kind):
            return kind.__name__
        case Fixed():
            raise Inexpressible("bytes that are no attribute")
