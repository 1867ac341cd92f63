"""What processors of every target have in common.

QEMU cpu.c (5.2, 7.2), hw/core/cpu-system.c (10.0); checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import boolean, int32, local, post_load, pre_load, state, subsection, uint32

EXIT = 0x01  # CPU_INTERRUPT_EXIT of old


@state("cpu_common", version=1)
class CpuCommon:
    """Whether it is halted, and which interrupts it has been asked to take."""

    halted: int = uint32()
    interrupt_request: int = uint32()

    emulated: bool = local(True)

    @subsection("cpu_common/exception_index", version=1)
    def _excepted(self) -> bool:
        return self.emulated and self.exception_index != -1

    exception_index: int = int32(reset=-1)

    @subsection("cpu_common/crash_occurred", version=1)
    def _crashed(self) -> bool:
        return self.crash_occurred

    crash_occurred: bool = boolean()

    @pre_load
    def _forget(self) -> None:
        self.exception_index = -1

    @post_load
    def _drop_exit(self, version: int) -> None:
        if self.emulated:
            self.interrupt_request &= ~EXIT
