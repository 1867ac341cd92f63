"""`vmstate lint`: mistakes in declarations that are legal, and wrong."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import devices
from devices.catalogue import registry
from visitors import qemufile
from vmstate import DeclarationError, Record
from vmstate.lint.entry import Sections, lint
from vmstate.lint.flaws import Flaw
from vmstate.lint.rules import RULES, Rule

from . import exits
from .colour import Paint, paint
from .declarations import declared
from .grammar import Options
from .output import emit
from .trouble import TROUBLES, Unusable, code_of, text_of

OURS = devices.__path__[0]
"""The folder of this program's declarations, whatever else is called so where it runs."""


def run(options: Options) -> int:
    """Prints what is wrong; 1 where something is."""
    if options.rules:
        rules(options)
        return exits.FINE
    try:
        known, broken = modules(options.modules) if options.modules else ours()
        others = () if options.modules or broken else declared(OURS)
        found = [*broken, *lint(known, qemufile, datetime.now(UTC).date(), others)]
    except TROUBLES as trouble:
        exits.complain(text_of(trouble))
        return code_of(trouble)
    if options.format == "json":
        emit(json.dumps(document(found), indent=2))
    else:
        emit("\n".join(lines(found, sum(map(len, known.values())), paint(options.color))))
    return exits.FINDINGS if any(not one.reason for one in found) else exits.FINE


# -- which declarations

def ours() -> tuple[Sections, list[Flaw]]:
    """This program's own, and those that cannot be declared."""
    found, broken, known = dict[str, list[Record[Any]]](), list[Flaw](), registry()
    for name in known:
        try:
            found[name] = known.named(name)
        except DeclarationError as error:
            broken += undeclared(error)
    return found, list(dict.fromkeys(broken))


def modules(names: Iterable[str]) -> tuple[Sections, list[Flaw]]:
    """Those of modules, by their names. Raises Unusable."""
    found, broken = defaultdict[str, list[Record[Any]]](list), list[Flaw]()
    for name in names:
        module, _, kind = name.partition(":")
        try:
            for record in declared(module, kind):
                found[record.name].append(record)
        except Unusable as error:
            if not isinstance(error.__cause__, DeclarationError):
                raise
            broken += undeclared(error.__cause__)
    return found, broken


def undeclared(error: DeclarationError) -> Iterator[Flaw]:
    """VL001: each mistake of a class."""
    first, *mistakes = error.message.splitlines()
    module, _, kind = first.partition(" ")[0].rpartition(".")
    yield from (Flaw("VL001", f"{module}:{kind}", "", mistake.strip()) for mistake in mistakes)


# -- how they are told

def document(found: Iterable[Flaw]) -> dict[str, Any]:
    """As JSON has it."""
    every = list(found)
    return {"findings": [entry(one) for one in every if not one.reason],
            "allowed": [{**entry(one), "reason": one.reason} for one in every if one.reason]}


def entry(one: Flaw) -> dict[str, str]:
    """One finding as JSON has it."""
    return {"rule": one.id, "place": one.place, "member": one.member, "wrong": one.rule.wrong, "message": one.message,
            "hint": one.rule.hint}


def lines(found: Iterable[Flaw], declarations: int, painted: Paint) -> Iterator[str]:
    """Each finding with its hint, and what is allowed with the reason."""
    wrong, allowed = 0, 0
    for one in found:
        wrong, allowed = wrong + (not one.reason), allowed + bool(one.reason)
        if one.reason:
            yield f"{painted('value', one.id)} {one}; allowed: {one.reason}"
        else:
            yield f"{painted('bad', one.id)} {one}"
            yield f"      {one.rule.wrong}: {one.rule.hint}"
    counted = f"{wrong} finding{'s' * (wrong != 1)}" if wrong else "nothing found"
    looked_at = f"{declarations} declaration{'s' * (declarations != 1)}"
    yield f"{counted} in {looked_at}{f', {allowed} allowed' if allowed else ''}"


def rules(options: Options) -> None:
    """All there are."""
    if options.format == "json":
        emit(json.dumps({"rules": [{"id": one.id, "wrong": one.wrong, "hint": one.hint} for one in RULES.values()]},
                        indent=2))
        return
    painted, families = paint(options.color), defaultdict[str, list[Rule]](list)
    for one in RULES.values():
        families[one.family].append(one)
    emit("\n\n".join("\n".join([painted("name", family), *(f"  {painted('title', one.id)} {one.wrong}: {one.hint}"
                                                           for one in of)]) for family, of in families.items()))
