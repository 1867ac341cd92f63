"""What a dump may say besides what QEMU prints: types, values, names, predicates (`dump-vmstate+ext`).

Each fact has the spellings that a declaration has for it, and those that are usual elsewhere. Keys of which nothing is
known here are kept out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from ..nodes import Node, node
from ..shape import (
    Allowance,
    Asked,
    AtMost,
    Bits,
    Blob,
    Bool,
    Constant,
    Enumerated,
    Equal,
    Fact,
    Float,
    Int,
    Opaque,
    Padding,
    Range,
    Shape,
    Timer,
    Traits,
)
from .bags import Given, Raw, assumed
from .checks import MOST, enumeration, named, spans, within
from .objects import Said
from .records import LEAVES as QEMUS
from .wiretypes import leaf

SPELLINGS: dict[str, tuple[str, ...]] = {
    "type": ("type",), "codec": ("codec", "info"), "order": ("order", "endian", "endianness", "byte_order", "encoding"),
    "allowed": ("allowed", "values", "allowed_values"), "range": ("range",), "enum": ("enum", "enumeration", "members"),
    "least": ("least", "min", "minimum"), "most": ("most", "max", "maximum"), "constant": ("constant", "const"),
    "equal": ("equal", "must_equal"), "at most": ("at_most", "le"), "hint": ("hint",),
    "count": ("count", "num_field", "counted_by"), "capacity": ("max_num", "num_max", "max_count", "capacity"),
    "when": ("when", "condition", "predicate"), "needed": ("needed",),
    "must parse": ("must_parse", "must"), "skippable": ("skippable", "optional"), "default": ("default",),
    "was": ("aliases", "alias", "was"), "write_as": ("write_as", "written_as"),
    "means": ("meaning", "means", "unit", "units"), "reserved": ("reserved",), "priority": ("priority",),
    "early": ("early", "early_setup"), "alias_ids": ("alias_ids", "alias_id"), "unmigratable": ("unmigratable",),
    "target": ("target", "targets"), "allow": ("allow",), "instance": ("instance_id", "instance"),
    "hooks": ("hooks",), "pre_save": ("pre_save",), "pre_load": ("pre_load",), "post_load": ("post_load",),
}
"""The keys of each fact; a declaration's own first."""
ALL = frozenset(key for keys in SPELLINGS.values() for key in keys)
PREDICATE = "field_exists"
HOOKS = "pre_save", "pre_load", "post_load"

ENDIAN = re.compile(r"(?:(u?int|[ui])(8|16|32|64)[_-]?)?(le|be|little|big)(?:[_-]endian)?(8|16|32|64)?")
ORDERS = {"le": "little", "little": "little", "little-endian": "little", "little_endian": "little"}


@node
class Capacity(Node):
    """A count of which only the most is known, and what tells it."""

    name: str
    most: int

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, bag: object) -> int:
        told = vars(bag).get(self.name, 0)
        return told if isinstance(told, int) else 0


def said_of(said: Said, fact: str, otherwise: Any = None) -> Any:
    """What is said of a fact, by whichever key."""
    return next((said.values[key] for key in SPELLINGS[fact] if key in said), otherwise)


# -- what a member is

def typed(said: Said, size: int, otherwise: Shape) -> Shape:
    """A leaf of so many bytes, of the type that is told; `otherwise`, without one."""
    kind, codec, order = (str(said_of(said, fact, "")) for fact in ("type", "codec", "order"))
    shape = _known(kind, size) if kind else None
    if codec and not isinstance(shape, Int | Bool | Float | Timer):
        return Opaque(size, Raw(codec))
    if shape is None:
        shape = Opaque(size, Raw(f"?{kind}")) if kind else otherwise
    return shape.but(order=ORDERS.get(order.lower(), "big")) if isinstance(shape, Int) and order else shape


def _known(kind: str, size: int) -> Shape | None:
    shape = QEMUS.get(kind) or leaf(kind, size) or OTHERS.get(kind) or _endian(kind)
    if kind.endswith(" equal") and shape is not None:
        shape = Equal(shape)
    elif kind == "int32 le" and shape is not None:
        shape = AtMost(shape)
    if isinstance(shape, Int) and size in (1, 2, 4, 8):
        return shape.but(bits=8 * size)
    sized = SIZED.get(kind)
    return shape if sized is None else sized(size)


OTHERS: dict[str, Shape] = {"double": Float(), "ptimer": Timer(), "boolean": Bool()}
SIZED: dict[str, Callable[[int], Shape]] = {
    "buffer": Blob, "bytes": Blob, "unused": Padding, "unused_buffer": Padding, "pad": Padding,
    "bitmap": lambda size: Bits(8 * size), "enum": lambda size: Int(8 * size), "uint": lambda size: Int(8 * size),
    "int": lambda size: Int(8 * size, signed=True),
}
"""Types whose size is the field's."""


def _endian(kind: str) -> Shape | None:
    """`uint32le`, `u32_be`, `le32`."""
    if (found := ENDIAN.fullmatch(kind)) is None or not (bits := found[2] or found[4]):
        return None
    return Int(int(bits), signed=kind.startswith("i"), order="little" if found[3].startswith("l") else "big")


# -- which values it may have

def checked(said: Said, shape: Shape) -> Shape:
    """A shape with the checks that are told."""
    if (value := said_of(said, "constant")) is not None and type(value) is int:
        shape = Constant(shape, value)
    if (members := said_of(said, "enum")) is not None and isinstance(shape, Int):
        shape = Enumerated(shape, enumeration("enum", named(members)))
    if (values := said_of(said, "allowed")) is not None:
        shape = within(shape, spans(values))
    match said_of(said, "range", [said_of(said, "least"), said_of(said, "most")]):
        case [int() | None as least, int() | None as most] if least is not None or most is not None:
            shape = Range(shape, 0 if least is None else least, MOST if most is None else most)
        case _:
            pass
    if said_of(said, "at most") is True:
        shape = AtMost(shape)
    if said_of(said, "equal", False) is not False:
        shape = Equal(shape, str(said_of(said, "hint", "")))
    return shape


# -- what is said of it besides

def options(said: Said) -> dict[str, Any]:
    """A member's options by the names of its fields."""
    found: dict[str, Any] = {
        "skippable": skippable(said), "was": tuple(_texts(said_of(said, "was"))),
        "write_as": _text(said_of(said, "write_as", "")), "type": _text(said_of(said, "type", "")),
    }
    means = said_of(said, "means")
    if isinstance(means, str):
        found["means"] = means
    if any(key in said for key in SPELLINGS["default"]):
        found["default"] = Given(said_of(said, "default"))
    return found


def skippable(said: Said) -> bool:
    """Whether a reader that does not know it may go on without."""
    return said_of(said, "must parse") is False or said_of(said, "skippable") is True


def gate(said: Said, place: str) -> Asked | None:
    """The predicate of a field; called `field_exists`, where that is all that is known of it."""
    told, exists = said_of(said, "when"), said.values.get("field_exists")
    name = next((one for one in (told, exists) if one and isinstance(one, str)), PREDICATE if exists is True else "")
    return assumed(name, place) if name else None


def needed(said: Said, place: str) -> Asked | None:
    """The predicate of a subsection: null says that it is always sent; nothing, that nobody knows."""
    told = said_of(said, "needed", "needed")
    return assumed(told, place) if isinstance(told, str) and told else None


def traits(*places: Said) -> Traits:
    """What is said of a record as a whole, at its section or at itself."""
    found = Traits()
    for said in places:
        priority = said_of(said, "priority", found.priority)
        found = found.but(
            priority=priority if type(priority) is int else 0, early=found.early or said_of(said, "early") is True,
            reserved=(*found.reserved, *_texts(said_of(said, "reserved"))),
            target=(*found.target, *_texts(said_of(said, "target"))),
            alias_ids=(*found.alias_ids, *_numbers(said_of(said, "alias_ids"))),
            allowances=(*found.allowances, *_allowances(said_of(said, "allow"))))
    return found


def digests(*places: Said) -> dict[str, str]:
    """What stands for each hook, by its name."""
    found = dict[str, str]()
    for said in places:
        hooks = said_of(said, "hooks")
        if isinstance(hooks, dict):
            found |= {str(name): str(digest) for name, digest in cast("Mapping[str, object]", hooks).items()}
        else:
            found |= {name: name for name in _texts(hooks)}
        found |= {name: str(said.values[name]) for name in HOOKS if said.values.get(name)}
    return found


def counted(said: Said) -> Fact | None:
    """How many elements a field has; None: it is one, as far as is told."""
    most, told = said_of(said, "capacity"), said_of(said, "count", said.values.get("num"))
    if isinstance(most, int):
        return Asked(Capacity(told if isinstance(told, str) else "as sent", most), False)
    if isinstance(told, str) and told:
        return Asked(Capacity(told, 0), False)
    return None if told is None else said.number("num" if "num" in said else "count")


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    texts = cast("list[object]", value) if isinstance(value, list) else []
    return (one for one in texts if isinstance(one, str))


def _numbers(value: object) -> Iterable[int]:
    numbers = cast("list[object]", value) if isinstance(value, list) else [value]
    return (one for one in numbers if isinstance(one, int))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _allowances(value: object) -> Iterable[Allowance]:
    for one in cast("list[object]", value) if isinstance(value, list) else ():
        if isinstance(one, dict):
            said = Said(cast("object", one))
            yield Allowance(said.text("rule", ""), said.text("reason", ""), said.text("until", ""))
