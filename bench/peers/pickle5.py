"""pickle, protocol 5."""

from __future__ import annotations

import pickle

from .peer import Job, verified
from .twins import Twins

NAME, WHAT = "pickle 5", "attrs classes as they are"


def save(state: object) -> bytes:
    """Protocol 5."""
    return pickle.dumps(state, 5)


def job(twins: Twins) -> Job:
    """Nothing to prepare."""
    return verified(twins, save, pickle.loads)
