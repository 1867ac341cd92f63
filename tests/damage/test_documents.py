"""Damaged documents: in files, where digests find it; and behind digests that are right, where the readers have to.

A few of each here, the same on every run; `make fuzz` takes more. A case is told as `forged(name, profile, seed)`.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from migration.documents.memory import MOST, MOST_STORED
from tests.damage.documents import BEYOND, FORGERIES, Forgery, Items, forged, items, sound, spots
from tests.damage.measure import TIMES, counted
from tests.damage.originals import Piece
from tests.damage.readings import FORGED, LARGE, damage, forgeries, places, reading, scale, shares
from tests.documents.edits import Change, Item, changed, section
from tests.documents.rounds import PROFILES, Profile
from tests.vmstate.exercise import chance
from vmstate import VMStateError

PLACES, CHANGED = 25, 40
SMALL, CARD = "none-72", "virtio-a-modern-72"
EVERY = pytest.mark.parametrize("profile", PROFILES, ids=str)
NAMED = pytest.mark.parametrize("profile", [one for one in PROFILES if not one.folded], ids=str)

@pytest.fixture(scope="module", autouse=True)
def counting() -> Iterator[None]:
    """Work is counted in all of this module."""
    with counted():
        yield


def refused(data: bytes, **how: bool) -> VMStateError:
    """Why a document is refused. Fails where it is not."""
    error = reading(data, **how).error
    assert error is not None
    return error


# -- in files

@EVERY
def test_places_of_a_large_document(profile: Profile) -> None:
    found = places(profile, range(PLACES))
    assert not found.failures, "\n".join(found.failures)
    assert found.cases == PLACES
    assert found.refused > PLACES / 2


@EVERY
def test_an_original_is_sound(profile: Profile) -> None:
    """Else the tests below would say little."""
    for name in FORGED:
        assert reading(sound(name, profile)).error is None
        assert items(name, profile).sealed() == sound(name, profile)
    with pytest.raises(AssertionError, match="nothing was found"):
        damage(sound(LARGE, profile, thinned=False), profile)


# -- behind digests

@EVERY
def test_documents_changed_behind_their_digests(profile: Profile) -> None:
    for name, count in shares(CHANGED, profile).items():
        found = forgeries(name, profile, range(count))
        assert not found.failures, "\n".join(found.failures)
        assert found.cases == count


@EVERY
def test_a_change_is_felt(profile: Profile) -> None:
    data = [forged("tricore-100", profile, seed) for seed in range(60)]
    strict, lax = (sum(reading(one, edited=edited).error is not None for one in data) for edited in (False, True))
    assert 15 < lax < strict
    assert len(set(data)) > 40


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__.strip("_"))
@EVERY
def test_every_change_does_something(forgery: Forgery, profile: Profile) -> None:
    form, bodies = items(SMALL, profile)
    different = 0
    for seed in range(20):
        parts = [Piece(body, "item") for body in bodies]
        forgery(parts, chance(seed), form)
        different += tuple(part.data for part in parts) != bodies
    assert different >= 9


# -- each by itself

@pytest.mark.parametrize(("form", "body"), [(form, body) for form, bodies in BEYOND.items() for body in bodies])
def test_lengths_and_depths_beyond_reason(form: str, body: bytes) -> None:
    for profile in (Profile(form, False), Profile(form, True)):
        made = items(SMALL, profile)
        for i in (0, 4):
            data = Items(made.form, (*made.bodies[:i], body, *made.bodies[i + 1:])).sealed()
            assert refused(data).offset is not None
            assert scale(profile, "read").spared(data, scale(profile, "read").judged(SMALL, data)[1]) >= 0


@EVERY
def test_a_key_that_stands_twice(profile: Profile) -> None:
    form, bodies = items(SMALL, profile)
    i = next(i for i, body in enumerate(bodies) if b"record" in body and b"footer" in body)
    data = Items(form, (*bodies[:i], bodies[i].replace(b"footer", b"record"), *bodies[i + 1:])).sealed()
    error = refused(data)
    assert any(word in str(error) for word in ("twice", "uplicate"))
    assert error.offset is not None


OTHERS: tuple[Any, ...] = (None, True, -1, 1 << 32, (1 << 64) - 1, 1.5, "", "x", b"", b"x", [], [[]], {}, {"x:u8": 1})


@NAMED
def test_every_value_is_another(profile: Profile) -> None:
    """Refused with its place, or taken for what it is. Each format has others of the others."""
    form, bodies = items(SMALL, profile)
    outcomes, others = list[bool](), OTHERS[PROFILES.index(profile) // 2::4]
    for i, body in enumerate(bodies):
        for spot in range(len(list(spots(form.loads(body))))):
            for other in others:
                tree = form.loads(body)
                inside, key = list(spots(tree))[spot]
                inside[key] = other
                data = Items(form, (*bodies[:i], form.dumps(tree), *bodies[i + 1:])).sealed()
                outcomes.append(reading(data, edited=True).error is not None)
    assert len(outcomes) > 300
    assert 0.8 < sum(outcomes) / len(outcomes) < 1


# -- few bytes that stand for many

FEW = 16


def large_hole(document: list[Item]) -> None:
    """Before the header."""
    document.insert(1, {"item": "hole", "size": 1 << 40, "data:b": b""})


def _parts(document: list[Item], *parts: list[Any], data: int = 0) -> None:
    """These parts of guest memory instead of the first ones."""
    pages = next(tree for tree in document if tree["item"] == "pages")
    pages["parts"], pages["data:b"] = list(parts), bytes(data)


def zero_pages(document: list[Item]) -> None:
    """As many at once as there may be, many times."""
    _parts(document, *[["ZERO", 0, "pc.ram", MOST, 1]] * FEW, data=FEW)


def large_zero_pages(document: list[Item]) -> None:
    """Zero pages of a megabyte."""
    _parts(document, ["ZERO", 0, "pc.ram", MOST, 1 << 20], data=1 << 20)


def stored_zeros(document: list[Item]) -> None:
    """Of mapped RAM."""
    _parts(document, *[["STORED", "pc.ram", 0, 256, 0, MOST_STORED, True]] * FEW)


@pytest.mark.parametrize("change", [large_hole, zero_pages, large_zero_pages, stored_zeros],
                         ids=lambda change: change.__name__)
@pytest.mark.parametrize("profile", [PROFILES[0], PROFILES[-1]], ids=str)
def test_few_bytes_that_stand_for_many(change: Change, profile: Profile) -> None:
    data, weigher = changed(sound(SMALL, profile), change), scale(profile, "read as edited")
    assert weigher.spared(data, weigher.weighed(data)[1]) >= 0


def without_settings(document: list[Item]) -> None:
    """A card that says nothing of how it is configured, and that fits no configuration."""
    card = section(document, "0000:00:01.0/virtio-net")["state:{}"]
    del card["@settings"]
    card["later:{}"] = {"none:u8": 0}


def test_settings_are_not_tried_without_end() -> None:
    profile = PROFILES[0]
    weigher = scale(profile, "read")
    _, work = weigher.weighed(changed(sound(CARD, profile), without_settings))
    assert work.leaves <= TIMES * weigher.usual(CARD)[1].leaves
