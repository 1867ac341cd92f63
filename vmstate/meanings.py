"""What the values of a whole state mean: each that has something to say, by its place.

A place is the keys on the way to it; subsections leave no trace in it. An author's method that raises, led astray by
odd bytes, says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import Key, VMStateError
from .facts import authors, number, tell
from .format import Decoded
from .kept import Around, kept
from .meaning import Told, expiry, is_method, of_number, speaks_of_numbers, teller_of
from .shape import (
    Array,
    AtMost,
    Chain,
    Constant,
    Enumerated,
    Equal,
    Int,
    Mapping,
    Member,
    Nested,
    Nullable,
    Range,
    Record,
    Same,
    Shape,
    Temporary,
    Timer,
)
from .spec import asked

MOST = 10_000
"""Values that are told of in one state."""


Place = tuple[Key, ...]


def meanings(found: Decoded[Any], now: int | None = None) -> dict[Place, Told]:
    """Of what was decoded. `now` is the guest's clock, if it is known: timers are told from there."""
    if not speaks(found.record):
        return {}
    meant = Meant(now)
    meant.record(found.record, found.state, found.version, None)
    return meant.told


class Meant:
    """One way through a state, as wire mode goes: what was read decides."""

    def __init__(self, now: int | None) -> None:
        self.now = now
        self.trail: list[Key] = []
        self.told: dict[Place, Told] = {}

    def record(self, record: Record[Any], state: Any, version: int, outer: Around | None) -> None:
        """Its members that have something to say, and those of its subsections."""
        around, depth = Around(state, outer, version), len(self.trail)
        for member in sites(record):
            self.trail.append(member.key)
            try:
                if _is_there(member, around):
                    self.member(member, around)
            except VMStateError:
                pass
            del self.trail[depth:]
        read = kept(state) if record.subsections else None
        sent = dict(read.subsections or ()) if read is not None else {}
        for sub in record.subsections:
            if sub.name in sent and speaks(sub.record):
                self.record(sub.record, state, sent[sub.name] & 0xFF, outer)

    def member(self, member: Member, around: Around) -> None:
        """One member: by its method, or by its value."""
        means = teller_of(member.means)
        if is_method(means):
            self.tell(tell(asked(means), around.state, around))
            return
        value = None if member.attribute is None else getattr(around.state, member.attribute)
        self.value(member.shape, means, value, around)

    def tell(self, told: Told | None) -> None:
        """Something of this place."""
        if told and len(self.told) < MOST:
            self.told[tuple(self.trail)] = told

    def value(self, shape: Shape, means: object, value: Any, around: Around) -> None:
        """A value of this shape, with all that is in it."""
        if (way := WAYS.get(type(shape))) is not None:
            way(self, shape, means, value, around)

    def within(self, key: Key, shape: Shape, means: object, value: Any, around: Around) -> None:
        """A part, under its key."""
        self.trail.append(key)
        self.value(shape, means, value, around)
        self.trail.pop()


def _is_there(member: Member, around: Around) -> bool:
    if member.when is not None:
        return bool(tell(member.when, around.state, around))
    return member.since <= around.version


# -- one function for each shape that may have something to say

def _integer(meant: Meant, shape: Int, means: object, value: int, around: Around) -> None:
    meant.tell(of_number(means, value))


def _enumerated(meant: Meant, shape: Enumerated, means: object, value: int, around: Around) -> None:
    meant.tell(of_number(shape.kind, value))


def _timer(meant: Meant, shape: Timer, means: object, value: int | None, around: Around) -> None:
    meant.tell(None if value is None else expiry(value, meant.now))


def _checked(
    meant: Meant, shape: Range | Equal | AtMost | Constant, means: object, value: Any, around: Around
) -> None:
    meant.value(shape.of, means, value, around)


def _nullable(meant: Meant, shape: Nullable, means: object, value: Any, around: Around) -> None:
    if value is not None:
        meant.value(shape.of, means, value, around)


def _array(meant: Meant, shape: Array, means: object, value: Any, around: Around) -> None:
    begin, n = shape.start, max(0, number(shape.count, around.state, around))
    for i, one in enumerate(value[begin:begin + n], begin):
        meant.within(i, shape.of, means, one, around)


def _chain(meant: Meant, shape: Chain, means: object, value: Any, around: Around) -> None:
    for i, one in enumerate(value):
        meant.within(i, shape.of, means, one, around)


def _mapping(meant: Meant, shape: Mapping, means: object, value: Any, around: Around) -> None:
    for i, (key, one) in enumerate(value.items()):
        meant.trail.append(i)
        meant.within("key", shape.key, means, key, around)
        meant.within("value", shape.value, means, one, around)
        meant.trail.pop()


def _nested(meant: Meant, shape: Nested, means: object, value: Any, around: Around) -> None:
    record = shape.record
    version = around.version if shape.version == "outer" else shape.version
    if speaks(record):
        meant.record(record, value, record.version if version is None else version, around)


def _temporary(meant: Meant, shape: Temporary, means: object, value: Any, around: Around) -> None:
    kind: Any = shape.record.kind
    meant.record(shape.record, authors(kind.pack, around.state), shape.record.version, around)


def _same(meant: Meant, shape: Same, means: object, value: Any, around: Around) -> None:
    record = shape.find(around.state.__class__)
    meant.record(record, around.state, record.version, around.outer)


WAYS: dict[type, Callable[[Meant, Any, Any, Any, Around], None]] = {
    Int: _integer, Enumerated: _enumerated, Timer: _timer, Range: _checked, Equal: _checked, AtMost: _checked,
    Constant: _checked, Nullable: _nullable, Array: _array, Chain: _chain, Mapping: _mapping, Nested: _nested,
    Temporary: _temporary, Same: _same,
}


# -- where to look

_SITES = dict[Record[Any], tuple[Member, ...]]()


def sites(record: Record[Any]) -> tuple[Member, ...]:
    """The members that may have something to say: few have. Of records in a circle, all are looked at."""
    if (found := _SITES.get(record)) is None:
        _SITES[record] = record.members
        found = _SITES[record] = tuple([one for one in record.members if (
            one.means is not None or type(one.shape) is not Int) and _says(one.shape, teller_of(one.means))])
    return found


def speaks(record: Record[Any]) -> bool:
    """Whether anything in a record may have something to say."""
    return bool(sites(record)) or any([speaks(sub.record) for sub in record.subsections])  # noqa: C419  quicker


def _says(shape: Shape, means: object) -> bool:
    if means is not None and is_method(means):
        return True
    look = LOOKS.get(type(shape))
    return look is not None and look(shape, means)


def _inside(shape: Any, means: object) -> bool:
    return _says(shape.of, means)


def _record(shape: Any, means: object) -> bool:
    return speaks(shape.record)


def _always(shape: Any, means: object) -> bool:
    return True


LOOKS: dict[type, Callable[[Any, object], bool]] = {
    Int: lambda _, means: means is not None and speaks_of_numbers(means),
    Array: _inside, Chain: _inside, Nullable: _inside, Range: _inside, Equal: _inside, AtMost: _inside,
    Constant: _inside, Nested: _record, Temporary: _record, Timer: _always, Enumerated: _always, Same: _always,
    Mapping: lambda shape, means: _says(shape.key, means) or _says(shape.value, means),
}
