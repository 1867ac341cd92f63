"""When generated code is worth its making."""

from __future__ import annotations

import sys
from os import environ
from typing import TYPE_CHECKING, Any, cast

from vmstate.shape import Record

if TYPE_CHECKING:
    from .codegen import Plan

ENOUGH = {"always": 0, "never": 1 << 62}.get(environ.get("VMSTATE_COMPILED", ""), 8)
"""States that the walk takes first; VMSTATE_COMPILED in the environment is "always" or "never" for another choice."""
MOST_COUNTED = 1024


class Offer:
    """What a format offers as `compiled`: a plan, from the eighth state of a record on.

    It is made in the time that the walk takes for so many.
    """

    def __init__(self, name: str) -> None:
        self._name, self._uses = name, dict[tuple[Record[Any], int], int]()

    def __call__(self, record: Record[Any], version: int, /) -> Plan[Any] | None:
        uses = self._uses.get((record, version), 0) + 1
        if len(self._uses) >= MOST_COUNTED:
            self._uses.clear()  # a stream's description brings records of its own, which would stay
        self._uses[record, version] = uses
        if uses < ENOUGH:
            return None
        from .codegen import plan  # which a program that shows one stream does not need

        return plan(record, cast(Any, sys.modules[self._name]), version)
