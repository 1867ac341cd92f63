"""What documents of a declaration look like: what schemas are folds over. `_outliner` gathers it.

A `Form` is what stands under one key: a leaf's shape as it was declared; or elements, entries, a record by reference;
or one of these with a check around it, or "or null". Nothing of an instance is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

from vmstate.errors import render_path
from vmstate.exchanges import NOT_PENDING
from vmstate.nodes import Node, node
from vmstate.shape import (
    ABSENT,
    Array,
    Bits,
    Blob,
    Chain,
    Check,
    Constant,
    Descriptor,
    Enumerated,
    Float,
    Int,
    Leaf,
    Member,
    Opaque,
    Padding,
    Range,
    Record,
    Setting,
    Subsection,
    Timer,
)

from ._tree import words
from ._types import key_of

MOST_BITS = 64
MOST_VERSION = (1 << 32) - 1
"""A subsection's version has 32 bits."""
SHORT = 16
"""Bits of a length that is worth telling: a longer one says nothing that a person would look for."""


@node
class Checked(Node):
    """A form of which a check says more."""

    check: Check
    of: Form


@node
class OrNull(Node):
    """A form, or null. `marked`: on QEMU's wire a marker stands before what is there."""

    of: Form
    marked: bool


@node
class Items(Node):
    """A list: an array or a chain."""

    shape: Array | Chain
    of: Form


@node
class Entries(Node):
    """A list of keys and values."""

    key: Form
    value: Form


@node
class Inside(Node):
    """A record, which is described elsewhere."""

    record: Record[Any]


Form = Leaf | Checked | OrNull | Items | Entries | Inside


@node
class Attribute(Node):
    """A member that documents have. `place` is its place among all members, those included that no document has."""

    member: Member
    form: Form
    place: int

    @property
    def key(self) -> str:
        """Its name with its type, as it is written."""
        return key_of(self.member)


class Definition:
    """A record: its attributes, then its subsections. `must` are conditions on it, `places` how many members it has."""

    record: Record[Any]

    def __init__(self, subsection: Subsection | None = None) -> None:
        self.subsection = subsection
        self.attributes: list[Attribute] = []
        self.subsections: list[Subsection] = []
        self.must: list[str] = []
        self.places = 0

    def requires(self, one: Attribute) -> bool:
        """Whether the attribute is in every document that has the record."""
        member = one.member
        return (member.when is None and member.since <= self.record.minimum and member.default is ABSENT
                and not isinstance(member.shape, Padding))


@node
class Told(Node):
    """A setting: where it is, each index being `...`, and the places from which on its record may be within itself."""

    steps: tuple[Any, ...]
    loops: tuple[int, ...]
    shape: Setting

    @property
    def path(self) -> str:
        """Where it is; empty if it may be in several places."""
        return "" if self.loops or ... in self.steps else render_path(self.steps)

    @property
    def pattern(self) -> str:
        """A regular expression for all its places, without anchors."""
        text = ""
        for i, step in enumerate(self.steps):
            if i in self.loops:
                text += ".*" if i else r"(.*\.)?"
            text += r"\[[0-9]+\]" if step is ... else (r"\." if i else "") + escaped(render_path((step,)))
        return text


def escaped(text: str) -> str:
    """Text as a regular expression of JSON Schema and of CDDL."""
    return "".join("\\" + one if one in ".^$*+?()[]{}|\\" else one for one in text)


class Outline:
    """All that a declaration's documents have: `root`, every record (`root` first), those named, the settings."""

    def __init__(self) -> None:
        self.root = Definition()
        self.definitions: dict[Record[Any], Definition] = {}
        self.mentioned: set[Record[Any]] = set()
        self.settings: list[Told] = []


# -- what schemas have in common

def bounds(form: Form) -> tuple[int, int]:
    """The least and the most that an integer may be, by its width and the checks around it; of a timer besides null."""
    if not isinstance(form, Checked):
        shape = cast(Int, form)
        bits = shape.bits if isinstance(shape.bits, int) else MOST_BITS
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if shape.signed else (0, (1 << bits) - 1)
    least, most = bounds(form.of)
    match form.check:
        case Range(least=low, most=high):
            return max(least, low), min(most, high)
        case Constant(value=value):
            return value, value
        case Enumerated(kind=kind):
            return min(kind), max(kind)
        case Timer():
            return 0, NOT_PENDING - 1
        case _:
            return least, most


def sizes(form: Leaf) -> tuple[int, int | None]:
    """The least and the most bytes of what documents have as bytes; None: as many as there are."""
    match form:
        case Float():
            return 8, 8
        case Bits(count=int(count)):
            return words(count) // 8, words(count) // 8
        case Blob(prefix=prefix) if prefix:
            return 0, (1 << prefix) - 1 if prefix <= SHORT else None
        case Blob(size=int(size)) | Opaque(size=int(size)) | Padding(size=int(size)):
            return size, size
        case _:
            return 0, None


def lengths(shape: Array | Chain) -> tuple[int, int | None]:
    """The least and the most elements of a list; None: as many as there are."""
    if isinstance(shape, Chain):
        return int(shape.until is not None), None
    return (shape.count, shape.count) if isinstance(shape.count, int) else (0, None)


def is_null(form: Form) -> bool:
    """Whether null is one of its values."""
    match form:
        case OrNull() | Descriptor() | Checked(check=Timer()):
            return True
        case Checked(of=of):
            return is_null(of)
        case _:
            return False


def named(records: Iterable[Record[Any]], spell: Callable[[str], str]) -> dict[Record[Any], str]:
    """A name for each: its own, as `spell` writes it; with the class's behind where another one has that."""
    taken: set[str] = set()
    return {record: distinct((record.name, f"{record.name}.{record.kind.__name__}"), spell, taken)
            for record in records}


def distinct(candidates: Sequence[str], spell: Callable[[str], str], taken: set[str]) -> str:
    """The first that nobody has taken, else the last with a number; now it is taken."""
    name = next(text for one in _numbered(candidates) if (text := spell(one)) not in taken)
    taken.add(name)
    return name


def _numbered(candidates: Sequence[str]) -> Iterator[str]:
    yield from candidates
    number = 1
    while True:
        number += 1
        yield f"{candidates[-1]}-{number}"
