"""What is drawn is legal, is the same for the same seed, and leaves nothing out."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.block.ide import IdeDrive
from tests.visitors.judged import DEVICES, Colour, Planted
from tests.vmstate.exercise import chance
from tests.vmstate.strategies import Example, examples
from visitors import cbor, qemufile, tree
from visitors.tokens import Recorder
from vmstate import Decoded, Record, VMStateError, buffer, decode, encode, state, subsection, uint16, uint32
from vmstate.compat.drawing import drawn, sent
from vmstate.kept import kept
from vmstate.walk import Mode, Walk

slow = settings(suppress_health_check=[
    HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])
TOO_LARGE = {"ide_drive/pio_state"}
"""With a transfer's buffer, of 131,076 elements."""


@slow
@given(example=examples(), seed=st.integers(0, (1 << 32) - 1))
def test_of_any_declaration(example: Example, seed: int) -> None:
    """It is written and read as it is; and as its declaration says, for else it would be refused."""
    decoded = drawn(example.kind, chance(seed))
    data = encode(decoded, qemufile)
    again = decode(decoded.record, data, qemufile, version=decoded.version, settings=decoded.settings)
    assert again.state == decoded.state
    assert encode(again, qemufile) == data
    document = encode(decoded, tree)
    assert encode(decode(decoded.record, document, tree, version=decoded.version), qemufile) == data


def test_the_same_seed_draws_the_same() -> None:
    for name in ("cpu: Cpu", "virtio-blk: VirtioBlk", "SCSIDevice: ScsiDevice"):
        one, other = (drawn(DEVICES[name], chance(name)) for _ in range(2))
        assert encode(one, cbor) == encode(other, cbor)
        assert encode(one, cbor) != encode(drawn(DEVICES[name], chance("another")), cbor)


def test_a_version_may_be_given() -> None:
    assert {drawn(Planted, chance(seed)).version for seed in range(50)} == {1, 2, 3}
    assert {drawn(Planted, chance(seed), 2).version for seed in range(50)} == {2}


# -- nothing is left out

def test_every_kind_of_value_varies() -> None:
    found = [drawn(Planted, chance(seed), 3).state for seed in range(200)]
    few = {name: values for name in Planted.__slots__ if not name.startswith("_")
           and len(values := {repr(getattr(one, name)) for one in found}) < 20}
    assert set(few) == {"flag", "colour", "ranged", "size", "fd", "links"}
    assert {one.colour for one in found} == set(Colour)
    assert {one.ranged for one in found} == set(range(3, 10))
    assert {one.size for one in found} == {1, 2}
    assert {one.expiry is None for one in found} == {one.slot is None for one in found} == {True, False}
    assert {len(one.table) for one in found} == {0, 1, 2, 3}
    assert max(len(one.queue) for one in found) > 4
    assert max(len(one.links) for one in found) > 2


def subsections(decoded: Decoded[Any]) -> tuple[set[str], set[str]]:
    """Names of the subsections that were sent; and of all of the records that were met."""
    class Noting(Recorder):
        def which_next(self, record: Record[Any], pending: Any, /) -> Any:
            known.update(one.name for one in record.subsections)
            return super().which_next(record, pending)

    known, recorder = set[str](), Noting(qemufile.writer())
    Walk(recorder, Mode.WIRE).run(decoded.record, decoded.state, decoded.version)
    return {token[1] for token in recorder.tokens if token[0] == "version"}, known


@pytest.mark.parametrize("name", ["timer: Timers", "cpu: Cpu", "ide: PciIde", "fdc: Fdc"])
def test_every_subsection_is_sent_and_not_sent(name: str) -> None:
    found = [subsections(drawn(DEVICES[name], chance(seed))) for seed in range(25)]
    known = set[str]().union(*(known for _, known in found))
    assert len(known) > 3
    assert known - set[str]().union(*(sent for sent, _ in found)) <= TOO_LARGE
    assert {one for one in known if all(one in sent for sent, _ in found)} == set()


def test_what_is_too_large_is_drawn_where_there_is_room() -> None:
    sent = [subsections(drawn(IdeDrive, chance(seed), most=200_000))[0] for seed in range(6)]
    assert set[str]().union(*sent) >= TOO_LARGE


# -- where not everything goes

@state("picky", version=2)
class Picky:
    """Its size is the square of a register, but for one; and one subsection is never of any use."""

    def _size(self) -> int:
        return self.register ** 2 - self.register

    def _fails(self) -> int:
        raise ValueError

    register: int = uint32(reset=1)
    data: bytearray = buffer(_size)
    other: int = uint16()

    @subsection("picky/broken")
    def _is_broken(self) -> bool:
        return False

    nothing: bytearray = buffer(_fails)


def test_what_makes_no_sense_is_drawn_again() -> None:
    found = [drawn(Picky, chance(seed)).state for seed in range(100)]
    assert all(len(one.data) == one.register ** 2 - one.register for one in found)
    assert len({one.other for one in found}) > 20
    assert len({one.register for one in found}) > 3


def test_what_never_makes_sense_is_refused() -> None:
    @state("hopeless")
    class Hopeless:
        data: bytearray = buffer(Picky._fails)

    with pytest.raises(VMStateError):
        drawn(Hopeless, chance(0))


# -- as an instance sends it

def test_what_is_sent_is_of_the_newest_version_and_as_a_writer_has_it() -> None:
    """What is always sent is there, unused bytes are zero, and booleans are 0 or 1."""
    found = [sent(Planted, chance(seed)) for seed in range(100)]
    assert {one.version for one in found} == {3}
    assert not any(kept(one.state).raw for one in found)
    versions = {version for one in found for _, version in kept(one.state).subsections or ()}
    assert versions == {1, 3}


def test_a_subsection_without_predicate_is_always_sent() -> None:
    @state("always")
    class Always:
        first: int = uint16()
        _more = subsection("always/more")
        more: int = uint16()

    assert {kept(sent(Always, chance(seed)).state).subsections == [("always/more", 1)] for seed in range(20)} == {True}
    assert {bool(kept(drawn(Always, chance(seed)).state).subsections) for seed in range(20)} == {True, False}


def test_distinct_values_are_hardly_ever_small() -> None:
    numbers = [sent(Planted, chance(seed), distinct=True).state.wide for seed in range(50)]
    assert len(set(numbers)) == 50
    assert min(numbers) > 1 << 32
