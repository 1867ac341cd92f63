"""Lint: all rules over the declarations of a program, and what their authors accept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ..format import Format
from ..marks import dated
from ..shape import Allowance, Record
from . import instances, members, methods, sections, sending, settings, subsections, twice
from .flaws import Flaw
from .meeting import Met, met

OURS = "VL"
"""How our rules begin; others are those of `vmstate compare`."""
Sections = Mapping[str, Sequence[Record[Any]]]


def lint(
    known: Sections, form: Format[bytes], today: date, others: Iterable[Record[Any]] = ()
) -> list[Flaw]:
    """What is wrong with the declarations of these sections, those that are accepted among them.

    `form` is what new instances are saved as, to be loaded again. `others` are what else is declared, and should be in
    these sections.
    """
    reached = met(one for records in known.values() for one in records)
    within = {one.record for one in reached}
    lost = met((one for one in others if one not in within), are_sections=False)
    every = sorted([*reached, *(one for one in lost if one.record not in within)], key=lambda one: one.place)
    found = [flaw for one in every for flaw in of_record(one, form)]
    found += settings.check(every)
    found += sections.unreached(one for one in lost if one.is_top)
    found += [flaw for name, records in known.items() for flaw in sections.check(name, records, form)]
    return list(accepted(dict.fromkeys(found), every, today))


def of_record(one: Met, form: Format[bytes]) -> Iterator[Flaw]:
    """What is wrong with one record."""
    for family in (members, methods, sending, subsections, twice):
        yield from family.check(one)
    yield from instances.check(one, form)


# -- what is accepted

def accepted(found: Iterable[Flaw], every: Iterable[Met], today: date) -> Iterator[Flaw]:
    """Findings, with the reasons that authors give; and what is wrong with their allowances."""
    granted = {place: [one for one in allowances if one.rule.startswith(OURS)] for place, allowances in _granted(every)}
    used = set[tuple[str, Allowance]]()
    for flaw in found:
        place = flaw.place.partition("::")[0]
        for one in granted.get(place, ()):
            if one.rule == flaw.id:
                used.add((place, one))
                if _expired(one, today):
                    yield Flaw("VL902", place, flaw.member, f"{one.rule} was allowed until {one.until} ({one.reason})")
                else:
                    flaw = flaw.but(reason=one.reason)  # noqa: PLW2901  the same finding, accepted
        yield flaw
    yield from (Flaw("VL901", place, "", f"nothing needs allow({one.rule!r})")
                for place, allowances in granted.items() for one in allowances if (place, one) not in used)


def _granted(every: Iterable[Met]) -> Iterator[tuple[str, Sequence[Allowance]]]:
    """By class: the allowances of its record, which hold for its subsections too."""
    for one in every:
        if one.record.traits.allowances:
            yield one.place, one.record.traits.allowances


def _expired(one: Allowance, today: date) -> bool:
    last = dated(one.until) if one.until else None
    return last is not None and last < today
