"""What is known of a record in a document when its code is written: entries, settings, what is left to the walk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmstate.errors import render_path
from vmstate.nodes import Node, node
from vmstate.shape import (
    Descriptor,
    Mapping,
    Nested,
    Opaque,
    Padding,
    Record,
    Same,
    Setting,
    Shape,
    Temporary,
    Validated,
)

from .._types import key_of, parted
from .places import UNKNOWN, Place, constant, reach, shapes, within
from .source import class_of

LEFT = Opaque, Mapping, Descriptor
UNNAMED = Padding, Setting, Validated
"""Shapes that make no entry: unused bytes are written where they are not zero, and then by the walk."""


def entries(place: Place) -> int | None:
    """How many entries a record has; None where that is not known."""
    if place.record.subsections:
        return None
    total = 0
    for member in place.record.members:
        there = member.since <= place.version if member.when is None else constant(member.when, place)
        if not isinstance(member.shape, UNNAMED):
            if there is UNKNOWN:
                return None
            total += bool(there)
    return total


def left(shape: Shape, place: Place) -> str:
    """Why a record with this shape is left to the walk; empty if it is not."""
    for one in within(shape):
        if isinstance(one, LEFT):
            return f"{type(one).__name__} is left to the walk"
        if isinstance(one, Nested | Temporary) and place.inside(one.record):
            return f"{one.record.name} within itself"
    return ""


def alone(record: Record[Any]) -> str:
    """Why a method or the walk alone writes and reads a record; empty if generated code does."""
    if record.imperative:
        return "a method alone says what is exchanged"
    names = [parted(key_of(member))[0] for member in record.members if not isinstance(member.shape, UNNAMED)]
    names += [sub.name for sub in record.subsections]
    return "" if len(set(names)) == len(names) else f"{record.name} has two members of one name"


@node
class InLine(Node):
    """A setting of a record or of one in line with it: the attributes on the way to it, its own, the steps of its path.

    `always`: no gate stands before it.
    """

    names: tuple[str, ...]
    attribute: str
    steps: tuple[str, ...]
    always: bool

    @property
    def path(self) -> str:
        return render_path(self.steps)


def settings_in_line(place: Place) -> Iterator[InLine]:
    """Settings of a record and of those in it."""
    return _in_line(place.record, place.version, place.template, InLine((), "", (), True), ())


def _in_line(
    record: Record[Any], version: int, template: Any, way: InLine, around: tuple[Record[Any], ...]
) -> Iterator[InLine]:
    for member in () if record in around else record.members:
        shape, attribute = member.shape, member.attribute or ""
        always = way.always and member.when is None and member.since <= version
        step = InLine((*way.names, attribute), attribute, (*way.steps, member.key), always)
        if isinstance(shape, Setting):
            yield step.but(names=way.names)
        elif isinstance(shape, Same):
            same = shape.find(class_of(template))
            yield from _in_line(same, same.version, template, step.but(names=way.names), (*around, record))
        elif isinstance(shape, Nested):
            inner, state = shape.record, getattr(template, attribute)
            yield from _in_line(inner, inner.version, state, step, (*around, record))


def settings_apart(record: Record[Any], around: tuple[Record[Any], ...] = ()) -> bool:
    """Whether there are any others."""
    if record in around:
        return False
    for member in record.members:
        always = member.when is None and not member.since
        for one in within(member.shape):
            if isinstance(one, Setting) and not always:
                return True
            if isinstance(one, Nested | Temporary | Same):
                inner = one.find(record.kind) if isinstance(one, Same) else one.record
                plain = always and one is member.shape and not isinstance(one, Temporary)
                outer = isinstance(one, Nested) and one.version is not None
                if has_settings(inner) and (not plain or outer or settings_apart(inner, (*around, record))):
                    return True
    return any(has_settings(sub.record) for sub in record.subsections)


def has_settings(record: Record[Any]) -> bool:
    """Whether there are any in it."""
    return any(isinstance(shape, Setting) for one in reach(record) for shape in shapes(one))
