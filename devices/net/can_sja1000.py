"""Cards for the CAN bus with controllers of the type SJA1000: Kvaser PCI, Advantech PCM-3680I and MIOe-3680.

QEMU hw/net/can/can_sja1000.c, can_kvaser_pci.c, can_pcm3680_pci.c, can_mioe3680_pci.c; checked against QEMU 5.2, 7.2,
10.0, and by their descriptions with 11.1.
"""

from vmstate import array, buffer, nested, state, uint8, uint32

from ..pci.device import PciDevice

FILTERS = 4


@state("qemu_can_filter", version=1)
class CanFilter:
    """Which messages are received."""

    can_id: int = uint32()
    can_mask: int = uint32()


@state("can_sja", version=1)
class Sja1000:
    """The controller, which has two sets of registers: of `pel` (PeliCAN) and of `bas` (BasicCAN)."""

    mode: int = uint8(reset=0x01)
    status_pel: int = uint8(reset=0x3C)
    interrupt_pel: int = uint8()
    interrupt_en: int = uint8()
    rxmsg_cnt: int = uint8(means="messages")
    rxbuf_start: int = uint8()
    clock: int = uint8(means="clock divider; bit 7: PeliCAN")
    code_mask: bytearray = buffer(8)
    tx_buff: bytearray = buffer(13)
    rx_buff: bytearray = buffer(64, means="messages, a ring")
    rx_ptr: int = uint32(means="where the next message goes")
    rx_cnt: int = uint32(means="bytes")
    control: int = uint8(reset=0x01)
    status_bas: int = uint8(reset=0x0C)
    interrupt_bas: int = uint8()
    code: int = uint8()
    mask: int = uint8()
    filter: list[CanFilter] = array(nested(CanFilter), FILTERS, reset=lambda: [CanFilter() for _ in range(FILTERS)])


@state("kvaser_pci", version=1)
class Kvaser:
    """One controller behind a PCI bridge chip of the type S5920."""

    dev: PciDevice = nested(PciDevice)
    s5920_intcsr: int = uint32(means="the bridge's interrupt register")
    sja_state: Sja1000 = nested(Sja1000)


@state("mioe3680_pci", version=1)
class Mioe3680:
    """Two controllers."""

    dev: PciDevice = nested(PciDevice)
    sja_first: Sja1000 = nested(Sja1000, name="sja_state[0]")
    sja_second: Sja1000 = nested(Sja1000, name="sja_state[1]")


@state("pcm3680i_pci", version=1)
class Pcm3680i:
    """Two controllers."""

    dev: PciDevice = nested(PciDevice)
    sja_first: Sja1000 = nested(Sja1000, name="sja_state[0]")
    sja_second: Sja1000 = nested(Sja1000, name="sja_state[1]")
