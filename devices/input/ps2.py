"""PS/2 keyboard and mouse, as the keyboard controller sees them.

QEMU hw/input/ps2.c; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import (
    boolean,
    buffer,
    int32,
    nested,
    post_load,
    state,
    subsection,
    uint8,
)

BUFFER_SIZE = 256
QUEUED, REPLIES = 16, 8  # what a keyboard queues, and the room beyond it for replies to commands
NOTHING = -1


@state("PS2 Common State", version=3, minimum=2)
class Ps2Device:
    """The command that waits for its argument, and the queue of bytes to the host."""

    write_cmd: int = int32(reset=NOTHING)
    rptr: int = int32(name="queue.rptr")
    wptr: int = int32(name="queue.wptr")
    count: int = int32(name="queue.count")
    data: bytearray = buffer(BUFFER_SIZE, name="queue.data")

    def settle(self, cwptr: int) -> int:
        """Bring the queue within its limits, given the end of the replies in it; returns the new end."""
        replies = 0 if cwptr == NOTHING else min((cwptr - self.rptr) % BUFFER_SIZE, REPLIES)
        self.count = max(replies, min(self.count, replies + QUEUED))
        self.rptr %= BUFFER_SIZE
        self.wptr = (self.rptr + self.count) % BUFFER_SIZE
        return (self.rptr + replies) % BUFFER_SIZE if replies else NOTHING


@state("ps2kbd", version=3, minimum=2)
class Ps2Keyboard:
    """How the keyboard codes its keys, and its lights."""

    parent: Ps2Device = nested(Ps2Device, name="parent_obj", was="common")
    scan_enabled: int = int32(reset=1)
    translate: int = int32()
    scancode_set: int = int32(since=3, reset=2, means="1 XT, 2 AT, 3 PS/2")

    @subsection("ps2kbd/ledstate", version=3, minimum=2)
    def _has_lights(self) -> bool:
        return self.ledstate != 0

    ledstate: int = int32()

    @subsection("ps2kbd/need_high_bit")
    def _is_releasing(self) -> bool:
        return self.need_high_bit

    need_high_bit: bool = boolean()

    @subsection("ps2kbd/command_reply_queue", version=0, minimum=0)  # not in QEMU 5.2
    def _has_replies(self) -> bool:
        return self.cwptr != NOTHING

    cwptr: int = int32(reset=NOTHING, name="parent_obj.queue.cwptr", means="end of the replies to commands, or -1")

    @post_load
    def _settle(self, version: int) -> None:
        if version == 2:
            self.scancode_set = 2
        self.cwptr = self.parent.settle(self.cwptr)


@state("ps2mouse", version=2)
class Ps2Mouse:
    """How the mouse reports, and what it has not reported yet."""

    parent: Ps2Device = nested(Ps2Device, name="parent_obj", was="common")
    status: int = uint8(name="mouse_status")
    resolution: int = uint8(name="mouse_resolution")
    sample_rate: int = uint8(name="mouse_sample_rate")
    wrap: int = uint8(name="mouse_wrap")
    type: int = uint8(name="mouse_type", means="0 PS/2, 3 IMPS/2, 4 IMEX")
    detect_state: int = uint8(name="mouse_detect_state")
    dx: int = int32(name="mouse_dx")
    dy: int = int32(name="mouse_dy")
    dz: int = int32(name="mouse_dz")
    buttons: int = uint8(name="mouse_buttons")

    @post_load
    def _settle(self, version: int) -> None:
        self.parent.settle(NOTHING)
