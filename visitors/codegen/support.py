"""What generated code calls: the walk for what it leaves to it, subsections by name, lists of another length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from struct import Struct
from typing import Any, cast

from vmstate.errors import Finding, Key
from vmstate.exchange import Exchange
from vmstate.exchanges import setting
from vmstate.facts import authors
from vmstate.format import settle
from vmstate.kept import Alone, Around, Kept, Settle, keep
from vmstate.shape import Member, Record, Setting, Subsection
from vmstate.trial import Trial
from vmstate.values import Float64, Packed
from vmstate.walk import Mode, Walk

from .. import qemufile
from .source import as_list, as_packed, class_of, is_state

SUBSECTION = qemufile.SUBSECTION
FIVE = bytes((SUBSECTION,))
Function = Callable[..., Any]


class Miss(Exception):
    """The generated code does not go on here: the walk does it all again."""


def meets(data: bytes, at: int, name: bytes) -> bool:
    """Whether what stands here, behind 05, would be read as a subsection of the record of this name."""
    size = len(name)
    return len(data) > at + 1 and (length := data[at + 1]) > size and len(data) >= at + 2 + length and data.startswith(
        name, at + 2)


def any_meets(data: bytes, at: int, ends: Sequence[tuple[int, bytes]]) -> bool:
    """The same at any of these offsets."""
    return any(data[at + one] == SUBSECTION and meets(data, at + one, name) for one, name in ends)


def one_meets(data: bytes, places: Iterable[int], name: bytes) -> bool:
    """The same at one of these places; the last may be behind all bytes."""
    return any(data[at:at + 1] == FIVE and meets(data, at, name) for at in places)


def all_fine(kept: Sequence[Kept], live: bool) -> None:
    """Nothing is kept of these states that would have to be written; else raises Miss."""
    if any(one.foreign or (one.raw and not live) for one in kept):
        raise Miss


# -- lists

def exact(held: list[Any], begin: int, count: int) -> list[Any]:
    """The elements of a list that are written."""
    if len(held) - begin < count:
        raise Miss
    return held[begin:begin + count]


@lru_cache(maxsize=256)
def several(code: str, count: int) -> Struct:
    """So many values of one kind."""
    return Struct(f">{count}{code}") if code[-1] != "s" else Struct(">" + code * count)


def packed(code: str, data: bytes | memoryview) -> Packed:
    """Many numbers of one kind, as C has them."""
    many = Packed(code)
    many.frombytes(data)
    many.byteswap()
    return many


def numbers(code: str, data: bytes) -> list[int]:
    """The same in a list."""
    return packed(code, data).tolist()


def swapped(code: str, many: Sequence[int]) -> bytes:
    """Their bytes. Raises OverflowError where one does not fit."""
    turned = Packed(code, many)
    turned.byteswap()
    return turned.tobytes()


def bits_of(data: bytes) -> int:
    """A bitmap's words as one integer, the first word being the lowest bits."""
    words = Packed("Q", data)
    words.byteswap()
    return int.from_bytes(words.tobytes(), "little")


def bits_to(bits: int, size: int) -> bytes:
    """A bitmap as so many bytes of words. Raises OverflowError."""
    words = Packed("Q", bits.to_bytes(size, "little"))
    words.byteswap()
    return words.tobytes()


def sized(data: bytes | bytearray, size: int) -> bytes | bytearray:
    """Bytes that are so many. Raises Miss."""
    if len(data) != size:
        raise Miss
    return data


# -- states as after reset

def same(value: object) -> Any:
    """A value like the one of a state after reset, that shares nothing with it which could change."""
    if (many := as_list(value)) is not None:
        return list(map(same, many))
    if isinstance(value, bytearray):
        return bytearray(value)
    if (packed_already := as_packed(value)) is not None:
        return packed_already[:]
    if isinstance(value, dict):
        return {same(key): same(one) for key, one in cast("dict[object, object]", value).items()}
    return another(value) if is_state(value) else value


def another(state: object) -> Any:
    """A new state like this one."""
    new = object.__new__(class_of(state))
    for name in fields(state):
        setattr(new, name, same(getattr(state, name)))
    return new


def fields(state: object) -> list[str]:
    """The names of what a state holds, and of what is kept of it."""
    slots: tuple[str, ...] | None = getattr(type(state), "__slots__", None)
    return list(vars(state)) if slots is None else [one for one in slots if one != "__weakref__"]


# -- the walk, where it is asked

class Context:
    """What generated code needs besides state and bytes: settings, hooks that wait, and the walk.

    `own`: the code has made it itself, since nobody handed it one.
    """

    __slots__ = ("_reader", "_walk", "_writer", "data", "elements", "later", "mode", "own", "trial")

    def __init__(
        self, mode: Mode, data: bytes | None = None, trial: Trial | None = None, own: bool = True
    ) -> None:
        self.mode, self.data, self.own = mode, data, own
        self.trial = NOTHING if trial is None else trial
        self.later: list[Settle] = []
        self.elements = 0
        self._walk: Walk | None = None

    @property
    def walk(self) -> Walk:
        """A walk by the visitor of bytes, made when the code first needs it."""
        if self._walk is None:
            if self.data is None:
                self._writer = qemufile.Writer()
                self._walk = Walk(self._writer, self.mode)
            else:
                self._reader = qemufile.Reader(self.data)
                self.trial = Trial() if self.trial is NOTHING else self.trial
                self._walk = Walk(self._reader, self.mode, self.trial)
            self._walk.later = self.later
        return self._walk

    @property
    def report(self) -> list[Finding]:
        return [] if self._walk is None else self._walk.report

    def _at(self, path: tuple[Key, ...], at: int, depth: int = 0) -> Walk:
        walk = self.walk
        walk.trail[:] = path
        walk.base = len(path) - depth
        self._reader.go(at)
        return walk

    def setting(
        self, path: tuple[Key, ...], key: Key, shape: Setting, old: Any, state: Any, at: int
    ) -> Any:
        """A setting, as the walk finds it."""
        walk = self._at(path, at)
        walk.trail.append(key)
        return setting(walk, key, shape, old, Around(state, None, 0))

    def read(self, path: tuple[Key, ...], depth: int, member: Member, state: Any, around: Around, at: int) -> int:
        """One member, by the walk. The place behind it. `depth`: steps of the path that lead to no other state."""
        walk = self._at(path, at, depth)
        walk.trail.append(member.key)
        walk.member(member, state, around)
        return self._reader.at

    def transferred(self, path: tuple[Key, ...], depth: int, state: Any, around: Around, at: int) -> int:
        """What a method alone can read. The place behind it."""
        authors(state.transfer, Exchange(self._at(path, at, depth), around))
        return self._reader.at

    def written(self, member: Member, state: Any, around: Around) -> bytes:
        """One member, by the walk, as bytes."""
        walk = self._fresh()
        walk.trail[:] = member.key,
        walk.member(member, state, around)
        return self._writer.taken()

    def transfer(self, state: Any, around: Around) -> bytes:
        """What a method alone can write."""
        walk = self._fresh()
        walk.trail.clear()
        authors(state.transfer, Exchange(walk, around))
        return self._writer.taken()

    def _fresh(self) -> Walk:
        self.walk.base = 0
        return self.walk

    def believe(self, count: int, left: int) -> None:
        """Elements of a loop are believed as the reader of bytes does. Raises Miss."""
        self.elements += count
        if count > left + qemufile.FEW or self.elements > qemufile.MANY:
            raise Miss

    def wait(self, hook: Callable[[Any, Any], None], state: Any) -> None:
        """A hook runs when all devices are loaded."""
        self.later.append(partial(hook, state))


NOTHING = Trial()
"""No settings are given; live walks alone have it, and they guess nothing."""


class Subsections:
    """The subsections of one place: each is compiled when it is first met."""

    def __init__(self, record: Record[Any], mode: Mode, compiled: Callable[[Subsection, int], Function]) -> None:
        self.record, self.mode, self._compiled = record, mode, compiled
        self.by_name = {sub.name.encode(): sub for sub in record.subsections}
        self.prefix = record.name.encode()
        self._functions: dict[tuple[str, int], Function] = {}
        self.newest: list[Function] = [partial(self._first, i, sub) for i, sub in enumerate(record.subsections)]
        self.heads = {head(sub, sub.record.version): i for i, sub in enumerate(record.subsections)}

    def _first(self, index: int, sub: Subsection, *arguments: Any) -> Any:
        """The newest version of one is called the first time."""
        function = self.newest[index] = self.function(sub, sub.record.version & 0xFF)
        return function(*arguments)

    def function(self, sub: Subsection, version: int) -> Function:
        """That of one version. Raises Miss where there is none."""
        if (found := self._functions.get((sub.name, version))) is None:
            if not sub.record.minimum <= version <= sub.record.version:
                raise Miss
            found = self._functions[sub.name, version] = self._compiled(sub, version)
        return found

    def read(
        self, state: Any, data: bytes, at: int, context: Context | None, outer: Around | None,
        path: tuple[Key, ...], mask: int = 0,
    ) -> int:
        """Those that stand here, each once; of some (bits of `mask`) there was one already. The place behind them."""
        met = [(sub.name, 0) for i, sub in enumerate(self.record.subsections) if mask >> i & 1]
        while data[at:at + 1] == FIVE and meets(data, at, self.prefix):
            begin = at + 6 + data[at + 1]
            known = self.heads.get(data[at:begin])
            if known is not None:
                sub, version = self.record.subsections[known], self.record.subsections[known].record.version
                function = self.newest[known]
            else:
                sub, version = self._named(data[at + 2:begin - 4]), int.from_bytes(data[begin - 4:begin], "big")
                function = self.function(sub, version & 0xFF)
            if len(data) < begin or any(name == sub.name for name, _ in met):
                raise Miss
            met.append((sub.name, version))
            at = function(state, data, begin, context, outer, path)
        if self.mode is Mode.WIRE and context is not None:
            context.walk.keep_presence(self.record, state, met)
        return at

    def _named(self, name: bytes) -> Subsection:
        if (sub := self.by_name.get(name)) is None:
            raise Miss
        return sub

    def pending(self, state: Any) -> Iterator[tuple[Subsection, int]] | None:
        """In wire mode those that were read, with their versions; None where none ever were."""
        kept: Kept | None = state._kept
        if kept is None or kept.subsections is None:
            return None
        return ((self.by_name[name.encode()], version) for name, version in kept.subsections
                if name.encode() in self.by_name)

    def write(
        self, sub: Subsection, version: int, state: Any, out: list[bytes], context: Context | None,
        outer: Around | None,
    ) -> None:
        """One, behind its head."""
        out.append(head(sub, version))
        self.function(sub, version & 0xFF)(state, out, context, outer)


def head(sub: Subsection, version: int) -> bytes:
    """What stands before the members of a subsection."""
    name = sub.name.encode()
    return bytes((SUBSECTION, len(name))) + name + version.to_bytes(4, "big")


GIVEN: Mapping[str, Any] = {
    "Alone": Alone, "Around": Around, "Context": Context, "FIVE": FIVE, "Float64": Float64, "Miss": Miss,
    "any_meets": any_meets,
    "bits_of": bits_of, "bits_to": bits_to, "exact": exact, "all_fine": all_fine, "one_meets": one_meets,
    "from_bytes": int.from_bytes, "keep": keep, "meets": meets,
    "numbers": numbers, "packed": packed, "packed_of": Packed, "swapped": swapped, "new": object.__new__, "same": same,
    "settle": settle, "several": several, "sized": sized,
}
"""Names that all generated code knows."""
