"""cattrs with msgpack: conversions that it generates, and msgpack's C."""

from __future__ import annotations

from cattrs.preconf.msgpack import make_converter

from .peer import Job, verified
from .twins import Twins

NAME, WHAT = "cattrs, msgpack", "its own generated conversions, msgpack's packer in C"


def job(twins: Twins) -> Job:
    """Without detailed errors, which is its quicker way."""
    converter, root = make_converter(detailed_validation=False), twins.root
    return verified(twins, converter.dumps, lambda data: converter.loads(data, root))
