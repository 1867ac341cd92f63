"""Where a real QEMU is at hand, and how a test starts one."""

import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest
from qemu.qmp import QMPError

from tests.interop import guest
from tests.interop.machine import WAITING, Machine
from tests.migration.recorded import STREAMS

Start = Callable[[str], Machine]
Run = Callable[..., Machine]
INSTALLED = "qemu-system-{arch}"
LATER = "VMSTATE_QEMU_10"
SIZES = {".rom": 1 << 16, ".bin": 1 << 20, "1M": 1 << 20, "4M": 4 << 20}
"""Bytes of an image: firmware by its name, which is the name of its block of RAM too; a disk as the manifest tells."""


# -- the machines of recorded streams

def recorded(name: str, folder: Path, stack: ExitStack, qemu: str = INSTALLED) -> Machine:
    """The machine of a recorded stream, waiting for one. Skips where there is no such QEMU.

    Its images are empty, as no byte of them is read while it is stopped; they reach it as open files, so that it may
    live in another root.
    """
    entry = STREAMS[name]
    command = shlex.split(qemu.format(arch=entry["binary"].removeprefix("qemu-system-")))
    needs(command[0])
    sizes = {image: size for image, (_, size) in entry["images"].items()}
    if entry["guest"]:
        sizes[entry["guest"]] = Path(entry["guest"]).suffix
    images = {f"{{W}}/{image}": _image(SIZES[size], stack) for image, size in sizes.items()}
    arguments = [_argument(one, images) for one in entry["args"]]
    return Machine([*command, *arguments, *WAITING], folder, files=images.values())


def _image(size: int, stack: ExitStack) -> int:
    """The number of an open file of zeros."""
    number = os.memfd_create("image")
    stack.callback(os.close, number)
    os.truncate(number, size)
    return number


def _argument(one: str, images: dict[str, int]) -> str:
    """An argument of QEMU's with open files in the place of images; none of them is a qcow2."""
    for image, number in images.items():
        one = one.replace(image, f"/proc/self/fd/{number}")
    return one.replace("format=qcow2", "format=raw")


def needs(program: str) -> None:
    """Skips where there is no such program."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the machine that a recorded stream was saved on, waiting for a stream; it ends with the test."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(recorded(name, tmp_path, stack))


@pytest.fixture
def start_later(tmp_path: Path) -> Iterator[Start]:
    """The same on a QEMU 10.0; skips where the environment names none."""
    qemu = os.environ.get(LATER) or pytest.skip(f"{LATER} names no QEMU 10.0")
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(recorded(name, tmp_path, stack, qemu))


# -- the PC that writes to its memory

@pytest.fixture
def source(tmp_path: Path) -> Iterator[Run]:
    """Starts the PC of `guest`, with more arguments: it runs, has filled its pages and goes on changing them."""
    with ExitStack() as stack:
        def running(*more: str) -> Machine:
            machine = stack.enter_context(_pc(tmp_path, *more))
            machine.until(lambda: guest.is_filled(machine.memory(guest.PAGES[-1], guest.PAGE)))
            return machine
        yield running


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Run]:
    """Starts the PC of `guest`, with more arguments, waiting for a stream."""
    with ExitStack() as stack:
        yield lambda *more: stack.enter_context(_pc(tmp_path, *more, *WAITING))


def _pc(folder: Path, *more: str) -> Machine:
    folder = Path(mkdtemp(prefix="pc", dir=folder))
    command = guest.pc(folder / "firmware")
    needs(command[0])
    return Machine([*command, *more], folder)


def switch_on(machine: Machine, *capabilities: str) -> None:
    """Switches on what the kernel may refuse. Skips where it does, in QEMU's own words."""
    try:
        machine.capabilities(*capabilities)
    except QMPError as refusal:
        pytest.skip(f"{', '.join(capabilities)}: {refusal} {machine.said}")
