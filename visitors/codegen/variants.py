"""One function for each combination of settings: a live state's settings are known before anything is read or written.

What depends on nothing else then falls away: gates are decided, widths known, more leaves lie side by side. Code for the
settings of a state after reset begins with a look whether they are these; others are made when they are first met.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from vmstate.nodes import Node, node
from vmstate.shape import Equal, Member, Nested, Record, Setting

from .places import Place, reach
from .source import Source, dotted
from .support import Function

MOST_CHOICES, MOST_SETTINGS = 4, 8
Known = dict[tuple[str, ...], tuple[tuple[str, Any], ...]]
"""Settings by the steps to their record: attribute and value."""


@node
class Fixed(Node):
    """A setting that stands at one place: the keys on the way to its record, and the attributes; what may be chosen."""

    steps: tuple[str, ...]
    attributes: tuple[str, ...]
    attribute: str
    choices: tuple[Any, ...]
    usual: Any

    def said(self, var: str) -> str:
        """Its value, as an expression."""
        for name in self.attributes:
            var = dotted(var, name)
        return dotted(var, self.attribute)


def fixed(record: Record[Any], template: Any) -> tuple[Fixed, ...]:
    """The settings of a record and of those in line with it, as far as few values may be chosen."""
    changed = {name for one in reach(record) for hook in (*one.hooks.pre_save, *one.hooks.pre_load)
               for name in getattr(getattr(hook, "__code__", None), "co_names", ())}
    found = (one for one in _settings(record, template, (), (), (record,)) if one.attribute not in changed)
    return tuple(one for _, one in zip(range(MOST_SETTINGS), found, strict=False))


def _settings(
    record: Record[Any], template: Any, steps: tuple[str, ...], names: tuple[str, ...], around: tuple[Record[Any], ...]
) -> Iterator[Fixed]:
    for member in record.members:
        shape, attribute = member.shape, member.attribute
        if attribute is None:
            continue
        value = getattr(template, attribute)
        if isinstance(shape, Setting):
            if _is_fixed(member, record) and value in shape.choices:
                yield Fixed(steps, names, attribute, shape.choices, value)
        elif isinstance(shape, Nested) and shape.record not in around and not member.twice:
            inner = shape.record
            yield from _settings(inner, value, (*steps, member.key), (*names, attribute), (*around, inner))


def _is_fixed(member: Member, record: Record[Any]) -> bool:
    """Whether nothing that is read gives it another value."""
    assert isinstance(member.shape, Setting)
    alike = all(isinstance(one.shape, Setting | Equal) for one in record.members if one.attribute == member.attribute)
    few = 0 < len(member.shape.choices) <= MOST_CHOICES
    return alike and few and all(isinstance(one, Hashable) for one in member.shape.choices)


def known(settings: tuple[Fixed, ...], values: tuple[Any, ...]) -> Known:
    """What is known of a combination."""
    by_steps: Known = {}
    for one, value in zip(settings, values, strict=True):
        by_steps[one.steps] = (*by_steps.get(one.steps, ()), (one.attribute, value))
    return by_steps


class Variants(dict[Any, Function]):
    """Functions by the values of settings; None is the one that knows nothing."""

    def __init__(self, settings: tuple[Fixed, ...], compiled: Callable[[Known], Function]) -> None:
        super().__init__()
        self.settings, self._compiled = settings, compiled

    def __missing__(self, values: tuple[Any, ...] | None) -> Function:
        among = values is not None and all(
            value in one.choices for one, value in zip(self.settings, values, strict=True))
        if values is None or not among:
            made = self._compiled({})
        else:
            made = self._compiled(known(self.settings, values))
        self[values if among else None] = made
        return made

    @property
    def usual(self) -> Known:
        """What is known of a state after reset."""
        return known(self.settings, tuple(one.usual for one in self.settings))

    def choose(self, source: Source, place: Place, arguments: str) -> None:
        """Lines that go elsewhere unless the settings are the usual ones."""
        if not self.settings:
            return
        others = source.name(self, "others")
        source.line(f"if c is not None and c.trial.given: return {others}[None]({arguments})")
        if not place.fresh:
            values = [one.said(place.var) for one in self.settings]
            usual = [source.name(one.usual, "usual") if type(one.usual) not in (int, bool) else repr(one.usual)
                     for one in self.settings]
            test = " or ".join(f"{value} != {one}" for value, one in zip(values, usual, strict=True))
            source.line(f"if {test}: return {others}[{', '.join(values)},]({arguments})")
