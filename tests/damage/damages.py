"""What is done to a stream: bytes changed, lost and put in, pieces moved, descriptions that lie. All by one seed."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.damage.originals import Piece, files, pieces
from tests.vmstate.exercise import chance
from vmstate.describe.vmdesc import Object

Pieces = list[Piece]
Chance = random.Random

LIKELY = 24
"""Bytes from the beginning of a piece on, where its numbers and names are."""
LONGEST = 4096
"""Bytes that are spliced in, or taken out, at once."""
MOST_DAMAGES = 4


def damaged(name: str, seed: int) -> bytes:
    """The stream with some damage; pieces come from any other as well."""
    pick, others = chance(f"{name} {seed}"), list(files())
    parts = list(pieces(name))
    for _ in range(pick.choice((1, 1, 1, 2, MOST_DAMAGES))):
        if parts:
            pick.choices(list(DAMAGES), list(DAMAGES.values()))[0](parts, pick, pick.choice(others))
    if pick.random() < 0.5:
        _mend(parts)
    return b"".join(part.data for part in parts)


# -- places

def _place(parts: Pieces, pick: Chance) -> tuple[int, int, int]:
    """Somewhere: which piece, and in it a value's bytes, one byte of its head or any."""
    heavy = [0.3 if part.kind in ("ram", "footer") else 1.0 for part in parts]
    i = pick.choices(range(len(parts)), heavy)[0]
    data, _, leaves = parts[i]
    if leaves and pick.random() < 0.4:
        return i, *pick.choice(leaves)
    at = pick.randrange(max(1, min(len(data), LIKELY) if pick.random() < 0.4 else len(data)))
    return i, at, at + 1


def _put(parts: Pieces, i: int, begin: int, end: int, new: bytes) -> None:
    """Other bytes instead of these."""
    data, kind, leaves = parts[i]
    parts[i] = Piece(data[:begin] + new + data[end:], kind, leaves)


# -- bytes

def _changed(parts: Pieces, pick: Chance, _: str) -> None:
    for _ in range(pick.choice((1, 1, 2, 16))):
        i, begin, _end = _place(parts, pick)
        new = pick.choice((0, 1, 5, 7, 0x30, 0x7E, 0x7F, 0xFF, *pick.randbytes(8)))
        _put(parts, i, begin, begin + 1, bytes((new,)))


def _flipped(parts: Pieces, pick: Chance, _: str) -> None:
    i, begin, _end = _place(parts, pick)
    old = parts[i].data[begin:begin + 1] or b"\0"
    _put(parts, i, begin, begin + 1, bytes((old[0] ^ 1 << pick.randrange(8),)))


def _counted(parts: Pieces, pick: Chance, _: str) -> None:
    """A number is the greatest, the greatest signed, the least, or a little more than it was."""
    i, begin, end = _place(parts, pick)
    size = end - begin if end - begin in (1, 2, 4, 8) and pick.random() < 0.7 else pick.choice((1, 2, 4, 8))
    old = int.from_bytes(parts[i].data[begin:begin + size], "big")
    half = 1 << 8 * size - 1
    new = pick.choice((-1, half - 1, half, 0, old + 1, old - 1, old << 1, old << 8, old >> 1))
    _put(parts, i, begin, begin + size, (new & (1 << 8 * size) - 1).to_bytes(size, "big"))


def _removed(parts: Pieces, pick: Chance, _: str) -> None:
    i, begin, end = _place(parts, pick)
    _put(parts, i, begin, pick.choice((end, begin + pick.randint(1, 8), begin + pick.randint(1, LONGEST))), b"")


def _inserted(parts: Pieces, pick: Chance, _: str) -> None:
    i, begin, _end = _place(parts, pick)
    _put(parts, i, begin, begin, pick.choice((bytes(pick.randint(1, 64)), pick.randbytes(pick.randint(1, 16)))))


def _spliced(parts: Pieces, pick: Chance, other: str) -> None:
    """A part of another stream, or of this one, is put in or takes the place of what was there."""
    i, begin, _end = _place(parts, pick)
    source = pick.choice(pieces(other) if pick.random() < 0.5 else parts).data
    at = pick.randrange(len(source) + 1)
    new = source[at:at + pick.choice((4, 64, 512, LONGEST))]
    _put(parts, i, begin, begin + pick.choice((0, len(new))), new)


def _cut(parts: Pieces, pick: Chance, _: str) -> None:
    i, begin, _end = _place(parts, pick)
    _put(parts, i, begin, len(parts[i].data), b"")
    del parts[i + 1:]


# -- pieces

def _shuffled(parts: Pieces, pick: Chance, _: str) -> None:
    """Pieces in a row in another order; the header mostly stays."""
    begin = pick.choice((0, 1, 2, 2, 2))
    end = min(len(parts), begin + pick.choice((2, 5, len(parts))))
    some = parts[begin:end]
    pick.shuffle(some)
    parts[begin:end] = some


def _doubled(parts: Pieces, pick: Chance, _: str) -> None:
    part = pick.choice(parts)
    at = pick.randrange(len(parts) + 1)
    parts[at:at] = [part] * pick.choice((1, 1, 2, 40 if len(part.data) < 1000 else 2))


def _dropped(parts: Pieces, pick: Chance, _: str) -> None:
    at = pick.randrange(len(parts))
    del parts[at:at + pick.choice((1, 1, 2, 8))]


def _adopted(parts: Pieces, pick: Chance, other: str) -> None:
    """A piece of another stream, as a whole."""
    parts.insert(pick.randrange(len(parts) + 1), pick.choice([one for one in pieces(other) if len(one.data) < 40000]))


# -- the trailer

def _described(parts: Pieces, pick: Chance, other: str) -> None:
    """Something in the description is something else; its length is then right."""
    i = next((i for i, part in enumerate(parts) if part.kind == "trailer"), None)
    if i is None:
        return
    try:
        root = json.loads(parts[i].data, object_pairs_hook=Object)
    except ValueError:
        return
    for _ in range(pick.choice((1, 1, 2, 8))):
        if places := list(_places(root)):
            _lie(*pick.choice(places), pick, places)
    parts[i] = Piece(_text(root).encode("utf-8", "surrogatepass"), "lies")
    _mend(parts)


def _places(root: Any) -> Iterator[tuple[list[Any], int]]:
    """Every value inside another: a list and an index, of an object its list of pairs."""
    pending = [root] if isinstance(root, list) else []
    while pending:
        inside = pending.pop()
        for at in range(len(inside)):
            yield inside, at
            if isinstance(value := _value(inside, at), list):
                pending.append(value)


def _lie(inside: list[Any], at: int, pick: Chance, places: list[tuple[list[Any], int]]) -> None:
    """One value is another, or stands elsewhere."""
    match pick.randrange(8):
        case 0:
            del inside[at]
        case 1:
            inside.insert(pick.randrange(len(inside)), inside[at])
        case 2:
            inside[at:at + 1] = [inside[at]] * pick.choice((2, 3, 30))
        case 3:
            pick.shuffle(inside)
        case 4 if isinstance(inside, Object):
            inside[at] = pick.choice(WORDS), inside[at][1]
        case 5 if len(text := _text(_value(*pick.choice(places)))) <= LONGEST:
            _set(inside, at, Raw(text))
        case _:
            _set(inside, at, _other(_value(inside, at), pick))


def _value(inside: list[Any], at: int) -> Any:
    return inside[at][1] if isinstance(inside, Object) else inside[at]


def _set(inside: list[Any], at: int, new: Any) -> None:
    inside[at] = (inside[at][0], new) if isinstance(inside, Object) else new


def _other(old: Any, pick: Chance) -> Any:
    """A value instead of this one, of its kind or of another."""
    if isinstance(old, int) and pick.random() < 0.7:
        return pick.choice((*NUMBERS, old + 1, old - 1, old * 2, old * 1000))
    if isinstance(old, str) and pick.random() < 0.7:
        return pick.choice((*WORDS, old + "x", old[:1] * 300))
    opens, closes = pick.choice(NESTING)
    times = pick.choice(DEPTHS)
    return pick.choice((
        None, True, 1.5, -1, "", [], Object(), [[]], pick.choice(WORDS), Raw(opens * times + "0" + closes * times)))


class Raw(str):
    """JSON as it is to be written."""

    __slots__ = ()


def _text(value: Any) -> str:
    """JSON, objects from their pairs; as deep as the recorded ones go."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, Object):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_text(one)}" for key, one in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _mend(parts: Pieces) -> None:
    """The length before the description is what it has to be."""
    for i, part in enumerate(parts):
        text = parts[i + 1] if i + 1 < len(parts) else part
        if part.kind == "length" and text.kind in ("trailer", "lies"):
            parts[i] = Piece(part.data[:1] + len(text.data).to_bytes(4, "big"), "length")


NUMBERS = (0, 1, -1, 2, 255, 65535, 1 << 20, 1 << 31, (1 << 32) - 1, 1 << 63, 10 ** 40)
NESTING = (("[", "]"), ('{"struct": ', "}"),
           ('{"vmsd_name": "x", "version": 1, "fields": [{"name": "f", "type": "struct", "size": 1, "struct": ', "}]}"),
           ('{"vmsd_name": "x", "version": 1, "fields": [], "subsections": [', "]}"))
DEPTHS = (1, 10, 60, 300, *range(900, 1000, 7), 3000, 90000)
WORDS = ("", "name", "type", "size", "version", "struct", "fields", "subsections", "index", "array_len", "vmsd_name",
         "bool", "timer", "uint8", "uint64", "int32 equal", "buffer", "unused_buffer", "bitmap", "nullptr",
         "ptr-marker", "tmp", "vstruct", "qtailq", "float64", "ram", "a/b", "a.b", "x[0]", "x[1]", "x#2",
         "\ud800", "\0", "é")

Damage = Callable[[Pieces, Chance, str], None]
DAMAGES: dict[Damage, int] = {
    _changed: 5, _flipped: 2, _counted: 6, _removed: 3, _inserted: 3, _spliced: 4, _cut: 2,
    _shuffled: 1, _doubled: 1, _dropped: 1, _adopted: 1, _described: 5,
}
"""What may happen, and how often."""
BYTES = {one: DAMAGES[one] for one in (_changed, _flipped, _counted, _removed, _inserted, _cut)}
PIECES = {one: DAMAGES[one] for one in (_shuffled, _doubled, _dropped)}
"""Of these what any bytes in pieces may suffer: inside one, and as a whole."""
