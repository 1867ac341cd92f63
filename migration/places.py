"""`SECTION::path`, as it is written everywhere: which section is meant. What a path means below it, `paths` tells.

| part | what it is |
|---|---|
| `SECTION` | a section's name, its end behind a slash, or any end of it |
| `SECTION@7`, `SECTION#2` | of this instance; the second of those that have one name and instance |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

SUFFIX = re.compile(r"(?P<name>.+?)(?:@(?P<instance>\d+))?(?:#(?P<nth>\d+))?")
MOST_CANDIDATES = 40


class NotFound(Exception):
    """Nothing is meant, or several things are; the message lists the candidates."""


class Named(NamedTuple, Generic[T]):
    """A section's name, its instance, and which of those that have both it is, from 1 on."""

    name: str
    instance: int
    nth: int
    item: T


def named(items: Iterable[tuple[str, int, T]]) -> Iterator[Named[T]]:
    """Sections by name and instance, each with its number."""
    seen = Counter[tuple[str, int]]()
    for name, instance, item in items:
        seen[name, instance] += 1
        yield Named(name, instance, seen[name, instance], item)


def parted(text: str) -> tuple[str, str]:
    """The section's part of a place, and the path below it, which may be empty."""
    section, mark, path = text.rpartition("::")
    return (section, path) if mark else (path, "")


def covers(text: str, name: str, instance: int) -> bool:
    """Whether a section is meant, whatever others there are: by its name or the end of it behind a slash."""
    parts = SUFFIX.fullmatch(text)
    ends = [text] + ([parts["name"]] if parts is not None and parts["instance"] == str(instance) else [])
    return any(name == one or name.endswith("/" + one) for one in ends)


def meant(text: str, there: Sequence[Named[T]]) -> list[Named[T]]:
    """The sections of one name that are meant. Raises NotFound.

    A name as it stands goes before one with `@` or `#` taken off its end, and a whole name before a tail.
    """
    found = _by_name(text, there)
    if not found and (parts := SUFFIX.fullmatch(text)) is not None:
        found = [one for one in _by_name(parts["name"], there)
                 if parts["instance"] in (None, str(one.instance)) and parts["nth"] in (None, str(one.nth))]
    names = {one.name for one in found}
    if len(names) == 1:
        return found
    if names:
        raise NotFound(f"{text} may be any of {_listed(found)}")
    like = [one for one in there if text.rpartition("/")[2].partition("@")[0].partition("#")[0] in one.name]
    raise NotFound(f"no section {text}; there is {_listed(like or there)}")


def the_one(text: str, there: Sequence[Named[T]]) -> Named[T]:
    """The one section that is meant: of several instances it is 0 unless another is named. Raises NotFound."""
    found = meant(text, there)
    if len(found) > 1:
        found = [one for one in found if not one.instance] or found
    if len(found) > 1:
        raise NotFound(f"{text} may be any of {_listed(found)}")
    return found[0]


def _by_name(name: str, there: Sequence[Named[T]]) -> list[Named[T]]:
    """A whole name, else the last parts of a path, else any tail."""
    for ending in ("", "/" + name, name):
        found = [one for one in there if (one.name.endswith(ending) if ending else one.name == name)]
        if found:
            return found
    return []


def _listed(there: Sequence[Named[T]]) -> str:
    times = Counter((one.name, one.instance) for one in there)
    labels = [one.name + (f"@{one.instance}" if one.instance else "")
              + (f"#{one.nth}" if times[one.name, one.instance] > 1 else "") for one in there]
    more = f" and {len(labels) - MOST_CANDIDATES} more" if len(labels) > MOST_CANDIDATES else ""
    return (", ".join(labels[:MOST_CANDIDATES]) or "none at all") + more
