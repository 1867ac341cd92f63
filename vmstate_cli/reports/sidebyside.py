"""The old and the new layout side by side, as part of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from vmstate.compat.alignment import Alignment, Change, Line, Row, align
from vmstate.compat.comparing import Facts

from ..printable import printable
from . import Compared, Device

SIGNS: dict[Change, str] = {
    "same": "", "shifted": "⇣", "renamed": "≈", "changed": "≠", "moved": "⇅", "replaced": "≠", "removed": "-",
    "added": "+",
}
SAYS: dict[Change, str] = {
    "same": "the same", "shifted": "the same, at another offset", "renamed": "called otherwise", "changed": "changed",
    "moved": "elsewhere", "replaced": "another member", "removed": "removed", "added": "added",
}
AROUND, LEAST = 2, 3
"""Rows that are shown before and after what has changed; and how many more it takes to fold them."""
DEEPEST = 3


def layouts(device: Device, compared: Compared) -> Iterator[str]:
    """Of each type that has this section's name, as far as they differ from each other, and something changed."""
    shown, facts = list[Alignment](), Facts(*compared.sides)
    for one in compared.met:
        old, new = (None if part is None else part.record for part in (one.old, one.new))
        if one.name != device.name or old is None or new is None:
            continue
        made = align(one.name, *facts.taken(old, new)[:2])
        if differs(made) and made not in shown:
            shown.append(made)
    for made in shown:
        yield '<details class="layout" open><summary>Layout: old and new</summary>'
        yield from table(made)
        yield "</details>"


def differs(made: Alignment) -> bool:
    """Whether anything has changed."""
    return any(row.change != "same" for row in made.rows) or any(map(differs, made.inside))


def table(made: Alignment, inside: bool = False) -> Iterator[str]:
    """One record, then its subsections, as far as they have changed."""
    if inside:
        yield f"<h3><code>{text(made.name)}</code></h3>"
    yield '<div class="rows">'
    yield '<div class="row head"><div>old</div><div></div><div>new</div></div>'
    for rows in folded(made.rows):
        if len(rows) > 1:
            yield f'<details class="fold"><summary>{len(rows):,} the same</summary>'
            yield from map(line, rows)
            yield "</details>"
        else:
            yield line(rows[0])
    yield "</div>"
    for one in made.inside:
        if differs(one):
            yield from table(one, inside=True)


def folded(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows one by one; those together that are the same, and far from any that is not."""
    changed = [i for i, row in enumerate(rows) if row.change != "same"]
    near = {i + k for i in changed for k in range(-AROUND, AROUND + 1)}
    for is_near, found in groupby(enumerate(rows), key=lambda one: one[0] in near):
        group = [row for _, row in found]
        if is_near or len(group) < LEAST:
            yield from ([row] for row in group)
        else:
            yield group


def line(row: Row) -> str:
    """One row."""
    sign = f'<div class="sign" title="{SAYS[row.change]}">{SIGNS[row.change]}</div>'
    return f'<div class="row {row.change}">{cell(row.old, "old")}{sign}{cell(row.new, "new")}</div>'


def cell(one: Line | None, side: str) -> str:
    """One piece: where it lies, what it is called, what it is, and on what it depends."""
    if one is None:
        return f'<div class="{side}"></div>'
    at = "" if one.offset is None else f'<span class="at">{one.offset:#06x}</span>'
    gates = " and ".join(dict.fromkeys(gate.rpartition(": ")[2] for gate in one.piece.gates))
    form = f"<small>{text(f'{one.form}, if {gates}' if gates else one.form)}</small>"
    depth = f" d{min(one.depth, DEEPEST)}" if one.depth else ""
    return f'<div class="{side}{depth}">{at}<code>{text(".".join(one.piece.path))}</code> {form}</div>'


def text(told: str) -> str:
    """Any text, for a page."""
    return escape(printable(told), quote=True)
