"""How QEMU's trailer lists the elements of a field, release by release: one for all, one by one, or in runs.

After migration/vmstate.c of QEMU 5.2 to 11.1 (vmsd_desc_field_start, vmsd_can_compress; vmstate_save_state_v since 10).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from vmstate.describe.vmdesc import Object
from vmstate.nodes import Node, node
from vmstate.shape import Array, Member, Nested, Nullable, Shape, Validated


@node
class Style(Node):
    """How one release writes its trailer.

    `spaced`: blanks inside braces and before colons. `configuration`: that record is described as well. `index`: which
    elements of an array that is described one by one are numbered. `runs`: null pointers have a type of their own.
    """

    spaced: bool = False
    configuration: bool = False
    index: Literal["all", "all but the last", "none"] = "all"
    runs: bool = False


STYLES = {
    "2.3": Style(spaced=True),
    "6.0": Style(),
    "8.2": Style(configuration=True),
    "10.0": Style(configuration=True, index="all but the last", runs=True),
    "11.0": Style(configuration=True, index="none", runs=True),
}
"""By the first release that has it."""

NEWEST = STYLES["11.0"]


@node
class Entry(Node):
    """What is said of one element: its type, its size in bytes, a record within `struct` or among the field's keys."""

    type: str
    size: int
    struct: Object | None = None
    inline: tuple[tuple[str, Any], ...] = ()
    null: bool = False

    def field(self, name: str, keys: Object) -> Object:
        """The field's object, in QEMU's order."""
        struct = [] if self.struct is None else [("struct", self.struct)]
        return Object([("name", name), *keys, ("type", self.type), *struct, *self.inline, ("size", self.size)])


def listed(member: Member, entries: Sequence[Entry], style: Style) -> Iterator[tuple[Entry, Object]]:
    """Those that are described, each with its key besides the name: `array_len`, `index` or none."""
    if member.listed is not None and entries:
        yield entries[0], Object([member.listed])
    elif style.runs and _points(member.shape):
        yield from _runs(member, entries, style)
    elif len(entries) > 1 and _compressible(member):
        yield entries[0], Object([("array_len", len(entries))])
    else:
        for i, entry in enumerate(entries):
            yield entry, _numbered(i, len(entries) if style.index == "all" else len(entries) - i, style)


def _numbered(i: int, most: int, style: Style) -> Object:
    return Object([("index", i)] if most > 1 and style.index != "none" else [])


def _runs(member: Member, entries: Sequence[Entry], style: Style) -> Iterator[tuple[Entry, Object]]:
    """Pointers: where nulls and others take turns, a new array begins. Its length is QEMU's, right or not."""
    compressible = _compressible(member)
    before, shown = False, True
    for i, entry in enumerate(entries):
        most = len(entries) - i
        if entry.null != before:
            before, shown = entry.null, True
            most = next((j - i for j in range(i, len(entries)) if entries[j].null != entry.null), most)
        if shown:
            length = Object([("array_len", most)] if most > 1 else [])
            yield entry, length if compressible or entry.null else _numbered(i, most, style)
            shown = not compressible


def _points(shape: Shape) -> bool:
    return isinstance(shape, Array) and isinstance(shape.of, Nullable) and not shape.of.marked


def _compressible(member: Member) -> bool:
    """Whether one element stands for all: nothing in it depends on a predicate."""
    if member.when is not None or isinstance(member.shape, Validated):
        return False
    of: Shape = member.shape
    while isinstance(of, Array | Nullable):
        if isinstance(of, Nullable) and of.marked:
            return False
        of = of.of
    if not isinstance(of, Nested) or of.version is not None or member.type:
        return True
    record = of.record
    return not record.subsections and all(map(_compressible, record.members))
