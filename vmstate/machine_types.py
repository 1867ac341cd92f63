"""Machine types: which of a device's facts they decide by their versions.

A name such as `pc-q35-6.1` says which machine the guest sees, whatever QEMU runs it; for older ones QEMU turns off what
came later (hw/core/machine.c: hw_compat_*; hw/i386/pc.c: pc_compat_*). A name without a version (`microvm`), or with a
distribution's own (`pc-q35-rhel9.6.0`), decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from .nodes import Node, node

BEFORE = "__vmstate_before__"
"""Where a class holds what its attributes are on older machine types."""
MOST_DIGITS = 4


@node
class MachineType(Node):
    """A family of machine types (`pc-q35`; empty: any), and a version of it."""

    family: str
    version: tuple[int, ...]

    @classmethod
    def of(cls, name: str) -> MachineType | None:
        """What a machine type's name says, or a version alone; None where there is no version in it."""
        family, _, version = name.rpartition("-")
        steps = version.split(".")
        if len(steps) < 2 or not all(one.isascii() and one.isdigit() and len(one) <= MOST_DIGITS for one in steps):
            return None
        return cls(family, tuple(int(one) for one in steps))

    def precedes(self, other: MachineType) -> bool:
        """Whether it is older, and of the other's family if that is of one."""
        return other.family in ("", self.family) and self.version < other.version

    def value(self, before: Mapping[MachineType, Any], newest: Any) -> Any:
        """Of a fact with these values on older machine types."""
        older = [one for one in before if self.precedes(one)]
        return before[min(older, key=lambda one: one.version)] if older else newest


def decided(state: object) -> Mapping[str, Mapping[MachineType, Any]]:
    """By attribute of a state, or of its class: what it is on machine types before these."""
    return cast("Mapping[str, Mapping[MachineType, Any]]", getattr(state, BEFORE, {}))


def suit(state: object, machine: MachineType) -> None:
    """Sets what this machine type decides, of the state and of all within. What it leaves open stays as it is."""
    for one in states_within(state):
        for name, before in decided(one).items():
            setattr(one, name, machine.value(before, getattr(one, name)))


def states_within(value: object) -> Iterator[object]:
    """A state and those that it holds, in lists and mappings too; of such a list or mapping likewise."""
    if hasattr(type(value), "__vmstate__"):
        yield value
        slots = cast("tuple[str, ...]", vars(type(value))["__slots__"])
        held: Iterable[object] = (getattr(value, name, None) for name in slots)
    elif isinstance(value, dict):
        held = cast("dict[object, object]", value).values()
    else:
        held = cast("list[object]", value) if isinstance(value, list | tuple) else ()
    for one in held:
        yield from states_within(one)
