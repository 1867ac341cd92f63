"""A CDDL grammar (RFC 8610) of a declaration: what the `cbor` visitor writes as `named` matches its first rule.

A record is a map whose keys are names with their types. What may be skipped, and is not known, matches `unknown`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from vmstate.exchanges import NOT_PENDING
from vmstate.format import abstract
from vmstate.shape import Bool, Descriptor, Float, Record, Setting, Timer

from ._notation import Notation, about
from ._outline import MOST_VERSION, Attribute, Definition, Outline, Told
from ._outliner import Folding
from ._tree import SETTINGS, VERSION
from ._types import RECORD, spelled

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


def text(kind: type | Record[Any]) -> str:
    """The grammar of a declaration's documents."""
    return abstract(kind, writer())


def writer() -> Folding[str]:
    """A writer of one declaration's grammar."""
    return Folding(lambda outline: Grammar(outline).text())


class Grammar(Notation):
    """The fold over one outline."""

    common, plain = COMMON, {Timer: "expiry", Bool: "flag", Float: "f64", Descriptor: "fd"}

    def __init__(self, outline: Outline) -> None:
        super().__init__(outline, lambda name: _free(identifier(name)))
        self.known("unknown")

    def text(self) -> str:
        """The whole: the root first, the records as they are met, the common rules."""
        records = list(self.records())
        common = "\n".join(f"{name} = {of}" for name, of in sorted(self.rules.items()))
        return "\n\n".join([*records, common]) + "\n"

    # -- records

    def record(self, one: Definition) -> Iterator[str]:
        """A record's rule, a line for each key."""
        yield f"; {', '.join(' '.join(words.split()) for words in about(one))}"
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
        of = self.choices(told.shape) or self.known("setting")
        if told.path:
            return f"? {_text(told.path)}: {of},"
        return f"* (text .regexp {_text(told.pattern)}) => {_grouped(of)},"

    def choices(self, shape: Setting) -> str:
        """What a setting may be; empty where that is not declared."""
        numbers = sorted(int(one) for one in shape.choices if isinstance(one, int) and not isinstance(one, bool))
        if FEW < len(shape.choices) == len(numbers) == numbers[-1] - numbers[0] + 1:
            return self.number(numbers[0], numbers[-1])
        return " / ".join(json.dumps(one, ensure_ascii=False) for one in shape.choices)

    # -- forms

    def width(self, kind: str) -> str:
        return kind

    def number(self, least: int, most: int) -> str:
        """A range that begins below 0 is told by its ends: there are tools that take no number of it for one."""
        if least == most:
            return f"{least}"
        return f"{least}..{most}" if least >= 0 else f"(int .ge {least}) .and (int .le {most})"

    def enumerated(self, kind: type[IntEnum], least: int, most: int) -> str:
        return " / ".join(str(int(value)) for value in kind)

    def bytes(self, least: int, most: int | None) -> str:
        if least == most:
            return f"bytes .size {least}"
        return "bytes" if most is None else f"bytes .size ({least}..{most})"

    def or_null(self, of: str) -> str:
        return f"{of} / null"

    def items(self, of: str, least: int, most: int | None) -> str:
        return f"[{_times(least, most)} {_grouped(of)}]"

    def entries(self, key: str, value: str) -> str:
        return f'[* {{ "key": {key}, "value": {value} }}]'


def _times(least: int, most: int | None) -> str:
    if most is None:
        return "+" if least else "*"
    return f"{least}*{most}"


def _grouped(of: str) -> str:
    """In parentheses where it is a choice, or where a number could be taken for a part of the occurrence in front."""
    return of if ALONE.fullmatch(of) else f"({of})"


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
