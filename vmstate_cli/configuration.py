"""A project's configuration: `[tool.vmstate]` of its pyproject.toml, or vmstate.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, cast

from vmstate.compat.allowances import Granted, configured
from vmstate.errors import DecodeError

from .trouble import Unusable

OWN, SHARED = "vmstate.toml", "pyproject.toml"


def allowances(given: str = "") -> list[Granted]:
    """Those of the file given, else of the nearest one: of this folder, or one around it. Raises Unusable, OSError."""
    path = Path(given) if given else nearest(Path.cwd())
    if path is None:
        return []
    try:
        return list(configured(table(path), path.name))
    except DecodeError as error:
        raise Unusable(str(error)) from None


def nearest(folder: Path) -> Path | None:
    """The nearest file that speaks of this program."""
    for around in (folder, *folder.parents):
        if (own := around / OWN).is_file():
            return own
        if (shared := around / SHARED).is_file() and b"vmstate" in shared.read_bytes() and table(shared):
            return shared
    return None


def table(path: Path) -> dict[str, Any]:
    """What a file says to this program. Raises Unusable where it is no TOML."""
    try:
        found: Any = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"{path}: {str(error) or 'nested too deep'}") from None
    for step in ("tool", "vmstate") if path.name == SHARED else ():
        found = cast("dict[str, Any]", found).get(step, {}) if isinstance(found, dict) else {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
