"""The walk: one path over a record for every visitor, in one of three modes.

LIVE      save, load, replay: hooks run, predicates decide what is sent.
WIRE      show, verify, convert, rewrite: no hooks; subsections, their order and versions, nulls, padding and odd bytes
          are what was read.
ABSTRACT  schema, code: no facts; a reset instance stands for all, and gates and counts are asked with None.

The facts of QEMU that it keeps (migration/vmstate.c of 5.2 to 11.1): a predicate replaces a version gate; a nested
record is walked at its own version; absent members keep the instance's value; a subsection's version counts modulo
256; outer post_load last.
"""

from __future__ import annotations

from array import array
from enum import Enum
from functools import partial
from typing import Any

from .errors import (
    EncodeError,
    Finding,
    Key,
    LimitExceeded,
    Mismatch,
    VersionRefused,
    VMStateError,
    render_path,
)
from .exchange import Exchange
from .exchanges import EXCHANGES
from .facts import authors, number, tell
from .kept import Around, Settle, keep, kept
from .rows import Numbers
from .shape import ABSENT, Fact, Member, Record, Shape, Subsection
from .trial import Trial
from .visitor import Visitor

MOST_NESTED = 64
"""Records within records; QEMU's own go six deep."""


class Mode(Enum):
    """Who decides: the instance, the bytes, or nobody."""

    LIVE = "live"
    WIRE = "wire"
    ABSTRACT = "abstract"


class Walk:
    """One walk by one visitor. `run(record, state)` is the whole of it."""

    def __init__(self, v: Visitor, mode: Mode, trial: Trial | None = None) -> None:
        self.v = v
        self.reading = v.reading
        self.numbers: Numbers | None = getattr(v, "numbers", None)
        self.live, self.wire, self.abstract = mode is Mode.LIVE, mode is Mode.WIRE, mode is Mode.ABSTRACT
        self.trial = Trial() if trial is None else trial
        self.trail: list[Key] = []
        self.base = 0
        self.entered: list[Record[Any]] = []
        self.report: list[Finding] = []
        self.later: list[Settle] = []
        self.read: dict[tuple[int, str], Any] = {}

    def run(self, record: Record[Any], state: Any, version: int | None = None, outer: Around | None = None) -> None:
        """Walks the state at this version (default: the newest). Errors leave with path and offset."""
        if self.abstract:
            self.entered.append(record)
        try:
            self.record(record, state, record.version if version is None else version, outer)
        except VMStateError as error:
            raise self.located(error) from error.__cause__
        except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
            if self.reading or self.abstract:
                raise
            wrong = EncodeError(f"a value that cannot be written: {type(error).__name__}: {error}")
            raise self.located(wrong) from error

    def located(self, error: VMStateError) -> VMStateError:
        """The error with the place where the walk has come to."""
        if error.offset is None and (span := self.v.span) is not None:
            error.at(span[0])
        return error.under(*self.trail)

    # -- records

    def record(self, record: Record[Any], state: Any, version: int, outer: Around | None = None) -> None:
        """The members in order, the subsections, what is foreign; the hooks around them."""
        if not record.minimum <= version <= record.version:
            self.refuse_version(record, version)
        if self.live:
            for hook in record.hooks.pre_load if self.reading else record.hooks.pre_save:
                authors(hook, state)
        self.members(record, state, Around(state, outer, version))
        self.subsections(record, state, version, outer)
        if self.reading or kept(state) is not None:
            self.foreign(record, state)
        if self.live and self.reading:
            for loaded in record.hooks.post_load:
                authors(loaded, state, version)
            self.later += [partial(hook, state) for hook in record.hooks.after_load]

    def refuse_version(self, record: Record[Any], version: int) -> None:
        known = f"{record.minimum} to {record.version}" if record.minimum < record.version else str(record.version)
        raise VersionRefused(
            f"{record.name} is version {version}, this declaration has {known}", expected=known, actual=str(version))

    def members(self, record: Record[Any], state: Any, around: Around) -> None:
        """Each member that is there; then what only a method can say."""
        trail = self.trail
        for member in record.members:
            trail.append(member.key)
            truth = None if self.abstract else self.truth(member, state, around)
            if self.v.is_there(member, truth):
                self.member(member, state, around)
            elif truth and member.default is not ABSENT and member.attribute is not None:
                setattr(state, member.attribute, member.default())
                self.report.append(Finding("absent: its default was taken", render_path(tuple(trail))))
            trail.pop()
        if record.imperative:
            authors(state.transfer, Exchange(self, around))

    def member(self, member: Member, state: Any, around: Around) -> None:
        """One member, exchanged with its attribute."""
        if (attribute := member.attribute) is None:
            self.exchange(member.key, member.shape, None, around)
            return
        old = getattr(state, attribute)
        new = self.exchange(member.key, member.shape, old, around)
        if self.reading and new is not old:
            setattr(state, attribute, new)
        if member.twice and self.wire and self.reading and not isinstance(new, list | dict | array):
            self.keep_value(state, attribute, new)

    def keep_value(self, state: Any, attribute: str, new: Any) -> None:
        """An attribute that is described twice is sent the same both times: it holds but one value."""
        if self.read.setdefault((id(state), attribute), new) != new:
            first = self.read[id(state), attribute]
            raise Mismatch(f"{attribute} is sent twice, and not the same", expected=repr(first), actual=repr(new))

    def truth(self, member: Member, state: Any, around: Around) -> bool:
        """A predicate replaces a version gate."""
        if member.when is not None:
            return bool(tell(member.when, state, around))
        return member.since <= around.version

    def subsections(self, record: Record[Any], state: Any, version: int, outer: Around | None) -> None:
        """Those pending; a reader meets them in any order, each once."""
        read: list[tuple[str, int]] = []
        pending, versions = self.pending(record, state, version, outer)
        met: set[str] = set()
        while (sub := self.v.which_next(record, pending)) is not None:
            if sub.name in met:
                raise Mismatch(f"subsection {sub.name} is sent twice", hint="no QEMU writes that")
            met.add(sub.name)
            if not self.reading:
                pending = pending[1:]
            self.v.enter(sub.name, sub)
            sent = self.v.version(sub, versions.get(sub.name, sub.record.version))
            read.append((sub.name, sent))
            self.record(sub.record, state, sent & 0xFF, outer)
            self.v.leave()
        if self.wire and self.reading and record.subsections:
            self.keep_presence(record, state, read)

    def keep_presence(self, record: Record[Any], state: Any, read: list[tuple[str, int]]) -> None:
        """From now on what was read decides. A state that is described twice has the same both times."""
        place = id(state), record.name
        if self.read.setdefault(place, read) != read:
            raise Mismatch(f"{record.name} is sent twice, and not with the same subsections")
        if self.read[place] is read:
            keeps = keep(state)
            keeps.subsections = [*(keeps.subsections or []), *read]

    def pending(
        self, record: Record[Any], state: Any, version: int, outer: Around | None
    ) -> tuple[tuple[Subsection, ...], dict[str, int]]:
        """What a writer has to send: in wire mode what was read, else what is needed. Others may meet any."""
        if self.reading or self.abstract or not record.subsections:
            return record.subsections, {}
        read = kept(state)
        if self.wire and read is not None and read.subsections is not None:
            by_name = {sub.name: sub for sub in record.subsections}
            ours = [(name, version) for name, version in read.subsections if name in by_name]
            return tuple(by_name[name] for name, _ in ours), dict(ours)
        around = Around(state, outer, version)
        return tuple(sub for sub in record.subsections
                     if sub.needed is None or tell(sub.needed, state, around)), {}

    def foreign(self, record: Record[Any], state: Any) -> None:
        """Attributes that nobody here knows: kept, and sent on."""
        read = kept(state)
        known = read.foreign.get(record.name, ()) if read is not None else ()
        if self.reading or known:
            met = self.v.foreign(record, known)
            if self.reading and met:
                keep(state).foreign[record.name] = met
                path = render_path(tuple(self.trail))
                self.report += [Finding(f"{one.name} is unknown here: kept", path) for one in met]

    # -- shapes

    def exchange(self, key: Key, shape: Shape, old: Any, around: Around) -> Any:
        """The value, through the shape's own exchange."""
        return EXCHANGES[type(shape)](self, key, shape, old, around)

    def enter_record(self, record: Record[Any], state: Any, version: int, outer: Around) -> None:
        """A record over another state: what is kept of it is counted from here."""
        if len(self.entered) >= MOST_NESTED:
            raise LimitExceeded(f"records are nested more than {MOST_NESTED} deep")
        if self.abstract and record in self.entered:
            return  # a recursive state is described once
        base, self.base = self.base, len(self.trail)
        self.entered.append(record)
        self.record(record, state, version, outer)
        self.entered.pop()
        self.base = base

    def count(self, fact: Fact, around: Around, held: int | None = None) -> int | None:
        """How many, as the instance says: None in an abstract walk. `held` is what a writer has at hand."""
        if self.abstract:
            return None
        n = max(0, number(fact, around.state, around))
        if not self.reading and held is not None and held < n:
            raise EncodeError(expected=f"{n} elements", actual=str(held))
        return n

    # -- what no attribute holds: in wire mode only

    def remember(self, state: Any, raw: Any) -> None:
        """Keeps what was read at this place of the state."""
        if self.wire and self.reading:
            keep(state).raw[tuple(self.trail[self.base:])] = raw

    def recall(self, state: Any) -> Any:
        """What was kept of this place, or None."""
        if not self.wire or (read := kept(state)) is None or not read.raw:
            return None
        return read.raw.get(tuple(self.trail[self.base:]))
