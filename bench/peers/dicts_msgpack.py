"""msgpack in C, with plain dicts that generated functions make."""

from __future__ import annotations

import msgpack

from .peer import Job, verified
from .twins import Twins, from_dict, to_dict

NAME, WHAT = "msgpack, dicts", "generated conversion to dicts, the packer in C"


def job(twins: Twins) -> Job:
    """Dicts by attribute."""
    convert, back, pack, unpack = to_dict(twins), from_dict(twins), msgpack.Packer().pack, msgpack.unpackb
    return verified(twins, lambda state: pack(convert(state)), lambda data: back(unpack(data)))
