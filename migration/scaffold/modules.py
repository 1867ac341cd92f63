"""A module: the classes of a device, each behind those that it has in it, and what they import."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from vmstate import Record

from .bodies import Body
from .known import Known
from .layout import STEP, WIDTH, docstring
from .naming import Names, class_name, worded
from .sketch import Inner, Sketch, inner, unified

DIGITS = re.compile(r"(\d+)")


def module(sketch: Sketch, known: Known, made_of: str, unknown: str) -> str:
    """The text of a module that declares a device. `made_of`: the sources; `unknown`: what these do not tell."""
    return Module(sketch, known).text(made_of, unknown)


class Module:
    """Classes as they are asked for."""

    def __init__(self, sketch: Sketch, known: Known) -> None:
        self.sketch, self.known = sketch, known
        self.alike: defaultdict[str, list[Sketch]] = defaultdict(list)
        self.imported: dict[str, Record[Any]] = {}
        self.reused: dict[int, Record[Any]] = {}
        self.classes: dict[int, str] = {}
        self.texts, self.uses = list[str](), set[str]()
        for one in inner(sketch):
            self.gather(one.sketch)
        self.reuse()
        self.names = Names(self.imported, before_number="No")

    def text(self, made_of: str, unknown: str) -> str:
        """All of it."""
        name = class_name(self.sketch.name)
        self.texts.append(Body(self.names.free(name, f"{name}Device"), self.sketch, self).text())
        head = docstring("", f"TODO: what `{worded(self.sketch.name)}` is, in a line.", (
            f"TODO: QEMU's file, and the versions that this was checked against. Made of {made_of}.",
            f"TODO: what is not known from there: {unknown}."))
        return "\n\n".join([head, "\n".join(self.imports()), *(f"\n{text}" for text in self.texts)]) + "\n"

    def imports(self) -> Iterator[str]:
        """Declarations of this program, then the facade."""
        by_module = defaultdict[str, list[str]](list)
        for name, record in self.imported.items():
            by_module[record.kind.__module__].append(name)
        for where in sorted(by_module):
            yield _import(where, by_module[where])
        yield _import("vmstate", self.uses)

    # -- which records are one

    def gather(self, sketch: Sketch) -> None:
        """A record within: together with those of its name that are like it."""
        alike = self.alike[sketch.name]
        for i, one in enumerate(alike):
            if (both := unified(one, sketch)) is not None:
                alike[i] = both
                return
        alike.append(sketch)

    def together(self, sketch: Sketch) -> Sketch:
        """The one that it was made one with."""
        return next(one for one in self.alike[sketch.name] if unified(one, sketch) is not None)

    def reuse(self) -> None:
        """What is declared already; of two classes of one name the first."""
        for sketch in (one for alike in self.alike.values() for one in alike):
            record = self.known.like(sketch)
            if record is not None and self.imported.setdefault(record.kind.__name__, record) is record:
                self.reused[id(sketch)] = record
        needed = {id(self.together(one.sketch)) for one in inner(self.sketch, self.is_declared)}
        self.imported = {name: record for name, record in self.imported.items()
                         if any(id_ in needed and one is record for id_, one in self.reused.items())}

    def is_declared(self, inner: Inner) -> bool:
        """Whether it is one of those that are reused."""
        return not inner.temporary and id(self.together(inner.sketch)) in self.reused

    # -- what a body asks

    def class_of(self, inner: Inner) -> str:
        """The class of a record within; it is declared if nobody has done so."""
        sketch = self.together(inner.sketch)
        if (record := self.reused.get(id(sketch))) is not None:
            return record.kind.__name__
        if id(sketch) not in self.classes:
            self.declare(sketch)
        return self.classes[id(sketch)]

    def temporary_of(self, inner: Inner, owner: str, attribute: str) -> str:
        """A class of its own for each."""
        sketch = self.together(inner.sketch)
        self.declare(sketch, (owner, attribute))
        return self.classes[id(sketch)]

    def declare(self, sketch: Sketch, parent: tuple[str, str] | None = None) -> None:
        """A class; whatever is in it comes first."""
        name = self.classes[id(sketch)] = self.names.free(class_name(sketch.name, "Part"))
        body = Body(name, sketch, self, parent)
        body.left += [f"TODO: {one.kind.__module__}:{one.kind.__name__} bears this name, and may be it."
                      for one in self.known.named(sketch) if one.version == sketch.version]
        self.texts.append(body.text())

    def needs(self, *names: str) -> None:
        """What is to be imported."""
        self.uses.update(names)


# -- imported names

def _import(where: str, names: Iterable[str]) -> str:
    listed = sorted(names, key=_order)
    if len(line := f"from {where} import {', '.join(listed)}") <= WIDTH:
        return line
    return "\n".join([f"from {where} import (", *(f"{STEP}{one}," for one in listed), ")"])


def _order(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """Classes first; numbers in names as numbers."""
    return not name[:1].isupper(), [
        (int(one), "") if one.isdigit() else (-1, one) for one in DIGITS.split(name) if one]
