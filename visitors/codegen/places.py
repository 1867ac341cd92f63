"""A record as it stands somewhere in generated code, and what is known there before it runs.

A fact (a gate, a count, a width) that looks at nothing but settings is known where these are: it is asked when the code
is written, of a stand-in that knows the settings and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any, cast, get_args

from vmstate.kept import Around
from vmstate.nodes import Node, node
from vmstate.shape import Asked, Fact, Int, Nested, Record, Same, Shape, Temporary

from .source import Source, class_of, dotted

NODES: tuple[type[Any], ...] = get_args(Shape)
UNKNOWN = object()


class Unsaid(Exception):
    """The stand-in was asked for what is not known."""


@node
class Place(Node):
    """Where a record stands: the variable of its state, the records around it, the settings that are known of it.

    `template` is a state of it as after reset, `fresh` says that the code makes the state itself. `path` are the steps
    from the root, as expressions. `around` is the variable of its Around, or "None" where nobody needs it; `handed` is
    that of what is around all this, where the function is handed it. `names` are the attributes from the root on, if
    it is in line with it. `depth` says how many steps of the path lead to another record of the same state.
    """

    var: str
    record: Record[Any]
    version: int
    outer: Place | None
    template: Any
    fresh: bool
    path: tuple[str, ...] = ()
    around: str = "None"
    known: tuple[tuple[str, Any], ...] = ()
    handed: str = "None"
    names: tuple[str, ...] = ()
    depth: int = 0

    def attribute(self, name: str) -> str:
        """An attribute of the state, as an expression."""
        return dotted(self.var, name)

    def knowing(self, attribute: str, value: object) -> Place:
        """The same place where a setting is known."""
        return self.but(known=(*self.known, (attribute, value)))

    def seen(self) -> Around:
        """What a method that takes its surroundings is handed when the code is written."""
        return Around(StandIn(self), None if self.outer is None else self.outer.seen(), self.version)

    def inside(self, record: Record[Any]) -> bool:
        """Whether this record is open here already: a state that has itself inside."""
        return self.record is record or (self.outer is not None and self.outer.inside(record))


class StandIn:
    """A state of which the settings alone are known. Raises Unsaid for anything else."""

    __slots__ = ("_place",)

    def __init__(self, place: Place) -> None:
        object.__setattr__(self, "_place", place)

    @property
    def __class__(self) -> Any:  # `isinstance` is how a method looks for the state around it
        return class_of(object.__getattribute__(self, "_place").template)

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise Unsaid

    def __getattr__(self, name: str) -> Any:
        place: Place = object.__getattribute__(self, "_place")
        for known, value in place.known:
            if known == name:
                return value
        for kind in class_of(place.template).__mro__:
            if name in vars(kind):
                return _bound(vars(kind)[name], self)
        raise Unsaid

    def __setattr__(self, name: str, value: object) -> None:
        raise Unsaid


def _bound(found: Any, stand_in: StandIn) -> Any:
    if isinstance(found, property) and found.fget is not None:
        return found.fget(stand_in)
    if isinstance(found, FunctionType):
        return MethodType(found, stand_in)
    if hasattr(class_of(found), "__get__"):
        raise Unsaid
    return found


def constant(fact: Fact, place: Place) -> Any:
    """What a fact says whatever the state holds; UNKNOWN where the state decides."""
    if isinstance(fact, int):
        return fact
    try:
        if isinstance(fact, str):
            return getattr(StandIn(place), fact)
        return fact.method(StandIn(place), place.seen()) if fact.takes_around else fact.method(StandIn(place))
    except Exception:  # noqa: BLE001  a method may do anything with what it does not get
        return UNKNOWN


def number(fact: Fact, place: Place) -> Any:
    """The same of a count, a size or a width; what is no number is left to the walk to complain of."""
    known = constant(fact, place)
    return known if isinstance(known, int) else UNKNOWN


def said(fact: Fact, place: Place, source: Source) -> str:
    """A fact as an expression."""
    if (known := constant(fact, place)) is not UNKNOWN:
        return repr(known) if type(known) in (int, bool) else source.name(known, "known")
    if isinstance(fact, str):
        return place.attribute(fact)
    if isinstance(fact, int):
        return str(fact)
    method = source.name(fact.method, getattr(fact.method, "__name__", "fact").lstrip("_"))
    return f"{method}({place.var}, {place.around})" if fact.takes_around else f"{method}({place.var})"


def version_of(shape: Nested, place: Place) -> int:
    """The version that a record within one at this place is walked at."""
    version = place.version if shape.version == "outer" else shape.version
    return shape.record.version if version is None else version


# -- what a record has inside

def shapes(record: Record[Any]) -> Iterator[Shape]:
    """The shapes of its members, and those inside them; of other records the name alone."""
    for member in record.members:
        yield from within(member.shape)


def within(shape: Shape) -> Iterator[Shape]:
    """A shape and those inside it, without those of other records."""
    yield shape
    for part in ("of", "key", "value"):
        if isinstance(inner := getattr(shape, part, None), NODES):
            yield from within(cast(Shape, inner))


def parts(record: Record[Any], kind: type) -> Iterator[Record[Any]]:
    """The records that this one sends from within itself, its subsections too."""
    for shape in shapes(record):
        if isinstance(shape, Nested | Temporary):
            yield shape.record
        elif isinstance(shape, Same):
            yield shape.find(kind)
    for sub in record.subsections:
        yield sub.record


def reach(record: Record[Any]) -> Iterator[Record[Any]]:
    """A record and all that are in it, each once."""
    seen: set[Record[Any]] = set()
    left = [record]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            yield one
            left += parts(one, one.kind)


def facts(record: Record[Any]) -> Iterator[Fact]:
    """All that a record asks of its states."""
    for member in record.members:
        if member.when is not None:
            yield member.when
    for shape in shapes(record):
        for role in ("bits", "count", "size", "until", "method"):
            if isinstance(fact := getattr(shape, role, None), int | str | Asked):
                yield fact
    for sub in record.subsections:
        if sub.needed is not None:
            yield sub.needed


def widths_vary(record: Record[Any]) -> bool:
    """Whether it has an integer whose width the state tells."""
    return any(isinstance(shape, Int) and not isinstance(shape.bits, int)
               for one in reach(record) for shape in shapes(one))
