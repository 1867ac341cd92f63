"""An SD card, or an eMMC.

QEMU hw/sd/sd.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. An eMMC's partition that is
protected against replay (11.1) is not here: QEMU gives two subsections one name there, and cannot load what it sends.
"""

from enum import IntEnum

from vmstate import (
    allow,
    array,
    bitmap,
    boolean,
    buffer,
    int32,
    local,
    pre_load,
    setting,
    state,
    subsection,
    timer,
    uint8,
    uint16,
    uint32,
    uint64,
    unused,
)

WORD, MOST_WORDS_LOG = 64, 14
ALL_VOLTAGES, POWERED_UP, HIGH_CAPACITY = 0x00FF_8000, 1 << 31, 1 << 30
LARGEST_STANDARD = 2 << 30
NOWHERE = 0xFFFF_FFFF
BLOCK = 512
EMMC_CSD = 3


class Mode(IntEnum):
    """Which commands are taken."""

    INACTIVE = 0
    IDENTIFICATION = 1
    TRANSFER = 2


class CardState(IntEnum):
    """Where the card is between identification and transfer."""

    WAITS_FOR_INTERRUPT = -2
    INACTIVE = -1
    IDLE = 0
    READY = 1
    IDENTIFICATION = 2
    STANDBY = 3
    TRANSFER = 4
    SENDING_DATA = 5
    RECEIVING_DATA = 6
    PROGRAMMING = 7
    DISCONNECTED = 8
    BUS_TEST = 9
    SLEEP = 10
    INPUT_OUTPUT = 15


def _is_mode(ahead: memoryview) -> bool:
    """It is not 0 once a card is spoken to, and the state behind it not idle. Of a new card nothing tells."""
    return any(ahead[:4]) or not any(ahead[4:8])


def _is_enabled(ahead: memoryview) -> bool:
    """A zero where it is not sent, and 1 but for a slot that is turned off."""
    return any(ahead[:1])


@state("sd-card", version=2)
class SdCard:
    """The registers, what is locked and protected, and the command that is going on."""

    def _sends_mode(self) -> bool:
        return self.mode_sent

    def _omits_mode(self) -> bool:
        return not self.mode_sent

    def _sends_enable(self) -> bool:
        return self.enable_sent

    def _omits_enable(self) -> bool:
        return not self.enable_sent

    size: int = local(0)  # of the drive, in bytes

    mode_sent: bool = setting(True, False, told=_is_mode)  # gone in 11.1
    mode: int = uint32(when=_sends_mode, means=Mode)
    _no_mode = unused(4, when=_omits_mode)
    state: int = int32(means=CardState)
    cid: list[int] = array(uint8(), 16)
    csd: list[int] = array(uint8(), 16)
    rca: int = uint16()
    card_status: int = uint32(reset=0x100)
    sd_status: bytearray = buffer(1)
    vhs: int = uint32()
    protection_words: int = setting(1, *(2**n + 1 for n in range(MOST_WORDS_LOG + 1)))  # a bit per 2 MiB, and one more
    wp_group_bmap: int = bitmap("protection_bits", was="wp_groups")
    blk_len: int = uint32(reset=BLOCK)
    multi_blk_cnt: int = uint32()
    erase_start: int = uint32(reset=NOWHERE)
    erase_end: int = uint32(reset=NOWHERE)
    pwd: list[int] = array(uint8(), 16)
    pwd_len: int = uint32()
    function_group: list[int] = array(uint8(), 6)
    current_cmd: int = uint8()
    expecting_acmd: bool = boolean()
    blk_written: int = uint32()
    data_start: int = uint64()
    data_offset: int = uint32()
    data: list[int] = array(uint8(), BLOCK)
    _second_block = unused(512, since=1)
    enable_sent: bool = setting(False, True, told=_is_enabled)  # gone in 10.0
    enable: bool = boolean(reset=True, when=_sends_enable)
    _no_enable = unused(1, when=_omits_enable)

    @property
    def protection_bits(self) -> int:
        """Bits of the map, with those that fill up its last word."""
        return WORD * self.protection_words

    _new = allow("VL301", "a new card is not powered up, and QEMU sends the register")

    @subsection("sd-card/ocr-state", version=1)
    def _is_powering_up(self) -> bool:
        return not self.ocr & POWERED_UP

    ocr: int = uint32(reset=ALL_VOLTAGES)
    ocr_power_timer: int | None = timer()

    # in QEMU 10.0, not in 7.2
    @subsection("sd-card/ext_csd_modes-state", version=1)
    def _has_extended_registers(self) -> bool:
        """Of an eMMC alone: its CSD has a structure of its own."""
        return self.csd[0] >> 6 == EMMC_CSD

    ext_csd_rw: list[int] = array(uint8(), 192)

    @pre_load
    def _power_up(self) -> None:
        """What a stream without the register means."""
        self.ocr |= POWERED_UP | (HIGH_CAPACITY if self.size > LARGEST_STANDARD else 0)
