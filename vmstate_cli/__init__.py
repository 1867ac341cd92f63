"""The command `vmstate`: it looks at QEMU's migration streams.

A process starts for one command, so each module here imports what it needs when it needs it.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code (see `exits`). Default: the arguments of this process."""
    from .options import run

    return run(arguments)
