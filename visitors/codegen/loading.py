"""The function that reads a record from QEMU's wire: what the walk would do with a reader of bytes, written down.

Either into a state that is there or, `fresh`, into one that the function makes: without setting first what it then
reads. What is read in a row goes through one struct; a gate, a count or a hook ends the row.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from vmstate.shape import Asked, Fact, Member, Shape, Subsection

from .codes import Code, Step
from .fresh import Making
from .looks import looked_at
from .members import asks_path, below, is_value, leaves_of, looks_around, outer, spelled, spot_of, walked
from .places import UNKNOWN, Place, constant, reach, said
from .runs import ReadRun
from .source import Makers, class_of
from .spots import Spot
from .support import SUBSECTION, Function, Subsections, head
from .variants import Known, Variants

FEW = 8
"""Subsections that are looked for one by one at most."""


class Loading(Code):
    """Writes a function that reads. `document` is what the bytes that it is handed are called."""

    document = "data"

    def __init__(
        self, title: str, place: Place, live: bool, makers: Makers | None = None, known: Known | None = None
    ) -> None:
        super().__init__(title, place, live, makers, known)
        self.run = ReadRun(self.source, None, strict=not live)
        self.making: list[Making] = []
        self.met: set[str] = set()
        self.asks = not live and bool(place.record.subsections)

    def whole(self, again: Function, variants: Variants | None = None) -> Function:
        """Of a whole state: from the first byte to the last. What goes wrong goes to `again`."""
        source, var, fresh = self.source, self.place.var, self.place.fresh
        source.head = f"def load({'' if fresh else f'{var}, '}data, c=None):"
        source.given["again"] = again
        self.run.at = 0
        holder = source.holder()
        with source.block("try:"):
            source.perhaps("whole", "len(data)")
            if variants is not None:
                variants.choose(source, self.place, "data, c" if fresh else f"{var}, data, c")
            if fresh:
                self.make(var, self.place.template)
            self.record(self.around(self.place))
            self.made()
            self.run.flush(final=True)
            source.line(f"if {self.run.here()} != whole: raise Miss")
            self.settled(var)
            source.line(f"return {var}")
        with source.block("except Exception as error:"):
            source.line(f"return again(error, {'None' if fresh else var}, data, c)")
        source.fill(holder, self.context())
        return source.compiled()

    def part(self) -> Function:
        """Of a subsection: it is handed the place in the bytes, and returns the place behind."""
        self.source.head = f"def load({self.place.var}, data, at, c, r, p):"
        holder = self.source.holder()
        self.source.perhaps("whole", "len(data)")
        self.record(self.around(self.place))
        self.made()
        self.settle()
        self.source.line("return at")
        self.source.fill(holder, self.context())
        return self.source.compiled()

    def context(self) -> list[str]:
        """The line that makes a context, if anything asks for one."""
        if not self.asks and not (self.live and self.waits()):
            return []
        return [f"if c is None: c = Context({self.source.name(self.mode, 'mode')}, {self.document})"]

    def settled(self, var: str) -> None:
        """Hooks that wait until all is loaded: a state by itself is all."""
        if self.live and self.waits():
            self.source.line(f"if c.own and c.later: settle(c.later, Alone({var}))")

    def settle(self) -> None:
        """What was gathered is read; code may branch now."""
        self.run.settle()

    def asked(self, method: Any, place: Place) -> None:
        """What was gathered is read; a method of the author's looks at the state now."""
        one = self._making(place.var)
        kind: Any = class_of(place.template)
        names = None if one is None else looked_at(method, kind)
        if one is None or names is None or not one.looks(names):
            self.made(place.var)
        self.run.flush()

    def said(self, fact: Fact, place: Place) -> str:
        """A fact as an expression: if it is not known, the state is asked."""
        if constant(fact, place) is UNKNOWN:
            if isinstance(fact, Asked) and not fact.takes_around:
                self.asked(fact.method, place)
            else:
                self.made(None if isinstance(fact, Asked) else place.var)
        return said(fact, place, self.source)

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """Code that may not run, or several times."""
        self.settle()
        with self.source.block(head):
            yield
            self.settle()

    # -- new states

    def make(self, var: str, template: Any, parent: str = "") -> None:
        """A new state in this variable."""
        self.source.line(f"{var} = new({self.source.name(class_of(template), class_of(template).__name__)})")
        self.making.append(Making(self.source, var, template, self._making(parent)))

    def _making(self, var: str) -> Making | None:
        return next((one for one in self.making if one.var == var), None)

    def is_open(self, spot: Spot) -> bool:
        """Whether the state of this spot is being made: it has nothing here yet. An element is always new."""
        return spot.target.isidentifier() or self._making(spot.place.var) is not None

    def sets(self, spot: Spot) -> None:
        """This gets its value with what is read next, whatever it was."""
        one = self._making(spot.place.var)
        if one is not None and one.depth == self.source.depth:
            one.read.add(spot.target)

    def made(self, var: str | None = None) -> None:
        """Before anybody looks at a new state (default: at any), it holds what a reset leaves there."""
        for one in [one for one in self.making if var is None or one.is_in(var)]:
            one.fill(self.source)
            self.making.remove(one)

    # -- records

    def element(self) -> AbstractContextManager[None]:
        """One of several values."""
        return nullcontext()

    def record(self, place: Place) -> None:
        """The members in order, the subsections, the hooks."""
        if not self.version(place.record, place):
            return
        for hook in place.record.hooks.pre_load if self.live else ():
            self.asked(hook, place)
            self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var})")
        self.members(place)

    def gated(self, member: Member, place: Place) -> None:
        """The member's predicate looks at the state."""
        if member.when is not None:
            self.said(member.when, place)

    def fork(self, member: Member, place: Place, rest: int) -> None:
        """A new state is looked at: it holds the setting."""
        self.made()
        super().fork(member, place, rest)

    def ways(self, choices: tuple[Any, ...]) -> Iterator[Any]:
        """What is met one way is not met the other."""
        met = self.met.copy()
        for choice in choices:
            yield choice
            self.met = met.copy()

    def finish(self, place: Place) -> None:
        record, source = place.record, self.source
        if record.imperative:
            self.made()
            self.settle()
            self.asks = True
            source.line(f"at = c.transferred({spelled(place.path)}, {place.depth}, {place.var}, {place.around}, at)")
            self.steps.append(Step(record.name, "walked", "a method alone says what is exchanged"))
        if record.subsections:
            self.made()
            self.settle()
            self.subsections(place)
        else:
            self.run.end(record.name.encode())
        if self.live:
            self.hooks(place)

    def subsections(self, place: Place) -> None:
        """Those that stand here. In a live load few are looked for one by one; else they are found by name."""
        record, source = place.record, self.source
        subs = Subsections(record, self.mode, lambda sub, version: self.within(sub, version, place))
        self.below.append(subs)
        path = spelled(place.path) if asks_path(record) else "()"
        around = outer(place) if any(looks_around(sub.record) for sub in record.subsections) else "None"
        name, tail = source.name(subs, "subsections"), f"c, {around}, {path}"
        if not self.live:
            self.asks = True
            source.line(f"at = {name}.read({place.var}, data, at, {tail})")
        elif len(record.subsections) > FEW:
            source.line(f"if whole > at and data[at] == {SUBSECTION}: at = {name}.read({place.var}, data, at, {tail})")
        else:
            met = source.local("met")
            source.line(f"{met} = 0")
            with source.block(f"while whole > at and data[at] == {SUBSECTION}:"):
                for i, sub in enumerate(record.subsections):
                    test = f"data.startswith({head(sub, sub.record.version)!r}, at) and not {met} & {1 << i}"
                    with source.block(f"{'elif' if i else 'if'} {test}:"):
                        source.line(f"{met} |= {1 << i}")
                        self.newest(i, sub, place, subs, tail)
                with source.block("else:"):
                    source.line(f"at = {name}.read({place.var}, data, at, {tail}, {met})")
                    source.line("break")

    def newest(self, index: int, sub: Subsection, place: Place, subs: Subsections, tail: str) -> None:
        """One of the version that is known best: in line if it is nothing but leaves."""
        size = len(head(sub, sub.record.version))
        inside = place.but(record=sub.record, version=sub.record.version, path=(repr(f"{sub.name}:"),))
        members = leaves_of(inside, self.source, self.live) if sub.name.startswith(place.record.name) else []
        if not members:
            functions = self.source.name(subs.newest, "subsections")
            self.source.line(f"at = {functions}[{index}]({place.var}, data, at + {size}, {tail})")
            return
        self.run.skip(size)
        for member in members:
            self.member(member, inside)
        self.run.flush()

    def hooks(self, place: Place) -> None:
        """Those that run when a record is loaded."""
        hooks = place.record.hooks
        for hook in hooks.post_load:
            self.asked(hook, place)
            self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var}, {place.version})")
        for later in hooks.after_load:
            self.source.line(f"c.wait({self.source.name(later, later.__name__)}, {place.var})")

    def waits(self) -> bool:
        """Whether what is met on the way is wanted afterwards: keepsakes, hooks that wait."""
        return not self.live or any(one.hooks.after_load for one in reach(self.place.record))

    def within(self, sub: Subsection, version: int, place: Place) -> Function:
        """The function of a subsection of this place."""
        part = Loading(f"{self.title} {sub.name}", below(sub.record, version, place), self.live, self.source.makers)
        self.parts.append((sub.name, part))
        return part.part()

    # -- members

    def member(self, member: Member, place: Place) -> None:
        spot = self.spot(member, place)
        if why := walked(member.shape, place):
            self.walk(member, spot, why)
        elif member.attribute is not None and member.twice and not self.live and is_value(member.shape):
            local = self.source.local()
            self.exchange(member.shape, spot.but(target=local))
            self.run.flush()
            self.asks = True
            self.source.line(f"c.walk.keep_value({place.var}, {member.attribute!r}, {local})")
            self.source.line(f"{spot.target} = {local}")
        else:
            self.exchange(member.shape, spot)

    def spot(self, member: Member, place: Place) -> Spot:
        """Where its value goes. What was read before is there, even in a new state."""
        spot = spot_of(member, place)
        if member.twice and spot.target in self.met:
            spot = spot.but(was=UNKNOWN)
        self.met.add(spot.target)
        return spot

    def walk(self, member: Member, spot: Spot, why: str) -> None:
        """A member that the walk reads."""
        self.made()
        self.settle()
        self.asks, place = True, spot.place
        name = self.source.name(member, "member")
        self.source.line(f"at = c.read({spot.path}, {place.depth}, {name}, {place.var}, {place.around}, at)")
        self.note(spot, "walked", why)

    def exchange(self, shape: Shape, spot: Spot) -> None:
        """The value, as this shape is read."""
        from .reading import READERS  # which needs this module

        READERS[type(shape)](self, shape, spot)


Exchange = Callable[[Loading, Any, Spot], None]
