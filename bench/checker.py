"""How long `vmstate compare` takes for two dumps, against QEMU's static checker, in turn: whole processes.

`python bench/checker.py CHECKER [OLD NEW]`: CHECKER is scripts/vmstate-static-checker.py out of QEMU's source (7.2 or
later: a Python 3 program), which is no part of this project; OLD and NEW are what two builds print for `-dump-vmstate`,
by default two recorded ones of x86_64. Prints min, median and max of the ratios. Aim: at most 8.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zstandard

DUMPS = Path(__file__).parents[1] / "tests" / "corpus" / "dumps"
RECORDED = "7.2-x86_64-*.zst", "10.0-x86_64-*.zst"
ROUNDS = 15
MOST = 8.0


def unpacked(folder: Path) -> list[Path]:
    """The recorded dumps as plain files: the checker reads no others."""
    found = [next(DUMPS.glob(pattern)) for pattern in RECORDED]
    made = [folder / one.stem for one in found]
    for one, path in zip(found, made, strict=True):
        path.write_bytes(zstandard.ZstdDecompressor().decompressobj().decompress(one.read_bytes()))
    return made


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one process; both end with other codes than 0 where something differs."""
    begin = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # noqa: S603  what was asked for
    return time.perf_counter() - begin


def main(checker: str, *dumps: str) -> int:
    """Measures both in turn."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = map(str, dumps or unpacked(Path(folder)))
        ours = [sys.executable, "-m", "vmstate_cli", "compare", old, new]
        theirs = [sys.executable, checker, "-s", old, "-d", new]
        seconds(ours), seconds(theirs)  # warm
        pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    ratios = sorted(one / other for one, other in pairs)
    median, (mine, other) = statistics.median(ratios), map(statistics.median, zip(*pairs, strict=True))
    print(f"compare {mine:.3f} s, checker {other:.3f} s: {median:.2f} times  "
          f"(min {ratios[0]:.2f}, max {ratios[-1]:.2f})")
    return median > MOST


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
