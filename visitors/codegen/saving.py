"""The function that writes a record as QEMU's wire has it: what the walk does with a writer of bytes, written down."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from vmstate.shape import Member, Record, Shape, Subsection

from .codes import Step, Writing
from .members import below, leaves_of, looks_around, outer, spot_of, walked
from .places import Place
from .runs import WriteRun
from .spots import Spot
from .support import Function, Subsections, head
from .variants import Known, Variants


class Saving(Writing):
    """Writes a function that writes. Of what is read from a file, the subsections that were there are sent again."""

    def __init__(self, title: str, place: Place, live: bool, known: Known | None = None) -> None:
        super().__init__(title, place, live, known=known)
        self.run = WriteRun(self.source)
        self.branches = False

    def whole(self, again: Function, variants: Variants | None = None) -> Function:
        """Of a whole state: it returns the bytes. What goes wrong goes to `again`."""
        source, var = self.source, self.place.var
        source.head = f"def save({var}, c=None):"
        source.given["again"] = again
        holder = source.holder()
        with source.block("try:"):
            if variants is not None:
                variants.choose(source, self.place, f"{var}, c")
            begin = len(source.lines)
            source.line("out = []")
            source.line("add = out.append")
            self.record(self.around(self.place))
            self.run.flush()
            self.joined(begin)
        with source.block("except Exception as error:"):
            source.line(f"return again(error, {var}, c)")
        source.fill(holder, self.context())
        return source.compiled()

    def part(self) -> Function:
        """Of a subsection: it adds the bytes to others."""
        self.source.head = f"def save({self.place.var}, out, c, r):"
        holder = self.source.holder()
        self.source.line("add = out.append")
        self.record(self.around(self.place))
        self.run.flush()
        self.source.fill(holder, self.context())
        return self.source.compiled()

    def context(self) -> list[str]:
        """The line that makes a context, if anything asks for one."""
        return [f"if c is None: c = Context({self.source.name(self.mode, 'mode')})"] if self.asks else []

    def joined(self, begin: int) -> None:
        """One piece is the whole; of several one is made."""
        lines = self.source.lines
        pieces = [i for i, line in enumerate(lines) if line.startswith("        add(")]
        if not self.branches and len(pieces) == 1 and pieces[0] == len(lines) - 1:
            lines[-1] = f"        return {lines[-1].removeprefix('        add')}"
            lines[begin:begin + 2] = "", ""
        else:
            self.source.line("return b''.join(out)")

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """Code that may not run, or several times."""
        self.run.flush()
        self.branches = True
        with self.source.block(head):
            yield
            self.run.flush()

    def add(self, expression: str) -> None:
        """Bytes by themselves."""
        self.run.flush()
        self.source.line(f"add({expression})")

    # -- records

    def flush(self) -> None:
        """The code of all that was gathered."""
        self.run.flush()

    def record(self, place: Place) -> None:
        """A record in line."""
        self.inside(place)

    def finish(self, place: Place) -> None:
        record = place.record
        if record.imperative:
            self.asks = True
            self.add(f"c.transfer({place.var}, {place.around})")
            self.steps.append(Step(record.name, "walked", "a method alone says what is exchanged"))
        if record.subsections:
            self.subsections(record, place)

    def subsections(self, record: Record[Any], place: Place) -> None:
        """In a live save those that are needed; else those that were read, if any ever were."""
        subs = Subsections(record, self.mode, lambda sub, version: self.within(sub, version, place))
        self.below.append(subs)
        tail = f"{place.var}, out, c, {outer(place)})"
        if self.live:
            self.needed(place, subs)
            return
        pending, name = self.source.local("pending"), self.source.name(subs, "subsections")
        self.run.flush()
        self.source.line(f"{pending} = {name}.pending({place.var})")
        with self.block(f"if {pending} is None:"):
            self.needed(place, subs)
        with self.block("else:"), self.block(f"for sub, version in {pending}:"):
            self.source.line(f"{name}.write(sub, version, {tail}")

    def newest(self, index: int, sub: Subsection, place: Place, subs: Subsections) -> None:
        """One, of the version that is sent: in line if it is nothing but leaves."""
        text = head(sub, sub.record.version)
        inside = place.but(record=sub.record, version=sub.record.version, path=(repr(f"{sub.name}:"),))
        if members := leaves_of(inside, self.source, self.live):
            self.run.put(f"{len(text)}s", repr(text))
            for member in members:
                self.member(member, inside)
            return
        around = outer(place) if looks_around(sub.record) else "None"
        self.add(repr(text))
        self.source.line(f"{self.source.name(subs.newest, 'subsections')}[{index}]({place.var}, out, c, {around})")
        self.branches = True

    def within(self, sub: Subsection, version: int, place: Place) -> Function:
        """The function of a subsection of this place."""
        part = Saving(f"{self.title} {sub.name}", below(sub.record, version, place), self.live)
        self.parts.append((sub.name, part))
        return part.part()

    # -- members

    def member(self, member: Member, place: Place) -> None:
        spot = spot_of(member, place)
        if why := walked(member.shape, place):
            name, self.asks = self.source.name(member, "member"), True
            self.add(f"c.written({name}, {place.var}, {place.around})")
            self.note(spot, "walked", why)
        else:
            self.exchange(member.shape, spot)

    def exchange(self, shape: Shape, spot: Spot) -> None:
        """The value, as this shape is written."""
        from .writing import WRITERS  # which needs this module

        WRITERS[type(shape)](self, shape, spot)


Exchange = Callable[[Saving, Any, Spot], None]
