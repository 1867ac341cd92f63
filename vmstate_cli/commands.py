"""The commands between sections, by name (QEMU: migration/savevm.c, enum qemu_vm_cmd)."""

from __future__ import annotations

NAMES = {
    1: "OPEN_RETURN_PATH", 2: "PING", 3: "POSTCOPY_ADVISE", 4: "POSTCOPY_LISTEN", 5: "POSTCOPY_RUN",
    6: "POSTCOPY_RAM_DISCARD", 7: "PACKAGED", 8: "ENABLE_COLO", 9: "POSTCOPY_RESUME", 10: "RECV_BITMAP",
    11: "SWITCHOVER_START",
}


def name_of(number: int) -> str:
    """A command's name, or its number."""
    return NAMES.get(number, str(number))
