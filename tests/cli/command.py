"""The command line in this process, and streams of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.migration.recorded import CORPUS
from vmstate_cli import main

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


def recorded(name: str) -> Path:
    """A recorded stream, as it is kept."""
    return STREAMS / f"{name}.qemu.zst"
