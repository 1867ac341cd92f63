"""Records that somebody has declared already: a part that is one of these is not declared again."""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cached_property
from typing import Any

from visitors import qemufile
from vmstate import Decoded, Registry, VMStateError, record_of
from vmstate.describe.hooks import inside, records
from vmstate.format import fits
from vmstate.lint.instances import is_a_part
from vmstate.shape import Nested, Padding, Record, Setting
from vmstate.trace import Seen, Tracer
from vmstate.walk import Mode, Walk

from ..agreement import disagreements
from .sketch import Sample, Sketch, directly


class Known:
    """The records of a registry and all within them, by name; imported when one is asked for."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @cached_property
    def by_name(self) -> dict[str, list[Record[Any]]]:
        """Those that a class is: a view of a class, or a subsection, is none."""
        found: defaultdict[str, list[Record[Any]]] = defaultdict(list)
        for name in self.registry:
            for top in self.registry.named(name):
                for one in records(top):
                    if is_a_class(one) and one not in found[one.name]:
                        found[one.name].append(one)
        return found

    def like(self, sketch: Sketch) -> Record[Any] | None:
        """The first that is this very record, as far as can be seen."""
        return next((one for one in self.by_name.get(sketch.name, ()) if is_same(one, sketch)), None)

    def named(self, sketch: Sketch) -> list[Record[Any]]:
        """Those that have its name, whatever they are."""
        return self.by_name.get(sketch.name, [])


def is_a_class(record: Record[Any]) -> bool:
    """Whether a module has this record as a class that others may import."""
    kind: type[Any] = record.kind
    own = "__vmstate__" in vars(kind) and record_of(kind) is record and not kind.__name__.startswith("_")
    return own and getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind


def is_same(record: Record[Any], sketch: Sketch) -> bool:
    """Whether a declared record reads each sample by itself, and says the same of it; without one, by the names."""
    if record.version != sketch.version or not _as_deep(record, sketch):
        return False
    if sketch.samples:
        return all(_reads(record, one) for one in sketch.samples)
    names = [one.name for one in record.members if not isinstance(one.shape, Setting)]
    return record.minimum == sketch.minimum and names == [one.name for one in sketch.fields] and not any(
        isinstance(one.shape, Padding) for one in record.members)


def _as_deep(record: Record[Any], sketch: Sketch) -> bool:
    """Whether both have the same records directly in them: one around another of its name reads the same bytes."""
    here = {inner.sketch.name for field in sketch.fields for inner in directly(field.what)}
    may = {inner.name for one in record.members for inner in inside(one.shape)}
    must = {one.shape.record.name for one in record.members
            if isinstance(one.shape, Nested) and not one.since and one.when is None}
    return must <= here <= may


def _reads(record: Record[Any], sample: Sample) -> bool:
    data, theirs = _traced(sample.record, sample.state, sample.record.version)
    found = [one for one in fits(record, data, qemufile) if isinstance(one, Decoded)]
    if len(found) != 1:
        return False
    try:
        again, ours = _traced(record, found[0].state, found[0].version)
    except VMStateError:
        return False
    return again == data and not disagreements(ours, theirs) and _stands_alone(record, found[0].state)


def _stands_alone(record: Record[Any], state: Any) -> bool:
    """Whether it can be saved without something certain around it. What its hooks do to the state does not matter."""
    try:
        Walk(qemufile.writer(), Mode.LIVE).run(record, state)
    except VMStateError as error:
        return not is_a_part(error)
    return True


def _traced(record: Record[Any], state: Any, version: int) -> tuple[bytes, Seen]:
    """A state as bytes, and the place of each value."""
    writer = qemufile.writer()
    tracer = Tracer(writer)
    Walk(tracer, Mode.WIRE).run(record, state, version)
    return writer.result(), tracer.root
