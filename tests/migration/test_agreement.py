"""What a declaration and a description may say differently of the same bytes, and what not."""

from itertools import accumulate
from typing import Any

import pytest

from migration.agreement import MOST, disagreements
from vmstate.shape import Blob, Int, Nullable, Opaque, Padding
from vmstate.trace import Seen
from vmstate.values import Float64

NUMBER, BYTES, UNUSED = Int(8), Blob(4), Padding(4)


class Plain:
    """A codec that does nothing."""

    name = "plain"

    def decode(self, data: bytes, /) -> bytes:
        return data

    def encode(self, value: bytes, /) -> bytes:
        return value


FOREIGN = Opaque(4, Plain())


def tree(*leaves: tuple[str, Any, Any, int, int]) -> Seen:
    """A record of leaves: key, node, value, begin, end."""
    inside = [Seen(key, node, value, begin, end) for key, node, value, begin, end in leaves]
    return Seen("", Padding(0), inside=inside)


def numbers(*sizes: int, value: int = 0) -> Seen:
    """Integers one behind the other."""
    ends = list(accumulate(sizes))
    return tree(*((f"n{i}", NUMBER, value, end - sizes[i], end) for i, end in enumerate(ends)))


AGREED: list[tuple[str, Seen, Seen]] = [
    ("nothing", tree(), tree()),
    ("the same", numbers(1, 2, 4), numbers(1, 2, 4)),
    ("other names", tree(("a", NUMBER, 1, 0, 4)), tree(("b", NUMBER, 1, 0, 4))),
    ("a buffer of theirs is ours in numbers", numbers(1, 1, 2), tree(("all", BYTES, bytes(4), 0, 4))),
    ("a buffer of ours is theirs in numbers", tree(("all", BYTES, bytes(4), 0, 4)), numbers(2, 2)),
    ("foreign bytes of ours are theirs in numbers", tree(("all", FOREIGN, b"", 0, 4)), numbers(2, 2)),
    ("a number and a buffer", tree(("n", NUMBER, 0x0102, 0, 2)), tree(("b", BYTES, b"\1\2", 0, 2))),
    ("a float and its bits", tree(("f", NUMBER, Float64(5), 0, 8)), tree(("i", NUMBER, 5, 0, 8))),
    ("a boolean and its byte", tree(("b", NUMBER, True, 0, 1)), tree(("i", NUMBER, 1, 0, 1))),
    ("markers around ours are in a buffer of theirs", tree(("n", NUMBER, 0, 1, 3), ("m", NUMBER, 0, 4, 5)),
     tree(("all", BYTES, bytes(5), 0, 5))),
    ("the end of a chain is a buffer of theirs", numbers(2), tree(("n", NUMBER, 0, 0, 2), ("c", BYTES, b"\0", 2, 3))),
    ("markers around ours are numbers of theirs", tree(("n", NUMBER, 5, 1, 3), ("m", NUMBER, 6, 4, 5)),
     tree(("p", NUMBER, 0x31, 0, 1), ("n", NUMBER, 5, 1, 3), ("q", NUMBER, 0x31, 3, 4), ("m", NUMBER, 6, 4, 5))),
    ("a null is its byte", tree(("n", Nullable(NUMBER, int), None, 0, 1)), tree(("p", NUMBER, 0x30, 0, 1))),
    ("given up there, and zeros", tree(("a", NUMBER, 0, 0, 4)), tree(("b", UNUSED, bytes(4), 0, 4))),
    ("the end of a list and the end of another are theirs", numbers(2), tree(
        ("n", NUMBER, 0, 0, 2), ("end", NUMBER, 0, 2, 3), ("c", BYTES, b"\0", 3, 4))),
    ("unused in both", tree(("u", UNUSED, bytes(4), 0, 4)), tree(("v", UNUSED, bytes(4), 0, 4))),
    ("unused in parts", tree(("u", UNUSED, b"\0\0", 0, 2), ("v", UNUSED, b"\0\0", 2, 4)),
     tree(("w", UNUSED, bytes(4), 0, 4))),
    ("settings have no extent", tree(("s", NUMBER, 7, 0, 0), ("n", NUMBER, 1, 0, 1)), tree(("n", NUMBER, 1, 0, 1))),
    ("empty buffers have none", numbers(1), tree(("e", BYTES, b"", 0, 0), ("n", NUMBER, 0, 0, 1))),
]


@pytest.mark.parametrize(("mine", "theirs"), [one[1:] for one in AGREED], ids=[one[0] for one in AGREED])
def test_agreement(mine: Seen, theirs: Seen) -> None:
    assert disagreements(mine, theirs) == []


PARTED: list[tuple[str, Seen, Seen, str]] = [
    ("another value", tree(("a", NUMBER, 1, 0, 4)), tree(("b", NUMBER, 2, 0, 4)),
     "a is 1, the description has b as 2"),
    ("another sign", tree(("a", NUMBER, 0xFF, 0, 1)), tree(("b", NUMBER, -1, 0, 1)),
     "a is 255, the description has b as -1"),
    ("a buffer of other bytes", tree(("a", NUMBER, 1, 0, 1)), tree(("b", BYTES, b"\2", 0, 1)),
     "a is 1, the description has b as b'\\x02'"),
    ("unused here", tree(("a", UNUSED, bytes(4), 0, 4)), tree(("b", NUMBER, 0, 0, 4)),
     "a is unused, the description has b as data"),
    ("unused there", tree(("a", NUMBER, 7, 0, 4)), tree(("b", UNUSED, b"\0\0\0\7", 0, 4)),
     "a is data, the description has b as unused"),
    ("unused there, declared in parts", numbers(2, 2), tree(("b", UNUSED, bytes(4), 0, 4)),
     "b is unused in the description, and is declared as n0"),
    ("unused here, described in parts", tree(("a", UNUSED, bytes(4), 0, 4)), numbers(2, 2),
     "a is unused in the declaration, and is described as n0"),
    ("a number in parts", numbers(4), numbers(2, 2), "n0 is from 0x0 to 0x4, n0 of the description from 0x0 to 0x2"),
    ("a number out of parts", numbers(2, 2), numbers(4),
     "n0 is from 0x0 to 0x2, n0 of the description from 0x0 to 0x4"),
    ("bounds that cross", numbers(3, 1), tree(("a", BYTES, b"", 0, 2), ("b", BYTES, b"", 2, 4)),
     "a of the description ends at 0x2, and n0 as declared at 0x3"),
    ("a buffer that ends within a number", tree(("all", BYTES, b"", 0, 4)), numbers(3, 3),
     "all of the declaration ends at 0x4, and n1 as described at 0x6"),
    ("a gap", tree(("a", NUMBER, 0, 0, 1), ("b", NUMBER, 0, 2, 3)), numbers(1, 2),
     "b is from 0x2 to 0x3, n1 of the description from 0x1 to 0x3"),
    ("more here", numbers(1, 1), numbers(1), "one of declaration and description goes on where the other ends"),
    ("more there", numbers(1), numbers(1, 1), "one of declaration and description goes on where the other ends"),
    ("nothing here", tree(), numbers(1), "one of declaration and description goes on where the other ends"),
]


@pytest.mark.parametrize(("mine", "theirs", "told"), [one[1:] for one in PARTED], ids=[one[0] for one in PARTED])
def test_disagreement(mine: Seen, theirs: Seen, told: str) -> None:
    assert disagreements(mine, theirs)[0] == told


def test_not_everything_is_told() -> None:
    assert len(disagreements(numbers(*[1] * 100), numbers(*[1] * 100, value=1))) == MOST


def test_values_are_compared_beyond_a_first_disagreement() -> None:
    mine = tree(("a", NUMBER, 1, 0, 1), ("b", NUMBER, 1, 1, 2), ("c", NUMBER, 1, 2, 3))
    theirs = tree(("x", NUMBER, 2, 0, 1), ("y", NUMBER, 1, 1, 2), ("z", NUMBER, 2, 2, 3))
    assert disagreements(mine, theirs) == [
        "a is 1, the description has x as 2", "c is 1, the description has z as 2"]
