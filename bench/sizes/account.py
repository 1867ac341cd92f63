"""Which members take how many bytes: in QEMU's form, and in CBOR's, where names are counted by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import define, field

from migration.sections import Section
from visitors import cbor
from visitors._tree import VERSION
from visitors._types import parted
from vmstate.errors import Key, render_path

NUMBER = re.compile(r"\[\d+\]")
EACH = "[]"


@define
class Member:
    """One member of all devices of a name, summed up: bytes in QEMU's form, zeros among them, and bytes in CBOR."""

    bare: int = 0
    zeros: int = 0
    cbor: int = 0


@define
class Records:
    """Records in one place, summed up: how many, and the bytes of the names that `named` CBOR has with each."""

    count: int = 0
    names: int = 0


@define
class Account:
    """Of a machine's CBOR, `named`: values by member, names by record. `rows`: what `compact` has for all names."""

    members: dict[str, Member] = field(factory=dict[str, Member])
    records: dict[str, Records] = field(factory=dict[str, Records])
    rows: int = 0

    def add(self, device: str, section: Section, tree: dict[str, Any]) -> None:
        """One section more."""
        for path, leaf in section.trace.leaves():
            data = section.written[leaf.begin:leaf.end]
            member = self._member(device, path)
            member.bare += len(data)
            member.zeros += data.count(0)
        self._record(device, (), tree)

    @property
    def names(self) -> int:
        """Bytes of all names with their types."""
        return sum(one.names for one in self.records.values())

    def _member(self, device: str, path: str) -> Member:
        return self.members.setdefault(_place(device, path), Member())

    def _record(self, device: str, path: tuple[Key, ...], tree: dict[str, Any]) -> None:
        records = self.records.setdefault(_place(device, render_path(path), whole=True), Records())
        records.count += VERSION not in tree
        records.names += sum(_size(key) for key in tree)
        self._member(device, render_path(path)).cbor += _head(tree)
        for key, value in tree.items():
            is_subsection = isinstance(value, dict) and VERSION in value
            self._value(device, path if is_subsection else (*path, parted(key)[0]), value)

    def _value(self, device: str, path: tuple[Key, ...], value: Any) -> None:
        if isinstance(value, dict):
            self._record(device, path, cast("dict[str, Any]", value))
        elif isinstance(value, list):
            items = cast("Sequence[Any]", value)
            self._member(device, render_path(path)).cbor += _head(items)
            for one in items:
                self._value(device, (*path, 0), one)
        else:
            self._member(device, render_path(path)).cbor += _size(value)


def _place(device: str, path: str, whole: bool = False) -> str:
    """`DEVICE::member[].member`: elements of a list together; of plain values the list itself."""
    every = NUMBER.sub(EACH, path)
    while not whole and every.endswith(EACH):
        every = every.removesuffix(EACH)
    return "::".join(filter(None, (device, every)))


def _size(value: Any) -> int:
    return len(cbor.dumps(value))


def _head(value: Sequence[Any] | Mapping[str, Any]) -> int:
    """A list's or map's first bytes, which tell how many there are."""
    return _size(len(value))
