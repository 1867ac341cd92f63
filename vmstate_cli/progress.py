"""How far a long reading has come: a bar by rich, or plain text where rich is not installed; on a terminal alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from .output import is_terminal
from .printable import printable

LONG = 32 << 20
"""Bytes of input from which on it is worth a bar."""
STEPS = 200

Tick = Callable[[int], None]
"""Told how many bytes are done."""


@contextmanager
def progress(file: str, size: int, *, several: bool = False, beside_output: bool = False) -> Generator[Tick]:
    """Shows the progress of one file, if that is worth it. `beside_output`: the terminal shows the result too."""
    wanted = (size >= LONG or several) and is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
    if not wanted or (beside_output and is_terminal(sys.stdout)):
        yield _untold
        return
    with _bar(printable(file), size) as show:
        step, last = max(1, size // STEPS), 0

        def tick(done: int) -> None:
            nonlocal last
            if done - last >= step:
                last = done
                show(done)

        yield tick


def _untold(_done: int) -> None:
    return


@contextmanager
def _bar(file: str, size: int) -> Generator[Tick]:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError:
        with _plain(file, size) as show:
            yield show
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file, total=size)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def _plain(file: str, size: int) -> Generator[Tick]:
    def show(done: int) -> None:
        sys.stderr.write(f"\r{file}: {100 * done // max(1, size)} %")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
