"""Colours of a terminal. Off unless a person sees them; NO_COLOR and TERM=dumb are honoured."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from .output import is_terminal

STYLES = {
    "name": "1;36", "key": "", "record": "34", "value": "", "dim": "2", "guide": "2", "declared": "32",
    "embedded": "33", "opaque": "31", "good": "32", "bad": "1;31", "bytes": "2", "title": "1",
}

Paint = Callable[[str, str], str]
"""A text in a style: with the codes of a terminal around it, or as it is."""


def paint(when: str = "auto") -> Paint:
    """How texts are painted: `auto`, `always` or `never`."""
    return _coloured if when == "always" or (when == "auto" and _wanted()) else _plain


def _wanted() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and is_terminal(sys.stdout)


def _plain(_style: str, text: str) -> str:
    return text


def _coloured(style: str, text: str) -> str:
    code = STYLES[style]
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text
