"""What is compared: a side has parts, and knows some facts about them and not others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from ..describe.hooks import all_digests
from ..nodes import Node, node
from ..shape import Record

ALL_FACTS = frozenset({"conditions", "counts", "hooks", "minimum", "needed", "subsections", "types"})
"""`conditions`: which members are gated. `counts`: how many elements. `hooks`: their names and digests. `minimum`: the
oldest version that is read. `needed`: the predicates of subsections, by name. `subsections`: all there are, not only
those that a stream happens to have. `types`: signed or not, integer or bytes. Few tell `meanings` besides: what members
mean, none being told of those that mean nothing special.
"""


class Part:
    """One section: `key` says whose it is where it comes from (QOM type, class, file), `record` what it looks like.

    Neither a record nor `make`, which makes it when it is asked for: it cannot be sent. `version`, `minimum`: those of
    the section, where they are told apart from the record's. `digests`: of each hook, by name. `instance`: its number
    in a stream. `name`: what the section is called there, if that is known without the record. `said`: what the record
    is made of; parts of which the same is said are the same. `allows`: it may say that findings are accepted.
    """

    def __init__(
        self, key: str, record: Record[Any] | None = None, version: int | None = None, minimum: int | None = None,
        digests: Mapping[str, str] | None = None, instance: int | None = None, *, name: str = "", said: object = None,
        make: Callable[[], Record[Any]] | None = None, allows: bool = True,
    ) -> None:
        self.key, self.version, self.minimum, self.instance, self.said = key, version, minimum, instance, said
        self.allows = allows
        self._made, self._make, self._name, self._digests = record, make, name, digests

    @property
    def sendable(self) -> bool:
        """Whether it can be sent at all."""
        return self._made is not None or self._make is not None

    @cached_property
    def record(self) -> Record[Any] | None:
        """What it looks like. Raises DecodeError where what is said of it makes no sense."""
        return self._made if self._make is None else self._make()

    @cached_property
    def name(self) -> str:
        """What the section is called in a stream."""
        return self._name or (self.key if self.record is None else self.record.name)

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Of its hooks, by name: those given, else the record's own."""
        if self._digests is not None:
            return self._digests
        return {} if self.record is None else all_digests(self.record)

    def same_as(self, other: Part) -> bool:
        """Whether both say the same, as far as that is seen without a comparison."""
        if self.said is None or other.said is None:
            return self is other or (self._make is None and other._make is None and self._made is other._made)
        try:
            return self.said == other.said
        except RecursionError:  # as deep as a parser may go, and deeper than two may be compared
            return False

    def __repr__(self) -> str:
        return f"<Part {self.key}>"


@node
class Side(Node):
    """A program's sections, as far as something tells. `machine` is the machine type, where that is known.

    `own`: they are those that a stream is read with, and have taken it or not.
    """

    name: str
    parts: tuple[Part, ...]
    machine: str = ""
    knows: frozenset[str] = ALL_FACTS
    own: bool = False

    def lacks(self, other: Side) -> frozenset[str]:
        """Facts that the other side knows, and this one does not."""
        return other.knows - self.knows


def part_of(key: str, record: Record[Any]) -> Part:
    """A declaration as a part. One that refuses to be sent has no record."""
    return Part(key, None if record.traits.unmigratable else record, name=record.name)


def side_of(name: str, records: Iterable[Record[Any]]) -> Side:
    """Declarations as a side."""
    return Side(name, tuple(part_of(record.kind.__name__, record) for record in records))
