"""What changed from one implementation of a model to another, as far as lists of parameters tell.

Quantified over all values that a source may have: refused are all lists, some, or none; and a list that lacks a
parameter may mean something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..nodes import Node, node
from .allowed import Values, same, spelled, values
from .findings import BREAKS, CONDITIONAL, CORRUPTS, NA, OK, Both, Finding, Verdict
from .parameters import NOTHING, Model, Parameter, differs, finding, shared


def compare(old: Model, new: Model) -> list[Finding]:
    """What changed, quantified over all values that a source may have."""
    found = [] if old.name == new.name else [differs(old.name, new.name)]
    was, now = old.by_name, new.by_name
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            found += _compared(new, name, was.get(name), now.get(name))
    return found


def _compared(model: Model, name: str, old: Parameter | None, new: Parameter | None) -> Iterator[Finding]:
    """One parameter of both, or of one."""
    back, forth = Fate.of(old, new), Fate.of(new, old)
    refusals, flips = Both(back.refusal, forth.refusal), Both(back.flip, forth.flip)
    reason = "; ".join(f"{who} lists: {fate.reason}" for who, fate in (("old", back), ("new", forth)) if fate.reason)
    rule, change = ("VM702", "is new") if old is None else ("VM704", "was removed") if new is None else (
        "VM703", "may have other values")
    if refusals.worst > OK:
        yield finding(rule, model, name, f"{name} {change}", refusals, reason, reason)
    if old is not None and new is not None and flips.worst > OK:
        yield finding("VM705", model, name, f"{name} was off as {spelled(old.off_value)} and is so as "
                      f"{spelled(new.off_value)}: lists without it mean something else", flips, new.off_value)
    yield from _initial(model, name, old, new)
    if not shared([old, new]):
        yield finding("VM707", model, name, f"no value of {name} goes both ways",
                      Both(max(back.refusal, back.flip), max(forth.refusal, forth.flip)))


def _initial(model: Model, name: str, old: Parameter | None, new: Parameter | None) -> Iterator[Finding]:
    """What machines have that are made with the values for new ones."""
    for value in new.init_values if new else ():
        if new and value not in new.allowed:
            yield finding("VM706", model, name, f"{name} is {spelled(value)} at first, which it may not be",
                          Both(OK, BREAKS), value, f"allowed: {new.allowed}")
    if old and new:
        for source, target, verdicts in ((old, new, Both(CONDITIONAL, OK)), (new, old, Both(OK, CONDITIONAL))):
            for value in source.init_values:
                if value in source.listed and value not in target.allowed:
                    yield finding("VM706", model, name, f"{name} is {spelled(value)} in new machines of one side, "
                                  "which the other refuses", verdicts, value, f"allowed: {target.allowed}")
        if old.init_values and new.init_values and not values(old.init_values) & values(new.init_values):
            yield finding("VM708", model, name, f"{name} begins with other values", Both(), new.init_values[0])


@node
class Fate(Node):
    """What becomes of a source's parameter at a destination: `refused` of the values that are listed, `passes` whether
    any of those is taken, `unlisted` what follows where it is not listed (NA: it always is).
    """

    refused: Values
    passes: bool
    unlisted: Verdict

    @classmethod
    def of(cls, source: Parameter | None, target: Parameter | None) -> Fate:
        """From one implementation to another; None where it does not have the parameter."""
        listed = source.listed if source else NOTHING
        taken = target.allowed if target else NOTHING
        return cls(listed - taken, bool(listed & taken), _unlisted(source, target))

    @property
    def refusal(self) -> Verdict:
        """Whether all lists are refused, or some, or none."""
        if not self.refused and self.unlisted is not BREAKS:
            return OK
        return CONDITIONAL if self.passes or self.unlisted in (OK, CORRUPTS) else BREAKS

    @property
    def flip(self) -> Verdict:
        """Whether lists without it mean something else."""
        return CORRUPTS if self.unlisted is CORRUPTS else OK

    @property
    def reason(self) -> str:
        """What is refused."""
        return ", and ".join(filter(None, [f"{self.refused} is refused" if self.refused else "",
                                           "it cannot be off" if self.unlisted is BREAKS else ""]))


def _unlisted(source: Parameter | None, target: Parameter | None) -> Verdict:
    """A list without it: off, which has to be possible, and to be the same at both ends."""
    if source and not source.may_be_off:
        return NA
    if target is None:
        return OK
    if not target.may_be_off:
        return BREAKS
    return OK if source is None or same(source.off_value, target.off_value) else CORRUPTS
