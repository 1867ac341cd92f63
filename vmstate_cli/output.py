"""Standard output: what it can show, and what happens when nobody reads it any more."""

from __future__ import annotations

import os
import sys
from typing import TextIO

NO_TERMINAL = 100
"""Columns where the output is no terminal."""


class Unwritable(Exception):
    """Standard output takes no more. `broken`: whoever read it has gone, which is no error."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.broken = isinstance(error, BrokenPipeError)


def emit(text: str) -> None:
    """A line, or several. Raises Unwritable."""
    try:
        print(text)
    except OSError as error:
        raise Unwritable(error) from None


def flush() -> None:
    """Everything out, so that an error shows now and not when the process ends. Raises Unwritable."""
    try:
        if not getattr(sys.stdout, "closed", True):
            sys.stdout.flush()
    except OSError as error:
        raise Unwritable(error) from None


def prepare() -> None:
    """What the terminal's encoding lacks is written as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")


def discard() -> None:
    """Sends what is still held to nowhere, so that Python does not complain at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # no file behind it
        return


def is_terminal(stream: TextIO) -> bool:
    """Whether a person sees this stream on a terminal. It may be None, or closed."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def width() -> int:
    """Columns of the terminal, or 100."""
    if not is_terminal(sys.stdout):
        return NO_TERMINAL
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or NO_TERMINAL
    except (OSError, ValueError):
        return NO_TERMINAL


def takes(text: str) -> bool:
    """Whether the output's encoding has these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
