"""A document with other items, and with digests that are right: what another program might have written."""

from collections.abc import Callable
from typing import Any

from devices.catalogue import registry
from migration.documents.reading import Document
from migration.documents.writing import Sealer

Item = dict[str, Any]
Change = Callable[[list[Item]], object]


def changed(data: bytes, change: Change) -> bytes:
    """The same document, its items changed."""
    document, out = Document(data, registry()), bytearray()
    items = list(document.items())
    change(items)
    sealer = Sealer(out.extend, document.form, items[0]["profile"] == "compact")
    for item in items:
        sealer.put(item)
    return bytes(out)


def section(items: list[Item], name: str) -> Item:
    """The item of this section."""
    (found,) = [item for item in items if item.get("name") == name]
    return found


def added(name: str, key: str, value: Any, *path: str) -> Change:
    """Another attribute in a section's state, or in a record of it."""
    def change(items: list[Item]) -> None:
        inside = section(items, name)["state:{}"]
        for step in path:
            inside = inside[step]
        inside[key] = value
    return change
