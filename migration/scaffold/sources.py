"""Where a sketch comes from: a stream, a dump, or both, and what is left to find out then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import reduce

from vmstate.compat.sides import Part, Side
from vmstate.errors import DecodeError, Unsupported, VMStateError
from vmstate.kept import Bag

from ..places import NotFound, meant, named
from ..sections import Section
from .dumping import dumped
from .known import Known
from .merging import Merger
from .modules import module
from .seeing import seen
from .sketch import Sketch, inner, unified

MOST_LIKE = 8

STREAM, DUMP = "a stream's description", "a dump"
UNKNOWN: Mapping[tuple[str, ...], str] = {
    (STREAM,): "minimum= and since=, what was not there when it was sent, checks, hooks",
    (DUMP,): "types (numbers are unsigned here), counts that vary, what is in lists, checks, hooks",
    (STREAM, DUMP): "checks, hooks",
}
"""By the sources, what these do not tell."""


def scaffold(device: str, known: Known, sections: Iterable[Section] | None, dump: Side | None) -> str:
    """A module that declares a device. Raises NotFound where a source has no such device, and VMStateError."""
    made_of = tuple(name for name, source in ((STREAM, sections), (DUMP, dump)) if source is not None)
    sketch = sketch_of(device, sections, dump)
    return module(sketch, known, " and ".join(made_of), UNKNOWN[made_of])


def sketch_of(device: str, sections: Iterable[Section] | None, dump: Side | None) -> Sketch:
    """What the sources have of a device. Raises NotFound, VMStateError."""
    if sections is None:
        return _dumped(_parts(device, dump))
    sketch = of_sections(device, list(sections))
    if dump is None or sketch.by_hand:
        return sketch
    return together(sketch, _parts(sketch.name, dump), Merger("counts" in dump.knows))


# -- out of a stream

def of_sections(device: str, sections: Sequence[Section]) -> Sketch:
    """What all instances that are meant show; the first alone, where they are not alike. Raises NotFound.

    Where no section is called so, it may be a record within one.
    """
    there = list(named((one.header.name, one.header.instance_id, one) for one in sections))
    try:
        found = [one.item for one in meant(device, there)]
    except NotFound as missing:
        if alike := [one.sketch for section in sections if section.embedded is not None
                     for one in inner(of_section(section)) if one.sketch.name == device]:
            return _one(alike)
        raise NotFound(_like(device, [one.name for one in there]) or str(missing)) from None
    return _one([of_section(one) for one in found])


def _one(alike: Sequence[Sketch]) -> Sketch:
    return reduce(lambda one, other: unified(one, other) or one, alike)


def of_section(section: Section) -> Sketch:
    """What one section shows. Raises DecodeError where nothing describes it."""
    decoded = section.embedded
    if decoded is None or not isinstance(decoded.state, Bag):
        why = "; ".join(section.findings) or "the stream has no description of it"
        raise DecodeError(why, section=section.label, hint="--describe-with lends another stream's")
    sketch, version = seen(decoded.record, decoded.state), section.header.version
    return sketch.but(version=version, minimum=version)


# -- out of a dump

def _parts(device: str, dump: Side | None) -> list[Part]:
    """The device types that are called so, or whose section is. Raises NotFound."""
    parts = () if dump is None else dump.parts
    tail = device.rpartition("/")[2]
    for wanted in (device, tail):
        found = [one for one in parts if one.key == wanted] or [one for one in parts if one.name == wanted]
        if found:
            return found
    names = [name for one in parts for name in (one.key, one.name)]
    raise NotFound(_like(device, names) or f"no device {device} in the dump")


def _dumped(parts: list[Part]) -> Sketch:
    """The first that can be sent. Raises Unsupported."""
    record = next((one.record for one in parts if one.sendable), None)
    if record is None:
        raise Unsupported(f"{parts[0].key} refuses to be sent: there is nothing to declare")
    return dumped(record)


def together(sketch: Sketch, parts: list[Part], merger: Merger) -> Sketch:
    """With the first of the dump's device types that has all that was seen. Raises DecodeError where none has."""
    troubles = list[VMStateError]()
    for part in parts:
        try:
            return merger.merged(sketch, _dumped([part]))
        except VMStateError as trouble:
            troubles.append(trouble)
    raise troubles[0]


def _like(device: str, names: Iterable[str]) -> str:
    """Which are called almost so; empty if none is."""
    tails = dict.fromkeys(one.rpartition("/")[2] for one in names)
    like = get_close_matches(device.rpartition("/")[2].partition("@")[0], list(tails), MOST_LIKE, 0.5)
    return f"no device {device}; there is {', '.join(like)}" if like else ""
