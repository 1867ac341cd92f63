"""What QEMU says when a load fails, in each version's wording; judged by what was done to make it fail."""

import json
import time
from pathlib import Path
from textwrap import fill
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmstate.compat.catalogue import RULES
from vmstate.compat.explaining import Explanation, explain, pattern_of
from vmstate.compat.messages import CONTEXT, MESSAGES, Rank
from vmstate.compat.naming import bits, names_of

FAILED = "qemu-system-x86_64: load of migration failed: "
EINVAL, EPERM, EIO, ENOENT = (FAILED + error for error in (
    "Invalid argument", "Operation not permitted", "Input/output error", "No such file or directory"))
HEARD: list[dict[str, Any]] = json.loads((Path(__file__).parent / "messages.json").read_text("utf-8"))
"""What real QEMUs said, and the row that what was done to the stream or the machine belongs to."""


@pytest.mark.parametrize("heard", HEARD, ids=[f"{one['row']}-{one['from']}-{one['to']}" for one in HEARD])
def test_what_real_qemus_said(heard: dict[str, Any]) -> None:
    first, *rest = explain("\n".join(heard["said"]))
    assert first.row == heard["row"]
    assert {one.row for one in rest} <= {first.row}
    assert "?" not in first.cause.split()
    assert first.text in [" ".join(line.split())[:300] for line in heard["said"]]


def frames(section: str, *lines: str, error: str = EINVAL, instance: int = 0) -> str:
    """As 10.0 and older print it."""
    frame = f"error while loading state for instance {instance:#x} of device '{section}'"
    return "\n".join([*(f"qemu-system-x86_64: {line}" for line in (*lines, frame)), error])


def chain(section: str, rest: str) -> str:
    """As 11.1 prints it."""
    return f"{EINVAL}: error while loading state for instance 0x0 of device '{section}': {rest}"


def config(section: str, at: int, read: int, device: int) -> str:
    said = f"Bad config data: i={at:#x} read: {read:x} device: {device:x} cmask: ff wmask: 0 w1cmask:0"
    return frames(section, f"get_pci_config_device: {said}", "Failed to load PCIDevice:config",
                  f"Failed to load {section}:parent_obj")


MISSING = "Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices"


def unknown(section: str, instance: int = 0) -> tuple[str, str]:
    """In both wordings."""
    return (f"qemu-kvm: Unknown savevm section or instance '{section}' {instance}. {MISSING}\n{EINVAL}",
            f"{EINVAL}: Unknown section or instance '{section}' {instance}. {MISSING}")


NIC, RTL, PM = "0000:00:02.0/e1000", "0000:00:03.0/rtl8139", "0000:00:01.3/piix4_pm"
HOOK = "post load hook failed for: {}, version_id: 22, minimum_version: 22, ret: -1".format
VIRTIO = "Failed to load element of type virtio for virtio"
LATER, ONLY = "2025-12-08T20:44:31.251153Z qemu-system-x86_64:", "cpreg_only_in_incoming_stream"
WORDINGS: list[tuple[str, str, list[str]]] = [
    ("1", f"qemu: Not a migration stream\n{EINVAL}", ["QEVM"]),
    ("1", f"{EINVAL}: Not a migration stream, magic: 68656c6c != 5145564d", ["68656c6c", "'hell'"]),
    ("1", f"{EINVAL}: Not a migration stream, magic: 1f8b0800 != 5145564d", ["gzip"]),
    ("1", f"{EINVAL}: Not a migration stream, magic: 4c696276 != 5145564d", ["libvirt"]),
    ("1", "Not a migration stream (bad magic 514649fb)", ["qcow2"]),
    ("2", f"qemu: SaveVM v2 format is obsolete and don't work anymore\n{FAILED}Operation not supported", ["version 2"]),
    ("3", f"qemu: Unsupported migration stream version\n{FAILED}Operation not supported", ["not 3"]),
    ("3", f"{FAILED}Operation not supported: Unsupported migration stream version, file version 5 != 3", ["is 5"]),
    ("4", f"qemu: Configuration section missing\n{EINVAL}", ["send-configuration"]),
    ("4", f"{EINVAL}: Configuration section missing,4 != 7", ["send-configuration"]),
    ("5", f"Machine type received is 'pc-i440fx-5.2' and local is 'pc-q35-5.2'\n{EINVAL}", ["-M pc-i440fx-5.2"]),
    ("5", f"Machine type received is 'pc-i440fx-5.2' and local is 'pc-q35-5.2'\n{EINVAL}: {HOOK('configuration')}",
     ["pc-q35-5.2"]),
    ("6", frames("ram", "Size mismatch: pc.ram: 0x2000000 != 0x4000000: Invalid argument"), ["32 MiB", "64 MiB", "-m"]),
    ("6", frames("ram", "Length mismatch: pc.ram: 0x2000000 in != 0x4000000: Invalid argument"), ["64 MiB"]),
    ("7", frames("ram", "Size mismatch: 0000:00:02.0/vga.vram: 0x1000000 != 0x2000000: Invalid argument"),
     ["vgamem_mb", "0000:00:02.0/vga.vram"]),
    ("8", frames("ram", f"Size mismatch: {NIC}.rom: 0x80000 != 0x40000: Invalid argument"), ["romsize=", "512 KiB"]),
    ("9", frames("ram", f'Unknown ramblock "{NIC}.rom", cannot accept migration'), [f"{NIC}.rom", "romfile="]),
    ("9", frames("ram", 'Unknown ramblock "ppc_spapr.ram", cannot accept migration'), ["renamed"]),
    ("10", frames("ram", 'Unknown ramblock "pc.bios", cannot accept migration'), ["pflash"]),
    *(("11", text, [NIC, "addr="]) for text in unknown(NIC)),
    *(("11", text, [RTL]) for text in unknown(RTL)),
    *(("13", text, ["port="]) for text in unknown("0000:00:02.0/1/usb-ptr")),
    *(("13", text, ["scsi-id="]) for text in unknown("0000:00:02.0/0:1:0/scsi-disk")),
    *(("14", text, ["-smp", "number 1"]) for text in unknown("cpu_common", 1)),
    *(("14", text, ["-smp"]) for text in unknown("apic", 1)),
    ("14b", f"qemu: Missing section footer for {PM}\n{EINVAL}: Section footer error, section_id: 30", ["maxcpus="]),
    *(("15", text, ["hpet="]) for text in unknown("hpet")),
    *(("15", text, ["a second one"]) for text in unknown("fdc", 1)),
    *(("16", text, ["VM103", "renamed"]) for name in ("vga", "npcm7xx-gcr", "s390_css") for text in unknown(name)),
    ("17", f"qemu: savevm: unsupported version 2 for '0000:00:02.0/pciespscsi' v1\n{EINVAL}", ["version 2", "VM201"]),
    ("17", f"{EINVAL}: unsupported version 2 for '0000:00:02.0/pciespscsi' v1", ["up to 1"]),
    ("18", frames("aspeed.i2c", "aspeed.i2c: incoming version_id 2 is too old for local minimum version_id  3"),
     ["aspeed.i2c", "from 3 on", "VM203"]),
    ("18", chain("aspeed.i2c", "aspeed.i2c: incoming version_id 2 is too old for local minimum version_id 3"),
     ["VM203"]),
    ("19", frames("cpu", "cpu/poll_control_msr: incoming version_id 99 is too new for local version_id 1"),
     ["cpu/poll_control_msr", "VM407"]),
    ("20", frames("cpu", error=ENOENT), ["a subsection of cpu", "VM401"]),
    ("20", chain("cpu", "VM subsection 'cpu/poll_control_xyz' in 'cpu' does not exist"), ["cpu/poll_control_xyz"]),
    ("21", f"qemu: Missing section footer for 0000:00:02.0/pciespscsi\n{EINVAL}", ["0000:00:02.0/pciespscsi", "VM301"]),
    ("21", f"qemu: Missing section footer for {PM}\n{EINVAL}", ["piix4_pm"]),
    ("21", f"{EINVAL}: Section footer error, section_id: 41", ["section 41"]),
    ("22", f"qemu: Mismatched section id in footer for mc146818rtc - read 0x63 expected 0xd\n{EINVAL}", ["0x63"]),
    ("23", config("0000:00:02.0/virtio-rng", 2, 0x44, 5), ["device id", "rng, modern", "rng, transitional"]),
    ("24", config("0000:00:02.0/pci_bridge", 0x34, 0x4C, 0x40), ["capability pointer", "shpc="]),
    ("24", config("0000:00:02.0/vmxnet3", 0x34, 0x40, 0x9C), ["x-old-msi-offsets="]),
    ("24", config("0000:00:02.0/virtio-net", 0x9A, 1, 3), ["vectors=", "2 vectors", "lies in the capabilities"]),
    ("24", config("0000:00:02.0/ioh-3240-express-root-port", 0x10A, 0x40, 0), ["x-pcie-err-unc-mask="]),
    ("25", frames("0000:00:02.0/pcie-root-port", "4 != 8", "Failed to load PCIE_AER_ERROR_LOG:log_max",
                  "Failed to load PCIDevice:exp.aer_log"), ["0x8 in the stream", "aer_log_max="]),
    ("25", frames("0000:00:02.0/virtio-gpu", "1 != 2", "Failed to load virtio-gpu-scanouts:conf.max_outputs"),
     ["max_outputs"]),
    ("25", f"{LATER} 8 != 101\n{LATER} Failed to load element of type uint16 equal for max_queue_pairs: -22\n"
     + chain(NIC, VIRTIO), ["max_queue_pairs", "0x101", "mq="]),
    ("26", frames("hpet", "Input validation failed: hpet/num_timers must match", error=EPERM), ["num_timers must"]),
    ("26", chain("hpet", "Input validation failed: hpet/num_timers must match version_id: 2"), ["must match", "VM601"]),
    ("27", f"qemu: VQ 0 vring.num 1024 exceeds allocated max 8\n{chain(NIC, VIRTIO)}", ["at most 8", "VM606"]),
    ("27", f"qemu: VQ 1 vring.num 256 exceeds allocated max 0\n{chain(NIC, VIRTIO)}", ["num-queues="]),
    ("28", frames("0000:00:02.0:06.0/virtio-net", "Features 0x1c0010130afffa7 unsupported. Allowed features: "
                  "0x179bfffe7", "Failed to load virtio-net:virtio", error=EPERM),
     ["RING_RESET (queue_reset=)", "GUEST_USO4", "GUEST_USO6", "HOST_USO (host_uso=)"]),
    ("28", frames("0000:00:05.0/virtio-vhost_vsock", "Features 0x130000002 unsupported. Allowed features: 0x179000000",
                  "Failed to load virtio-vhost_vsock:virtio", error=EPERM), ["SEQPACKET (seqpacket=)"]),
    ("29", frames("0000:00:02.0/virtio-net", "VQ 0 size 0x80 < last_avail_idx 0x12f8 - used_idx 0x0",
                  "Failed to load virtio-net:virtio", error=EPERM), ["queue 0"]),
    ("29", "qemu: VQ 2 size 0x80 Guest index 0x1 inconsistent with Host index 0x2: delta 0x3", ["queue 2"]),
    ("30", frames("0000:00:03.0/virtio-console", "Failed to load virtio-console:virtio"), ["number of ports"]),
    ("30", chain("0000:00:03.0/virtio-console", f"{VIRTIO}: -22"), ["virtio of"]),
    ("31", frames("cpu", "Invalid value 275 expecting positive value <= 258",
                  "Failed to load cpu:cpreg_vmstate_array_len"), ["cpreg_vmstate_array_len", "275", "258", "VM606"]),
    ("32", f"qemu: handle_{ONLY}: system register 0x1013c030 in the incoming stream but unknown\n"
     + chain("cpu", HOOK("cpu")), ["ID_AA64ISAR0_EL1"]),
    ("33", frames("cpu", error=EPERM), ["no reason"]),
    ("33", chain("cpu", HOOK("cpu")), ["of cpu"]),
    ("34", "qemu: migration/vmstate.c:172: vmstate_load_state: Assertion `first_elem || !n_elems || !size' failed.",
     ["vmstate_load_state"]),
    ("34", "qemu: ../../hw/sd/sd.c:297: sd_ocr_powerup: Assertion `!FIELD_EX32(sd->ocr, OCR, CARD_POWER_UP)' failed.",
     ["sd_ocr_powerup"]),
    ("35", f"qemu: MIG_CMD 0xb unknown (len 0x0)\n{EINVAL}", ["SWITCHOVER_START"]),
    ("36", f"qemu: State blocked by non-migratable device '{NIC}'\n{EINVAL}", [NIC, "VM106"]),
    ("37", frames("mc146818rtc", "Failed to load mc146818rtc:cmos_data", error=EIO), ["inside mc146818rtc"]),
    ("37", chain("mc146818rtc", "Failed to load mc146818rtc state: stream error: -5"), ["inside mc146818rtc"]),
    ("37", f"qemu: error while loading state section id 2(ram)\n{EIO}", ["inside ram"]),
    ("37", f"{EIO}: Failed to load vmstate version_id: 4, ret: -5", ["ends here"]),
    ("37", "qemu: Error -5 while loading VM state", ["ends here"]),
    ("39", f"qemu: Capability postcopy-ram is off, but received capability is on\n{EINVAL}", ["postcopy-ram"]),
    ("39", f"qemu: UUID received is 11-22 and local is 33-44\n{EINVAL}", ["-uuid 11-22"]),
    ("39", f"qemu: UUID is received 11-22, but local uuid isn't set\n{EINVAL}", ["-uuid 11-22"]),
    ("39", f"qemu: Received TARGET_PAGE_BITS is 12 but local is 16\n{EINVAL}", ["2^16"]),
    ("39", frames("ram", "Mismatched RAM page size pc.ram (local) 4096 != 2097152"), ["2097152", "mem-path="]),
    ("39", frames("ram", "Mismatched GPAs for block pc.ram 0!= 4096"), ["pc.ram"]),
    ("39", f"qemu: Unknown combination of migration flags: 0x322\n{EINVAL}", ["ZERO", "CONTINUE", "MULTIFD_FLUSH"]),
    ("39", f"qemu: Unknown savevm section type 107\n{EINVAL}", ["0x6b", "'k'"]),
    ("39", f"qemu: Unknown savevm section 12\n{EINVAL}", ["section 12"]),
    ("40", "qemu-kvm: -M pc-q35-rhel9.2.0: unsupported machine type\nUse -machine help to list supported machines",
     ["-machine help"]),
    ("40", "Cannot deserialize the microVM state: bitcode error", ["Firecracker"]),
]


each = pytest.mark.parametrize(
    ("row", "text", "told"), WORDINGS, ids=[f"{row}-{at}" for at, (row, *_) in enumerate(WORDINGS)])


@each
def test_every_wording(row: str, text: str, told: list[str]) -> None:
    first = explain(text)[0]
    said = " ".join((first.cause, first.look, *first.names, *first.rules))
    assert first.row == row
    assert [word for word in told if word not in said] == []
    assert " ? " not in f" {said} "


@each
def test_a_wrapped_log_says_the_same(row: str, text: str, told: list[str]) -> None:
    """As mail programs wrap it."""
    wrapped = "\n".join(fill(line, 60, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))
    assert row in {one.row for one in explain(wrapped)}


def test_every_row_has_a_wording() -> None:
    rows = {*map(str, range(1, 41)), "14b"}
    assert {row for row, *_ in WORDINGS} | {"12", "38"} == rows
    assert {message.row for message in MESSAGES} | {"12"} == rows


@pytest.mark.parametrize("message", MESSAGES, ids=[f"{message.row}-{at}" for at, message in enumerate(MESSAGES)])
def test_the_table_is_sound(message: object) -> None:
    """Its rules exist, and its words name facts that its pattern or its surroundings tell."""
    [one] = [one for one in MESSAGES if one is message]
    assert set(one.rules) <= set(RULES)
    told = {name for wording in (one.pattern, *CONTEXT) for name in pattern_of(wording).groupindex}
    assert (one.cause + one.look).format_map(dict.fromkeys(told, "x"))


# -- what is told besides

def test_facts_of_a_section() -> None:
    [one] = explain(config("0000:00:02.0/virtio-net", 0x34, 0x4C, 0x40))
    assert (one.section, one.instance, one.member, one.offset) == ("0000:00:02.0/virtio-net", 0, "config", 0x34)
    assert one.facts["read"] == "4c"
    assert one.facts["record"] == "PCIDevice"
    [one] = explain(unknown("cpu_common", 3)[0])
    assert (one.section, one.instance, one.member, one.offset) == ("cpu_common", 3, "", None)
    [one] = explain(frames("cpu", "Invalid value 5 expecting positive value <= 4", "Failed to load cpu:x", instance=17))
    assert (one.section, one.instance, one.member) == ("cpu", 17, "x")


def test_a_missing_device_is_looked_for() -> None:
    text = unknown(RTL)[1]
    [one] = explain(text, ["ram", "0000:00:04.0/rtl8139", NIC])
    assert (one.row, one.rules) == ("12", ("VM105",))
    assert "0000:00:04.0/rtl8139" in one.look
    [one] = explain(text, ["ram", "0000:00:03.0/rtl8138", NIC])
    assert one.row == "11"
    assert "there is 0000:00:03.0/rtl8138" in one.names
    [one] = explain(unknown("0000:00:02.0/1/usb-ptr")[0], ["0000:00:02.0/2/usb-ptr"])
    assert one.row == "13"
    assert "0000:00:02.0/2/usb-ptr" in one.look


def test_the_cause_comes_before_what_followed() -> None:
    """A report of QEMU's list: the second attempt's cause comes before its footer."""
    found = explain("""\
  kvm: VQ 1 size 0x100 < last_avail_idx 0x9 - used_idx 0x3e30
  kvm: load of migration failed: Operation not permitted: error while loading state for instance 0x0 of device
  '0000:00:13.0/virtio-net': Failed to load element of type virtio for virtio: -1
  qemu-system-x86_64: Missing section footer for 0000:00:13.0/virtio-net
  qemu-system-x86_64: Section footer error, section_id: 41
""")
    assert [(one.row, one.rank) for one in found] == [("29", Rank.CAUSE), ("21", Rank.SYMPTOM)]
    found = explain(f"qemu: Missing section footer for x\nqemu: State blocked by non-migratable device 'y'\n{EINVAL}")
    assert [one.row for one in found] == ["36", "21"]


def test_one_explanation_for_what_is_said_often() -> None:
    lines = [f"qemu: handle_cpreg_only_in_incoming_stream: system register {key:#x} in the incoming stream but unknown"
             for key in (0x200F3A00, 0x1013C030, 0x1013C030)]
    skipped = [f"qemu: warning: handle_cpreg_missing_in_incoming_stream: system register {key:#x} expected by the "
               "destination but not in the incoming stream: skip it" for key in range(0x200E0002, 0x200E0020)]
    first, second = explain("\n".join([*skipped, *lines, EINVAL]))
    assert (first.times, first.names) == (3, ("p15,0,c7,c4,0 (PAR)", "S3_0_C0_C6_0 (ID_AA64ISAR0_EL1)"))
    assert (second.rank, second.times) == (Rank.HARMLESS, 30)
    assert len(explain("\n".join([*lines, EINVAL] * 3))) == 1


def test_harmless_messages() -> None:
    said = "qemu-system-x86_64: Expected vmdescription section, but got 0\n"
    assert [(one.row, one.rank) for one in explain(said)] == [("38", Rank.HARMLESS)]
    assert [one.row for one in explain(said + "qemu: foo failed")] == ["", "38"]
    assert [one.row for one in explain(said + EIO)] == ["37", "38"]


@pytest.mark.parametrize("text", ["", "\n\n", "qemu-system-x86_64: warning: nic e1000.0 has no peer\n", "hello"])
def test_silence(text: str) -> None:
    [one] = explain(text)
    assert one.row == "none"
    assert "reported nothing" in one.cause


def test_what_is_not_known_is_said_to_be_so() -> None:
    [one] = explain("starting\nqemu: foo: cannot frobnicate\nqemu: warning: invalid nothing\nqemu: bar failed\nbye")
    assert (one.row, one.text) == ("", "qemu: foo: cannot frobnicate\nqemu: bar failed")
    assert "known" in one.cause


def test_feature_names() -> None:
    assert bits(1 << 56 | 1 << 40 | 1, names_of("net")) == ["CSUM", "RING_RESET", "HOST_USO"]
    assert bits(1 << 17 | 1 << 32 | 1 << 90, names_of("blk")) == ["ZONED", "VERSION_1", "bit 90"]
    [one] = explain("qemu: Features 0x3 unsupported. Allowed features: 0x1")
    assert one.names == ("bit 1",)


# -- logs are input like any other

@given(st.text())
def test_any_text(text: str) -> None:
    assert explain(text, [text])


@given(st.lists(st.sampled_from([line for _, text, _ in WORDINGS for line in text.split("\n")]), max_size=8),
       st.lists(st.tuples(st.integers(0, 400), st.text("{}'\"\n: 0x-[]\\/", max_size=3)), max_size=4))
def test_damaged_logs(lines: list[str], changes: list[tuple[int, str]]) -> None:
    text = "\n".join(lines)
    for at, piece in changes:
        text = text[:at] + piece + text[at:]
    found = explain(text, ["cpu", "0000:00:04.0/rtl8139"])
    assert found == sorted_within(found)
    assert all(one.cause and one.look for one in found)


def sorted_within(found: list[Explanation]) -> list[Explanation]:
    """Nothing is lost or there twice."""
    return list({(one.row, one.cause, one.names, one.text, one.look): one for one in found}.values())


def test_braces_in_a_log_are_text() -> None:
    [one] = explain("qemu: Machine type received is '{0.__class__}' and local is '{x!r:>99999999}'")
    assert "{0.__class__}" in one.cause


@pytest.mark.parametrize("unit", [
    "a", " ", "a: ", "0x", "1 != 2\n", "error while loading state for instance 0x0 of device '", "Failed to load ",
    "\n", f"{EINVAL}\n", "Unknown ramblock \"", "qemu: Missing section footer for ", "a/", "error: -5 ",
    "VQ 1 size 0x1 ", "handle_cpreg_only_in_incoming_stream: system register 0x1013c030\n", "ret: -5 ", "piix4_pm ",
    "Bad config data: i=0x34 read: 4 device: 40 cm", "qemu: Missing section footer for piix4_pm", "12:34: ",
])
def test_a_long_log_takes_no_long_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    explain(text)
    assert time.process_time() - began < 10
