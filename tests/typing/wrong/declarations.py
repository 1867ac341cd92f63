"""Declarations that are wrong on purpose: both type checkers refuse the lines marked `# wrong`, and no others."""

from enum import IntEnum

from vmstate import (
    Around,
    Machine,
    after_load,
    array,
    at_most,
    bitmap,
    boolean,
    buffer,
    chain,
    decode,
    descriptor,
    enum,
    equal,
    floating,
    mapping,
    nested,
    nullable,
    post_load,
    pre_save,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    view,
)


class Colour(IntEnum):
    """For members of an enumeration."""

    RED = 1


@state("inner")
class Inner:
    """To be nested."""

    a: int = uint8()
    part = view("part")
    b: int = uint8()


@state("wrong")
class Wrong:
    """Each member is a mistake."""

    name: str = uint8()  # wrong: an integer
    words: list[str] = array(uint16(), 4)  # wrong: elements are integers
    slots: list[Inner] = array(nullable(nested(Inner)), 4)  # wrong: an element may be None
    slot: Inner = nullable(nested(Inner))  # wrong: it may be None
    data: bytes = buffer(4)  # wrong: a bytearray
    text: str = sized_buffer(8)  # wrong: a bytearray
    expiry: int = timer()  # wrong: None while it is not pending
    handle: int = descriptor()  # wrong: None where it did not come along
    real: float = floating()  # wrong: a Float64
    bits: list[bool] = bitmap(70)  # wrong: an integer
    flag: bytearray = boolean()  # wrong: a bool
    plain: Colour = uint8()  # wrong: enum(Colour, uint8())
    colour: Inner = enum(Colour, uint8())  # wrong: a Colour
    carried: Colour = enum(Colour, buffer(1))  # wrong: an enumeration is an integer
    keys: dict[str, int] = mapping(uint32(), uint8())  # wrong: keys are integers
    values: dict[int, str] = mapping(uint32(), uint8())  # wrong: values are integers
    part: str = nested(Inner.part)  # wrong: a view is typed
    later: Colour = nested(lambda: Inner)  # wrong: an Inner
    items: list[str] = chain(nested(Inner), marker=42)  # wrong: items are Inners
    marked: list[Inner] = chain(nested(Inner), marker="42")  # wrong: a byte
    both: list[Inner] = chain(nested(Inner), marker=42, until="last")  # wrong: one or the other
    until: list[str] = chain(nested(Inner), until="last")  # wrong: elements are Inners
    typo: int = uint8(rest=3)  # wrong: no such option
    since: int = uint8(since="2")  # wrong: a version is a number
    size: int = uint8(3)  # wrong: options have names
    choice: int = setting("x", "y")  # wrong: a text
    told: int = setting(1, 2, told=str)  # wrong: it tells a text
    own: str = equal(uint8())  # wrong: an integer
    least: str = at_most(uint8())  # wrong: an integer
    reset: bytearray = buffer(4, reset="ab")  # wrong: bytes
    rows: list[int] = array(uint8(), 4, reset=["a"])  # wrong: integers
    at: Inner = nested(Inner, version="inner")  # wrong: a number, or "outer"

    def _gate(self) -> int:
        return 1

    gated: int = uint8(when=_gate)  # wrong: a gate is a bool

    def _two(self, around: Around, more: int) -> bool:
        return True

    two: int = uint8(when=_two)  # wrong: it takes (self) or (self, around)

    def _size(self) -> str:
        return "4"

    sized: bytearray = buffer(_size)  # wrong: a size is a number

    @subsection("wrong/one")  # wrong: needed returns a bool
    def _one(self) -> str:
        return ""

    in_one: int = uint8()

    mark = subsection("wrong/two")

    @mark.needed  # wrong: needed returns a bool
    def _needed(self) -> str:
        return ""

    in_two: int = uint8()

    @post_load  # wrong: it is told the version
    def _after(self) -> None: ...

    @mark.post_load  # wrong: it is told the version
    def _after_two(self) -> None: ...

    @pre_save  # wrong: it is told nothing
    def _before(self, version: int) -> None: ...

    @after_load  # wrong: it is handed a machine
    def _when_all_are_there(self, machine: int) -> None: ...

    @after_load
    def _rightly(self, machine: Machine) -> None: ...


def use(it: object) -> None:
    """Instances are typed as well."""
    Inner(nope=1)  # wrong: unknown
    Inner(1)  # wrong: members have names
    Inner(a="x")  # wrong: an integer
    use(Inner().c)  # wrong: no such attribute
    Inner().a = "x"  # wrong: an integer
    decode(3, b"", None)  # wrong: neither class, record nor format
