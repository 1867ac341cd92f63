"""How each shape is read by generated code: one function per node of shape.py, and the table that finds it."""

from __future__ import annotations

from typing import Any

from vmstate.exchanges import MOST_PADDING
from vmstate.shape import (
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

from .arrays import bounds, element, fused_array, packed_array, told_array
from .loading import Exchange, Loading
from .places import UNKNOWN, Place, number, version_of
from .source import class_of
from .spots import LARGE, Spot, code_of

# -- leaves

def leaf(to: Loading, shape: Shape, spot: Spot) -> None:
    """A value that is as it is unpacked."""
    if (code := code_of(shape, spot.place)) is None:
        odd_width(to, shape, spot)
        return
    to.run.take(*code, spot.target)
    to.sets(spot)
    to.note(spot, "fused")


def odd_width(to: Loading, shape: Any, spot: Spot) -> None:
    """An integer that no struct has, or whose width the state tells."""
    width: Any = number(shape.bits, spot.place)
    how = f"{shape.order!r}, signed={shape.signed}"
    if width is not UNKNOWN:
        raw = to.source.local("raw")
        to.run.take(f"{width >> 3}s", width >> 3, raw)
        to.run.then(f"{spot.target} = from_bytes({raw}, {how})")
    else:
        to.settle()
        end = to.source.local("end")
        to.source.line(f"{end} = at + ({to.said(shape.bits, spot.place)} >> 3)")
        to.source.line(f"if not at <= {end} <= whole: raise Miss")
        to.source.line(f"{spot.target} = from_bytes(data[at:{end}], {how})")
        to.source.line(f"at = {end}")
    to.note(spot, "by itself", "an odd width")


def converted(to: Loading, shape: Shape, spot: Spot, expression: str) -> None:
    """A value that is made of what is unpacked."""
    raw = to.source.local("raw")
    code = code_of(shape, spot.place)
    if code is None:
        odd_width(to, shape, spot.but(target=raw))
        to.run.flush()
    else:
        to.run.take(*code, raw)
        to.note(spot, "fused")
    to.run.then(f"{spot.target} = {expression.format(raw)}")
    to.sets(spot)


def made(to: Loading, shape: Any, spot: Spot) -> None:
    converted(to, shape.of if isinstance(shape, Enumerated) else shape, spot, element(to, shape))


def blob(to: Loading, shape: Blob, spot: Spot) -> None:
    size = number(shape.size, spot.place)
    if not shape.prefix and size is not UNKNOWN and 0 <= size < LARGE:
        to.run.piece(size, spot.target)
        to.sets(spot)
        to.note(spot, "fused")
        return
    to.settle()
    end = to.source.local("end")
    if shape.prefix:
        head = shape.prefix // 8
        to.source.line(f"{end} = at + {head} + from_bytes(data[at:at + {head}], 'big')")
        to.source.line(f"at += {head}")
    else:
        to.source.line(f"{end} = at + {to.said(shape.size, spot.place)}")
    to.source.line(f"if not at <= {end} <= whole: raise Miss")
    to.source.line(f"{spot.target} = bytearray(memoryview(data)[at:{end}])")
    to.source.line(f"at = {end}")
    to.note(spot, "by itself", "its length is told" if size is UNKNOWN or shape.prefix else "a large buffer")


def bitmap(to: Loading, shape: Bits, spot: Spot) -> None:
    size = -(-number(shape.count, spot.place) // 64) * 8
    raw = to.source.local("raw")
    to.run.take(f"{size}s", size, raw)
    to.run.then(f"{spot.target} = bits_of({raw})")
    to.sets(spot)
    to.note(spot, "fused")


def padding(to: Loading, shape: Padding, spot: Spot) -> None:
    size = number(shape.size, spot.place)
    if size is UNKNOWN:
        to.settle()
        end = to.source.local("end")
        to.source.line(f"{end} = at + max(0, {to.said(shape.size, spot.place)})")
        to.source.line(f"if {end} > whole or {end} - at > {MOST_PADDING}: raise Miss")
        if not to.live:
            to.source.line(f"if any(data[at:{end}]): raise Miss")
        to.source.line(f"at = {end}")
    elif size > MOST_PADDING:
        to.source.line("raise Miss")
    elif to.live:
        to.run.skip(max(0, size))
    elif size > 0:
        raw = to.source.local("raw")
        to.run.take(f"{size}s", size, raw)
        to.run.then(f"if any({raw}): raise Miss")
    to.note(spot, "by itself" if size is UNKNOWN else "fused")


def setting(to: Loading, shape: Setting, spot: Spot) -> None:
    """A live instance's own, unless another was given: code for known settings runs where none is."""
    if to.live and to.known and spot.was is not UNKNOWN and spot.was is not None:
        return
    to.made()
    to.settle()
    call = (f"{spot.target} = c.setting({spot.path}, {spot.key}, {to.source.name(shape, 'setting')}, {spot.old}, "
            f"{spot.place.var}, at)")
    if to.live:
        with to.source.block(f"if {spot.old} is None or (c is not None and c.trial.given):"):
            to.source.line(f"if c is None: c = Context({to.source.name(to.mode, 'mode')}, {to.document})")
            to.source.line(call)
    else:
        to.asks = True
        to.source.line(call)


# -- checks

def ranged(to: Loading, shape: Range, spot: Spot) -> None:
    local = to.source.local() if spot.target == "_" else spot.target
    to.exchange(shape.of, spot.but(target=local))
    if bound := bounds(shape, spot.place):
        to.run.then(f"if {bound.format(local, local)}: raise Miss")


def equal(to: Loading, shape: Equal, spot: Spot) -> None:
    if not to.live and not shape.settles:
        to.exchange(shape.of, spot)
        return
    local = to.source.local()
    to.exchange(shape.of, spot.but(target=local))
    to.run.then(f"if {local} != {spot.old}: raise Miss")
    to.run.then(f"{spot.target} = {local}")


def at_most(to: Loading, shape: AtMost, spot: Spot) -> None:
    if not to.live:
        to.exchange(shape.of, spot)
        return
    local = to.source.local()
    to.exchange(shape.of, spot.but(target=local))
    to.run.then(f"if not 0 <= {local} <= {spot.old}: raise Miss")
    to.run.then(f"{spot.target} = {local}")


def constant_value(to: Loading, shape: Constant, spot: Spot) -> None:
    local = to.source.local()
    to.exchange(shape.of, spot.but(target=local))
    to.run.then(f"if {local} != {int(shape.value)}: raise Miss")


def validated(to: Loading, shape: Validated, spot: Spot) -> None:
    if to.live:
        text = to.said(shape.method, spot.place)
        to.run.flush()
        to.source.line(f"if not {text}: raise Miss")


# -- brackets

def array(to: Loading, shape: Array, spot: Spot) -> None:
    count = number(shape.count, spot.place)
    code = code_of(shape.of, spot.place)
    if shape.packed:
        packed_array(to, shape, spot, count)
    elif code is not None and count is not UNKNOWN:
        fused_array(to, shape, spot, code, max(0, count))
    elif code is not None:
        told_array(to, shape, spot, code)
    elif isinstance(shape.of, Nested):
        from .elements import records
        records(to, shape, spot, count if count is UNKNOWN else max(0, count))
    else:
        from .elements import values
        values(to, shape, spot)


def nested(to: Loading, shape: Nested, spot: Spot) -> None:
    """A record in line: of a new state it is made here."""
    var, fresh = to.source.local("v"), spot.was is not UNKNOWN and to.is_open(spot)
    if fresh:
        to.make(var, spot.was, spot.place.var)
        to.source.line(f"{spot.target} = {var}")
        to.sets(spot)
    elif spot.old == spot.target and spot.old.isidentifier():
        var = spot.old
    else:
        to.source.line(f"{var} = {spot.old}" if spot.old == spot.target else f"{var} = {spot.target} = {spot.old}")
    record = shape.record
    place = Place(var, record, version_of(shape, spot.place), spot.place, spot.was if fresh else record.make(), fresh,
                  (*spot.place.path, spot.key), names=spot.names, known=to.known.get(spot.names, ()))
    to.record(to.around(place))


def same(to: Loading, shape: Same, spot: Spot) -> None:
    place = spot.place
    record = shape.find(class_of(place.template))
    inside = place.but(record=record, version=record.version, path=(*place.path, spot.key), around="None",
                       depth=place.depth + 1)
    to.record(to.around(inside))


def temporary(to: Loading, shape: Temporary, spot: Spot) -> None:
    """A state of its own, unpacked into the one around it."""
    record, var, parent = shape.record, to.source.local("v"), spot.place.var
    template = record.make()
    to.make(var, template, parent)
    place = Place(var, record, record.version, spot.place, template, True, (*spot.place.path, spot.key))
    to.record(to.around(place))
    to.made(parent)
    to.run.flush()
    to.source.line(f"{var}.unpack({parent})")
    if not to.live:
        pack = to.source.name(record.kind.pack, "pack")
        to.source.line(f"if {pack}({parent}) != {var} or {var}._kept is not None: raise Miss")


def nullable(to: Loading, shape: Nullable, spot: Spot) -> None:
    """A live instance says whether it is null; else, and where a marker stands, the bytes."""
    test = f"{spot.old} is None" if to.live and not shape.marked else "data[at:at + 1] == b'0'"
    with to.block(f"if {test}:"):
        to.source.line("if data[at:at + 1] != b'0': raise Miss")
        to.source.line("at += 1")
        to.source.line(f"{spot.target} = None")
    with to.block("else:"):
        if shape.marked:
            to.source.line("if data[at:at + 1] != b'1': raise Miss")
            to.source.line("at += 1")
        held = to.source.local("held")
        reset = to.source.name(shape.reset, "reset")
        to.source.line(f"{held} = {reset}() if {spot.old} is None else {spot.old}")
        to.exchange(shape.of, spot.but(old=held, was=UNKNOWN))
    to.note(spot, "by itself", "it may be null")


def left(to: Loading, shape: Any, spot: Spot) -> None:
    raise AssertionError(f"{to.title}: {type(shape).__name__} at {spot.key} is left to the walk")


def chain(to: Loading, shape: Chain, spot: Spot) -> None:
    from .elements import linked
    linked(to, shape, spot)


READERS: dict[type, Exchange] = {
    Int: leaf, Bool: leaf, Float: made, Blob: blob, Opaque: left, Bits: bitmap, Padding: padding, Descriptor: left,
    Setting: setting,
    Timer: made, Range: ranged, Equal: equal, AtMost: at_most, Constant: constant_value, Enumerated: made,
    Validated: validated,
    Array: array, Chain: chain, Mapping: left, Nullable: nullable, Nested: nested, Temporary: temporary, Same: same,
}
