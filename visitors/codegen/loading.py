"""The function that reads a record from QEMU's wire: what the walk would do with a reader of bytes, written down.

Either into a state that is there or, `fresh`, into one that the function makes: without setting first what it then
reads. What is read in a row goes through one struct; a gate, a count or a hook ends the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vmstate.nodes import Node, node
from vmstate.shape import (
    Array,
    Bits,
    Descriptor,
    Mapping,
    Member,
    Nested,
    Nullable,
    Opaque,
    Record,
    Same,
    Setting,
    Shape,
    Subsection,
    Temporary,
)
from vmstate.walk import Mode

from .fresh import Making, presets
from .places import UNKNOWN, Place, constant, facts, reach, said, shapes, widths_vary, within
from .runs import ReadRun
from .source import Makers, Source
from .spots import Spot
from .support import GIVEN, Function, Subsections

WALKED: dict[type, str] = {
    Opaque: "foreign bytes, through their codec", Descriptor: "a descriptor", Mapping: "a mapping",
}
"""Shapes that are left to the walk, and why."""
ASKING = (Setting, Bits, *WALKED)
MOST_CHOICES = 4


@node
class Step(Node):
    """What became of a member: how it is read or written, and why it is left to the walk."""

    path: str
    how: str
    why: str = ""


class Loading:
    """Writes one function. `live`: hooks run; else what no attribute holds is a miss."""

    def __init__(self, title: str, place: Place, live: bool, makers: Makers | None = None) -> None:
        self.source, self.place = Source(title, "", makers), place
        self.source.given.update(GIVEN)
        self.title, self.live, self.mode = title, live, Mode.LIVE if live else Mode.WIRE
        self.run = ReadRun(self.source, None, strict=not live)
        self.steps: list[Step] = []
        self.making: list[Making] = []
        self.read: set[str] = set()
        self.met: set[str] = set()
        self.asks = not live and bool(place.record.subsections)

    def whole(self, again: Function) -> Function:
        """Of a whole state: from the first byte to the last. What goes wrong goes to `again`."""
        source, var, fresh = self.source, self.place.var, self.place.fresh
        source.head = f"def load({'' if fresh else f'{var}, '}data, c=None):"
        source.given["again"] = again
        self.run.at = 0
        holder = source.holder()
        with source.block("try:"):
            if fresh:
                self.make(var, self.place.template)
            self.record(self.around(self.place))
            self.flush()
            source.line(f"if {self.run.here()} != len(data): raise Miss")
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
        self.record(self.around(self.place))
        self.settle()
        self.source.line("return at")
        self.source.fill(holder, self.context())
        return self.source.compiled()

    def context(self) -> list[str]:
        """The line that makes a context, if anything asks for one."""
        if not self.asks and not (self.live and self.waits()):
            return []
        return [f"if c is None: c = Context({self.source.name(self.mode, 'mode')}, data)"]

    def settled(self, var: str) -> None:
        """Hooks that wait until all is loaded: a state by itself is all."""
        if self.live and self.waits():
            self.source.line(f"if c.own and c.later: settle(c.later, Alone({var}))")

    def settle(self) -> None:
        """What was gathered is read; code may branch now, or call what looks at the state."""
        self.made()
        self.run.settle()

    def flush(self) -> None:
        """What was gathered is read; code may look at the state now."""
        self.made()
        self.run.flush()

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Code that may not run, or several times."""
        self.settle()
        with self.source.block(head):
            yield
            self.settle()

    def note(self, spot: Spot, how: str, why: str = "") -> None:
        self.steps.append(Step(path_of(spot), how, why))

    # -- new states

    def make(self, var: str, template: Any) -> None:
        """A new state in this variable."""
        self.source.line(f"{var} = new({self.source.name(type(template), type(template).__name__)})")
        self.making.append(Making(self.source.holder(), var, template))

    def sets(self, target: str) -> None:
        """This gets its value with what is read next, whatever it was."""
        self.read.add(target)

    def made(self) -> None:
        """Before anybody looks at new states, they hold what a reset leaves there."""
        for one in self.making:
            self.source.fill(one.holder, presets(one, self.read, self.source))
        self.making, self.read = [], set()

    # -- records

    def around(self, place: Place) -> Place:
        """The place with a variable for its Around, if anybody within asks for it."""
        if not asks_around(place.record):
            return place
        name = self.source.local("a")
        self.source.line(f"{name} = Around({place.var}, {outer(place)}, {place.version})")
        return place.but(around=name)

    def record(self, place: Place) -> None:
        """The members in order, the subsections, the hooks."""
        record = place.record
        if not record.minimum <= place.version <= record.version:
            self.source.line("raise Miss")
            return
        if self.live:
            for hook in record.hooks.pre_load:
                self.flush()
                self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var})")
        self.members(place, 0)

    def members(self, place: Place, first: int) -> None:
        """Those from this one on, and what follows."""
        members = place.record.members
        for i in range(first, len(members)):
            truth = gate(members[i], place, self.source)
            if truth == "True":
                self.member(members[i], place)
                if forks(members[i], place):
                    self.fork(members[i], place, i + 1)
                    return
            elif truth != "False":
                with self.block(f"if {truth}:"):
                    self.member(members[i], place)
        self.finish(place)

    def fork(self, member: Member, place: Place, rest: int) -> None:
        """The rest of the record, once for each choice of a setting that decides widths."""
        assert isinstance(member.shape, Setting) and member.attribute is not None
        self.settle()
        word, met = "if", self.met.copy()
        for choice in member.shape.choices:
            with self.block(f"{word} {place.attribute(member.attribute)} == {choice!r}:"):
                self.members(place.knowing(member.attribute, choice), rest)
            word, self.met = "elif", met.copy()
        self.source.line("else: raise Miss")

    def finish(self, place: Place) -> None:
        record, source = place.record, self.source
        if record.imperative:
            self.settle()
            self.asks = True
            source.line(f"at = c.transferred({spelled(place.path)}, {place.var}, {place.around}, at)")
            self.steps.append(Step(record.name, "walked", "a method alone says what is exchanged"))
        if record.subsections:
            self.settle()
            self.asks = self.asks or not self.live
            subs = Subsections(record, self.mode, lambda sub, version: self.within(sub, version, place))
            path = spelled(place.path) if asks_path(record) else "()"
            call = f"at = {source.name(subs, 'subsections')}.read({place.var}, data, at, c, {outer(place)}, {path})"
            source.line(f"if data[at:at + 1] == FIVE: {call}" if self.live else call)
        else:
            self.run.end(record.name.encode())
        if self.live:
            self.hooks(place)

    def hooks(self, place: Place) -> None:
        """Those that run when a record is loaded."""
        hooks = place.record.hooks
        for hook in hooks.post_load:
            self.flush()
            self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var}, {place.version})")
        for later in hooks.after_load:
            self.source.line(f"c.wait({self.source.name(later, later.__name__)}, {place.var})")

    def waits(self) -> bool:
        """Whether what is met on the way is wanted afterwards: keepsakes, hooks that wait."""
        return not self.live or any(one.hooks.after_load for one in reach(self.place.record))

    def within(self, sub: Subsection, version: int, place: Place) -> Function:
        """The function of a subsection of this place."""
        return Loading(f"{self.title} {sub.name}", below(sub.record, version, place), self.live,
                       self.source.makers).part()

    # -- members

    def member(self, member: Member, place: Place) -> None:
        spot = self.spot(member, place)
        if why := walked(member.shape, place):
            self.walk(member, spot, why)
        elif member.attribute is not None and member.twice and not self.live and is_value(member.shape):
            local = self.source.local()
            self.exchange(member.shape, spot.but(target=local))
            self.flush()
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
        self.settle()
        self.asks, place = True, spot.place
        self.source.line(
            f"at = c.read({spot.path}, {self.source.name(member, 'member')}, {place.var}, {place.around}, at)")
        self.note(spot, "walked", why)

    def exchange(self, shape: Shape, spot: Spot) -> None:
        """The value, as this shape is read."""
        from .reading import READERS  # which needs this module

        READERS[type(shape)](self, shape, spot)


# -- what is known of a place when its code is written

def spot_of(member: Member, place: Place) -> Spot:
    """Where a member's value goes."""
    if member.attribute is None:
        return Spot("None", "_", place, repr(member.key))
    target = place.attribute(member.attribute)
    was = getattr(place.template, member.attribute) if place.fresh else UNKNOWN
    return Spot(target, target, place, repr(member.key), was)


def path_of(spot: Spot) -> str:
    """The steps to a value, as they are shown: an element has no number."""
    steps = (step.strip("'") if step[0] == "'" else "[]" for step in (*spot.place.path, spot.key) if step[0] != "*")
    return ".".join(steps).replace(".[", "[")


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


def is_value(shape: Shape) -> bool:
    """Whether its values are neither lists nor states."""
    return not any(isinstance(one, Array | Nested | Same | Temporary | Nullable | Setting) for one in within(shape))


def asks_around(record: Record[Any]) -> bool:
    """Whether anything within it looks at the states around, or is left to the walk, which hands them on."""
    for one in reach(record):
        if one.imperative or any(type(shape) in WALKED or isinstance(shape, Bits) for shape in shapes(one)):
            return True
        if any(getattr(fact, "takes_around", False) for fact in facts(one)):
            return True
        if one in list(reach_below(one)):
            return True
    return False


def asks_path(record: Record[Any]) -> bool:
    """Whether anything within is found by its path: a setting, or what is left to the walk."""
    return any(one.imperative or any(isinstance(shape, ASKING) for shape in shapes(one)) for one in reach(record))


def reach_below(record: Record[Any]) -> Iterator[Record[Any]]:
    """The records within a record; itself if it is within itself."""
    from .places import parts

    for part in parts(record, record.kind):
        yield from reach(part)


def spelled(path: tuple[str, ...]) -> str:
    """Steps as a tuple's expression."""
    return f"({''.join(f'{step}, ' for step in path)})"


Exchange = Callable[[Loading, Any, Spot], None]
