"""The command line in this process and in one of its own, and recorded streams."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.migration.recorded import CORPUS
from vmstate_cli import main

COMMAND = [sys.executable, "-m", "vmstate_cli"]
ROOT = Path(__file__).parents[2]
STREAMS = CORPUS / "streams"
GOLDEN = Path(__file__).parent / "golden"


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


def runner(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line; arguments may be paths."""
    def run(*arguments: str | Path) -> Result:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        return Result(code, *capsys.readouterr())
    return run


def started(
    *arguments: str | Path, data: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """What a command line does as a process of its own, with these bytes as its standard input."""
    return subprocess.run([*COMMAND, *map(str, arguments)], input=data, capture_output=True, cwd=ROOT, check=False,
                          env={**os.environ, **environment})


def recorded(name: str) -> Path:
    """A recorded stream, as it is kept."""
    return STREAMS / f"{name}.qemu.zst"
