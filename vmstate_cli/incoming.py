"""A real QEMU that is to load a stream, asked through its monitor what became of it.

It stays stopped, shows nothing, and lives no longer than it is given. The stream and the monitor reach it as open
files, so that it may live in another root, behind a script.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, Literal, cast

from vmstate.nodes import Node, node

from .trouble import Unusable

Outcome = Literal["loads", "fails", "no answer"]
QUIET = ("-S", "-display", "none")
FAILED = "load of migration failed"
"""Its last words about a stream, in every version; without them it failed before."""
STEP, GOODBYE = 0.02, 3.0
"""Seconds between two questions, and until a QEMU that was asked to end is killed."""
MOST_SAID, MOST_ANSWER = 1 << 20, 1 << 22
"""Bytes of its standard error, and of one answer of its monitor."""


@node
class Answer(Node):
    """What became of a stream; `said` is QEMU's standard error, or why there is no answer."""

    outcome: Outcome
    said: str


def load(binary: str, arguments: Sequence[str], stream: bytes, seconds: float) -> Answer:
    """Has a QEMU load a stream. Raises Unusable where it cannot be started."""
    deadline = time.monotonic() + seconds
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as said, ours:
        file.write(stream)
        file.flush()
        file.seek(0)
        with theirs:
            monitor, number = theirs.fileno(), file.fileno()
            command = [binary, *arguments, *QUIET, "-chardev", f"socket,id=vmstate,fd={monitor}",
                       "-mon", "chardev=vmstate,mode=control", "-incoming", f"fd:{number}"]
            process = _started(command, said, (monitor, number))
        with _ending(process):
            outcome = _outcome(Monitor(ours, deadline), process, deadline)
        words = _text(said)
        return Answer("no answer" if outcome == "fails" and FAILED not in words else outcome, words)


def dump(binary: str, arguments: Sequence[str], seconds: float) -> bytes | None:
    """Its own description of what it loads; None where it gives none. Raises Unusable where it cannot be started."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        command = [binary, *arguments, *QUIET, "-dump-vmstate", "/proc/self/fd/1"]
        process = _started(command, said, (), out)
        with _ending(process):
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
        out.seek(0)
        return out.read() if code == 0 else None


def _started(
    command: Sequence[str], said: IO[bytes], files: tuple[int, ...], out: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out or said, stderr=said,  # noqa: S603
                                pass_fds=files)
    except OSError as error:
        raise Unusable(f"{command[0]}: {error.strerror or error}") from None


@contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Generator[None]:
    """Its process is gone behind the block."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GOODBYE)
        if process.poll() is None:
            process.kill()
        process.wait()


def _text(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - MOST_SAID))
    return said.read().decode("utf-8", "replace").strip()


def _outcome(monitor: Monitor, process: subprocess.Popen[bytes], deadline: float) -> Outcome:
    """Asks until it knows. One that gives up ends its process, after its last words."""
    try:
        monitor.greeted()
        while (status := monitor.ask("query-migrate").get("status")) not in ("completed", "failed"):
            if time.monotonic() > deadline:
                return "no answer"
            time.sleep(STEP)
        return "loads" if status == "completed" else "fails"
    except TimeoutError:
        return "no answer"
    except (EOFError, OSError):
        with suppress(subprocess.TimeoutExpired):
            process.wait(GOODBYE)
        return "fails" if process.poll() else "no answer"


class Monitor:
    """QEMU's monitor, as far as a question and its answer. All raise TimeoutError, or EOFError where QEMU is gone."""

    def __init__(self, ours: socket.socket, deadline: float) -> None:
        self._socket, self._deadline, self._held = ours, deadline, b""

    def greeted(self) -> None:
        """Past its greeting, which says what it is able to do."""
        self._line()
        self.ask("qmp_capabilities")

    def ask(self, command: str) -> dict[str, Any]:
        """A command without arguments, and what it returns; nothing where it is refused."""
        self._socket.sendall(json.dumps({"execute": command}).encode() + b"\n")
        while True:
            told = self._line()
            if "return" in told or "error" in told:
                return _object(told.get("return"))

    def _line(self) -> dict[str, Any]:
        """One message; those that are no answers are events."""
        while b"\n" not in self._held:
            self._socket.settimeout(max(STEP, self._deadline - time.monotonic()))
            if not (more := self._socket.recv(1 << 16)) or len(self._held) > MOST_ANSWER:
                raise EOFError
            self._held += more
        line, _, self._held = self._held.partition(b"\n")
        try:
            told = json.loads(line)
        except ValueError:
            raise EOFError from None
        return _object(told)


def _object(told: object) -> dict[str, Any]:
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}
