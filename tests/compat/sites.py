"""The records of a declaration: each with how the whole is made with another one in its place."""

from collections.abc import Callable, Iterator
from typing import Any

from attrs import field, frozen

from vmstate import Record
from vmstate.shape import Array, Chain, Mapping, Member, Nested, Nullable, Shape, Subsection

Path = tuple[str, ...]


@frozen
class Site:
    """A record somewhere in another: how the whole is made with another one in its place."""

    record: Record[Any]
    path: Path
    whole: Callable[[Record[Any]], Record[Any]] = field(repr=False)
    sub: bool = False


def sites(record: Record[Any]) -> list[Site]:
    """All records in a record, itself first."""
    return list(_sites(Site(record, (), lambda new: new), ()))


def _sites(site: Site, above: tuple[Record[Any], ...]) -> Iterator[Site]:
    yield site
    record = site.record
    if record in above or len(above) > 4:
        return
    for i, member in enumerate(record.members):
        for steps, inner, made in inside(member.shape):
            def whole(new: Record[Any], i: int = i, member: Member = member, made: Any = made) -> Record[Any]:
                return site.whole(record.but(members=put(record.members, i, member.but(shape=made(new)))))
            yield from _sites(Site(inner, (*site.path, member.key, *steps), whole), (*above, record))
    for i, sub in enumerate(record.subsections):
        def parent(new: Record[Any], i: int = i, sub: Subsection = sub) -> Record[Any]:
            return site.whole(record.but(subsections=put(record.subsections, i, sub.but(record=new))))
        yield from _sites(Site(sub.record, site.path, parent, sub=True), (*above, record))


def inside(shape: Shape) -> Iterator[tuple[Path, Record[Any], Callable[[Record[Any]], Shape]]]:
    """The records of a shape, each with the steps to it, and how the shape is made of another."""
    match shape:
        case Nested():
            yield (), shape.record, lambda new: shape.but(find=lambda: new)
        case Chain(marker=None):  # its elements tell where it ends
            return
        case Array(of=of) | Chain(of=of) | Nullable(of=of):
            for steps, record, made in inside(of):
                yield steps, record, lambda new, made=made: shape.but(of=made(new))
        case Mapping(value=value):
            for steps, record, made in inside(value):
                yield ("value", *steps), record, lambda new, made=made: shape.but(value=made(new))
        case _:
            return


def put(row: tuple[Any, ...], i: int, *new: Any) -> tuple[Any, ...]:
    """A row with others in place of one."""
    return (*row[:i], *new, *row[i + 1:])


def predicates(*records: Record[Any]) -> list[str]:
    """The names of all predicates."""
    return sorted({str(one.when) for record in records for site in sites(record) for one in site.record.members
                   if one.when is not None})
