"""Where each body ends, which no record tells.

| section | first | else | at last |
|---|---|---|---|
| FULL, in a stream with footers | its footer, a record behind it | as told, if a footer stands there | the only one |
| FULL, in one without | as told, if a record may begin there | | the next header |
| live (START, PART, END) | as told, if a footer or a record stands there | its footer | the next record |
| the first one, if it is not RAM | as told, the same | its footer | the next header |

As told: by the stream's description, by a declaration, by another stream's description. A live section goes by its own
format first, because what it carries (a disk, a bitmap) may hold anything, a footer as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from vmstate.errors import NeedMore, Undetermined
from vmstate.nodes import Node, node

from .bounds import NEXT_DEVICE, NEXT_RECORD, find_footer, find_record, footer_of, is_record
from .events import Kind, SectionBegin

if TYPE_CHECKING:
    from ..inputs import Searchable

Extents = Callable[[SectionBegin, memoryview, bool], Iterable[int]]
"""How long a body may be, of which these are the bytes from its begin on: candidates, the surest first. The flag: these
are all bytes that there are. Raises NeedMore where they are not enough.
"""


TIMES = 2
"""As many times its bytes a stream may be searched for footers that are not there."""


@node
class Place(Node):
    """Where a body begins: at `at` of the data, from where on `ahead` is; `whole`: nothing comes behind the data."""

    data: Searchable
    at: int
    ahead: memoryview
    whole: bool


Way = Callable[[SectionBegin, Place], int | None]


class Ends:
    """Finds them. `sections` are those begun so far; `footers`: whether the stream has them, None until it shows."""

    def __init__(self, extents: Extents | None = None) -> None:
        self.extents = extents
        self.sections: dict[int, SectionBegin] = {}
        self.footers: bool | None = None
        self._in_vain = 0

    def find(self, section: SectionBegin, place: Place) -> tuple[int, bool]:
        """How long the body is; and whether that is only where something stands that looks like the next record.

        Raises Undetermined; or NeedMore where more bytes may decide it.
        """
        for way in self._ways(section, place):
            if (end := way(section, place)) is not None:
                return end - place.at, False
        if not self.footers and (end := self._record(section, place)) is not None:
            return end - place.at, True
        raise Undetermined("nothing tells where this section ends", offset=0, hint="no footer follows it")

    def _ways(self, section: SectionBegin, place: Place) -> tuple[Way, ...]:
        """In their order. A search up to the end that fails again and again is given up."""
        if self._in_vain > TIMES * len(place.data):
            return self._told, self._first_footer
        if self.footers and section.kind is Kind.SECTION_FULL:
            return self._footer, self._told, self._only_footer
        return self._told, self._footer, self._only_footer

    def _footer(self, section: SectionBegin, place: Place) -> int | None:
        if self.footers is False:
            return None
        found = find_footer(place.data, place.at, section.section_id, self.sections, place.whole)
        self._in_vain += len(place.data) - place.at if found is None else 0
        return found

    def _only_footer(self, section: SectionBegin, place: Place) -> int | None:
        """Behind the last section anything may stand, and behind a damaged record's footer as well."""
        first = self._first_footer(section, place)
        if first is None:
            return None
        self._in_vain += len(place.data) - place.at
        return first if place.data.find(footer_of(section.section_id), first + 1) < 0 else None

    def _first_footer(self, section: SectionBegin, place: Place) -> int | None:
        """Whatever stands behind it."""
        first = -1 if self.footers is False else place.data.find(footer_of(section.section_id), place.at)
        if first < 0 and self.footers is not False and not place.whole:
            raise NeedMore
        return None if first < 0 else first

    def _told(self, section: SectionBegin, place: Place) -> int | None:
        """The first length behind which the footer stands, or else, without footers, a record."""
        footer, likely = footer_of(section.section_id), None
        for size in self.extents(section, place.ahead, place.whole) if self.extents is not None else ():
            end = place.at + size
            behind = place.data[end:end + len(footer)]
            if len(behind) < len(footer) and not place.whole:
                raise NeedMore
            if self.footers is not False and behind == footer:
                return end
            if likely is None and not self.footers and is_record(place.data, end, self.sections, place.whole):
                likely = end
                if self.footers is False:
                    break
        return likely

    def _record(self, section: SectionBegin, place: Place) -> int | None:
        """Between live sections any record may come; behind a device there is another one, or the end."""
        between = section.kind is not Kind.SECTION_FULL or all(
            one.kind is Kind.SECTION_FULL for one in self.sections.values())
        likely = NEXT_RECORD if between else NEXT_DEVICE
        return find_record(place.data, place.at, likely, self.sections, place.whole)
