"""The visitor protocol, and its contract.

**The walk asks; the visitor answers.** A walk goes over a record once, in the order of the bytes, and tells one visitor
what it meets. There is always an instance: what is exchanged comes out of it and, when reading, goes back into it.

*Leaves* are exchanges: `value = v.integer(key, shape, bits, value)`. A writer returns the value unchanged; a reader
ignores it and returns the decoded one. A fact that belongs to a shape (bits, size) is passed beside it: the node says
what was declared, the number what it is for this instance. `boolean` exchanges the byte itself, so that one that is
neither 0 nor 1 survives; `floating` the 64 bits; `bitmap` an integer; `padding` the bytes that were there.

*Brackets* come in pairs, `enter` and `leave`, around what is inside: a record, an array, a chain, a mapping, a
temporary, a subsection. A record that is already open (a recursive one, in an abstract walk) is entered and left at
once: it is named, not described again. After `enter` of a subsection the walk exchanges its `version`.

*Questions* are asked with the truth as the instance has it, or None where it cannot know:

| question | a writer answers | the byte-stream reader | a self-describing reader | schema, code generator |
|---|---|---|---|---|
| `is_there`, of a gate or a null | the truth | the truth; a null slot: its marker | what the input has | yes |
| `how_many`, of a count | n | n, range-checked | the input's length | 1 |
| `has_next`, of a chain or mapping | the truth | the truth; else its marker | the truth; else more? | once |
| `which_next`, at the end of *every* record | the first pending | peeks 05 and a name | the next key | each in turn |

Whether a chain goes on a reader is told only where its elements say it (`until`): no marker stands between them, and
an input that has more elements or fewer is refused.

*Settings* are asked for with the value that is known (a live instance's), or None; None as the answer means that the
input does not tell. *Foreign* attributes are exchanged at the end of every record: a writer is given those kept, a
reader returns those met.

*Many at once*: a visitor whose integers stand in a row without anything between them may offer `numbers`
(`rows.Numbers`), and is then asked for arrays of nothing but integers as a whole, between `enter` and `leave`.

In an *abstract* walk there are no facts: the instance is a reset one, `truth` and `n` are None, gates are not
evaluated, and `note` announces what the next leaf is besides its bytes (checks).

Errors: a visitor raises a `VMStateError` with an offset if it has offsets. It never adds a path: the walk does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .errors import Key
from .kept import Foreign
from .shape import (
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
)

Bracket = Record[Any] | Array | Chain | Mapping | Temporary | Subsection
Counted = Array | Mapping
Linked = Chain | Mapping
Bytes = bytes | bytearray | memoryview


class Visitor(Protocol):
    """One format, in one direction."""

    @property
    def reading(self) -> bool:
        """Whether values come from the input. The one place where direction is known."""
        ...

    @property
    def span(self) -> tuple[int, int] | None:
        """Begin and end of what was exchanged last, in bytes; None where the format has no offsets."""

    # leaves
    def integer(self, key: Key, shape: Int, bits: int, value: int, /) -> int: ...
    def boolean(self, key: Key, shape: Bool, value: int, /) -> int: ...
    def floating(self, key: Key, shape: Float, value: int, /) -> int: ...
    def blob(self, key: Key, shape: Blob | Opaque, size: int, value: Bytes, /) -> Bytes: ...
    def bitmap(self, key: Key, shape: Bits, count: int, value: int, /) -> int: ...
    def padding(self, key: Key, shape: Padding, size: int, value: bytes, /) -> bytes: ...
    def descriptor(self, key: Key, shape: Descriptor, value: int | None, /) -> int | None: ...
    def setting(self, key: Key, shape: Setting, value: Any, /) -> Any: ...
    def note(self, check: Check, /) -> None: ...

    # brackets
    def enter(self, key: Key, node: Bracket, /) -> None: ...
    def leave(self) -> None: ...
    def version(self, node: Subsection, version: int, /) -> int: ...

    # questions
    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool: ...
    def how_many(self, key: Key, shape: Counted, n: int | None, /) -> int: ...
    def has_next(self, key: Key, shape: Linked, index: int, truth: bool | None, /) -> bool: ...
    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None: ...
    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]: ...
