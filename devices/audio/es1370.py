"""Ensoniq AudioPCI (ES1370): two channels that play, one that records.

QEMU hw/audio/es1370.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from enum import IntFlag

from vmstate import array, nested, post_load, state, uint32

from ..pci.device import PciDevice

CHANNELS = 3
FORMAT_BITS = 2


class Status(IntFlag):
    """Which channel wants to be served, and that something does."""

    ADC = 1 << 0
    DAC2 = 1 << 1
    DAC1 = 1 << 2
    UART = 1 << 3
    MCCB = 1 << 4
    CODEC_WRITES = 1 << 8
    CODEC_BUSY = 1 << 9
    CODEC = 1 << 10
    INTERRUPT = 1 << 31


@state("es1370_channel", version=2)
class Channel:
    """A channel, and its frame in the guest's memory: how much there is, and how far it is."""

    shift: int = uint32(means="2**shift bytes are a sample of all its sides")
    leftover: int = uint32(means="bytes of a word that was begun")
    scount: int = uint32(means="samples: lower half wanted, upper half to go")
    frame_addr: int = uint32(means="guest address")
    frame_cnt: int = uint32(means="words less one: lower half all, upper half done")


@state("es1370", version=2)
class Es1370:
    """The card. Channels are in the order DAC1, DAC2, ADC."""

    dev: PciDevice = nested(PciDevice)
    chan: list[Channel] = array(nested(Channel), CHANNELS)
    ctl: int = uint32(reset=0x01)
    status: int = uint32(reset=0x60, means=Status)
    mempage: int = uint32()
    codec: int = uint32(means="what was written to the codec last")
    sctl: int = uint32(means="formats, two bits a channel; and how interrupts come")

    @post_load
    def _derive(self, version: int) -> None:
        """The size of samples follows from the format: bit 0 stereo, bit 1 sixteen bits."""
        for i, channel in enumerate(self.chan):
            form = self.sctl >> i * FORMAT_BITS & 3
            channel.shift = (form & 1) + (form >> 1)
