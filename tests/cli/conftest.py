"""Fixtures of the command line's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command, runner


@pytest.fixture
def vmstate(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, with nothing in the environment that would change it."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    return runner(capsys)


@pytest.fixture
def made(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file, and says where it is."""
    def write(data: bytes, name: str = "made.qemu") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path
    return write
