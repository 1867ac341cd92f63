"""However a QEMU behaves, a test ends, and its process with it."""

import time
from pathlib import Path

import pytest
from qemu.qmp import ConnectError

from tests.interop import machine
from tests.interop.conftest import Start, command
from tests.interop.machine import LoadRefused, Machine

NONE = "none-72"


def test_one_that_waits_for_ever_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """QEMU asks no end of an empty stream."""
    monkeypatch.setattr(machine, "LIFETIME", 1.0)
    began = time.monotonic()
    with Machine(command(NONE, tmp_path), tmp_path) as waiting, pytest.raises(TimeoutError):
        waiting.load(b"")
    assert time.monotonic() - began < 1.0 + machine.GOODBYE + 1
    assert waiting._process.poll() is not None


def test_one_that_refuses_its_arguments(tmp_path: Path) -> None:
    broken = Machine([*command(NONE, tmp_path), "-M", "no-such-machine"], tmp_path)
    with pytest.raises(ConnectError), broken:
        pass
    assert broken._process.poll() == 1
    assert "unsupported machine type" in broken.said


def test_one_that_refuses_a_stream_is_gone(start: Start) -> None:
    refusing = start(NONE)
    with pytest.raises(LoadRefused, match="Not a migration stream"):
        refusing.load(b"no stream at all")
    assert refusing._process.poll() == 1
