"""cbor2, with plain dicts that generated functions make."""

from __future__ import annotations

import cbor2

from .peer import Job, verified
from .twins import Twins, from_dict, to_dict

NAME, WHAT = "cbor2, dicts", "generated conversion to dicts"


def job(twins: Twins) -> Job:
    """Dicts by attribute."""
    convert, back, dumps, loads = to_dict(twins), from_dict(twins), cbor2.dumps, cbor2.loads
    return verified(twins, lambda state: dumps(convert(state)), lambda data: back(loads(data)))
