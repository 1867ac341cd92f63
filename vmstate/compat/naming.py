"""Numbers of QEMU's messages by name: bytes of PCI configuration space, feature bits, system registers, flags, ids.

Each function takes the facts of a message, as texts, and tells what they mean. PCI: the PCI Local Bus Specification 3.0
and PCI Express; virtio: the Virtual I/O Device specification 1.3, and QEMU's names for the properties; the rest: QEMU
10.0, migration/savevm.c, migration/ram.c, target/arm/cpregs.h.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

Facts = Mapping[str, str]

ERRNO = {
    "Operation not permitted": "EPERM", "No such file or directory": "ENOENT", "Input/output error": "EIO",
    "Cannot allocate memory": "ENOMEM", "Invalid argument": "EINVAL", "Operation not supported": "ENOTSUP",
    "-1": "EPERM", "-2": "ENOENT", "-5": "EIO", "-12": "ENOMEM", "-22": "EINVAL", "-95": "ENOTSUP",
}
CONTAINERS = {
    "1f8b": "gzip", "28b52ffd": "zstd", "fd377a58": "xz", "425a68": "bzip2", "04224d18": "lz4", "894c5a4f": "lzop",
    "4c696276": "a save file of libvirt, whose header comes first", "514649fb": "a qcow2 image, snapshots inside",
    "7f454c46": "an ELF core or program", "11223344": "a channel of multifd, not the main one", "504b0304": "zip",
    "00000000": "zeros: an empty file, or a stream that begins further on",
}
SECTION_TYPES = {
    0: "the end", 1: "START", 2: "PART", 3: "END", 4: "FULL", 5: "a subsection", 6: "the description",
    7: "the configuration", 8: "a command", 0x7E: "a footer",
}
COMMANDS = {
    1: "OPEN_RETURN_PATH", 2: "PING", 3: "POSTCOPY_ADVISE", 4: "POSTCOPY_LISTEN", 5: "POSTCOPY_RUN",
    6: "POSTCOPY_RAM_DISCARD", 7: "PACKAGED", 8: "ENABLE_COLO", 9: "POSTCOPY_RESUME", 10: "RECV_BITMAP",
    11: "SWITCHOVER_START, sent from QEMU 10.0 on: by machine types from 10.0 on, and by those that have no version",
}
RAM_FLAGS = {
    0: "FULL", 1: "ZERO", 2: "MEM_SIZE", 3: "PAGE", 4: "EOS", 5: "CONTINUE", 6: "XBZRLE", 7: "HOOK",
    8: "COMPRESS_PAGE", 9: "MULTIFD_FLUSH",
}

# Extended capabilities may lie anywhere; AER's are named as they lie where it comes first, as it mostly does.
CONFIGURATION = (
    (0x00, "vendor id"), (0x02, "device id"), (0x04, "command"), (0x06, "status"), (0x08, "revision"),
    (0x09, "class code"), (0x0C, "cache line size"), (0x0D, "latency timer"), (0x0E, "header type"), (0x0F, "BIST"),
    *((0x10 + 4 * bar, f"BAR {bar}") for bar in range(6)),
    (0x28, "CardBus pointer"), (0x2C, "subsystem vendor id"), (0x2E, "subsystem id"), (0x30, "BAR of the option ROM"),
    (0x34, "capability pointer"), (0x35, "reserved"), (0x3C, "interrupt line"), (0x3D, "interrupt pin"),
    (0x3E, "minimum grant"), (0x3F, "maximum latency"), (0x40, "capabilities"),
    (0x100, "extended capabilities"), (0x104, "uncorrectable errors (AER)"),
    (0x108, "the mask of uncorrectable errors (AER)"), (0x10C, "the severity of uncorrectable errors (AER)"),
    (0x110, "correctable errors (AER)"), (0x114, "the mask of correctable errors (AER)"), (0x118, "control of AER"),
    (0x11C, "extended capabilities"),
)
CAUSES = {
    "device id": "another device, or another mode of it (virtio: disable-legacy=, disable-modern=)",
    "class code": "x-class= or class= of the device, or another device",
    "capability pointer": "the capabilities are in other places: shpc= of a bridge, x-old-msi-offsets= of vmxnet3",
    "capabilities": "a capability that one side lacks, or with other contents: vectors=, num-queues=, msi=, x-pcie-*=",
    "the mask of uncorrectable errors (AER)": "x-pcie-err-unc-mask=, which machine types up to 7.2 have off",
    "extended capabilities": "x-pcie-ext-*=, aer=, ats=, x-pcie-ari-nextfn-1=",
    "interrupt pin": "multifunction=, or another board",
    "BAR of the option ROM": "romfile=, rombar=",
}
TRANSITIONAL = {0x00: "net", 0x01: "block", 0x02: "balloon", 0x03: "console", 0x04: "scsi", 0x05: "rng", 0x09: "9p"}
MODERN = {0x41: "net", 0x42: "block", 0x43: "console", 0x44: "rng", 0x45: "balloon", 0x48: "scsi", 0x49: "9p",
          0x50: "gpu", 0x52: "input", 0x53: "vsock", 0x57: "iommu", 0x58: "mem", 0x5A: "fs", 0x5B: "pmem"}

COMMON = {
    24: "NOTIFY_ON_EMPTY", 27: "ANY_LAYOUT", 28: "RING_INDIRECT_DESC", 29: "RING_EVENT_IDX", 30: "PROTOCOL_FEATURES",
    32: "VERSION_1", 33: "ACCESS_PLATFORM", 34: "RING_PACKED", 35: "IN_ORDER", 36: "ORDER_PLATFORM", 37: "SR_IOV",
    38: "NOTIFICATION_DATA", 39: "NOTIF_CONFIG_DATA", 40: "RING_RESET", 41: "ADMIN_VQ",
}
NET = """\
0 CSUM GUEST_CSUM CTRL_GUEST_OFFLOADS MTU 5 MAC GSO GUEST_TSO4 GUEST_TSO6 GUEST_ECN GUEST_UFO HOST_TSO4 HOST_TSO6
HOST_ECN HOST_UFO MRG_RXBUF STATUS CTRL_VQ CTRL_RX CTRL_VLAN CTRL_RX_EXTRA GUEST_ANNOUNCE MQ CTRL_MAC_ADDR
52 VQ_NOTF_COAL NOTF_COAL GUEST_USO4 GUEST_USO6 HOST_USO HASH_REPORT 59 GUEST_HDRLEN RSS RSC_EXT STANDBY SPEED_DUPLEX
65 GUEST_UDP_TUNNEL_GSO GUEST_UDP_TUNNEL_GSO_CSUM HOST_UDP_TUNNEL_GSO HOST_UDP_TUNNEL_GSO_CSUM"""
BLK = """\
0 BARRIER SIZE_MAX SEG_MAX 4 GEOMETRY RO BLK_SIZE SCSI 9 FLUSH TOPOLOGY CONFIG_WCE MQ DISCARD WRITE_ZEROES LIFETIME
SECURE_ERASE ZONED"""
FEATURES = {
    "net": NET, "blk": BLK, "scsi": "0 INOUT HOTPLUG CHANGE T10_PI", "console": "0 SIZE MULTIPORT EMERG_WRITE",
    "serial": "0 SIZE MULTIPORT EMERG_WRITE", "gpu": "0 VIRGL EDID RESOURCE_UUID RESOURCE_BLOB CONTEXT_INIT",
    "balloon": "0 MUST_TELL_HOST STATS_VQ DEFLATE_ON_OOM FREE_PAGE_HINT PAGE_POISON REPORTING",
    "vsock": "0 STREAM SEQPACKET NO_IMPLIED_STREAM", "mem": "0 ACPI_PXM UNPLUGGED_INACCESSIBLE PERSISTENT_SUSPEND",
    "iommu": "0 INPUT_RANGE DOMAIN_RANGE MAP_UNMAP BYPASS PROBE MMIO BYPASS_CONFIG", "fs": "0 NOTIFICATION",
}
"""Each number is the bit of the name that follows, from which on they are counted."""
PROPERTIES = {
    "RING_INDIRECT_DESC": "indirect_desc", "RING_EVENT_IDX": "event_idx", "ACCESS_PLATFORM": "iommu_platform",
    "RING_PACKED": "packed", "RING_RESET": "queue_reset", "RSC_EXT": "guest_rsc_ext", "HASH_REPORT": "hash",
    "VERSION_1": "disable-modern", "NOTIFY_ON_EMPTY": "notify_on_empty", "ANY_LAYOUT": "any_layout",
    "IN_ORDER": "in_order", "MTU": "host_mtu", "STANDBY": "failover", "SPEED_DUPLEX": "speed", "SEQPACKET": "seqpacket",
    "CONFIG_WCE": "config-wce", "WRITE_ZEROES": "write-zeroes", "DISCARD": "discard",
    "EMERG_WRITE": "emergency-write", "DEFLATE_ON_OOM": "deflate-on-oom", "FREE_PAGE_HINT": "free-page-hint",
    "PAGE_POISON": "page-poison", "REPORTING": "free-page-reporting",
}
"""QEMU's properties that switch a feature. For network devices, all others are its name in small letters."""
REGISTERS = {
    "p15,0,c7,c4,0": "PAR", "p15,4,c1,c0,1": "HACTLR", "S3_0_C0_C6_0": "ID_AA64ISAR0_EL1",
    "S3_0_C0_C4_0": "ID_AA64PFR0_EL1",
}
EQUAL = {
    "log_max": "aer_log_max= of the port", "max_outputs": "max_outputs=", "max_queue_pairs": "queues= of the network "
    "backend, mq=", "num_queues": "num-queues=", "config_size": "properties that lengthen the configuration",
    "nb_ports": "ports=", "max_virtserial_ports": "max_ports=", "size": "the size of memory= or of the file",
}
"""What makes members differ that have to be equal."""


def number(text: str) -> int:
    """Of digits, hexadecimal with a prefix."""
    return int(text, 16) if text.startswith("0x") else int(text)


def bits(value: int, names: Mapping[int, str]) -> list[str]:
    """The bits that are set, by name or number."""
    return [names.get(bit, f"bit {bit}") for bit in range(value.bit_length()) if value >> bit & 1]


def first_bytes(facts: Facts) -> Sequence[str]:
    """What begins with them."""
    magic = facts.get("magic", "").rjust(8, "0")
    found = [name for begin, name in CONTAINERS.items() if facts.get("magic") and magic.startswith(begin)]
    text = bytes.fromhex(magic).decode("latin-1") if facts.get("magic") else ""
    return found or ([f"the text {text!r}"] if text.isascii() and text.isprintable() and text else [])


def memory(facts: Facts) -> Sequence[str]:
    """Two sizes, as people say them."""
    sides = ("size", "stream"), ("local", "destination")
    return tuple(f"{whose}: {_size(number(facts[key]))}" for key, whose in sides)


def _size(size: int) -> str:
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size and size % (1 << shift) == 0:
            return f"{size >> shift} {unit}"
    return f"{size} bytes"


def configuration(facts: Facts) -> Sequence[str]:
    """A byte of PCI configuration space: whose it is, what the two sides have, what to look at."""
    at = number(facts["offset"])
    begin, name = [row for row in CONFIGURATION if row[0] <= at][-1]
    place = f"lies in the {name}" if name.endswith("capabilities") else f"is byte {at - begin} of: {name}"
    shown = VIRTIO_BYTES.get(at) if "virtio" in facts.get("section", "") else None
    sides = ("stream", facts["read"]), ("destination", facts["device"])
    values = [f"{whose}: {shown(int(value, 16))}" for whose, value in sides] if shown else []
    return (f"{at:#x} {place}", *values, *([CAUSES[name]] if name in CAUSES else []))


def _virtio_id(low: int) -> str:
    return f"{TRANSITIONAL[low]}, transitional" if low in TRANSITIONAL else f"{MODERN.get(low, hex(low))}, modern"


VIRTIO_BYTES: dict[int, Callable[[int], str]] = {2: _virtio_id, 0x9A: lambda low: f"{low + 1} vectors of MSI-X"}
"""Bytes of configuration space whose meaning QEMU's virtio devices have in common (hw/virtio/virtio-pci.c)."""


def features(facts: Facts) -> Sequence[str]:
    """The features that the guest uses and the destination does not offer, with the properties that switch them."""
    device = f"{facts.get('section', '')} {facts.get('record', '')}"
    kind = next((kind for kind in FEATURES if re.search(f"(?:virtio|vhost)[-_]{kind}", device)), "")
    missing = number(facts["features"]) & ~number(facts["local"])
    return tuple(map(with_property if kind == "net" else with_known_property, bits(missing, names_of(kind))))


def names_of(kind: str) -> dict[int, str]:
    """The names of a virtio device's feature bits."""
    names, bit = dict(COMMON), 0
    for word in FEATURES.get(kind, "").split():
        if word.isdigit():
            bit = int(word)
        else:
            names[bit] = word
            bit += 1
    return names


def with_known_property(feature: str) -> str:
    """A feature with the property that switches it."""
    return f"{feature} ({PROPERTIES[feature]}=)" if feature in PROPERTIES else feature


def with_property(feature: str) -> str:
    """The same of a network device."""
    known = feature in PROPERTIES or feature in COMMON.values() or feature.startswith("bit ")
    return with_known_property(feature) if known else f"{feature} ({feature.lower()}=)"


def register(facts: Facts) -> Sequence[str]:
    """A system register of ARM, as assembly has it; QEMU's key packs coprocessor, opcodes and registers."""
    key = number(facts["register"])
    if key >> 28 & 1:
        name = f"S{key >> 14 & 3}_{key >> 11 & 7}_C{key >> 7 & 15}_C{key >> 3 & 15}_{key & 7}"
    elif key >> 15 & 1:
        name = f"p{key >> 16 & 15},{key >> 3 & 15},c{key >> 7 & 15}"
    else:
        name = f"p{key >> 16 & 15},{key >> 3 & 15},c{key >> 11 & 15},c{key >> 7 & 15},{key & 7}"
    return (f"{name} ({REGISTERS[name]})" if name in REGISTERS else name,)


def section_type(facts: Facts) -> Sequence[str]:
    """The byte that begins an item."""
    kind = number(facts["type"]) & 0xFF
    name = SECTION_TYPES.get(kind) or (f"the character {chr(kind)!r}" if chr(kind).isprintable() else "no type")
    return (f"{kind:#x} is {name}",)


def section_id(facts: Facts) -> Sequence[str]:
    """Where the footer was expected, other bytes lie."""
    read, expected = number(facts["read"]), number(facts["expected"])
    return (f"the section is number {expected:#x}; {read:#x} is " + (
        "part of some value, for numbers are small" if read > 0xFFFF else "another's number, or part of some value"),)


def ram_flags(facts: Facts) -> Sequence[str]:
    """What stands in the low bits of a page's address."""
    return tuple(bits(number(facts["flags"]), RAM_FLAGS))


def command(facts: Facts) -> Sequence[str]:
    """A command between sections."""
    return (COMMANDS.get(number(facts["command"]), "no command of any QEMU up to 11.1"),)


def equal(facts: Facts) -> Sequence[str]:
    """What the member is set by."""
    name = facts.get("member", "").rpartition(".")[2]
    return (EQUAL[name],) if name in EQUAL else ()
