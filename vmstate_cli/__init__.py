"""The command `vmstate`: it looks at QEMU's migration streams.

A process starts for one command, so each module here imports what it needs when it needs it.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code (see `exits`). Default: this process's arguments; it then ends.

    In a process of its own, little of what one command makes is garbage, and the end takes it all: to look for it as
    often as usual costs a twentieth of the time, and as much again at the end.
    """
    from .options import run

    if arguments is not None:
        return run(arguments)
    gc.set_threshold(3_000)
    code = run()
    gc.freeze()
    return code
