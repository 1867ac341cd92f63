"""A stream with some of its values set, and every other byte as it was.

The stream's own description is written anew where what it says of a section has changed, and so is the length of the
package (postcopy) that a section stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vmstate import EncodeError
from vmstate.describe.vmdesc import Object
from vmstate.trace import Seen

from .contents import Contents, Value, untold
from .describing import TrailerWriter
from .drafting import Draft, record_of, unsent
from .paths import Found, find, spelled
from .places import NotFound, parted
from .ram.mapped import MappedBlock
from .replica import Stream
from .sections import Section
from .stream import trailer
from .stream.configuration import Configuration
from .stream.events import Command, Configured, Event, Kind, Ram, Trailer
from .stream.reader import PACKAGED

AT_ONCE = 1 << 20
Splice = tuple[int, int, bytes]
"""The bytes from here to there become these."""


class Editing:
    """A stream, read to its end when this is made: `set`, then `finish`, then `write`. Raises VMStateError.

    `tick` is told how many bytes are read.
    """

    def __init__(self, stream: Stream, tick: Callable[[int], object] = untold) -> None:
        self.stream, self.contents = stream, Contents(stream.data)
        self.drafts: dict[int, Draft] = {}
        self.splices: list[Splice] = []
        self._packages: list[tuple[int, int]] = []
        self._trailer: Trailer | None = None
        self._fixed = -1
        for event in stream.events():
            self.contents.take(event)
            self._note(event)
            tick(event.end)

    def _note(self, event: Event | Section) -> None:
        """What depends on how long sections are: packages, the trailer, the first pages that have their place."""
        match event:
            case Command(command=number, payload=payload, end=end) if number == PACKAGED:
                self._packages.append((end, int.from_bytes(payload, "big")))
            case Ram(part=MappedBlock(), begin=begin):
                self._fixed = max(self._fixed, begin)
            case Trailer():
                self._trailer = event
            case _:
                return

    def set(self, place: str, text: str) -> None:
        """Sets one value. Raises NotFound where there is none, EncodeError where it cannot be written so."""
        section, found = self._value(place)
        if section.decoded is None:
            raise NotFound(f"{section.label} is opaque: nothing here knows what its {len(section.body)} bytes mean")
        given = self.stream.sections.given(section.header)
        draft = self.drafts.get(id(section)) or Draft(section, section.decoded, given)
        draft.set(found, text)
        self.drafts[id(section)] = draft

    def _value(self, place: str) -> Value:
        """What a place means; a subsection that was not sent is one with nothing in it. Raises NotFound."""
        try:
            return self.contents.value(place)
        except NotFound:
            if (added := self._unsent(place)) is None:
                raise
            return added

    def _unsent(self, place: str) -> Value | None:
        """The subsection that a place means, if it was not sent. Raises NotFound where it is one of its members."""
        text, path = parted(place)
        above, _, name = path.rpartition(".")
        section = self.contents.section(text)
        if section.decoded is None:
            return None
        try:
            around = find(section.trace, above) if above else Found((section.trace,))
        except NotFound:
            return None
        for trail, sub in unsent(around.trail, record_of(around.whole) or section.decoded.record):
            added = (*trail, Seen(sub.name, sub, inside=[]))
            if name == sub.name:
                return Value(section, Found(added))
            if name in [member.key for member in sub.record.members]:
                raise NotFound(f"{section.label}: {name} is in {sub.name}, which was not sent; "
                               f"{section.label}::{spelled(added[1:])}={{...}} adds it")
        return None

    def finish(self) -> list[str]:
        """Makes the bytes that change. Returns what a destination would refuse now that it would not have before.

        Raises EncodeError, DecodeError where a value does not fit.
        """
        told = list[str]()
        for draft in self.drafts.values():
            draft.finish()
            _check(draft)
            if draft.body != draft.section.body:
                self.splices.append((draft.section.begin, draft.section.end, draft.body))
                told += draft.refused()
        self.splices = sorted([*self.splices, *self._lengths(), *self._description()])
        return told

    def write(self, out: Callable[[bytes], object]) -> None:
        """The stream as it is now."""
        data, at = self.stream.data, 0
        for begin, end, new in [*self.splices, (len(data), len(data), b"")]:
            for part in range(at, begin, AT_ONCE):
                out(data[part:min(begin, part + AT_ONCE)])
            out(new)
            at = end

    # -- what follows from other lengths

    def _lengths(self) -> Iterator[Splice]:
        """Packages tell how long they are. Raises EncodeError where pages would leave the place that they must have."""
        grown = [(begin, len(new) - (end - begin)) for begin, end, new in self.splices]
        if sum(more for begin, more in grown if begin < self._fixed) != 0:
            raise EncodeError("what stands before the pages of a file with mapped RAM must stay as long as it is",
                              hint="the file says where each block's pages are")
        for begin, size in self._packages:
            now = size + sum(more for at, more in grown if begin <= at < begin + size)
            if now != size:
                yield begin - 4, begin, now.to_bytes(4, "big")

    def _description(self) -> Iterator[Splice]:
        """The trailer, where it has to say something else of a section."""
        description, there, drafts = self.stream.description, self._trailer, self.drafts
        if description is None or there is None:
            return

        def said(*sections: Section) -> TrailerWriter:
            describing = TrailerWriter.like(description)
            for section in sections:
                describing.add(_event(section))
            return describing

        if any(_told(said(one.section)) != _told(said(one.renewed)) for one in drafts.values()):
            now = (drafts[id(one)].renewed if id(one) in drafts else one for one in self.contents.sections)
            yield there.begin, there.end, trailer.record(said(*now).text())


def _check(draft: Draft) -> None:
    """Raises EncodeError where guest memory, which stays as it is, would be read in another way."""
    was, now = draft.before.state, draft.now.state
    if isinstance(was, Configuration) and (was.page_size, was.capabilities) != (now.page_size, now.capabilities):
        raise EncodeError("guest memory is sent as its page size and capabilities say", section=draft.section.label,
                          hint="they stay as they are")


def _event(section: Section) -> Event | Section:
    """A section as the event that it is: the configuration is none."""
    if section.header.kind is Kind.CONFIGURATION and section.decoded is not None:
        return Configured(section.decoded.state, section.begin, section.end)
    return section


def _told(describing: TrailerWriter) -> tuple[Object | None, list[Object]]:
    return describing.configuration, describing.devices
