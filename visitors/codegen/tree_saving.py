"""The function that writes a record as a document: what the walk would do with a writer of names, written down."""

from __future__ import annotations

from abc import abstractmethod
from ast import literal_eval
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from vmstate.errors import render_path
from vmstate.nodes import Node, node
from vmstate.shape import Member, Record, Shape, Subsection

from .._tree import SETTINGS, VERSION
from .._types import RECORD, key_of
from .._types import spelled as named
from .codes import Writing
from .members import asks_path, below, gate, looks_around, outer, spelled, spot_of
from .places import Place
from .spelling import Spelling
from .support import Function, Miss, Subsections
from .tree_facts import UNNAMED, alone, left, settings_apart, settings_in_line
from .variants import Known, Variants


@node
class Met(Node):
    """A setting: the steps to it, and its value as an expression."""

    path: tuple[str, ...]
    value: str


class TreeSaving(Writing):
    """Writes one function.

    `apart`: settings are met where code has branched, and gathered when it runs; else `settings` has them. `finished`
    is what becomes of all that was written.
    """

    finished = "{}"

    def __init__(self, title: str, place: Place, live: bool, known: Known | None = None, *, form: Spelling) -> None:
        super().__init__(title, place, live, known=known)
        self.form, self.pieces = form, form.pieces(self.source)
        self.apart, self.settings = settings_apart(place.record), list[Met]()
        self.source.given.update(form.given)

    def whole(self, again: Function, variants: Variants | None = None) -> Function:
        """Of a whole state: it returns the bytes. What goes wrong goes to `again`."""
        source, var = self.source, self.place.var
        source.head = f"def save({var}, c=None):"
        source.given["again"] = again
        holder = source.holder()
        with source.block("try:"):
            if variants is not None:
                variants.choose(source, self.place, f"{var}, c")
            with self.pieces.whole(self.finished):
                self.root(self.around(self.place))
        with source.block("except Exception as error:"):
            source.line(f"return again(error, {var}, c)")
        source.fill(holder, self.context())
        return source.compiled()

    def part(self) -> Function:
        """Of a subsection: it returns the bytes of its record."""
        self.source.head = f"def save({self.place.var}, version, c, r, p):"
        place = self.around(self.place)
        with self.pieces.whole(), self.bracket(place, 1):
            with self.entry(VERSION):
                self.value(f"{self.table(32)}[version]")
            self.inside(place)
        return self.source.compiled()

    def root(self, place: Place) -> None:
        """The record, and the settings behind its entries."""
        told = any(one.always for one in settings_in_line(place))
        with self.bracket(place, int(told and not self.apart), self.apart):
            self.inside(place)
            if self.apart:
                self.asks = True
                with self.block("if c.settings:"):
                    with self.entry(SETTINGS):
                        self.value("settings(c.settings)")
                    self.count()
            elif told:
                with self.entry(SETTINGS):
                    self.told()

    def told(self) -> None:
        """The settings that were met."""
        paths = tuple(render_path(tuple(map(literal_eval, one.path))) for one in self.settings)
        values = "".join(f"type({one.value}), {one.value}, " for one in self.settings)
        table = self.source.name(self.form.settings_of(paths), "settings")
        self.value(f"{table}[{values}]")

    # -- parts of a document

    def value(self, expression: str) -> None:
        """A value's bytes."""
        self.pieces.add(expression)

    def values(self, several: str) -> None:
        """Elements, as what gives their bytes."""
        self.value(f"*{several}")

    @abstractmethod
    def octets(self, data: str, size: Any) -> None:
        """Bytes, so many if that is known."""

    def table(self, bits: int, signed: bool = False) -> str:
        """The table of integers of a width."""
        return self.source.name(self.form.spelled(bits, signed), f"{'i' if signed else 'u'}{bits}")

    @abstractmethod
    def entry(self, label: str, number: int = 0) -> AbstractContextManager[None]:
        """A value with its name, of which this is the number in the declaration."""

    @abstractmethod
    def items(self, n: int | str) -> AbstractContextManager[None]:
        """So many values."""

    def element(self) -> AbstractContextManager[None]:
        """One of them."""
        return nullcontext()

    @abstractmethod
    def bracket(self, place: Place, more: int = 0, varies: bool = False) -> AbstractContextManager[None]:
        """A record, with so many entries besides its own, if that does not vary."""

    def count(self, n: int = 1) -> None:
        """So many entries more, where they have to be counted."""

    def context(self) -> list[str]:
        """The line that makes a context, if anything asks for one."""
        return [f"if c is None: c = Context({self.source.name(self.mode, 'mode')})"] if self.asks else []

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """Code that may not run, or several times."""
        self.pieces.flush()
        with self.source.block(head):
            yield
            self.pieces.flush()

    # -- records

    def record(self, place: Place) -> None:
        """A record within: a value as any other."""
        with self.bracket(place):
            self.inside(place)

    def flush(self) -> None:
        """The code of all that was gathered."""
        self.pieces.flush()

    def members(self, place: Place, first: int = 0) -> None:
        """Those from this one on, and what follows."""
        always = 0
        for i, member in enumerate(place.record.members):
            truth, is_entry = gate(member, place, self.source), not isinstance(member.shape, UNNAMED)
            if truth == "True":
                self.numbered(member, place, i)
                always += is_entry
            elif truth != "False":
                with self.block(f"if {truth}:"):
                    self.numbered(member, place, i)
                    self.count(is_entry)
        self.count(always)
        self.finish(place)

    def member(self, member: Member, place: Place) -> None:
        self.numbered(member, place, place.record.members.index(member))

    def numbered(self, member: Member, place: Place, number: int) -> None:
        """A member, which has this place in the declaration."""
        spot = spot_of(member, place)
        if why := left(member.shape, place):
            raise Miss(why)
        if isinstance(member.shape, UNNAMED):
            self.exchange(member.shape, spot)
        else:
            with self.entry(key_of(member), number):
                self.exchange(member.shape, spot)

    def finish(self, place: Place) -> None:
        if why := alone(place.record):
            raise Miss(why)
        if place.record.subsections:
            self.subsections(place.record, place)

    def subsections(self, record: Record[Any], place: Place) -> None:
        """In a live save those that are needed; else those that were read, if any ever were."""
        subs = Subsections(record, self.mode, lambda sub, version: self.within(sub, version, place))
        if self.live:
            self.needed(place, subs)
            return
        pending, name = self.source.local("pending"), self.source.name(subs, "subsections")
        self.pieces.flush()
        self.source.line(f"{pending} = {name}.pending({place.var})")
        with self.block(f"if {pending} is None:"):
            self.needed(place, subs)
        with self.block("else:"), self.block(f"for sub, version in {pending}:"):
            for i, sub in enumerate(record.subsections):
                with self.block(f"if sub is {self.source.name(sub, 'sub')}:"):
                    self.subsection(i, sub, place, f"{name}.function(sub, version & 255)", "version")

    def newest(self, index: int, sub: Subsection, place: Place, subs: Subsections) -> None:
        """One, of the version that is sent."""
        functions = self.source.name(subs.newest, "subsections")
        self.subsection(index, sub, place, f"{functions}[{index}]", str(sub.record.version))

    def subsection(self, index: int, sub: Subsection, place: Place, function: str, version: str) -> None:
        around = outer(place) if looks_around(sub.record) else "None"
        path = spelled(place.path) if asks_path(sub.record) else "()"
        self.asks = self.asks or self.apart
        with self.entry(named(sub.name, RECORD, sub.skippable), len(place.record.members) + index):
            self.value(f"{function}({place.var}, {version}, c, {around}, {path})")
        self.count()

    def within(self, sub: Subsection, version: int, place: Place) -> Function:
        """The function of a subsection of this place."""
        made = type(self)(f"{self.title} {sub.name}", below(sub.record, version, place), self.live, form=self.form)
        made.apart = self.apart
        self.parts.append((sub.name, made))
        return made.part()

    def exchange(self, shape: Shape, spot: Any) -> None:
        """The value, as this shape is written."""
        from .tree_writing import WRITERS  # which needs this module

        WRITERS[type(shape)](self, shape, spot)


Exchange = Callable[[TreeSaving, Any, Any], None]
