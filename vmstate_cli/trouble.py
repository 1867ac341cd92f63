"""Errors of the engine and of the system, as exit codes and text."""

from __future__ import annotations

from vmstate.errors import Unsupported, VMStateError

from . import exits


class Unusable(Exception):
    """An option's value that cannot be used; the message says which, and why."""


Trouble = VMStateError | OSError | Unusable
TROUBLES = VMStateError, OSError, Unusable


def code_of(trouble: Trouble) -> int:
    """The exit code that this ends in."""
    if isinstance(trouble, OSError | Unusable):
        return exits.USAGE
    return exits.UNSUPPORTED if isinstance(trouble, Unsupported) else exits.DAMAGED


def text_of(trouble: Trouble) -> str:
    """What is wrong, without the file's name."""
    return (trouble.strerror if isinstance(trouble, OSError) else None) or str(trouble)
