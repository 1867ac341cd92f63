"""Generated code: what the walk does with a format, written down once for a record, and compiled.

QEMU's wire, CBOR, msgpack and BER have such code; JSON and the compact profiles are walked.

A plan has the functions of one record at one version. They do what the walk does, hooks included, or nothing that
anybody sees: where something is odd or wrong, the walk does it all again and explains.

    plan = codegen.plan(Rtc)  # or codegen.plan(Rtc, cbor)
    data = plan.save(rtc)
    rtc = plan.load(data)
    plan.load_into(rtc, data)
"""

from __future__ import annotations

from .codes import Step
from .plans import Plan, What, plan

__all__ = ["Plan", "Step", "What", "plan"]
