"""The clock that KVM gives its guests.

QEMU hw/i386/kvm/clock.c; checked against QEMU 5.2, 7.2, 10.0, and by its description with 11.1. No stream of one was
recorded.
"""

from vmstate import boolean, local, pre_load, state, subsection, uint64


@state("kvmclock", version=1)
class KvmClock:
    """What it showed when the guest stopped, and whether the host could tell exactly."""

    clock: int = uint64(means="ns")

    reliability_sent: bool = local(True, before={"2.8": False})  # x-mach-use-reliable-get-clock=

    @subsection("kvmclock/clock_is_reliable", version=1)
    def _tells_reliability(self) -> bool:
        return self.reliability_sent

    clock_is_reliable: bool = boolean(reset=True)

    @pre_load
    def _assume_the_worst(self) -> None:
        """What a stream without the subsection means."""
        self.clock_is_reliable = False
