"""Our JSON Schemas as Records: a declaration as it was when its schema was made (docs/formats/schemas.md).

What is read is the key of each member with its type, the bounds that JSON Schema has a word for, and `x-vmstate`. A
record out of it lies as the declared one does, and says the same of values, names and conditions; of predicates, counts
and hooks it has the names, and of hooks the digests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Literal, cast

from ..compat.sides import Part, Side
from ..errors import DecodeError
from ..kept import Bag
from ..shape import ABSENT, Member, Nested, Nullable, Padding, Record, Shape, Subsection
from ..shape import Mapping as MappingShape
from .bags import OWN, Given, Maker, assumed, keys, resetting
from .checks import enumeration, named
from .extras import traits
from .hooks import gathered
from .limits import bounded
from .objects import Said, of_section, parsed
from .schema_shapes import EXTRA, UNSAID, checked, facts, halves, leaf_of, listed, musts, parted, value
from .settings import referred, settings

VERSION, SETTINGS, SUBSECTION = "@version", "@settings", "subsection"
Version = int | Literal["outer"] | None


def parse(text: bytes, name: str) -> Side:
    """One schema as a side. Raises DecodeError where it is none."""
    return side(name, {name: text})


def side(name: str, texts: Mapping[str, bytes]) -> Side:
    """Schemas, each by what its file is called without `.json`. Raises DecodeError where one is none."""
    return Side(name, tuple(part(stem, text) for stem, text in texts.items()))


def part(stem: str, text: bytes) -> Part:
    """One schema. The record is made, and judged, when it is asked for."""
    try:
        said = schema(text)
        refuses = said.inner(EXTRA).text("unmigratable", "")
        return Part(stem, None, digests=gathered(hooks(said)), name=said.text("title"), said=said.values,
                    make=None if refuses else partial(described, stem, said))
    except DecodeError as error:
        raise of_section(error, stem) from None


def schema(text: bytes) -> Said:
    """The JSON of a schema."""
    said = parsed(text, "the schema")
    if EXTRA not in said or "properties" not in said:
        raise DecodeError("the schema describes no device", hint="`vmstate schema` writes those that do")
    return said


def described(stem: str, said: Said) -> Record[Bag]:
    """The record of a schema."""
    try:
        return bounded(Document(said).root())
    except RecursionError:
        raise DecodeError("the schema is nested too deep", section=stem) from None
    except DecodeError as error:
        raise of_section(error, stem) from None


def hooks(top: Said) -> Iterator[tuple[str, dict[str, str]]]:
    """The digests of hooks, with the name of the record that has them."""
    left = [("", top), *((name, top.inner("$defs").inner(name)) for name in top.inner("$defs"))]
    while left:
        name, said = left.pop()
        extra, within = said.inner(EXTRA), said.inner("properties")
        told = extra.inner("hooks")
        yield extra.text("name", name), {hook: told.text(hook) for hook in told}
        left += [(parted(key)[0], within.inner(key)) for key in within if within.inner(key).inner(EXTRA).values.get(
            SUBSECTION) is True]


class Document:
    """Makes the records of one schema. `made` are those that stand under `$defs`."""

    def __init__(self, top: Said) -> None:
        self.top, self.definitions = top, top.inner("$defs")
        self.settings = settings(top, self.find)
        self.made: dict[str, Record[Bag]] = {}

    def root(self) -> Record[Bag]:
        """The device's own record; it may stand under `$defs` as well, if it is within itself."""
        record = self.record(self.top, self.top.text("title"), "")
        for name in (record.name, record.name + "{}"):
            if name in self.definitions and self.same(self.definitions.inner(name)):
                self.made[name] = record
        return record

    def same(self, other: Said) -> bool:
        """Whether a record is the root."""
        mine, theirs = self.top.inner("properties"), other.inner("properties")
        return [key for key in mine if key != SETTINGS] == list(theirs)

    def find(self, name: str) -> Said:
        """A definition by name."""
        if name not in self.definitions:
            raise DecodeError(f"the schema has no {name}", hint="its $defs should have all that it refers to")
        return self.definitions.inner(name)

    def definition(self, name: str) -> Record[Bag]:
        """A record that stands under `$defs`."""
        if name not in self.made:
            self.made[name] = self.record(self.find(name), name, name)
        return self.made[name]

    # -- records

    def record(self, said: Said, name: str, place: str | None, used: dict[str, int] | None = None) -> Record[Bag]:
        """One record; `place`: under which name its settings are. With `used` it is a subsection's over that bag."""
        extra, within = said.inner(EXTRA), said.inner("properties")
        taken = dict[str, int]() if used is None else used
        inner = {key: within.inner(key) for key in within if key not in (VERSION, SETTINGS)}
        mine = {key: one for key, one in inner.items() if one.inner(EXTRA).values.get(SUBSECTION) is not True}
        members = [*self.configured(place), *self.members(said, mine, taken), *musts(extra)]
        subs = tuple(self.subsection(key, one, taken) for key, one in inner.items() if key not in mine)
        resets = {one.attribute: resetting(one.shape) for one in members if one.attribute is not None}
        for sub in subs:
            resets |= cast(Maker, sub.record.make).resets
        for fact in facts(members) - OWN:
            resets.setdefault(fact, int)
        version = extra.number("version")
        return Record(extra.text("name", name), Bag, Maker(resets), version, extra.number("minimum", version),
                      tuple(members), subs, traits=traits(extra))

    def members(self, said: Said, mine: dict[str, Said], used: dict[str, int]) -> Iterator[Member]:
        required = set(map(str, said.listed("required")))
        names = [one.inner(EXTRA).text("key", parted(key)[0]) for key, one in mine.items()]
        for (key, one), own, attribute in zip(mine.items(), names, keys(names, used), strict=True):
            try:
                yield self.member(key, one, own, attribute, key in required)
            except DecodeError as error:
                raise error.under(own) from None

    def member(self, spelled: str, said: Said, key: str, attribute: str, required: bool) -> Member:
        """A member, which stands under its name with its type."""
        name, kind, skippable = parted(spelled)
        extra = said.inner(EXTRA)
        version: Any = extra.values.get("version")
        shape = self.shape(said, kind, version if version == "outer" else None if version is None else extra.number(
            "version"))
        when = assumed(extra.text("when"), attribute) if "when" in extra else None
        since = extra.number("since", 0)
        default: Any = Given(value(shape, said.values["default"])) if "default" in said else ABSENT
        if default is ABSENT and when is None and not since and not required and not isinstance(shape, Padding):
            default = Given(UNSAID)
        means: Any = None if "enum" in said else extra.values.get("means")
        if isinstance(means, dict):
            means = enumeration("means", named(cast("object", means)))
        was, write_as = tuple(map(str, extra.listed("was"))), name if "key" in extra else ""
        held = None if isinstance(shape, Padding) else attribute
        return Member(key, held, shape, extra.text("name", key), since, when, skippable, default, was, write_as, means)

    def configured(self, place: str | None) -> Iterator[Member]:
        """The settings of a record."""
        for key, shape in (self.settings.get(place, {}) if place is not None else {}).items():
            if key not in OWN:
                yield Member(key, key, shape, key)

    def subsection(self, spelled: str, said: Said, used: dict[str, int]) -> Subsection:
        name, _, skippable = parted(spelled)
        extra = said.inner(EXTRA)
        needed = assumed(extra.text("when"), name) if "when" in extra else None
        return Subsection(self.record(said, name, None, used), needed, skippable)

    # -- shapes

    def shape(self, said: Said, kind: str, version: Version = None) -> Shape:
        """What stands under a key of this type."""
        match said.values:
            case {"anyOf": [form, *_]} if kind.endswith("?"):
                inner = self.shape(Said(form), kind[:-1], version)
                return Nullable(inner, resetting(inner), "marked" in said.inner(EXTRA))
            case {"items": {"properties": _} as entry} if kind.startswith("<"):
                both = Said(cast("object", entry)).inner("properties")
                key, value = halves(kind)
                one, other = self.shape(both.inner("key"), key), self.shape(both.inner("value"), value)
                return MappingShape(one, other, resetting(one), resetting(other))
            case {"items": _} if kind.startswith("["):
                return checked(said, listed(said, self.shape(said.inner("items"), kind[1:-1], version)))
            case _ if kind == "{}":
                name = referred(said)
                self.find(name)
                return checked(said, Nested(partial(self.definition, name), version))
            case _:
                return checked(said, leaf_of(said, kind, self.find))
