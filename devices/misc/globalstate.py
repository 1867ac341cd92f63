"""In which run state the sending QEMU was when migration began.

QEMU migration/global_state.c, qapi/run-state.json; checked against QEMU 5.2, 7.2, 10.0.
"""

from vmstate import HookRefused, buffer, post_load, pre_save, setting, state, uint8, uint32

WHOLE, SHORT = 100, 32  # bytes for the name: up to QEMU 8.2; since 9.0, which took the rest for flags
RUN_STATES = frozenset((
    "debug", "inmigrate", "internal-error", "io-error", "paused", "postmigrate", "prelaunch", "finish-migrate",
    "restore-vm", "running", "save-vm", "shutdown", "suspended", "watchdog", "guest-panicked", "colo", "preconfig",
))


def _flag_says(ahead: memoryview) -> int | None:
    """QEMU 9.0 sets the flag behind the name whenever it stores a state; before, zeros filled up all 100 bytes."""
    return None if len(ahead) <= SHORT + 4 else SHORT if ahead[SHORT + 4] else WHOLE


@state("globalstate", version=1)
class GlobalState:
    """The run state by its name, and whether the guest slept before it was stopped. Always 104 bytes."""

    def _has_flags(self) -> bool:
        return self.name_size == SHORT

    name_size: int = setting(SHORT, WHOLE, told=_flag_says)
    size: int = uint32(reset=len("running") + 1)
    runstate: bytearray = buffer("name_size", reset=b"running")
    has_vm_was_suspended: int = uint8(when=_has_flags)
    vm_was_suspended: int = uint8(when=_has_flags)
    rest: bytearray = buffer(66, name="unused", when=_has_flags)

    @property
    def run_state(self) -> str:
        """The name without its padding."""
        return self.runstate.split(b"\0")[0].decode("ascii", "replace")

    @pre_save
    def _measure(self) -> None:
        end = self.runstate.find(0)
        self.size = (len(self.runstate) if end < 0 else end) + 1

    @post_load
    def _know(self, version: int) -> None:
        if self.run_state not in RUN_STATES:
            raise HookRefused(f"there is no run state {self.run_state!r}")
