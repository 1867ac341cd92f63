"""The code of a page runs, in the order in which it stands there, and prints what stands below it."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTPUT = {"diff", "text"}
"""What a block is called that holds what the Python block before it prints."""


class Block(NamedTuple):
    """A fenced block; `line` is where its text begins."""

    kind: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Every fenced block that says what it is."""
    text = page.read_text("utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start(2))) for found in FENCED.finditer(text)]


def run(page: Path) -> dict[str, object]:
    """Runs all Python blocks in one namespace, which is returned."""
    names: dict[str, object] = {"__name__": page.stem.lower()}
    for block, below in pairwise([*blocks(page), Block("", "", 0)]):
        assert block.kind not in OUTPUT or below.kind not in OUTPUT, f"{page.name}:{below.line}: whose output is this?"
        if block.kind == "python":
            printed = io.StringIO()
            with redirect_stdout(printed):
                exec(compile("\n" * block.line + block.text, page.name, "exec"), names)  # noqa: S102  it is our own
            expected = below.text if below.kind in OUTPUT else ""
            assert printed.getvalue() == expected, f"{page.name}:{block.line}: it prints something else"
    return names
