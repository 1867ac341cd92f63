"""A real QEMU, driven through its monitor: it loads a stream, answers questions and saves another one.

All waiting is bounded: a machine lives `LIFETIME` seconds at most, and its process is gone when the `with` block is.
"""

import asyncio
import re
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self, TypeVar, cast

from qemu.qmp import EventListener, ExecInterruptedError, Message, QMPClient, QMPError, Runstate

T = TypeVar("T")
LIFETIME = 20.0
GOODBYE = 3.0
STEP = 0.01
WAITING = ("-S", "-incoming", "defer")
"""Arguments of a machine that waits for a stream. It stays stopped, so nothing changes but what a test changes."""


class LoadRefused(Exception):
    """QEMU gave up on a stream; its own words are the text."""


class Machine:
    """One QEMU. `files` are the numbers of open files that it inherits; `lifetime` is in seconds."""

    def __init__(
        self, command: Sequence[str], folder: Path, *, files: Iterable[int] = (), lifetime: float | None = None
    ) -> None:
        self.started_with, self.folder = command, folder
        self._files, self._lifetime = tuple(files), lifetime
        self._client = QMPClient("interop")
        self._events = EventListener(names="MIGRATION")

    # -- its life

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs, (self.folder / "stderr").open("wb") as stderr:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [*self.started_with, "-accel", "tcg", "-display", "none",
                 "-chardev", f"socket,id=monitor,fd={number}", "-mon", "chardev=monitor,mode=control"],
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, pass_fds=(number, *self._files),
                cwd=self.folder)
        self._runner = asyncio.Runner()
        try:
            self._loop = self._runner.get_loop()
            self._deadline = self._loop.time() + (self._lifetime or LIFETIME)
            self._client.register_listener(self._events)
            self._within(lambda: self._client.connect(ours))
            self.capabilities("events")
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

    def command(self, name: str, /, **arguments: object) -> Any:
        """A QMP command and its answer; `_` in an argument's name stands for `-`."""
        given = {key.replace("_", "-"): value for key, value in arguments.items()}
        return self._within(lambda: self._client.execute(name, given or None))

    def monitor(self, line: str) -> str:
        """A command of the human monitor, and what it prints."""
        return cast(str, self.command("human-monitor-command", command_line=line))

    def hand_over(self, file: IO[bytes] | socket.socket, name: str) -> None:
        """Gives it an open file, under a name, until a migration has used it."""
        self._within(lambda: self._give(file.fileno(), "getfd", {"fdname": name}))

    async def _give(self, number: int, command: str, arguments: dict[str, object]) -> None:
        self._client.send_fd_scm(number)
        await self._client.execute(command, arguments)

    def until(self, condition: Callable[[], bool]) -> None:
        """Asks again and again until it is so. Raises TimeoutError when the machine's time is up."""
        while not condition():
            self._within(lambda: asyncio.sleep(STEP))

    @property
    def said(self) -> str:
        """What QEMU has printed so far."""
        return (self.folder / "stderr").read_text("utf-8", "replace")

    # -- migration

    def capabilities(self, *names: str) -> None:
        """Switches capabilities of migration on. Raises QMPError where this QEMU, or its kernel, has them not."""
        states = [{"capability": name, "state": True} for name in names]
        self.command("migrate-set-capabilities", capabilities=states)

    def load(self, stream: bytes) -> None:
        """Feeds a stream to it and waits for the end. Raises LoadRefused, with QEMU's own words."""
        with self._written(stream) as file:
            self.hand_over(file, "incoming")
        self.listen("fd:incoming")
        self.arrive()

    def load_file(self, stream: bytes) -> None:
        """The same, as a file in which it may seek; since QEMU 8.2."""
        with self._written(stream) as file:
            self._within(lambda: self._give(file.fileno(), "add-fd", {"fdset-id": 1}))
        self.listen("file:/dev/fdset/1")
        self.arrive()

    def load_by_socket(self, stream: bytes) -> None:
        """The same, through a socket, by which it may answer."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self.hand_over(theirs, "incoming")
            self.listen("fd:incoming")
            with suppress(OSError):  # it is gone, and has said why
                self._within(lambda: asyncio.to_thread(ours.sendall, stream))
            self.arrive()

    def _written(self, stream: bytes) -> IO[bytes]:
        path = self.folder / "incoming"
        path.write_bytes(stream)
        return path.open("rb")

    def listen(self, uri: str) -> None:
        """Has it load what comes from there. Raises LoadRefused where it is gone already."""
        try:
            self.command("migrate-incoming", uri=uri)
        except ExecInterruptedError:
            raise LoadRefused(self.said) from None

    def arrive(self) -> None:
        """The end of the stream that it loads. Raises LoadRefused, with QEMU's own words."""
        if self.reaches("completed", "failed") != "completed":
            self._process.wait(GOODBYE)  # its last words are written by then
            raise LoadRefused(self.said)

    def save(self) -> bytes:
        """The stream of its present state."""
        path = self.folder / "outgoing"
        with path.open("wb") as file:
            self.begin(file)
        self.finish()
        return path.read_bytes()

    def begin(self, file: IO[bytes], **arguments: object) -> None:
        """Has it write a stream into an open file. Arguments are those of `migrate`."""
        self.hand_over(file, "outgoing")
        self.command("migrate", uri="fd:outgoing", **arguments)

    def finish(self) -> None:
        """The end of what has begun: all of the stream is written."""
        outcome = self.reaches("completed", "failed")
        assert outcome == "completed", f"migration {outcome}: {self.command('query-migrate')} {self.said}"

    def counted(self, group: str, name: str) -> int:
        """What QEMU tells of a migration that goes on: 0 until it does."""
        return cast(int, self.command("query-migrate").get(group, {}).get(name, 0))

    def reaches(self, *wanted: str) -> str:
        """The first of these states that a migration reaches; `failed` where QEMU is gone."""
        return self._within(lambda: self._reaches(wanted))

    async def _reaches(self, wanted: Sequence[str]) -> str:
        gone = asyncio.ensure_future(self._client.runstate_changed())
        try:
            while True:
                event = asyncio.ensure_future(self._events.get())
                done, _ = await asyncio.wait((gone, event), return_when=asyncio.FIRST_COMPLETED)
                if event not in done:
                    event.cancel()
                    return "failed"
                if (status := _status(event.result())) in wanted:
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
        path = self.folder / "memory"
        self.command("pmemsave", val=address, size=size, filename=path.name)
        dump = path.read_bytes()
        path.unlink()
        return dump


def _status(event: Message) -> str:
    return cast("dict[str, str]", event["data"])["status"]
