"""virtio-mem: memory plugged in blocks. Which are plugged goes ahead of RAM, in a section of its own.

QEMU hw/virtio/virtio-mem.c; checked against QEMU 5.2, 7.2, 10.0. QEMU 7.2 has no section ahead.
"""

from typing import Protocol

from vmstate import (
    HookRefused,
    again,
    bitmap,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    tmp,
    uint32,
    uint64,
)

from .common import Virtio


class Checked(Protocol):
    """A device that both ends configure alike."""

    checks: "SanityChecks"


@state("virtio-mem-device/sanity-checks", version=0)
class SanityChecks:
    """What both ends are configured with."""

    addr: int = uint64(means="memaddr=")
    region_size: int = uint64(means="size of memdev=")
    block_size: int = uint64(means="block-size=")
    node: int = uint32(means="node=")

    @classmethod
    def pack(cls, device: Checked) -> "SanityChecks":
        """As the device is."""
        return device.checks

    def unpack(self, device: Checked) -> None:
        """Into the device, which compares when all is read."""
        device.checks = self

    def compare(self, sent: "SanityChecks") -> None:
        """Raises HookRefused where something else was sent than is configured."""
        if sent != self:
            raise HookRefused(f"{sent} came, where {self} is configured")


def _blocks(device: Checked) -> int:
    checks = device.checks
    return checks.region_size // checks.block_size if checks.block_size else 0


@state("virtio-mem-device-early", early=True)
class VirtioMemEarly:
    """The section ahead of RAM."""

    checks: SanityChecks = local(SanityChecks)
    configured: SanityChecks = local(SanityChecks)

    _tmp = tmp(SanityChecks)
    size: int = uint64(means="bytes plugged")
    plugged: int = bitmap(_blocks, name="bitmap", means="bit i: block i is plugged")

    @pre_load
    def _remember(self) -> None:
        self.configured = self.checks

    @post_load
    def _compare(self, version: int) -> None:
        self.configured.compare(self.checks)


@state("virtio-mem-device")
class MemDevice:
    """What the guest may change while RAM is on its way; without the section ahead everything."""

    def _has_all(self) -> bool:
        return not self.early_migration

    early_migration: bool = setting(True, False)  # x-early-migration=, off for machine types up to 7.2

    checks: SanityChecks = local(SanityChecks)
    configured: SanityChecks = local(SanityChecks)

    _tmp = tmp(SanityChecks, when=_has_all)
    usable_region_size: int = uint64(means="bytes the guest may have plugged")
    size: int = uint64(when=_has_all, means="bytes plugged")
    requested_size: int = uint64(means="bytes that shall be plugged")
    plugged: int = bitmap(_blocks, when=_has_all, name="bitmap", means="bit i: block i is plugged")

    @pre_load
    def _remember(self) -> None:
        self.configured = self.checks

    @post_load
    def _compare(self, version: int) -> None:
        self.configured.compare(self.checks)


@state("virtio-mem", info="virtio")
class VirtioMem:
    """The device."""

    virtio: Virtio = nested(Virtio)
    mem: MemDevice = nested(MemDevice)
    _later = again("virtio", nested(Virtio.later))
