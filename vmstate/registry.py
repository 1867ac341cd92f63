"""(target, name) -> Record: the declarations that a program knows. A registry is passed; there is no global one.

A catalogue is data: each name that a section may bear, and where its class is (`"devices.timer.hpet:Hpet"`). A module
is imported when one of its names is asked for; of a name that means something else for each target, that of the target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from .combinators import record_of
from .shape import Record

Entry = type | str
"""A class, or where it is: `module:Class`."""
Entries = Entry | tuple[Entry, ...]
Catalogue = Mapping[str, Entries | Mapping[str, Entries]]
"""By name; or by name and targets (`"i386,x86_64"`)."""


class Registry:
    """Records by name. A name may mean several, each perhaps for certain targets alone.

    `machines` tells the target by how a machine type's name begins (`pc-`: x86_64); a name alone may end with `$`.
    """

    def __init__(self, catalogue: Catalogue | None = None, machines: Mapping[str, str] | None = None) -> None:
        self._machines = dict(machines or {})
        self._entries: dict[str, list[tuple[str, Entry]]] = {}
        for name, found in (catalogue or {}).items():
            for targets, entries in found.items() if isinstance(found, Mapping) else [("", found)]:
                several = entries if isinstance(entries, tuple) else (entries,)
                self._entries.setdefault(name, []).extend((targets, one) for one in several)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def add(self, kind: Entry, *names: str) -> None:
        """One more class, under its record's own name or under those given. Raises TypeError if it is no state."""
        for name in names or (record_of(_found(kind)).name,):
            self._entries.setdefault(name, []).append(("", kind))

    def target(self, machine: str) -> str:
        """The target of a machine type; empty where its name does not tell."""
        for prefix, target in self._machines.items():
            if machine + "$" == prefix or machine.startswith(prefix):
                return target
        return ""

    def named(self, name: str, target: str = "") -> list[Record[Any]]:
        """The records of this very name; those for another target are left out. Empty if there is none."""
        records = [record_of(_found(entry)) for targets, entry in self._entries.get(name, ())
                   if not target or not targets or target in targets.split(",")]
        return [one for one in records if not target or not one.traits.target or target in one.traits.target]

    def for_section(self, section: str, target: str = "") -> list[Record[Any]]:
        """The records of the longest known tail of a section's name: `0000:00:03.0/virtio-net` is `virtio-net`."""
        steps = section.split("/")
        for i in range(len(steps)):
            if found := self.named("/".join(steps[i:]), target):
                return found
        return []


def _found(entry: Entry) -> type:
    if not isinstance(entry, str):
        return entry
    module, _, name = entry.partition(":")
    kind: type = getattr(import_module(module), name)
    return kind
