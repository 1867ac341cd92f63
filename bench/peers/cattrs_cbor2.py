"""cattrs with cbor2: conversions that it generates."""

from __future__ import annotations

from cattrs.preconf.cbor2 import make_converter

from .peer import Job, verified
from .twins import Twins

NAME, WHAT = "cattrs, cbor2", "its own generated conversions"


def job(twins: Twins) -> Job:
    """Without detailed errors, which is its quicker way."""
    converter, root = make_converter(detailed_validation=False), twins.root
    return verified(twins, converter.dumps, lambda data: converter.loads(data, root))
