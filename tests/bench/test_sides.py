"""Who is measured gives equal results: code by hand over every recorded state, the peers, and ourselves."""

from __future__ import annotations

import sys
from struct import error
from typing import Any, cast

import pytest

from bench import authors, ours
from bench.calls import WORKS, Unequal, expect
from bench.hand.plain import TWINS, copied, same
from bench.hand.table import HAND
from bench.peers.layout import Inexpressible, layout
from bench.peers.twins import Twins
from bench.peers.wire import Wire
from bench.sides import BY_HAND, OURS, Side, by_hand, peer, sides
from bench.workloads import DEVICES, MACHINES, Item, Workload, items, workloads
from devices.timer.hpet import Hpet
from tests.migration.recorded import NAMES
from tests.vmstate.exercise import chance
from visitors import qemufile
from vmstate import DecodeError, EncodeError, VMStateError, encode, load, record_of, save
from vmstate.compat.drawing import drawn

IN_DEV = ["dicts_msgpack", "dicts_cbor2", "pickle5", "asn1tools_ber"]
LARGEST, DRAWS = 5_000, 25
REFUSED = {"Ich9Ahci", "GlobalState"}
"""Whose hooks refuse whatever is drawn by chance."""
X86 = [name for name in NAMES if name.startswith(("pc", "q", "smp", "opt-", "vga", "virtio-a-modern", "usb"))]


def _small() -> list[Item]:
    return [one for one in items("pc72-72-nodefaults") if len(one.body) < LARGEST]


def _device(name: str, stream: str = "pc72-72-nodefaults") -> Item:
    return next(one for one in items(stream) if one.name == name)


# -- workloads

def test_the_workloads() -> None:
    found = {one.name: one for one in workloads()}
    assert list(found) == [*MACHINES, "45 devices"]
    assert [len(one.items) for one in found.values()] == [30, 36, 35, 45]
    assert all(item.body for one in found.values() for item in one.items)


def test_each_device_that_is_picked_is_there() -> None:
    for stream, names in DEVICES.items():
        assert sorted(one.name for one in items(stream) if one.name in names) == sorted(names)


def test_a_state_as_after_reset_may_refuse_the_bytes() -> None:
    assert _device("hpet").fresh
    assert not _device("globalstate").fresh  # the name's size is a setting
    assert not _device("PCIBUS", "virtio-a-modern-72").fresh  # as many lines as the other end has


# -- by hand

def test_every_device_of_the_workloads_is_written_by_hand() -> None:
    kinds = {item.record.kind for workload in workloads() for item in workload.items}
    assert kinds <= HAND.keys()


@pytest.mark.parametrize("name", X86)
def test_code_by_hand_is_right(name: str) -> None:
    for item in items(name):
        if item.record.kind in HAND:
            assert by_hand(item).keys() >= {"save", "load into"}


@pytest.mark.parametrize("kind", HAND, ids=lambda kind: kind.__name__)
def test_code_by_hand_is_right_of_states_drawn_by_chance(kind: type) -> None:
    hand, record, taken = HAND[kind], record_of(kind), 0
    for i in range(DRAWS):
        found = drawn(record, chance(f"{record.name} {i}"), record.version)
        data = encode(found, qemufile)
        try:
            state = load(record.make(), data, qemufile, settings=found.settings)
            twin = copied(state)
            other = copied(load(state, data, qemufile))
            assert same(hand.load_into(twin, data), state)
            taken += 1
            wanted = save(state, qemufile)
        except VMStateError:
            continue  # an author's hook refuses it
        assert hand.save(other) == wanted
    assert taken or kind.__name__ in REFUSED


def test_of_a_device_that_nobody_wrote_it_says_so() -> None:
    item = _device("e1000e", "q100-100-default")
    with pytest.raises(Inexpressible):
        by_hand(item)


@pytest.mark.parametrize("name", [one.name for one in _small()])
def test_code_by_hand_refuses_what_is_too_short(name: str) -> None:
    item = _device(name)
    for body in (item.body[:-1], item.body + b"\0"):
        with pytest.raises((DecodeError, LookupError, ValueError, error)):
            HAND[item.record.kind].load_into(copied(item.loaded()), body)


def test_code_by_hand_checks_what_a_declaration_says() -> None:
    hpet = _device("hpet")
    hand, other = HAND[Hpet], bytearray(hpet.body)
    other[24] += 1  # the number of comparators, which both ends have to have
    with pytest.raises(DecodeError):
        hand.load_into(copied(hpet.state), bytes(other))
    state = copied(hpet.state)
    state.timers.pop()
    with pytest.raises(EncodeError):
        hand.save(state)


def test_a_twin_holds_the_same() -> None:
    state = _device("hpet").loaded()
    twin = copied(state)
    assert type(twin) is TWINS[Hpet]
    assert same(twin, state)
    twin.timers[1].cmp ^= 1
    assert not same(twin, state)
    assert not same(copied(_device("fdc").state), state)


# -- ourselves

@pytest.mark.parametrize("item", _small(), ids=lambda one: one.name)
def test_ours_is_right(item: Item) -> None:
    works = set(WORKS) if item.fresh else {"save", "load into"}
    assert ours.generated(item).keys() == works
    assert ours.walked(item).keys() == works
    for form in ours.FORMATS:
        assert ours.document(form, item).keys() >= {"save"}


def test_what_is_wrong_is_found() -> None:
    expect(True, "")
    with pytest.raises(Unequal, match="bytes"):
        expect(False, "other bytes")


def test_the_methods_of_an_author_are_called_again() -> None:
    item = _device("fdc")
    called = authors.noted(ours.walked(item)["save"])
    names = [method.__name__ for method, _ in called]
    assert names.count("_is_unchanged") == 2  # once for each drive
    assert "_forget_phase" not in names
    assert "_forget_phase" in [method.__name__ for method, _ in authors.noted(ours.walked(item)["load"])]
    for call in authors.calls(item).values():
        call.function(*call.given)


# -- peers

@pytest.mark.parametrize("module", IN_DEV)
def test_a_peer_is_right(module: str) -> None:
    side = peer(module)
    assert side is not None
    for item in _small():
        assert side.calls(item).keys() >= {"save"}


def test_a_peer_that_is_not_installed_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)
    monkeypatch.delitem(sys.modules, "bench.peers.dicts_msgpack", raising=False)
    assert peer("dicts_msgpack") is None
    assert "msgpack is not installed" in capsys.readouterr().err


def test_the_sides_by_name() -> None:
    found = sides()
    assert list(found)[:3] == [BY_HAND, OURS, f"{OURS}, walked"]
    assert all(isinstance(one, Side) and one.what for one in found.values())


def test_a_layout_is_what_is_sent() -> None:
    item = _device("fdc")
    twins = Twins(item)
    kinds = {kind.__name__: set(fields) for kind, fields in twins.fields.items()}
    assert "media_rate" in kinds["FloppyDrive"]  # a subsection that is sent
    assert "media_changed" not in kinds["FloppyDrive"]  # one that is not
    assert twins.state.state.drives[1].track == cast(Any, item.state).state.drives[1].track
    assert layout(item.record, item.state).root == twins.layout.root


def test_a_list_that_is_described_in_part_is_sent_whole() -> None:
    item = _device("virtio-rng", "virtio-a-modern-72")
    twins = Twins(item)
    queues = twins.state.virtio.queues
    assert len(queues) == 1024
    assert queues[0].used == item.state.virtio.queues[0].used
    with pytest.raises(Inexpressible, match="in part"):
        Wire(twins)


def test_a_workload_has_a_size() -> None:
    found = Workload("two", [_device("port92"), _device("pcspk")])
    assert found.size == 3
