"""An ASN.1 module (X.680) of a declaration: what the `ber` visitor writes in its profile `named` is of its first type.

A record is a SET. Each of its components is the SEQUENCE of a name and a value, tagged by its place in the declaration:
context-specific if it must be understood, private if it may be skipped. Unknown ones come behind the extension marker.
The comment behind a component is its name as it is written, and what ASN.1 has no word for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

from vmstate.exchanges import NOT_PENDING
from vmstate.format import abstract
from vmstate.shape import Bool, Constant, Descriptor, Float, Member, Record, Subsection, Timer

from ._notation import Notation, about
from ._outline import MOST_VERSION, Attribute, Checked, Definition, Outline, distinct
from ._outliner import Folding
from ._tree import SETTINGS, VERSION
from ._types import RECORD, key_of, spelled

SETTING = "number INTEGER, flag BOOLEAN, text UTF8String, none NULL"
COMMON = {
    "Descriptor": "CHOICE { none NULL, some INTEGER } -- of a file",
    "Flag": "CHOICE { plain BOOLEAN, odd INTEGER (2..255) } -- a byte that is neither 0 nor 1 is odd",
    "Real": "OCTET STRING (SIZE (8)) -- IEEE 754, big-endian",
    "Setting": f"[0] SEQUENCE {{ name UTF8String, value CHOICE {{ {SETTING} }} }} -- its path, and its value",
    "Time": f"CHOICE {{ none NULL, some INTEGER (0..{NOT_PENDING - 1}) }} -- ns; none: not pending",
}
"""Types that many records have; a module has those that it needs, and integers by their width."""


def text(kind: type | Record[Any]) -> str:
    """The module of a declaration's documents."""
    return abstract(kind, writer())


def writer() -> Folding[str]:
    """A writer of one declaration's module."""
    return Folding(lambda outline: Module(outline).text())


class Module(Notation):
    """The fold over one outline."""

    common, plain = COMMON, {Timer: "Time", Bool: "Flag", Float: "Real", Descriptor: "Descriptor"}

    def __init__(self, outline: Outline) -> None:
        super().__init__(outline, lambda name: _free(type_reference(name)))

    def text(self) -> str:
        """The whole: the root first, the records as they are met, the common types."""
        root, records = self.outline.root.record, list(self.records())
        common = "\n".join(f"{name} ::= {of}" for name, of in sorted(self.rules.items()))
        head = f"VMState-{self.names[root]} DEFINITIONS IMPLICIT TAGS ::= BEGIN"
        return "\n\n".join(filter(None, [head, *records, common, "END"])) + "\n"

    # -- records

    def record(self, one: Definition) -> Iterator[str]:
        """A record's type, a line for each component."""
        yield f"-- {_comment(about(one))}"
        yield f"{self.names[one.record]} ::= SET {{"
        yield from (f"  {line}" for line in self.components(one))
        yield "  ..."
        yield "}"

    def components(self, one: Definition) -> Iterator[str]:
        """Its members, its subsections, and what the format itself says."""
        taken: set[str] = set()

        def component(name: str, tag: str, of: str, optional: bool, comment: Iterable[str]) -> str:
            ident = distinct((name,), identifier, taken)
            end = " OPTIONAL," if optional else ","
            return f"{ident} [{tag}] {_named(of)}{end} -- {_comment(comment)}"

        if one.subsection is not None:
            version = f"INTEGER ({one.record.minimum}..{MOST_VERSION})"
            yield component("version", "APPLICATION 0", version, False, (VERSION,))
        for member in one.attributes:
            tag = _tag(member.place, member.member.skippable)
            yield component(member.member.key, tag, self.form(member.form), not one.requires(member), _notes(member))
        for i, sub in enumerate(one.subsections):
            tag = _tag(one.places + i, sub.skippable)
            yield component(sub.name, tag, self.names[sub.record], True, _notes_of_subsection(sub))
        if one is self.outline.root and self.outline.settings:
            yield component("settings", "APPLICATION 1", f"SET OF {self.known('Setting')}", True, (SETTINGS,))

    # -- forms

    def width(self, kind: str) -> str:
        return kind.upper()

    def number(self, least: int, most: int) -> str:
        return f"INTEGER ({_range(least, most)})"

    def enumerated(self, kind: type[IntEnum], least: int, most: int) -> str:
        taken: set[str] = set()
        names = ", ".join(f"{distinct((one.name,), identifier, taken)}({int(one)})" for one in kind)
        return f"INTEGER {{ {names} }} ({_range(least, most)})"

    def bytes(self, least: int, most: int | None) -> str:
        return f"OCTET STRING {_size(least, most)}".rstrip()

    def or_null(self, of: str) -> str:
        return f"CHOICE {{ none NULL, some {of} }}"

    def items(self, of: str, least: int, most: int | None) -> str:
        return f"SEQUENCE {_size(least, most)}OF {of}"

    def entries(self, key: str, value: str) -> str:
        return f"SEQUENCE OF SET {{ key [0] {_named(key)}, value [1] {_named(value)} }}"


def _named(of: str) -> str:
    return f"SEQUENCE {{ name UTF8String, value {of} }}"


def _tag(place: int, skippable: bool) -> str:
    return f"PRIVATE {place}" if skippable else f"{place}"


def _range(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least}..{most}"


def _size(least: int, most: int | None) -> str:
    if most is None:
        return f"(SIZE ({least}..MAX)) " if least else ""
    return f"(SIZE ({_range(least, most)})) "


# -- comments

def _notes(one: Attribute) -> Iterator[str]:
    member: Member = one.member
    yield key_of(member)
    if member.when is not None:
        yield f"when {member.when}"
    elif member.since:
        yield f"since {member.since}"
    if isinstance(one.form, Checked) and isinstance(one.form.check, Constant):
        yield "always"


def _notes_of_subsection(sub: Subsection) -> Iterator[str]:
    yield spelled(sub.name, RECORD, sub.skippable)
    if sub.needed is not None:
        yield f"when {sub.needed}"


def _comment(words: Iterable[str]) -> str:
    """A comment ends at the end of its line, or at two hyphens."""
    return re.sub("-(?=-)", "- ", " ".join(", ".join(words).split()))


# -- names

def identifier(name: str) -> str:
    """A name as X.680 12.3 wants it: letters, digits and single hyphens, a small letter first."""
    words = "-".join(re.findall("[a-z0-9]+", name.lower())) or "x"
    return words if words[0].isalpha() else f"x{words}"


def type_reference(name: str) -> str:
    """A type's name (12.2): the same, a capital first."""
    words = "-".join(re.findall("[A-Za-z0-9]+", name)) or "X"
    return words[0].upper() + words[1:] if words[0].isalpha() else f"X{words}"


def _free(name: str) -> str:
    """Not a common type's, and no word of ASN.1's own: those are all capitals."""
    return f"{name}-record" if name in COMMON or name in RESERVED or re.fullmatch(r"[UI]\d*", name) else name


RESERVED = {
    "ABSENT", "ABSTRACT-SYNTAX", "ALL", "ANY", "APPLICATION", "AUTOMATIC", "BEGIN", "BIT", "BMPString", "BOOLEAN", "BY",
    "CHARACTER", "CHOICE", "CLASS", "COMPONENT", "COMPONENTS", "CONSTRAINED", "CONTAINING", "DATE", "DATE-TIME",
    "DEFAULT", "DEFINED", "DEFINITIONS", "DURATION", "EMBEDDED", "ENCODED", "ENCODING-CONTROL", "END", "ENUMERATED",
    "EXCEPT", "EXPLICIT", "EXPORTS", "EXTENSIBILITY", "EXTERNAL", "FALSE", "FROM", "GeneralString", "GeneralizedTime",
    "GraphicString", "IA5String", "IDENTIFIER", "IMPLICIT", "IMPLIED", "IMPORTS", "INCLUDES", "INSTANCE",
    "INSTRUCTIONS", "INTEGER", "INTERSECTION", "ISO646String", "MAX", "MIN", "MINUS-INFINITY", "NOT-A-NUMBER", "NULL",
    "NumericString", "OBJECT", "OCTET", "OF", "OID-IRI", "OPTIONAL", "ObjectDescriptor", "PATTERN", "PDV",
    "PLUS-INFINITY", "PRESENT", "PRIVATE", "PrintableString", "REAL", "RELATIVE-OID", "RELATIVE-OID-IRI", "SEQUENCE",
    "SET", "SETTINGS", "SIZE", "STRING", "SYNTAX", "T61String", "TAGS", "TIME", "TIME-OF-DAY", "TRUE",
    "TYPE-IDENTIFIER", "TeletexString", "UNION", "UNIQUE", "UNIVERSAL", "UTCTime", "UTF8String", "UniversalString",
    "VideotexString", "VisibleString", "WITH",
}
