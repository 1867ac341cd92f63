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
    Asked,
    Bits,
    Descriptor,
    Fact,
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
    Subsection,
    Temporary,
)
from vmstate.walk import Mode

from .fresh import Making
from .looks import looked_at
from .places import UNKNOWN, Place, constant, facts, reach, said, shapes, widths_vary, within
from .runs import ReadRun
from .source import Makers, Source
from .spots import FEW as SMALL
from .spots import Spot, code_of
from .variants import Known, Variants
from .support import GIVEN, SUBSECTION, Function, Subsections, head

FEW = 8
"""Subsections that are looked for one by one at most."""
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

    def __init__(
        self, title: str, place: Place, live: bool, makers: Makers | None = None, known: Known | None = None
    ) -> None:
        self.known: Known = known or {}
        self.source, self.place = Source(title, "", makers), place.but(known=(*place.known, *self.known.get((), ())))
        self.source.given.update(GIVEN)
        self.title, self.live, self.mode = title, live, Mode.LIVE if live else Mode.WIRE
        self.run = ReadRun(self.source, None, strict=not live)
        self.steps: list[Step] = []
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
        return [f"if c is None: c = Context({self.source.name(self.mode, 'mode')}, data)"]

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
        names = None if one is None else looked_at(method, type(place.template))
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
    def block(self, head: str) -> Iterator[None]:
        """Code that may not run, or several times."""
        self.settle()
        with self.source.block(head):
            yield
            self.settle()

    def note(self, spot: Spot, how: str, why: str = "") -> None:
        self.steps.append(Step(path_of(spot), how, why))

    # -- new states

    def make(self, var: str, template: Any, parent: str = "") -> None:
        """A new state in this variable."""
        self.source.line(f"{var} = new({self.source.name(type(template), type(template).__name__)})")
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

    def around(self, place: Place) -> Place:
        """The place with a variable for its Around; the line goes again if nobody asks for it."""
        name = self.source.local("a")
        self.source.perhaps(name, f"Around({place.var}, {outer(place)}, {place.version})")
        return place.but(around=name)

    def record(self, place: Place) -> None:
        """The members in order, the subsections, the hooks."""
        record = place.record
        if not record.minimum <= place.version <= record.version:
            self.source.line("raise Miss")
            return
        if self.live:
            for hook in record.hooks.pre_load:
                self.asked(hook, place)
                self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var})")
        self.members(place, 0)

    def members(self, place: Place, first: int) -> None:
        """Those from this one on, and what follows."""
        members = place.record.members
        for i in range(first, len(members)):
            truth = gate(members[i], place, self.source)
            if is_known(members[i], place):
                continue
            if truth == "True":
                self.member(members[i], place)
                if forks(members[i], place):
                    self.fork(members[i], place, i + 1)
                    return
            elif truth != "False":
                self.said(members[i].when or 0, place)
                with self.block(f"if {truth}:"):
                    self.member(members[i], place)
        self.finish(place)

    def fork(self, member: Member, place: Place, rest: int) -> None:
        """The rest of the record, once for each choice of a setting that decides widths."""
        assert isinstance(member.shape, Setting) and member.attribute is not None
        self.made()
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
            self.made()
            self.settle()
            self.asks = True
            source.line(f"at = c.transferred({spelled(place.path)}, {place.var}, {place.around}, at)")
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
        inside = place.but(record=sub.record, version=sub.record.version)
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
    return Spot(target, target, place, repr(member.key), was, (*place.names, member.attribute))


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
        return isinstance(shape.size, int) and 0 < shape.size <= SMALL
    if isinstance(shape, Array):
        plain = isinstance(shape.of, Int) and isinstance(shape.count, int) and 0 < shape.count <= SMALL
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


Exchange = Callable[[Loading, Any, Spot], None]
