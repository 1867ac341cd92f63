"""Records of nothing but leaves of fixed size, many in a row: one struct takes all of them."""

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
        if not any(member.attribute for member in members):
            return None
        run, whole = ReadRun(to.source, 0, strict=not to.live), to.run
        to.run = run
        for member in members:
            to.exchange(member.shape, spot_of(member, place))
        to.run = whole
        return Row(name, place.record, run, frozenset(
            place.attribute(one.attribute) for one in members if one.attribute is not None))

    def read(self, to: Loading, elements: str, count: int) -> None:
        """Into states that are there."""
        run = self.run
        values, end = self.values(to, count)
        targets = ", ".join((self.name, *run.targets))
        with to.source.block(f"for {targets} in zip({elements}, {', '.join([values] * len(run.targets))}):"):
            for line in run.after:
                to.source.line(line)
            if not run.after:
                to.source.line("pass")
        self.behind(to, end)

    def new(self, to: Loading, into: str, templates: list[Any]) -> None:
        """New states, added to a list."""
        run, raws = self.run, [to.source.local("raw") for _ in self.run.targets]
        values, end = self.values(to, len(templates))
        with to.source.block(f"for {', '.join(raws)}, in zip({', '.join([values] * len(raws))}):"):
            to.source.line(f"{self.name} = new({to.source.name(class_of(templates[0]), 'Element')})")
            for line in presets(self.name, templates[0], self.given, to.source):
                to.source.line(line)
            for target, raw in zip(run.targets, raws, strict=True):
                to.source.line(f"{target} = {raw}")
            for line in run.after:
                to.source.line(line)
            to.source.line(f"{into}.append({self.name})")
        self.behind(to, end)

    def values(self, to: Loading, count: int) -> tuple[str, str]:
        """Variables for all their values, one after the other, and for where they end."""
        to.settle()
        end, values = to.source.local("end"), to.source.local("values")
        unpack = to.source.name(struct_of(">" + "".join(self.run.layout) * count).unpack_from, "unpack")
        to.source.line(f"{end} = at + {count * self.run.size}")
        to.source.line(f"{values} = iter({unpack}(data, at))")
        return values, end

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
