"""Counts of instructions, which no load of the machine changes: `python -m bench.instructions [--renew]`.

Whole commands, and functions as the difference between many runs and one. Counted by valgrind's callgrind, with hashes
not randomized. The counts are compared with instructions.json: a failure is 10 % more than there. A count that is
meant to be higher, or that has become lower, goes there by `make bench-baseline`, with the change that it is due to.

Counts are one interpreter's: a Python that has no counts there is told so, and nothing is compared.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

BASELINE = Path(__file__).with_name("instructions.json")
MOST = 1.10
STREAM = "samples/pc-nodefaults-7.2.qemu.zst"
COMMANDS = {
    "vmstate --help": ["-m", "vmstate_cli", "--help"],
    "vmstate info": ["-m", "vmstate_cli", "info", STREAM],
    "vmstate show --format json": ["-m", "vmstate_cli", "show", "--format", "json", STREAM],
}
WORKS = "save", "load", "load into"
TIMES = 10
COUNTED = re.compile(r"Collected : (\d+)")
REPEAT = """
import gc, sys
from bench.ours import generated
from bench.workloads import items
works = [*["save", "load", "load into"] * 10, *sys.argv[1:]]
calls = [generated(one) for one in items("pc72-72-nodefaults")]
gc.collect()
gc.disable()
for work in works:
    for one in calls:
        if work in one:
            function, given = one[work]
            function(*given)
"""
"""Sets all up, does all works until nothing is compiled any more, and then those that it is given."""


def instructions(arguments: list[str]) -> int:
    """Those of one Python process."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", sys.executable, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.run(  # noqa: S603  our own command
        command, check=True, capture_output=True, text=True, env=environment)
    if (found := COUNTED.search(process.stderr)) is None:
        raise ValueError(f"no count in what valgrind says: {process.stderr[-200:]}")
    return int(found[1])


def counted() -> dict[str, int]:
    """Every count, by name."""
    base = instructions(["-c", "import attrs"])
    counts = {"import attrs": base}
    for name, arguments in COMMANDS.items():
        counts[name] = instructions(arguments)
    none = instructions(["-c", REPEAT])
    for work in WORKS:
        counts[f"{work}, pc72-72-nodefaults"] = (instructions(["-c", REPEAT, *[work] * TIMES]) - none) // TIMES
    return counts


def interpreter() -> str:
    """What counts depend on most."""
    version = ".".join(platform.python_version_tuple()[:2])
    return f"{platform.python_implementation()} {version}, {platform.machine()}"


def compared(counts: dict[str, int], before: dict[str, int]) -> list[str]:
    """What has become dearer than is allowed."""
    return [name for name, count in counts.items() if name in before and count > MOST * before[name]]


def main(arguments: list[str]) -> int:
    """Counts, prints, and compares or renews."""
    known: dict[str, dict[str, int]] = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    mine, counts = interpreter(), counted()
    before = known.get(mine, {})
    for name, count in counts.items():
        change = f"{count / before[name] - 1:+.1%}" if name in before else "new"
        print(f"{name:<32} {count:>14,}  {change}")
    if "--renew" in arguments:
        BASELINE.write_text(json.dumps({**known, mine: counts}, indent=2, sort_keys=True) + "\n", "utf-8")
        return 0
    if not before:
        print(f"no counts of {mine} to compare with: `make bench-baseline` adds them")
        return 2
    dearer = compared(counts, before)
    print(f"more than 10 % dearer: {', '.join(dearer)}" if dearer else "nothing has become 10 % dearer")
    return 1 if dearer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
