"""What each page of guest memory holds, by its digest: the last that a stream says of it.

What is sent as a change of a page (XBZRLE), compressed, or through other channels (multifd, RDMA) is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from vmstate.nodes import Node, node

from .items import Flag, Item, Part
from .mapped import MappedBlock, Stored

MOST_PAGES = 1 << 20
"""Pages of one stream that are looked at: 4 GiB of those of a PC."""
UNFOLLOWED = {
    Flag.XBZRLE: "pages are sent as changes (XBZRLE)", Flag.COMPRESS_PAGE: "pages are compressed",
    Flag.HOOK: "pages go by RDMA", Flag.MULTIFD_FLUSH: "pages go through multifd channels"}
ZERO, NOTHING = 0, b"\0"


@node
class PageCount(Node):
    """Of one block: pages that both streams have, that differ among them, and that only one of them has."""

    block: str
    both: int
    differ: int
    before: int
    after: int


class Held:
    """Told of the items of RAM, in their order. `why`: why its pages cannot be compared; empty where they can."""

    def __init__(self) -> None:
        self.blocks: dict[str, dict[int, int]] = {}
        self.why, self._left = "", MOST_PAGES
        self._sizes: dict[str, int] = {}

    def take(self, part: Part, data: bytes, page_size: int) -> None:
        """One item, with the input's bytes that it refers to."""
        if isinstance(part, MappedBlock):
            self._sizes[part.name] = part.page_size
        elif self.why:
            return
        elif isinstance(part, Stored):
            self._stored(part, data)
        elif isinstance(part, Item):
            if (why := UNFOLLOWED.get(part.flag)) is not None:
                self._give_up(why)
            elif part.flag in (Flag.PAGE, Flag.ZERO):
                self._item(part, data, page_size)

    def _item(self, item: Item, data: bytes, page_size: int) -> None:
        if (block := self._block(item.block, item.count)) is None:
            return
        for address, begin, end in item.pages(page_size):
            held = data[begin - item.begin:end - item.begin]
            filled = held * page_size if item.flag is Flag.ZERO and held != NOTHING else held
            block[address] = digest(filled)

    def _stored(self, part: Stored, data: bytes) -> None:
        size = self._sizes.get(part.block, 0)
        if not size or (block := self._block(part.block, part.pages)) is None:
            return
        for at in range(0, len(data), size):
            block[part.address + at] = digest(data[at:at + size]) if part.stored else ZERO

    def _block(self, name: str, pages: int) -> dict[int, int] | None:
        """A block's pages, of which so many more are told; None where they become too many."""
        self._left -= pages
        if self._left < 0:
            self._give_up("there is too much of it")
            return None
        return self.blocks.setdefault(name, {})

    def _give_up(self, why: str) -> None:
        self.why = why
        self.blocks.clear()


def digest(page: bytes) -> int:
    """Not 0, unless the page is all zeros. It serves within one process."""
    return hash(page) or 1 if page.strip(b"\0") else ZERO


def compared(before: Held, after: Held) -> Iterator[PageCount]:
    """Block by block, those of either."""
    for name in dict.fromkeys([*before.blocks, *after.blocks]):
        old, new = before.blocks.get(name, {}), after.blocks.get(name, {})
        both = old.keys() & new.keys()
        yield PageCount(name, len(both), sum(old[at] != new[at] for at in both), len(old) - len(both),
                        len(new) - len(both))
