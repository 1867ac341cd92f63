"""What is damaged: every recorded stream in pieces, with a few items of RAM of each kind.

VMSTATE_CORPUS names a folder of other recorded streams (`.qemu`, or packed as `.qemu.zst`), which are then damaged
instead: main streams, multifd channels and return paths, as their first bytes tell.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from devices.catalogue import registry
from migration.ram.items import BlockList, Flag, Item
from migration.ram.mapped import MappedBlock, Stored
from migration.ram.mapped import encode as encode_mapped
from migration.replica import Stream
from migration.sections import Section
from migration.stream.events import Event, Ram, SectionEnd, Trailer
from migration.stream.reader import PAGE_SIZE
from tests.migration.recorded import CORPUS

FEW = 2
"""Items of one kind, pages of one item, and pages of a block with mapped RAM."""
MOST_PACKETS = 1 << 16
"""Bytes of a multifd channel."""
GAP = 100
"""Bytes between a block's bitmap and its pages."""

Place = tuple[int, int]


class Piece(NamedTuple):
    """A part of a stream that may be moved as a whole. `leaves`: where its values are, in its bytes."""

    data: bytes
    kind: str
    leaves: tuple[Place, ...] = ()


@cache
def files() -> dict[str, Path]:
    """Every recorded file by its name."""
    folders = [os.environ["VMSTATE_CORPUS"]] if "VMSTATE_CORPUS" in os.environ else [
        CORPUS / "streams", CORPUS / "channels"]
    found = sorted(path for folder in folders for path in Path(folder).iterdir())
    return {path.name.split(".qemu")[0]: path for path in found if ".qemu" in path.name}


def recorded(name: str) -> bytes:
    """The whole stream."""
    path = files()[name]
    data = path.read_bytes()
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if path.suffix == ".zst" else data


@cache
def pieces(name: str) -> tuple[Piece, ...]:
    """The stream that is damaged."""
    data = recorded(name)
    stream = Stream(data, registry())
    if stream.kind != "main stream":
        return tuple(_packets(data, stream))
    return tuple(_gathered(Thinning(data, stream).pieces()))


def whole(name: str) -> bytes:
    """The stream that is damaged, undamaged."""
    return b"".join(piece.data for piece in pieces(name))


def _packets(data: bytes, stream: Stream) -> Iterator[Piece]:
    """Packets of a channel, each with its data; those that are too long are left out."""
    left, begins = MOST_PACKETS, dict[int, Section]()
    for event in stream.events():
        if isinstance(event, Section):
            begins[event.begin] = event
    for begin, end in pairwise([*begins, len(data)]):
        if end - begin <= left:
            left -= end - begin
            yield Piece(data[begin:end], "packet", _leaves(begins[begin]))


def _gathered(parts: Iterator[Piece]) -> Iterator[Piece]:
    """A section, with its header and its footer, as one piece."""
    open_piece: Piece | None = None
    for part in parts:
        if open_piece is not None and part.kind in ("section", "footer"):
            shift = len(open_piece.data)
            leaves = tuple((begin + shift, end + shift) for begin, end in part.leaves)
            open_piece = Piece(open_piece.data + part.data, "section", open_piece.leaves + leaves)
            continue
        if open_piece is not None:
            yield open_piece
        open_piece = part if part.kind == "sectionbegin" else None
        if open_piece is None:
            yield part


def _leaves(section: Section) -> tuple[Place, ...]:
    """Where a section's values stand."""
    return tuple((one.begin, one.end) for _, one in section.trace.leaves() if one.begin < one.end)


class Thinning:
    """A main stream with a few items of RAM of each kind, and so a stream still."""

    def __init__(self, data: bytes, stream: Stream) -> None:
        self.data, self.stream = data, stream
        self.block, self.at, self.met = "", 0, Counter[tuple[Flag, bool]]()
        self.mapped: list[tuple[MappedBlock, bytes]] = []
        self.pages: dict[str, bytes] = {}

    def pieces(self) -> Iterator[Piece]:
        """Each event's bytes, thinned."""
        begin = 0
        for event in self.stream.events():
            for piece in self.event(event, self.data[begin:event.end]):
                self.at += len(piece.data)
                yield piece
            begin = event.end

    def event(self, event: Event | Section, data: bytes) -> Iterator[Piece]:
        """What stays of one event."""
        kind = type(event).__name__.lower()
        if isinstance(event, Section):
            yield Piece(data, "section", _leaves(event))
        elif isinstance(event, Ram):
            yield from self.item(event, event.part)
        elif isinstance(event, SectionEnd):
            yield from self.blocks()
            yield Piece(data, "footer")
        elif isinstance(event, Trailer):
            yield Piece(data[:5], "length")
            yield Piece(data[5:], "trailer")
        else:
            yield Piece(data, kind)

    def item(self, event: Ram, part: Any) -> Iterator[Piece]:
        """An item, if it is one of the first of its kind and names its block, or continues in that of the last one."""
        match part:
            case Item(flag=flag, named=named, block=block) if part.begin < part.end:
                if self.met[flag, named] < FEW and (named or block == self.block):
                    self.met[flag, named] += 1
                    self.block = block
                    *_, (_, _, end) = islice(part.pages(self.stream.reader.page_size or PAGE_SIZE), FEW)
                    yield Piece(self.data[event.begin:end], "ram")
            case BlockList(blocks=()):
                pass
            case MappedBlock():
                self.mapped.append((part, self.data[part.begin:part.end]))
                self.pages[part.name] = b""
            case Stored(block=block):
                if block and len(self.pages[block]) < FEW * (self.mapped[-1][0].page_size):
                    self.pages[block] += self.data[part.begin:part.end]
            case Item(flag=Flag.EOS) if self.mapped:
                pass
            case _:
                yield Piece(self.data[event.begin:event.end], "ram")

    def blocks(self) -> Iterator[Piece]:
        """The list of blocks with mapped RAM, each with its first pages, and the mark that ends it."""
        if not self.mapped:
            return
        sizes = [min(block.used_length, FEW * block.page_size) for block, _ in self.mapped]
        yield Piece((sum(sizes) | Flag.MEM_SIZE).to_bytes(8, "big"), "ram")
        for (block, bitmap), size in zip(self.mapped, sizes, strict=True):
            words = bytes((bitmap[0] & (1 << -(-size // block.page_size)) - 1,)) + bytes(7)
            head = len(encode_mapped(block, b""))
            begin = self.at + head
            new = block.but(used_length=size, bitmap_offset=begin, pages_offset=begin + len(words) + GAP)
            data = encode_mapped(new, words) + bytes(GAP) + self.pages[block.name][:size]
            yield Piece(data, "ram", ((0, head), *((at, at + 8) for at in range(head - 28, head + 8, 8))))
        yield Piece(int(Flag.EOS).to_bytes(8, "big"), "ram")
        self.mapped = []
