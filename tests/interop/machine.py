"""A real QEMU, driven through its monitor: it loads a stream, answers questions and saves another one.

All waiting is bounded: a machine lives `LIFETIME` seconds at most, and its process is gone when the `with` block is.
"""

import asyncio
import os
import re
import shlex
import socket
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self, TypeVar, cast

from qemu.qmp import EventListener, ExecInterruptedError, Message, QMPClient, QMPError, Runstate

T = TypeVar("T")
LIFETIME = 20.0
GOODBYE = 3.0


class LoadRefused(Exception):
    """QEMU gave up on a stream; its own words are the text."""


class Machine:
    """One QEMU that waits for a stream. It stays stopped, so nothing changes but what a test changes."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.started_with, self.folder = command, folder
        self._client = QMPClient("interop")
        self._events = EventListener(names="MIGRATION")

    # -- its life

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs, (self.folder / "stderr").open("wb") as stderr:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [*self.started_with, "-accel", "tcg", "-display", "none", "-S", "-incoming", "defer",
                 "-chardev", f"socket,id=monitor,fd={number}", "-mon", "chardev=monitor,mode=control"],
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, pass_fds=(number,), cwd=self.folder)
        self._runner = asyncio.Runner()
        try:
            self._loop = self._runner.get_loop()
            self._deadline = self._loop.time() + LIFETIME
            self._client.register_listener(self._events)
            self._within(lambda: self._client.connect(ours))
            events_on = [{"capability": "events", "state": True}]
            self.command("migrate-set-capabilities", capabilities=events_on)
        except BaseException:
            ours.close()
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the process, whatever state it is in."""
        try:
            self._deadline = self._loop.time() + GOODBYE
            self._within(self._quit)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait(GOODBYE)
            self._runner.close()  # waits for what still reads from the process

    async def _quit(self) -> None:
        """Asks QEMU to end, and lets go of the connection, which may be broken already."""
        with suppress(QMPError):
            if self._client.runstate is Runstate.RUNNING:
                await self._client.execute("quit")
        with suppress(QMPError, EOFError, OSError):
            await self._client.disconnect()
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, GOODBYE / 2)

    def _within(self, task: Callable[[], Awaitable[T]]) -> T:
        """What the task answers. Raises TimeoutError when the machine's time is up."""
        async def bounded() -> T:
            async with asyncio.timeout_at(self._deadline):
                return await task()
        return self._runner.run(bounded())

    # -- talking to it

    def command(self, name: str, **arguments: object) -> Any:
        """A QMP command and its answer."""
        return self._within(lambda: self._client.execute(name, arguments or None))

    def monitor(self, line: str) -> str:
        """A command of the human monitor, and what it prints."""
        return cast(str, self.command("human-monitor-command", **{"command-line": line}))

    @property
    def said(self) -> str:
        """What QEMU has printed so far."""
        return (self.folder / "stderr").read_text("utf-8", "replace")

    # -- migration

    def load(self, stream: bytes) -> None:
        """Feeds a stream to it and waits for the end. Raises LoadRefused, with QEMU's own words."""
        path = self.folder / "incoming"
        path.write_bytes(stream)
        try:
            self.command("migrate-incoming", uri=f"exec:cat {shlex.quote(str(path))}")
        except ExecInterruptedError:
            raise LoadRefused(self.said) from None
        if self._within(self._outcome) != "completed":
            self._process.wait(GOODBYE)  # its last words are written by then
            raise LoadRefused(self.said)

    def save(self) -> bytes:
        """The stream of its present state, read from a pipe up to its end: QEMU is done before a reader is."""
        out, into = os.pipe()
        with os.fdopen(out, "rb") as pipe:
            try:
                self._within(lambda: self._hand_over(into, "outgoing"))
            finally:
                os.close(into)
            return self._within(lambda: self._saved(pipe))

    async def _hand_over(self, number: int, name: str) -> None:
        """Gives it an open file, under a name."""
        self._client.send_fd_scm(number)
        await self._client.execute("getfd", {"fdname": name})

    async def _saved(self, pipe: IO[bytes]) -> bytes:
        reading = asyncio.ensure_future(asyncio.to_thread(pipe.read))
        await self._client.execute("migrate", {"uri": "fd:outgoing"})
        outcome = await self._outcome()
        assert outcome == "completed", f"migration {outcome}: {self.said}"
        return await reading

    async def _outcome(self) -> str:
        """How a migration ended: as the event says, or `failed` where QEMU is gone."""
        gone = asyncio.ensure_future(self._client.runstate_changed())
        try:
            while True:
                event = asyncio.ensure_future(self._events.get())
                done, _ = await asyncio.wait((gone, event), return_when=asyncio.FIRST_COMPLETED)
                if event not in done:
                    event.cancel()
                    return "failed"
                if (status := _status(event.result())) in ("completed", "failed"):
                    return status
        finally:
            gone.cancel()

    # -- what a guest would see

    def registers(self) -> dict[str, int]:
        """The first processor's registers by name, as far as they are printed `NAME=hex`."""
        return {name: int(value, 16) for name, value in
                re.findall(r"\b([A-Z0-9]+) *=([0-9a-f]+)\b", self.monitor("info registers"))}

    def cmos(self, index: int) -> int:
        """One byte of the clock's CMOS memory, through its two ports."""
        self.monitor(f"o /b 0x70 {index:#x}")
        return int(self.monitor("i /bx 0x71").rpartition("=")[2], 16)

    def memory(self, address: int, size: int) -> bytes:
        """Bytes of guest memory, by physical address."""
        printed = self.monitor(f"xp /{size}bx {address:#x}")
        return bytes(int(one, 16) for line in printed.splitlines() for one in line.partition(":")[2].split())


def _status(event: Message) -> str:
    return cast("dict[str, str]", event["data"])["status"]
