"""What is measured: device states out of recorded streams.

An item is one section of a stream that a declaration took. `VMSTATE_CORPUS` names another folder of streams.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from attrs import field, frozen

from devices.catalogue import registry
from migration.inputs import opened
from migration.replica import Stream
from migration.sections import Section
from visitors import qemufile
from vmstate import Decoded, Record, VMStateError, load, save

CORPUS = Path(os.environ.get("VMSTATE_CORPUS", Path(__file__).parents[1] / "tests" / "corpus" / "streams"))
Configure = Callable[[Any, Any], None]


MACHINES = "pc72-72-nodefaults", "virtio-a-modern-72", "pc72-72-default"
"""Streams whose declared sections are a workload each."""

DEVICES = {
    "pc72-72-default": (
        "timer", "slirp", "cpu_common", "cpu", "kvm-tpr-opt", "apic", "fw_cfg", "PCIHost", "PCIBUS", "I440FX", "dma",
        "dma@1", "PIIX3", "i8259", "i8259@1", "ioapic", "vga", "hpet", "mc146818rtc", "i8254", "pcspk", "serial",
        "parallel_isa", "fdc", "ps2kbd", "ps2mouse", "pckbd", "vmmouse", "port92", "ide", "i2c_bus", "piix4_pm",
        "acpi_build", "globalstate"),
    "q100-100-default": ("cpu", "mch", "ich9_smb", "hpet"),
    "smp2-72": ("cpu", "cpu@1"),
    "vga-cirrus-72": ("cpu", "cirrus_vga"),
    "opt-suppress-vmdesc-72": ("cpu", "ide"),
    "usb-uhci-72": ("cpu",),
}
"""45 small and middle-sized devices, about as those of a PC are."""

@frozen(eq=False, slots=False)
class Item:
    """A device's bytes and the state that they are of.

    `make` gives an instance configured as the stream's was. `fresh`: one as after reset takes the bytes as well.
    """

    label: str
    record: Record[Any]
    version: int
    settings: Mapping[str, Any]
    body: bytes
    make: Callable[[], Any] = field(repr=False)
    state: Any = field(repr=False)
    fresh: bool

    def loaded(self) -> Any:
        """Another such state, with its settings: what the bytes are loaded into."""
        return load(self.make(), self.body, qemufile, settings=self.settings)

    @cached_property
    def again(self) -> Any:
        """It, when they have been loaded into it once more."""
        return load(self.loaded(), self.body, qemufile)

    @cached_property
    def new(self) -> Any:
        """A state as after reset, when they have been loaded into it."""
        return load(self.record.make(), self.body, qemufile)

    @property
    def name(self) -> str:
        """The section's name, with its instance, without its place on a bus."""
        return self.label.rpartition(":")[2].rpartition("/")[2]


@frozen
class Workload:
    """Devices that are measured together."""

    name: str
    items: list[Item]

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(len(one.body) for one in self.items)


def workloads() -> list[Workload]:
    """The machines, and the 45 devices."""
    picked = [one for stream, names in DEVICES.items() for one in items(stream) if one.name in names]
    return [*(Workload(stream, items(stream)) for stream in MACHINES), Workload(f"{len(picked)} devices", picked)]


@cache
def items(stream: str) -> list[Item]:
    """The declared sections of a stream, in order. Raises ValueError where one is not written as it was read."""
    return [_item(f"{stream}:{section.label}", decoded, bytes(section.body)) for section in sections(stream)
            if section.source == "declared" and (decoded := section.decoded) is not None]


# -- a machine's devices as the stream's were configured

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


CONFIGURED: dict[str, Configure] = {
    "ICH9LPC": _ich9, "PCIBUS": _bus, "fw_cfg": _fw_cfg, "pckbd": _keyboard,
}
"""What the other end is told on its command line, and the stream does not say."""


def _item(label: str, decoded: Decoded[Any], body: bytes) -> Item:
    record, version, settings = decoded.record, decoded.version, decoded.settings
    configure = CONFIGURED.get(record.name)

    def make() -> Any:
        target = record.make()
        if configure is not None:
            configure(target, decoded.state)
        return target

    state = load(make(), body, qemufile, version=version, settings=settings)
    if version != record.version or save(state, qemufile) != body:
        raise ValueError(f"{label} is not written as it was read")
    return Item(label, record, version, settings, body, make, state, _is_fresh(record, body, settings))


def _is_fresh(record: Record[Any], body: bytes, settings: Mapping[str, Any]) -> bool:
    """Whether a state as after reset takes the bytes, by its own settings."""
    try:
        found = load(record.make(), body, qemufile)
        return found == load(record.make(), body, qemufile, settings=settings)
    except VMStateError:
        return False


@cache
def sections(stream: str) -> list[Section]:
    """All sections of a stream but RAM's."""
    with opened(str(CORPUS / f"{stream}.qemu.zst")) as data:
        return [event for event in Stream(data, registry()).events() if isinstance(event, Section)]
