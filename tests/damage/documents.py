"""Documents that are damaged: bytes changed in them as they are, or changed behind digests that are then right again.

`flipped` is what happens to files; `forged` is what somebody does who knows the format: bytes of items and values in
them are other ones, keys stand twice, types do not fit, lengths and depths are beyond reason. All by one seed.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

from migration.documents.envelopes import FORMS, Form, digest
from tests.damage.damages import BYTES, NUMBERS, PIECES, WORDS, Pieces
from tests.damage.originals import Piece, recorded, whole
from tests.documents.rounds import Profile, document
from tests.vmstate.exercise import chance

Chance = random.Random

DEEP = 10_000
MOST_DAMAGES = 4
TYPES = ("u8", "u64", "i8", "u", "bool", "f64", "time", "fd", "b", "b2", "b999999999", "bits9", "bits", "pad", "{}",
         "[u8]", "[{}]", "[[]]", "<u8,{}>", "<>", "u8?", "{}?", "?", "", "x", "[", ":")
KEYS = ("@version", "@settings", "item", "name", "state:{}", "described", "as", "data:b", "?new:u8", "?new:{}",
        "?new:<{},{}>", "?:", ":", "key", "value")


class Items(NamedTuple):
    """A document as its items' bytes; without digests, which are made again."""

    form: Form
    bodies: tuple[bytes, ...]

    def parts(self) -> list[bytes]:
        """Each with what stands around it."""
        return [self.form.seal(body, digest(body, number)) for number, body in enumerate(self.bodies)]

    def begins(self) -> list[int]:
        """Where each begins."""
        return [0, *accumulate(map(len, self.parts()))][:-1]

    def sealed(self) -> bytes:
        """The document."""
        return b"".join(self.parts())


@cache
def sound(name: str, profile: Profile, thinned: bool = True) -> bytes:
    """An original's document: of a few pages of its RAM, if it is thinned."""
    return document(whole(name) if thinned else recorded(name), profile)


@cache
def items(name: str, profile: Profile, thinned: bool = True) -> Items:
    """The same in items."""
    form, data, at, bodies = FORMS[profile.form], sound(name, profile, thinned), 0, list[bytes]()
    while at < len(data):
        body, _, at = form.unseal(data, at)
        bodies.append(body)
    return Items(form, tuple(bodies))


def flipped(data: bytes, pick: Chance) -> tuple[int, bytes]:
    """One byte is another: which, and the document."""
    at = pick.randrange(len(data))
    return at, data[:at] + bytes((data[at] ^ pick.randint(1, 255),)) + data[at + 1:]


def forged(name: str, profile: Profile, seed: int) -> bytes:
    """The document with some damage and right digests; pieces come from the same document of another original too."""
    form, bodies = items(name, profile)
    pick, parts = chance(f"{name} {profile} {seed}"), [Piece(body, "item") for body in bodies]
    for _ in range(pick.choice((1, 1, 1, 2, MOST_DAMAGES))):
        if parts:
            pick.choices(list(FORGERIES), list(FORGERIES.values()))[0](parts, pick, form)
    return Items(form, tuple(part.data for part in parts)).sealed()


# -- values

def _valued(parts: Pieces, pick: Chance, form: Form) -> None:
    """A value, a key or an element of one item is something else."""
    i = pick.randrange(len(parts))
    tree = _contents(parts[i], form)
    for _ in range(pick.choice((1, 1, 2, 8))):
        if places := list(spots(tree)):
            _change(*pick.choice(places), pick, places)
    with suppress(Exception):  # this format may have no bytes for it
        parts[i] = Piece(form.dumps(tree).replace(*MARKED.get(form.name, (b"", b""))), "item")


def _contents(part: Piece, form: Form) -> Any:
    """What is in an item; nothing, where it was damaged before."""
    try:
        return form.loads(part.data)
    except Exception:  # noqa: BLE001  whatever it is, it is no item any more
        return None


def spots(root: Any) -> Iterator[tuple[Any, Any]]:
    """Every value inside another: the dict or list, and its key or index."""
    pending = [root]
    while pending:
        inside = pending.pop()
        if isinstance(inside, dict | list):
            keys = list(inside) if isinstance(inside, dict) else range(len(inside))
            yield from ((inside, key) for key in keys)
            pending += inside.values() if isinstance(inside, dict) else inside


def _change(inside: Any, key: Any, pick: Chance, places: list[tuple[Any, Any]]) -> None:
    """One value is another, or stands elsewhere."""
    if (isinstance(inside, dict) and key not in inside) or (isinstance(inside, list) and key >= len(inside)):
        return
    match pick.randrange(8):
        case 0:
            del inside[key]
        case 1 if isinstance(inside, list):
            inside[key:key + 1] = [inside[key]] * pick.choice((2, 3, 30))
        case 2 if isinstance(inside, list):
            pick.shuffle(inside)
        case 3 if isinstance(inside, dict) and isinstance(key, str):
            inside[_spelled(key, pick)] = inside.pop(key)
        case 4:
            other, place = pick.choice(places)
            found = other.get(place) if isinstance(other, dict) else other[place] if place < len(other) else None
            inside[key] = deepcopy(found)
        case 5:
            inside[key] = pick.choice((MARK, _nested(pick.choice((40, 150, 250)))))
        case _:
            inside[key] = _other(inside[key], pick)


def _spelled(key: str, pick: Chance) -> str:
    """Another key: of another type, of another name, or to be skipped."""
    name, _, kind = key.rpartition(":")
    return pick.choice((f"{name}:{pick.choice(TYPES)}", f"{pick.choice(WORDS)}:{kind}", f"?{key}", key.lstrip("?"),
                        pick.choice(KEYS), name, key + "x"))


def _other(old: Any, pick: Chance) -> Any:
    """A value instead of this one, of its kind or of another."""
    if isinstance(old, int) and pick.random() < 0.6:
        return pick.choice((*NUMBERS, 1 << 40, (1 << 63) - 1, old + 1, old - 1, old * 2, old * 1000))
    if isinstance(old, bytes) and pick.random() < 0.6:
        return pick.choice((old[1:], old + b"\0", old * 2, bytes(len(old)), pick.randbytes(len(old)), b""))
    if isinstance(old, str) and pick.random() < 0.6:
        return pick.choice((*WORDS, old[1:], old * 2, old[:1] * 300, "00" * 300, "zz", "ZERO", "STORED", "BLOCKS"))
    return pick.choice((None, True, False, 1.5, -1, 0, "", "1", b"", b"1", [], {}, [[]], [0] * 5000, {"x:u8": 1},
                        {"@version": 1}, pick.choice(NUMBERS), pick.choice(WORDS)))


def _nested(deep: int) -> list[Any]:
    """Lists in lists."""
    found: list[Any] = []
    for _ in range(deep):
        found = [found]
    return found


# -- bytes

def _bytes(parts: Pieces, pick: Chance, _: Form) -> None:
    """As of streams: bytes changed, lost and put in."""
    pick.choices(list(BYTES), list(BYTES.values()))[0](parts, pick, "")


def _pieces(parts: Pieces, pick: Chance, _: Form) -> None:
    """As of streams: items moved, doubled, lost."""
    pick.choices(list(PIECES), list(PIECES.values()))[0](parts, pick, "")


def _doubled_key(parts: Pieces, pick: Chance, form: Form) -> None:
    """A key takes the place of another that is as long."""
    for i in pick.sample(range(len(parts)), len(parts)):
        keys = sorted(set(_keys(_contents(parts[i], form))))
        if pairs := [(one, other) for one in keys for other in keys if one != other and len(one) == len(other)]:
            one, other = pick.choice(pairs)
            parts[i] = Piece(parts[i].data.replace(_coded(one), _coded(other)), "item")
            return


def _keys(tree: Any) -> Iterator[str]:
    """Keys; names in a row are list elements."""
    for inside, key in spots(tree):
        name = key if isinstance(inside, dict) else inside[key]
        if isinstance(name, str):
            yield name.removeprefix("?")


def _coded(key: str) -> bytes:
    return key.encode("utf-8", "surrogateescape")


def _hostile(parts: Pieces, pick: Chance, form: Form) -> None:
    """An item is nothing but a length or a depth beyond reason."""
    parts[pick.randrange(len(parts))] = Piece(pick.choice(BEYOND[form.name]), "item")


MARK = "where lists in lists are put"
LISTS = {"cbor": b"\x81" * DEEP + b"\0", "msgpack": b"\x91" * DEEP + b"\0", "json": b"[" * DEEP + b"]" * DEEP}
MARKED = {name: (FORMS[name].dumps(MARK), lists) for name, lists in LISTS.items()}
"""A value, and what no writer makes. In BER, where each length around would have to be another, it stays."""

BEYOND: dict[str, tuple[bytes, ...]] = {
    "cbor": (b"", b"\x9b" + b"\xff" * 8, b"\xbb" + b"\xff" * 8, b"\x5b" + b"\x7f" * 8, b"\x5b" + b"\0\0\0\1" * 2,
             b"\x81" * DEEP, b"\xa1\0" * DEEP, b"\x9f" * DEEP, b"\xc1\0", b"\xff", b"\xa2\1\1\1\1", b"\xc2\x41\1",
             b"\xd8\x1d\0", b"\x82\x81\x60\x82\0\0"),
    "msgpack": (b"", b"\xdd" + b"\xff" * 4, b"\xdf" + b"\xff" * 4, b"\xc6" + b"\x7f" * 4, b"\x91" * DEEP,
                b"\x81\0" * DEEP, b"\xc1", b"\xd4\1\0", b"\x82\1\1\1\1", b"\x92\x91\xa0\x92\0\0"),
    "ber": (b"", b"\x31\x84\x7f\xff\xff\xff", b"\x31\x80" * DEEP, b"\x30\x80" * DEEP, b"\x24\x80" * DEEP, b"\x30" * 100,
            b"\x31\x89" + b"\xff" * 9, b"\x02\0", b"\xbf" + b"\xff" * 50, b"\x31\2\4\x80"),
    "json": (b"", b"[" * DEEP, b'{"":' * DEEP, b'{"a":1,"a":2}', b"NaN", b"1e999", b"9" * 5000, b"\xff\xfe", b'"',
             b'{"item":"hole","size":1099511627776,"data:b":""}'),
}

Forgery = Callable[[Pieces, Chance, Form], None]
FORGERIES: dict[Forgery, int] = {_valued: 10, _bytes: 6, _pieces: 2, _doubled_key: 2, _hostile: 1}
"""What may happen behind digests, and how often."""
