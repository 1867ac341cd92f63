"""The commands that a page tells a reader to run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.docs.blocks import blocks

RUN = re.compile(r"(?:^|(?:-|run:|entry:) )(vmstate .*)")


def commands(page: Path) -> list[list[str]]:
    """The arguments of each `vmstate` in a page's blocks, as a shell would hand them over."""
    found: list[list[str]] = []
    for block in blocks(page):
        if block.kind in ("sh", "yaml"):
            lines = (RUN.search(line.strip()) for line in block.text.splitlines())
            found += [shlex.split(line[1].partition("||")[0], comments=True)[1:] for line in lines if line is not None]
    return found
