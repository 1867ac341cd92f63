"""What goes by between two QEMUs, or from one to nobody: each connection recorded, both ways; and fed to one again."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

CHUNK = 1 << 16
PATIENCE = 5.0


class Connection:
    """One connection's bytes: `there` from the source, `back` from the destination."""

    def __init__(self) -> None:
        self.there, self.back = bytearray(), bytearray()


class Wire:
    """A local socket that a source migrates to. What arrives is recorded, and passed `onward` where that is given.

    It takes as many connections as are `expected`, in the order in which the source makes them.
    """

    def __init__(self, path: Path, onward: Path | None = None, *, expected: int = 1) -> None:
        self.uri, self._path, self._onward, self._expected = f"unix:{path}", path, onward, expected
        self.connections: list[Connection] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = self._socket()
        self._listener.bind(str(self._path))
        self._listener.listen()
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        """Ends whatever is still open."""
        self.cut()
        self.drain()
        for one in self._sockets:
            one.close()

    def cut(self) -> None:
        """All connections end here and now, for both sides."""
        for one in self._sockets:
            with suppress(OSError):  # it has ended already
                one.shutdown(socket.SHUT_RDWR)

    def drain(self) -> None:
        """Waits until all connections were closed by those who made them: what went by is recorded."""
        for thread in self._threads:  # the first one adds the others
            thread.join(PATIENCE)

    def _socket(self) -> socket.socket:
        one = socket.socket(socket.AF_UNIX)
        self._sockets.append(one)
        return one

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        with suppress(OSError):  # cut before all came
            for _ in range(self._expected):
                ours, _ = self._listener.accept()
                self._sockets.append(ours)
                self._record(ours, Connection())

    def _record(self, ours: socket.socket, connection: Connection) -> None:
        self.connections.append(connection)
        theirs = None
        if self._onward is not None:
            theirs = self._socket()
            theirs.connect(str(self._onward))
            self._start(_pump, theirs, ours, connection.back)
        self._start(_pump, ours, theirs, connection.there)


def _pump(source: socket.socket, sink: socket.socket | None, record: bytearray) -> None:
    """Passes on what arrives, until its end; the end too."""
    with suppress(OSError):  # one of the two has gone
        while data := source.recv(CHUNK):
            record += data
            if sink is not None:
                sink.sendall(data)
    if sink is not None:
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def feeding(path: Path, *streams: bytes) -> Generator[None]:
    """Each stream by its own connection to the destination that listens there, in this order.

    The connections stay open in the `with` block. What the destination answers is dropped.
    """
    with ExitStack() as stack:
        for data in streams:
            one = stack.enter_context(socket.socket(socket.AF_UNIX))
            one.connect(str(path))
            sender = threading.Thread(target=_send, args=(one, data), daemon=True)
            sender.start()
            stack.callback(sender.join, PATIENCE)
        yield


def _send(to: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the destination does not want it any more
        to.sendall(data)
