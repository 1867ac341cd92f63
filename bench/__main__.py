"""Measures: `python -m bench [PART …]`, by default all of it, into RESULTS.md; parts alone are only printed.

    speed       sides, workloads and works in one process
    devices     our side and code by hand, device by device: not part of the page
    starts      how long commands take that have little to do
    analyze     whole processes against QEMU's analyze-migration.py; `bench.processes` says where that is from
    growth      with devices, array length and RAM size
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import growth, processes, speed
from .page import Results, page
from .sides import BY_HAND, OURS, sides
from .workloads import Workload, workloads

PAGE = Path(__file__).with_name("RESULTS.md")
PARTS = "speed", "starts", "analyze", "growth"
ALONE = "devices"
STEADY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25), "MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_TOP_PAD_": str(1 << 26),
    "PYTHONHASHSEED": "0",
}
"""glibc: what was freed stays at hand; Python: dicts and sets are the same in each run."""


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures, in turn.")
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}, by default all of them; or {ALONE}")
    parser.add_argument("--rounds", type=int, default=11, help="how often each side runs (default: 11)")
    parser.add_argument("--workload", action="append", help="only workloads whose name begins so")
    parser.add_argument("--side", action="append", help="only these sides, and code by hand")
    parser.add_argument("--analyze", default=os.environ.get("ANALYZE", ""), help="analyze-migration.py")
    parser.add_argument("--stream", action="append", help="only these streams, for analyze")
    given = parser.parse_args()
    if unknown := {*given.part} - {*PARTS, ALONE}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return given


def loads(given: argparse.Namespace) -> list[Workload]:
    """The workloads that are asked for."""
    return [one for one in workloads() if not given.workload or one.name.startswith(tuple(given.workload))]


def steady() -> None:
    """Starts anew with a heap that is not given back: whether it is, would depend on who has run before."""
    if not STEADY.items() <= os.environ.items():
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **STEADY})  # noqa: S606  this very program


def main() -> None:
    """Measures what is asked for."""
    given, found = arguments(), Results()
    steady()
    parts = given.part or PARTS
    if "speed" in parts:
        picked = [name for name in sides() if not given.side or name in (*given.side, BY_HAND)]
        found.speed = list(speed.measure([one.name for one in loads(given)], picked, given.rounds))
    if ALONE in given.part:
        found.devices = list(speed.by_device(loads(given), given.side or [OURS], given.rounds))
    if "starts" in parts:
        found.starts = processes.starts(given.rounds)
    if "analyze" in parts and given.analyze:
        found.shown = list(processes.shown(given.analyze, given.rounds, given.stream or ()))
    elif "analyze" in parts:
        print("analyze-migration.py: left out, for nothing says where it is (--analyze FILE)", file=sys.stderr)
    if "growth" in parts:
        found.fits, found.memory = growth.fits(given.rounds), growth.memory(2)
    text = page(found)
    if given.part or given.side or given.workload:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
