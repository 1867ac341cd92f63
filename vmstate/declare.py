"""From a class body to a Record. The body reads top to bottom as the bytes go by.

A specifier is a member, a marker opens another record over the same instance, up to the next marker. Everything that is
wrong with a class is reported at once, each mistake with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast, dataclass_transform, get_args

from .classes import slotted
from .errors import DeclarationError, VMStateError
from .facts import number
from .kept import Around
from .machine_types import BEFORE
from .marks import Mark, Opened, Place, Promise, SubsectionMark, View, dated
from .shape import Array, Asked, AtMost, Blob, Constant, Equal, Int, Member, Range, Setting, Shape, Traits
from .spec import Local, Spec

C = TypeVar("C", bound=type)
NODES: tuple[type[Any], ...] = get_args(Shape)


@dataclass_transform(kw_only_default=True)
def state(
    name: str, *, version: int = 1, minimum: int | None = None, target: str = "", alias_ids: tuple[int, ...] = (),
    priority: int = 0, early: bool = False, unmigratable: str = "", info: str = "", by_hand: bool = False,
) -> Callable[[C], C]:
    """Declares a class as state: an attrs class with slots, and its Record.

    `name`, `version` and `minimum` (the oldest version that is read; by default the newest alone) are those of QEMU's
    VMStateDescription. `target` names the QEMU targets that the name means this class in ("i386,x86_64"; all if empty).
    `info` and `by_hand` say what QEMU's trailer tells of it (see `Traits`). Raises DeclarationError with every mistake
    of the class.
    """
    traits = Traits(tuple(filter(None, target.split(","))), alias_ids, priority, early, unmigratable, info=info,
                    by_hand=by_hand)

    def decorate(kind: C) -> C:
        body = Body(kind, View(name, version, minimum, traits))
        if body.mistakes:
            raise DeclarationError(kind, body.mistakes)
        return cast(C, body.made())
    return decorate


class Body:
    """A class body, read once from top to bottom; mistakes are collected."""

    def __init__(self, kind: type[Any], main: View) -> None:
        self.kind, self.main = kind, main
        self.annotations: dict[str, Any] = vars(kind).get("__annotations__", {})
        self.views, self.attributes = [main], dict[str, Spec | Local]()
        self.mistakes: list[tuple[int, str]] = []
        self.twice: set[str] = set()
        self.open: Opened = main
        self.opens(main)
        self.wrong(main, *self.inheritance())
        for key, value in list(vars(kind).items()):
            self.read(key, value)
        for key in self.annotations:
            if key not in vars(kind):
                self.bare(key)
        self.reserved()

    def wrong(self, at: Mark | Spec | Local, *messages: str) -> None:
        self.mistakes += [(at.line, message) for message in messages]

    def inheritance(self) -> Iterator[str]:
        for base in self.kind.__mro__[1:]:
            if "__vmstate__" in vars(base):
                yield f"{base.__name__} is a state: compose with nested({base.__name__}), do not inherit"

    def bare(self, key: str) -> None:
        """An annotated name without a specifier; it has no frame to tell its line."""
        line = _line_of(self.kind, key) or self.main.line
        self.mistakes.append((line, f"{key} has no specifier; what no wire carries is local(…)"))

    def read(self, key: str, value: object) -> None:
        if isinstance(value, Spec | Local):
            self.attribute(key, value)
        elif isinstance(value, Place):
            self.place(key, value)
        elif isinstance(value, Opened):
            self.opens(value)
        elif isinstance(value, Promise):
            self.promise(value)
        elif kind := getattr(value, "__vmstate_hook__", None):
            self.main.hook(kind, value)
        elif key in self.annotations:
            self.bare(key)

    def opens(self, mark: Opened) -> None:
        self.open = mark
        mark.twice = self.twice
        if mark.minimum > mark.version:
            self.wrong(mark, f"{mark.name} reads from version {mark.minimum} on, and has version {mark.version}")
        if not 0 < len(mark.name.encode()) < 256:
            self.wrong(mark, f"a name has 1 to 255 bytes: {mark.name!r}")
        if isinstance(mark, SubsectionMark):
            parent = self.views[-1]
            parent.subsections.append(mark)
            if not mark.name.startswith(parent.name):
                self.wrong(mark, f"subsection {mark.name!r} must begin with {parent.name!r}")
            if [one.name for one in parent.subsections].count(mark.name) > 1:
                self.wrong(mark, f"subsection {mark.name!r} is there already")
        elif isinstance(mark, View) and mark is not self.main:
            self.views.append(mark)

    def promise(self, mark: Promise) -> None:
        traits, allowance = self.main.traits, mark.allowance
        if allowance is not None and allowance.until and dated(allowance.until) is None:
            self.wrong(mark, f"{allowance.rule} is allowed until {allowance.until!r}, which is no day: "
                             "write YYYY-MM-DD")
        self.main.traits = traits.but(
            reserved=traits.reserved + mark.reserved,
            allowances=traits.allowances + (() if allowance is None else (allowance,)))

    def reserved(self) -> None:
        gone = self.main.traits.reserved
        for one in (*self.views, *(sub for view in self.views for sub in view.subsections)):
            names = {one.name, *(name for member in one.members for name in (member.key, member.name))}
            self.wrong(one, *(f"{name!r} is reserved: it meant something else once" for name in names & set(gone)))

    def attribute(self, key: str, spec: Spec | Local) -> None:
        self.wrong(spec, *spec.mistakes)
        if isinstance(spec, Spec):
            if key not in self.annotations:
                self.wrong(spec, f"{key} has no annotation: write `{key}: … = …`")
            self.facts(key, spec.shape, spec)
            if "since" in spec.options and "when" in spec.options:
                self.wrong(spec, f"{key}: when= replaces since=, so it is one or the other")
            self.member(spec.member(key), spec)
        self.attributes[key] = spec

    def place(self, key: str, place: Place) -> None:
        own, known = key.lstrip("_"), self.attributes.get(place.attribute or "")
        self.wrong(place, *place.mistakes)
        if place.attribute is not None:
            self.twice.add(place.attribute)
            if known is None:
                self.wrong(place, f"again({place.attribute!r}): no such attribute before this line")
        if own in self.attributes or own in self.annotations:
            self.wrong(place, f"{key} is a place of its own: the attribute {own!r} has that name already")
        self.facts(key, place.shape, place)
        member = place.member(own)
        if isinstance(place.shape, Equal) and isinstance(known, Spec) and isinstance(known.shape, Setting):
            member = member.but(shape=place.shape.but(settles=True))
        self.member(member, place)

    def member(self, member: Member, at: Mark | Spec) -> None:
        if member.since > self.open.version:
            self.wrong(at, f"{member.key} is there since version {member.since}, "
                           f"and {self.open.name} has version {self.open.version}")
        self.open.members.append(member)

    def facts(self, key: str, shape: Shape, at: Mark | Spec) -> None:
        """A fact given by name is an integer attribute before this line, or a property."""
        for role, fact in _facts(shape):
            if not isinstance(fact, str) or isinstance(getattr(self.kind, fact, None), property):
                continue
            known = self.attributes.get(fact)
            if known is None:
                self.wrong(at, f"{role} of {key} names {fact!r}: no attribute before this line, no property")
            elif isinstance(known, Spec) and not isinstance(
                    known.shape, Int | Range | Equal | AtMost | Constant | Setting):
                self.wrong(at, f"{role} of {key} names {fact!r}, which is no integer")

    def made(self) -> type[Any]:
        """The class itself, with slots. It is an attrs class to all who ask; see `classes`."""
        made = slotted(self.kind, {name: spec.reset for name, spec in self.attributes.items()}, self.sized())
        for one in self.views:
            one.kind = made
        self.main.imperative = hasattr(made, "transfer")
        setattr(made, "__vmstate__", self.main)
        if older := {name: spec.before for name, spec in self.attributes.items()
                     if isinstance(spec, Local) and spec.before}:
            setattr(made, BEFORE, older)
        for name in self.attributes:
            delattr(self.kind, name)  # the class as it was written is in a circle with itself, and stays a while
        return made

    def sized(self) -> dict[str, Callable[[Any], Any]]:
        """Reset values that take the instance's own word for how long they are."""
        return {name: _fill(spec.sized, spec.shape) for name, spec in self.attributes.items()
                if isinstance(spec, Spec) and spec.sized is not None}


def _fill(make: Callable[[int], Any], shape: Shape) -> Callable[[Any], Any]:
    return lambda state: make(_told(shape, state))


def _facts(shape: Shape) -> Iterator[tuple[str, Any]]:
    """Counts, sizes and widths of a shape and of those inside it."""
    for role in ("count", "size", "bits"):
        if (fact := getattr(shape, role, None)) is not None:
            yield role, fact
    for inside in ("of", "key", "value"):
        inner: Any = getattr(shape, inside, None)
        if isinstance(inner, NODES):
            yield from _facts(inner)


def _told(shape: Shape, state: Any) -> int:
    """A count or size by the instance alone; 0 where it takes those around it, or something not yet there."""
    told = shape.size if isinstance(shape, Blob) else shape.count if isinstance(shape, Array) else 0
    if isinstance(told, Asked) and told.takes_around:
        return 0
    try:
        return max(0, number(told, state, Around(state, None, 0)))
    except VMStateError:
        return 0


def _line_of(kind: type[Any], key: str) -> int | None:
    """Where an annotation stands, looked up in the source; on the failing path only."""
    import ast  # here alone: these cost more than all the rest of a declaration
    import inspect

    try:
        lines, first = inspect.getsourcelines(kind)
        tree = ast.parse(inspect.cleandoc("\n" + "".join(lines)) if lines[0][:1].isspace() else "".join(lines))
    except (OSError, SyntaxError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == key:
            return first + node.lineno - 1
    return None
