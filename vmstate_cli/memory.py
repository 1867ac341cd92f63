"""What a stream says of guest RAM: its blocks, and how many pages of each kind went by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from migration.ram.items import Block, BlockList, Flag, Item
from migration.ram.mapped import MappedBlock
from migration.stream.events import Ram, SectionBegin

from .printable import printable

if TYPE_CHECKING:
    from .rows import Row

NAMES = {flag: flag.name.lower() for flag in Flag}
KINDS = {"page": "with data", "compress_page": "compressed"}
"""What a kind of page is called, where it is not called as its flag is."""


class Memory:
    """Tallies the items of RAM's sections. `begin` and `end` are the first one's body, `size` that of all."""

    def __init__(self) -> None:
        self.section: SectionBegin | None = None
        self.blocks: dict[str, Block] = {}
        self.pages: dict[str, Counter[str]] = {}
        self.begin = self.end = self.size = self.parts = 0

    def take(self, event: Ram) -> None:
        """One item more."""
        part = event.part
        if self.section is None:
            self.section, self.begin = event.section, event.begin
        if event.section is self.section:
            self.end = event.end
        self.size += event.end - event.begin
        if isinstance(part, Item):
            self._item(part)
        elif isinstance(part, BlockList):
            self.blocks.update((one.name, one) for one in part.blocks)
        elif isinstance(part, MappedBlock):
            self.blocks[part.name] = Block(part.name, part.used_length, part.address)
        else:
            self._tally(part.block)["page" if part.stored else "zero"] += part.pages

    def _item(self, part: Item) -> None:
        if not part.block:
            self.parts += part.flag is Flag.EOS
            return
        if part.block not in self.blocks:
            self.blocks[part.block] = Block(part.block, None)
        self._tally(part.block)[NAMES[part.flag]] += part.count

    def _tally(self, block: str) -> Counter[str]:
        """The pages of a block by kind."""
        tally = self.pages.get(block)
        if tally is None:
            tally = self.pages[block] = Counter()
        return tally

    @property
    def total(self) -> Counter[str]:
        """Pages by kind, over all blocks."""
        return sum(self.pages.values(), Counter[str]())

    def state(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "blocks": [{"name": one.name, "length": one.used_length, "address": one.address,
                        "page_size": one.page_size, "pages": dict(self.pages.get(one.name, {}))}
                       for one in self.blocks.values()],
            "pages": dict(self.total), "records": self.parts, "bytes": self.size,
        }

    def rows(self) -> tuple[Row, ...]:
        """As the tree has it."""
        from .rows import Row  # which JSON has no use for

        return tuple(Row(printable(one.name), "" if one.used_length is None else f"{one.used_length:,} bytes",
                         self._told(one)) for one in self.blocks.values())

    def _told(self, block: Block) -> str:
        at = "" if block.address is None else f"at {block.address:#x}; "
        if block.page_size is not None:
            at += f"the host's pages have {block.page_size:,} bytes; "
        return at + pages(self.pages.get(block.name, Counter()))


def pages(tally: Counter[str]) -> str:
    """Page counts in words."""
    return ", ".join(f"{n:,} {KINDS.get(kind, kind)}" for kind, n in sorted(tally.items())) or "no pages"
