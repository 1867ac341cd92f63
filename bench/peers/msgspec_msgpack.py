"""msgspec: msgpack straight from and to attrs classes, in C."""

from __future__ import annotations

import msgspec

from .peer import Job, verified
from .twins import Twins

NAME, WHAT = "msgspec", "msgpack on attrs classes"


def job(twins: Twins) -> Job:
    """A typed decoder, and an encoder."""
    return verified(twins, msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(twins.root).decode)
