"""The visitor that gathers an `Outline`: what the writers of schemas have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from vmstate.errors import Key
from vmstate.kept import Foreign
from vmstate.shape import (
    Array,
    Bits,
    Blob,
    Bool,
    Chain,
    Check,
    Descriptor,
    Float,
    Int,
    Mapping,
    Member,
    Nullable,
    Opaque,
    Padding,
    Record,
    Setting,
    Subsection,
    Temporary,
    Validated,
)
from vmstate.visitor import Bracket, Bytes, Counted, Linked

from ._outline import Attribute, Checked, Definition, Entries, Form, Inside, Items, OrNull, Outline, Told

D = TypeVar("D")


class Frame:
    """An open bracket: the checks and nulls around it, the forms inside; of a record its definition."""

    def __init__(
        self, node: Bracket | None, definition: Definition, around: list[Check | Nullable], depth: int
    ) -> None:
        self.node, self.definition, self.around, self.depth = node, definition, around, depth
        self.inside: list[Form] = []
        self.member: Member | None = None
        self.described = False


class Outliner:
    """Gathers what it is told; each list has one element, each gate is open."""

    reading = False
    span = None

    def __init__(self) -> None:
        self._outline = Outline()
        self._open = [Frame(None, self._outline.root, [], 0)]
        self._around: list[Check | Nullable] = []
        self._path: list[Any] = []
        self._settings: list[tuple[Setting, tuple[Any, ...], tuple[Frame, ...]]] = []
        self._recursive: set[Record[Any]] = set()

    def gathered(self) -> Outline:
        """All of it, when the walk is over."""
        outline, root = self._outline, self._outline.root
        outline.definitions = {root.record: root, **outline.definitions, root.record: root}
        for shape, steps, frames in self._settings:
            loops = tuple(one.depth for one in frames if one.described and one.definition.record in self._recursive)
            outline.settings.append(Told(steps, loops, shape))
        return outline

    def _put(self, form: Form) -> None:
        """A form is complete: it belongs to the member, list or entry that is open."""
        while self._around:
            one = self._around.pop()
            form = OrNull(form, one.marked) if isinstance(one, Nullable) else Checked(one, form)
        frame = self._open[-1]
        frame.inside.append(form)
        if frame.member is not None:
            frame.definition.attributes.append(Attribute(frame.member, form, frame.definition.places - 1))

    # -- leaves

    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int:
        self._put(shape)
        return value

    def boolean(self, key: Key, shape: Bool, value: int, /) -> int:
        self._put(shape)
        return value

    def floating(self, key: Key, shape: Float, value: int, /) -> int:
        self._put(shape)
        return value

    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes:
        self._put(shape)
        return value

    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int:
        self._put(shape)
        return value

    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes:
        self._put(shape)
        return value

    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None:
        self._put(shape)
        return value

    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any:
        self._settings.append((shape, (*self._path, key), tuple(self._open)))
        return value

    def note(self, check: Check, /) -> None:
        if isinstance(check, Validated):
            self._open[-1].definition.must.append(check.must)
        else:
            self._around.append(check)

    # -- brackets

    def enter(self, key: Key, node: Bracket, /) -> None:
        around, self._around = self._around, []
        sub = node if isinstance(node, Subsection) else None
        if sub is None:
            self._path.append(... if isinstance(key, int) else key)
        if isinstance(node, Record | Temporary):
            self._outline.definitions.setdefault(_record(node), Definition())
        self._open.append(Frame(node, Definition(sub), around, len(self._path)))

    def leave(self) -> None:
        frame = self._open.pop()
        self._around = frame.around
        if frame.described:
            self._outline.definitions[frame.definition.record] = frame.definition
        match frame.node:
            case Subsection() as sub:
                self._open[-1].definition.subsections.append(sub)
                return
            case Mapping():
                self._put(Entries(*frame.inside))
            case Array() | Chain() as shape:
                self._put(Items(shape, frame.inside[0]))
            case other:
                self._mention(_record(cast("Record[Any] | Temporary", other)), frame.described)
        self._path.pop()

    def _mention(self, record: Record[Any], described: bool) -> None:
        """A record stands here; one that was not described is within itself."""
        self._outline.mentioned.add(record)
        if not described:
            self._recursive.add(record)
        self._put(Inside(record))

    def version(self, node: Subsection, version: int, /) -> int:
        return version

    # -- questions

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        if isinstance(node, Member):
            frame = self._open[-1]
            frame.member, frame.definition.places = node, frame.definition.places + 1
        else:
            self._around.append(node)
        return True

    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int:
        return 1

    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool:
        if isinstance(shape, Mapping):  # an entry is a step of the path, and no bracket
            self._path[self._open[-1].depth:] = [...] if index == 0 else []
        return index == 0

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        """Asked of every record that is described, at its end."""
        frame = self._open[-1]
        frame.definition.record, frame.described, frame.member = record, True, None
        return pending[0] if pending else None

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        return known


class Folding(Outliner, Generic[D]):
    """A writer whose result is what `fold` makes of the outline."""

    def __init__(self, fold: Callable[[Outline], D]) -> None:
        super().__init__()
        self._fold = fold

    def result(self) -> D:
        return self._fold(self.gathered())


def _record(node: Record[Any] | Temporary) -> Record[Any]:
    return node.record if isinstance(node, Temporary) else node
