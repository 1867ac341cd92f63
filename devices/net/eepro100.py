"""Intel 8255x fast ethernet (EtherExpress Pro/100): thirteen models, whose names are those of their sections.

QEMU hw/net/eepro100.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. The EEPROM is a section of its own.
"""

from vmstate import array, buffer, nested, state, uint8, uint16, uint32, unused

from ..pci.device import PciDevice

MEMORY, CONFIGURATION = 4096, 22
MANAGEMENT = bytes(16) + (1 << 21).to_bytes(4, "little")  # of the memory: the transceiver can be talked to
STANDARD = bytes(6) + b"\x30"  # of the configuration: descriptors and counters are those of an i82557
MODEL = "the model as a number: 0x82550"
TRANSCEIVER = (0x3000, 0x780D, 0x02A8, 0x0154, 0x05E1, *[0] * 11, 0x0003, 0, 0x0001, *[0] * 13)


class Card:
    """A card: its memory, where the lists of both units are, transceiver, counters, configuration."""

    dev: PciDevice = nested(PciDevice)
    _first = unused(32)
    mult: bytearray = buffer(8, means="hash of the multicast addresses")
    mem: bytearray = buffer(MEMORY, reset=MANAGEMENT, means="registers, little-endian")
    scb_stat: int = uint8(means="status and acknowledge byte")
    int_stat: int = uint8()
    _second = unused(3 * 4)
    macaddr: bytearray = buffer(6, name="conf.macaddr")
    _third = unused(19 * 4)
    mdimem: list[int] = array(
        uint16(), len(TRANSCEIVER), reset=TRANSCEIVER, means="registers of the transceiver")
    device: int = uint32(means=MODEL)
    cu_base: int = uint32(means="command unit: where its list begins")
    cu_offset: int = uint32()
    ru_base: int = uint32(means="receive unit: where its list begins")
    ru_offset: int = uint32()
    statsaddr: int = uint32(means="where the guest wants the counters")
    tx_good_frames: int = uint32(name="statistics.tx_good_frames")
    tx_max_collisions: int = uint32(name="statistics.tx_max_collisions")
    tx_late_collisions: int = uint32(name="statistics.tx_late_collisions")
    tx_underruns: int = uint32(name="statistics.tx_underruns")
    tx_lost_crs: int = uint32(name="statistics.tx_lost_crs")
    tx_deferred: int = uint32(name="statistics.tx_deferred")
    tx_single_collisions: int = uint32(name="statistics.tx_single_collisions")
    tx_multiple_collisions: int = uint32(name="statistics.tx_multiple_collisions")
    tx_total_collisions: int = uint32(name="statistics.tx_total_collisions")
    rx_good_frames: int = uint32(name="statistics.rx_good_frames")
    rx_crc_errors: int = uint32(name="statistics.rx_crc_errors")
    rx_alignment_errors: int = uint32(name="statistics.rx_alignment_errors")
    rx_resource_errors: int = uint32(name="statistics.rx_resource_errors")
    rx_overrun_errors: int = uint32(name="statistics.rx_overrun_errors")
    rx_cdt_errors: int = uint32(name="statistics.rx_cdt_errors")
    rx_short_frame_errors: int = uint32(name="statistics.rx_short_frame_errors")
    fc_xmt_pause: int = uint32(name="statistics.fc_xmt_pause")
    fc_rcv_pause: int = uint32(name="statistics.fc_rcv_pause")
    fc_rcv_unsupported: int = uint32(name="statistics.fc_rcv_unsupported")
    xmt_tco_frames: int = uint16(name="statistics.xmt_tco_frames")
    rcv_tco_frames: int = uint16(name="statistics.rcv_tco_frames")
    configuration: bytearray = buffer(CONFIGURATION, reset=STANDARD)


def model(name: str, number: int) -> type[object]:
    """The class of a model. They have the same members, and QEMU gives each a name of its own."""
    members = {key: value for key, value in vars(Card).items() if key not in ("__dict__", "__weakref__")}
    members["device"] = uint32(reset=number, means=MODEL)
    return state(name, version=3, minimum=2)(type(name.capitalize(), (), members))


I82550 = model("i82550", 0x82550)
I82551 = model("i82551", 0x82551)
I82557a = model("i82557a", 0x82557A)
I82557b = model("i82557b", 0x82557B)
I82557c = model("i82557c", 0x82557C)
I82558a = model("i82558a", 0x82558A)
I82558b = model("i82558b", 0x82558B)
I82559a = model("i82559a", 0x82559A)
I82559b = model("i82559b", 0x82559B)
I82559c = model("i82559c", 0x82559C)
I82559er = model("i82559er", 0x82559E)
I82562 = model("i82562", 0x82562)
I82801 = model("i82801", 0x82801)
