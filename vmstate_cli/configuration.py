"""A project's configuration: `[tool.vmstate]` of its pyproject.toml, or vmstate.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from vmstate.errors import DecodeError

from .trouble import Unusable

if TYPE_CHECKING:
    from vmstate.compat.allowances import Granted

OWN, SHARED = "vmstate.toml", "pyproject.toml"
DIFF = "diff"


def allowances(given: str = "") -> list[Granted]:
    """Those of the file given, else of the nearest one: of this folder, or one around it. Raises Unusable, OSError."""
    from vmstate.compat.allowances import configured  # here alone: `diff` has no use for it

    path = Path(given) if given else nearest(Path.cwd())
    if path is None:
        return []
    try:
        return list(configured({key: value for key, value in table(path).items() if key != DIFF}, path.name))
    except DecodeError as error:
        raise Unusable(str(error)) from None


def ignored(given: str = "") -> list[str]:
    """The places that `diff` is to ignore: `ignore` of the table `diff`. Raises Unusable, OSError."""
    path = Path(given) if given else nearest(Path.cwd())
    found: object = {} if path is None else table(path).get(DIFF, {})
    told = cast("dict[str, object]", found) if isinstance(found, dict) else {"": found}
    listed = told.pop("ignore", [])
    patterns = cast("list[object]", listed) if isinstance(listed, list) else [None]
    if told or not all(isinstance(one, str) for one in patterns):
        raise Unusable(f"{path}: {DIFF}: a table is wanted that has nothing but `ignore`, a list of patterns")
    return cast("list[str]", patterns)


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
