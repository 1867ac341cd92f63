"""What is left to do about a member: what neither a stream nor a dump can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmstate.shape import Bits, Blob, Opaque

from .naming import worded
from .sketch import Field, Leaf, Linked, Many, Maybe, What

COUNTING = "num", "count", "len", "size", "nr", "max"
PLAIN = "", "buffer", "unused_buffer"
LISTS = "qtailq", "qlist", "gtree"


def notes(attribute: str, field: Field, before: Mapping[str, Field]) -> Iterator[str]:
    """Sentences about one member. `before` are those above it, which may say how many it has."""
    yield from (f"TODO: `{attribute}`: {one}" for one in _notes(field.what, before))


def _notes(what: What, before: Mapping[str, Field]) -> Iterator[str]:
    match what:
        case Many(of=of, count=count):
            counting = [name for name, one in before.items() if _counts(name, one, count)]
            if what.varies or counting:
                yield _counted("elements", count, counting)
            if what.listed and not isinstance(of, Maybe):
                yield "QEMU lists the elements one by one: some member or subsection of theirs is conditional."
            yield from _notes(of, before)
        case Maybe(of=None):
            yield "what it points to. It was null."
        case Maybe(of=of) | Linked(of=of) if of is not None:
            yield from _notes(of, before)
        case Leaf():
            yield from _of_leaf(what, before)
        case _:
            pass


def _of_leaf(what: Leaf, before: Mapping[str, Field]) -> Iterator[str]:
    match what.shape:
        case Opaque():
            yield "its size, which the dump does not tell."
        case Blob() if what.type in LISTS:
            yield f"what its elements are: a {what.type}, and it was empty."
        case Blob(size=int(size)) if what.type in PLAIN:
            if counting := [name for name, one in before.items() if _counts(name, one, size)]:
                yield _counted("bytes", size, counting)
        case Blob():
            yield f"what is in it: QEMU writes it by a function of its own, {worded(what.type)!r}."
        case Bits(count=count):
            yield f"how many bits it has, {count} at most."
        case _:
            pass


def _counted(of: str, count: int, counting: list[str]) -> str:
    said = f", as `{counting[0]}` has it" if counting else ""
    return f"what tells how many {of} it has. There were {count}{said}."


def _counts(name: str, field: Field, count: int) -> bool:
    """Whether a member may be the number of something."""
    return count > 0 and bool(field.numbers) and all(one == count for one in field.numbers) and any(
        word in name for word in COUNTING)
