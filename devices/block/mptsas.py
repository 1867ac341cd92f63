"""LSI SAS1068 adapter (Fusion MPT).

QEMU hw/scsi/mptsas.c; checked against QEMU 5.2, 7.2, 10.0, 11.1. Its commands are in the drives' sections.
"""

from enum import IntEnum

from vmstate import HookRefused, array, boolean, int32, nested, post_load, state, uint8, uint16, uint32, uint64

from ..pci.device import PciDevice

MESSAGE, QUEUE, PORTS = 256, 129, 8
KEYS = 4
"""How many writes to the diagnostic register open it."""

ENDS = [f"{queue}_{end}" for queue in ("request_post", "reply_post", "reply_free") for end in ("head", "tail")]


class IocState(IntEnum):
    """What the controller tells through its doorbell."""

    RESET = 0x0000_0000
    READY = 0x1000_0000
    OPERATIONAL = 0x2000_0000
    FAULT = 0x4000_0000


class Doorbell(IntEnum):
    """Which way words go through the doorbell."""

    NONE = 0
    WRITE = 1
    READ = 2


@state("mptsas", version=0)
class Mptsas:
    """The adapter: a message that goes through the doorbell, and three queues of addresses."""

    dev: PciDevice = nested(PciDevice)
    msi_in_use: bool = boolean()
    state: int = uint32(means=IocState)
    who_init: int = uint8()
    doorbell_state: int = uint8(means=Doorbell)
    doorbell_msg: list[int] = array(uint32(), MESSAGE)
    doorbell_idx: int = int32(means="words of the message that came")
    doorbell_cnt: int = int32(means="words of the message")
    doorbell_reply: list[int] = array(uint16(), MESSAGE)
    doorbell_reply_idx: int = int32()
    doorbell_reply_size: int = int32()
    diagnostic: int = uint32()
    diagnostic_idx: int = uint8()
    intr_status: int = uint32()
    intr_mask: int = uint32()
    request_post: list[int] = array(uint32(), QUEUE)
    request_post_head: int = uint16()
    request_post_tail: int = uint16()
    reply_post: list[int] = array(uint32(), QUEUE)
    reply_post_head: int = uint16()
    reply_post_tail: int = uint16()
    reply_free: list[int] = array(uint32(), QUEUE)
    reply_free_head: int = uint16()
    reply_free_tail: int = uint16()
    max_buses: int = uint16(reset=1)
    max_devices: int = uint16(reset=PORTS)
    reply_frame_size: int = uint16()
    host_mfa_high_addr: int = uint64()
    sense_buffer_high_addr: int = uint64()

    @post_load
    def _is_possible(self, version: int) -> None:
        message = self.doorbell_idx, self.doorbell_cnt
        for at, end in (message, (self.doorbell_reply_idx, self.doorbell_reply_size)):
            if at > end or end > MESSAGE:
                raise HookRefused(f"at word {at} of {end}, where {MESSAGE} fit")
        for name in ENDS:
            if getattr(self, name) > QUEUE:
                raise HookRefused(f"{name} is {getattr(self, name)}, of {QUEUE}")
        if self.diagnostic_idx > KEYS:
            raise HookRefused(f"{self.diagnostic_idx} keys of {KEYS}")
