"""JSON as text that a person can read as well: what fits on a line stands on one, and so do numbers, however many."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any, cast

from .state import Records

STEP = "  "
LINE = 100


def pretty(value: Any, margin: str = "") -> str:
    """The text of a value, of which all lines but the first begin with this margin."""
    way = WAYS.get(type(cast("object", value)))
    return plain(value) if way is None else way(value, margin)


def plain(value: Any) -> str:
    """The text on one line."""
    return json.dumps(value, default=_simple)


def _simple(value: Any) -> Any:
    return value.plain() if isinstance(value, Records) else str(value)


def _quoted(text: str) -> str:
    return encode_basestring_ascii(text)


def _object(value: dict[str, Any], margin: str) -> str:
    inside = margin + STEP
    return _around("{}", [f"{_quoted(key)}: {pretty(one, inside)}" for key, one in value.items()], margin)


def _list(value: Sequence[Any], margin: str) -> str:
    if {*map(type, value)} == {int}:
        return repr(value)  # which makes no text of each
    inside = margin + STEP
    return _around("[]", [pretty(one, inside) for one in value], margin)


def _records(value: Records, margin: str) -> str:
    """One line for each; those that are the same are made once."""
    parts = (_quoted(one.key).replace("%", "%%") + (f": [{', '.join(['%s'] * one.n)}]" if one.n else ": %s")
             for one in value.row.parts)
    row, known = f"{{{', '.join(parts)}}}", dict[tuple[Any, ...], str]()
    for one in value.values:
        if one not in known:
            known[one] = row % tuple(("false", "true")[part] if isinstance(part, bool) else part for part in one)
    return _around("[]", [known[one] for one in value.values], margin)


def _around(brackets: str, parts: list[str], margin: str) -> str:
    """One line, if all of it fits; else one for each part."""
    begin, end = brackets[0], brackets[1]
    if sum(map(len, parts)) <= LINE and not any("\n" in one for one in parts):
        return f"{begin}{', '.join(parts)}{end}"
    between = f",\n{margin}{STEP}"
    return f"{begin}\n{margin}{STEP}{between.join(parts)}\n{margin}{end}"


WAYS: dict[type, Callable[[Any, str], str]] = {
    dict: _object, list: _list, Records: _records,
    int: lambda value, _: repr(value), str: lambda value, _: _quoted(value),
}
"""How values are written that JSON has brackets for, and those that there are many of."""
