"""VFIO migration parameters: which devices a list of parameters fits, which values several implementations share.

A model names a kind of device, and its parameters switch what may differ between implementations of it. The source
lists the parameters that are not off; a destination takes the list if it is of the same model and knows and allows all
that is listed. What is not listed is off there. No device is made for that, and no migration begun.

After S. Hajnoczi's proposal for VFIO devices (qemu-devel, 2020). It has no word for values that go together only: a
device may still refuse a combination of values that are allowed one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import cast

from ..errors import Mismatch, UnknownMember
from ..nodes import Node, node
from .allowed import KINDS, Scalar, Values, all_like, bounds, exact, same, spelled, values
from .catalogue import RULES
from .findings import BREAKS, CONDITIONAL, OK, Both, Finding

NOTHING = Values()


class Exact(Node):
    """A node that tells its scalars apart by kind: one that holds true is not one that holds 1."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and self.__class__ is other.__class__ and (
            _exactly(self._values()) == _exactly(other._values()))

    def __hash__(self) -> int:
        return hash((self.__class__, repr(_exactly(self._values()))))


def _exactly(value: object) -> object:
    """The same with its scalars' kinds."""
    if isinstance(value, tuple):
        return tuple(map(_exactly, cast("tuple[object, ...]", value)))
    if isinstance(value, Mapping):
        return frozenset((key, _exactly(one)) for key, one in cast("Mapping[str, object]", value).items())
    return exact(cast(Scalar, value)) if type(value) in KINDS else value


@node
class Parameter(Exact):
    """What one may choose. `off_value` takes its effect away, `init_values` are for new machines. `allowed_values`:
    scalars, and `"<min>-<max>"` for integers; None: all of `off_value`'s type, and the device may still refuse some.
    """

    name: str
    off_value: Scalar
    init_values: tuple[Scalar, ...] = ()
    allowed_values: tuple[Scalar, ...] | None = None
    description: str = ""

    @property
    def allowed(self) -> Values:
        """The values that it may have. Where `off_value` looks like a range, such strings are strings."""
        if self.allowed_values is None:
            return all_like(self.off_value)
        literal = isinstance(self.off_value, str) and bounds(self.off_value) is not None
        return values(self.allowed_values, ranges=not literal)

    @property
    def listed(self) -> Values:
        """The values with which it is listed."""
        return self.allowed - values([self.off_value])

    @property
    def may_be_off(self) -> bool:
        """Whether it may be missing in a list: some implementations cannot do without."""
        return self.off_value in self.allowed


@node
class Model(Exact):
    """One implementation of a kind of device; `name` says of which kind."""

    name: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def by_name(self) -> dict[str, Parameter]:
        """Its parameters."""
        return {parameter.name: parameter for parameter in self.parameters}

    def initial(self) -> dict[str, Scalar]:
        """What a new machine has: the first initial value of each, else off."""
        return {one.name: one.init_values[0] if one.init_values else one.off_value for one in self.parameters}

    def listing(self, chosen: Mapping[str, Scalar]) -> ParameterList:
        """The list that a source with these values sends: those that are not off; what is not chosen is off.

        Raises UnknownMember and Mismatch.
        """
        return ParameterList(self.name, {
            name: value for name, value in chosen.items() if not same(value, self.taking(name, value).off_value)})

    def taking(self, name: str, value: Scalar) -> Parameter:
        """The parameter, if it may have this value. Raises UnknownMember and Mismatch."""
        parameter = self.named(name)
        if value not in (allowed := parameter.allowed):
            raise Mismatch(path=(name,), section=self.name, expected=str(allowed), actual=spelled(value))
        return parameter

    def named(self, name: str) -> Parameter:
        """One parameter. Raises UnknownMember."""
        if name not in (known := self.by_name):
            raise UnknownMember(f"no parameter {name}", path=(name,), section=self.name)
        return known[name]

    def complete(self, listed: ParameterList) -> dict[str, Scalar]:
        """All values that a destination gets by a list: what is not listed is off. Whether it fits: see `check`."""
        return {**{one.name: one.off_value for one in self.parameters}, **listed.values}


@node
class ParameterList(Exact):
    """What a source says of a device: its model, and the parameters that are not off."""

    model: str
    values: Mapping[str, Scalar] = {}


def check(listed: ParameterList, model: Model) -> list[Finding]:
    """What keeps a list from this destination. A list goes one way: both directions of a finding say the same."""
    found: list[Finding] = []
    known = model.by_name
    if listed.model != model.name:
        found.append(differs(listed.model, model.name))
    for name, value in listed.values.items():
        if name not in known:
            found.append(finding("VM702", model, name, f"{name} is not known", Both(BREAKS, BREAKS), value))
        elif value not in known[name].allowed:
            found.append(finding("VM703", model, name, f"{name} may not be {spelled(value)}", Both(BREAKS, BREAKS),
                                 value, f"allowed: {known[name].allowed}"))
    return [*found, *(
        finding("VM703", model, one.name, f"{one.name} is not listed and cannot be off", Both(BREAKS, BREAKS),
                one.off_value, f"allowed: {one.allowed}")
        for one in model.parameters if one.name not in listed.values and not one.may_be_off)]


# -- values for several implementations

@node
class Choice(Exact):
    """Values with which a machine may go to and fro between all implementations; and what stands in the way."""

    values: Mapping[str, Scalar]
    findings: tuple[Finding, ...] = ()


def pick(models: Sequence[Model]) -> Choice:
    """Values that all accept: an initial one of all if there is such, else of any, else off, else any value.

    Which of two is the more modern nobody can tell: the first model's wishes go first.
    """
    chosen: dict[str, Scalar] = {}
    found = [differs(models[0].name, model.name) for model in models if model.name != models[0].name]
    for name in dict.fromkeys(name for model in models for name in model.by_name):
        having = [model.by_name.get(name) for model in models]
        if not (common := shared(having)):
            found.append(finding("VM707", models[0], name, f"no value of {name} suits all", Both(BREAKS, BREAKS)))
            continue
        chosen[name], agreed = _preferred(common, [one for one in having if one])
        if not agreed:
            found.append(finding("VM708", models[0], name, f"no initial value of {name} suits all",
                                 Both(CONDITIONAL, CONDITIONAL), chosen[name]))
    return Choice(chosen, tuple(found))


def _preferred(common: Values, having: Sequence[Parameter]) -> tuple[Scalar, bool]:
    """The best of the common values; and whether it is what all want, as far as they want something."""
    wishes = [one.init_values for one in having if one.init_values]
    agreed = reduce(Values.__and__, map(values, wishes), common)
    for wanted in (agreed if wishes else NOTHING, common):
        for value in (*(value for wish in wishes for value in wish), *(one.off_value for one in having)):
            if value in wanted:
                return value, not wishes or bool(agreed)
    return common.one(), not wishes


def shared(having: Sequence[Parameter | None]) -> Values:
    """The values that go from each to each: allowed by all, off where one lacks it, and off nowhere if off differs."""
    known = [one for one in having if one is not None]
    common = reduce(Values.__and__, (one.allowed for one in known))
    off = [values([one.off_value]) for one in known]
    if None in having:
        return reduce(Values.__and__, off, common)
    return common if len({exact(one.off_value) for one in known}) == 1 else reduce(Values.__sub__, off, common)


# -- findings

def differs(one: str, other: str) -> Finding:
    """Of two models that are not one: their parameters may mean anything."""
    return Finding("VM701", other, f"the model is {one} on one side and {other} on the other", Both(BREAKS, BREAKS),
                   Both(BREAKS, BREAKS), cause=other, severity=RULES["VM701"].severity, witness={"model": one})


def finding(rule: str, model: Model, name: str, message: str, verdicts: Both, value: Scalar = None,
            reason: str = "") -> Finding:
    """Of one parameter; it counts the same in all formats, for a list is no stream."""
    path = f"{model.name}::{name}"
    return Finding(rule, path, message, verdicts, verdicts, reason, cause=path,
                   witness={"parameter": name, "value": value},
                   severity=RULES[rule].severity if verdicts.worst > OK else "note")
