"""AMD PCnet-PCI II (Am79C970A) ethernet, and the Lance of a SPARCstation. Both and their common part have one name.

QEMU hw/net/pcnet.c, pcnet-pci.c, lance.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import Around, array, buffer, int32, nested, state, timer, uint16, uint32, uint64, unused

from ..pci.device import PciDevice

CSR, BCR = 128, 32
PROM = bytes(9) + b"\x11" + bytes(2) + b"\xbf\x00WW"
"""Of the network address 0: a hardware id, the sum of all bytes, two letters that drivers look for."""
CONTROL = {
    0: 0x0004, 4: 0x0115, 72: 1, 74: 1, 76: 1, 78: 1, 80: 0x1410, 88: 0x1003, 89: 0x0262, 100: 0x0200, 103: 0x0105,
}
BUS = {
    0: 0x0005, 1: 0x0005, 2: 0x0002, 4: 0x00C0, 5: 0x0084, 6: 0x0088, 7: 0x0090, 18: 0x9001, 19: 0x0002, 20: 0x0200,
    22: 0xFF06,
}


@state("pcnet", version=3, minimum=2)
class Pcnet:
    """The chip: control and status registers, bus control registers, the packet that is being sent."""

    def _is_version_2(self, around: Around) -> bool:
        return around.version == 2

    rap: int = int32(means="the register that is read and written next")
    isr: int = int32(means="whether it interrupts")
    lnkst: int = int32(reset=0x40, means="0x40 the link is up")
    rdra: int = uint32(means="where the ring of receive descriptors is")
    tdra: int = uint32(means="where the ring of transmit descriptors is")
    prom: bytearray = buffer(16, reset=PROM, means="network address, hardware id, sum")
    csr: list[int] = array(uint16(), CSR, reset=[CONTROL.get(i, 0) for i in range(CSR)])
    bcr: list[int] = array(uint16(), BCR, reset=[BUS.get(i, 0) for i in range(BCR)])
    polled: int = uint64(name="timer", means="ns: when the descriptors were looked at last")
    xmit_pos: int = int32()
    frame: bytearray = buffer(4096, name="buffer", means="the packet that is being sent")
    _unused = unused(4, when=_is_version_2)
    tx_busy: int = int32()
    poll_timer: int | None = timer()


@state("pcnet", version=3, minimum=2)
class PciPcnet:
    """The card on PCI."""

    parent: PciDevice = nested(PciDevice, name="parent_obj")
    state: Pcnet = nested(Pcnet)


@state("pcnet", version=3, minimum=2)
class Lance:
    """The chip on a board."""

    state: Pcnet = nested(Pcnet)
