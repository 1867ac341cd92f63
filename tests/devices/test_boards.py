"""Devices of x86 boards, by sections that were cut out of streams of QEMU 5.2 to 11.1.

`boards.txt` has one section a line: its name and version, QEMU's version, and the bytes, in which `00*7` is seven
zeros.
"""

from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from devices.acpi.ged import AcpiGed, Event, Ghes, Hest
from devices.acpi.hotplug import SUBSECTION, CpuHotplug, CpuStatus
from devices.block.sd_card import HIGH_CAPACITY, POWERED_UP, SdCard
from devices.catalogue import registry
from devices.misc.ipmi import LONGEST_MESSAGE, Bt, IsaKcs
from devices.misc.ipmi_bmc import BmcExtern, BmcSim
from devices.misc.ivshmem import IvshmemDoorbell, IvshmemPlain
from devices.misc.tpm import INTERFACE, TAKES_CHUNKS, TpmCrb
from devices.misc.uefi_vars import POLICY_HEAD, UefiPolicy, UefiTime, UefiVariable, UefiVars
from devices.pci.aer import AerError, AerLog, ErrorFlag
from devices.pci.bridges import PciBridge, PciePciBridge
from devices.pci.piix4 import Piix4
from devices.pci.ports import PcieRootPort
from devices.pci.shpc import EVENTS, FIRST_SLOT, INTERRUPT_LOCATOR, MASKS, SLOT_SIZE, SYSTEM_ERRORS
from devices.timer.kvmclock import KvmClock
from tests.vmstate.exercise import chance, refusal
from visitors import qemufile, tree
from vmstate import Decoded, HookRefused, Mismatch, VMStateError, convert, decode, encode, load, record_of, save
from vmstate.format import fits


def _bytes(text: str) -> bytes:
    """Hexadecimal digits; `00*7` is seven zeros."""
    data = bytearray()
    for part in text.split():
        digits, _, times = part.partition("*")
        data += bytes.fromhex(digits) * int(times or 1)
    return bytes(data)


def _sections() -> Iterator[Any]:
    for line in Path(__file__).with_name("boards.txt").read_text("ascii").splitlines():
        head, _, text = line.partition(": ")
        name, version, qemu = head.split(maxsplit=2)
        yield pytest.param(name, int(version), _bytes(text), id=f"{name} of {qemu}")


SECTIONS = {str(one.id): one for one in _sections()}


def _read(id: str) -> Any:  # noqa: A002  as pytest calls it
    """The state of a section."""
    name, version, data = SECTIONS[id].values
    return _only(name, version, data).state


def _only(name: str, version: int, data: bytes) -> Decoded[Any]:
    """The one declaration and combination of settings that fits."""
    records = registry().for_section(f"0000:00:05.0/{name}")
    (found,) = [one for record in records for one in fits(record, data, qemufile, version=version)
                if isinstance(one, Decoded)]
    return found


def _log(target: Any, read: Any) -> None:
    target.aer_log.log_max = read.aer_log.log_max


def _ged(target: Any, read: Any) -> None:
    target.pci_hotplug_enabled = any(one.up for one in read.pci_status)


CONFIGURED: dict[str, Callable[[Any, Any], None]] = {
    "pcie-root-port": _log, "ioh-3240-express-root-port": _log, "acpi-ged": _ged,
}


@pytest.mark.parametrize(("name", "version", "data"), SECTIONS.values())
class TestSection:
    def test_is_rewritten(self, name: str, version: int, data: bytes) -> None:
        found = _only(name, version, data)
        assert encode(found, qemufile) == data
        document = encode(found, tree)
        assert encode(decode(found.record, document, tree, version=version), qemufile) == data
        assert convert(data, found.record, qemufile, tree, version=version, settings=found.settings) == document

    def test_is_loaded_and_saved(self, name: str, version: int, data: bytes) -> None:
        found = _only(name, version, data)
        target = found.record.make()
        CONFIGURED.get(name, lambda target, read: None)(target, found.state)
        load(target, data, qemufile, version=version, settings=found.settings)
        if version == found.record.version:
            assert save(target, qemufile) == data

    def test_no_part_of_it_is_one(self, name: str, version: int, data: bytes) -> None:
        found = _only(name, version, data)
        for n in {*range(min(len(data), 20)), *range(0, len(data), 1 + len(data) // 12), *range(len(data))[-8:]}:
            if data[n:] and not _ends_here(name, data[n:]):
                assert refusal(found.record, data[:n], version, found.settings) is not None

    def test_mutated_bytes(self, name: str, version: int, data: bytes) -> None:
        record, pick = _only(name, version, data).record, chance(name)
        for _ in range(20):
            mutated = bytearray(data)
            for _ in range(pick.randint(1, 3)):
                mutated[pick.randrange(len(mutated))] = pick.choice([0, 1, 2, 4, 8, 0x80, 0xFF, pick.randrange(256)])
            refusal(record, bytes(mutated), version)


def _ends_here(name: str, rest: bytes) -> bool:
    """Whether what is cut off may be missing: a subsection."""
    return rest[0] == SUBSECTION and rest[2:2 + rest[1]].startswith(name.encode())


VALUES: dict[str, dict[str, object]] = {
    "i6300esb_wdt of 7.2": {"enabled": 1, "free_run": 1, "timer1_preload": 0x40000, "timer2_preload": 0x50000},
    "acpi-ged of 7.2": {"ged_state.sel": Event.MEMORY_HOTPLUG | Event.POWER_DOWN, "memhp_state.dev_count": 2},
    "acpi-ged of 11.1": {"ged_state.sel": Event.PCI_HOTPLUG, "hotplug_select": 0},
    "iommu-intel of 11.1": {
        "root": 0x100000, "intr_root": 0x300000, "iq": 0x200000, "intr_size": 256, "qi_enabled": True,
        "dmar_enabled": False},
    "pci_bridge of 10.0": {"has_shpc": True},
    "pci_bridge of 11.1": {"has_shpc": False},
    "pcie-root-port of 7.2": {"migrate_msix": False, "aer_log.log_max": 2},
    "ipmi-interface of 10.0": {"kcs.outpos": 2, "kcs.outlen": 14, "kcs.inlen": 2, "kcs.data_in_reg": -1},
    "ipmi-bmc-sim of 7.2": {"watchdog_running": True, "watchdog_timeout": 10000},
    "smbus-eeprom of 5.2": {"smbusdev.i2c.address": 0x53, "offset": 0x23, "accessed": True},
    "sd-card of 5.2": {"mode_sent": True, "mode": 2, "state": 4, "enable_sent": True},
    "sd-card of 11.1": {"mode_sent": False, "state": 4, "enable_sent": False},
    "sd-card of 7.2": {"mode_sent": True, "mode": 0, "ocr": 0xFFFF00, "enable_sent": True},
    "tpm-crb of 11.1": {"response_offset": 19},
}


@pytest.mark.parametrize("id", VALUES)
def test_values(id: str) -> None:  # noqa: A002
    state = _read(id)
    assert {name: attrgetter(name)(state) for name in VALUES[id]} == VALUES[id]


# -- PCI

def test_errors_are_logged() -> None:
    """Injected into a guest that asks for all headers; the first of four was taken out as it came."""
    log = _read("pcie-root-port of 5.2").aer_log
    assert (log.log_num, log.log_max) == (3, 6)
    assert log.log[0] == AerError(status=0x4000, source_id=8, flags=ErrorFlag.HAS_HEADER, header=[5, 6, 7, 8])
    assert log.log[1].prefix == [0x11, 0x12, 0x13, 0x14]


def test_a_log_is_no_longer_than_it_may_be() -> None:
    log = AerLog(log_num=9, log=[AerError() for _ in range(9)])
    data = encode(Decoded(log, 1, record_of(AerLog)), qemufile)
    with pytest.raises(VMStateError, match="log_num <= log_max"):
        load(AerLog(), data, qemufile)


def test_both_ends_need_one_length_of_log() -> None:
    port = PcieRootPort()
    port.aer_log.log_max = 4
    with pytest.raises(Mismatch, match="log_max"):
        load(PcieRootPort(), save(port, qemufile), qemufile)


@pytest.mark.parametrize("kind", [PciBridge, PciePciBridge])
def test_a_load_locates_interrupts_anew(kind: Any) -> None:
    bridge, third = kind(), FIRST_SLOT + 2 * SLOT_SIZE
    bridge.shpc[third + EVENTS], bridge.shpc[third + MASKS] = 0x03, 0x01
    bridge.shpc[SYSTEM_ERRORS + 2], bridge.shpc[SYSTEM_ERRORS] = 1, 0
    loaded = load(kind(), save(bridge, qemufile), qemufile)
    assert loaded.shpc[INTERRUPT_LOCATOR:INTERRUPT_LOCATOR + 4] == bytes([0b1001, 0, 0, 0])


def test_version_2_of_the_piix4() -> None:
    bridge = Piix4()
    data = save(bridge, qemufile)[:-1]
    assert load(Piix4(rcr=2), data, qemufile, version=2).rcr == 0


@pytest.mark.parametrize("kind", [IvshmemPlain, IvshmemDoorbell])
def test_memory_of_another_machine(kind: Any) -> None:
    with pytest.raises(HookRefused, match="master"):
        load(kind(master=False), save(kind(), qemufile), qemufile)


# -- ACPI

@pytest.mark.parametrize(("state", "sent"), [
    (AcpiGed(), [b"acpi-ged/memhp"]),
    (AcpiGed(cpus_hotpluggable=True), [b"acpi-ged/memhp", b"acpi-ged/cpuhp"]),
    (AcpiGed(ghes_state=Ghes(hw_error_le=1)), [b"acpi-ged/memhp", b"acpi-ged/ghes"]),
    (AcpiGed(pci_hotplug_enabled=True), [b"acpi-ged/memhp", b"acpi-ged/pcihp"]),
    (AcpiGed(hest_state=Hest(hest_addr_le=1)), [b"acpi-ged/memhp", b"acpi-ged/hest"]),
])
def test_what_an_event_device_sends(state: AcpiGed, sent: list[bytes]) -> None:
    data = save(state, qemufile)
    names = [b"acpi-ged/" + part.split(b"\0")[0] for part in data.split(b"acpi-ged/")[1:]]
    assert names == sent
    assert encode(decode(AcpiGed, data, qemufile), qemufile) == data


@pytest.mark.parametrize("count", [288, 1024, 4096])
def test_places_for_processors(count: int) -> None:
    """QEMU 9.0 took 1024 of them on a q35, 9.1 takes 4096."""
    state = CpuHotplug(dev_count=count, devs=[CpuStatus() for _ in range(count)])
    data = save(state, qemufile)
    found = decode(CpuHotplug, data, qemufile)
    assert found.state == state
    assert convert(encode(found, tree), CpuHotplug, tree, qemufile) == data


# -- IPMI and TPM

@pytest.mark.parametrize(("outpos", "outlen", "inlen", "then"), [
    (2, 14, 2, (2, 14, 2)), (5, 5, 0, (0, 0, 0)), (0, LONGEST_MESSAGE, 1, (0, 0, 1)),
    (LONGEST_MESSAGE, LONGEST_MESSAGE + 1, LONGEST_MESSAGE, (0, 0, 0)),
])
def test_lengths_of_messages(outpos: int, outlen: int, inlen: int, then: tuple[int, ...]) -> None:
    loaded = load(Bt(), save(Bt(outpos=outpos, outlen=outlen, inlen=inlen), qemufile), qemufile)
    assert (loaded.outpos, loaded.outlen, loaded.inlen) == then


def test_version_1_of_kcs() -> None:
    """It has a byte more in front, and no lengths."""
    data = save(IsaKcs(), qemufile)
    first = data[:2] + b"\1" + data[2:7] + data[11:311] + data[315:]
    assert len(first) == len(data) + 1 - 8
    found = decode(IsaKcs, first, qemufile, version=1)
    assert encode(found, qemufile) == first
    assert found.state.kcs.outlen == 0


def test_a_response_from_outside_does_not_come_any_more() -> None:
    assert not load(BmcExtern(), b"\1\1", qemufile).waiting_rsp


def test_version_1_of_a_controller_has_no_network() -> None:
    _, version, data = SECTIONS["ipmi-bmc-sim of 7.2"].values
    sim = BmcSim()
    sim.lan.channel = 3
    assert load(sim, data, qemufile, version=version).lan.channel == 3


def test_chunks_of_a_tpm() -> None:
    """The guest is told in a register whether there are any."""
    tpm = TpmCrb()
    assert b"tpm-crb/chunk" in save(tpm, qemufile)
    tpm.regs[INTERFACE] &= ~TAKES_CHUNKS
    assert b"tpm-crb/chunk" not in save(tpm, qemufile)


# -- SD

@pytest.mark.parametrize(("size", "ocr"), [
    (64 << 20, POWERED_UP), (2 << 30, POWERED_UP), (4 << 30, POWERED_UP | HIGH_CAPACITY)])
def test_a_card_without_the_register_is_powered_up(size: int, ocr: int) -> None:
    data = save(SdCard(ocr=POWERED_UP), qemufile)
    assert load(SdCard(ocr=0, size=size), data, qemufile).ocr == ocr


@pytest.mark.parametrize("words", [1, 2, 3, 5, 65, 16385])
def test_how_much_of_a_card_is_protected(words: int) -> None:
    """A bit for each 2 MiB, and one more: of 1 MiB to 2 TiB."""
    data = save(SdCard(protection_words=words, wp_group_bmap=1, mode=1, state=1), qemufile)
    found = decode(SdCard, data, qemufile)
    assert (found.settings["protection_words"], found.state.wp_group_bmap) == (words, 1)


# -- UEFI

def _variable(name: str = "Boot0000\0", **how: Any) -> UefiVariable:
    text = bytearray(name.encode("utf-16-le", "surrogatepass"))
    return UefiVariable(name=text, name_size=len(text), data=bytearray(b"\1\2"), data_size=2, attributes=7, **how)


def _policy(pattern: str = "Boot####", size: int = 0) -> UefiPolicy:
    text = pattern.encode("utf-16-le", "surrogatepass")
    numbers = (size or POLICY_HEAD + len(text)).to_bytes(2, "little") + POLICY_HEAD.to_bytes(2, "little")
    entry = bytearray(4) + numbers + bytes(36) + text
    return UefiPolicy(entry=entry, entry_size=len(entry))


def test_variables() -> None:
    state = UefiVars(
        buf_size=3, pio_xfer_buffer=bytearray(b"abc"), var_policies=[_policy()],
        variables=[_variable(time=UefiTime(year=2024)), _variable(digest_size=32, digest=bytearray(32))])
    data = save(state, qemufile)
    assert load(UefiVars(variables=[_variable()]), data, qemufile) == state
    assert encode(decode(UefiVars, data, qemufile), qemufile) == data


@pytest.mark.parametrize("state", [
    pytest.param(_variable("Boot0000"), id="a name without end"),
    pytest.param(_variable("Boot\ud800\0"), id="a surrogate"),
    pytest.param(UefiVariable(attributes=0x10, name=bytearray(2), name_size=2), id="an attribute of old"),
    pytest.param(_variable(digest_size=20, digest=bytearray(20)), id="another digest"),
    pytest.param(_policy(size=43), id="a policy of another size"),
    pytest.param(_policy("\udfff"), id="a policy for a surrogate"),
    pytest.param(UefiPolicy(entry=bytearray(8), entry_size=8), id="a policy too short"),
    pytest.param(UefiVars(buf_size=65537, pio_xfer_buffer=bytearray(65537)), id="too large a buffer"),
])
def test_what_uefi_refuses(state: Any) -> None:
    data = save(state, qemufile)
    assert refusal(type(state), data) is None
    with pytest.raises(HookRefused):
        load(type(state)(), data, qemufile)


def test_more_variables_than_there_is_room_for() -> None:
    data = save(UefiVars(variables=[_variable()]), qemufile)
    with pytest.raises(HookRefused, match="size="):
        load(UefiVars(max_storage=16), data, qemufile)


# -- KVM's clock

def test_a_clock_of_which_nothing_is_said() -> None:
    data = save(KvmClock(clock=5, reliability_sent=False), qemufile)
    assert len(data) == 8
    assert not load(KvmClock(), data, qemufile).clock_is_reliable
    assert load(KvmClock(), save(KvmClock(), qemufile), qemufile) == KvmClock()
