"""How many bytes the state of devices takes: as QEMU writes it, and in each format and profile.

Counted are the bodies of device sections, without what stands around them: headers and footers there, items and
digests here. A machine's `compact` has each row once, as a document has; a device's has its own rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from bench.sizes.account import Account
from devices.catalogue import registry
from migration.documents.envelopes import FORMS, Form
from migration.inputs import opened
from migration.replica import Stream
from migration.sections import Section
from migration.stream import trailer
from migration.stream.events import Trailer
from visitors._folding import Rows, fold
from vmstate import Registry
from vmstate.format import write
from vmstate.walk import Mode

ORDER = ("ber", "cbor", "msgpack", "json")


@frozen
class Pair:
    """Bytes of both profiles."""

    named: int
    compact: int


@frozen
class Device:
    """One section by itself. `described` is what QEMU's trailer says of it, in bytes; None where it has none."""

    name: str
    declared: bool
    bare: int
    described: int | None
    sizes: dict[str, Pair]


@define
class Machine:
    """One stream: all its device sections, in one document."""

    name: str
    bare: int = 0
    trailer: int = 0
    named: dict[str, int] = field(factory=lambda: dict.fromkeys(ORDER, 0))
    compact: dict[str, int] = field(factory=lambda: dict.fromkeys(ORDER, 0))
    devices: list[Device] = field(factory=list[Device])
    account: Account = field(factory=Account)
    rows: dict[str, Rows] = field(factory=lambda: {form: Rows() for form in ORDER})

    def add(self, section: Section, spaced: bool) -> None:
        """One section more. `spaced`: as the trailer is."""
        self.bare += len(section.body)
        sizes: dict[str, Pair] = {}
        for name in ORDER:
            form, tree = FORMS[name], _tree(section, FORMS[name])
            sizes[name] = Pair(len(form.dumps(tree)), len(form.dumps(fold(tree))))
            self.named[name] += sizes[name].named
            self.compact[name] += self._folded(form, tree)
            if name == "cbor":
                self.account.add(_name(section), section, tree)
        described = None if section.described is None else len(trailer.encode(section.described.pairs, spaced))
        self.devices.append(Device(_name(section), section.source == "declared", len(section.body), described, sizes))

    def _folded(self, form: Form, tree: dict[str, Any]) -> int:
        """What a document has of this state: the rows that are new, and its values."""
        rows = self.rows[form.name]
        known = len(rows.rows)
        folded = rows.fold(tree)
        new = [list(row) for row in rows.rows[known:]]
        if form.name == "cbor":
            self.account.rows += sum(len(form.dumps(row)) for row in new)
        return len(form.dumps([new, folded]))

    @property
    def with_trailer(self) -> int:
        """QEMU's bytes, those that say what the others are included."""
        return self.bare + self.trailer


def _tree(section: Section, form: Form) -> dict[str, Any]:
    """The typed tree; of what nobody understands its bytes, as a document has them."""
    if (decoded := section.decoded) is None:
        return {"body:b": section.body}
    writer = form.writer()
    write(decoded.record, decoded.state, writer, decoded.version, Mode.WIRE)
    return writer.document()


def _name(section: Section) -> str:
    """The device's name, without its place on a bus; with its class, where several have that name."""
    if (decoded := section.decoded) is None:
        return section.header.name
    name = decoded.record.name
    several = section.source == "declared" and len(_registry().for_section(section.header.name, "")) > 1
    return f"{name}.{decoded.record.kind.__name__}" if several else name


@cache
def _registry() -> Registry:
    return registry()


def machine(name: str, path: Path) -> Machine | None:
    """What a recorded stream has; None where it is no main stream, or has no devices."""
    with opened(str(path)) as data:
        stream = Stream(data, _registry())
        if stream.kind != "main stream":
            return None
        found, spaced = Machine(name), stream.description is not None and stream.description.spaced
        for event in stream.events():
            if isinstance(event, Section):
                found.add(event, spaced)
            elif isinstance(event, Trailer):
                found.trailer = event.end - event.begin
        return found if found.devices else None


def machines(folder: Path) -> Iterator[Machine]:
    """Every main stream of a folder (`.qemu`, or packed as `.qemu.zst`), by name."""
    for path in sorted(folder.iterdir()):
        name, mark, _ = path.name.partition(".qemu")
        if mark and (found := machine(name, path)) is not None:
            yield found
