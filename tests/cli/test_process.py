"""The command as a process of its own: standard input, pipes that close, terminals, what is imported."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, ROOT, recorded, started
from tests.migration.recorded import stream


def test_standard_input() -> None:
    piped = started("show", "-", data=stream("none-72"))
    assert (piped.returncode, piped.stderr) == (0, b"")
    assert piped.stdout.startswith(b"standard input  1,013 bytes")
    packed = started("show", "-", data=recorded("none-72").read_bytes())
    assert packed.stdout == piped.stdout
    with recorded("none-72").open("rb") as file:
        direct = subprocess.run([*COMMAND, "show", "-"], stdin=file, capture_output=True, cwd=ROOT, check=True)
    assert direct.stdout == piped.stdout
    assert started("verify", "-", data=b"").returncode == 3


def test_a_pipe_that_closes_is_no_error() -> None:
    command = f"{sys.executable} -m vmstate_cli show {recorded('pc72-72-nodefaults')} --all --hex | head -n 3"
    told = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=ROOT, check=False)
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.count(b"\n") == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run([*COMMAND, "show", str(recorded("none-72"))], stdout=full, stderr=subprocess.PIPE,
                              cwd=ROOT, check=False)
    assert told.returncode == 2
    assert told.stderr == b"vmstate: standard output: No space left on device\n"


def test_an_encoding_without_lines_to_draw() -> None:
    told = started("show", recorded("none-72"), PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.isascii()
    assert b"|- cpu_ticks_offset" in told.stdout


def _on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a terminal of its own is sent."""
    ours, theirs = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM", "COLUMNS")}
    with subprocess.Popen([*COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
                          env={**clean, "TERM": "xterm", **environment}) as process:
        os.close(theirs)
        parts: list[bytes] = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # Linux says so when the other side is closed
            pass
        assert process.wait() == 0
    os.close(ours)
    return b"".join(parts).decode()


def test_colours_on_a_terminal() -> None:
    path = str(recorded("none-72"))
    assert "\x1b[1;36mtimer\x1b[0m" in _on_a_terminal("show", path)
    assert "\x1b" not in _on_a_terminal("show", path, NO_COLOR="1")
    assert "\x1b" not in _on_a_terminal("show", path, TERM="dumb")


def test_a_bar_on_a_terminal() -> None:
    """Several inputs are long work."""
    path = str(recorded("none-72"))
    assert "%" in _on_a_terminal("verify", path, path) or "━" in _on_a_terminal("verify", path, path)
    assert "━" not in _on_a_terminal("verify", path)


def test_little_is_imported() -> None:
    """What `show` needs, and nothing that takes long to start."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "vmstate_cli", "show", str(recorded("pc72-72-nodefaults"))],
        capture_output=True, text=True, cwd=ROOT, check=True).stderr
    imported = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert not imported & {"argparse", "rich", "asyncio", "tempfile", "pathlib", "vmstate_cli.selection",
                           "vmstate_cli.documents", "importlib.metadata"}
