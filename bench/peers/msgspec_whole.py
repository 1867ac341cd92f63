"""msgspec, of states with all their attributes."""

from __future__ import annotations

import msgspec

from .peer import Job, verified
from .twins import Twins
from .wholes import Wholes

NAME, WHAT = "msgspec, whole states", "msgpack on attrs classes with every attribute of the declared ones"


def job(twins: Twins) -> Job:
    """A typed decoder, and an encoder."""
    wholes = Wholes(twins.item)
    return verified(wholes, msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(wholes.root).decode)
