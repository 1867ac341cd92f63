"""Wire types, as self-describing formats write them beside a name: `period:u32`, `cmos_data:b128`, `?extra:[u16]`.

| type | what |
|---|---|
| `u8` … `u64`, `i8` … `i64`; `u`, `i` | an integer; of a width that a fact decides |
| `bool`, `f64`, `time`, `fd` | a boolean, 64 bits of IEEE 754, a timer (ns, or null), a file descriptor (or null) |
| `b16`; `b` | so many bytes; as many as a fact or a length decides |
| `bits40`; `bits` | a bitmap |
| `pad` | unused bytes, where they are not zero |
| `{}` | a record |
| `[T]` | elements of one type |
| `<K,V>` | a mapping |
| `T?` | or null |

A type says what was declared, not what an instance makes of it, so that a schema has the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from vmstate.describe.wiretypes import leaf
from vmstate.errors import LimitExceeded, Mismatch
from vmstate.nodes import Node, node
from vmstate.shape import (
    Array,
    AtMost,
    Bits,
    Blob,
    Bool,
    Chain,
    Constant,
    Descriptor,
    Enumerated,
    Equal,
    Float,
    Int,
    Mapping,
    Member,
    Nullable,
    Opaque,
    Padding,
    Range,
    Shape,
    Timer,
)

SKIPPABLE, MARK = "?", ":"
RECORD = "{}"
INTEGER = re.compile(r"[ui]\d*")
SIZED = re.compile(r"(b|bits)(\d*)")

Verdict = Literal["same", "another", "wrong"]


def type_of(shape: Shape) -> str:
    """The wire type of what a shape exchanges."""
    match shape:
        case Int(bits=bits, signed=signed):
            return ("i" if signed else "u") + (str(bits) if isinstance(bits, int) else "")
        case Bool() | Float() | Timer() | Descriptor() | Padding():
            return PLAIN[type(shape)]
        case Blob(size=size, prefix=prefix):
            return f"b{size}" if isinstance(size, int) and not prefix else "b"
        case Opaque(size=size):
            return f"b{size}" if isinstance(size, int) else "b"
        case Bits(count=count):
            return f"bits{count}" if isinstance(count, int) else "bits"
        case Range(of=of) | Equal(of=of) | AtMost(of=of) | Constant(of=of) | Enumerated(of=of):
            return type_of(of)
        case Array(of=of) | Chain(of=of):
            return f"[{type_of(of)}]"
        case Mapping(key=key, value=value):
            return f"<{type_of(key)},{type_of(value)}>"
        case Nullable(of=of):
            return f"{type_of(of)}?"
        case _:
            return RECORD


PLAIN: dict[type, str] = {Bool: "bool", Float: "f64", Timer: "time", Descriptor: "fd", Padding: "pad"}


def spelled(name: str, kind: str, skippable: bool = False) -> str:
    """An attribute's name with its type, and a mark in front where a reader may skip it."""
    return f"{SKIPPABLE if skippable else ''}{name}{MARK}{kind}"


def key_of(member: Member) -> str:
    """How a member's key is spelled."""
    return spelled(member.write_as or member.key, type_of(member.shape), member.skippable)


def parted(key: str) -> tuple[str, str, bool]:
    """Name, type (none where none is told) and whether it may be skipped. Names may have colons, types have none."""
    name, mark, kind = key.rpartition(MARK)
    if not mark:
        name, kind = key, ""
    skippable = name.startswith(SKIPPABLE)
    return (name[1:] if skippable else name), kind, skippable


def compared(mine: str, theirs: str) -> Verdict:
    """Whether a value of their type is one of mine; of another integer type it may be, if it is in range."""
    if mine == theirs:
        return "same"
    if INTEGER.fullmatch(mine) and INTEGER.fullmatch(theirs):
        return "another"
    if mine.endswith("?") and theirs.endswith("?"):
        return compared(mine[:-1], theirs[:-1])
    if mine.startswith("[") and theirs.startswith("["):
        return compared(mine[1:-1], theirs[1:-1])
    sizes = SIZED.fullmatch(mine), SIZED.fullmatch(theirs)
    if sizes[0] and sizes[1] and sizes[0][1] == sizes[1][1] and "" in (sizes[0][2], sizes[1][2]):
        return "same"  # one end decides the size by a fact, which is compared with what came
    return "wrong"


# -- taken apart

class Kind(Node):
    """A type: how it is spelled, how deep lists and maps are in each other by it, whether null is one of its values."""

    text: str
    deep: int
    or_null: bool


@node
class Leaf(Kind):
    """One value, as a leaf of this shape. A size that a fact decides is no number there."""

    text: str
    shape: Shape
    or_null: bool = False
    deep: int = 0


@node
class Inside(Kind):
    """A record."""

    text: str = RECORD
    or_null: bool = False
    deep: int = 1


@node
class Items(Kind):
    """Elements."""

    text: str
    of: Kind
    deep: int
    or_null: bool = False


@node
class Entries(Kind):
    """A mapping."""

    text: str
    key: Kind
    value: Kind
    deep: int
    or_null: bool = False


MOST_LETTERS = 1000
"""Of a type; 100 lists in each other take 202 of them."""
TOKEN = re.compile(r"\{\}|[a-z]+\d*|.", re.ASCII | re.DOTALL)


@lru_cache(maxsize=1024)
def kind_of(text: str) -> Kind:
    """A type by its spelling. Raises Mismatch where it is none, LimitExceeded where it is too long."""
    if len(text) > MOST_LETTERS:
        raise LimitExceeded(f"a type of {len(text)} characters")
    stack: list[Kind | str] = []
    for token in TOKEN.findall(text):
        stack.append(_single(token))
        match stack:
            case [*_, "[", Kind() as of, "]"]:
                stack[-3:] = [Items(f"[{of.text}]", of, of.deep + 1)]
            case [*_, "<", Kind() as key, ",", Kind() as value, ">"]:
                stack[-5:] = [Entries(f"<{key.text},{value.text}>", key, value, max(key.deep, value.deep) + 2)]
            case [*_, Kind() as of, "?"]:
                stack[-2:] = [of.but(text=f"{of.text}?", or_null=True)]
            case _:
                pass
    if len(stack) != 1 or not isinstance(kind := stack[0], Kind):
        raise Mismatch(f"{text[:40]!r} is no type")
    return kind


def _single(token: str) -> Kind | str:
    """What has no type within; of anything else the letter."""
    if token == RECORD:
        return Inside()
    shape = Padding("told") if token == PLAIN[Padding] else leaf(token, "told")
    return token if shape is None else Leaf(token, shape, isinstance(shape, Timer | Descriptor))
