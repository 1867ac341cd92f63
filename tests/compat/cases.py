"""Example cases with their verdicts: `cNNN` a planted change of one device, `rNN` sections of two real dumps."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from vmstate.compat.sides import Side
from vmstate.describe import dump_vmstate

FOLDER = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in FOLDER.iterdir())
FAMILIES = {"qemufile": True, "selfdescribing": False}
"""What a case calls formats whose bytes go by their place, and those with names."""


@frozen
class Case:
    """Two sides, and what is expected of them."""

    name: str
    old: Side
    new: Side
    expected: dict[str, Any]

    @property
    def families(self) -> list[tuple[bool, tuple[str, str]]]:
        """Whether bytes go by their place, and the verdicts: backward, forward."""
        return [(positional, (said["backward"], said["forward"])) for name, positional in FAMILIES.items()
                if (said := self.expected["expect"].get(name)) is not None]


@cache
def case(name: str) -> Case:
    """A case by its name."""
    folder = FOLDER / name
    old, new = (dump_vmstate.parse((folder / f"{side}.json").read_bytes(), side) for side in ("old", "new"))
    return Case(name, old, new, json.loads((folder / "expected.json").read_text()))
