"""A finding's witness in words: for each direction, where a byte is taken for another's, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from vmstate.compat.findings import Finding

MOST_LETTERS = 60
LINE = 16
"""Bytes that are shown around a place."""
Witness = dict[str, Any]


class Row(NamedTuple):
    """Some bytes of a stream: where they begin, each as two digits, which one it is about."""

    begin: int
    bytes: list[str]
    at: int


def sentences(finding: Finding) -> list[tuple[str, str]]:
    """What proves it, each with what it is called: a direction; or a refused header, name or value."""
    return [(label, text) for label, text, _ in proofs(finding)]


def proofs(finding: Finding) -> Iterator[tuple[str, str, Row | None]]:
    """The same, with the bytes around the place."""
    witness = finding.witness or {}
    if "direction" not in witness:
        yield from ((key, cut(str(value)), None) for key, value in witness.items())
        return
    for one in (witness, *witness.get("other", ())):
        yield one["direction"], sentence(one), row(one)


def sentence(one: Witness) -> str:
    """One direction."""
    if "missing" in one:
        return f"no witness: {one['missing']}"
    return "; ".join(filter(None, (parting(one), ending(one))))


def parting(one: Witness) -> str:
    """Where both part; empty where that is in no byte."""
    offset: int | None = one.get("offset")
    if offset is None:
        return ""
    size: int = one.get("size", len(one["stream"]) // 2)
    if offset >= size:
        return f"behind the last of {size:#x} bytes, {one['read'] or 'nothing'} is read"
    return (f"byte {offset:#x} of {size:#x} was written as {one['written'] or 'nothing'}, "
            f"and is read as {one['read'] or 'nothing'}")


def ending(one: Witness) -> str:
    """What follows: it is refused, or a value is another."""
    if (stops := one.get("stops")) is not None:
        return f"refused: {stops['error']}"
    if (differs := one.get("differs")) is None:
        return ""
    path, read, written = differs["path"], cut(str(differs["read"])), differs["written"]
    return f"{path} is read as {read}, and was " + ("never written" if written is None else cut(str(written)))


def row(one: Witness) -> Row | None:
    """The bytes around the place; None where there are none."""
    offset, data = one.get("offset"), bytes.fromhex(one.get("stream", ""))
    if offset is None or not data:
        return None
    first: int = one.get("begin", 0)
    at: int = min(offset - first, len(data))
    begin = (min(at, len(data) - 1)) // LINE * LINE
    return Row(first + begin, [f"{byte:02x}" for byte in data[begin:begin + LINE]], at - begin)


def cut(text: str) -> str:
    """A text, not too long."""
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}… ({len(text)} characters)"
