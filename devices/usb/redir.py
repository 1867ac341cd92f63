"""USB redirection: a device that a client has, over a network.

QEMU hw/usb/redirect.c, usbredir usbredirparser.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with
11.1. The parser's state is the library's own: its numbers have the host's byte order, here that of little-endian
ones.
"""

from enum import IntEnum, IntFlag

from vmstate import (
    HookRefused,
    array,
    buffer,
    check,
    constant,
    int32,
    nested,
    post_load,
    pre_save,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
)

from .device import UsbDevice, unplugged

ENDPOINTS, INTERFACES = 32, 32
MAGIC = int.from_bytes(b"1PRU", "little")
NUMBER = 4


class EndpointType(IntEnum):
    """As USB numbers them."""

    CONTROL = 0
    ISOCHRONOUS = 1
    BULK = 2
    INTERRUPT = 3
    INVALID = 255


class Speed(IntEnum):
    """Of the client's device."""

    LOW = 0
    FULL = 1
    HIGH = 2
    SUPER = 3
    UNKNOWN = 255


class Capability(IntFlag):
    """What a side can do."""

    BULK_STREAMS = 0x01
    CONNECT_DEVICE_VERSION = 0x02
    FILTER = 0x04
    DEVICE_DISCONNECT_ACK = 0x08
    ENDPOINT_MAX_PACKET_SIZE = 0x10
    IDS_OF_64_BITS = 0x20
    BULK_LENGTH_OF_32_BITS = 0x40
    BULK_RECEIVING = 0x80


@state("usb-redir-bytes")
class Bytes:
    """Bytes behind their number, as the library writes them."""

    size: int = uint32(order="little")
    data: bytearray = buffer("size")

    @property
    def length(self) -> int:
        """Bytes of both."""
        return NUMBER + len(self.data)

    @pre_save
    def _measure(self) -> None:
        self.size = len(self.data)


@state("usb-redir-parser-state")
class ParserState:
    """What both sides can do, the packet that has come in part, and packets that are still to be sent."""

    _magic = constant(uint32(order="little"), MAGIC)
    total: int = uint32(order="little", means="bytes of this state")
    our_caps: Bytes = nested(Bytes)
    peer_caps: Bytes = nested(Bytes)
    to_skip: int = uint32(order="little", means="bytes of a packet that nobody understands")
    header: Bytes = nested(Bytes)
    type_header: Bytes = nested(Bytes)
    data: Bytes = nested(Bytes)
    write_count: int = uint32(order="little")
    writes: list[Bytes] = array(nested(Bytes), "write_count")

    @check("it is as long as it says")
    def _is_whole(self) -> bool:
        return self.total == self.length

    @property
    def length(self) -> int:
        """Bytes of this state."""
        parts = (self.our_caps, self.peer_caps, self.header, self.type_header, self.data, *self.writes)
        return 4 * NUMBER + sum(part.length for part in parts)

    @property
    def peer_can(self) -> Capability:
        """What the client can do; nothing before it has said so."""
        return Capability(int.from_bytes(self.peer_caps.data[:NUMBER], "little"))

    @pre_save
    def _measure(self) -> None:
        self.write_count, self.total = len(self.writes), self.length


@state("usb-redir-parser")
class Parser:
    """The parser, if a client is connected."""

    def _is_connected(self) -> bool:
        return self.size > 0

    size: int = uint32(means="bytes of it, 0 where no client is connected")
    state: ParserState = nested(ParserState, when=_is_connected)

    @check("it is as long as it says")
    def _is_whole(self) -> bool:
        return self.size in (0, self.state.length)

    @pre_save
    def _measure(self) -> None:
        self.size = self.state.length if self.size else 0


@state("usb-redir-buffered-packet")
class BufferedPacket:
    """A packet that the client has sent ahead."""

    size: int = uint32()
    status: int = uint32(means="0 success, 1 cancelled, 2 invalid, 3 error, 4 stall, 5 timeout, 6 babble")
    data: bytearray = buffer("size")

    @pre_save
    def _measure(self) -> None:
        self.size = len(self.data)


@state("usb-redir-bufpq")
class BufferedPackets:
    """Those of an endpoint, the oldest first."""

    count: int = uint32()
    packets: list[BufferedPacket] = array(nested(BufferedPacket), "count")

    @pre_save
    def _count(self) -> None:
        self.count = len(self.packets)


@state("usb-redir-ep")
class Endpoint:
    """What the client's device has there, and what it has sent ahead."""

    type: int = uint8(means=EndpointType)
    interval: int = uint8()
    interface: int = uint8()
    max_packet_size: int = uint16(means="bytes")
    iso_started: int = uint8()
    iso_error: int = uint8()
    interrupt_started: int = uint8()
    interrupt_error: int = uint8()
    bufpq_prefilled: int = uint8()
    bufpq_dropping_packets: int = uint8()
    bufpq: BufferedPackets = nested(BufferedPackets, type="usb-redir-bufpq")
    bufpq_target_size: int = int32(means="packets")

    @subsection("usb-redir-ep/bulk-receiving")
    def _receives_bulk(self) -> bool:
        return self.bulk_receiving_started != 0

    bulk_receiving_started: int = uint8()

    @subsection("usb-redir-ep/stream-state")
    def _has_streams(self) -> bool:
        return self.max_streams != 0

    max_streams: int = uint32()


@state("usb-redir-packet-id-q")
class PacketIds:
    """Numbers of packets."""

    count: int = uint32()
    ids: list[int] = array(uint64(), "count")

    @pre_save
    def _count(self) -> None:
        self.count = len(self.ids)


@state("usb-redir-packet-id-queue")
class PacketIdQueue:
    """They, as one field."""

    queue: PacketIds = nested(PacketIds, type="usb-redir-packet-id-q")


@state("usb-redir-device-info")
class DeviceInfo:
    """Which device the client has."""

    speed: int = uint8(means=Speed)
    device_class: int = uint8()
    device_subclass: int = uint8()
    device_protocol: int = uint8()
    vendor_id: int = uint16()
    product_id: int = uint16()
    device_version_bcd: int = uint16()


@state("usb-redir-interface-info")
class InterfaceInfo:
    """Its interfaces."""

    interface_count: int = uint32()
    interface: list[int] = array(uint8(), INTERFACES)
    interface_class: list[int] = array(uint8(), INTERFACES)
    interface_subclass: list[int] = array(uint8(), INTERFACES)
    interface_protocol: list[int] = array(uint8(), INTERFACES)


@state("usb-redir")
class UsbRedirection:
    """The device as the guest has it, and the connection to the client."""

    dev: UsbDevice = nested(UsbDevice, reset=unplugged)
    attach_timer: int | None = timer()
    parser: Parser = nested(Parser, type="usb-redir-parser")
    endpoint: list[Endpoint] = array(nested(Endpoint), ENDPOINTS, since=1)
    cancelled: PacketIdQueue = nested(PacketIdQueue, since=1)
    already_in_flight: PacketIdQueue = nested(PacketIdQueue, since=1)
    device_info: DeviceInfo = nested(DeviceInfo, since=1)
    interface_info: InterfaceInfo = nested(InterfaceInfo, since=1)

    @post_load
    def _is_sensible(self, version: int) -> None:
        """As QEMU 10.0 asks; older ones stumble over it later."""
        for number, one in enumerate(self.endpoint):
            if self.parser.size and one.bulk_receiving_started and not one.max_packet_size:
                raise HookRefused(f"endpoint {number} receives packets of at most 0 bytes")
