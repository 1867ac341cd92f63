"""Intel 82801AA AC'97 audio: a mixer, and three bus masters.

QEMU hw/audio/ac97.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from enum import IntFlag

from vmstate import Around, array, buffer, nested, post_load, state, uint8, uint16, uint32, unused

from ..pci.device import PciDevice

MASTERS, MIXER = 3, 256
AS_RESET = {
    0x02: 0x8000, 0x18: 0x8808, 0x1C: 0x8808, 0x26: 0x000F, 0x28: 0x0809, 0x2A: 0x0009, 0x2C: 48000, 0x2E: 48000,
    0x30: 48000, 0x32: 48000, 0x34: 48000, 0x7C: 0x8384, 0x7E: 0x7600,
}
"""The registers of the mixer that are not 0."""
HAS = {0x02: 0xBF3F, 0x18: 0x9F1F, 0x1A: 0x0707, 0x1C: 0x8F0F}
"""Bits that there are: volume of all and of PCM, what is recorded, its gain."""


class Status(IntFlag):
    """Where a bus master is."""

    HALTED = 1 << 0
    AT_LAST_VALID = 1 << 1
    LAST_VALID_DONE = 1 << 2
    BUFFER_DONE = 1 << 3
    FIFO_ERROR = 1 << 4


class Control(IntFlag):
    """What a bus master shall do."""

    RUN = 1 << 0
    RESET = 1 << 1
    INTERRUPT_LAST_VALID = 1 << 2
    INTERRUPT_ERROR = 1 << 3
    INTERRUPT_DONE = 1 << 4


@state("ac97_bm_regs")
class BusMaster:
    """A bus master, its list of buffers, and the buffer that it is at."""

    bdbar: int = uint32(means="guest address of 32 descriptors")
    civ: int = uint8(means="index of the current buffer")
    lvi: int = uint8(means="index of the last valid one")
    sr: int = uint16(reset=Status.HALTED, means=Status)
    picb: int = uint16(means="samples left in the current buffer")
    piv: int = uint8(means="index of the next buffer")
    cr: int = uint8(means=Control)
    bd_valid: int = uint32()
    bd_addr: int = uint32(name="bd.addr")
    bd_ctl_len: int = uint32(name="bd.ctl_len", means="samples; bit 31: interrupt when done, bit 30: the last")


@state("ac97", version=3, minimum=2)
class Ac97:
    """The function. Bus masters are in the order PCM in, PCM out, microphone."""

    def _is_version_2(self, around: Around) -> bool:
        return around.version == 2

    dev: PciDevice = nested(PciDevice)
    glob_cnt: int = uint32()
    glob_sta: int = uint32()
    cas: int = uint32(means="1 somebody is at the codec")
    bm_regs: list[BusMaster] = array(nested(BusMaster), MASTERS)
    mixer_data: bytearray = buffer(
        MIXER, reset=b"".join(AS_RESET.get(i, 0).to_bytes(2, "little") for i in range(0, MIXER, 2)),
        means="registers of 16 bits, little-endian")
    _active = unused(3, when=_is_version_2)

    @post_load
    def _mask(self, version: int) -> None:
        for at, bits in HAS.items():
            value = int.from_bytes(self.mixer_data[at : at + 2], "little") & bits
            self.mixer_data[at : at + 2] = value.to_bytes(2, "little")
