"""Intel HD Audio: the controller (intel-hda, ich9-intel-hda), and the codecs behind it (hda-duplex, -micro, -output).

QEMU hw/audio/intel-hda.c, hda-codec.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import (
    array,
    boolean,
    buffer,
    int64,
    local,
    nested,
    post_load,
    pre_load,
    state,
    subsection,
    timer,
    uint32,
)

from ..pci.device import PciDevice

STREAMS, CODEC_STREAMS, NUMBERS = 8, 4, 16
FIFO_READY, COMPLETED = 1 << 29, 1 << 26
RESPONSE, OVERRUN = 1 << 0, 1 << 2
CONTROLLER, GLOBAL = 1 << 30, 1 << 31
ENTRIES_256, FORMAT = 0x42, 0x11
COMPAT_BYTES, BYTES, GAIN = 256, 8192, 0x4A


@state("intel-hda-stream")
class HdaStream:
    """A stream's descriptor: control and status, and where its buffers are."""

    ctl: int = uint32(reset=FIFO_READY, means="control; bits 24 to 31 are the status")
    lpib: int = uint32(means="bytes into the buffer")
    cbl: int = uint32(means="bytes of the buffer")
    lvi: int = uint32(means="index of the last valid descriptor")
    fmt: int = uint32()
    bdlp_lbase: int = uint32()
    bdlp_ubase: int = uint32()


@state("intel-hda", version=1, minimum=0)
class IntelHda:
    """The controller: rings of commands to the codecs (CORB) and of their responses (RIRB), eight streams."""

    pci: PciDevice = nested(PciDevice)
    g_ctl: int = uint32()
    wake_en: int = uint32()
    state_sts: int = uint32(means="bit i: codec i is there, and has come since")
    int_ctl: int = uint32()
    int_sts: int = uint32(means="bit i: stream i; 30 the controller, 31 one of them that may interrupt")
    wall_clk: int = uint32(means="ticks of 24 MHz")
    corb_lbase: int = uint32()
    corb_ubase: int = uint32()
    corb_rp: int = uint32()
    corb_wp: int = uint32()
    corb_ctl: int = uint32()
    corb_sts: int = uint32()
    corb_size: int = uint32(reset=ENTRIES_256)
    rirb_lbase: int = uint32()
    rirb_ubase: int = uint32()
    rirb_wp: int = uint32()
    rirb_cnt: int = uint32(means="responses until it interrupts")
    rirb_ctl: int = uint32()
    rirb_sts: int = uint32(means="1 responses have come, 4 overrun")
    rirb_size: int = uint32(reset=ENTRIES_256)
    dp_lbase: int = uint32(means="where positions are told; bit 0: they are")
    dp_ubase: int = uint32()
    icw: int = uint32(means="the immediate command")
    irr: int = uint32(means="its response")
    ics: int = uint32(means="1 it is under way, 2 there is a response")
    st: list[HdaStream] = array(nested(HdaStream), STREAMS, means="four of input, four of output")
    rirb_count: int = uint32(means="responses since it interrupted")
    wall_base_ns: int = int64(means="ns")

    @post_load
    def _interrupt(self, version: int) -> None:
        """What waits follows from the parts."""
        controller = self.rirb_sts & (RESPONSE | OVERRUN) or self.state_sts & self.wake_en
        self.int_sts = CONTROLLER if controller else 0
        self.int_sts |= sum(1 << i for i, stream in enumerate(self.st) if stream.ctl & COMPLETED)
        if self.int_sts & self.int_ctl:
            self.int_sts |= GLOBAL


@state("hda-audio-stream", version=1, minimum=0)
class CodecStream:
    """A converter, its gains, and what is on its way between guest and host. Where one runs, QEMU throws that away."""

    buffered: bool = local(False)  # there is such a converter, and use-timer=, off for machine types up to 2.12

    stream: int = uint32(means="number of the stream that it is tuned to")
    channel: int = uint32()
    format: int = uint32()
    gain_left: int = uint32()
    gain_right: int = uint32()
    mute_left: bool = boolean()
    mute_right: bool = boolean()
    compat_bpos: int = uint32(means="bytes in use of the next")
    compat_buf: bytearray = buffer(COMPAT_BYTES)

    buffer_section = subsection("hda-audio-stream/buffer", version=1, minimum=0)
    buf: bytearray = buffer(BYTES)
    rpos: int = int64(means="bytes read, of all that ever were")
    wpos: int = int64(means="bytes written")
    buft: int | None = timer()
    buft_start: int = int64(means="ns: when it began to run")

    @buffer_section.needed
    def _is_buffered(self) -> bool:
        return self.buffered

    @buffer_section.post_load
    def _has_buffer(self, version: int) -> None:
        self.buffered = True

    @pre_load
    def _forget(self) -> None:
        self.buffered = False


def _output_and_input() -> list[CodecStream]:
    """As hda-duplex and hda-micro have them."""
    output = CodecStream(format=FORMAT, gain_left=GAIN, gain_right=GAIN, compat_bpos=COMPAT_BYTES, buffered=True)
    return [output, CodecStream(format=FORMAT, buffered=True), CodecStream(), CodecStream()]


@state("hda-audio", version=2, minimum=0)
class HdaAudio:
    """A codec: as many of four converters as it has, and which streams run."""

    st: list[CodecStream] = array(nested(CodecStream), CODEC_STREAMS, reset=_output_and_input)
    running_compat: list[bool] = array(boolean(), NUMBERS, means="output streams, as version 1 has them")
    running_real: list[bool] = array(boolean(), 2 * NUMBERS, since=2, means="input streams, then output")

    @post_load
    def _run(self, version: int) -> None:
        if version == 1:
            self.running_real[NUMBERS:] = self.running_compat
