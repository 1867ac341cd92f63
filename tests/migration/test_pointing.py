"""A destination's words, with what the stream and the destination have there."""

import pytest

from migration.foretelling import Story, side_of
from migration.pointing import Pointed, Told, parted, point
from tests.compat.damages import DAMAGES
from tests.compat.loads import Corpus, Load, tell
from tests.describe.dumps import description, dump
from tests.describe.dumps import field as member
from tests.migration.recorded import CORPUS, stream
from vmstate.compat.findings import BREAKS
from vmstate.describe import dump_vmstate
from vmstate_cli.sides import side

RECORDED = Corpus(CORPUS)
PC = "pc72-72-default"
FAILED = [one for one in RECORDED.loads if one.outcome == "failed" and "mismatch" not in one.kind]
NIC = "0000:00:03.0/e1000"


def first(told: Told) -> Pointed:
    return told.pointed[0]


def values(one: Pointed) -> dict[str, tuple[int, bytes]]:
    """Members by path: where they are, and their bytes."""
    return {value.path: (value.begin, value.data) for place in one.places for value in place.values}


def missing(name: str, instance: int = 0) -> str:
    return f"Unknown savevm section or instance '{name}' {instance}. Make sure"


def of(name: str = PC) -> Story:
    return RECORDED.told(name)


@pytest.mark.parametrize("load", FAILED, ids=str)
def test_real_failures(load: Load) -> None:
    """What really was said points at a section that is there, or was damaged; what lies there is what the bytes are."""
    damage = DAMAGES.get(load.kind)
    data = stream(load.stream) if damage is None else damage(stream(load.stream))
    told = point(load.said, tell(data), RECORDED.dump(load))
    one = first(told)
    assert told.known
    assert not one.absent or one.explanation.row in ("37", "22")  # it was cut, or bounded by nothing, there
    for place in one.places:
        assert place.section.header.name == one.explanation.section or not one.explanation.section
        for value in place.values:
            assert data[value.begin:value.end] == value.data


@pytest.mark.parametrize("load", [one for one in FAILED if one.kind in DAMAGES], ids=str)
def test_what_was_foretold_agrees_with_what_was_said(load: Load) -> None:
    """The section that QEMU names is the one that the prediction names."""
    told = point(load.said, RECORDED.sent(load), side_of("there", of(load.stream)), of(load.stream))
    assert told.forecast is not None
    assert told.forecast.verdict is BREAKS
    named = first(told).explanation.section
    if load.kind in ("damage: section name changed", "damage: section version raised"):
        (parting,) = first(told).partings
        assert parting.finding.path == named
    elif named and named != "ram":
        assert named in {one.path.partition("::")[0] for one in told.forecast.findings}


# -- where

def test_a_section() -> None:
    one = first(point(missing(NIC), of()))
    (place,) = one.places
    header = place.section.header
    assert (header.name, header.instance_id, header.version, place.values) == (NIC, 0, 2, [])
    assert first(point(missing("cpu", 1), of("smp2-72"))).places[0].section.header.instance_id == 1


def test_one_that_the_stream_has_not() -> None:
    one = first(point(missing("0000:00:09.0/rtl8139"), of()))
    assert (one.absent, one.places) == (True, [])
    assert not first(point("error while loading state section id 2(ram)", of())).absent


def test_a_member() -> None:
    one = first(point("Failed to load mc146818rtc:cmos_data", of()))
    ((path, (begin, data)),) = values(one).items()
    assert (path, len(data)) == ("cmos_data", 128)
    assert stream(PC)[begin:begin + 128] == data


def test_a_byte_of_configuration_space() -> None:
    said = (f"get_pci_config_device: Bad config data: i=0x2 read: e device: 5 cmask: ff wmask: 0 w1cmask:0\n"
            f"error while loading state for instance 0x0 of device '{NIC}'")
    ((path, (begin, data)),) = values(first(point(said, of()))).items()
    assert path.endswith("[0x2]")
    assert stream(PC)[begin - 2:begin + 2] == b"\x86\x80\x0e\x10"
    assert data == b"\x0e"


def test_a_subsection() -> None:
    said = "VM subsection 'cpu/poll_control_msr' in 'cpu' does not exist"
    ((path, (begin, data)),) = values(first(point(f"error while loading state for instance 0x0 of device 'cpu': {said}",
                                                  of()))).items()
    assert path == "[cpu/poll_control_msr]"
    assert stream(PC)[begin:].startswith(b"\x05\x14cpu/poll_control_msr\0\0\0\1")
    assert len(data) == 26


def test_by_number() -> None:
    """As 11.1 says it."""
    section = next(one for one in of().sections if one.header.name == NIC)
    one = first(point(f"Section footer error, section_id: {section.header.section_id}", of()))
    assert [place.section for place in one.places] == [section]


def test_a_block_of_memory() -> None:
    assert first(point("Size mismatch: pc.ram: 0x2000000 != 0x4000000: Invalid argument", of())).block == 32 << 20
    assert first(point('Unknown ramblock "0000:00:05.0/e1000.rom", cannot accept migration', of())).block is None


# -- there

def test_the_same_device_in_another_slot() -> None:
    there = tell(stream(PC).replace(b":03.0/e1000", b":04.0/e1000"))
    one = first(point(missing(NIC), of(), side_of("there", there), there))
    assert one.explanation.row == "12"
    assert "0000:00:04.0/e1000" in one.explanation.look
    (parting,) = one.partings
    assert (parting.finding.rule, parting.offset) == ("VM105", None)


def test_what_the_build_knows() -> None:
    there = side(str(CORPUS / "dumps" / "7.2-x86_64-microvm.json.zst"))
    assert first(point(missing("0000:00:09.0/rtl8139"), of(), there)).near == ["rtl8139"]
    assert first(point(missing("0000:00:09.0/rtl8140"), of(), there)).near[0] == "rtl8139"
    assert not first(point("Missing section footer for mc146818rtc", of(), there)).near


def test_where_stream_and_reader_part() -> None:
    """5.2 has no acpi_index: it takes the bytes of what follows for the footer."""
    name = "0000:00:01.3/piix4_pm"
    there = side(str(CORPUS / "dumps" / "5.2-x86_64-microvm.json.zst"))
    one = first(point(f"Missing section footer for {name}", of(), there))
    hard = [parting for parting in one.partings if parting.finding.positional.backward is BREAKS]
    (parting,) = hard
    assert parting.finding.path == f"{name}::acpi_pci_hotplug.acpi_index"
    section = next(one for one in of().sections if one.header.name == name)
    leaves = dict(section.trace.leaves())
    (leaf,) = [leaf for path, leaf in leaves.items() if path.endswith("acpi_index")]
    assert parting.offset == section.begin + leaf.begin


def test_where_the_reader_wants_more() -> None:
    """The end of what it has before."""
    fields = member("cmos_data", 128), member("extra", 4), member("cmos_index", 1)
    there = dump_vmstate.parse(dump(*fields, inner=description(*fields, name="mc146818rtc"), device="rtc"), "there")
    (section,) = [one for one in of().sections if one.header.name == "mc146818rtc"]
    begin = section.begin
    assert [parted(section, name, there) for name in ("cmos_data", "extra", "cmos_index", "no_such", "")] == [
        begin, begin + 128, begin + 128, None, None]


# -- nothing known

@pytest.mark.parametrize("text", ["", "hello", "qemu: warning: something"])
def test_nothing_known(text: str) -> None:
    there = of("q62-72")
    told = point(text, of(), side_of("there", there), there)
    assert not told.known
    assert told.forecast is not None
    assert "0000:00:00.0/mch" in told.forecast.unfilled
    assert not point(text).known
