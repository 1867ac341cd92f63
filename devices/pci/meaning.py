"""What a PCI configuration space says: its registers by name, its base addresses, its capabilities.

PCI Local Bus 3.0 chapter 6, PCI Express Base chapter 7; numbers as in QEMU include/standard-headers/linux/pci_regs.h,
linux/virtio_pci.h and hw/pci/pci_ids.h of 10.0.
"""

from collections.abc import Callable, Iterator

from vmstate import Register, Told

from .device import CONVENTIONAL_SIZE, EXPRESS, MSIX, capabilities

POWER, MSI, VENDOR = 0x01, 0x05, 0x09
TYPE, BRIDGE, MULTIFUNCTION = 0x0E, 1, 0x80
BARS, BRIDGE_BARS = 6, 2
ROM, BRIDGE_ROM = 0x30, 0x38
IO, WIDE_BAR = 0x01, 0b100
VIRTIO = 0x1AF4
OTHER = 0x80  # in every class: none of those that have a number
EXTENDED = 0x100  # where extended capabilities begin

COMMAND = Register(dict(zip((1 << bit for bit in range(11)), (
    "IO", "MEMORY", "MASTER", "SPECIAL", "INVALIDATE", "VGA_PALETTE", "PARITY", "WAIT", "SERR", "FAST_BACK",
    "INTX_DISABLE"), strict=True)))
STATUS = Register({
    1 << 0: "IMM_READY", 1 << 3: "INTERRUPT", 1 << 4: "CAP_LIST", 1 << 5: "66MHZ", 1 << 6: "UDF", 1 << 7: "FAST_BACK",
    1 << 8: "PARITY", 3 << 9: ("", "DEVSEL_MEDIUM", "DEVSEL_SLOW"), 1 << 11: "SIG_TARGET_ABORT",
    1 << 12: "REC_TARGET_ABORT", 1 << 13: "REC_MASTER_ABORT", 1 << 14: "SIG_SYSTEM_ERROR", 1 << 15: "DETECTED_PARITY"})
BRIDGE_CONTROL = Register({
    1 << 0: "PARITY", 1 << 1: "SERR", 1 << 2: "ISA", 1 << 3: "VGA", 1 << 5: "MASTER_ABORT", 1 << 6: "BUS_RESET",
    1 << 7: "FAST_BACK"})
POWER_STATE = Register({3: ("D0", "D1", "D2", "D3"), 1 << 3: "NO_SOFT_RESET", 1 << 8: "PME_ENABLE",
                        0xF << 9: "data", 3 << 13: "scale", 1 << 15: "PME_STATUS"})
MSI_CONTROL = Register({1 << 0: ("disabled", "enabled"), 7 << 1: "", 7 << 4: "", 1 << 7: "64 bits", 1 << 8: "maskable"})
MSIX_CONTROL = Register({1 << 15: ("disabled", "enabled"), 1 << 14: "all masked", 0x7FF: ""})
LINK = Register({0xF: ("", "2.5 GT/s", "5 GT/s", "8 GT/s", "16 GT/s", "32 GT/s", "64 GT/s"), 0x3F << 4: "width",
                 1 << 11: "training", 1 << 12: "", 1 << 13: "active", 1 << 14: "bandwidth changed",
                 1 << 15: "bandwidth changed by itself"})
PORTS = {0: "endpoint", 1: "legacy endpoint", 4: "root port", 5: "upstream port", 6: "downstream port",
         7: "bridge to PCI", 8: "bridge from PCI", 9: "integrated endpoint", 10: "root complex event collector"}
CLASSES: dict[int, tuple[str, dict[int, str]]] = {
    0x00: ("without a class", {0x01: "VGA"}),
    0x01: ("storage", {0: "SCSI", 1: "IDE", 2: "floppy", 4: "RAID", 5: "ATA", 6: "SATA", 7: "SAS", 8: "NVMe"}),
    0x02: ("network", {0: "Ethernet"}),
    0x03: ("display", {0: "VGA", 1: "XGA", 2: "3D"}),
    0x04: ("multimedia", {0: "video", 1: "audio", 2: "telephone", 3: "HD audio"}),
    0x05: ("memory", {0: "RAM", 1: "flash", 2: "CXL"}),
    0x06: ("bridge", {0: "host", 1: "ISA", 2: "EISA", 4: "PCI", 5: "PCMCIA", 7: "CardBus"}),
    0x07: ("communication", {0: "serial", 1: "parallel", 2: "multiport serial", 3: "modem"}),
    0x08: ("system", {0: "interrupt controller", 1: "DMA", 2: "timer", 3: "RTC", 4: "hot-plug", 5: "SD", 6: "IOMMU"}),
    0x09: ("input", {0: "keyboard", 1: "pen", 2: "mouse"}),
    0x0B: ("processor", {}),
    0x0C: ("serial bus", {0: "FireWire", 3: "USB", 5: "SMBus", 7: "IPMI", 9: "CAN"}),
    0x0D: ("wireless", {}), 0x10: ("encryption", {}), 0x11: ("signal processing", {}), 0xFF: ("other", {}),
}
USB = {0x00: "UHCI", 0x10: "OHCI", 0x20: "EHCI", 0x30: "xHCI"}
CAPABILITIES = {
    0x01: "PM", 0x02: "AGP", 0x03: "VPD", 0x04: "SLOTID", 0x05: "MSI", 0x06: "CHSWP", 0x07: "PCIX", 0x08: "HT",
    0x09: "VNDR", 0x0A: "DBG", 0x0B: "CCRC", 0x0C: "SHPC", 0x0D: "SSVID", 0x0E: "AGP3", 0x0F: "SECDEV", 0x10: "EXP",
    0x11: "MSIX", 0x12: "SATA", 0x13: "AF", 0x14: "EA"}
EXTENDED_CAPABILITIES = {
    0x01: "AER", 0x02: "VC", 0x03: "DSN", 0x04: "PWR", 0x05: "RCLD", 0x06: "RCILC", 0x07: "RCEC", 0x08: "MFVC",
    0x09: "VC9", 0x0A: "RCRB", 0x0B: "VNDR", 0x0C: "CAC", 0x0D: "ACS", 0x0E: "ARI", 0x0F: "ATS", 0x10: "SRIOV",
    0x11: "MRIOV", 0x12: "MCAST", 0x13: "PRI", 0x15: "REBAR", 0x16: "DPA", 0x17: "TPH", 0x18: "LTR", 0x19: "SECPCI",
    0x1A: "PMUX", 0x1B: "PASID", 0x1D: "DPC", 0x1E: "L1SS", 0x1F: "PTM", 0x23: "DVSEC", 0x25: "DLF", 0x2E: "DOE"}
VIRTIO_PARTS = {1: "common", 2: "notify", 3: "isr", 4: "device", 5: "window", 8: "shared memory", 9: "vendor"}

Space = bytes | bytearray | memoryview


def meaning(config: Space) -> dict[str, Told] | None:
    """All that is said in it; None: it is empty, or no configuration space."""
    if len(config) < CONVENTIONAL_SIZE or not any(config[:0x40]):
        return None
    found: dict[str, Told] = {"id": f"{_word(config, 0):04x}:{_word(config, 2):04x}"}
    kind = config[TYPE] & ~MULTIFUNCTION
    registers: tuple[tuple[str, Told | None], ...] = (
        ("command", COMMAND.told(_word(config, 4))), ("status", STATUS.told(_word(config, 6))),
        ("class", class_of(config[0x0B], config[0x0A], config[0x09])), ("bars", dict(bars(config, kind))),
        ("rom", _rom(config, BRIDGE_ROM if kind == BRIDGE else ROM)),
        *(_bridge(config) if kind == BRIDGE else _endpoint(config)), ("interrupt", _interrupt(config)),
        ("capabilities", dict(listed(config))), ("extended", dict(extended(config))))
    found.update((name, told) for name, told in registers if told)
    return found


def class_of(base: int, sub: int, interface: int) -> str:
    """What kind of device it is."""
    name, subs = CLASSES.get(base, (f"{base:#04x}", {}))
    kind = subs.get(sub, "other" if sub == OTHER else f"{sub:#04x}" if sub else "")
    if (base, sub) == (0x0C, 0x03):
        kind = f"{kind}, {USB.get(interface, f'{interface:#04x}')}"
    return f"{name}: {kind}" if kind else name


def bars(config: Space, kind: int) -> Iterator[tuple[str, Told]]:
    """The base addresses that are set; one of 64 bits takes two places."""
    at, most = 0, BRIDGE_BARS if kind == BRIDGE else BARS
    while at < most:
        place, value = at, _long(config, 0x10 + 4 * at)
        at += 1
        if value & IO:
            yield str(place), f"I/O at {value & ~3:#x}" if value & ~3 else "I/O"
            continue
        wide = value & 0b110 == WIDE_BAR and at < most
        address = value & ~0xF | (_long(config, 0x10 + 4 * at) << 32 if wide else 0)
        at += wide
        if value:
            form = ("64 bits" if wide else "32 bits") + (", prefetchable" if value & 8 else "")
            yield str(place), f"memory at {address:#x}, {form}" if address else f"memory, {form}"


def listed(config: Space) -> Iterator[tuple[str, Told]]:
    """The capabilities by their offset; in a list that runs in a circle each is there once."""
    for one, at in capabilities(config):
        name = CAPABILITIES.get(one, f"{one:#04x}")
        if at + 0x14 <= CONVENTIONAL_SIZE and (tell := TELLERS.get(one)) is not None:
            name = f"{name} {', '.join(filter(None, tell(config, at)))}".rstrip()
        yield f"{at:#04x}", name


def extended(config: Space) -> Iterator[tuple[str, Told]]:
    """The capabilities that only PCI Express has; none is looked at twice."""
    at, met = EXTENDED, set[int]()
    while EXTENDED <= at <= len(config) - 4 and at not in met:
        met.add(at)
        head = _long(config, at)
        if not head & 0xFFFF:
            return
        yield f"{at:#05x}", EXTENDED_CAPABILITIES.get(head & 0xFFFF, f"{head & 0xFFFF:#06x}")
        at = head >> 20 & ~3


# -- what is said of each capability

def _power(config: Space, at: int) -> list[str]:
    return _texts(POWER_STATE, _word(config, at + 4))


def _msi(config: Space, at: int) -> list[str]:
    control = _word(config, at + 2)
    wide = control >> 7 & 1
    address = _long(config, at + 4) | (_long(config, at + 8) << 32 if wide else 0)
    data = _word(config, at + (12 if wide else 8))
    used, most = 1 << (control >> 4 & 7), 1 << (control >> 1 & 7)
    return [*_texts(MSI_CONTROL, control), f"{used} of {most} vectors",
            f"address {address:#x}, data {data:#x}" if address else ""]


def _msix(config: Space, at: int) -> list[str]:
    control, table, pending = _word(config, at + 2), _long(config, at + 4), _long(config, at + 8)
    return [*_texts(MSIX_CONTROL, control), f"{(control & 0x7FF) + 1} vectors",
            f"table in BAR {table & 7} at {table & ~7:#x}", f"pending bits in BAR {pending & 7} at {pending & ~7:#x}"]


def _express(config: Space, at: int) -> list[str]:
    flags = _word(config, at + 2)
    kind = flags >> 4 & 0xF
    return [f"version {flags & 0xF}", PORTS.get(kind, f"type {kind:#x}"), *_texts(LINK, _word(config, at + 0x12))]


def _vendor(config: Space, at: int) -> list[str]:
    """Those of virtio say where its registers are."""
    if _word(config, 0) != VIRTIO:
        return []
    kind, offset, length = config[at + 3], _long(config, at + 8), _long(config, at + 12)
    return [f"virtio {VIRTIO_PARTS.get(kind, str(kind))}", f"BAR {config[at + 4]} at {offset:#x}, {length:#x} bytes"]


TELLERS: dict[int, Callable[[Space, int], list[str]]] = {
    POWER: _power, MSI: _msi, MSIX: _msix, EXPRESS: _express, VENDOR: _vendor,
}


# -- the rest of the header

def _endpoint(config: Space) -> tuple[tuple[str, Told], ...]:
    vendor, device = _word(config, 0x2C), _word(config, 0x2E)
    return (("subsystem", f"{vendor:04x}:{device:04x}" if vendor or device else ""),)


def _bridge(config: Space) -> tuple[tuple[str, Told], ...]:
    first, second, last = config[0x18:0x1B]
    return (("buses", f"from {first:#04x} to {second:#04x}..{last:#04x}" if second else ""),
            ("bridge control", BRIDGE_CONTROL.told(_word(config, 0x3E))))


def _rom(config: Space, at: int) -> str:
    value = _long(config, at)
    enabled = "enabled" if value & 1 else "disabled"
    return f"at {value & ~0x7FF:#x}, {enabled}" if value & ~0x7FF else ""


def _interrupt(config: Space) -> str:
    line, pin = config[0x3C], config[0x3D]
    return f"pin {chr(64 + pin) if pin <= 4 else pin}, line {line}" if pin else ""


def _texts(register: Register, value: int) -> list[str]:
    return [text for text in register.told(value) if isinstance(text, str)]


def _word(config: Space, at: int) -> int:
    return config[at] | config[at + 1] << 8


def _long(config: Space, at: int) -> int:
    return int.from_bytes(config[at : at + 4], "little")
