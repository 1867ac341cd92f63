"""An author's methods: what they ask, set, and leave undone (VL2xx)."""

from __future__ import annotations

from collections.abc import Iterator

from .flaws import Flaw
from .looking import is_unwritten, looks
from .meeting import ASKED, Met


def check(met: Met) -> Iterator[Flaw]:
    """All rules of methods; each method once, whatever it is for."""
    told = set[tuple[str, str]]()
    for one in met.methods():
        found = looks(one.method, met.kind)
        if is_unwritten(one.method):
            yield Flaw("VL203", met.place, one.name, "it is still to be written")
        for name in sorted(found.asks | found.sets):
            if not hasattr(met.kind, name) and (one.name, name) not in told:
                told.add((one.name, name))
                does = "sets" if name in found.sets else "asks"
                yield Flaw("VL201", met.place, one.name, f"it {does} {name}, which is no attribute")
        if one.role in ASKED and found.sets:
            yield Flaw("VL202", met.place, one.name, f"a {one.role} that sets {', '.join(sorted(found.sets))}")
