"""Bytes to read, with one interface: a file by map, a pipe or a compressed file by spooling.

What is compressed (zstd, gzip, xz) is recognised by its first bytes, not by its name.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, Protocol, cast

from vmstate import DecodeError, Truncated, Unsupported

GIVEN_BACK = 1 << 18
"""Bytes of a map that may have been looked at before they are given back."""

Searchable = bytes | mmap.mmap
"""Bytes that can be searched and sliced: in memory, or a map."""

CHUNK = 1 << 20
IN_MEMORY = 16 << 20
"""Up to here decompressed and piped bytes are held in memory; beyond, in a temporary file."""

ZSTD, GZIP, XZ = b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"\xfd7zXZ\x00"


@contextmanager
def opened(name: str) -> Generator[Searchable]:
    """The bytes of a file, or of standard input for `-`. Raises OSError; DecodeError where decompression fails."""
    with _stream(name) as raw:
        head = raw.read(8)
        unpack = next((unpack for magic, unpack in UNPACKERS.items() if head.startswith(magic)), None)
        if unpack is None and raw.seekable():
            with _mapped(raw) as data:
                yield data
            return
        ahead = _Ahead(head, raw)
        chunks = _chunks(ahead) if unpack is None else _checked(unpack(ahead))
        with spooled(chunks) as data:
            yield data


class Window:
    """The part of a map that is looked at: what lies before it is given back, so that memory does not grow with it."""

    def __init__(self, data: Searchable) -> None:
        self.data, self.begin = data, 0

    def move(self, begin: int) -> None:
        """Nothing before this offset is needed any more, or it will be read again from the file."""
        if isinstance(self.data, mmap.mmap) and begin - self.begin >= GIVEN_BACK:
            end = begin // mmap.PAGESIZE * mmap.PAGESIZE
            self.data.madvise(mmap.MADV_DONTNEED, self.begin, end - self.begin)
            self.begin = end


@contextmanager
def _stream(name: str) -> Generator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
    else:
        with open(name, "rb") as raw:  # noqa: PTH123  pathlib costs more to import than the rest of this module
            yield raw


@contextmanager
def spooled(chunks: Iterator[bytes]) -> Generator[Searchable]:
    """All of it, in memory while it is small, else in a temporary file that is mapped."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) > IN_MEMORY:
            break
    else:
        yield bytes(held)
        return
    import tempfile  # here alone: it costs more than all else in this module

    with tempfile.TemporaryFile() as file:
        file.write(held)
        held.clear()
        file.writelines(chunks)
        file.flush()
        with _mapped(file) as data:
            yield data


@contextmanager
def _mapped(raw: IO[bytes]) -> Generator[Searchable]:
    """A map of a file; plain bytes where it is empty."""
    raw.seek(0)
    try:
        data = mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:  # an empty file cannot be mapped
        yield raw.read()
        return
    try:
        yield data
    finally:
        with suppress(BufferError):  # somebody still looks at it, and lets it go with the last view
            data.close()


class _Ahead:
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, raw: IO[bytes]) -> None:
        self.head, self.raw = head, raw

    def read(self, size: int = -1) -> bytes:
        if self.head:
            head, self.head = (self.head, b"") if size < 0 else (self.head[:size], self.head[size:])
            return head
        return self.raw.read(size)


def _chunks(raw: _Ahead) -> Iterator[bytes]:
    while chunk := raw.read(CHUNK):
        yield chunk


def _checked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks; what a decompressor has to say becomes an error of ours."""
    import lzma
    import zlib

    try:
        yield from chunks
    except EOFError:
        raise Truncated("the compressed file ends too early") from None
    except (OSError, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DecodeError(f"the compressed file is damaged: {error}") from None


def _zstd(raw: _Ahead) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        raise Unsupported("a .zst file needs zstandard", hint="pip install zstandard") from None
    try:
        yield from _frames(zstandard.ZstdDecompressor().decompressobj, raw)
    except zstandard.ZstdError as error:
        raise DecodeError(f"the compressed file is damaged: {error}") from None


class _Unpacker(Protocol):
    """One frame or stream; what is behind it is handed back."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _frames(new: Callable[[], _Unpacker], raw: _Ahead) -> Iterator[bytes]:
    """Frame after frame: packers that work in parallel write several."""
    unpacker: _Unpacker | None = None
    for chunk in _chunks(raw):
        while chunk:
            unpacker = unpacker or new()
            yield unpacker.decompress(chunk)
            chunk = unpacker.unused_data if unpacker.eof else b""  # noqa: PLW2901  it is what is left of the chunk
            unpacker = None if unpacker.eof else unpacker
    if unpacker is not None:
        raise EOFError


def _gzip(raw: _Ahead) -> Iterator[bytes]:
    import gzip

    with gzip.GzipFile(fileobj=cast(Any, raw)) as unpacked:
        while chunk := unpacked.read(CHUNK):
            yield chunk


def _xz(raw: _Ahead) -> Iterator[bytes]:
    import lzma

    yield from _frames(lzma.LZMADecompressor, raw)


UNPACKERS = {ZSTD: _zstd, GZIP: _gzip, XZ: _xz}
