"""Sections by name: any unambiguous tail, `NAME@instance`, `NAME#nth`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from migration.sections import Section
from migration.stream.events import Configured

from .memory import Memory

if TYPE_CHECKING:
    from .show import Item

SUFFIX = re.compile(r"(?P<name>.+?)(?:@(?P<instance>\d+))?(?:#(?P<nth>\d+))?")
MOST_CANDIDATES = 40


class NotFound(Exception):
    """No section is meant, or several of different names; the message lists the candidates."""


class Named(NamedTuple):
    """A section's name, its instance, and which of those that have both it is, from 1 on."""

    name: str
    instance: int
    nth: int
    item: Item


def select(wanted: Sequence[str], items: Sequence[Item]) -> Iterator[Item]:
    """The items that are meant, in the stream's order, and the configuration. Raises NotFound."""
    named = list(_named(items))
    chosen = {id(one.item) for text in wanted for one in _meant(text, named)}
    return (item for item in items if id(item) in chosen or isinstance(item, Configured))


def _named(items: Sequence[Item]) -> Iterator[Named]:
    seen = Counter[tuple[str, int]]()
    for item in items:
        header = item.header if isinstance(item, Section) else item.section if isinstance(item, Memory) else None
        if header is not None:
            key = header.name, header.instance_id
            seen[key] += 1
            yield Named(*key, seen[key], item)


def _meant(text: str, named: Sequence[Named]) -> list[Named]:
    """A name as it stands goes before one with `@` or `#` taken off its end, and a whole name before a tail."""
    found = _by_name(text, named)
    if not found and (parts := SUFFIX.fullmatch(text)) is not None:
        found = [one for one in _by_name(parts["name"], named)
                 if parts["instance"] in (None, str(one.instance)) and parts["nth"] in (None, str(one.nth))]
    names = {one.name for one in found}
    if len(names) == 1:
        return found
    if names:
        raise NotFound(f"{text} may be any of {_listed(found)}")
    like = [one for one in named if text.rpartition("/")[2].partition("@")[0].partition("#")[0] in one.name]
    raise NotFound(f"no section {text}; there is {_listed(like or named)}")


def _by_name(name: str, named: Sequence[Named]) -> list[Named]:
    """A whole name, else the last parts of a path, else any tail."""
    for ending in ("", "/" + name, name):
        found = [one for one in named if (one.name.endswith(ending) if ending else one.name == name)]
        if found:
            return found
    return []


def _listed(named: Sequence[Named]) -> str:
    times = Counter((one.name, one.instance) for one in named)
    labels = [one.name + (f"@{one.instance}" if one.instance else "")
              + (f"#{one.nth}" if times[one.name, one.instance] > 1 else "") for one in named]
    more = f" and {len(labels) - MOST_CANDIDATES} more" if len(labels) > MOST_CANDIDATES else ""
    return (", ".join(labels[:MOST_CANDIDATES]) or "none at all") + more
