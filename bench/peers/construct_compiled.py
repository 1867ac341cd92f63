"""construct, compiled to Python: QEMU's bytes by a description of them, from and to attrs classes."""

from __future__ import annotations

from . import construct_interpreted
from .peer import Job
from .twins import Twins

NAME, WHAT = "construct compiled", "QEMU's bytes; generated conversion of its containers"


def job(twins: Twins) -> Job:
    """The same description, compiled."""
    return construct_interpreted.made(twins, lambda described: described.compile())
