"""The path of a place: which value of a section is meant, found in the section's trace.

| part | what it is |
|---|---|
| `member.member` | by key, else by QEMU's name; one with a dot in it may stand in quotes |
| `subsection.member` | a subsection's name may be left out |
| `[3]`, `[0x10:0x20]` | an element, a byte of a buffer; several |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from vmstate.errors import render_path
from vmstate.shape import Array, Blob, Chain, Int, Mapping, Member, Opaque, Shape, Subsection
from vmstate.trace import Seen

from .places import MOST_CANDIDATES, NotFound

Trail = tuple[Seen, ...]

INDEX = re.compile(r"\[(?P<first>\w*)(?P<more>:(?P<last>\w*))?\]")
HEAD = re.compile(r'"[^"]*"|[^.\[]*')
MOST_LIKE, MOST_NAMES = 8, 10_000
LISTS = Array | Chain | Mapping
BYTE = Int(8)


class Found(NamedTuple):
    """A value of a section: the brackets on the way to it, the section's own first. `cut`: which part of it is meant,
    one byte of a buffer, or several bytes or elements.
    """

    trail: Trail
    cut: int | slice | None = None

    @property
    def whole(self) -> Seen:
        """The value, all of it."""
        return self.trail[-1]

    @property
    def member(self) -> Member | None:
        """The member that it belongs to: an element's is the array's."""
        return next((one.member for one in reversed(self.trail) if one.member is not None), None)

    @property
    def shape(self) -> Shape | None:
        """What is declared of it; None of what has no member, such as a whole section."""
        around = self.trail[-2].node if len(self.trail) > 1 else None
        if isinstance(around, Array | Chain):
            return around.of
        if isinstance(around, Mapping) and not is_entry(self.whole):
            return around.key if self.whole.key == "key" else around.value
        return None if self.whole.member is None else self.whole.member.shape

    @property
    def seen(self) -> Seen:
        """The part that is meant, as if it were a value of its own."""
        whole, cut = self.whole, self.cut
        if cut is None:
            return whole
        if whole.inside is not None and isinstance(cut, slice):
            inside = whole.inside[cut]
            begin, end = (inside[0].begin, inside[-1].end) if inside else (whole.begin, whole.begin)
            return Seen(whole.key, whole.node, None, begin, end, whole.member, whole.version, inside)
        begin = whole.end - len(whole.value)
        if isinstance(cut, slice):
            first, last, _ = cut.indices(len(whole.value))
            return Seen(whole.key, Blob(last - first), whole.value[cut], begin + first, begin + last, whole.member)
        return Seen(cut, BYTE, whole.value[cut], begin + cut, begin + cut + 1)


def is_entry(seen: Seen) -> bool:
    """Whether it is one entry of a mapping, rather than the mapping."""
    return isinstance(seen.node, Mapping) and any(isinstance(one.key, str) for one in seen.inside or ())


def find(root: Seen, path: str) -> Found:
    """The value that a path means, below a section's trace. Raises NotFound, with what is there instead."""
    search = Search(path)
    found = list(search.ways((root,), path))
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"{path} may be any of {', '.join(spelled(one.trail[1:]) for one in found[:MOST_LIKE])}")
    raise NotFound(search.missing(root))


def spelled(trail: Sequence[Seen]) -> str:
    """The way to a value, the names of subsections too."""
    return render_path(tuple(one.key for one in trail))


class Search:
    """One path on its way down. It remembers how far it has come, and what was missing there."""

    def __init__(self, path: str) -> None:
        self.path, self.left = path, path
        self.trail: Trail = ()
        self.why = ""

    def ways(self, trail: Trail, rest: str) -> Iterator[Found]:
        """Every value that the rest of the path means from here on; the members' own keys go before other names."""
        if not rest:
            yield Found(trail)
            return
        if rest.startswith("[") and _has_index(trail[-1]):
            yield from self.indexed(trail, rest)
            return
        for spell in SPELLINGS:
            for nearer in (True, False):
                steps = _steps(trail[-1], rest, spell) if nearer else _through(trail[-1], rest, spell)
                found = [one for way, left in steps for one in self.ways((*trail, *way), left)]
                if found:
                    yield from found
                    return
        self.note(trail, rest, "")

    def indexed(self, trail: Trail, rest: str) -> Iterator[Found]:
        """An element, a byte, or several: these end a path."""
        seen, index = trail[-1], INDEX.match(rest)
        held = seen.value if seen.inside is None else seen.inside
        base = seen.inside[0].key if seen.inside else 0
        begin, size = base if isinstance(base, int) else 0, len(held)
        numbers = None if index is None else _numbers(index, begin, begin + size)
        if index is None or numbers is None:
            self.note(trail, rest, f"{rest} is no index: [3], [0x10:0x20]")
            return
        (first, last), left = numbers, rest[index.end():]
        if not begin <= first <= last <= begin + size or (first == last and not index["more"]):
            self.note(trail, rest, f"it has {size} {'bytes' if seen.inside is None else 'elements'}")
        elif left and (index["more"] or seen.inside is None):
            self.note(trail, rest, f"nothing may stand behind {index[0]}")
        elif index["more"]:
            yield Found(trail, slice(first - begin, last - begin))
        elif seen.inside is None:
            yield Found(trail, first)
        else:
            yield from self.ways((*trail, seen.inside[first - begin]), left.removeprefix("."))

    def note(self, trail: Trail, rest: str, why: str) -> None:
        """Nothing is called so here. The first of those that came furthest is told."""
        if not self.trail or len(rest) < len(self.left):
            self.trail, self.left, self.why = trail, rest, why

    def missing(self, root: Seen) -> str:
        """What is not there, and what is like it."""
        from difflib import get_close_matches

        within = spelled(self.trail[1:])
        if self.why:
            return f"no {self.path}: {within}: {self.why}"
        head = HEAD.match(self.left)
        wanted = (head[0] if head is not None else self.left).strip('"') or self.left
        names = list(islice(_names(self.trail[-1]), MOST_NAMES))
        last = "." + self.left.rpartition(".")[2]
        deeper = [path for path, _ in islice(root.leaves(), MOST_NAMES) if path.endswith(last)]
        like = deeper[:MOST_LIKE] or get_close_matches(wanted, names, MOST_LIKE, 0.5)
        told = like or names[:MOST_CANDIDATES]
        more = f" and {len(names) - MOST_CANDIDATES} more" if not like and len(names) > MOST_CANDIDATES else ""
        where = f" in {within}" if within else ""
        return f"no {wanted}{where}; there is {', '.join(told) or 'nothing in it'}{more}"


# -- one step

Steps = Iterator[tuple[Trail, str]]
"""The way that a step goes, and what is left of the path."""


def _steps(seen: Seen, rest: str, spell: Callable[[Seen], Sequence[str]]) -> Steps:
    """Members and subsections that the path may go on with."""
    for child in seen.inside or ():
        for name in spell(child):
            left = rest[len(name):]
            if name and rest.startswith(name) and left[:1] in ("", ".", "["):
                yield (child,), left.removeprefix(".")


def _through(seen: Seen, rest: str, spell: Callable[[Seen], Sequence[str]]) -> Steps:
    """The same in subsections, whose own names are left out."""
    for child in seen.inside or ():
        if isinstance(child.node, Subsection):
            for way, left in (*_steps(child, rest, spell), *_through(child, rest, spell)):
                yield (child, *way), left


def _keys(seen: Seen) -> tuple[str, ...]:
    key = str(seen.key)
    return key, f'"{key}"', f"[{key}]" if isinstance(seen.node, Subsection) else ""


def _qemus(seen: Seen) -> tuple[str, ...]:
    name = seen.member.name if seen.member is not None else ""
    return name, f'"{name}"'


SPELLINGS: tuple[Callable[[Seen], Sequence[str]], ...] = _keys, _qemus


def _has_index(seen: Seen) -> bool:
    if seen.inside is None:
        return isinstance(seen.node, Blob | Opaque)
    return all(isinstance(one.key, int) for one in seen.inside[:1]) and isinstance(seen.node, LISTS)


def _numbers(index: re.Match[str], begin: int, end: int) -> tuple[int, int] | None:
    """From where to where; None where there is something else than numbers. One that is not there comes out empty."""
    try:
        first = int(index["first"], 0) if index["first"] or not index["more"] else begin
        if index["more"]:
            return first, int(index["last"], 0) if index["last"] else end
        return first, min(first + 1, max(first, end))
    except ValueError:
        return None


def _names(seen: Seen) -> Iterator[str]:
    """What may stand next in a path."""
    for child in seen.inside or ():
        yield f"[{child.key}]" if isinstance(child.key, int) else str(child.key)
        if isinstance(child.node, Subsection):
            yield from _names(child)
