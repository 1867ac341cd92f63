"""Where a real QEMU is at hand, and how a test starts one."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.interop.machine import Machine
from tests.migration.recorded import STREAMS

Start = Callable[[str], Machine]
IMAGE = 1 << 20


def command(name: str, folder: Path) -> list[str]:
    """How the machine of a recorded stream is started, its images in this folder. Skips where there is no such QEMU."""
    entry = STREAMS[name]
    if shutil.which(entry["binary"]) is None:
        pytest.skip(f"{entry['binary']} is not installed")
    for image in (*entry["images"], *filter(None, (entry["guest"],))):
        (folder / image).write_bytes(bytes(IMAGE))  # no byte of it is read: the machine stays stopped
    return [entry["binary"], *(one.replace("{W}", str(folder)) for one in entry["args"])]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the machine that a recorded stream was saved on, waiting for a stream; it ends with the test."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(Machine(command(name, tmp_path), tmp_path))
