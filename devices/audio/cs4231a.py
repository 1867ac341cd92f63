"""Crystal Semiconductor CS4231A.

QEMU hw/audio/cs4231a.c; checked against QEMU 5.2, 7.2, 10.0, 11.1.
"""

from vmstate import array, buffer, int32, state, uint32

REGISTERS, INDIRECT = 16, 32
AS_RESET = {
    2: 0x88, 3: 0x88, 4: 0x88, 5: 0x88, 6: 0x80, 7: 0x80, 9: 0x08, 12: 0x8A, 18: 0x88, 19: 0x88, 25: 0xA0, 26: 0xA0,
}


@state("cs4231a")
class Cs4231a:
    """The card: registers at its ports, registers by index, and what it plays."""

    regs: list[int] = array(uint32(), REGISTERS, reset=[0x40] + [0] * (REGISTERS - 1))
    dregs: bytearray = buffer(INDIRECT, reset=bytes(AS_RESET.get(i, 0) for i in range(INDIRECT)))
    dma_running: int = int32()
    audio_free: int = int32(means="bytes that the host takes")
    transferred: int = int32(means="samples since it was started, or since its last interrupt")
    aci_counter: int = int32(means="calibrations that go on")
