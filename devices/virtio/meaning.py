"""What a virtio device's registers say: its status, and its features by the kind of device.

virtio 1.3, and virtio 0.9.5 for what legacy devices have; names as in QEMU include/standard-headers/linux/virtio_*.h of
10.0. Of a kind without a table the common features alone have names.
"""

from collections.abc import Sequence
from functools import cache

from vmstate import Around, Register, Told, record_of

STATUS = Register({0x01: "ACKNOWLEDGE", 0x02: "DRIVER", 0x04: "DRIVER_OK", 0x08: "FEATURES_OK", 0x40: "NEEDS_RESET",
                   0x80: "FAILED"})
ISR = Register({0x01: "QUEUE", 0x02: "CONFIG"})

COMMON = {
    24: "NOTIFY_ON_EMPTY", 27: "ANY_LAYOUT", 28: "RING_INDIRECT_DESC", 29: "RING_EVENT_IDX", 30: "BAD_FEATURE",
    32: "VERSION_1", 33: "ACCESS_PLATFORM", 34: "RING_PACKED", 35: "IN_ORDER", 36: "ORDER_PLATFORM", 37: "SR_IOV",
    38: "NOTIFICATION_DATA", 39: "NOTIF_CONFIG_DATA", 40: "RING_RESET", 41: "ADMIN_VQ"}
BLOCK = {
    0: "BARRIER", 1: "SIZE_MAX", 2: "SEG_MAX", 4: "GEOMETRY", 5: "RO", 6: "BLK_SIZE", 7: "SCSI", 9: "FLUSH",
    10: "TOPOLOGY", 11: "CONFIG_WCE", 12: "MQ", 13: "DISCARD", 14: "WRITE_ZEROES", 16: "SECURE_ERASE", 17: "ZONED"}
GPU = {0: "VIRGL", 1: "EDID", 2: "RESOURCE_UUID", 3: "RESOURCE_BLOB", 4: "CONTEXT_INIT"}
SCSI = {0: "INOUT", 1: "HOTPLUG", 2: "CHANGE", 3: "T10_PI"}
KINDS = {
    "vhost-user-blk": BLOCK,
    "virtio-9p": {0: "MOUNT_TAG"},
    "virtio-balloon": {0: "MUST_TELL_HOST", 1: "STATS_VQ", 2: "DEFLATE_ON_OOM", 3: "FREE_PAGE_HINT", 4: "PAGE_POISON",
                       5: "REPORTING"},
    "virtio-blk": BLOCK,
    "virtio-console": {0: "SIZE", 1: "MULTIPORT", 2: "EMERG_WRITE"},
    "virtio-crypto": {0: "REVISION_1", 1: "CIPHER_STATELESS_MODE", 2: "HASH_STATELESS_MODE", 3: "MAC_STATELESS_MODE",
                      4: "AEAD_STATELESS_MODE", 5: "AKCIPHER_STATELESS_MODE"},
    "virtio-gpu": GPU,
    "virtio-iommu": {0: "INPUT_RANGE", 1: "DOMAIN_RANGE", 2: "MAP_UNMAP", 3: "BYPASS", 4: "PROBE", 5: "MMIO",
                     6: "BYPASS_CONFIG"},
    "virtio-mem": {0: "ACPI_PXM", 1: "UNPLUGGED_INACCESSIBLE", 2: "PERSISTENT_SUSPEND"},
    "virtio-net": {
        0: "CSUM", 1: "GUEST_CSUM", 2: "CTRL_GUEST_OFFLOADS", 3: "MTU", 5: "MAC", 6: "GSO", 7: "GUEST_TSO4",
        8: "GUEST_TSO6", 9: "GUEST_ECN", 10: "GUEST_UFO", 11: "HOST_TSO4", 12: "HOST_TSO6", 13: "HOST_ECN",
        14: "HOST_UFO", 15: "MRG_RXBUF", 16: "STATUS", 17: "CTRL_VQ", 18: "CTRL_RX", 19: "CTRL_VLAN",
        20: "CTRL_RX_EXTRA", 21: "GUEST_ANNOUNCE", 22: "MQ", 23: "CTRL_MAC_ADDR", 50: "DEVICE_STATS",
        52: "VQ_NOTF_COAL", 53: "NOTF_COAL", 54: "GUEST_USO4", 55: "GUEST_USO6", 56: "HOST_USO", 57: "HASH_REPORT",
        59: "GUEST_HDRLEN", 60: "RSS", 61: "RSC_EXT", 62: "STANDBY", 63: "SPEED_DUPLEX"},
    "virtio-scsi": SCSI,
    "virtio-vga": GPU,
    "virtio-vhost_scsi": SCSI,
    "virtio-vhost_vsock": {0: "STREAM", 1: "SEQPACKET"},
}
"""By the name of the device's section; virtio-rng, virtio-input, virtio-rtc and virtio-fs have none."""


@cache
def register(kind: str) -> Register:
    """The features of a kind of device."""
    return Register({1 << bit: name for bit, name in sorted({**COMMON, **KINDS.get(kind, {})}.items())})


def kind_of(around: Around) -> str:
    """The kind of the device around a state: the name of its section."""
    return record_of(type(around.outermost)).name


def of_words(around: Around, words: Sequence[int]) -> list[Told]:
    """The features in the first two words of a transport, the lower first."""
    return features(kind_of(around), sum(word << 32 * i for i, word in enumerate(words[:2])))


def features(kind: str, value: int) -> list[Told]:
    """Features by name."""
    return register(kind).told(value)
