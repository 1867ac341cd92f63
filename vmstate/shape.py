"""What state looks like: frozen nodes. Nothing here runs, reads or writes.

Leaves carry bytes, brackets hold leaves, checks wrap a shape and say more about its value. A `Member` puts a shape in
a `Record`; a `Subsection` is a record that is sent only when it says something new.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Generic, Literal, Protocol, TypeVar

from .nodes import Node, node

S_co = TypeVar("S_co", covariant=True)
T = TypeVar("T")
Order = Literal["big", "little"]


@node
class Asked(Node):
    """A fact that a method of the author's tells: a gate, a count, a size."""

    method: Callable[..., Any]
    takes_around: bool

    def __str__(self) -> str:
        return self.method.__name__


Fact = int | str | Asked
"""A number: itself, the name of an attribute that holds it, or a method that tells it."""


class Codec(Protocol[T]):
    """How foreign bytes (another library's, a host's struct) become a value."""

    name: str

    def decode(self, data: bytes, /) -> T: ...
    def encode(self, value: T, /) -> bytes: ...


# -- leaves

CODES = {8: "b", 16: "h", 32: "i", 64: "q"}


@node
class Int(Node):
    """An integer of `bits` bits."""

    bits: Fact
    signed: bool = False
    order: Order = "big"

    def __str__(self) -> str:
        return f"{'int' if self.signed else 'uint'}{self.bits}"

    @property
    def code(self) -> str:
        """How `struct` and `array` call it; empty where they have none like it."""
        code = CODES.get(self.bits, "") if isinstance(self.bits, int) and self.order == "big" else ""
        return code if self.signed else code.upper()


@node
class Bool(Node):
    """One byte; what is neither 0 nor 1 reads as true and is kept."""


@node
class Float(Node):
    """64 bits of IEEE 754, exchanged as an integer (QEMU: CPU_DoubleU)."""


@node
class Blob(Node):
    """`size` bytes; or as many as a length of `prefix` bits in front of them says."""

    size: Fact = 0
    prefix: int = 0


@node
class Opaque(Node):
    """`size` foreign bytes that a codec understands."""

    size: Fact
    codec: Codec[Any]


@node
class Bits(Node):
    """A bitmap of `count` bits, held as an integer; bit i is bit i % 64 of word i // 64."""

    count: Fact


@node
class Padding(Node):
    """Bytes that mean nothing any more."""

    size: Fact


@node
class Descriptor(Node):
    """A file descriptor, which travels beside the bytes."""


# -- checks: what a value is besides its bytes

@node
class Timer(Node):
    """Expiry in ns, or None: not pending (all ones)."""


@node
class Range(Node):
    """An integer within bounds, both included."""

    of: Shape
    least: int
    most: int


@node
class Equal(Node):
    """A value that must be the one that the loading side has. Of a setting, it settles which trial is right."""

    of: Shape
    hint: str = ""
    settles: bool = False


@node
class AtMost(Node):
    """A value from 0 to the one that the loading side has (QEMU: `int32 le`)."""

    of: Shape


@node
class Constant(Node):
    """A value that is always the same."""

    of: Shape
    value: int


@node
class Enumerated(Node):
    """An integer of which only some values mean something."""

    of: Int
    kind: type[IntEnum]


@node
class Validated(Node):
    """A condition on the state so far (QEMU: VMSTATE_VALIDATE). No bytes; a live load that fails it is refused."""

    method: Asked
    must: str


# -- brackets

@node
class Array(Node):
    """`count` elements of a list, from `start` on; the list may be longer. A negative count means none.

    `info`: QEMU's trailer has no array here, but one piece of this type. `packed`: they are held in an `array.array` of
    this typecode; no stream tells.
    """

    of: Shape
    count: Fact
    reset: Callable[[], Any]
    start: int = 0
    info: str = ""
    packed: str = ""


@node
class Chain(Node):
    """Elements, each behind a marker; then 0.

    `marker` None: the first member of each element is the marker, an integer of `bits` bits that is never 0. With
    `until` there are no markers: the last element is the one of which this is true, and there is at least one.
    """

    of: Shape
    marker: int | None
    bits: int
    reset: Callable[[], Any]
    until: str | Asked | None = None


@node
class Mapping(Node):
    """A count, then key and value behind a marker each time, then 0 (QEMU: GTREE)."""

    key: Shape
    value: Shape
    reset_key: Callable[[], Any]
    reset_value: Callable[[], Any]


@node
class Nested(Node):
    """A record within a record, at its own version unless told otherwise."""

    find: Callable[[], Record[Any]]
    version: int | Literal["outer"] | None = None

    @property
    def record(self) -> Record[Any]:
        return self.find()


@node
class Nullable(Node):
    """Or None, one byte 0x30. `marked`: 0x31 stands before what is there (QEMU 11)."""

    of: Shape
    reset: Callable[[], Any]
    marked: bool = False


@node
class Temporary(Node):
    """A record over a temporary that is packed from its parent, and unpacked into it."""

    find: Callable[[], Record[Any]]

    @property
    def record(self) -> Record[Any]:
        return self.find()


@node
class Same(Node):
    """Another record over the same instance, at this place."""

    find: Callable[[type], Record[Any]]


@node
class Setting(Node):
    """A fact that both ends are configured with and the byte stream does not carry.

    `choices` are all the values that exact fit tries, the first being the reset; empty: never guessed. `told` looks at
    the bytes from this place on and returns the value, or None.
    """

    choices: tuple[Any, ...]
    told: Callable[[memoryview], Any] | None = None


Leaf = Int | Bool | Float | Blob | Opaque | Bits | Padding | Descriptor
Check = Timer | Range | Equal | AtMost | Constant | Enumerated | Validated
Shape = Leaf | Check | Array | Chain | Mapping | Nested | Nullable | Temporary | Same | Setting


# -- records

class Absent:
    """Stands for "no default given"."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@node
class Member(Node):
    """One place of a record.

    Three names: `key` is unique in the record (documents, paths, what is kept), `attribute` is what it reads and sets,
    or None (padding, temporaries), `name` is what QEMU's trailer calls it. `twice`: another member describes the same
    attribute. `listed`: `index` or `array_len` and its number, in a description that lists an array in pieces.
    """

    key: str
    attribute: str | None
    shape: Shape
    name: str
    since: int = 0
    when: Asked | None = None
    skippable: bool = False
    default: Any = ABSENT
    was: tuple[str, ...] = ()
    write_as: str = ""
    means: Any = None
    type: str = ""
    twice: bool = False
    listed: tuple[str, int] | None = None


@node
class Hooks(Node):
    """An author's methods, run in live mode alone."""

    pre_save: tuple[Callable[[Any], None], ...] = ()
    pre_load: tuple[Callable[[Any], None], ...] = ()
    post_load: tuple[Callable[[Any, int], None], ...] = ()
    after_load: tuple[Callable[[Any, Any], None], ...] = ()


@node
class Allowance(Node):
    """A finding that the author accepts: which rule, why, and until when (ISO date; empty: for ever)."""

    rule: str
    reason: str
    until: str = ""


@node
class Traits(Node):
    """What a record is besides its members: where it belongs, in which order it is sent, what its author has promised.

    `target` names the QEMU targets it is for (none: all). `priority`: higher is sent earlier. `early`: before RAM.
    `unmigratable`: the reason why this device refuses to be sent. `reserved`: names once in use that never come back.
    `info`: QEMU sends all members by one function, and its trailer has one field of this name and type. `by_hand`: it
    sends the whole section so, and its trailer has one buffer.
    """

    target: tuple[str, ...] = ()
    alias_ids: tuple[int, ...] = ()
    priority: int = 0
    early: bool = False
    unmigratable: str = ""
    reserved: tuple[str, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    info: str = ""
    by_hand: bool = False


@node
class Subsection(Node):
    """A record over the same instance that is sent only when it says something new. `needed` None: always."""

    record: Record[Any]
    needed: Asked | None = None
    skippable: bool = False

    @property
    def name(self) -> str:
        return self.record.name


@node
class Record(Node, Generic[S_co]):
    """One description of one class; a class may have several (views). `make` gives a state as it is after reset."""

    name: str
    kind: type[S_co]
    make: Callable[[], S_co]
    version: int
    minimum: int
    members: tuple[Member, ...] = ()
    subsections: tuple[Subsection, ...] = ()
    hooks: Hooks = Hooks()
    imperative: bool = False
    traits: Traits = Traits()

    def __eq__(self, other: object) -> bool:
        return self is other  # records may name each other in a circle

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<Record {self.name} version {self.version}>"
