"""virtio-net: a network card.

QEMU hw/net/virtio-net.c, hw/virtio/vhost.c; checked against QEMU 5.2, 7.2, 10.0; rss version 2 came later.
"""

from vmstate import (
    Around,
    HookRefused,
    again,
    array,
    boolean,
    buffer,
    chain,
    equal,
    local,
    nested,
    post_load,
    pre_load,
    setting,
    state,
    subsection,
    uint8,
    uint16,
    uint32,
    uint64,
)

from ..virtio.common import Virtio

MOST_PAIRS, CERTAIN_PAIRS = 511, 63
MAC_ENTRIES, VLAN_BYTES, RSS_KEY, RSS_TABLE = 64, 512, 40, 128
CTRL_GUEST_OFFLOADS = 1 << 2
OFFLOADS = 1 << 1 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10
"""Features that are offloads: guest checksums, TSO of IPv4 and IPv6, ECN, UFO."""
ALL_HASHES = 0x1FF


def _pairs_ahead(ahead: memoryview) -> int | None:
    """What may stand here: max_queue_pairs if above 1; else offloads (bits 54 and 55 are the highest), or no member."""
    told = int.from_bytes(ahead[:2], "big")
    if 1 < told <= CERTAIN_PAIRS:
        return told
    return None if CERTAIN_PAIRS < told <= MOST_PAIRS else 1


@state("vhost-user backend chunk")
class BackendChunk:
    """Up to 1 MiB of what a vhost-user back end says of itself."""

    size: int = uint32()
    data: bytearray = buffer("size")


@state("virtio-net-device", version=11)
class NetDevice:
    """The card proper: receive filter, queue pairs, offloads."""

    def _has_pairs(self) -> bool:
        return self.max_queue_pairs > 1

    def _further_pairs(self) -> int:
        return self.curr_queue_pairs - 1

    def _has_offloads(self, around: Around) -> bool:
        return bool(around.up(VirtioNet).virtio.features_low & CTRL_GUEST_OFFLOADS)

    mac: bytearray = buffer(6)
    tx_waiting: int = uint32()
    mergeable_rx_bufs: int = uint32()
    status: int = uint16(reset=1, means="1 link up, 2 announce")
    promisc: int = uint8(reset=1)
    allmulti: int = uint8()
    in_use: int = uint32(name="mac_table.in_use")
    macs: list[bytearray] = array(buffer(6), "in_use", name="mac_table.macs")
    vlans: bytearray = buffer(VLAN_BYTES, reset=b"\xff" * VLAN_BYTES)
    has_vnet_hdr: int = uint32()
    multi_overflow: int = uint8(name="mac_table.multi_overflow")
    uni_overflow: int = uint8(name="mac_table.uni_overflow")
    alluni: int = uint8()
    nomulti: int = uint8()
    nouni: int = uint8()
    nobcast: int = uint8()
    has_ufo: int = uint8()

    max_queue_pairs: int = setting(1, *range(2, MOST_PAIRS + 1), told=_pairs_ahead)
    _pairs = again("max_queue_pairs", equal(uint16(), hint="both ends need the same queues="), when=_has_pairs)
    curr_queue_pairs: int = uint16(when=_has_pairs, reset=1, was="curr_queues")
    tx_waiting_further: list[int] = array(uint32(), _further_pairs, when=_has_pairs, name="vqs_1")
    curr_guest_offloads: int = uint64(when=_has_offloads)

    rss_section = subsection("virtio-net-device/rss", version=2, minimum=1)
    rss_enabled: bool = boolean(name="rss_data.enabled")
    rss_redirect: bool = boolean(name="rss_data.redirect")
    rss_populate_hash: bool = boolean(name="rss_data.populate_hash")
    rss_hash_types: int = uint32(name="rss_data.runtime_hash_types", was="rss_data.hash_types")
    rss_supported_types: int = uint32(name="rss_data.supported_hash_types", since=2)
    rss_indirections_len: int = uint16(name="rss_data.indirections_len")
    rss_default_queue: int = uint16(name="rss_data.default_queue")
    rss_key: bytearray = buffer(RSS_KEY, name="rss_data.key")
    rss_indirections: list[int] = array(uint16(), "rss_indirections_len", name="rss_data.indirections_table")

    @rss_section.needed
    def _steers(self) -> bool:
        return self.rss_enabled

    @rss_section.post_load
    def _is_table_sensible(self, version: int) -> None:
        if version == 1:
            self.rss_supported_types = ALL_HASHES
        size = self.rss_indirections_len
        if not 0 < size <= RSS_TABLE or size & (size - 1):
            raise HookRefused(f"an indirection table has 1, 2, 4 to {RSS_TABLE} entries, not {size}")

    backend_migrates: bool = local(False)  # a vhost-user back end that can send its state; not in QEMU 7.2

    backend_section = subsection("virtio-net-device/backend", version=0, minimum=0)
    backend: list[BackendChunk] = chain(nested(BackendChunk), marker=uint32())

    @backend_section.needed
    def _has_backend_state(self) -> bool:
        return self.backend_migrates

    @backend_section.post_load
    def _note_backend(self, version: int) -> None:
        self.backend_migrates = True

    @pre_load
    def _forget(self) -> None:
        self.backend_migrates = False

    @post_load
    def _settle(self, version: int) -> None:
        if self.curr_queue_pairs > self.max_queue_pairs:
            raise HookRefused(f"{self.curr_queue_pairs} queue pairs in use, of {self.max_queue_pairs}")
        if self.in_use > MAC_ENTRIES:  # of a QEMU with a larger table
            self.in_use, self.macs = 0, []


@state("virtio-net", version=11, info="virtio")
class VirtioNet:
    """The section of one card, in the order of its bytes."""

    virtio: Virtio = nested(Virtio)
    net: NetDevice = nested(NetDevice)
    _later = again("virtio", nested(Virtio.later))

    @post_load
    def _take_all_offloads(self, version: int) -> None:
        if not self.virtio.features_low & CTRL_GUEST_OFFLOADS:
            self.net.curr_guest_offloads = self.virtio.features_low & OFFLOADS
