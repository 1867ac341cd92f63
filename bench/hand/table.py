"""Which devices are written by hand."""

from __future__ import annotations

from . import (
    acpi,
    char,
    disks,
    display,
    floppy,
    input,  # noqa: A004  a family of devices
    intc,
    misc,
    net,
    pci,
    processor,
    timer,
    virtio_devices,
)
from .plain import Hand

FAMILIES = acpi, char, disks, display, floppy, input, intc, misc, net, pci, processor, timer, virtio_devices
HAND: dict[type, Hand] = {kind: hand for family in FAMILIES for kind, hand in family.HAND.items()}
"""By declared class."""
