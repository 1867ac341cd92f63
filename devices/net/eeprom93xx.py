"""A serial EEPROM 93C06, 93C46, 93C56 or 93C66, which some network cards have as a section of its own.

QEMU hw/nvram/eeprom93xx.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Before version 20061113 the number of words was
a byte.
"""

from vmstate import Around, again, array, equal, state, uint8, uint16, unused

OLD, NEW = 20061112, 20061113
WORDS = 64


@state("eeprom", version=NEW, minimum=OLD)
class Eeprom93xx:
    """The memory, the command that is being shifted in, and the levels of its pins."""

    def _is_old(self, around: Around) -> bool:
        return around.version == OLD

    tick: int = uint8(means="clock ticks since the chip was selected")
    address: int = uint8()
    command: int = uint8()
    writable: int = uint8()
    eecs: int = uint8(means="chip select")
    eesk: int = uint8(means="clock")
    eedo: int = uint8(reset=1, means="data out")
    addrbits: int = uint8(reset=6)
    size: int = uint8(reset=WORDS, type="uint16_from_uint8", when=_is_old)
    _unused = unused(1, when=_is_old)
    _words = again("size", equal(uint16(), hint="both ends have the same card"), since=NEW)
    data: int = uint16(means="what is shifted in or out")
    contents: list[int] = array(uint16(), "size", reset=[0] * WORDS)
