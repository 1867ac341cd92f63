"""One function for each combination of settings: a live state's are known before anything is read or written.

What depends on nothing else then falls away: gates are decided, widths known, more leaves lie side by side. Code for
the settings of a state after reset begins with a look whether they are these; others are made when they are first met.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from vmstate.nodes import Node, node
from vmstate.shape import Equal, Member, Nested, Record, Same, Setting

from .places import Place, reach
from .source import Source, class_of, dotted
from .support import Function

MOST_CHOICES, MOST_SETTINGS = 4, 8
Names = tuple[str, ...]
Known = dict[Names, tuple[tuple[str, Any], ...]]
"""Settings by the attributes on the way to their state: attribute and value."""


@node
class Fixed(Node):
    """A setting that stands at one place: the attributes on the way to its state, its own, what may be chosen."""

    names: Names
    attribute: str
    choices: tuple[Any, ...]
    usual: Any

    def said(self, var: str) -> str:
        """Its value, as an expression."""
        for name in self.names:
            var = dotted(var, name)
        return dotted(var, self.attribute)


def fixed(record: Record[Any], template: Any) -> tuple[Fixed, ...]:
    """Settings of a record and of those in line with it: where few values may be chosen, and nobody changes them."""
    changed = {name for one in reach(record) for hook in (*one.hooks.pre_save, *one.hooks.pre_load)
               for name in getattr(getattr(hook, "__code__", None), "co_names", ())}
    by_place: dict[tuple[Names, str], list[Member]] = {}
    usual: dict[tuple[Names, str], Any] = {}
    for names, member, value in _members(record, template, (), (record,)):
        place = names, member.attribute or ""
        by_place.setdefault(place, []).append(member)
        usual[place] = value
    found: list[Fixed] = []
    for (names, attribute), members in by_place.items():
        choices = next((one.shape.choices for one in members if isinstance(one.shape, Setting)), ())
        alike = all(isinstance(one.shape, Setting | Equal) for one in members)
        if alike and attribute not in changed and _is_few(choices) and usual[names, attribute] in choices:
            found.append(Fixed(names, attribute, choices, usual[names, attribute]))
    return tuple(found[:MOST_SETTINGS])


def _members(
    record: Record[Any], template: Any, names: Names, around: tuple[Record[Any], ...]
) -> Iterator[tuple[Names, Member, Any]]:
    """The members of a record and of those in line with it, each with what a state holds after reset."""
    for member in record.members:
        if isinstance(shape := member.shape, Same):
            yield from _members(shape.find(class_of(template)), template, names, around)
        if (attribute := member.attribute) is None:
            continue
        value = getattr(template, attribute)
        if isinstance(shape, Nested) and shape.record not in around:
            yield from _members(shape.record, value, (*names, attribute), (*around, shape.record))
        else:
            yield names, member, value


def _is_few(choices: tuple[Any, ...]) -> bool:
    return 0 < len(choices) <= MOST_CHOICES and all(isinstance(one, Hashable) for one in choices)


def known(settings: tuple[Fixed, ...], values: tuple[Any, ...]) -> Known:
    """What is known of a combination."""
    by_names: Known = {}
    for one, value in zip(settings, values, strict=True):
        by_names[one.names] = (*by_names.get(one.names, ()), (one.attribute, value))
    return by_names


class Variants(dict[Any, Function]):
    """Functions by the values of settings; None is the one that knows nothing."""

    def __init__(self, settings: tuple[Fixed, ...], compiled: Callable[[Known], Function]) -> None:
        super().__init__()
        self.settings, self._compiled = settings, compiled

    def __missing__(self, values: tuple[Any, ...] | None) -> Function:
        among = values is not None and all(
            value in one.choices for one, value in zip(self.settings, values, strict=True))
        if values is not None and not among:
            return self[None]
        made = self[values] = self._compiled({} if values is None else known(self.settings, values))
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
