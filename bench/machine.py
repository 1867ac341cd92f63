"""What the figures were measured on, without saying whose it is."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "attrs", "msgspec", "cattrs", "msgpack", "cbor2", "protobuf", "construct", "dissect.cstruct", "asn1tools")


def processor() -> str:
    """Its name, as the kernel tells it."""
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def described() -> list[tuple[str, str]]:
    """Name and value of each thing that a figure depends on."""
    return [
        ("processor", f"{processor()}, {os.cpu_count()} of its threads"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}, {sys.platform}"),
        *((name, _version(name)) for name in LIBRARIES),
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
