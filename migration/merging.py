"""What a person writes, merged into a tree of a state: one value, or JSON of what has parts.

JSON is as `vmstate get --format json` has it: of a record the members that change, of a list all elements, each as a
change of the one that is there; an integer may be a text as `literals` has it, and a list of bytes one as a buffer's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from visitors._tree import ENTRY, SKIPPABLE, VERSION
from vmstate.errors import EncodeError, VMStateError
from vmstate.shape import Array, Chain, Int, Member, Nested, Nullable, Record, Same, Subsection, Temporary
from vmstate.shape import Mapping as MappingShape

from .literals import LEAVES, NULL, Wanted, bare, integer, like, octets, short

BYTE = Int(8)


def literal(text: str, wanted: Wanted) -> Any:
    """A value as it is written. Raises EncodeError."""
    plain = bare(wanted)
    if isinstance(plain.shape, Nullable):
        return None if text == NULL else literal(text, plain.of(plain.shape.of, plain.old))
    if type(plain.shape) in LEAVES:
        return LEAVES[type(plain.shape)](text, plain)
    if isinstance(plain.shape, Array) and plain.shape.of == BYTE and not text.startswith("["):
        return list(octets(text))
    return from_json(parsed(text, FORMS.get(type(plain.shape), "an object of members")), plain)


def from_json(value: object, wanted: Wanted) -> Any:
    """A value out of JSON. Raises EncodeError, with the path within it."""
    plain = bare(wanted)
    if isinstance(plain.shape, Nullable):
        return None if value is None else from_json(value, plain.of(plain.shape.of, plain.old))
    leaf = LEAVES.get(type(plain.shape))
    return BRACKETS[type(plain.shape)](value, plain) if leaf is None else leaf(_text(value), plain)


def parsed(text: str, form: str) -> object:
    """JSON of this form. Raises EncodeError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        told = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise EncodeError(f"JSON is wanted: {told}", hint=form) from None


def entry(text: str, wanted: Wanted) -> dict[str, Any]:
    """One entry of a mapping, of which the shape is. Raises EncodeError."""
    return _entry(parsed(text, "a key and a value"), wanted)


def label(one: Member | Subsection) -> str:
    """What a tree calls a member or subsection."""
    name = one.name if isinstance(one, Subsection) else one.write_as or one.key
    return SKIPPABLE + name if one.skippable else name


# -- brackets

def _record(value: object, wanted: Wanted) -> dict[str, Any]:
    """The members that are given; those that are not stay as they are."""
    record = record_in(wanted)
    members: dict[str, Member | Subsection] = {one.key: one for one in record.members}
    members |= {one.name: one for one in record.subsections}
    made = dict(cast("dict[str, Any]", wanted.old or {}))
    for key, one in _given(value).items():
        with Below(key):
            if key == VERSION and VERSION in made:
                made[key] = integer(_text(one))
            elif (member := members.get(key)) is None:
                raise EncodeError(f"{record.name} has no such member", hint=like(key, list(members)))
            elif isinstance(member, Subsection) and one is None:
                made.pop(label(member), None)
            else:
                means = None if isinstance(member, Subsection) else member.means
                shape = member.record if isinstance(member, Subsection) else member.shape
                made[label(member)] = from_json(
                    one, Wanted(shape, means, made.get(label(member)), record.kind, made))
    return made


def record_in(wanted: Wanted) -> Record[Any]:
    """The record of a bracket that holds members."""
    shape = wanted.shape
    if isinstance(shape, Nested | Temporary):
        return shape.record
    return shape.find(wanted.kind) if isinstance(shape, Same) else cast("Record[Any]", shape)


def _given(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise EncodeError(f"an object of members is wanted, not {short(json.dumps(value))}")
    return cast("dict[str, object]", value)


def _items(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise EncodeError(f"a list is wanted, not {short(json.dumps(value))}")
    return cast("list[object]", value)


def _list(value: object, wanted: Wanted) -> list[Any]:
    """Each element; one that is there already as a change of that."""
    shape = cast("Array | Chain", wanted.shape)
    if isinstance(shape, Array) and shape.of == BYTE and isinstance(value, str):
        return list(octets(value))
    old, made = cast("list[Any]", wanted.old or []), list[Any]()
    for i, one in enumerate(_items(value)):
        with Below(i):
            made.append(from_json(one, wanted.of(shape.of, old[i] if i < len(old) else None)))
    return made


def _mapping(value: object, wanted: Wanted) -> list[Any]:
    made = list[Any]()
    for i, one in enumerate(_items(value)):
        with Below(i):
            made.append(_entry(one, wanted))
    return made


def _entry(value: object, wanted: Wanted) -> dict[str, Any]:
    shape, given = cast(MappingShape, wanted.shape), _given(value)
    if set(given) != set(ENTRY):
        raise EncodeError("an entry has a key and a value", actual=short(json.dumps(value)))
    return {part: from_json(given[part], wanted.of(of, None))
            for part, of in zip(ENTRY, (shape.key, shape.value), strict=True)}


BRACKETS: dict[type, Callable[[object, Wanted], Any]] = {
    Nested: _record, Temporary: _record, Same: _record, Record: _record, Array: _list, Chain: _list,
    MappingShape: _mapping,
}
FORMS: dict[type, str] = {
    Array: "a list", Chain: "a list", MappingShape: 'a list of {"key": ..., "value": ...}'}


# -- what is told

class Below:
    """A step down: an error from there has it in its path."""

    def __init__(self, key: str | int) -> None:
        self.key = key

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, VMStateError):
            error.under(self.key)


def _text(value: object) -> str:
    """JSON's own words of a leaf, as they would be written. Raises EncodeError."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and list(cast("dict[str, object]", value)) == ["bits"]:
        return _text(cast("dict[str, object]", value)["bits"])
    if isinstance(value, dict | list):
        raise EncodeError(f"one value is wanted, not {short(json.dumps(value))}")
    return json.dumps(value)
