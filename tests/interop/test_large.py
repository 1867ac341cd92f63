"""A stream of more than 1 GiB, which a QEMU with random bytes in all of its memory writes: read in at most 100 MiB."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest
import zstandard

from tests.interop import guest
from tests.interop.conftest import needs
from tests.interop.machine import Machine

GIB = 1 << 30
NODE, CHUNK = 64 << 20, 1 << 20
DISK = 3 * GIB + (256 << 20)
"""Bytes on disk at the most: the stream, the same compressed, and what is unpacked of it meanwhile."""

MOST = 100 << 20
"""Bytes of memory that a command may have at any time, pages of a mapped file among them."""

LIFETIME = 60.0
LAUNCHER = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
print(used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts a command and tells its peak, in KiB. What a process has before it becomes the command counts, so the one that
starts it has to be small: the test is not."""


class Streams(NamedTuple):
    """One stream, plain and compressed."""

    plain: Path
    packed: Path


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streams]:
    """Recorded once for all tests; gone after them. Skips where the disk is too small."""
    folder = tmp_path_factory.mktemp("large")
    free = shutil.disk_usage(folder).free
    if free < DISK:
        pytest.skip(f"{DISK:,} bytes of disk are needed, {free:,} are free")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        made = Streams(folder / "large.qemu", folder / "large.qemu.zst")
        _record(folder, made.plain)
        with made.plain.open("rb") as plain, made.packed.open("wb") as packed:
            zstandard.ZstdCompressor(level=1, threads=-1).copy_stream(plain, packed, read_size=CHUNK)
        yield made


def _record(folder: Path, stream: Path) -> None:
    """The stream of a machine that has not begun to run. All nodes of its memory are one file of random bytes.

    So these come again and again, but too far apart for a compressor to see.
    """
    command, ram = guest.pc(folder / "firmware"), folder / "ram"
    needs(command[0])
    ram.write_bytes(hashlib.shake_128(b"memory").digest(NODE))
    command += "-S", "-m", f"{GIB >> 20}"
    for i in range(GIB // NODE):
        backend = f"memory-backend-file,id=ram{i},size={NODE},mem-path={ram},share=on"
        command += "-object", backend, "-numa", f"node,memdev=ram{i}"
    with Machine(command, folder, lifetime=LIFETIME) as machine, stream.open("wb") as file:
        machine.command("migrate-set-parameters", max_bandwidth=100 * GIB)
        machine.begin(file)
        machine.finish()
    assert stream.stat().st_size > GIB


class Told(NamedTuple):
    """What a command told of a stream, without its name; and the most memory that it had, in bytes."""

    document: dict[str, Any]
    peak: int


def _told(command: str, file: Path | None, folder: Path, piped: IO[bytes] | None = None) -> Told:
    """Runs a command on a file, or on what is piped to it. What it unpacks goes into this folder."""
    launched = [sys.executable, "-c", LAUNCHER, sys.executable, "-m", "vmstate_cli", command, str(file or "-"),
                "--format", "json"]
    done = subprocess.run(launched, stdin=piped, capture_output=True, text=True, timeout=LIFETIME, check=False,
                          env={**os.environ, "TMPDIR": str(folder)})
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (document if command == "info" else document["streams"][0]).pop("file")
    return Told(document, 1024 * int(done.stderr.split()[-1]))


def _piped(command: str, file: Path, folder: Path) -> Told:
    """Runs a command on what another process reads from a file."""
    with subprocess.Popen(["cat", file], stdout=subprocess.PIPE) as cat:
        return _told(command, None, folder, cat.stdout)


@pytest.mark.parametrize("command", ["verify", "info"])
def test_a_gibibyte(command: str, streams: Streams) -> None:
    """From a file, compressed, and by a pipe: the same is told, and never with more memory."""
    folder = streams.plain.parent
    told = {
        "plain": _told(command, streams.plain, folder),
        "packed": _told(command, streams.packed, folder),
        "piped": _piped(command, streams.plain, folder),
    }
    document = told["plain"].document
    assert [how for how, one in told.items() if one.document != document] == []
    assert {how: one.peak for how, one in told.items() if one.peak > MOST} == {}
    of_it = document if command == "info" else document["streams"][0]
    assert of_it["size"] == of_it.get("accounted", of_it["size"]) == streams.plain.stat().st_size
    assert of_it.get("ok", True)
