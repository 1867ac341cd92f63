"""Random declarations, and random states of them.

A `Piece` is one shape: how to write it down, which values it takes, and what an instance holds that such a value is to
be loaded into live (its nulls have to match, QEMU's reader goes by them). A `Body` collects pieces into a class body,
which `state` makes a class of as if it stood in a file.
"""

from collections.abc import Callable
from enum import IntEnum
from functools import partial
from itertools import count, cycle, islice
from typing import Any

from attrs import define, field
from hypothesis import strategies as st

from vmstate import (
    Float64,
    Packed,
    again,
    array,
    at_most,
    bitmap,
    boolean,
    buffer,
    chain,
    check,
    constant,
    descriptor,
    enum,
    equal,
    floating,
    int8,
    int16,
    int32,
    int64,
    local,
    mapping,
    nested,
    nullable,
    opaque,
    same,
    setting,
    sized_buffer,
    state,
    subsection,
    timer,
    tmp,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
    view,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]
MOST = 3  # elements, members of a kind, levels


@define
class Piece:
    """One shape. `hollow(value)` is what stands in a live target for this value; without it, the reset value."""

    spec: Callable[..., Any]
    values: st.SearchStrategy[Any]
    reset: Callable[[], Any]
    hollow: Callable[[Any], Any]
    key: bool = False  # may be a mapping's key


def _piece(spec: Callable[..., Any], values: st.SearchStrategy[Any], reset: Any, key: bool = False) -> Piece:
    def fresh() -> Any:
        return bytearray(reset) if isinstance(reset, bytearray) else reset

    return Piece(spec, values, fresh, lambda value: fresh(), key)


# -- leaves

INTEGERS = [
    (uint8, 8, False), (uint16, 16, False), (uint32, 32, False), (uint64, 64, False),
    (int8, 8, True), (int16, 16, True), (int32, 32, True), (int64, 64, True),
]


class Kind(IntEnum):
    """For members of an enumeration."""

    NONE = 0
    SOME = 5
    MANY = 6


class Upside:
    """A codec of two bytes that knows several spellings of a value: its inverse, the higher bit ignored."""

    name = "upside"

    def decode(self, data: bytes) -> int:
        return int.from_bytes(data, "big") & 0x7FFF

    def encode(self, value: int) -> bytes:
        return value.to_bytes(2, "big")


def _within(bits: int, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)


@st.composite
def integers(draw: Draw) -> Piece:
    """Each width, signed or not, either way round."""
    make, bits, signed = draw(st.sampled_from(INTEGERS))
    order = draw(st.sampled_from(["big", "little"]))
    return _piece(lambda **how: make(order=order, **how), _within(bits, signed), 0, key=True)


@st.composite
def longs(draw: Draw) -> Piece:
    """A width in bits that is told."""
    bits = draw(st.sampled_from([8, 24, 32, 64]))
    return _piece(lambda **how: uint(bits, **how), _within(bits, False), 0, key=True)


@st.composite
def checked(draw: Draw) -> Piece:
    """Integers of which the declaration says more."""
    own = draw(st.integers(0, 200))
    return draw(st.sampled_from([
        _piece(lambda **how: uint8(range=(3, 9), reset=4, **how), st.integers(3, 9), 4),
        _piece(lambda **how: uint16(maximum=9, **how), st.integers(0, 9), 0),
        _piece(lambda **how: equal(uint8(reset=own), **how), st.just(own), own),
        _piece(lambda **how: at_most(int32(reset=own), **how), st.integers(0, own), own),
        _piece(lambda **how: enum(Kind, uint16(), **how), st.sampled_from(Kind), Kind.NONE),
        _piece(timer, st.none() | st.integers(0, (1 << 64) - 2), None),
    ]))


@st.composite
def blobs(draw: Draw) -> Piece:
    """Bytes in all forms."""
    size = draw(st.integers(1, 5))
    exact, short = st.binary(min_size=size, max_size=size).map(bytearray), st.binary(max_size=5).map(bytearray)
    prefix = draw(st.sampled_from([8, 16, 32, 64]))
    bits = draw(st.sampled_from([1, 64, 65, 130]))
    return draw(st.sampled_from([
        _piece(lambda **how: buffer(size, **how), exact, bytearray(size)),
        _piece(lambda **how: sized_buffer(prefix, **how), short, bytearray()),
        _piece(lambda **how: bitmap(bits, **how), st.integers(0, (1 << bits) - 1), 0),
        _piece(lambda **how: opaque(2, Upside(), reset=0, **how), st.integers(0, 0x7FFF), 0),
    ]))


@st.composite
def scalars(draw: Draw) -> Piece:
    """What is left: booleans, floats, descriptors (which hold nothing in a file)."""
    return draw(st.sampled_from([
        _piece(boolean, st.booleans(), False),
        _piece(floating, st.integers(0, (1 << 64) - 1).map(Float64), Float64(), key=True),
        _piece(descriptor, st.none(), None),
    ]))


def leaves() -> st.SearchStrategy[Piece]:
    """Any leaf, with or without a check."""
    return integers() | longs() | checked() | blobs() | scalars()


# -- brackets

@st.composite
def elements(draw: Draw, depth: int, known: bool) -> Piece:
    """What stands in an array or list: a leaf, or something with an inside. It takes one byte at least.

    `known`: what a live load fills has this element already, so that it knows which of its slots are null.
    """
    if depth <= 0 or draw(st.booleans()):
        return draw(leaves())
    return draw(st.one_of(records(depth - 1, known), nullables(depth - 1, known), arrays(depth - 1, known, least=1)))


@st.composite
def arrays(draw: Draw, depth: int, known: bool, least: int = 0) -> Piece:
    """A constant number of elements."""
    of, n = draw(elements(depth, known)), draw(st.integers(least, MOST))
    return Piece(
        lambda **how: array(of.spec(), n, **how), st.lists(of.values, min_size=n, max_size=n),
        lambda: [of.reset() for _ in range(n)], lambda value: [of.hollow(one) for one in value])


@st.composite
def packs(draw: Draw, depth: int, known: bool) -> Piece:
    """A constant number of integers as C has them, few or many."""
    (make, bits, signed), n = draw(st.sampled_from(INTEGERS)), draw(st.sampled_from([0, 1, 6, 70, 1030]))
    code = "bhiq"[(8, 16, 32, 64).index(bits)]
    code = code if signed else code.upper()
    few = st.lists(_within(bits, signed), min_size=1, max_size=4)
    return Piece(
        lambda **how: array(make(), n, packed=True, **how),
        few.map(lambda some: Packed(code, [*islice(cycle(some), n)])),
        lambda: Packed(code, [0] * n), lambda value: Packed(code, [0] * n))


@st.composite
def nullables(draw: Draw, depth: int, known: bool) -> Piece:
    """Null or there: a marker in front, or none where it cannot be taken for the null's."""
    marked = not known or draw(st.booleans())
    of = draw(records(depth - 1, known)) if draw(st.booleans()) or not marked else draw(leaves())
    return Piece(
        lambda **how: nullable(of.spec(), marked=marked, **how), st.none() | of.values,
        lambda: None, lambda value: None if value is None else of.hollow(value))


@st.composite
def chains(draw: Draw, depth: int, known: bool = False) -> Piece:
    """Behind markers of a constant byte, or of the first member's."""
    if draw(st.booleans()):
        of, mark = draw(elements(depth, known=False)), draw(st.sampled_from([1, 2, 42, 255]))
        return Piece(lambda **how: chain(of.spec(), marker=mark, **how), st.lists(of.values, max_size=MOST),
                     list, lambda value: [])
    bits = draw(st.sampled_from([8, 16, 32]))
    body = Body(f"<valued{next(NUMBERS)}>")
    body.member("id", _piece(lambda **how: uint(bits, reset=1, **how), st.integers(1, (1 << bits) - 1), 1))
    body.member("rest", draw(leaves()))
    of = body.piece()
    return Piece(lambda **how: chain(of.spec(), marker=uint(bits), **how), st.lists(of.values, max_size=MOST),
                 list, lambda value: [])


@st.composite
def rows(draw: Draw, depth: int, known: bool = False) -> Piece:
    """Without markers: the last element says that it is."""
    body = Body(f"<row{next(NUMBERS)}>")
    body.member("rest", draw(elements(depth, known=False)))
    body.member("last", _piece(lambda **how: boolean(reset=True, **how), st.booleans(), True))
    of = body.piece()

    def ended(row: list[Any]) -> list[Any]:
        for one in row:
            one.last = one is row[-1]
        return row

    return Piece(lambda **how: chain(of.spec(), until="last", **how),
                 st.lists(of.values, min_size=1, max_size=MOST).map(ended),
                 lambda: [of.reset()], lambda value: [of.reset()])


@st.composite
def mappings(draw: Draw, depth: int, known: bool = False) -> Piece:
    """Direct keys, and records as keys."""
    if draw(st.booleans()):
        key = draw((integers() | scalars()).filter(lambda one: one.key))
    else:
        body = Body(f"<key{next(NUMBERS)}>")
        body.member("low", draw(integers()))
        body.member("high", draw(integers()))
        key = body.piece()
    value = draw(leaves() | records(depth - 1, known=False))
    return Piece(lambda **how: mapping(key.spec(), value.spec(), **how),
                 st.dictionaries(key.values, value.values, max_size=MOST), dict, lambda value: {})


# -- records

NUMBERS = count(1)  # of names: no record's name begins with another's


@define
class Body:
    """A class body as it grows, and how its states are filled."""

    name: str
    how: dict[str, Any] = field(factory=dict[str, Any])
    lines: dict[str, Any] = field(factory=dict[str, Any])
    annotations: dict[str, Any] = field(factory=dict[str, Any])
    members: dict[str, Piece] = field(factory=dict[str, Piece])
    fixes: list[Callable[[dict[str, Any]], None]] = field(factory=list[Callable[[dict[str, Any]], None]])
    settings: list[str] = field(factory=list[str])
    known: bool = True
    made: Any = None

    def member(self, key: str, piece: Piece, **how: Any) -> None:
        """One member of the record that is open."""
        self.annotations[key], self.members[key] = Any, piece
        self.lines[key] = piece.spec(**how)

    def place(self, key: str, mark: Any) -> None:
        """A marker, or a place without an attribute."""
        self.lines[key] = mark

    def fix(self, change: Callable[[dict[str, Any]], None]) -> None:
        """What makes the values of a state agree with each other."""
        self.fixes.append(change)

    def kind(self) -> Any:
        """The class."""
        if self.made is None:
            body = {"__annotations__": self.annotations, "__module__": __name__, **self.lines}
            self.made = state(self.name, **self.how)(type("Random" + self.name.strip("<>"), (), body))
        return self.made

    def _filled(self, values: dict[str, Any]) -> Any:
        for change in self.fixes:
            change(values)
        return self.kind()(**values)

    def _new(self) -> Any:
        return self.kind()()

    def piece(self) -> Piece:
        """The whole as a shape."""
        values = st.fixed_dictionaries({key: one.values for key, one in self.members.items()}).map(self._filled)

        def hollow(value: Any) -> Any:
            return self.kind()(**{key: one.hollow(getattr(value, key)) for key, one in self.members.items()})

        return Piece(lambda **how: nested(self.kind(), **how), values, self._new, hollow)


def _reset_unless(key: str, piece: Piece, holds: Callable[[dict[str, Any]], bool]) -> Callable[[dict[str, Any]], None]:
    """Where a member is not there, it has its reset value: so that what is loaded can be what was saved."""
    def change(values: dict[str, Any]) -> None:
        if not holds(values):
            values[key] = piece.reset()
    return change


def _plain(draw: Draw, body: Body, key: str, depth: int) -> None:
    body.member(key, draw(leaves()))


def _bracket(draw: Draw, body: Body, key: str, depth: int) -> None:
    inside = (arrays, packs, nullables, chains, rows, mappings, records) if depth > 0 else (chains, rows, packs)
    body.member(key, draw(draw(st.sampled_from(inside))(depth - 1, body.known)))


def _counted(draw: Draw, body: Body, key: str, depth: int) -> None:
    """As many elements as a member in front says."""
    of, make = draw(elements(depth - 1, body.known)), draw(st.sampled_from([uint8, uint16, int32]))
    body.member(f"{key}_n", _piece(make, st.just(0), 0))
    if draw(st.booleans()):
        body.member(key, Piece(lambda **how: array(int32(), f"{key}_n", packed=True, **how),
                               st.lists(_within(32, True), max_size=MOST).map(partial(Packed, "i")),
                               partial(Packed, "i"), lambda value: Packed("i", [0] * len(value))))
    else:
        body.member(key, Piece(lambda **how: array(of.spec(), f"{key}_n", **how), st.lists(of.values, max_size=MOST),
                               list, lambda value: [of.hollow(one) for one in value]))
    body.fix(lambda values: values.update({f"{key}_n": len(values[key])}))


def _measured(draw: Draw, body: Body, key: str, depth: int) -> None:
    """As many bytes as a method says."""
    body.member(f"{key}_n", _piece(uint8, st.just(0), 0))

    def size(self: Any) -> int:
        return int(getattr(self, f"{key}_n"))

    body.member(key, _piece(lambda **how: buffer(size, **how), st.binary(max_size=5).map(bytearray), bytearray()))
    body.fix(lambda values: values.update({f"{key}_n": len(values[key])}))


def _gated(draw: Draw, body: Body, key: str, depth: int) -> None:
    """Behind a predicate."""
    body.member(f"{key}_on", _piece(boolean, st.booleans(), False))
    piece = draw(leaves())
    body.member(key, piece, when=lambda self: getattr(self, f"{key}_on"))
    body.fix(_reset_unless(key, piece, lambda values: values[f"{key}_on"]))


def _versioned(draw: Draw, body: Body, key: str, depth: int) -> None:
    body.member(key, draw(leaves()), since=draw(st.integers(0, body.how["version"])))


def _place(draw: Draw, body: Body, key: str, depth: int) -> None:
    """What has no attribute."""
    body.place(f"_{key}", draw(st.sampled_from([
        unused(draw(st.integers(0, 4))), constant(uint16(), 0x1234), check("nothing")(lambda self: True),
    ])))


def _temporary(draw: Draw, body: Body, key: str, depth: int) -> None:
    """Two halves of a number, through a temporary."""
    wire = Body(f"<halves{next(NUMBERS)}>")
    wire.member("low", _piece(uint8, st.just(0), 0))
    wire.member("high", _piece(uint8, st.just(0), 0))

    def pack(cls: Any, parent: Any) -> Any:
        return cls(low=getattr(parent, key) & 0xFF, high=getattr(parent, key) >> 8)

    def unpack(self: Any, parent: Any) -> None:
        setattr(parent, key, self.high << 8 | self.low)

    wire.place("pack", classmethod(pack))
    wire.place("unpack", unpack)
    body.member(key, _piece(lambda: local(0), _within(16, False), 0))
    body.place(f"_{key}_wire", tmp(wire.kind()))


def _again(draw: Draw, body: Body, key: str, depth: int) -> None:
    """An attribute twice: its other half comes later."""
    number = next(NUMBERS)
    halved = Body(f"<half{number}>")
    halved.member("front", draw(integers()))
    halved.place("back", view(f"<back{number}>"))
    halved.member("behind", draw(leaves()))
    body.member(key, halved.piece())
    body.place(f"_{key}_again", again(key, nested(halved.kind().back)))


MEMBERS = [_plain, _plain, _bracket, _counted, _measured, _gated, _versioned, _place, _temporary, _again]


def _setting(draw: Draw, body: Body, key: str) -> None:
    """A size that no byte tells."""
    sizes = draw(st.lists(st.integers(0, 9), min_size=2, max_size=3, unique=True))
    body.member(key, _piece(lambda: setting(*sizes), st.sampled_from(sizes), sizes[0]))
    body.settings.append(key)
    body.member(f"{key}_data", Piece(
        lambda **how: buffer(key, **how), st.just(b""), lambda: bytearray(sizes[0]), lambda value: bytearray()))
    fill = draw(st.integers(0, 255))
    body.fix(lambda values: values.update({f"{key}_data": bytearray([fill]) * values[key]}))


def _differs(key: str) -> Callable[[Any], bool]:
    return lambda self: getattr(self, key) != 0


def _sent(key: str) -> Callable[[dict[str, Any]], bool]:
    return lambda values: values[key] != 0


def _subsections(draw: Draw, body: Body, prefix: str, deeper: bool = True) -> None:
    """Sent where a member of theirs is not as after reset."""
    for _ in range(draw(st.integers(0, MOST))):
        number = next(NUMBERS)
        key, piece = f"s{number}", draw(integers())
        mark = subsection(f"{prefix}/{number};", version=draw(st.integers(0, 255)), minimum=0)
        body.place(f"_{key}_needed", mark(_differs(key)))
        body.member(key, piece)
        body.member(f"{key}_more", other := draw(leaves()))
        body.fix(_reset_unless(f"{key}_more", other, _sent(key)))
        if deeper:
            before = set(body.members)
            _subsections(draw, body, f"{prefix}/{number};", deeper=False)
            for inner in set(body.members) - before:
                body.fix(_reset_unless(inner, body.members[inner], _sent(key)))


@st.composite
def bodies(draw: Draw, depth: int, known: bool = True, top: bool = False) -> Body:
    """A class with members of all kinds, a view of itself and subsections."""
    name = f"<r{next(NUMBERS)}>"
    body = Body(name, {"version": draw(st.integers(0, 4)), "minimum": 0}, known=known)
    # Its first byte is no null's marker, so that a slot may hold it unmarked.
    body.member("first", _piece(lambda **how: uint8(maximum=0x2F, **how), st.integers(0, 0x2F), 0))
    for i in range(draw(st.integers(0, 2 * MOST if top else MOST))):
        draw(st.sampled_from(MEMBERS))(draw, body, f"m{i}", depth)
    if top and draw(st.booleans()):
        _setting(draw, body, "configured")
    viewed = draw(st.booleans())
    if viewed:
        body.place("_rest", same("tail"))
    _subsections(draw, body, name)
    if viewed:
        tail = f"<t{next(NUMBERS)}>"
        body.place("tail", view(tail))
        body.member("in_tail", draw(leaves()))
        _subsections(draw, body, tail)
    return body


@st.composite
def records(draw: Draw, depth: int, known: bool) -> Piece:
    """A record within another."""
    return draw(bodies(max(depth, 0), known)).piece()


@define
class Example:
    """A declaration, a state of it, and what is needed to read it back."""

    kind: Any
    state: Any
    hollow: Any
    settings: dict[str, Any]


@st.composite
def examples(draw: Draw) -> Example:
    """A random declaration with a random state."""
    body = draw(bodies(2, top=True))
    piece = body.piece()
    it = draw(piece.values)
    return Example(body.kind(), it, piece.hollow(it), {key: getattr(it, key) for key in body.settings})
