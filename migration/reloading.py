"""One device's state loaded and saved again, live, and what becomes of its values on the way.

What is read and what is written are traced. A value that was written and not read was defaulted, one that was read and
not written was dropped, and one that differs was changed by a hook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from attrs import define, field, frozen

from vmstate import Finding, load, save
from vmstate.errors import render_path
from vmstate.format import Format, Reader, Writer
from vmstate.kept import Settle
from vmstate.shape import Padding, Setting, Subsection
from vmstate.trace import Seen, Tracer

What = Literal["defaulted", "dropped", "changed", "skipped"]
INDEX = re.compile(r"\[\d+\]")
MOST_SHOWN, WIDE = 40, 64
"""Characters of a value; bits of one that is shown as hexadecimal."""


@frozen
class Change:
    """What became of a value, or of all elements of one member, or of a subsection: by path, which ends in `[]` or in a
    subsection's name then. `before` and `after` are the values as text; empty where there is none.
    """

    what: What
    path: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        values = " -> ".join(filter(None, [self.before, self.after]))
        return f"{self.what}  {self.path}" + (f"  {values}" if values else "")


@define(eq=False)
class Watched:
    """A format whose reader and writer are traced."""

    form: Format[bytes]
    read: Seen | None = field(default=None, init=False)
    wrote: Seen | None = field(default=None, init=False)

    def reader(self, data: bytes, /) -> Reader:
        """A reader; what it reads grows under `read`."""
        made = _Reading(self.form.reader(data))
        self.read = made.root
        return made

    def writer(self) -> Writer[bytes]:
        """A writer; what it writes grows under `wrote`."""
        made = _Writing(self.form.writer())
        self.wrote = made.root
        return made


class _Reading(Tracer):
    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._reader = reader

    @property
    def report(self) -> Sequence[Finding]:
        return self._reader.report

    def finish(self) -> None:
        self._reader.finish()


class _Writing(Tracer):
    def __init__(self, writer: Writer[bytes]) -> None:
        super().__init__(writer)
        self._writer = writer

    def result(self) -> bytes:
        return self._writer.result()


@define(eq=False)
class Reload:
    """One state, loaded live; `saved` once all of its machine is.

    `later`: its hooks that wait for that. `report`: what was not as declared, and taken all the same.
    """

    state: Any
    watched: Watched
    later: list[Settle] = field(factory=list[Settle])
    report: list[Finding] = field(factory=list[Finding])

    @classmethod
    def of(
        cls, state: Any, data: bytes, form: Format[bytes], version: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Reload:
        """Loads into this state. Raises VMStateError."""
        made = cls(state, Watched(form))
        load(state, data, made.watched, version=version, settings=settings, later=made.later, report=made.report)
        return made

    def saved(self) -> bytes:
        """The state at its newest version. Raises VMStateError."""
        return save(self.state, self.watched)

    @property
    def moved(self) -> list[Change]:
        """Its subsections that came or went, once it was saved."""
        before, after = (_Values.of(one).subsections for one in (self.watched.read, self.watched.wrote))
        dropped = [Change("dropped", path) for path in sorted(before - after)]
        return dropped + [Change("defaulted", path) for path in sorted(after - before)]

    def changes(self) -> list[Change]:
        """What became of its values, once it was saved."""
        before, after = _Values.of(self.watched.read), _Values.of(self.watched.wrote)
        told = [Change("skipped", one.path, one.message) for one in self.report]
        return [*told, *_skipped(before), *_differences(before, after)]


@define
class _Values:
    """The values of a trace, by path; of those in a subsection also its name. `padding`: what is not all zeros."""

    values: dict[str, Any] = field(factory=dict[str, Any])
    within: dict[str, str] = field(factory=dict[str, str])
    subsections: set[str] = field(factory=set[str])
    padding: list[tuple[str, bytes]] = field(factory=list[tuple[str, bytes]])

    @classmethod
    def of(cls, seen: Seen | None) -> _Values:
        made = cls()
        if seen is not None:
            made.add(seen, (), "")
        return made

    def add(self, seen: Seen, path: tuple[str | int, ...], inside: str) -> None:
        """All below."""
        for one in seen.inside or ():
            if isinstance(one.node, Subsection):
                name = ".".join(filter(None, [render_path(path), one.node.name]))
                self.subsections.add(name)
                self.add(one, path, name)
            elif one.inside is not None:
                self.add(one, (*path, one.key), inside)
            elif isinstance(one.node, Padding):
                if any(one.value):
                    self.padding.append((render_path((*path, one.key)), bytes(one.value)))
            elif not isinstance(one.node, Setting):
                place = render_path((*path, one.key))
                self.values[place] = one.value
                self.within[place] = inside


def _skipped(before: _Values) -> Iterator[Change]:
    """Bytes that no member takes, where they are not zeros."""
    return (Change("skipped", path, shown(data)) for path, data in before.padding)


def _differences(before: _Values, after: _Values) -> Iterator[Change]:
    """Values that are on one side alone, or differ; a subsection as one, elements of one member too."""
    yield from _alone("dropped", before, after)
    yield from _alone("defaulted", after, before)
    for path, value in before.values.items():
        if path in after.values and not _same(value, after.values[path]):
            yield Change("changed", path, shown(value), shown(after.values[path]))


def _alone(what: What, ours: _Values, theirs: _Values) -> Iterator[Change]:
    told = set[str]()
    for path, value in ours.values.items():
        if path in theirs.values:
            continue
        inside = ours.within[path]
        whole = inside if inside and inside not in theirs.subsections else INDEX.sub("[]", path)
        if whole not in told:
            told.add(whole)
            text = shown(value) if whole == path else ""
            yield Change(what, whole, *(("", text) if what == "defaulted" else (text, "")))
    for name in sorted(ours.subsections - theirs.subsections - told - set(ours.within.values())):
        yield Change(what, name)


def _same(one: Any, other: Any) -> bool:
    """Bytes are the same whatever holds them; so are a number and a boolean."""
    return bool(one == other)


def shown(value: Any) -> str:
    """A value as text, not too long."""
    match value:
        case bytes() | bytearray() | memoryview():
            text = value.hex()
        case int() if value.bit_length() > WIDE:  # a bitmap; Python prints no decimal of many thousand digits
            text = hex(value)
        case _:
            text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
