"""What is known of members when their code is written: where values go, what is there, what is left to the walk."""

from __future__ import annotations

from typing import Any

from vmstate.shape import (
    Array,
    Bits,
    Descriptor,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Record,
    Same,
    Setting,
    Shape,
    Temporary,
)

from .places import UNKNOWN, Place, constant, facts, reach, said, shapes, widths_vary, within
from .source import Source
from .spots import FEW, Spot, code_of

MOST_CHOICES = 4
"""Ways that code goes separately for a setting."""
WALKED: dict[type, str] = {
    Opaque: "foreign bytes, through their codec", Descriptor: "a descriptor", Mapping: "a mapping",
}
"""Shapes that are left to the walk, and why."""
ASKING = (Setting, Bits, *WALKED)


def spot_of(member: Member, place: Place) -> Spot:
    """Where a member's value goes."""
    if member.attribute is None:
        return Spot("None", "_", place, repr(member.key))
    target = place.attribute(member.attribute)
    was = getattr(place.template, member.attribute) if place.fresh else UNKNOWN
    return Spot(target, target, place, repr(member.key), was, (*place.names, member.attribute))


def path_of(spot: Spot) -> str:
    """The steps to a value, as they are shown: an element has no number."""
    steps = (step.strip("'") if step[0] == "'" else "[]" for step in (*spot.place.path, spot.key) if step[0] != "*")
    return ".".join(steps).replace(".[", "[").replace(":.", ": ")


def outer(place: Place) -> str:
    """The Around of what is around a place; of the outermost it is handed in."""
    return place.handed if place.outer is None else place.outer.around


def below(record: Record[Any], version: int, place: Place) -> Place:
    """A subsection of a place in a function of its own: the state is there."""
    around = None if place.outer is None else place.outer.but(around="r")
    return place.but(var="o", record=record, version=version, outer=around, fresh=False, around="None", path=("*p",),
                     handed="r")


def gate(member: Member, place: Place, source: Source) -> str:
    """Whether a member is there, as an expression."""
    if member.when is None:
        return str(member.since <= place.version)
    known = constant(member.when, place)
    return said(member.when, place, source) if known is UNKNOWN else str(bool(known))


def is_known(member: Member, place: Place) -> bool:
    """Whether it is a setting of which the code knows the value."""
    return isinstance(member.shape, Setting) and any(name == member.attribute for name, _ in place.known)


def forks(member: Member, place: Place) -> bool:
    """Whether the code goes separate ways by this setting, because widths of integers depend on it."""
    return (isinstance(member.shape, Setting) and member.attribute is not None
            and 0 < len(member.shape.choices) <= MOST_CHOICES and widths_vary(place.record))


def walked(shape: Shape, place: Place) -> str:
    """Why a member is left to the walk; empty if it is not."""
    for one in within(shape):
        if type(one) in WALKED:
            return WALKED[type(one)]
        if isinstance(one, Bits) and not isinstance(one.count, int):
            return "a bitmap whose length the state tells"
        if isinstance(one, Nested | Temporary) and place.inside(one.record):
            return f"{one.record.name} within itself"
    return ""


def leaves_of(place: Place, source: Source, live: bool) -> list[Member]:
    """The members of a record that has nothing but leaves of fixed size; none where there is more to it."""
    record, hooks = place.record, place.record.hooks
    if record.subsections or record.imperative or not record.minimum <= place.version <= record.version:
        return []
    if live and any((hooks.pre_load, hooks.pre_save, hooks.post_load, hooks.after_load)):
        return []
    truths = [gate(member, place, source) for member in record.members]
    if not {"True", "False"}.issuperset(truths):
        return []
    members = [member for member, truth in zip(record.members, truths, strict=True) if truth == "True"]
    odd = any(member.twice or not is_leaf(member.shape, place) for member in members)
    return [] if odd else members


def is_leaf(shape: Shape, place: Place) -> bool:
    """Whether a struct takes it: one value, a few, or unused bytes."""
    if isinstance(shape, Padding):
        return isinstance(shape.size, int) and 0 < shape.size <= FEW
    if isinstance(shape, Array):
        plain = isinstance(shape.of, Int) and isinstance(shape.count, int) and 0 < shape.count <= FEW
        return plain and code_of(shape.of, place) is not None and not shape.start
    return code_of(shape, place) is not None


def is_value(shape: Shape) -> bool:
    """Whether its values are neither lists nor states."""
    return not any(isinstance(one, Array | Nested | Same | Temporary | Nullable | Setting) for one in within(shape))


def looks_around(record: Record[Any]) -> bool:
    """Whether anything within looks at the states around, or is left to the walk, which hands them on."""
    return any(one.imperative or any(isinstance(shape, ASKING) for shape in shapes(one))
               or any(getattr(fact, "takes_around", False) for fact in facts(one)) for one in reach(record))


def asks_path(record: Record[Any]) -> bool:
    """Whether anything within is found by its path: a setting, or what is left to the walk."""
    return any(one.imperative or any(isinstance(shape, ASKING) for shape in shapes(one)) for one in reach(record))


def spelled(path: tuple[str, ...]) -> str:
    """Steps as a tuple's expression."""
    return f"({''.join(f'{step}, ' for step in path)})"
