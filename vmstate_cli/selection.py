"""Sections by name: any unambiguous tail, `NAME@instance`, `NAME#nth`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from migration.places import Named, NotFound, meant, named
from migration.sections import Section
from migration.stream.events import Configured

from .memory import Memory

if TYPE_CHECKING:
    from .show import Item

__all__ = ["NotFound", "select"]


def select(wanted: Sequence[str], items: Sequence[Item]) -> Iterator[Item]:
    """The items that are meant, in the stream's order, and the configuration. Raises NotFound."""
    there = list(_named(items))
    chosen = {id(one.item) for text in wanted for one in meant(text, there)}
    return (item for item in items if id(item) in chosen or isinstance(item, Configured))


def _named(items: Sequence[Item]) -> Iterator[Named[Item]]:
    headers = ((item, item.header if isinstance(item, Section) else item.section if isinstance(item, Memory) else None)
               for item in items)
    return named((header.name, header.instance_id, item) for item, header in headers if header is not None)
