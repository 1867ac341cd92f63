"""What code for writing has in common, whatever the format: checks that a loader does, records in line."""

from __future__ import annotations

from typing import Any

from vmstate.shape import Nested, Same, Shape, Temporary, Validated

from .codes import Writing
from .places import Place, said, version_of
from .source import class_of
from .spots import Spot


def inside(to: Writing, shape: Any, spot: Spot) -> None:
    """Who loads checks it."""
    to.exchange(shape.of, spot)


def validated(to: Writing, shape: Validated, spot: Spot) -> None:
    if to.live:
        to.source.line(f"if not {said(shape.method, spot.place, to.source)}: raise Miss")


def nested(to: Writing, shape: Nested, spot: Spot) -> None:
    """A record in line."""
    var, record = spot.old, shape.record
    if not var.isidentifier():
        var = to.source.local("v")
        to.source.line(f"{var} = {spot.old}")
    place = Place(var, record, version_of(shape, spot.place), spot.place, record.make(), False,
                  (*spot.place.path, spot.key), names=spot.names, known=to.known.get(spot.names, ()))
    to.record(to.around(place))


def same(to: Writing, shape: Same, spot: Spot) -> None:
    place = spot.place
    record = shape.find(class_of(place.template))
    within = place.but(record=record, version=record.version, path=(*place.path, spot.key), around="None",
                       depth=place.depth + 1)
    to.record(to.around(within))


def temporary(to: Writing, shape: Temporary, spot: Spot) -> None:
    """Packed from the state around it."""
    record, var = shape.record, to.source.local("v")
    pack = to.source.name(record.kind.pack, "pack")
    to.flush()
    to.source.line(f"{var} = {pack}({spot.place.var})")
    place = Place(var, record, record.version, spot.place, record.make(), False, (*spot.place.path, spot.key))
    to.record(to.around(place))


def first(shape: Shape, element: str) -> str:
    """What an element begins with."""
    if isinstance(shape, Nested) and (attribute := shape.record.members[0].attribute) is not None:
        return f"{element}.{attribute}"
    return element
