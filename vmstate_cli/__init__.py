"""The command `vmstate`: it looks at QEMU's migration streams.

A process starts for one command, so each module here imports what it needs when it needs it.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code (see `exits`). Default: the arguments of this process."""
    gc.set_threshold(100_000)  # little of what one command makes is garbage: to look for it costs a twentieth
    from .options import run

    return run(arguments)
