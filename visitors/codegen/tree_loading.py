"""The function that reads a document: what the walk would do with a reader of names, written down.

It reads what the generated writer writes: entries in the declaration's order, of the declared types, and no others.
Whatever else a document may be, the walk reads. The settings stand at the end, and are looked at first.
"""

from __future__ import annotations

from abc import abstractmethod
from ast import literal_eval
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import product
from typing import Any

from vmstate.errors import render_path
from vmstate.shape import Member, Setting, Shape, Subsection

from .._tree import VERSION
from .._types import RECORD, key_of
from .._types import spelled as named
from .loading import Loading
from .members import asks_path, below, gate, is_value, looks_around, outer, spelled
from .patterns import PatternRun
from .places import Place
from .source import Makers
from .spelling import Spelling
from .spots import Spot
from .support import Function, Miss, Subsections
from .tree_facts import UNNAMED, alone, has_settings, left, settings_apart, settings_in_line
from .tree_support import Sections
from .variants import Fixed, Known, Variants


class TreeLoading(Loading):
    """Writes one function.

    `sure`: a live load runs hooks of inner states only when it is known that all can be read. `tolerant`: no head says
    how many entries there are, so that one may stand where a predicate says no; the walk takes it.
    """

    tolerant = False

    def __init__(
        self, title: str, place: Place, live: bool, makers: Makers | None = None, known: Known | None = None, *,
        form: Spelling, sure: Function | None = None,
    ) -> None:
        super().__init__(title, place, live, makers, known)
        self.form, self.sure = form, sure
        self.pattern = form.run(self.source)
        self.apart, self.told = settings_apart(place.record), has_settings(place.record)
        self.source.given |= form.given | {"sure": sure}

    @property
    def pattern(self) -> PatternRun:
        """What is read in a row."""
        return self._pattern

    @pattern.setter
    def pattern(self, run: PatternRun) -> None:
        self._pattern = self.run = run  # type: ignore[assignment]  # of another kind

    def whole(self, again: Function, variants: Variants | None = None) -> Function:
        """Of a whole state: from the first byte to the last. What goes wrong goes to `again`."""
        source, var, fresh, given = self.source, self.place.var, self.place.fresh, self.document
        source.head = f"def load({'' if fresh else f'{var}, '}{given}, c=None):"
        source.given["again"] = again
        holder = source.holder()
        with source.block("try:"):
            source.line("at = 0")
            self.settings()
            if variants is not None:
                self.choose(variants, f"{given}, c" if fresh else f"{var}, {given}, c")
            if fresh:
                self.make(var, self.place.template)
            self.root(self.around(self.place))
            self.settled(var)
            source.line(f"return {var}")
        with source.block("except Exception as error:"):
            source.line(f"return again(error, {'None' if fresh else var}, {given}, c)")
        source.fill(holder, self.context())
        return source.compiled()

    def settings(self) -> None:
        """What the document says of settings, and where it does."""
        if self.told:
            self.source.line("if c is not None and c.trial.given: raise Miss")
        self.begin()

    @abstractmethod
    def begin(self) -> None:
        """What is read is `data`, up to `whole`; `told` are its settings."""

    def choose(self, variants: Variants, arguments: str) -> None:
        """Other settings than those after reset have code of their own, whatever a live state has."""
        paths = {(one.names, one.attribute): one.path for one in reversed([*settings_in_line(self.place)])}
        usual = tuple(one.usual for one in variants.settings)
        if not usual:
            return
        others, told = self.source.name(variants, "others"), self.source.local("told")
        known = self.source.name(frozenset(product(*(one.choices for one in variants.settings))), "known")
        values = (f"told.get({paths.get((one.names, one.attribute), '')!r}, {self.held(one)})"
                  for one in variants.settings)
        self.source.line(f"{told} = {', '.join(values)},")
        with self.source.block(f"if {told} != {self.source.name(usual, 'usual')}:"):
            self.source.line(f"return {others}[{told} if {told} in {known} else None]({arguments})")

    def held(self, one: Fixed) -> str:
        """What a setting is if the document does not tell, as an expression."""
        return self.source.name(one.usual, "usual") if self.place.fresh else one.said(self.place.var)

    def rooted(self, place: Place) -> None:
        """Behind the root's entries."""
        self.made(place.var)
        self.pattern.flush()
        self.source.line("if at != whole or told: raise Miss")
        if self.live:
            super().hooks(place)

    def part(self) -> Function:
        """Of a subsection: it is handed the place in the bytes, and returns the place behind."""
        self.source.head = f"def load({self.place.var}, data, at, whole, told, c, r, p):"
        holder, place = self.source.holder(), self.around(self.place)
        with self.bracket(place, 1):
            with self.entry(VERSION):
                self.pattern.literal(self.form.dumps(place.record.version))
            self.inside(place)
        self.hooks(place)
        self.made()
        self.settle()
        self.source.line("return at")
        self.source.fill(holder, self.context())
        return self.source.compiled()

    # -- parts of a document

    @abstractmethod
    def entry(self, label: str, number: int = 0) -> AbstractContextManager[None]:
        """A value with its name, of which this is the number in the declaration."""

    @abstractmethod
    def items(self, n: int | str) -> AbstractContextManager[None]:
        """So many values."""

    @abstractmethod
    def bracket(self, place: Place, more: int = 0) -> AbstractContextManager[None]:
        """A record, with so many entries besides its own."""

    @abstractmethod
    def stands(self, label: str, number: int) -> str:
        """Whether an entry of this name comes next, as an expression."""

    @abstractmethod
    def left(self) -> tuple[str, str]:
        """Whether the record has more entries; how many, and where they end, as far as one of the two is known."""

    @abstractmethod
    def each(self) -> AbstractContextManager[tuple[str, str]]:
        """Code for each of as many as there are: its number, and whether it is the last, as expressions."""

    @abstractmethod
    def octets(self, size: int) -> str:
        """So many bytes, as an expression."""

    @abstractmethod
    def told_octets(self, size: str) -> str:
        """Bytes of which the state tells how many they are, as an expression."""

    @abstractmethod
    def own_octets(self) -> str:
        """As many as there are, as an expression."""

    def count(self, n: int = 1) -> None:
        """So many entries more, where they have to be counted."""

    @abstractmethod
    def root(self, place: Place) -> None:
        """The whole record; its hooks run when it is known that nothing is left."""

    # -- records

    def record(self, place: Place) -> None:
        """A record within: a value as any other."""
        with self.bracket(place):
            self.inside(place)
        self.hooks(place)

    def inside(self, place: Place) -> None:
        """The members in order, the subsections."""
        if not self.version(place.record, place):
            return
        for hook in place.record.hooks.pre_load if self.live else ():
            self.asked(hook, place)
            self.source.line(f"{self.source.name(hook, hook.__name__)}({place.var})")
        self.members(place)

    def hooks(self, place: Place) -> None:
        """Those of an inner state."""
        hooks = place.record.hooks
        if self.live and self.sure is not None and (hooks.post_load or hooks.pre_load):
            self.made(place.var)
            self.pattern.flush()
            self.asks = True
            self.source.line("sure(c)")
        if self.live:
            super().hooks(place)

    def members(self, place: Place, first: int = 0) -> None:
        """Those from this one on, and what follows."""
        always = 0
        for i, member in enumerate(place.record.members):
            truth, is_entry = gate(member, place, self.source), not isinstance(member.shape, UNNAMED)
            if truth == "True":
                self.numbered(member, place, i)
                always += is_entry
            elif truth != "False" or (self.tolerant and member.when is not None):
                self.gated(member, place)
                self.settle()
                if is_entry:
                    self.perhaps(member, place, i, truth)
                else:
                    with self.block(f"if {truth}:"):
                        self.numbered(member, place, i)
        self.count(always)
        self.finish(place)

    def perhaps(self, member: Member, place: Place, number: int, truth: str) -> None:
        """A member that is there if it stands here; it has to be there if its predicate says so."""
        there = self.source.local("there")
        self.source.line(f"{there} = {truth}")
        with self.block(f"if {self.stands(key_of(member), number)}:"):
            self.numbered(member, place, number)
            self.count()
        self.source.line(f"elif {there}: raise Miss")

    def numbered(self, member: Member, place: Place, number: int) -> None:
        """A member, which has this place in the declaration."""
        spot = self.spot(member, place)
        if why := left(member.shape, place):
            raise Miss(why)
        if isinstance(member.shape, Setting):
            self.setting(member, spot)
        elif isinstance(member.shape, UNNAMED):
            self.exchange(member.shape, spot)
        else:
            with self.entry(key_of(member), number):
                self.value(member, spot)

    def value(self, member: Member, spot: Spot) -> None:
        if member.attribute is None or not member.twice or self.live or not is_value(member.shape):
            self.exchange(member.shape, spot)
            return
        local = self.source.local()
        self.exchange(member.shape, spot.but(target=local))
        self.pattern.flush()
        self.asks = True
        self.source.line(f"c.walk.keep_value({spot.place.var}, {member.attribute!r}, {local})")
        self.source.line(f"{spot.target} = {local}")

    def setting(self, member: Member, spot: Spot) -> None:
        """What the document says. It has to be what the code knows."""
        steps = spelled((*spot.place.path, spot.key))
        plain = all(step[0] in "'\"" for step in (*spot.place.path, spot.key))
        path = repr(render_path(literal_eval(steps))) if plain else f"path({steps})"
        known = [value for name, value in spot.place.known if name == member.attribute]
        if known:
            value = self.source.name(known[0], "known")
            self.source.line(f"if told.pop({path}) != {value}: raise Miss")
            self.source.line(f"{spot.target} = {value}")
            return
        shape = self.source.name(member.shape, "setting")
        self.source.line(f"{spot.target} = choice({shape}, told.pop({path}))")
        self.sets(spot)
        if not self.live:
            self.asks = True
            self.source.line(f"c.trial.note({steps}, {spot.target})")

    def finish(self, place: Place) -> None:
        if why := alone(place.record):
            raise Miss(why)
        if place.record.subsections:
            self.made()
            self.settle()
            self.subsections(place)

    def subsections(self, place: Place) -> None:
        """Those that stand here, each once, found by name."""
        record = place.record
        subs = Subsections(record, self.mode, lambda sub, version: self.within(sub, version, place))
        labels = [self.form.label(named(sub.name, RECORD, sub.skippable), len(record.members) + i)
                  for i, sub in enumerate(record.subsections)]
        sections = Sections(subs, labels, self.form.entry_at, self.form.behind, self.form.close)
        found = self.source.name(sections, "subsections")
        around = outer(place) if any(looks_around(sub.record) for sub in record.subsections) else "None"
        path = spelled(place.path) if any(asks_path(sub.record) for sub in record.subsections) else "()"
        left, rest = self.left()
        if not self.live:
            self.asks = True
        with self.block(f"if {left}:") if self.live else nullcontext():
            self.source.line(f"at = {found}.read({place.var}, data, at, {rest}, whole, told, c, {around}, {path})")

    def within(self, sub: Subsection, version: int, place: Place) -> Function:
        """The function of a subsection of this place."""
        made = type(self)(f"{self.title} {sub.name}", below(sub.record, version, place), self.live,
                          self.source.makers, form=self.form, sure=self.sure)
        self.parts.append((sub.name, made))
        return made.part()

    def exchange(self, shape: Shape, spot: Spot) -> None:
        """The value, as this shape is read."""
        from .tree_reading import READERS  # which needs this module

        READERS[type(shape)](self, shape, spot)


Exchange = Callable[[TreeLoading, Any, Spot], None]
