"""What is known of a record before it is declared: nodes, and how two sketches of one record become one.

A stream shows what it has: types, sizes, values. A dump shows what there may be: gates, versions, all subsections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from vmstate.kept import Bag
from vmstate.nodes import Node, node
from vmstate.shape import Record, Shape

T = TypeVar("T")
MOST = 64
"""Samples of one record, and different values of one field, that are kept."""


@node
class Leaf(Node):
    """A value, or bytes that are none. `type` is QEMU's own word, where it is known.

    `own`: what the loading side has to have, where QEMU compares both.
    """

    shape: Shape
    type: str = ""
    own: int | None = None


@node
class Inner(Node):
    """A record within. `version` is what its field says that it is sent at; `temporary`: it is packed from its parent.
    """

    sketch: Sketch
    version: int | None = None
    temporary: bool = False


@node
class Many(Node):
    """So many elements; `varies`: elsewhere it may be another number; `listed`: QEMU lists them one by one."""

    of: What
    count: int
    varies: bool = False
    listed: bool = False


@node
class Maybe(Node):
    """Or null. `of` None: it was null wherever it was seen."""

    of: What | None = None
    marked: bool = False


@node
class Linked(Node):
    """Elements behind markers."""

    of: What


What = Leaf | Inner | Many | Maybe | Linked


@node
class Field(Node):
    """A field by QEMU's name. `conditional`: a predicate decides about it; `there` is what it said, if that was seen.

    `numbers` are what it was, if it is an integer. `element`: it is one of an array, and not like others.
    """

    name: str
    what: What
    since: int = 0
    conditional: bool = False
    there: bool | None = True
    numbers: tuple[int, ...] = ()
    element: bool = False


@node
class Sub(Node):
    """A subsection. `told`: when it was sent, whether it held anything but zeros; empty: it was not."""

    sketch: Sketch
    told: tuple[bool, ...] = ()


@node
class Sample(Node):
    """Where a record was seen: its description, and the values."""

    record: Record[Bag]
    state: Bag


@node
class Sketch(Node):
    """A record. `by_hand`: QEMU writes all of it by a function of its own, and describes it as one buffer."""

    name: str
    version: int
    minimum: int
    fields: tuple[Field, ...] = ()
    subsections: tuple[Sub, ...] = ()
    samples: tuple[Sample, ...] = ()
    by_hand: bool = False


def directly(what: What | None) -> Iterator[Inner]:
    """The records that a field has in it, without those in these."""
    if isinstance(what, Inner):
        yield what
    elif isinstance(what, Many | Maybe | Linked):
        yield from directly(what.of)


def inner(sketch: Sketch, stops: Callable[[Inner], bool] = lambda _: False) -> Iterator[Inner]:
    """All records within, the innermost first. Where it stops, nobody looks further in."""
    for one in (one for field in sketch.fields for one in directly(field.what)):
        if not stops(one):
            yield from inner(one.sketch, stops)
        yield one
    for sub in sketch.subsections:
        yield from inner(sub.sketch, stops)


# -- two of one

def all_one(seen: Iterable[What]) -> What | None:
    """Several as one; None where they are not alike, or there is none."""
    found: What | None = None
    for i, one in enumerate(seen):
        found = one if not i else None if found is None else one_of(found, one)
    return found


def one_of(a: What, b: What) -> What | None:
    """What both are; None where they are not alike."""
    match a, b:
        case Leaf(), Leaf():
            return a if a.but(own=None) == b.but(own=None) else None
        case Inner(), Inner():
            both = unified(a.sketch, b.sketch)
            return None if both is None or (a.version, a.temporary) != (b.version, b.temporary) else a.but(sketch=both)
        case Many(count=count), Many() if count == b.count:
            of = one_of(a.of, b.of)
            return None if of is None else a.but(of=of)
        case Maybe(of=None), Maybe():
            return b.but(marked=a.marked or b.marked)
        case Maybe(), Maybe(of=None):
            return a.but(marked=a.marked or b.marked)
        case (Maybe(of=one), Maybe(of=other)) | (Linked(of=one), Linked(of=other)) if one and other:
            of = one_of(one, other)
            return None if of is None else a.but(of=of)
        case _:
            return None


def unified(a: Sketch, b: Sketch) -> Sketch | None:
    """What two sketches say of one record; None where their fields differ. Either may have subsections of its own."""
    if a is b:
        return a
    if (a.name, a.version, a.minimum, _marks(a)) != (b.name, b.version, b.minimum, _marks(b)):
        return None
    fields = list[Field]()
    for one, other in zip(a.fields, b.fields, strict=True):
        if (what := one_of(one.what, other.what)) is None:
            return None
        fields.append(one.but(what=what, numbers=_few(one.numbers + other.numbers)))
    if (subsections := _together(a.subsections, b.subsections)) is None:
        return None
    return a.but(fields=tuple(fields), subsections=subsections, samples=(a.samples + b.samples)[:MOST])


def _few(seen: tuple[T, ...]) -> tuple[T, ...]:
    """Each value once, of many a few."""
    return tuple(dict.fromkeys(seen))[:MOST]


def _marks(sketch: Sketch) -> list[Any]:
    return [(one.name, one.since, one.conditional, one.there) for one in sketch.fields]


def _together(ours: tuple[Sub, ...], others: tuple[Sub, ...]) -> tuple[Sub, ...] | None:
    made = {one.sketch.name: one for one in ours}
    for sub in others:
        if (known := made.get(sub.sketch.name)) is None:
            made[sub.sketch.name] = sub
            continue
        if (both := unified(known.sketch, sub.sketch)) is None:
            return None
        made[sub.sketch.name] = Sub(both, _few(known.told + sub.told))
    return tuple(made.values())
