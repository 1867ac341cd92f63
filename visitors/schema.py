"""JSON Schema 2020-12 of a declaration: what the `json` visitor writes in its profile `named` is an instance.

The root is the record itself; `$defs` has the records within, and the wire types; `x-vmstate` says what JSON Schema has
no word for (docs/formats/schemas.md). The text is made for review: what fits into a line is one, so that a member is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from math import isfinite
from typing import Any, cast
from urllib.parse import quote

from vmstate.exchanges import NOT_PENDING
from vmstate.format import abstract
from vmstate.shape import (
    ABSENT,
    Bits,
    Blob,
    Bool,
    Constant,
    Descriptor,
    Enumerated,
    Float,
    Int,
    Opaque,
    Padding,
    Range,
    Record,
    Setting,
    Timer,
)
from vmstate.values import Float64

from ._annotations import Facts, meaning, of_check, of_items, of_leaf, of_member, of_record
from ._outline import (
    MOST_VERSION,
    Attribute,
    Checked,
    Definition,
    Entries,
    Form,
    Inside,
    Items,
    OrNull,
    Outline,
    Told,
    bounds,
    lengths,
    named,
    sizes,
)
from ._outliner import Folding
from ._tree import SETTINGS, VERSION
from ._types import RECORD, spelled, type_of

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXTRA = "x-vmstate"
UNKNOWN = r"^\?.+:"
NULL: Json = {"type": "null"}
FEW = 8
"""Choices of a setting that are listed one by one, though they are all numbers from one to another."""
WIDTH = 120
GROWING = {"properties", "required", "$defs"}


def document(kind: type | Record[Any]) -> Json:
    """The schema of a declaration's documents."""
    return abstract(kind, writer())


def text(kind: type | Record[Any]) -> str:
    """The same as text, for a file."""
    return laid_out(document(kind)) + "\n"


def writer() -> Folding[Json]:
    """A writer of one declaration's schema."""
    return Folding(lambda outline: Schema(outline).document())


class Schema:
    """The fold over one outline. `types` are the wire types that it has come upon."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.types: dict[str, Json] = {}
        within = [record for record in outline.definitions if record in outline.mentioned]
        self.names = named(within, lambda name: name + "{}" if is_type(name) else name)

    def document(self) -> Json:
        """The root, with the settings; the records within, the types."""
        root, definitions = self.outline.root, self.outline.definitions
        found: Json = {"$schema": DIALECT, "title": root.record.name, **self.record(root)}
        if self.outline.settings:
            found["properties"] = {**found["properties"], SETTINGS: settings(self.outline.settings)}
        within = {name: self.record(definitions[record], name) for record, name in self.names.items()}
        return {**found, "$defs": {**within, **dict(sorted(self.types.items()))}}

    # -- records

    def record(self, one: Definition, name: str = "") -> Json:
        """A record's members and subsections. Closed, but for what a reader may skip. `name`: where it stands."""
        version: Json = {} if one.subsection is None else {VERSION: _integer(one.record.minimum, MOST_VERSION)}
        properties: Json = {**version, **{member.key: self.member(member) for member in one.attributes}}
        for sub in one.subsections:
            properties[spelled(sub.name, RECORD, sub.skippable)] = self.record(self.outline.definitions[sub.record])
        required = [*version, *(member.key for member in one.attributes if one.requires(member))]
        return {**_described(one), EXTRA: dict(of_record(one, name)), "type": "object", "properties": properties,
                "required": required, "patternProperties": {UNKNOWN: True}, "additionalProperties": False}

    def member(self, one: Attribute) -> Json:
        """What stands under a member's key."""
        found = _with(self.form(one.form), of_member(one))
        return found if one.member.default is ABSENT else {**found, **_default(one.member.default())}

    # -- forms

    def form(self, one: Form) -> Json:
        """One form, with what there is to know of it."""
        match one:
            case Checked():
                return self.checked(one)
            case OrNull(of=of, marked=marked):
                return _with({"anyOf": [self.form(of), NULL]}, iter([("marked", True)] if marked else []))
            case Items(shape=shape, of=of):
                found = {"type": "array", "items": self.form(of), **_between("Items", *lengths(shape))}
                return _with(found, of_items(shape))
            case Entries(key=key, value=value):
                both = {"key": self.form(key), "value": self.form(value)}
                return {"type": "array", "items": {"type": "object", "properties": both, "required": list(both),
                                                   "additionalProperties": False}}
            case Inside(record=record):
                return _reference(self.names[record])
            case leaf:
                name, found = LEAVES[type(leaf)](leaf)
                return _with({**self.type(name, found), **_short(*sizes(leaf))}, of_leaf(leaf))

    def checked(self, one: Checked) -> Json:
        """A form whose values are fewer than its type's."""
        match one.check:
            case Constant(value=value):
                return _with({"const": value}, of_leaf(one.of) if isinstance(one.of, Int) else iter(()))
            case Enumerated(kind=kind):
                return {"enum": [int(value) for value in kind], EXTRA: {"means": meaning(kind)}}
            case Timer() as timer:
                return self.type(type_of(timer), {
                    "type": ["integer", "null"], "minimum": 0, "maximum": NOT_PENDING - 1})
            case Range():
                least, most = bounds(one)
                return {**self.form(one.of), "minimum": least, "maximum": most}
            case check:
                return _with(self.form(one.of), of_check(check))

    def type(self, name: str, found: Json) -> Json:
        """A wire type, by reference."""
        self.types[name] = {**found, EXTRA: {"type": name}}
        return _reference(name)


def is_type(name: str) -> bool:
    """Whether a record's name could be taken for a wire type."""
    return name in ("bool", "f64", "fd", "time") or name.rstrip("0123456789") in ("u", "i", "b", "bits")


def _reference(name: str) -> Json:
    return {"$ref": "#/$defs/" + quote(name.replace("~", "~0").replace("/", "~1"), "~")}


def _described(one: Definition) -> Json:
    """The first line of the class's text, which is of its own record and not of its views."""
    kind = one.record.kind
    words = (kind.__doc__ or "").strip() if getattr(kind, "__vmstate__", None) is one.record else ""
    return {"description": words.splitlines()[0]} if words else {}


def _with(found: Json, facts: Facts) -> Json:
    """With more facts: those of what is outside come first."""
    both = {**dict(facts), **found.get(EXTRA, {})}
    return {**found, EXTRA: both} if both else found


# -- leaves: the name of the type, and its schema

def _integer(least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most}


def _int(shape: Int) -> tuple[str, Json]:
    return type_of(shape), _integer(*bounds(shape))


def _bool(shape: Bool) -> tuple[str, Json]:
    """A byte that is neither 0 nor 1 is itself; bounds hold for numbers alone."""
    return type_of(shape), {"type": ["boolean", "integer"], "minimum": 2, "maximum": 255}


def _float(shape: Float) -> tuple[str, Json]:
    """What is not finite is its 8 bytes; a pattern holds for text alone."""
    return type_of(shape), {"type": ["number", "string"], "pattern": "^[0-9a-f]{16}$"}


def _bytes(shape: Blob | Opaque | Padding | Bits) -> tuple[str, Json]:
    """Hexadecimal text; unused bytes are as any others."""
    least, most = sizes(shape)
    if least != most:
        return "bits" if isinstance(shape, Bits) else "b", {"type": "string", "pattern": "^([0-9a-f]{2})*$"}
    name = type_of(shape) if isinstance(shape, Bits) else f"b{least}"
    return name, {"type": "string", "pattern": "^[0-9a-f]*$", **_between("Length", 2 * least, 2 * least)}


def _short(least: int, most: int | None) -> Json:
    """What a short length says of bytes whose type does not tell how many they are."""
    return {} if most is None or most == least else {"maxLength": 2 * most}


def _descriptor(shape: Descriptor) -> tuple[str, Json]:
    return type_of(shape), {"type": ["integer", "null"]}


LEAVES: dict[type, Callable[[Any], tuple[str, Json]]] = {
    Int: _int, Bool: _bool, Float: _float, Blob: _bytes, Opaque: _bytes, Padding: _bytes, Bits: _bytes,
    Descriptor: _descriptor,
}


def _between(what: str, least: int, most: int | None) -> Json:
    return {**({f"min{what}": least} if least else {}), **({} if most is None else {f"max{what}": most})}


# -- settings, and other values of the declaration's own

def settings(told: list[Told]) -> Json:
    """The settings by path; those of a record that is in several places by a pattern."""
    exact = {one.path: _setting(one.shape) for one in told if one.path}
    others = {f"^{one.pattern}$": _setting(one.shape) for one in told if not one.path}
    return {"type": "object", "properties": exact, "patternProperties": others, "additionalProperties": False}


def _setting(shape: Setting) -> Json:
    """All its choices; the first is what a new instance has."""
    choices = [plain(one) for one in shape.choices]
    if not choices:
        return {"type": ["boolean", "integer", "string", "null"]}
    numbers = sorted(one for one in choices if type(one) is int)
    if FEW < len(choices) == len(numbers) == numbers[-1] - numbers[0] + 1:
        return {**_integer(numbers[0], numbers[-1]), "default": choices[0]}
    first = shape.choices[0]
    return {"enum": choices, **({EXTRA: {"means": meaning(type(first))}} if isinstance(first, IntEnum) else {})}


def _default(value: Any) -> Json:
    """What a document means that lacks the member, where JSON can say it without the declaration."""
    try:
        return {"default": plain(value)}
    except TypeError:
        return {}


def plain(value: Any) -> Any:
    """A value as the `json` visitor writes it. Raises TypeError where that takes the declaration."""
    match value:
        case bool() | str() | None:
            return value
        case int():
            return int(value)
        case bytes() | bytearray():
            return value.hex()
        case Float64():
            return value.value if isfinite(value.value) else f"{value.bits:016x}"
        case list():
            return [plain(one) for one in cast("Sequence[Any]", value)]
        case _:
            raise TypeError(type(value).__name__)


# -- text

def laid_out(value: Any, indent: str = "", before: int = 0, grows: bool = False) -> str:
    """JSON: what fits into a line behind `before` columns stands in one, but for what grows with the members."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or not (grows or len(indent) + before + len(line) >= WIDTH):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        heads = {key: json.dumps(key, ensure_ascii=False) + ": " for key in cast("Mapping[str, Any]", value)}
        parts = [head + laid_out(value[key], inner, len(head), key in GROWING) for key, head in heads.items()]
        return f"{{\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}}}"
    parts = [laid_out(one, inner) for one in cast("Sequence[Any]", value)]
    return f"[\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}]"
