"""PL031 real-time clock of Arm's boards.

QEMU hw/rtc/pl031.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1.
"""

from vmstate import local, post_load, pre_load, pre_save, setting, state, subsection, uint32

from ..ahead import sent

WRAP = 1 << 32


@state("pl031")
class Pl031:
    """The clock is the host's plus an offset: one to the clock of the guest's timers, then the true one."""

    clock_lead: int = local(0)  # s that QEMU's RTC clock is ahead of the guest's timers
    offset_came: bool = local(False)

    tick_offset_vmstate: int = uint32(means="s")
    mr: int = uint32(means="match, s")
    lr: int = uint32(means="load, s")
    cr: int = uint32(means="control")
    im: int = uint32(means="interrupt mask")
    pending: int = uint32(name="is", means="1: it interrupts, where `im` lets it")

    has_offset: bool = setting(True, told=sent("pl031/tick-offset"))  # migrate-tick-offset=, off up to virt-4.0

    _offset_section = subsection("pl031/tick-offset")
    tick_offset: int = uint32(means="s")

    @_offset_section.needed
    def _tells_offset(self) -> bool:
        return self.has_offset

    @_offset_section.post_load
    def _now_known(self, version: int) -> None:
        self.offset_came = True

    @pre_save
    def _tell_older(self) -> None:
        self.tick_offset_vmstate = (self.tick_offset + self.clock_lead) % WRAP

    @pre_load
    def _forget(self) -> None:
        self.offset_came = False

    @post_load
    def _derive(self, version: int) -> None:
        """Both offsets tell how the clocks were to each other; one alone is taken as it would be here."""
        if self.offset_came:
            self.clock_lead = (self.tick_offset_vmstate - self.tick_offset) % WRAP
        else:
            self.tick_offset = (self.tick_offset_vmstate - self.clock_lead) % WRAP
