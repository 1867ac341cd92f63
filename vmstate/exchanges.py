"""How the walk exchanges each shape: one function per node of shape.py, and the table that finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from . import rows
from .errors import EncodeError, Key, LimitExceeded, Mismatch
from .facts import authors, number, tell
from .kept import Around
from .shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Descriptor,
    Enumerated,
    Equal,
    Fact,
    Float,
    Int,
    Mapping,
    Nested,
    Nullable,
    Opaque,
    Padding,
    Range,
    Same,
    Setting,
    Shape,
    Temporary,
    Timer,
    Validated,
)
from .values import Float64

if TYPE_CHECKING:
    from .walk import Walk

MOST_PADDING = 1 << 24
NOT_PENDING = 0xFFFF_FFFF_FFFF_FFFF
EXPIRY = Int(64)


# -- leaves

def integer(walk: Walk, key: Key, shape: Int, old: Any, around: Around) -> int:
    bits = shape.bits
    return walk.v.integer(key, shape, bits if type(bits) is int else number(bits, around.state, around), old)


def boolean(walk: Walk, key: Key, shape: Bool, old: Any, around: Around) -> bool:
    raw = walk.v.boolean(key, shape, (walk.recall(around.state) or 1) if old else 0)
    if raw > 1:
        walk.remember(around.state, raw)
    return raw != 0


def floating(walk: Walk, key: Key, shape: Float, old: Float64, around: Around) -> Float64:
    return Float64(walk.v.floating(key, shape, old.bits))


def blob(walk: Walk, key: Key, shape: Blob, old: bytearray, around: Around) -> bytearray:
    size = len(old) if shape.prefix else number(shape.size, around.state, around)
    if not walk.reading and not walk.abstract and len(old) != size:
        raise EncodeError(expected=f"{size} bytes", actual=str(len(old)))
    new = walk.v.blob(key, shape, size, old)
    return new if isinstance(new, bytearray) else bytearray(new)


def opaque(walk: Walk, key: Key, shape: Opaque, old: Any, around: Around) -> Any:
    """Through its codec; the bytes are kept where it would write others."""
    size = number(shape.size, around.state, around)
    mine = b"" if walk.reading else authors(shape.codec.encode, old)
    if not walk.reading and not walk.abstract and len(mine) != size:
        raise EncodeError(expected=f"{size} bytes", actual=f"{len(mine)} of {shape.codec.name}")
    read = walk.recall(around.state)
    raw = bytes(walk.v.blob(key, shape, size, read[0] if read is not None and read[1] == mine else mine))
    if not walk.reading:
        return old
    new = authors(shape.codec.decode, raw)
    if (again := authors(shape.codec.encode, new)) != raw:
        walk.remember(around.state, (raw, again))
    return new


def bitmap(walk: Walk, key: Key, shape: Bits, old: int, around: Around) -> int:
    return walk.v.bitmap(key, shape, number(shape.count, around.state, around), old)


def padding(walk: Walk, key: Key, shape: Padding, old: Any, around: Around) -> Any:
    size = max(0, number(shape.size, around.state, around))
    if size > MOST_PADDING:
        raise LimitExceeded(f"{size} unused bytes")
    read = walk.recall(around.state)
    zeros = b"" if walk.reading else bytes(size)
    new = walk.v.padding(key, shape, size, read if read is not None and len(read) == size else zeros)
    if walk.reading and any(new):
        walk.remember(around.state, bytes(new))
    return old


def descriptor(walk: Walk, key: Key, shape: Descriptor, old: int | None, around: Around) -> int | None:
    return walk.v.descriptor(key, shape, old)


def setting(walk: Walk, key: Key, shape: Setting, old: Any, around: Around) -> Any:
    """Given; else a live instance's; else what the input tells; else the next guess."""
    if not walk.reading or walk.abstract:
        walk.v.setting(key, shape, None if walk.abstract else old)
        return old
    path = tuple(walk.trail)
    given = walk.trial.find(path)
    new = authors(walk.v.setting, key, shape, old if walk.live and given is None else given)
    if given is not None:
        new = chosen(shape, given)
    if new is None:
        new = walk.trial.guess(shape)
    new = old if new is None else new
    walk.trial.note(path, new)
    return new


def chosen(shape: Setting, value: Any) -> Any:
    """The choice that equals a value from outside. Raises Mismatch where none does."""
    if not shape.choices:
        return value
    for choice in shape.choices:
        if choice == value and isinstance(value, bool) == isinstance(choice, bool):
            return choice
    few = ", ".join(map(str, shape.choices[:8])) + (" …" if len(shape.choices) > 8 else "")
    raise Mismatch(f"a setting of {value!r}", expected=f"one of {few}", actual=repr(value), hint=f"one of {few}")


# -- checks

def timer(walk: Walk, key: Key, shape: Timer, old: int | None, around: Around) -> int | None:
    if walk.abstract:
        walk.v.note(shape)
    raw = walk.v.integer(key, EXPIRY, 64, NOT_PENDING if old is None else old)
    return None if raw == NOT_PENDING else raw


def ranged(walk: Walk, key: Key, shape: Range, old: int, around: Around) -> int:
    if walk.abstract:
        walk.v.note(shape)
    new: int = walk.exchange(key, shape.of, old, around)
    if walk.reading and not shape.least <= new <= shape.most:
        raise Mismatch(expected=f"{shape.least} to {shape.most}", actual=str(new))
    return new


def equal(walk: Walk, key: Key, shape: Equal, old: Any, around: Around) -> Any:
    if walk.abstract:
        walk.v.note(shape)
    new = walk.exchange(key, shape.of, old, around)
    if walk.reading and (walk.live or shape.settles) and new != old:
        raise Mismatch(f"{new!r} was sent, {old!r} is here", expected=repr(old), actual=repr(new), hint=shape.hint)
    return new


def at_most(walk: Walk, key: Key, shape: AtMost, old: int, around: Around) -> int:
    if walk.abstract:
        walk.v.note(shape)
    new: int = walk.exchange(key, shape.of, old, around)
    if walk.reading and walk.live and not 0 <= new <= old:
        raise Mismatch(f"{new} was sent, here it may be 0 to {old}", expected=f"0 to {old}", actual=str(new))
    return new


def constant(walk: Walk, key: Key, shape: Constant, old: Any, around: Around) -> Any:
    if walk.abstract:
        walk.v.note(shape)
    new = walk.exchange(key, shape.of, shape.value, around)
    if walk.reading and new != shape.value:
        raise Mismatch(expected=str(shape.value), actual=str(new))
    return old


def enumerated(walk: Walk, key: Key, shape: Enumerated, old: Any, around: Around) -> Any:
    if walk.abstract:
        walk.v.note(shape)
    new = integer(walk, key, shape.of, int(old), around)
    try:
        return shape.kind(new)
    except ValueError:
        raise Mismatch(f"{new} is no {shape.kind.__name__}", expected=shape.kind.__name__, actual=str(new)) from None


def validated(walk: Walk, key: Key, shape: Validated, old: Any, around: Around) -> Any:
    if walk.abstract:
        walk.v.note(shape)
    elif walk.live and not tell(shape.method, around.state, around):
        raise (Mismatch if walk.reading else EncodeError)(f"{shape.must}: this must hold, and does not")
    return old


# -- brackets

def array(walk: Walk, key: Key, shape: Array, old: Any, around: Around) -> Any:
    begin, trail = shape.start, walk.trail
    n = walk.v.how_many(key, shape, walk.count(shape.count, around, len(old) - begin))
    walk.v.enter(key, shape)
    new = rows.exchanged(walk, shape, n, old)
    if new is None:
        of, run, new = shape.of, EXCHANGES[type(shape.of)], list[Any]()
        trail.append(0)
        for i in range(begin, begin + n):
            trail[-1] = i
            new.append(run(walk, i, of, old[i] if i < len(old) else shape.reset(), around))
        trail.pop()
    walk.v.leave()
    return rows.joined(shape, n, old, new) if walk.reading else old


def chain(walk: Walk, key: Key, shape: Chain, old: list[Any], around: Around) -> list[Any]:
    new: list[Any] = []
    fresh = walk.reading or walk.abstract
    walk.v.enter(key, shape)
    walk.trail.append(0)
    while walk.v.has_next(key, shape, i := len(new), _goes_on(walk, shape, old, new, around)):
        walk.trail[-1] = i
        if not fresh and shape.marker is None and shape.until is None and not _first(shape.of, old[i]):
            raise EncodeError("the first member of an element is its marker: it must not be 0")
        new.append(walk.exchange(i, shape.of, shape.reset() if fresh else old[i], around))
    walk.trail.pop()
    walk.v.leave()
    return new if walk.reading else old


def _goes_on(walk: Walk, shape: Chain, old: list[Any], new: list[Any], around: Around) -> bool | None:
    """Whether another element follows, as far as the instance knows: with `until` those that were exchanged say it."""
    left = None if walk.reading or walk.abstract else len(new) < len(old)
    if shape.until is None or walk.abstract:
        return left
    ends = bool(new) and _says(shape.until, new[-1], cast(Nested, shape.of), around)
    if left is ends:
        raise EncodeError(expected=f"{len(new)} elements" if ends else f"more than {len(old)} elements",
                          actual=str(len(old)), hint=f"the last is the one whose {shape.until} is true")
    return not ends


def _says(fact: Fact, element: Any, shape: Nested, around: Around) -> bool:
    return bool(tell(fact, element, Around(element, around, _version(shape, around))))


def _first(shape: Shape, element: Any) -> Any:
    """What the element begins with."""
    if isinstance(shape, Nested):
        attribute = shape.record.members[0].attribute
        return element if attribute is None else getattr(element, attribute)
    return element


def mapping(walk: Walk, key: Key, shape: Mapping, old: dict[Any, Any], around: Around) -> dict[Any, Any]:
    new: dict[Any, Any] = {}
    fresh = walk.reading or walk.abstract
    pairs = list(old.items())
    n = walk.v.how_many(key, shape, None if walk.abstract else len(pairs))
    walk.v.enter(key, shape)
    walk.trail.append(0)
    while walk.v.has_next(key, shape, i := len(new), None if fresh else i < len(pairs)):
        k, value = (shape.reset_key(), shape.reset_value()) if fresh else pairs[i]
        k = _part(walk, "key", shape.key, k, around)
        if walk.reading and k in new:
            raise Mismatch(f"key {k!r} is sent twice")
        new[k] = _part(walk, "value", shape.value, value, around)
        walk.trail[-1] = len(new)
    walk.trail.pop()
    walk.v.leave()
    if walk.reading and len(new) != n:
        raise Mismatch(expected=f"{n} entries", actual=str(len(new)))
    return new if walk.reading else old


def _part(walk: Walk, key: str, shape: Shape, old: Any, around: Around) -> Any:
    walk.trail.append(key)
    new = walk.exchange(key, shape, old, around)
    walk.trail.pop()
    return new


def nullable(walk: Walk, key: Key, shape: Nullable, old: Any, around: Around) -> Any:
    """Which slots are null, a live instance decides; of a file, the bytes."""
    unknown = walk.abstract or (walk.reading and (walk.wire or shape.marked))
    if not walk.v.is_there(shape, None if unknown else old is not None):
        return None
    return walk.exchange(key, shape.of, shape.reset() if old is None else old, around)


def nested(walk: Walk, key: Key, shape: Nested, old: Any, around: Around) -> Any:
    record = shape.record
    walk.v.enter(key, record)
    walk.enter_record(record, old, _version(shape, around), around)
    walk.v.leave()
    return old


def _version(shape: Nested, around: Around) -> int:
    """The version that a record within is walked at."""
    version = around.version if shape.version == "outer" else shape.version
    return shape.record.version if version is None else version


def temporary(walk: Walk, key: Key, shape: Temporary, old: Any, around: Around) -> Any:
    """Packed from its parent and unpacked into it; kept where that would lose something and nothing has changed."""
    record, parent = shape.record, around.state
    kind: Any = record.kind
    made = record.make() if walk.reading else authors(kind.pack, parent)
    if not walk.reading and (read := walk.recall(parent)) is not None and read[1] == made:
        made = read[0]
    walk.v.enter(key, shape)
    walk.enter_record(record, made, record.version, around)
    walk.v.leave()
    if walk.reading:
        authors(made.unpack, parent)
        if (again := authors(kind.pack, parent)) != made or made._kept is not None:
            walk.remember(parent, (made, again))
    return old


def same(walk: Walk, key: Key, shape: Same, old: Any, around: Around) -> Any:
    """Another record over the same instance: what is kept is kept of this state."""
    record = shape.find(around.state.__class__)
    walk.v.enter(key, record)
    if not (walk.abstract and record in walk.entered):
        walk.record(record, around.state, record.version, around.outer)
    walk.v.leave()
    return old


EXCHANGES: dict[type, Callable[[Walk, Any, Any, Any, Around], Any]] = {
    Int: integer, Bool: boolean, Float: floating, Blob: blob, Opaque: opaque, Bits: bitmap, Padding: padding,
    Descriptor: descriptor, Setting: setting,
    Timer: timer, Range: ranged, Equal: equal, AtMost: at_most, Constant: constant, Enumerated: enumerated,
    Validated: validated,
    Array: array, Chain: chain, Mapping: mapping, Nullable: nullable, Nested: nested, Temporary: temporary, Same: same,
}
