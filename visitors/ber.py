"""BER (ITU-T X.690): the typed tree as sets of named attributes.

| of the tree | element |
|---|---|
| a record | SET, as the order of its attributes means nothing |
| an attribute | name with type (UTF8String), and value: context-specific if it must be understood, else private |
| `@version`, `@settings` | application 0 and 1: what the format itself says; a setting is an attribute of number 0 |
| a mapping's entry | SET of the attributes `key`, of number 0, and `value`, of number 1 |
| elements | SEQUENCE |
| integer, timer, boolean | INTEGER; BOOLEAN (a byte of QEMU's that is neither 0 nor 1: INTEGER) |
| bytes, a bitmap, a float | OCTET STRING; of a float its 8 bytes, big-endian |
| null | NULL |

The tag number of an attribute is its place in the declaration, and says nothing to a reader. A `compact` document is a
SEQUENCE of its rows (see `_folding`) and the record. A row is a SEQUENCE of names, each context-specific or private as
above; a record is a SEQUENCE of its row's number and its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, cast

from vmstate.errors import BadMarker, Key, Mismatch
from vmstate.kept import Foreign
from vmstate.shape import Member, Nullable, Record, Subsection
from vmstate.values import Float64
from vmstate.visitor import Bracket, Bytes

from . import _typed
from ._compiled import Offer
from ._tlv import (
    APPLICATION,
    BOOLEAN,
    CLASS,
    CONSTRUCTED,
    CONTEXT,
    INTEGER,
    NULL,
    OCTET_STRING,
    PRIVATE,
    SEQUENCE,
    SET,
    UTF8_STRING,
    Puller,
    element,
    identifier,
    integer,
)
from ._tree import ENTRY, SETTINGS, VERSION, shallow
from ._typed import Profile, Reader
from ._types import SKIPPABLE

OWN = {VERSION: 0, SETTINGS: 1}
"""Attributes of the format itself, with their numbers."""


class Label(str):
    """A key with its place in the declaration."""

    __slots__ = ("number",)
    number: int


def _label(key: str, number: int) -> Label:
    label = Label(key)
    label.number = number
    return label


class Writer(_typed.Writer[bytes]):
    """Numbers the attributes of each record as their declaration does: members, then subsections, then unknown ones."""

    entry = tuple(_label(key, number) for number, key in enumerate(ENTRY))

    def __init__(self, dumps: Callable[[Any], bytes], folded: bool = False) -> None:
        super().__init__(dumps, folded)
        self._places, self._subsection = [0], 0

    def label(self, node: Member | Subsection) -> str:
        behind = self._subsection if isinstance(node, Subsection) else 0
        return _label(super().label(node), self._places[-1] + behind)

    def foreign_label(self, one: Foreign) -> str:
        label = _label(super().foreign_label(one), self._places[-1])
        self._places[-1] += 1
        return label

    def is_there(self, node: Member | Nullable, truth: bool | None, /) -> bool:
        there = super().is_there(node, truth)
        self._places[-1] += isinstance(node, Member)
        return there

    def which_next(self, record: Record[Any], pending: Sequence[Subsection], /) -> Subsection | None:
        if (found := super().which_next(record, pending)) is not None:
            self._subsection = record.subsections.index(found)
        return found

    def foreign(self, record: Record[Any], known: tuple[Foreign, ...], /) -> tuple[Foreign, ...]:
        self._places[-1] += len(record.subsections)
        return super().foreign(record, known)

    def enter(self, key: Key, node: Bracket, /) -> None:
        super().enter(key, node)
        self._places.append(0)

    def leave(self) -> None:
        super().leave()
        self._places.pop()


# -- writing

def dumps(document: Any, /) -> bytes:
    """A document's bytes: a SET of attributes; folded, a SEQUENCE of rows and a record."""
    if isinstance(document, dict):
        return _value(cast("dict[str, Any]", document))
    rows, record = document
    names = _elements(map(_names, rows))
    return _elements((names, _value(record)))


def _value(value: Any) -> bytes:
    return VALUES[type(value)](value)


def _names(row: Sequence[str]) -> bytes:
    return _elements(map(_name, row))


def _elements(parts: Iterable[bytes]) -> bytes:
    return element(bytes((SEQUENCE,)), b"".join(parts))


def _attribute(item: tuple[str, Any]) -> bytes:
    key, value = item
    head, name = _headed(key, CONSTRUCTED)
    return element(head, element(bytes((UTF8_STRING,)), name) + VALUES[type(value)](value))


def _name(key: str) -> bytes:
    return element(*_headed(key, 0))


def _headed(key: str, form: int) -> tuple[bytes, bytes]:
    """Identifier octets that say whether a reader may skip this, and the name with its type."""
    kind = PRIVATE if key.startswith(SKIPPABLE) else APPLICATION if key in OWN else CONTEXT
    number = key.number if isinstance(key, Label) else OWN.get(key, 0)
    return identifier(kind | form, number), key.removeprefix(SKIPPABLE).encode("utf-8", "surrogateescape")


VALUES: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: element(bytes((NULL,)), b""),
    bool: lambda value: element(bytes((BOOLEAN,)), b"\xff" if value else b"\0"),
    int: lambda value: element(bytes((INTEGER,)), integer(value)),
    bytes: lambda value: element(bytes((OCTET_STRING,)), value),
    float: lambda value: element(bytes((OCTET_STRING,)), Float64.of(value).bits.to_bytes(8, "big")),
    str: lambda value: element(bytes((UTF8_STRING,)), value.encode("utf-8", "surrogateescape")),
    list: lambda value: element(bytes((SEQUENCE,)), b"".join(map(_value, value))),
    dict: lambda value: element(bytes((SET,)), b"".join(map(_attribute, value.items()))),
}


# -- reading

def loads(data: Bytes, /) -> Any:
    """A document again. Raises DecodeError."""
    puller = Puller(data)
    document: Any = _set(puller) if puller.peek() == SET else _document(puller)
    puller.finish()
    return shallow(document)


def _document(puller: Puller) -> list[Any]:
    with puller.inside(SEQUENCE):
        rows = _sequence(puller, lambda _: _row)
        return [rows, _reader(puller)(puller)]


def _sequence(puller: Puller, pick: Callable[[Puller], Callable[[Puller], Any]]) -> list[Any]:
    """Elements, each as it is picked how to read them."""
    found: list[Any] = []
    with puller.inside(SEQUENCE):
        while puller.more():
            found.append(pick(puller)(puller))
    return found


def _row(puller: Puller) -> list[Any]:
    return _sequence(puller, lambda _: _row_name)


def _row_name(puller: Puller) -> str:
    tag = puller.peek()
    return _key(puller.primitive(None), tag)


def _key(name: bytes, tag: int) -> str:
    """The name with its type and, of the private class, the mark that it may be skipped."""
    key = name.decode("utf-8", "surrogateescape")
    return SKIPPABLE + key if tag & CLASS == PRIVATE else key


def _reader(puller: Puller) -> Callable[[Puller], Any]:
    """How to read the next value, by its tag."""
    tag = puller.peek()
    read = READERS.get(tag & ~CONSTRUCTED if tag == OCTET_STRING | CONSTRUCTED else tag)
    if read is None:
        raise BadMarker(f"an element of tag {tag:#04x}", offset=puller.at)
    return read


def _integer(puller: Puller) -> int:
    at = puller.at
    body = puller.primitive(INTEGER)
    if not body:
        raise Mismatch("an INTEGER without contents", offset=at)
    return int.from_bytes(body, "big", signed=True)


def _boolean(puller: Puller) -> bool:
    at = puller.at
    body = puller.primitive(BOOLEAN)
    if len(body) != 1:
        raise Mismatch(f"a BOOLEAN of {len(body)} bytes", offset=at)
    return body != b"\0"


def _null(puller: Puller) -> None:
    puller.primitive(NULL)


def _text(puller: Puller) -> str:
    return puller.primitive(UTF8_STRING).decode("utf-8", "surrogateescape")


def _set(puller: Puller) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with puller.inside(SET):
        while puller.more():
            at = puller.at
            with puller.inside() as tag:
                key = _key(puller.primitive(UTF8_STRING), tag)
                if key in found:
                    raise Mismatch(f"{key!r} is there twice", offset=at)
                found[key] = _reader(puller)(puller)
    return found


READERS: dict[int, Callable[[Puller], Any]] = {
    NULL: _null, BOOLEAN: _boolean, INTEGER: _integer, UTF8_STRING: _text, SET: _set,
    OCTET_STRING: lambda puller: puller.primitive(OCTET_STRING),
    SEQUENCE: partial(_sequence, pick=_reader),
}


def reader(data: Bytes, /) -> Reader:
    """A reader of either profile."""
    return Reader(loads(data))


def writer() -> Writer:
    """A writer of names with each attribute."""
    return Writer(dumps)


compiled = Offer(__name__)
"""Generated code, for the profile with names."""

compact: Profile[bytes] = Profile(reader, partial(Writer, dumps, folded=True))
"""The same, with names once."""
