"""Subsections: where a reader looks for them (VL302)."""

from __future__ import annotations

from collections.abc import Iterator

from .flaws import Flaw
from .meeting import Met


def check(met: Met) -> Iterator[Flaw]:
    """VL302: one whose name begins with another's, and goes on with the same word."""
    for sub in met.record.subsections if met.parent is not None else ():
        if sub.name[len(met.record.name):][:1].isalnum():
            yield Flaw("VL302", met.place, sub.name,
                       f"it is read within {met.record.name}, with which its name begins")
