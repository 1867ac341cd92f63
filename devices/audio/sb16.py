"""Creative Sound Blaster 16.

QEMU hw/audio/sb16.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. QEMU up to 7.2 sends what the card is wired to; 10.0
leaves that out.
"""

from vmstate import again, buffer, int32, setting, state, uint8, uint32, unused

IN, OUT, MIXER = 10, 50, 256
WIRES = 5 * 4
"""Bytes that tell how the card is wired."""
MID, LEVEL = 4 << 5 | 4 << 1, 0x20
KNOWN = {
    0x02: 4, 0x04: MID, 0x06: 4, 0x08: 0, 0x0A: 0, 0x0C: 0, 0x0E: 0, 0x22: MID, 0x26: MID,
    **dict.fromkeys(range(0x30, 0x48), LEVEL), 0x7F: 0, 0x80: 0x02, 0x81: 0x22, 0x82: 0x40,
}
"""Registers of the mixer at reset, with interrupt 5, DMA channels 1 and 5; others are 0xff."""


def _wires_ahead(ahead: memoryview) -> bool:
    """A card that is wired to nothing there is not."""
    return any(ahead[:WIRES])


@state("sb16")
class Sb16:
    """The card: signal processor (DSP), advanced signal processor (CSP), mixer."""

    def _tells_wires(self) -> bool:
        return self.tells_wires

    def _tells_none(self) -> bool:
        return not self.tells_wires

    tells_wires: bool = setting(False, True, told=_wires_ahead)
    irq: int = uint32(reset=5, when=_tells_wires)
    dma: int = uint32(reset=1, when=_tells_wires)
    hdma: int = uint32(reset=5, when=_tells_wires)
    port: int = uint32(reset=0x220, when=_tells_wires)
    ver: int = uint32(reset=0x0405, when=_tells_wires)
    _wires = unused(WIRES, when=_tells_none)
    in_index: int = int32(range=(0, IN), means="parameters of a command that have come")
    out_data_len: int = int32(range=(0, OUT), means="bytes to be read")
    fmt_stereo: int = int32()
    fmt_signed: int = int32()
    fmt_bits: int = int32()
    fmt: int = uint32(means="0 u8, 1 s8, 2 u16, 3 s16")
    dma_auto: int = int32(means="1 a block is played over and over")
    block_size: int = int32(means="bytes")
    fifo: int = int32()
    freq: int = int32(means="Hz")
    time_const: int = int32(means="the frequency as old cards have it; -1: not set")
    speaker: int = int32()
    needed_bytes: int = int32(means="parameters that the command has")
    cmd: int = int32(reset=-1, means="the command that waits for parameters; -1: none")
    use_hdma: int = int32()
    highspeed: int = int32()
    can_write: int = int32(reset=1)
    v2x6: int = int32()
    csp_param: int = uint8()
    csp_value: int = uint8()
    csp_mode: int = uint8()
    _param_again = again("csp_param", uint8())
    csp_regs: bytearray = buffer(256, reset=b"\0\0\0\0\0\x01\0\0\0\xf8")
    csp_index: int = uint8()
    csp_reg83: bytearray = buffer(4)
    csp_reg83r: int = int32()
    csp_reg83w: int = int32()
    in2_data: bytearray = buffer(IN)
    out_data: bytearray = buffer(OUT)
    test_reg: int = uint8()
    last_read_byte: int = uint8()
    nzero: int = int32()
    left_till_irq: int = int32(means="bytes")
    dma_running: int = int32()
    bytes_per_second: int = int32()
    align: int = int32(means="bytes of a sample, less one")
    mixer_nreg: int = int32(means="the register that is read and written next")
    mixer_regs: bytearray = buffer(MIXER, reset=bytes(KNOWN.get(i, 0xFF) for i in range(MIXER)))
