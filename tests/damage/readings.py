"""The verdict on a document: what its reader says of it, which has to be something sensible; and many of them."""

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from devices.catalogue import registry
from migration.documents.converting import convert_document
from migration.documents.envelopes import FORMS
from migration.documents.reading import Document
from tests.damage.cases import Outcome, apportioned, gathered
from tests.damage.documents import flipped, forged, items, sound
from tests.damage.measure import Scale
from tests.documents.rounds import Profile
from tests.vmstate.exercise import chance
from vmstate import DecodeError, VMStateError

PER_BYTE = 100
"""The memory that may be taken for a byte of a document: an empty map is one byte in CBOR, and 64 in Python."""


@dataclass
class Reading:
    """What came of a document: the size of the stream or document that was made of it, or why there is none."""

    size: int = 0
    error: VMStateError | None = None


def reading(data: bytes, *, edited: bool = False, into: Profile | None = None) -> Reading:
    """A document as a stream, or as another document. Raises AssertionError where an error has no place."""
    found = Reading()

    def out(part: bytes) -> None:
        found.size += len(part)

    try:
        document = Document(data, registry(), edited=edited, drop_unknown=edited)
        convert_document(document, out, *(into or ("qemufile",)))
    except VMStateError as error:
        found.error = error
        sensible(error, data)
    return found


def sensible(error: VMStateError, data: bytes) -> None:
    """An error has a place, which is inside."""
    assert error.section or error.offset is not None, f"neither section nor offset: {error}"
    assert error.offset is None or 0 <= error.offset <= len(data), error
    assert str(error)


# -- behind right digests

Way = Callable[[bytes], Reading]
WAYS: dict[str, Way] = {
    "read": reading, "read as edited": partial(reading, edited=True),
    "turned into another": partial(reading, into=Profile("json", True)),
}
FORGED = ("none-72", "tricore-100", "or1k-sim-100", "opt-suppress-vmdesc-72", "sparc-ss5-72", "pc72-72-nodefaults",
          "virtio-a-legacy-52", "opt-mapped-ram-100", "proxy-postcopy-100.main", "proxy-postcopy-100.main-reply",
          "net-multifd-none-72.multifd1")


@cache
def scale(profile: Profile, way: str) -> Scale[Reading]:
    """What reading a document of this kind may cost."""
    return Scale(WAYS[way], lambda name: sound(name, profile), PER_BYTE)


def shares(total: int, profile: Profile) -> dict[str, int]:
    """How many of each original."""
    return apportioned(total, {name: scale(profile, "read").usual(name)[1].leaves for name in FORGED})


def forgeries(name: str, profile: Profile, seeds: range) -> Outcome:
    """What came of these documents of one original: each is read in one way."""
    found = Outcome()
    for i, way in enumerate(WAYS):
        mine = [seed for seed in seeds if seed % len(WAYS) == i]
        cases = ((f"forged({name!r}, {profile!r}, {seed}), {way}", forged(name, profile, seed)) for seed in mine)
        found += gathered(name, cases, mine, scale(profile, way))
    return found


# -- in files

LARGE = "q100-100-default"


@cache
def known(profile: Profile) -> dict[bytes, Any]:
    """What is in the items of the large document."""
    return {body: FORMS[profile.form].loads(body) for body in items(LARGE, profile, thinned=False).bodies}


def places(profile: Profile, seeds: range) -> Outcome:
    """What came of other bytes at places of the large document: `refused` are those in which a section is named.

    An offset is in the damaged item; or in the one before, as of JSON that ends where the next begins.
    """
    data, found = sound(LARGE, profile, thinned=False), Outcome()
    begins = [*items(LARGE, profile, thinned=False).begins(), len(data)]
    for seed in seeds:
        at, damaged = flipped(data, chance(f"{profile} {seed}"))
        found.cases += 1
        try:
            error = damage(damaged, profile)
            i = bisect(begins, at)
            assert begins[max(0, i - 2)] <= (error.offset or 0) < begins[i], f"found at {error.offset}"
            found.refused += bool(error.section)
        except Exception as error:  # noqa: BLE001  whatever comes out is a failure
            found.failures.append(f"{profile}, byte {at}: {type(error).__name__}: {str(error)[:200]!a}")
    return found


def damage(data: bytes, profile: Profile) -> VMStateError:
    """How damage is found. What was read before, of the same document, is not taken apart again."""
    document, contents = Document(data, registry()), known(profile)
    loads = document.form.loads
    document.form = document.form.but(loads=lambda body: contents[body] if body in contents else loads(body))
    try:
        for _ in document.items():
            pass
    except DecodeError as error:
        sensible(error, data)
        return error
    raise AssertionError("nothing was found")
