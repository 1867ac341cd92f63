"""The recorded dumps of tests/corpus, by name, and dumps made by hand."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

FOLDER = Path(__file__).parents[1] / "corpus" / "dumps"
NAMES = sorted(path.name.removesuffix(".json.zst") for path in FOLDER.iterdir())
TARGETS = {"i386": "x86_64", "arm": "aarch64"}
"""Of programs that have the devices of another one, which."""


@cache
def text(name: str) -> bytes:
    """A dump's bytes."""
    return zstandard.ZstdDecompressor().decompressobj().decompress((FOLDER / f"{name}.json.zst").read_bytes())


def name_of(release: str, binary: str) -> str | None:
    """The dump of this program, if there is one."""
    target = binary.removeprefix("qemu-system-")
    return next((one for one in NAMES if one.startswith(f"{release}-{TARGETS.get(target, target)}-")), None)


# -- by hand

def field(name: str, size: int = 4, **more: Any) -> dict[str, Any]:
    """A field as QEMU prints it."""
    return {"field": name, "version_id": 0, "field_exists": False, "size": size, **more}


def description(*fields: dict[str, Any], name: str = "dev", version: int = 1, **more: Any) -> dict[str, Any]:
    """A description."""
    return {"name": name, "version_id": version, "minimum_version_id": version, "Fields": list(fields), **more}


def dump(*fields: dict[str, Any], device: str = "dev", inner: Any = None, machine: str = "pc", **more: Any) -> bytes:
    """A dump of one device: with these fields, or with another description; `more` is its section's."""
    said = description(*fields) if inner is None else inner
    section = {"Name": device, "version_id": 1, "minimum_version_id": 1, "Description": said, **more}
    return json.dumps({"vmschkmachine": {"Name": machine}, device: section}).encode()
