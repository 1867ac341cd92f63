"""How long a whole process takes to show a stream, against `python -c 'import attrs'`, in turn.

Prints min, median and max of the ratios of pairs. Aim: at most 3 for the 30 sections of a PC without default devices.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

STREAM = "samples/pc-nodefaults-7.2.qemu.zst"
PAIRS = 15
BASE = [sys.executable, "-c", "import attrs"]
WORK = {
    "show": ["show", STREAM],
    "show --format json": ["show", "--format", "json", STREAM],
    "info": ["info", STREAM],
    "--help": ["--help"],
}


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one process."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own command
    return time.perf_counter() - begin


def main() -> None:
    """Measures each command in turn with the base."""
    for name, arguments in WORK.items():
        command = [sys.executable, "-m", "vmstate_cli", *arguments]
        seconds(command), seconds(BASE)  # warm
        ratios = sorted(seconds(command) / seconds(BASE) for _ in range(PAIRS))
        low, high = ratios[0], ratios[-1]
        print(f"{name:<20} {statistics.median(ratios):5.2f} times import attrs  (min {low:.2f}, max {high:.2f})")


if __name__ == "__main__":
    main()
