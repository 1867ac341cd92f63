"""Exit codes, and how an error is told: one line on standard error."""

from __future__ import annotations

import sys

from .printable import printable

FINE = 0
FINDINGS = 1
"""Differences, findings, or a refusal that was predicted."""
USAGE = 2
"""A wrong argument, or a file that cannot be opened."""
DAMAGED = 3
UNSUPPORTED = 4
INTERRUPTED = 130
"""As a shell tells it: 128 and the signal's number."""


def complain(*about: str) -> None:
    """One line on standard error: what it is about, then what is wrong."""
    print(": ".join(("vmstate", *map(printable, about))), file=sys.stderr)
