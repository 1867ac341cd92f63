"""Files that a command makes: whole, or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path
from typing import IO

from .trouble import Unusable


@contextmanager
def writing(name: str) -> Generator[Callable[[bytes], object]]:
    """Where the result goes: under a temporary name until it is whole, then in one step under its own."""
    if name == "-":
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    with _unnamed(path) as file:
        try:
            yield file.write
            _settle(file, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _unnamed(path: Path) -> IO[bytes]:
    """A new file beside this one. Raises Unusable where there can be none."""
    if path.is_dir():
        raise Unusable(f"{path}: {os.strerror(EISDIR)}")
    try:
        return tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None


def _settle(file: IO[bytes], path: Path) -> None:
    """All of it on disk, with the mode that a new file has, then under its name."""
    file.flush()
    os.fsync(file.fileno())
    mask = os.umask(0)
    os.umask(mask)
    Path(file.name).chmod(0o666 & ~mask)
    Path(file.name).replace(path)
