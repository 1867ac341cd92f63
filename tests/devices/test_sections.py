"""Every declared device, over the sections of the recorded streams."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from devices.catalogue import SECTIONS, registry
from migration.replica import Stream, verify
from migration.sections import Section
from migration.stream import trailer
from tests.migration.recorded import NAMES, STREAMS, stream
from tests.vmstate.exercise import chance, refusal
from visitors import qemufile, tree
from vmstate import Decoded, Record, VMStateError, convert, decode, encode, load, record_of, save
from vmstate.format import fits

X86 = [name for name in NAMES if STREAMS[name]["binary"] == "qemu-system-x86_64"]
WHOLE = ["pc72-72-nodefaults", "pc100-100-nodefaults"]


def _sections(data: bytes) -> list[Section]:
    opened = Stream(data, registry())
    opened.sections.comparing = True
    return [event for event in opened.events() if isinstance(event, Section)]


@cache
def sections(name: str) -> list[Section]:
    """The sections of a recorded stream, as they were understood."""
    return _sections(stream(name))


def body(name: str, section: Section) -> bytes:
    """A section's bytes."""
    return stream(name)[section.begin:section.end]


def declared() -> Iterator[tuple[str, Section]]:
    """Every section that a declaration took, with the stream's name."""
    for name in NAMES:
        for section in sections(name):
            if section.source == "declared":
                yield name, section


@pytest.mark.parametrize("name", NAMES)
def test_every_section_is_rewritten(name: str) -> None:
    found = sections(name)
    assert len(found) >= STREAMS[name]["sections"] - 1  # `ram` is no section here
    assert [one.label for one in found if one.written != body(name, one)] == []
    assert [(one.label, one.findings) for one in found if one.findings] == []


@pytest.mark.parametrize("name", X86)
def test_what_is_declared_is_read_by_its_declaration(name: str) -> None:
    known = set(registry())
    others = [one.label for one in sections(name) if one.source != "declared"]
    assert [label for label in others if label.split("@")[0].split("/")[-1] in known] == []


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("with_trailer", [True, False])
def test_all_of_a_machine_is_declared(name: str, with_trailer: bool) -> None:
    data = stream(name)
    if not with_trailer:
        extent = trailer.find(data)
        assert extent is not None
        data = data[:extent[0] - 5]
    report = verify(Stream(data, registry()))
    assert report.ok, (report.error, report.findings)
    assert set(report.sections) == {"declared"}
    assert report.sections["declared"] == len(sections(name))


@pytest.mark.parametrize("name", WHOLE)
def test_without_a_trailer_the_same_is_read(name: str) -> None:
    data = stream(name)
    extent = trailer.find(data)
    assert extent is not None
    without = _sections(data[:extent[0] - 5])
    assert [one.decoded and one.decoded.state for one in without] == [
        one.decoded and one.decoded.state for one in sections(name)]


@pytest.mark.parametrize("name", ["virtio-a-modern-72", "virtio-a-legacy-52", "a64-virt100-virtio-100"])
def test_one_setting_fits_a_network_card(name: str) -> None:
    (card,) = [one for one in sections(name) if one.header.name.endswith("virtio-net")]
    (record,) = registry().for_section(card.header.name)
    found = [one for one in fits(record, body(name, card), qemufile, version=card.header.version)
             if isinstance(one, Decoded)]
    assert len(found) == 1
    assert found[0].settings["net.max_queue_pairs"] == 1
    assert card.decoded is not None
    assert found[0].state == card.decoded.state


def test_what_does_not_fit_tells_of_the_best_trial() -> None:
    (card,) = [one for one in sections("virtio-a-modern-72") if one.header.name.endswith("virtio-net")]
    (record,) = registry().for_section(card.header.name)
    cut = body("virtio-a-modern-72", card)[:-3]
    with pytest.raises(VMStateError) as caught:
        decode(record, cut, qemufile)
    assert caught.value.path[:1] == ("later",)


# -- live: into a machine that is configured as the stream's was

def _has(state: Any, name: str) -> bool:
    """Whether this subsection was read."""
    return state._kept is not None and any(sub == name for sub, _ in state._kept.subsections or ())


def _bus(target: Any, read: Any) -> None:
    target.nirq = read.nirq


def _keyboard(target: Any, read: Any) -> None:
    target.kbd.extended_state = _has(read.kbd, "pckbd/extended_state")


def _fw_cfg(target: Any, read: Any) -> None:
    target.dma_enabled = _has(read, "fw_cfg/dma")


def _ich9(target: Any, read: Any) -> None:
    target.pm.pci_hotplug_enabled = _has(read.pm, "ich9_pm/pcihp")


CONFIGURED: dict[str, Callable[[Any, Any], None]] = {
    "ICH9LPC": _ich9, "PCIBUS": _bus, "pckbd": _keyboard, "fw_cfg": _fw_cfg,
}


def _target(decoded: Decoded[Any]) -> Any:
    """A new instance, configured as the one that was read."""
    target = decoded.record.make()
    CONFIGURED.get(decoded.record.name, lambda target, read: None)(target, decoded.state)
    return target


@pytest.mark.parametrize("name", NAMES)
def test_live_load_and_save(name: str) -> None:
    differing: list[str] = []
    for section in sections(name):
        if (decoded := section.decoded) is None or section.source != "declared":
            continue
        target, data = _target(decoded), body(name, section)
        load(target, data, qemufile, version=decoded.version, settings=decoded.settings)
        if decoded.version == decoded.record.version and save(target, qemufile) != data:
            differing.append(section.label)
    assert differing == []


def test_the_configuration_is_needed() -> None:
    """Each of CONFIGURED makes a difference somewhere."""
    needed: set[str] = set()
    for name, section in declared():
        if (decoded := section.decoded) is None or decoded.record.name not in CONFIGURED:
            continue
        target, data = decoded.record.make(), body(name, section)
        try:
            load(target, data, qemufile, version=decoded.version, settings=decoded.settings)
        except VMStateError:
            needed.add(decoded.record.name)
        else:
            needed |= {decoded.record.name} if save(target, qemufile) != data else set()
    assert needed == set(CONFIGURED)


@pytest.mark.parametrize("name", NAMES)
def test_through_a_tree_and_back(name: str) -> None:
    for section in sections(name):
        if (decoded := section.decoded) is not None and section.source == "declared":
            data = body(name, section)
            document = encode(decoded, tree)
            again = decode(decoded.record, document, tree, version=decoded.version)
            assert encode(again, qemufile) == data, section.label
            assert convert(data, decoded.record, qemufile, tree, version=decoded.version,
                           settings=decoded.settings) == document


# -- the catalogue

def entries() -> list[Any]:
    """Each class of the catalogue, with the name it stands under."""
    return [pytest.param(name, record, id=f"{name}: {record.kind.__name__}")
            for name in SECTIONS for record in registry().named(name)]


@pytest.mark.parametrize(("name", "record"), entries())
class TestDevice:
    def test_its_name(self, name: str, record: Record[Any]) -> None:
        assert record.name == name
        assert record_of(record.kind) is record
        assert (record.kind.__doc__ or "").splitlines()[0].endswith(".")

    def test_a_new_one_is_saved_and_loaded(self, name: str, record: Record[Any]) -> None:
        data = save(record.make(), qemufile)
        target = record.make()
        load(target, data, qemufile)
        assert save(target, qemufile) == data
        document = save(record.make(), tree)
        assert save(load(record.make(), document, tree), qemufile) == data

    def test_a_new_one_off_line(self, name: str, record: Record[Any]) -> None:
        new = Decoded(record.make(), record.version, record)
        data = encode(new, qemufile)
        document = encode(new, tree)
        again = decode(record, document, tree)
        assert encode(again, qemufile) == data
        read = decode(record, data, qemufile, settings=again.settings)
        assert encode(read, qemufile) == data

    def test_instances_share_nothing(self, name: str, record: Record[Any]) -> None:
        one, other = record.make(), record.make()
        assert one == other
        assert not _objects(one) & _objects(other)


def _objects(state: Any) -> set[int]:
    """The identities of all that could be changed in place."""
    found: set[int] = set()

    def visit(value: Any) -> None:
        if isinstance(value, bytearray | list | dict):
            found.add(id(value))
        if isinstance(value, list):
            for one in value:
                visit(one)
        elif hasattr(value, "__vmstate__"):
            found.add(id(value))
            for key in value.__slots__:
                if key not in ("__weakref__", "_kept"):
                    visit(getattr(value, key))

    visit(state)
    return found


def _smallest() -> dict[str, tuple[str, Section]]:
    """Of each record, the shortest section of the corpus that holds something."""
    best: dict[str, tuple[str, Section]] = {}
    for name, section in declared():
        record = section.decoded.record.name if section.decoded is not None else ""
        size = section.end - section.begin
        if size and (record not in best or size < best[record][1].end - best[record][1].begin):
            best[record] = name, section
    return best


@pytest.mark.parametrize("record", sorted(_smallest()))
def test_mutated_bytes(record: str) -> None:
    """Refused with an offset inside, or rewritten as they are."""
    name, section = _smallest()[record]
    assert section.decoded is not None
    data, decoded, pick = body(name, section), section.decoded, chance(record)
    settings = decoded.settings if record == "virtio-net" else {}  # which has 511 otherwise
    refused = 0
    for i in range(60):
        mutated = bytearray(data)
        for _ in range(pick.randint(1, 3)):
            mutated[pick.randrange(len(mutated))] = pick.choice([0, 1, 5, 0x30, 0xFF, pick.randrange(256)])
        if i % 4 == 0:
            del mutated[pick.randrange(len(mutated)):]
        refused += refusal(decoded.record, bytes(mutated), decoded.version, settings) is not None
    assert refused
