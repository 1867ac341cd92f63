"""The function that reads a document: what the walk would do with a reader of names, written down.

It reads what the generated writer writes: entries in the order of the declaration, of the declared types, and no others.
Whatever else a document may be, the walk reads. The settings stand at the end, and are looked at first.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from vmstate.errors import render_path
from vmstate.shape import Member, Setting, Shape, Subsection

from .._tree import SETTINGS, VERSION
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
from .tree_saving import UNNAMED, entries, has_settings, left, settings_apart, settings_in_line
from .variants import Known, Variants


class TreeLoading(Loading):
    """Writes one function. `counts` as in what writes: how many entries there are, and how many were read.

    `sure`: a live load runs hooks of inner states only when it is known that all can be read.
    """

    def __init__(
        self, title: str, place: Place, live: bool, makers: Makers | None = None, known: Known | None = None, *,
        form: Spelling, sure: Function | None = None,
    ) -> None:
        super().__init__(title, place, live, makers, known)
        self.form, self.sure = form, sure
        self.pattern = PatternRun(self.source)
        self.counts: list[tuple[str, str] | None] = []
        self.apart, self.told = settings_apart(place.record), has_settings(place.record)
        self.source.given |= form.given | {"sure": sure}

    @property
    def pattern(self) -> PatternRun:
        """What is read in a row."""
        return self._pattern

    @pattern.setter
    def pattern(self, run: PatternRun) -> None:
        self._pattern = self.run = run  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]

    def whole(self, again: Function, variants: Variants | None = None) -> Function:
        """Of a whole state: from the first byte to the last. What goes wrong goes to `again`."""
        source, var, fresh = self.source, self.place.var, self.place.fresh
        source.head = f"def load({'' if fresh else f'{var}, '}data, c=None):"
        source.given["again"] = again
        holder = source.holder()
        with source.block("try:"):
            if variants is not None:
                variants.choose(source, self.place, "data, c" if fresh else f"{var}, data, c")
            source.line("at = 0")
            self.settings()
            if fresh:
                self.make(var, self.place.template)
            self.root(self.around(self.place))
            self.settled(var)
            source.line(f"return {var}")
        with source.block("except Exception as error:"):
            source.line(f"return again(error, {'None' if fresh else var}, data, c)")
        source.fill(holder, self.context())
        return source.compiled()

    def settings(self) -> None:
        """What the document says of settings, and where it does."""
        if self.told:
            self.source.line("if c is not None and c.trial.given: raise Miss")
            self.source.line("whole, told = read_settings(data)")
        else:
            self.source.line("whole, told = len(data), ()")

    def root(self, place: Place) -> None:
        """The record; its hooks run when it is known that nothing is left."""
        always = any(settings_in_line(place))
        with self.bracket(place, int(always and not self.apart), self.apart):
            if self.apart:
                self.source.line(f"if told: {self.counts[-1][1]} += 1")  # type: ignore[index]
            self.inside(place)
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

    @contextmanager
    def entry(self, label: str, number: int = 0) -> Generator[None]:
        """A value with its name."""
        self.pattern.literal(self.form.dumps(label))
        yield

    @contextmanager
    def items(self, n: int | str) -> Generator[None]:
        """So many values."""
        if isinstance(n, int):
            self.pattern.literal(self.form.items(n))
        else:
            head = self.source.local("head")
            self.settle()
            self.source.line(f"{head} = elements[{n}]")
            self.source.line(f"if not data.startswith({head}, at) or {n} > whole - at: raise Miss")
            self.source.line(f"at += len({head})")
        yield

    @contextmanager
    def bracket(self, place: Place, more: int = 0, varies: bool = False) -> Generator[None]:
        """A record, with so many entries besides its own."""
        known = entries(place)
        if known is not None and not varies:
            self.pattern.literal(self.form.record(known + more))
            self.counts.append(None)
            yield
        else:
            there, n = self.source.local("there"), self.source.local("n")
            raw = self.pattern.group(*self.form.any_record)
            self.pattern.then(f"{there}, {n} = entries[{raw}], {more}")
            self.pattern.flush()
            self.counts.append((there, n))
            yield
            self.settle()
            self.source.line(f"if {there} != {n}: raise Miss")
        self.counts.pop()

    def count(self, n: int = 1) -> None:
        """So many entries more."""
        if n and (counted := self.counts[-1]) is not None:
            self.source.line(f"{counted[1]} += {n}")

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
            self.source.line("if not c.sure: sure(c)")
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
            elif truth != "False":
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

    def stands(self, label: str, number: int) -> str:
        """Whether an entry of this name comes next, as an expression."""
        return f"data.startswith({self.form.dumps(label)!r}, at)"

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
            self.source.line(f"if told.pop({path}) != {self.source.name(known[0], 'known')}: raise Miss")
            return
        self.made(spot.place.var)
        shape = self.source.name(member.shape, "setting")
        self.source.line(f"{spot.target} = choice({shape}, told.pop({path}))")
        if not self.live:
            self.asks = True
            self.source.line(f"c.trial.note({steps}, {spot.target})")

    def finish(self, place: Place) -> None:
        if place.record.imperative:
            raise Miss("a method alone says what is exchanged")
        if place.record.subsections:
            self.made()
            self.settle()
            self.subsections(place)

    def subsections(self, place: Place) -> None:
        """Those that stand here, each once."""
        record, source, counted = place.record, self.source, self.counts[-1]
        assert counted is not None
        subs = Subsections(record, self.mode, lambda sub, version: self.within(sub, version, place))
        met, read = source.local("met"), source.local("read")
        source.line(f"{met}, {read} = 0, []")
        with self.block(f"while {counted[0]} != {counted[1]}:"):
            for i, sub in enumerate(record.subsections):
                label, number = named(sub.name, RECORD, sub.skippable), len(record.members) + i
                word = "elif" if i else "if"
                with self.block(f"{word} {self.stands(label, number)} and not {met} & {1 << i}:"):
                    source.line(f"{met} |= {1 << i}")
                    self.subsection(i, sub, place, subs)
                    if not self.live:
                        source.line(f"{read}.append({(sub.name, sub.record.version)!r})")
            source.line("else: raise Miss")
        if not self.live:
            self.asks = True
            source.line(f"c.walk.keep_presence({source.name(record, 'record')}, {place.var}, {read})")

    def subsection(self, index: int, sub: Subsection, place: Place, subs: Subsections) -> None:
        functions = self.source.name(subs.newest, "subsections")
        around = outer(place) if looks_around(sub.record) else "None"
        path = spelled(place.path) if asks_path(sub.record) else "()"
        with self.entry(named(sub.name, RECORD, sub.skippable), len(place.record.members) + index):
            self.settle()
            self.source.line(
                f"at = {functions}[{index}]({place.var}, data, at, whole, told, c, {around}, {path})")
        self.count()

    def within(self, sub: Subsection, version: int, place: Place) -> Function:
        """The function of a subsection of this place."""
        made = type(self)(f"{self.title} {sub.name}", below(sub.record, version, place), self.live,
                          self.source.makers, form=self.form, sure=self.sure)
        return made.part()

    def exchange(self, shape: Shape, spot: Spot) -> None:
        """The value, as this shape is read."""
        from .tree_reading import READERS  # which needs this module

        READERS[type(shape)](self, shape, spot)


Exchange = Callable[[TreeLoading, Any, Spot], None]
