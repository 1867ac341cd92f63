"""Records of nothing but leaves of fixed size, many in a row: one struct goes over all of them."""

from __future__ import annotations

from typing import Any, cast

from vmstate.nodes import Node, node
from vmstate.shape import Nested, Record, Shape

from .fresh import presets
from .loading import Loading
from .members import leaves_of, spot_of
from .places import Place, version_of
from .runs import ReadRun, struct_of
from .source import class_of
from .spots import Spot
from .support import SUBSECTION


@node
class Row(Node):
    """How one element is read: its variable, its class's record, and the run that has all its leaves."""

    name: str
    record: Record[Any]
    run: ReadRun
    given: frozenset[str]

    @staticmethod
    def of(shape: Shape, spot: Spot, name: str, to: Loading, template: Any = None) -> Row | None:
        """That of an array's elements; None where there is more to them than leaves. `template`: of new ones."""
        place = element_place(cast(Nested, shape), spot, name)
        if template is not None:
            place = place.but(template=template, fresh=True)
        members = leaves_of(place, to.source, to.live)
        if not members:
            return None
        run, whole = ReadRun(to.source, 0, strict=not to.live), to.run
        to.run = run
        for member in members:
            to.exchange(member.shape, spot_of(member, place))
        to.run = whole
        return Row(name, place.record, run, frozenset(
            place.attribute(one.attribute) for one in members if one.attribute is not None))

    def read(self, to: Loading, elements: str, n: str) -> None:
        """Into states that are there."""
        targets, run = ", ".join(self.run.targets), self.run
        end = self.extent(to, n)
        with to.source.block(f"for {self.name}, ({targets},) in zip({elements}, {self.unpack(to)}(data[at:{end}])):"):
            for line in run.after:
                to.source.line(line)
            if not run.after:
                to.source.line("pass")
        self.behind(to, end)

    def new(self, to: Loading, into: str, templates: list[Any]) -> None:
        """New states, added to a list."""
        raw, run = to.source.local("raw"), self.run
        end = self.extent(to, str(len(templates)))
        with to.source.block(f"for {raw} in {self.unpack(to)}(data[at:{end}]):"):
            to.source.line(f"{self.name} = new({to.source.name(class_of(templates[0]), 'Element')})")
            for line in presets(self.name, templates[0], self.given, to.source):
                to.source.line(line)
            to.source.line(f"{', '.join(run.targets)}, = {raw}")
            for line in run.after:
                to.source.line(line)
            to.source.line(f"{into}.append({self.name})")
        self.behind(to, end)

    def unpack(self, to: Loading) -> str:
        return to.source.name(struct_of(f">{''.join(self.run.layout)}").iter_unpack, "unpack")

    def extent(self, to: Loading, n: str) -> str:
        """A variable for where they end."""
        to.settle()
        end = to.source.local("end")
        to.source.line(f"{end} = at + {n} * {self.run.size}")
        to.source.line(f"if {end} > whole: raise Miss")
        return end

    def behind(self, to: Loading, end: str) -> None:
        """What was left for afterwards: a subsection behind one of them, an odd truth."""
        size, name = self.run.size, self.record.name.encode()
        for offset in self.run.truths if self.run.strict else ():
            to.source.line(f"if max(data[at + {offset}:{end}:{size}], default=0) > 1: raise Miss")
        found = f"{SUBSECTION} in data[at + {size}:{end}:{size}]"
        to.source.line(f"if {found} and one_meets(data, range(at + {size}, {end}, {size}), {name!r}): raise Miss")
        to.source.line(f"at = {end}")
        to.run.end(name)


def element_place(shape: Nested, spot: Spot, name: str) -> Place:
    """The place of an array's element."""
    record = shape.record
    return Place(name, record, version_of(shape, spot.place), spot.place, record.make(), False,
                 (*spot.place.path, spot.key, "i"))

