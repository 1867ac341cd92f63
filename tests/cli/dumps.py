"""Dumps made up for `compare`, as QEMU's `-dump-vmstate` prints them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
HOSTILE = "</script><img src=x onerror=alert(1)>\"'`${1}%0A::error::\r\n\x1b[31m\u2028]]>&lt;"
"""A name that would be something else to a page, a terminal, GitHub or XML."""


def field(name: str, size: int, since: int = 0, **more: object) -> Json:
    return {"field": name, "version_id": since, "field_exists": False, "size": size, **more}


def section(name: str, *fields: Json, version: int = 1, minimum: int = 1, **more: object) -> Json:
    numbers = {"version_id": version, "minimum_version_id": minimum}
    return {"Name": name, **numbers, "Description": {"name": name, **numbers, "Fields": list(fields), **more}}


def dump(folder: Path, name: str, *sections: Json) -> Path:
    """A file of these sections."""
    path = folder / f"{name}.json"
    text = {"vmschkmachine": {"Name": "pc-q35-7.2"}, **{one["Name"]: one for one in sections}}
    path.write_text(json.dumps(text), "utf-8")
    return path


def pair(folder: Path, old: tuple[Json, ...], new: tuple[Json, ...]) -> tuple[Path, Path]:
    """Both sides."""
    return dump(folder, "old", *old), dump(folder, "new", *new)


def hostile(folder: Path) -> tuple[Path, Path]:
    """Two sides in which whatever has a name bears the hostile one."""
    def side(size: int) -> Json:
        inner = section(f"{HOSTILE}/sub", field(HOSTILE, size))["Description"]
        return section(HOSTILE, field(HOSTILE, size), field("b", 2), field(f"{HOSTILE}{size}", 1), Subsections=[inner])
    return pair(folder, (side(4), section("fine", field("x", 4))), (side(8), section("fine", field("x", 4))))
