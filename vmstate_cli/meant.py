"""What a stream's values mean: to each section what its declaration tells, timers by the clock of this very stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from migration.sections import Section
from vmstate.errors import Key, render_path
from vmstate.exchanges import EXPIRY
from vmstate.meaning import Told, is_method, teller_of
from vmstate.shape import Member, Subsection

if TYPE_CHECKING:
    from vmstate.meanings import Place
    from vmstate.trace import Seen

CLOCK = "timer"
"""The section that has the clock; it comes before those of devices."""


class Meant:
    """Section by section, as they come. `raw`: nothing is told."""

    def __init__(self, raw: bool = False) -> None:
        self.raw = raw
        self.now: int | None = None

    def take(self, item: object) -> None:
        """Looks at the clock, if that is what goes by."""
        if isinstance(item, Section) and item.header.name == CLOCK and item.decoded is not None:
            now = getattr(item.decoded.state, "now", None)
            self.now = now if isinstance(now, int) else None

    def of(self, section: Section) -> dict[Place, Told]:
        """What there is to say of a section's values, by their places."""
        if self.raw or section.source != "declared" or section.decoded is None:
            return {}
        from vmstate.meanings import meanings

        return meanings(section.decoded, self.now)

    def named(self, section: Section, within: Sequence[Seen] = ()) -> dict[str, Told]:
        """The same by paths, as JSON has it; of what is in the last of these brackets alone."""
        begin = tuple(one.key for one in within[1:] if not isinstance(one.node, Subsection))
        return {render_path(place): told for place, told in self.of(section).items() if place[:len(begin)] == begin}

    def seen(self, section: Section) -> dict[int, Told]:
        """What values alone do not tell, by the `id` of each in the section's trace."""
        told = self.of(section)
        return placed(section.trace, told) if told else {}


def placed(root: Seen, told: dict[Place, Told]) -> dict[int, Told]:
    """What the state tells of a trace's values, or the clock does, by the `id` of each."""
    known: dict[int, dict[Key, Seen]] = {}
    found: dict[int, Told] = {}
    for place, one in told.items():
        seen: Seen | None = root
        for key in place:
            if seen is None:
                break
            if id(seen) not in known:
                known[id(seen)] = _children(seen)
            seen = known[id(seen)].get(key)
        if seen is not None and (seen.node is EXPIRY or _has_method(seen.member)):
            found[id(seen)] = one
    return found


def _has_method(member: Member | None) -> bool:
    return member is not None and is_method(teller_of(member.means))


def _children(seen: Seen) -> dict[Key, Seen]:
    """What is in it by key, that of its subsections too."""
    found: dict[Key, Seen] = {}
    for one in seen.inside or ():
        for key, child in _children(one).items() if isinstance(one.node, Subsection) else [(one.key, one)]:
            found.setdefault(key, child)
    return found
