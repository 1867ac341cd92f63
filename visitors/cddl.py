"""A CDDL grammar (RFC 8610) of a declaration: what the `cbor` visitor writes as `named` matches its first rule.

A record is a map whose keys are names with their types. What may be skipped, and is not known, matches `unknown`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from vmstate.exchanges import NOT_PENDING
from vmstate.shape import (
    Bits,
    Blob,
    Bool,
    Constant,
    Descriptor,
    Enumerated,
    Float,
    Int,
    Opaque,
    Padding,
    Range,
    Record,
    Setting,
    Timer,
)

from ._outline import (
    Attribute,
    Checked,
    Definition,
    Entries,
    Form,
    Inside,
    Items,
    OrNull,
    Outline,
    Told,
    bounds,
    is_null,
    lengths,
    named,
    sizes,
)
from ._outliner import Outliner, described
from ._tree import SETTINGS, VERSION
from ._types import RECORD, spelled, type_of

UNKNOWN = r"[?].+:.*"
COMMON = {
    "expiry": f"0..{NOT_PENDING - 1} / null ; ns; null: not pending",
    "flag": "bool / 2..255 ; a byte that is neither 0 nor 1 is itself",
    "f64": "float64 / bytes .size 8 ; bytes, big-endian, where it is not finite",
    "fd": "int / null",
    "setting": "bool / int / text / null",
    "unknown": f'text .regexp "{UNKNOWN}"',
}
"""Rules that many records need; a grammar has those that it needs, and integers by their width."""
ALONE = re.compile(r"[A-Za-z][\w.@-]*|[\[{][^/]*")
"""A name, or a list or map without choice."""
FEW = 8
MOST_VERSION = (1 << 32) - 1


def text(kind: type | Record[Any]) -> str:
    """The grammar of a declaration's documents."""
    return described(kind, writer())


class Writer(Outliner):
    """The visitor: it is walked over a declaration in abstract mode."""

    def result(self) -> str:
        return Grammar(self.gathered()).text()


def writer() -> Writer:
    """A writer of one declaration's grammar."""
    return Writer()


class Grammar:
    """The fold over one outline. `rules` are the common ones that it has come upon."""

    def __init__(self, outline: Outline) -> None:
        self.outline, self.rules = outline, {"unknown": COMMON["unknown"]}
        self.names = named(outline.definitions, lambda name: _free(identifier(name)))

    def text(self) -> str:
        """The whole: the root first, the records as they are met, the common rules."""
        records = ["\n".join(self.record(one)) for one in self.outline.definitions.values()]
        common = "\n".join(f"{name} = {of}" for name, of in sorted(self.rules.items()))
        return "\n\n".join([*records, common]) + "\n"

    # -- records

    def record(self, one: Definition) -> Iterator[str]:
        """A record's rule, a line for each key."""
        yield f"; {', '.join(_about(one))}"
        yield f"{self.names[one.record]} = {{"
        yield from (f"  {line}" for line in self.keys(one))
        yield "  * unknown => any"
        yield "}"

    def keys(self, one: Definition) -> Iterator[str]:
        """Its members, its subsections, and what the format itself says."""
        if one.subsection is not None:
            yield f"{_text(VERSION)}: {one.record.minimum}..{MOST_VERSION},"
        for member in one.attributes:
            optional = "" if one.requires(member) else "? "
            yield f"{optional}{_text(member.key)}: {self.form(member.form)},{_notes(member)}"
        for sub in one.subsections:
            when = "" if sub.needed is None else f" ; when {sub.needed}"
            yield f"? {_text(spelled(sub.name, RECORD, sub.skippable))}: {self.names[sub.record]},{when}"
        if one is self.outline.root and self.outline.settings:
            yield f"? {_text(SETTINGS)}: {{"
            told = sorted(self.outline.settings, key=lambda one: not one.path)
            yield from (f"  {self.setting(one)}" for one in told)
            yield "},"

    def setting(self, told: Told) -> str:
        """One setting: at its path, or wherever its record may be."""
        of = _choices(told.shape) or self.common("setting")
        if told.path:
            return f"? {_text(told.path)}: {of},"
        return f"* (text .regexp {_text(told.pattern)}) => {_grouped(of)},"

    # -- forms

    def form(self, one: Form) -> str:
        """The type of one form."""
        match one:
            case OrNull(of=of):
                return self.form(of) if is_null(of) else f"{self.form(of)} / null"
            case Checked(check=Timer()):
                return self.common("expiry")
            case Checked(check=Enumerated(kind=kind)):
                return " / ".join(str(int(value)) for value in kind)
            case Checked(check=Range() | Constant()):
                return _range(*bounds(one))
            case Checked(of=of):
                return self.form(of)
            case Items(shape=shape, of=of):
                return f"[{_times(*lengths(shape))} {_grouped(self.form(of))}]"
            case Entries(key=key, value=value):
                return f'[* {{ "key": {self.form(key)}, "value": {self.form(value)} }}]'
            case Inside(record=record):
                return self.names[record]
            case leaf:
                return LEAVES[type(leaf)](self, leaf)

    def common(self, name: str) -> str:
        """A common rule, which the grammar then has."""
        self.rules[name] = COMMON[name]
        return name

    def integer(self, shape: Int) -> str:
        """An integer by its width, which the grammar then has."""
        self.rules[name := type_of(shape)] = _range(*bounds(shape))
        return name


def _bytes(_: Grammar, shape: Blob | Opaque | Padding | Bits) -> str:
    least, most = sizes(shape)
    if least == most:
        return f"bytes .size {least}"
    return "bytes" if most is None else f"bytes .size ({least}..{most})"


LEAVES: dict[type, Callable[[Grammar, Any], str]] = {
    Int: Grammar.integer, Bool: lambda grammar, _: grammar.common("flag"),
    Float: lambda grammar, _: grammar.common("f64"), Descriptor: lambda grammar, _: grammar.common("fd"),
    Blob: _bytes, Opaque: _bytes, Padding: _bytes, Bits: _bytes,
}


def _range(least: int, most: int) -> str:
    """Numbers below 0 stand by themselves: there are tools that take no range from those to others."""
    if least < 0 <= most:
        return f"{_range(0, most)} / nint .ge {least}"
    return f"{least}" if least == most else f"{least}..{most}"


def _times(least: int, most: int | None) -> str:
    if most is None:
        return "+" if least else "*"
    return f"{least}*{most}"


def _grouped(of: str) -> str:
    """In parentheses where it is a choice, or where a number could be taken for a part of the occurrence in front."""
    return of if ALONE.fullmatch(of) else f"({of})"


def _choices(shape: Setting) -> str:
    """What a setting may be; empty where that is not declared."""
    numbers = sorted(int(one) for one in shape.choices if isinstance(one, int) and not isinstance(one, bool))
    if FEW < len(shape.choices) == len(numbers) == numbers[-1] - numbers[0] + 1:
        return _range(numbers[0], numbers[-1])
    return " / ".join(json.dumps(one, ensure_ascii=False) for one in shape.choices)


def _about(one: Definition) -> Iterator[str]:
    record = one.record
    yield f"{record.name}, version {record.version}"
    if record.minimum != record.version:
        yield f"reads from {record.minimum} on"
    yield from (" ".join(must.split()) for must in one.must)


def _notes(one: Attribute) -> str:
    member = one.member
    return f" ; when {member.when}" if member.when is not None else f" ; since {member.since}" if member.since else ""


# -- names

def _text(text: str) -> str:
    """A text of RFC 8610: its escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False)


def identifier(name: str) -> str:
    """A rule's name (3.1): what may not be in it is a dot, and it begins with a letter."""
    words = re.sub(r"[^A-Za-z0-9_@.-]+", ".", name).strip(".-") or "x"
    return words if words[0].isalpha() else f"x{words}"


def _free(name: str) -> str:
    """Not a common rule's, nor one of RFC 8610's own (appendix D)."""
    return f"{name}.record" if name in COMMON or name in PRELUDE or re.fullmatch(r"[ui]\d*", name) else name


PRELUDE = {
    "any", "uint", "nint", "int", "bstr", "bytes", "tstr", "text", "tdate", "time", "number", "biguint", "bignint",
    "bigint", "integer", "unsigned", "decfrac", "bigfloat", "eb64url", "eb64legacy", "eb16", "encoded-cbor", "uri",
    "b64url", "b64legacy", "regexp", "mime-message", "cbor-any", "float16", "float32", "float64", "float16-32",
    "float32-64", "float", "false", "true", "bool", "nil", "null", "undefined",
}
