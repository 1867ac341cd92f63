"""Interfaces to a board management controller (IPMI): KCS and BT, at ISA ports or as PCI functions, and over SMBus.

QEMU hw/ipmi/ipmi_kcs.c, ipmi_bt.c, isa_ipmi_kcs.c, isa_ipmi_bt.c, pci_ipmi_kcs.c, pci_ipmi_bt.c, smbus_ipmi.c; checked
against QEMU 5.2, 7.2, 10.0, and by their descriptions with 11.1.
"""

from enum import IntFlag

from vmstate import (
    Around,
    array,
    boolean,
    int16,
    nested,
    post_load,
    state,
    uint8,
    uint32,
    unused,
)

from ..pci.device import PciDevice
from .smbus_device import SmbusDevice

LONGEST_MESSAGE = 300
SSIF_MESSAGE, SSIF_CHUNK = 255, 32


class KcsStatus(IntFlag):
    """Bits of the status register; the two above them are the state: idle, read, write, error."""

    OUTPUT_FULL = 0x01
    INPUT_FULL = 0x02
    ATTENTION = 0x04
    COMMAND = 0x08
    STATE = 0xC0


class BtControl(IntFlag):
    """Bits of the control register."""

    CLEAR_WRITE = 0x01
    CLEAR_READ = 0x02
    HOST_TO_BMC = 0x04
    BMC_TO_HOST = 0x08
    ATTENTION = 0x10
    HOST_BUSY = 0x40
    BMC_BUSY = 0x80


def _sane(outpos: int, outlen: int, inlen: int) -> tuple[int, int, int]:
    """The messages' lengths, and 0 for what cannot be."""
    if outlen >= LONGEST_MESSAGE or outpos >= outlen:
        outpos = outlen = 0
    return outpos, outlen, inlen if inlen < LONGEST_MESSAGE else 0


@state("ipmi-interface-kcs", version=2, minimum=1)
class Kcs:
    """Keyboard controller style: a byte at a time. Version 1 lacks the messages' lengths."""

    def _is_version_1(self, around: Around) -> bool:
        return around.version <= 1

    obf_irq_set: bool = boolean()
    atn_irq_set: bool = boolean()
    _use_irq = unused(1, when=_is_version_1)
    irqs_enabled: bool = boolean()
    outpos: int = uint32()
    outlen: int = uint32(since=2)
    outmsg: list[int] = array(uint8(), LONGEST_MESSAGE)
    inlen: int = uint32(since=2)
    inmsg: list[int] = array(uint8(), LONGEST_MESSAGE)
    write_end: bool = boolean()
    status_reg: int = uint8(means=KcsStatus)
    data_out_reg: int = uint8()
    data_in_reg: int = int16(means="-1: not written")
    cmd_reg: int = int16(means="-1: not written")
    waiting_rsp: int = uint8(means="number of the response that is awaited")

    @post_load
    def _check(self, version: int) -> None:
        self.outpos, self.outlen, self.inlen = _sane(self.outpos, self.outlen, self.inlen)


@state("ipmi-interface-bt", version=1)
class Bt:
    """Block transfer: a message at a time."""

    obf_irq_set: bool = boolean()
    atn_irq_set: bool = boolean()
    irqs_enabled: bool = boolean()
    outpos: int = uint32()
    outlen: int = uint32()
    outmsg: list[int] = array(uint8(), LONGEST_MESSAGE)
    inlen: int = uint32()
    inmsg: list[int] = array(uint8(), LONGEST_MESSAGE)
    control_reg: int = uint8(means=BtControl)
    mask_reg: int = uint8(means="bit 0: interrupts are enabled, bit 1: one is raised")
    waiting_rsp: int = uint8(means="number of the response that is awaited")
    waiting_seq: int = uint8()

    @post_load
    def _check(self, version: int) -> None:
        self.outpos, self.outlen, self.inlen = _sane(self.outpos, self.outlen, self.inlen)


@state("ipmi-interface", version=2, minimum=1)
class IsaKcs:
    """KCS at ISA ports."""

    kcs: Kcs = nested(Kcs, version="outer")


@state("ipmi-interface-isa-bt", version=2)
class IsaBt:
    """BT at ISA ports."""

    bt: Bt = nested(Bt, since=1)


@state("ipmi-interface-pci-kcs", version=1)
class PciKcs:
    """KCS as a PCI function."""

    dev: PciDevice = nested(PciDevice)
    kcs: Kcs = nested(Kcs, since=1)


@state("ipmi-interface-pci-bt", version=1)
class PciBt:
    """BT as a PCI function."""

    dev: PciDevice = nested(PciDevice)
    bt: Bt = nested(Bt, since=1)


@state("smbus-ipmi", version=1)
class SmbusIpmi:
    """The SMBus system interface (SSIF): messages in chunks."""

    parent: SmbusDevice = nested(SmbusDevice)
    waiting_rsp: int = uint8(means="number of the response that is awaited")
    outlen: int = uint32()
    currblk: int = uint32(means="which chunk of the response is read next")
    outmsg: list[int] = array(uint8(), SSIF_MESSAGE)
    outpos: int = uint32()
    outbuf: list[int] = array(uint8(), SSIF_CHUNK + 1)
    inlen: int = uint32()
    inmsg: list[int] = array(uint8(), SSIF_MESSAGE)
