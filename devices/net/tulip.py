"""DEC 21143 (Tulip) fast ethernet. Its EEPROM is a section of its own.

QEMU hw/net/tulip.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import array, buffer, nested, state, uint8, uint16, uint32, uint64

from ..pci.device import PciDevice

FRAME, FILTER, ADDRESS = 2048, 16, 6
REGISTERS = (
    0xFE00_0000, 0xFFFF_FFFF, 0xFFFF_FFFF, 0, 0, 0xF000_0000, 0x3200_0040, 0xF3FE_0000, 0xE000_0000, 0xFFF4_83FF, 0,
    0xFFFE_0000, 0x0000_00C6, 0xFFFF_0000, 0xFFFF_FFFF, 0x8FF0_0000,
)


@state("tulip", version=0)
class Tulip:
    """The card: registers, the frames that are being received and sent."""

    dev: PciDevice = nested(PciDevice)
    csr: list[int] = array(uint32(), len(REGISTERS), reset=REGISTERS)
    old_csr9: int = uint32()
    mii_word: int = uint32(means="what was shifted in for the transceiver")
    mii_bitcnt: int = uint32()
    current_rx_desc: int = uint64()
    current_tx_desc: int = uint64()
    rx_frame: bytearray = buffer(FRAME)
    tx_frame: bytearray = buffer(FRAME)
    rx_frame_len: int = uint16(means="bytes that the guest has not got yet")
    tx_frame_len: int = uint16()
    rx_frame_size: int = uint16()
    rx_status: int = uint32()
    filter: list[list[int]] = array(array(uint8(), ADDRESS), FILTER)
