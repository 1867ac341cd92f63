"""The settings of a schema: by path there, and so by record here."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from ..errors import DecodeError
from ..shape import Setting
from .objects import Said

MOST_CHOICES = 4096
STEP = re.compile(r'"([^"]*)"|\[[0-9]+\]|([^.\[\]"]+)')
ANYWHERE = re.compile(r"\(\.\*\\\.\)\?|\.\*")
INDEX = r"\[[0-9]+\]"
ESCAPED = re.compile(r"\\(.)")

Settings = dict[str, dict[str, Setting]]


def settings(top: Said, find: Callable[[str], Said]) -> Settings:
    """The settings by key, for each record by its name under `$defs`; those of the root under no name."""
    told = top.inner("properties").inner("@settings")
    exact, patterns = told.inner("properties"), told.inner("patternProperties")
    found: Settings = {}
    for path, said in [*((path, exact.inner(path)) for path in exact),
                       *((plain(pattern), patterns.inner(pattern)) for pattern in patterns)]:
        name, key = place(path, top, find)
        found.setdefault(name, {})[key] = setting(said)
    return found


def plain(pattern: str) -> str:
    """One path that a pattern matches: the shortest."""
    text = ANYWHERE.sub("", pattern.removeprefix("^").removesuffix("$")).replace(INDEX, "[0]")
    return ESCAPED.sub(r"\1", text)


def place(path: str, top: Said, find: Callable[[str], Said]) -> tuple[str, str]:
    """The record that a path leads to, and the key there."""
    steps = [one[1] or one[2] for one in STEP.finditer(path) if one[1] or one[2]]
    if not steps:
        raise DecodeError(f"the schema has a setting at {path!r}", hint="its place is a path of members")
    name, said = "", top
    for step in steps[:-1]:
        within = said.inner("properties")
        key = next((key for key in within if key.rpartition(":")[0].removeprefix("?") == step), step)
        inner = within.inner(key) if key in within else Said({})
        while "items" in inner or "anyOf" in inner:
            inner = inner.inner("items") if "items" in inner else Said(inner.listed("anyOf")[0])
        if "$ref" in inner:
            name, said = (found := referred(inner)), find(found)
        else:
            said = inner
    return name, steps[-1]


def referred(said: Said) -> str:
    """The name that a reference has."""
    return unquote(said.text("$ref").removeprefix("#/$defs/")).replace("~1", "/").replace("~0", "~")


def setting(said: Said) -> Setting:
    """One setting, with all its choices; the first is what a new instance has."""
    if "enum" in said:
        return Setting(tuple(said.listed("enum")[:MOST_CHOICES]))
    if "minimum" not in said or "maximum" not in said:
        return Setting(())
    first, least, most = (said.number(key, 0) for key in ("default", "minimum", "maximum"))
    return Setting((first, *(one for one in range(least, min(most, least + MOST_CHOICES) + 1) if one != first)))
