"""What a stream shows and what a dump says of one record, together: types and values from one, gates from the other."""

from __future__ import annotations

import re

from vmstate.errors import DecodeError
from vmstate.shape import Blob, Padding

from .sketch import Field, Inner, Leaf, Linked, Many, Maybe, Sketch, Sub, What

NUMBER = re.compile(r"\[\d+\]$")
LISTS = "qtailq", "qlist"
HINT = "the dump is of the QEMU that wrote the stream, or of one that writes the same; or use one of them alone"


class Merger:
    """`counts`: the dump tells the length of each array that has a fixed one (QEMU 8.0 and later)."""

    def __init__(self, counts: bool) -> None:
        self.counts = counts

    def merged(self, seen: Sketch, dumped: Sketch, within: bool = False) -> Sketch:
        """Both as one. Raises DecodeError where the stream has a field that the dump has not."""
        waiting, fields = list(seen.fields), list[Field]()
        version = seen.version if within else dumped.version
        for field in dumped.fields:
            if here := _taken(waiting, field):
                fields += [one.but(what=self.what(one.what, _as_seen(one, field)), since=field.since,
                                   conditional=field.conditional) for one in here]
            elif field.since <= version:
                conditional = field.conditional or field.since <= seen.version
                fields.append(field.but(there=False, conditional=conditional))
        if waiting:
            raise DecodeError(f"the dump has no field {waiting[0].name} at this place of {seen.name}", hint=HINT)
        return Sketch(dumped.name, version, min(dumped.minimum, version), tuple(fields),
                      tuple(self.subsections(seen, dumped)), seen.samples, seen.by_hand)

    def subsections(self, seen: Sketch, dumped: Sketch) -> list[Sub]:
        """Those of the dump, and what else the stream has."""
        here = {one.sketch.name: one for one in seen.subsections}
        made = list[Sub]()
        for sub in dumped.subsections:
            sent = here.pop(sub.sketch.name, None)
            made.append(sub if sent is None else Sub(self.merged(sent.sketch, sub.sketch), sent.told))
        return made + list(here.values())

    def what(self, here: What, there: What) -> What:
        """The stream's word for what it is; the dump's for what may vary, and for what was not there to be seen."""
        match here, there:
            case Inner(), Inner():
                return here.but(sketch=self.merged(here.sketch, there.sketch, within=True))
            case Many(), Many():
                return here.but(of=self.what(here.of, there.of), varies=there.varies)
            case Many(), _:
                return here.but(of=self.what(here.of, there), varies=self.counts)
            case Maybe(of=None), _:
                return here.but(of=there)
            case (Maybe(of=of), _) | (Linked(of=of), _) if of is not None:
                return here.but(of=self.what(of, there))
            case Leaf(shape=Blob(), type=kind), Inner() if kind in LISTS:
                return Linked(there)
            case _:
                return here


def _taken(waiting: list[Field], field: Field) -> list[Field]:
    """The stream's next field, if it is this one; of an array's elements that are not alike, all."""
    taken = list[Field]()
    while waiting and _same(waiting[0], field) and (not taken or (waiting[0].element and taken[0].element)):
        taken.append(waiting.pop(0))
    return taken


def _as_seen(here: Field, there: Field) -> What:
    """What the dump says of an array, or of one element of it."""
    return there.what.of if here.element and isinstance(there.what, Many) else there.what


def _same(here: Field, there: Field) -> bool:
    """Whether a stream's field is a dump's: both or neither mean something, and they have one name.

    QEMU numbers fields that have one name; a stream may have the elements of an array so, or one field of several.
    """
    if _unused(here.what) != _unused(there.what):
        return False
    ours, theirs = NUMBER.sub("", here.name), NUMBER.sub("", there.name)
    return here.name == there.name or (ours == theirs and (ours == here.name or theirs == there.name))


def _unused(what: What) -> bool:
    return isinstance(what, Leaf) and isinstance(what.shape, Padding)
