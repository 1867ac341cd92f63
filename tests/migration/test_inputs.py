"""Bytes from a file, a pipe or a decompressor, through one interface."""

import gzip
import io
import lzma
import mmap
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from migration import inputs
from migration.inputs import opened
from tests.migration.recorded import NAMES, packed, stream
from vmstate import DecodeError, Truncated, Unsupported

DATA = b"QEVM\0\0\0\x03" + bytes(range(256)) * 40
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "zst": zstandard.ZstdCompressor().compress, "gz": gzip.compress, "xz": lzma.compress}
SPOOLED = [*PACKERS, "pipe"]


@pytest.fixture(params=["small", "large"])
def in_memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether what is spooled fits into memory."""
    if request.param == "large":
        monkeypatch.setattr(inputs, "IN_MEMORY", 100)
        monkeypatch.setattr(inputs, "CHUNK", 64)
    return str(request.param)


def read(path: Path) -> bytes:
    """All of it, and that it can be searched and sliced."""
    with opened(str(path)) as data:
        found = bytes(data)
        assert len(data) == len(found)
        assert data[2:5] == found[2:5]
        assert data.find(b"\x03") == found.find(b"\x03")
        assert data.rfind(b"\x03") == found.rfind(b"\x03")
    return found


class Standard:
    """Standard input that comes from somewhere else."""

    def __init__(self, buffer: io.BufferedReader) -> None:
        self.buffer = buffer


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes, int], None]]:
    """Has standard input be a pipe, into which the data go in pieces."""
    threads: list[threading.Thread] = []
    with Path(os.devnull).open("rb") as nothing:
        readers = [nothing]

        def begin(data: bytes, piece: int) -> None:
            out, into = os.pipe()
            readers.append(os.fdopen(out, "rb"))
            monkeypatch.setattr(sys, "stdin", Standard(readers[-1]))
            threads.append(threading.Thread(target=_pour, args=(into, data, piece)))
            threads[-1].start()

        yield begin
        for one in readers:
            one.close()
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()


def _pour(into: int, data: bytes, piece: int) -> None:
    try:
        for at in range(0, len(data), piece):
            os.write(into, data[at:at + piece])
    except BrokenPipeError:
        pass
    finally:
        os.close(into)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, len(DATA)])
def test_a_file_is_mapped(tmp_path: Path, size: int) -> None:
    path = tmp_path / "stream"
    path.write_bytes(DATA[:size])
    assert read(path) == DATA[:size]
    with opened(str(path)) as data:
        assert isinstance(data, mmap.mmap if size else bytes)


@pytest.mark.parametrize("kind", PACKERS)
def test_a_compressed_file(tmp_path: Path, kind: str, in_memory: str) -> None:
    """It is recognised by its content."""
    path = tmp_path / "stream"
    path.write_bytes(PACKERS[kind](DATA))
    assert read(path) == DATA
    with opened(str(path)) as data:
        assert isinstance(data, mmap.mmap if in_memory == "large" else bytes)


@pytest.mark.parametrize("kind", PACKERS)
def test_a_compressed_file_of_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "stream"
    path.write_bytes(PACKERS[kind](b""))
    assert read(path) == b""


@pytest.mark.parametrize("size", [0, 1, 7, 8, len(DATA)])
@pytest.mark.parametrize("piece", [1, 5, 4096])
def test_a_pipe(piped: Callable[[bytes, int], None], size: int, piece: int, in_memory: str) -> None:
    piped(DATA[:size], piece)
    with opened("-") as data:
        assert bytes(data) == DATA[:size]


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("piece", [1, 4096])
def test_a_compressed_pipe(piped: Callable[[bytes, int], None], kind: str, piece: int, in_memory: str) -> None:
    piped(PACKERS[kind](DATA), piece)
    with opened("-") as data:
        assert bytes(data) == DATA


def test_standard_input_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stream"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", Standard(file))
        with opened("-") as data:
            assert isinstance(data, mmap.mmap)
            assert bytes(data) == DATA


def test_standard_input_stays_open(piped: Callable[[bytes, int], None]) -> None:
    piped(DATA, 4096)
    with opened("-"):
        pass
    assert not sys.stdin.buffer.closed


@pytest.mark.parametrize("kind", PACKERS)
def test_every_beginning_of_a_compressed_file(tmp_path: Path, kind: str) -> None:
    """As long as the format can be recognised, an end too early is one."""
    whole, path = PACKERS[kind](DATA), tmp_path / "stream"
    for size in range(6, len(whole), 5):
        path.write_bytes(whole[:size])
        with pytest.raises(DecodeError), opened(str(path)):
            pass


@pytest.mark.parametrize("kind", PACKERS)
def test_a_compressed_file_that_ends_too_early(tmp_path: Path, kind: str, in_memory: str) -> None:
    path = tmp_path / "stream"
    path.write_bytes(PACKERS[kind](DATA)[:-3])
    with pytest.raises(Truncated, match="ends too early"), opened(str(path)):
        pass


@pytest.mark.parametrize("kind", PACKERS)
def test_a_damaged_file(tmp_path: Path, kind: str, in_memory: str) -> None:
    """At any place: an error of ours or, where nothing is checked, other bytes."""
    path = tmp_path / "stream"
    whole = zstandard.ZstdCompressor(write_checksum=True).compress(DATA) if kind == "zst" else PACKERS[kind](DATA)
    refused = 0
    for at in range(6, len(whole), 7):
        path.write_bytes(whole[:at] + bytes((whole[at] ^ 0x55,)) + whole[at + 1:])
        with suppress(DecodeError):
            read(path)
            continue
        refused += 1
    assert refused


@pytest.mark.parametrize("kind", PACKERS)
def test_a_file_compressed_in_parts(tmp_path: Path, kind: str) -> None:
    """All three formats may be put one behind the other, as parallel packers write them."""
    path, pack = tmp_path / "stream", PACKERS[kind]
    path.write_bytes(pack(DATA[:1000]) + pack(DATA[1000:]))
    assert read(path) == DATA


@pytest.mark.parametrize("name", NAMES)
def test_recorded_streams(name: str) -> None:
    assert read(packed(name)) == stream(name)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), opened(str(tmp_path / "nowhere")):
        pass


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), opened(str(tmp_path)):
        pass


def test_without_zstandard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stream"
    path.write_bytes(PACKERS["zst"](DATA))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(Unsupported, match="zstandard"), opened(str(path)):
        pass


@pytest.mark.parametrize("kind", PACKERS)
def test_an_error_of_the_reader_is_left_alone(tmp_path: Path, kind: str) -> None:
    """What happens inside the block is not the decompressor's."""
    path = tmp_path / "stream"
    path.write_bytes(PACKERS[kind](DATA))
    with pytest.raises(EOFError, match="mine"), opened(str(path)):
        raise EOFError("mine")
    with pytest.raises(ValueError, match="mine"), opened(str(path)):
        raise ValueError("mine")


def test_a_file_whose_reader_fails(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_bytes(DATA)
    with pytest.raises(ValueError, match="mine"), opened(str(path)):
        raise ValueError("mine")
