"""However a QEMU behaves, a test ends, and its process with it."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from qemu.qmp import ConnectError

from tests.interop import machine
from tests.interop.conftest import Start, recorded
from tests.interop.machine import LoadRefused, Machine

NONE = "none-72"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Machine]:
    """A machine of nothing, not started yet."""
    with ExitStack() as stack:
        yield recorded(NONE, tmp_path, stack)


def test_one_that_waits_for_ever_is_ended(bare: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing ever comes from a pipe that nobody writes to."""
    monkeypatch.setattr(machine, "LIFETIME", 1.0)
    began = time.monotonic()
    out, into = os.pipe()
    with os.fdopen(out, "rb") as pipe, os.fdopen(into, "wb"), bare:
        bare.hand_over(pipe, "silence")
        bare.listen("fd:silence")
        with pytest.raises(TimeoutError):
            bare.arrive()
    assert time.monotonic() - began < 1.0 + machine.GOODBYE + 1
    assert bare._process.poll() is not None


def test_one_that_refuses_its_arguments(bare: Machine) -> None:
    broken = Machine([*bare.started_with, "-M", "no-such-machine"], bare.folder)
    with pytest.raises(ConnectError), broken:
        pass
    assert broken._process.poll() == 1
    assert "unsupported machine type" in broken.said


def test_one_that_refuses_a_stream_is_gone(start: Start) -> None:
    refusing = start(NONE)
    with pytest.raises(LoadRefused, match="Not a migration stream"):
        refusing.load(b"no stream at all")
    assert refusing._process.poll() == 1
