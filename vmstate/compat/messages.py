"""What a destination says when a load fails, as data: each message in the wording of all versions, and what it means.

The rows are numbered as in the catalogue of failures. A pattern's spaces stand for any white space, for logs are
wrapped on their way; `<form:name>` is a fact. Of two patterns that match at one place the earlier one counts.

QEMU 5.2 to 10.0 print several lines, 11.1 one chain behind `load of migration failed`: migration/savevm.c, vmstate.c,
vmstate-types.c, ram.c; hw/pci/pci.c, hw/virtio/virtio.c, target/arm/machine.c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from ..nodes import Node, node
from . import naming

FORMS = {
    "hex": "0x[0-9a-fA-F]{1,32}", "bare": "[0-9a-fA-F]{1,16}", "int": "-?[0-9]{1,20}", "word": r"\S{1,300}",
    "quoted": r"[^'\"\n]{1,300}", "name": r"[\w./:,@-]{1,300}", "member": r"[\w./@\[\]-]{1,300}",
    "first": r"(?<![\w./:,@-])[\w./:,@-]{1,300}",
}
"""What facts look like. `first` is a name that nothing precedes: where a pattern begins so, it is tried but there."""


class Rank(IntEnum):
    """How near a message is to the cause: it names it; it shows what followed; it says where; it does no harm."""

    CAUSE = 0
    SYMPTOM = 1
    PLACE = 2
    HARMLESS = 3


@node
class Message(Node):
    """One wording. `cause` and `look` (the field, property or option to look at) may name facts in braces; `rules` of
    the catalogue that speak of it; `error`: only where the load failed with it; `names` says numbers by name.
    """

    row: str
    pattern: str
    cause: str
    look: str
    rules: tuple[str, ...] = ()
    rank: Rank = Rank.CAUSE
    error: str = ""
    names: Callable[[naming.Facts], Sequence[str]] | None = None


SYMPTOM, PLACE, HARMLESS = Rank.SYMPTOM, Rank.PLACE, Rank.HARMLESS
LAYOUT = ("VM301", "VM303", "VM307", "VM311", "VM207", "VM406")
SUBSECTION = ("VM401", "VM402", "VM409")
PART = "where the two layouts part: a member added, removed, resized, or gated by something else"
REFUSED = "the destination's code refused the state of {section}, and gives no reason"
CHECKED = "{section}: the CPU model and its properties, for a CPU; else what its post_load checks"

# -- the file, its header and its configuration

FILE = (
    Message("1", r"Not a migration stream(?:,| \(bad) magic:? <bare:magic>",
            "the file does not begin with QEVM, but with the bytes {magic}", "what the file really is",
            names=naming.first_bytes),
    Message("1", "Not a migration stream", "the file does not begin with QEVM",
            "its first bytes: a compressed stream, a save file of libvirt, a disk image?"),
    Message("2", "SaveVM v2 format is obsolete", "a stream of version 2, which QEMU wrote before 0.10",
            "no QEMU of today reads it: load it with an old one, and save it again by newer ones"),
    Message("3", "Unsupported migration stream version, file version <bare:version> != <bare:local>",
            "the stream's version is {version}, and only {local} is read", "bytes 4 to 7 of the file"),
    Message("3", "Unsupported migration stream version", "the stream's version is not 3", "bytes 4 to 7 of the file"),
    Message("4", "Configuration section missing(?:, ?<bare:type> != <bare:local>)?",
            "the source sent no configuration", "-global migration.send-configuration=, or a machine type up to 2.3"),
    Message("5", "Machine type received is '<quoted:machine>' and local is '<quoted:local>'",
            "the source's machine is {machine}, the destination's {local}",
            "-M {machine}: name the version on both sides, for pc and q35 mean another in each release", ("VM108",)),
    Message("39", "Capability <word:capability> is <word:local>, but received capability is <word:received>",
            "the migration capability {capability} is {received} at the source and {local} at the destination",
            "migrate_set_capability {capability} before the load"),
    Message("39", "UUID (?:is received|received is) (?P<uuid>[0-9a-fA-F-]{1,40}),? (?:and|but) local (?:uuid|is)",
            "the source's machine has another uuid, {uuid}", "-uuid {uuid}, or the capability validate-uuid"),
    Message("39", "Received TARGET_PAGE_BITS is <int:bits> but local is <int:local>",
            "pages of 2^{bits} bytes at the source, of 2^{local} at the destination",
            "the CPU model, or the machine's version"),
    Message("35", "MIG_CMD <hex:command> unknown",
            "a command of a newer QEMU, which this one does not know",
            "a machine type up to 9.2, which does not send it; a board without versions cannot go back",
            names=naming.command),
    Message("39", "Unknown (?:savevm )?section type:? <int:type>",
            "no item begins with this byte: what precedes it was read with too few or too many bytes",
            "the section before it", LAYOUT, names=naming.section_type),
    Message("39", "Unknown (?:savevm )?section <int:number>", "a part of section {number}, which never began",
            "a stream that was cut at its beginning, or the section before it"),
    Message("38", "Expected vmdescription section, but got <int:type>", "the stream has no description at its end",
            "nothing: it loads", rank=HARMLESS, names=naming.section_type),
    Message("40", "(?:<first:machine>: )?unsupported machine type", "the destination has no such machine type",
            "-machine help: distributions have machine types of their own", ("VM108",)),
    Message("40", "bitcode error", "a snapshot of Firecracker in another version's format",
            "the same version on both sides"),
    Message("40", r"Property '<quoted:property>' not found|could not find firmware/kernel file '<quoted:file>'"
            "|'<quoted:device>' is not a valid (?:device|CPU) model|: invalid option$",
            "the destination did not start: it lacks what its command line names",
            "a property, device or file that its version has"),
)

# -- guest memory

MEMORY = (
    Message("7", r"(?:Size|Length) mismatch: (?P<block>\S{0,200}vram): <hex:size> (?:in )?!= <hex:local>",
            "video memory {block} has another size", "vgamem_mb=, vram_size_mb= or max_hostmem= of the display",
            names=naming.memory),
    Message("8", r"(?:Size|Length) mismatch: (?P<block>\S{1,200}\.rom): <hex:size> (?:in )?!= <hex:local>",
            "the option ROM {block} has another size: its file grew", "romsize= of the device, or the same ROM file",
            names=naming.memory),
    Message("6", "(?:Size|Length) mismatch: <word:block>: <hex:size> (?:in )?!= <hex:local>",
            "memory block {block} has another size", "-m, or the size of the file or device behind it",
            names=naming.memory),
    Message("10", r'Unknown ramblock "(?P<block>pc\.bios|system\.flash[0-9]|pc\.rom)"',
            "firmware {block} is in another place at the destination", "-bios against -drive if=pflash or pflash0="),
    Message("9", 'Unknown ramblock "<quoted:block>"',
            "the destination has no memory block {block}: the device that has it is missing, or the block was renamed",
            "the device of {block} and its romfile=, on both sides", ("VM101",)),
    Message("39", r"Mismatched RAM page size <word:block> \(local\) <int:local>\s*!=\s*<int:size>",
            "block {block} has pages of {size} bytes at the source and of {local} at the destination",
            "mem-path= or huge pages of the backend"),
    Message("39", r"Mismatched GPAs for block <word:block> <int:address>\s*!=\s*<int:local>",
            "block {block} is at another guest address, which x-ignore-shared minds",
            "the devices' order, and memory that was plugged in"),
    Message("39", "Unknown combination of migration flags: <hex:flags>",
            "the flags of a page make no sense: what precedes it was misread, or a capability is on at one side alone",
            "multifd, compress, mapped-ram, postcopy: migrate_set_capability on both sides", names=naming.ram_flags),
)

# -- sections

UNKNOWN = "Unknown (?:savevm )?section or instance '"
SECTIONS = (
    Message("13", UNKNOWN + r"(?P<section>[^'\n]{1,200}/(?:(?:usb|scsi)-[^'\n]{1,50}|[0-9.]{1,20}/usb[^'\n]{1,50}))' "
            "<int:instance>",
            "the destination has no {section}: it is missing, or plugged in elsewhere",
            "port= of a USB device; channel=, scsi-id= and lun= of a SCSI device", ("VM105", "VM101")),
    Message("14", UNKNOWN + "(?P<section>cpu(?:_common)?|(?:kvm-)?apic|icp/server)' (?P<instance>[1-9][0-9]{0,9})",
            "the destination has fewer CPUs: number {instance} is missing", "-smp, and CPUs that were plugged in",
            ("VM101",)),
    Message("16", UNKNOWN + r"(?P<section>vga|npcm7xx-gcr|s390_css|[^'\n]{1,200}/raven)' <int:instance>",
            "a section that QEMU renamed or lost between two versions, or a device that is missing",
            "if both sides have it, it is a bug of the newer version: {section} used to be read", ("VM103", "VM101")),
    Message("15", UNKNOWN + r"(?P<section>hpet|fdc|arm_gic[^'\n]{0,20}|pckbd|vmmouse|pcspk|ps2(?:kbd|mouse)|serial|"
            r"pflash_cfi0[12]|parallel_isa|smbus-eeprom|piix4_pm|ich9_pm|virtio-mmio)' <int:instance>",
            "the board has no {section} number {instance} at the destination",
            "properties of the machine (hpet=, gic-version=, i8042=, usb=), or a second one of it", ("VM101",)),
    Message("11", UNKNOWN + "<quoted:section>' <int:instance>",
            "the destination has no {section}: the device is missing, or is in another slot",
            "-device of it, with the same bus= and addr=", ("VM101", "VM105")),
    Message("17", r"unsupported version <int:version> for '<quoted:section>' v<int:local>",
            "{section} was saved in version {version}, and the destination reads up to {local}: the source is newer",
            "an older machine type at the source, if that lowers the version", ("VM201",)),
    Message("18", "<first:record>: incoming version_id <int:version> is too old for local minimum version_id "
            "<int:local>",
            "{record} was saved in version {version}, and the destination reads from {local} on: it dropped the older",
            "a QEMU in between, to load and save again", ("VM203",)),
    Message("19", "<first:record>: incoming version_id <int:version> is too new for local version_id <int:local>",
            "{record} was saved in version {version}, and the destination reads up to {local}: the source is newer",
            "the subsection's version, which does travel; an older machine type at the source", ("VM407",)),
    Message("18", "<first:record> too old", "an element of a queue in a version that the destination dropped",
            "{record}", ("VM203",)),
    Message("19", "<first:record> too new", "an element of a queue in a newer version than the destination's",
            "{record}", ("VM407",)),
    Message("20", "VM subsection '<quoted:subsection>' in '<quoted:record>' does not exist",
            "the stream holds the subsection {subsection}, which the destination does not know",
            "what makes it needed at the source: a property, or a state of the guest", SUBSECTION),
    Message("14b", r"Missing section footer for (?P<section>\S{0,200}piix4_pm)(?=[\s\S]{1,200}Section footer error)",
            "the reader of piix4_pm wanted another number of bytes: CPU hotplug has an array as long as -smp says",
            "-smp and maxcpus=: the count is configuration, and the destination's is larger", ("VM311",), SYMPTOM),
    Message("21", "Missing section footer for <word:section>",
            "the reader of {section} took too many bytes or too few: the lists of members differ",
            PART, LAYOUT, SYMPTOM),
    Message("22", "Mismatched section id in footer for <word:section> - read <hex:read> expected <hex:expected>",
            "the reader of {section} took too many bytes or too few, and a byte there happened to look like a footer",
            PART, LAYOUT, SYMPTOM, names=naming.section_id),
    Message("36", "State blocked by non-migratable (?:CPU )?device '?<quoted:section>(?:'|$)",
            "{section} cannot be migrated", "leave the device out, or unplug it before", ("VM106",)),
)

# -- values that a device refuses

VALUES = (
    Message("23", "Bad config data: i=(?P<offset>0x[0-2]?[0-9a-f]|0x3[0-3]) read: <bare:read> device: <bare:device>",
            "byte {offset} of PCI configuration space is 0x{read} in the stream and 0x{device} at the destination: "
            "the device is another one", "the device's model and mode", ("VM605",), names=naming.configuration),
    Message("24", "Bad config data: i=<hex:offset> read: <bare:read> device: <bare:device>",
            "byte {offset} of PCI configuration space is 0x{read} in the stream and 0x{device} at the destination",
            "the property that moves or fills that byte", ("VM605",), names=naming.configuration),
    Message("26", r"Input validation failed: (?P<record>\S{1,200})/(?P<member>[^\n]{1,200}?)(?: version_id: \d+)?$",
            "{record} refuses its values: {member}", "the property behind it", ("VM601",)),
    Message("27", r"VQ <int:queue> vring\.num <int:size> exceeds allocated max 0\b",
            "queue {queue} has {size} entries in the stream, and does not exist at the destination",
            "num-queues= or queues= of the device, fewer than at the source", ("VM606",)),
    Message("27", r"VQ <int:queue> vring\.num <int:size> exceeds allocated max <int:max>",
            "queue {queue} has {size} entries in the stream, and at most {max} at the destination",
            "queue-size= of the device; or the check itself, new in 11.1, which refuses what 10.0 sends",
            ("VM601", "VM606")),
    Message("28", r"Features <hex:features> unsupported\. Allowed features: <hex:local>",
            "the guest uses features that the destination's device, or the host behind it, does not offer",
            "these features, switched off at the source before the guest starts", names=naming.features),
    Message("29", r"VQ <int:queue> (?:size 0x\w+ < last_avail_idx|[^\n]{1,100} inconsistent with Host index)",
            "the indices of queue {queue} do not fit its ring in guest memory: it was read before its address, the "
            "memory is not the stream's, or what precedes it was misread",
            "the order of subsections and post_load; memory that was not sent", ("VM607",)),
    Message("31", "Invalid value <int:value> expecting positive value <= <int:max>",
            "{member} is {value} in the stream, and the destination has room for {max}",
            "what {member} counts: the CPU model, or a version with fewer", ("VM606",)),
    Message("32", "cpreg_only_in_incoming_stream: system register <hex:register>",
            "the stream has system registers that the destination's CPU lacks",
            "-cpu, and CPU properties; or a version that dropped them", ("VM604",), names=naming.register),
    Message("32", "cpreg_missing_in_incoming_stream: system register <hex:register>",
            "the destination's CPU has system registers that the stream lacks: they keep their reset values",
            "nothing: it goes on", rank=HARMLESS, names=naming.register),
    Message("34", r"<first:function>: Assertion [`'\u2018](?P<assertion>[^\n]{1,300}?)['\u2019] failed",
            "the destination crashed: {function} does not expect what was loaded",
            "a bug of the destination, which should refuse: report it with the stream"),
    Message("25", r"^(?:\S{1,100} )?(?:\S{1,300}: )?<bare:local> != <bare:value>$",
            "{member} has to be equal on both sides: 0x{value} in the stream, 0x{local} at the destination",
            "the property that sets {member}", ("VM605",), names=naming.equal),
)

# -- where it was seen: these count where nothing better is said

FAILED = "(?:error while loading state|Failed to load|load of migration failed|while loading VM state)"
PLACES = (
    Message("37", FAILED + "|Unable to read ID string|Failed to read section ID|Read section footer failed",
            "the stream ends here, inside {section}", "the file's length, and how it was copied", (), PLACE, "EIO"),
    Message("20", "error while loading state for instance",
            "the stream holds a subsection of {section} that the destination does not know",
            "the subsections of {section} in the stream: one is new, or was renamed", SUBSECTION, PLACE, "ENOENT"),
    Message("33", "(?:post|pre) load hook failed for", REFUSED, CHECKED, ("VM607",), PLACE),
    Message("30", r"Failed to load (?:element of type|\S{1,300}:)",
            "{member} of {section} was refused, and no reason is given",
            "what its reader wants to be equal: the number of ports, queues or elements", ("VM605",), PLACE),
    Message("33", "error while loading state", REFUSED, CHECKED, ("VM607",), PLACE),
    Message("21", "Section footer error, section_id: <int:number>",
            "the reader of section {number} took too many bytes or too few", PART, LAYOUT, PLACE),
)

MESSAGES = (*FILE, *MEMORY, *SECTIONS, *VALUES, *PLACES)

CONTEXT = (
    "error while loading state for instance <hex:instance> of device '<quoted:section>'",
    r"error while loading state section id <int:id>\((?P<section>[^)\n]{1,300})\)",
    "Failed to load <name:record>:<member:member>",
    r"Failed to load <name:record> state: stream error",
    "Failed to load element of type [^\n]{1,100}? for <member:member>",
    "(?:post|pre) load hook failed for: '?(?P<record>[^,'\n]{1,300})",
)
"""Facts for the messages around them; the first one counts."""
