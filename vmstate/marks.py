"""Markers: what stands in a class body and is no attribute of instances.

A marker that opens a record holds for everything below it, up to the next: `view` for one that others send,
`subsection` for one that is sent when it says something new. A place has bytes or a meaning and no attribute of its
own: `unused`, `tmp`, `again`, `same`, `constant`, `check`. Hooks are methods that a live save or load runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .combinators import finder
from .kept import Machine
from .shape import (
    Allowance,
    Constant,
    Hooks,
    Member,
    Padding,
    Record,
    Same,
    Setting,
    Shape,
    Subsection,
    Temporary,
    Traits,
    Validated,
)
from .spec import Gate, Meaning, Number, asked, author_line, fact, gate, names, spec_of

if TYPE_CHECKING:
    from datetime import date

S = TypeVar("S")
G = TypeVar("G", bound=Gate)
M = TypeVar("M")
Before = TypeVar("Before", bound=Callable[[Any], None])
Loaded = TypeVar("Loaded", bound=Callable[[Any, int], None])
Settled = TypeVar("Settled", bound=Callable[[Any, Machine], None])

PLAIN = Traits()


class Mark:
    """Something in a class body that is not an attribute of instances."""

    def __init__(self) -> None:
        self.line = author_line()


class Place(Mark):
    """A place on the wire without an attribute of its own: padding, a temporary, an attribute described again."""

    def __init__(
        self, shape: Shape, since: int = 0, when: Gate | None = None, attribute: str | None = None, name: str = "",
        mistakes: tuple[str, ...] = (), was: tuple[str, ...] = (), kind: str = "", means: Meaning | None = None,
    ) -> None:
        super().__init__()
        self.shape, self.since, self.when, self.was, self.means = shape, since, when, was, means
        self.attribute, self.name, self.mistakes, self.kind = attribute, name, mistakes, kind

    def member(self, key: str) -> Member:
        """The member that stands here."""
        name = self.name or ("unused" if isinstance(self.shape, Padding) else self.attribute or key)
        return Member(key, self.attribute, self.shape, name, self.since, gate(self.when), was=self.was,
                      means=self.means, type=self.kind)


class Opened(Mark):
    """A marker that opens a record."""

    def __init__(self, name: str, version: int, minimum: int | None, traits: Traits = PLAIN) -> None:
        super().__init__()
        self.name, self.version, self.traits = name, version, traits
        self.minimum = version if minimum is None else minimum
        self.members: list[Member] = []
        self.hooks: dict[str, list[Callable[..., Any]]] = {}
        self.twice: set[str] = set()

    def pre_save(self, method: Before) -> Before:
        """Marks a method to run before this record is saved."""
        return self.hook("pre_save", method)

    def pre_load(self, method: Before) -> Before:
        """Marks a method to run before this record is loaded."""
        return self.hook("pre_load", method)

    def post_load(self, method: Loaded) -> Loaded:
        """Marks a method to run when this record is loaded; it is told the version that came."""
        return self.hook("post_load", method)

    def hook(self, kind: str, method: M) -> M:
        self.hooks.setdefault(kind, []).append(cast("Callable[..., Any]", method))
        return method

    def record(
        self, kind: type[Any], subsections: tuple[Subsection, ...] = (), imperative: bool = False
    ) -> Record[Any]:
        hooks = Hooks(**{name: tuple(methods) for name, methods in self.hooks.items()})
        members = tuple(one.but(twice=True) if one.attribute in self.twice else one for one in numbered(self.members))
        return Record(self.name, kind, kind, self.version, self.minimum, members, subsections, hooks, imperative,
                      self.traits)


def numbered(members: list[Member]) -> Iterator[Member]:
    """Members whose names QEMU's trailer keeps apart: of several that have one name, each has its number behind."""
    times = Counter(one.name for one in members if not isinstance(one.shape, Setting))
    seen = Counter[str]()
    for one in members:
        if times[one.name] <= 1 or isinstance(one.shape, Setting):
            yield one
        else:
            yield one.but(name=f"{one.name}[{seen[one.name]}]")
            seen[one.name] += 1


class SubsectionMark(Opened):
    """`@subsection("parent/name")` over the predicate that says when it is needed."""

    predicate: Gate | None = None

    def __init__(self, name: str, version: int, minimum: int | None, skippable: bool) -> None:
        super().__init__(name, version, minimum)
        self.skippable = skippable

    def needed(self, predicate: G) -> G:
        """Marks the predicate, where the marker itself is needed for hooks."""
        self.predicate = predicate
        return predicate

    def __call__(self, predicate: Gate) -> SubsectionMark:
        self.predicate = predicate
        return self

    def subsection(self, kind: type[Any], inside: tuple[Subsection, ...]) -> Subsection:
        return Subsection(self.record(kind, inside), gate(self.predicate), self.skippable)


class View(Opened):
    """Another description of this class; `Class.view` is its record."""

    def __init__(self, name: str, version: int, minimum: int | None, traits: Traits = PLAIN) -> None:
        super().__init__(name, version, minimum, traits)
        self.subsections: list[SubsectionMark] = []
        self.kind: type[Any] | None = None
        self.imperative = False
        self._built: Record[Any] | None = None

    @property
    def built(self) -> Record[Any]:
        """The record; made when it is first asked for."""
        if self._built is None:
            if (kind := self.kind) is None:
                raise TypeError(f"{self.name}: a view has a record once its class is made")
            self._built = self.record(kind, _inside(self.subsections, kind), self.imperative)
        return self._built

    def __get__(self, instance: object, owner: type[S]) -> Record[S]:
        return cast("Record[S]", self.built)


def _inside(marks: list[SubsectionMark], kind: type[Any]) -> tuple[Subsection, ...]:
    """Subsections, and in each those directly below it whose names begin with its own: QEMU's reader looks there."""
    made: list[Subsection] = []
    at = 0
    while at < len(marks):
        end = at + 1
        while end < len(marks) and marks[end].name.startswith(marks[at].name):
            end += 1
        made.append(marks[at].subsection(kind, _inside(marks[at + 1:end], kind)))
        at = end
    return tuple(made)


class Promise(Mark):
    """What an author says about the record as a whole."""

    def __init__(self, reserved: tuple[str, ...] = (), allowance: Allowance | None = None) -> None:
        super().__init__()
        self.reserved, self.allowance = reserved, allowance


def subsection(
    name: str, *, version: int = 1, minimum: int | None = None, skippable: bool = False
) -> SubsectionMark:
    """Opens a subsection: a decorator over the method that says when it is needed. It is always sent without one."""
    return SubsectionMark(name, version, minimum, skippable)


def view(name: str, *, version: int = 1, minimum: int | None = None) -> View:
    """Opens another record of this class, for other states to send: `nested(Class.view)`."""
    return View(name, version, minimum)


def unused(size: Number, *, since: int = 0, when: Gate | None = None) -> Place:
    """Bytes that mean nothing any more (QEMU: UNUSED): zeros written, what was read is kept."""
    return Place(Padding(fact(size)), since, when)


def again(
    attribute: str, of: object, *, name: str = "", was: str | Sequence[str] = (), since: int = 0,
    when: Gate | None = None, means: Meaning | None = None,
    type: str = "",  # noqa: A002  the option of a specifier
) -> Place:
    """An attribute that was described before, and is described once more here."""
    spec = spec_of(of)
    return Place(spec.shape, since, when, attribute, name, spec.mistakes, names(was), type, means)


def constant(of: int, value: int, *, name: str = "", since: int = 0, when: Gate | None = None) -> Place:
    """A number that is always the same, and that no attribute need hold."""
    spec = spec_of(of)
    return Place(Constant(spec.shape, value), since, when, None, name, spec.mistakes)


def tmp(kind: Any, *, name: str = "tmp", since: int = 0, when: Gate | None = None) -> Place:
    """A record over a temporary (QEMU: WITH_TMP): its class has `pack(parent)` and `unpack(self, parent)`."""
    wanting = [method for method in ("pack", "unpack") if isinstance(kind, type) and not hasattr(kind, method)]
    mistakes = tuple(f"{kind.__name__} has no {method}()" for method in wanting)
    return Place(Temporary(finder(kind)), since, when, None, name, mistakes)


def same(name: str) -> Place:
    """Another view of this very instance, at this place."""
    return Place(Same(lambda owner: getattr(owner, name)), name=name)


def check(must: str, *, since: int = 0) -> Callable[[Callable[[Any], bool]], Place]:
    """A decorator over a condition that must hold at this place (QEMU: VALIDATE), or a live load is refused."""
    def decorate(method: Callable[[Any], bool]) -> Place:
        return Place(Validated(asked(method), must), since)
    return decorate


def reserved(*names: str) -> Promise:
    """Names that members or subsections once had, and that must not come back with another meaning."""
    return Promise(reserved=names)


def allow(rule: str, reason: str, until: str = "") -> Promise:
    """Accepts a finding of `vmstate compare` or `lint` on this record, up to a day (YYYY-MM-DD) if one is given."""
    return Promise(allowance=Allowance(rule, reason, until))


def dated(text: str) -> date | None:
    """A day as YYYY-MM-DD; None for any other text."""
    from datetime import date  # here alone: few declarations need it

    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def pre_save(method: Before) -> Before:
    """Marks a method to run before a live save."""
    return _hook("pre_save", method)


def pre_load(method: Before) -> Before:
    """Marks a method to run before a live load."""
    return _hook("pre_load", method)


def post_load(method: Loaded) -> Loaded:
    """Marks a method to run after a live load; it is told the version that came. It may raise HookRefused."""
    return _hook("post_load", method)


def after_load(method: Settled) -> Settled:
    """Marks a method to run once, when all sections of a machine are loaded; it may look at other devices."""
    return _hook("after_load", method)


def _hook(kind: str, method: M) -> M:
    setattr(method, "__vmstate_hook__", kind)
    return method
