"""What code for reading and code for writing have in common: the way through a record's members."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, cast

from vmstate.nodes import Node, node
from vmstate.shape import Member, Record, Setting, Subsection
from vmstate.walk import Mode

from .members import forks, gate, is_known, outer, path_of
from .places import Place, said
from .source import Makers, Source
from .spots import Spot
from .support import GIVEN, Subsections
from .variants import Known


@node
class Step(Node):
    """What became of a member: how it is read or written, and why it is left to the walk."""

    path: str
    how: str
    why: str = ""


class Code(ABC):
    """One function that is being written. `live`: hooks run; else what no attribute holds is a miss."""

    def __init__(
        self, title: str, place: Place, live: bool, makers: Makers | None = None, known: Known | None = None
    ) -> None:
        self.known: Known = known or {}
        self.source, self.place = Source(title, "", makers), place.but(known=(*place.known, *self.known.get((), ())))
        self.source.given.update(GIVEN)
        self.title, self.live, self.mode = title, live, Mode.LIVE if live else Mode.WIRE
        self.steps: list[Step] = []
        self.parts: list[tuple[str, Code]] = []
        self.below: list[Subsections] = []
        self.asks = False

    def note(self, spot: Spot, how: str, why: str = "") -> None:
        """What became of a member, for whoever looks at the plan."""
        self.steps.append(Step(path_of(spot), how, why))

    def all_steps(self) -> Iterator[Step]:
        """What became of each member, and of those of subsections, whose code is made for it."""
        yield from self.steps
        for subs in self.below:
            for sub in subs.record.subsections:
                subs.function(sub, sub.record.version & 0xFF)
        for name, part in self.parts:
            for step in part.all_steps():
                yield step.but(path=f"{name}: {step.path}" if ": " not in step.path else step.path)

    def around(self, place: Place) -> Place:
        """The place with a variable for its Around; the line goes again if nobody asks for it."""
        name = self.source.local("a")
        self.source.perhaps(name, f"Around({place.var}, {outer(place)}, {place.version})")
        return place.but(around=name)

    def members(self, place: Place, first: int = 0) -> None:
        """Those from this one on, and what follows."""
        members = place.record.members
        for i in range(first, len(members)):
            member, truth = members[i], gate(members[i], place, self.source)
            if is_known(member, place) or truth == "False":
                continue
            if truth == "True":
                self.member(member, place)
                if forks(member, place):
                    self.fork(member, place, i + 1)
                    return
            else:
                self.gated(member, place)
                with self.block(f"if {truth}:"):
                    self.member(member, place)
        self.finish(place)

    def fork(self, member: Member, place: Place, rest: int) -> None:
        """The rest of the record, once for each choice of a setting that decides widths."""
        word, attribute = "if", str(member.attribute)
        for choice in self.ways(cast(Setting, member.shape).choices):
            with self.block(f"{word} {place.attribute(attribute)} == {choice!r}:"):
                self.members(place.knowing(attribute, choice), rest)
            word = "elif"
        self.source.line("else: raise Miss")

    def ways(self, choices: tuple[Any, ...]) -> Iterator[Any]:
        """The choices of a setting, one after the other."""
        yield from choices

    @abstractmethod
    def gated(self, member: Member, place: Place) -> None:
        """The member's predicate is asked now."""

    def version(self, record: Record[Any], place: Place) -> bool:
        """Whether the record is read and written at this version; else the code goes no further."""
        if record.minimum <= place.version <= record.version:
            return True
        self.source.line("raise Miss")
        return False

    @abstractmethod
    def block(self, head: str) -> AbstractContextManager[None]:
        """Code that may not run, or several times."""

    @abstractmethod
    def member(self, member: Member, place: Place) -> None:
        """One member."""

    @abstractmethod
    def finish(self, place: Place) -> None:
        """What comes behind the members."""


class Writing(Code):
    """One that writes."""

    @abstractmethod
    def flush(self) -> None:
        """The code of all that was gathered."""

    @abstractmethod
    def record(self, place: Place) -> None:
        """A record within."""

    @abstractmethod
    def exchange(self, shape: Any, spot: Spot) -> None:
        """The value, as this shape is written."""

    @abstractmethod
    def newest(self, index: int, sub: Subsection, place: Place, subs: Subsections) -> None:
        """One subsection, of the version that is sent."""

    def inside(self, place: Place) -> None:
        """The hooks, the members in order, the subsections."""
        if not self.version(place.record, place):
            return
        for hook in place.record.hooks.pre_save if self.live else ():
            self.flush()
            self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var})")
        kept = f"{place.var}._kept"
        odd = f"{kept}.foreign" if self.live else f"({kept}.raw or {kept}.foreign)"
        self.source.line(f"if {kept} is not None and {odd}: raise Miss")
        self.members(place)

    def gated(self, member: Member, place: Place) -> None:
        """That looks at nothing that was not there before."""

    def needed(self, place: Place, subs: Subsections) -> None:
        """Each subsection of which its predicate says so."""
        for i, sub in enumerate(place.record.subsections):
            if sub.needed is None:
                self.newest(i, sub, place, subs)
            else:
                with self.block(f"if {said(sub.needed, place, self.source)}:"):
                    self.newest(i, sub, place, subs)
