"""`vmstate plan`: how generated code reads and writes a device, member by member, or its source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from devices.catalogue import registry
from visitors.codegen import Plan, Step, plan

from . import exits
from .colour import paint
from .grammar import Options
from .output import emit
from .schema import records
from .trouble import TROUBLES, code_of, text_of

MOST = 4
"""Members of a line that are named one by one at most."""
STYLE = {"fused": "good", "walked": "embedded"}


def run(options: Options) -> int:
    """Prints a plan for each device."""
    try:
        plans = {name: plan(record) for name, record in records(registry(), options.devices)}
    except TROUBLES as trouble:
        exits.complain(text_of(trouble))
        return code_of(trouble)
    if options.source:
        emit("\n".join(one.source(options.code) for one in plans.values()).rstrip("\n"))
    elif options.format == "json":
        emit(json.dumps({"plans": [entry(name, one, options.code) for name, one in plans.items()]}, indent=2))
    else:
        emit("\n".join(line for name, one in plans.items() for line in lines(name, one, options)))
    return exits.FINE


def entry(name: str, one: Plan[Any], what: Any) -> dict[str, Any]:
    """One plan as JSON has it."""
    steps = [{"member": step.path, "how": step.how, "why": step.why} for step in one.steps(what)]
    return {"device": name, "version": one.version, "code": what, "members": steps}


def lines(name: str, one: Plan[Any], options: Options) -> Iterator[str]:
    """A line for each run of members that have become the same."""
    painted = paint(options.color)
    steps = one.steps(options.code)
    walked = sum(step.how == "walked" for step in steps)
    left = f", {walked} of them by the walk" if walked else ""
    yield f"{painted('title', name)} version {one.version}, {options.code}: {len(steps)} members{left}"
    for (how, why), alike in groupby(steps, key=lambda step: (step.how, step.why)):
        yield f"  {painted(STYLE.get(how, 'value'), f'{how:9}')} {summary(list(alike))}{f' ({why})' if why else ''}"


def summary(steps: list[Step]) -> str:
    """The members of a run: the first and the last of many."""
    paths = [step.path for step in steps]
    return ", ".join(paths) if len(paths) <= MOST else f"{paths[0]} to {paths[-1]}, {len(paths)} in all"
