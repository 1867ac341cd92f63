"""What really becomes of a state that one record writes and another reads."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from attrs import frozen

from tests.vmstate.drawn import CALMER, MOST_ELEMENTS, Drawn
from visitors.trace import Seen, Tracer
from vmstate import Decoded, Record, VMStateError
from vmstate.shape import Bits, Blob, Bool, Int, Member, Nullable, Opaque, Padding, Setting, Subsection
from vmstate.trial import Trial
from vmstate.visitor import Visitor
from vmstate.walk import Mode, Walk

Path = tuple[str, ...]
Place = tuple[str | int, ...]


class Fresh(Drawn):
    """Draws a state as an instance sends it: newest versions, zeros in unused bytes, all that is always sent."""

    def version(self, node: Subsection, version: int, /) -> int:
        return version

    def padding(self, key: Any, shape: Padding, size: int, value: bytes, /) -> bytes:
        return self._run(size, bold=False)

    def boolean(self, key: Any, shape: Bool, value: int, /) -> int:
        return super().boolean(key, shape, value) & 1

    def which_next(self, record: Record[Any], pending: Any, /) -> Subsection | None:
        frame = self._open[-1]
        if frame.subsections is None:
            frame.subsections = [one for one in reversed(pending) if one.needed is None or (
                self._pick.random() < self._daring / 2 and one not in self._without)]
        frame.again = False
        return frame.subsections.pop() if frame.subsections else None


def fresh(record: Record[Any], pick: Random, most: int = MOST_ELEMENTS) -> Decoded[Any]:
    attempts, without = list(CALMER), set[Subsection]()
    while True:
        it, trial, reader = record.make(), Trial(), Fresh(pick, attempts[0], most, without)
        try:
            Walk(reader, Mode.WIRE, trial).run(record, it, record.version)
        except VMStateError:
            if (inside := reader.inside) is not None and inside.needed is not None and inside not in without:
                without.add(inside)
            elif not attempts[1:]:
                raise
            else:
                del attempts[0]
        else:
            return Decoded(it, record.version, record, dict(trial.chosen))


@frozen
class Leaf:
    place: Place
    begin: int
    end: int
    value: Any
    node: Any
    record: str

    @property
    def path(self) -> Path:
        return tuple(one for one in self.place if isinstance(one, str))


def leaves(seen: Seen, above: Place = (), sub: str = "") -> list[Leaf]:
    found = list[Leaf]()
    for one in seen.inside or ():
        here = above if isinstance(one.node, Subsection) else (*above, one.key)
        within = one.node.name if isinstance(one.node, Subsection) else sub
        if one.inside is None:
            found.append(Leaf(here, one.begin, one.end, one.value, one.node, within))
        else:
            found += leaves(one, here, within)
    return found


@frozen
class Ran:
    """`kind`: refused, misread, lossy, read."""

    kind: str
    error: VMStateError | None = None
    leaf: Leaf | None = None
    written: Leaf | None = None
    differs: bool = False


def run(writer: Record[Any], reader: Record[Any], form: Any, pick: Random,
        same: Callable[[Place, bool], Place]) -> tuple[Ran, Any]:
    """`same` tells how a place of the reader's (True) or writer's (False) is called in both."""
    decoded = fresh(writer, pick)
    out = Tracer(form.writer())
    Walk(out, Mode.WIRE).run(writer, decoded.state, decoded.version)
    data = out.inner.result()
    sent = leaves(out.root)
    into = Tracer(form.reader(data))
    try:
        Walk(into, Mode.WIRE, Trial(tails(decoded.settings))).run(reader, reader.make(), decoded.version)
        into.inner.finish()
    except VMStateError as error:
        return Ran("refused", error), data
    got = [one for one in leaves(into.root) if not isinstance(one.node, Padding | Setting)]
    return judged(sent, got, same, positional=out.span is not None), data


def tails(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings by every end of their paths, for what is around them may be called otherwise."""
    found = dict[str, Any]()
    for path, value in settings.items():
        steps = path.split(".")
        found.update((".".join(steps[i:]), value) for i in range(len(steps)))
    return found


def alike(one: Leaf, other: Leaf) -> bool:
    """Whether two leaves have one value."""
    a, b = one.value, other.value
    if isinstance(a, bytes | bytearray) and isinstance(b, bytes | bytearray):
        return bytes(a) == bytes(b)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b


def judged(sent: list[Leaf], got: list[Leaf], same: Callable[[Place, bool], Place], positional: bool) -> Ran:
    """What became of the values."""
    by_place = {(same(one.place, False), one.record): one for one in sent}
    written = {i: one for one in sent for i in range(one.begin, one.end)} if positional else {}
    worst = Ran("read")
    for leaf in got:
        mine = by_place.get((same(leaf.place, True), leaf.record))
        if not positional:
            if mine is not None and not alike(mine, leaf):
                return Ran("misread", None, leaf, mine, True)
            continue
        if mine is not None and (mine.begin, mine.end) == (leaf.begin, leaf.end) and alike(mine, leaf):
            if type_of(mine.node) == type_of(leaf.node) or worst.kind != "read":
                continue
            worst = Ran("misread", None, leaf, mine, False)
            continue
        there = {id(one): one for i in range(leaf.begin, leaf.end) if (one := written.get(i)) is not None}
        if there and all(isinstance(one.node, Padding) for one in there.values()):
            if worst.kind == "read":
                worst = Ran("lossy", None, leaf, next(iter(there.values())))
            continue
        if same_bytes(leaf, list(there.values()), same):
            continue
        differs = mine is None or not alike(mine, leaf)
        if worst.kind != "misread" or (differs and not worst.differs):
            worst = Ran("misread", None, leaf, next(iter(there.values()), None), differs)
    return worst


def type_of(node: Any) -> Any:
    """What a leaf's bytes are taken for."""
    return node.order if isinstance(node, Int) and node.bits != 8 else type(node)


def same_bytes(leaf: Leaf, there: list[Leaf], same: Any) -> bool:
    """One member, as bytes on one side and as a row of such on the other."""
    def root(place: Place) -> Place:
        return place[:-1] if isinstance(place[-1], int) else place
    return bool(there) and all(root(same(one.place, False)) == root(same(leaf.place, True)) for one in there) and all(
        isinstance(one.node, Blob) or (isinstance(one.node, Int) and one.node.bits == 8 and not one.node.signed)
        for one in (leaf, *there))
