"""Whole processes: how long they take, and how much memory, in turn.

QEMU's own analyze-migration.py is not part of this project. On Debian, with sources enabled (`deb-src`):

    apt-get source --download-only qemu
    tar -xOf qemu_*.orig.tar.xz --wildcards '*/scripts/analyze-migration.py' > analyze-migration.py
    make bench ANALYZE=analyze-migration.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from attrs import define, field, frozen

from migration.inputs import opened

from .turns import Ratio, ratio
from .workloads import CORPUS

LAUNCH = str(Path(__file__).with_name("launch.py"))
BARE = [sys.executable, "-c", "pass"]
ATTRS = [sys.executable, "-c", "import attrs"]
SMALL, MIDDLE = 0.2, 0.5
"""Seconds that analyze-migration.py takes: below, an aim of its own; above, a higher one."""
LARGE = 5_000_000
"""Bytes of a stream, above which the highest aim holds."""
START = 0.04
"""Seconds above `import attrs` that a small stream may take."""
MEMORY_FROM = 20_000_000
"""Bytes that analyze-migration.py takes above a bare interpreter, from which on memory is an aim."""


@frozen
class Run:
    """One process: seconds and the most memory that it ever held, in bytes."""

    seconds: float
    memory: int


@define
class Command:
    """A process, and its runs."""

    arguments: list[str]
    runs: list[Run] = field(factory=list[Run])

    def run(self) -> None:
        """Once more. Raises CalledProcessError."""
        launched = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-I", "-S", LAUNCH, *self.arguments], capture_output=True, check=True, text=True)
        seconds, kibibytes, status = launched.stdout.split()
        if status != "0":
            raise subprocess.CalledProcessError(int(status), self.arguments)
        self.runs.append(Run(float(seconds), int(kibibytes) * 1024))

    @property
    def seconds(self) -> list[float]:
        return [one.seconds for one in self.runs]

    @property
    def memory(self) -> int:
        return max(one.memory for one in self.runs)


def in_turn(commands: Sequence[Command], rounds: int) -> None:
    """Each once in every round, and once before that."""
    for one in commands:
        one.run()
        one.runs.clear()
    for _ in range(rounds):
        for one in commands:
            one.run()


# -- how long commands take that have little to do

STARTS = {
    "vmstate --help": ["--help"],
    "vmstate info": ["info", "samples/pc-nodefaults-7.2.qemu.zst"],
    "vmstate show": ["show", "samples/pc-nodefaults-7.2.qemu.zst"],
    "vmstate show --format json": ["show", "--format", "json", "samples/pc-nodefaults-7.2.qemu.zst"],
}


def starts(rounds: int) -> dict[str, Ratio]:
    """Each against `python -c 'import attrs'`."""
    base = Command(ATTRS)
    commands = {name: Command([*_vmstate(), *arguments]) for name, arguments in STARTS.items()}
    in_turn([base, *commands.values()], rounds)
    return {name: ratio(one.seconds, base.seconds) for name, one in commands.items()}


def _vmstate() -> list[str]:
    return [sys.executable, "-m", "vmstate_cli"]


# -- against analyze-migration.py

@frozen
class Shown:
    """A stream, shown by `vmstate show --format json` and by analyze-migration.py.

    `ratio`: their time by ours. Memory is what is held above a bare interpreter.
    """

    stream: str
    size: int
    theirs: float
    ours: float
    ratio: Ratio
    memory: int
    their_memory: int
    allowed: float

    @property
    def aim(self) -> str:
        if self.size > LARGE:
            return "20 x"
        if self.theirs > MIDDLE:
            return "3 x"
        if self.theirs >= SMALL:
            return "2 x"
        return f"at most {self.allowed * 1000:.0f} ms"

    @property
    def met(self) -> bool:
        if self.size <= LARGE and self.theirs < SMALL:
            return self.ours <= self.allowed
        return self.ratio.median >= float(self.aim.partition(" ")[0])

    @property
    def memory_met(self) -> bool:
        return self.their_memory < MEMORY_FROM or self.memory <= self.their_memory / 4


def shown(analyze: str, rounds: int, streams: Sequence[str] = ()) -> Iterator[Shown]:
    """Every stream of the folder that analyze-migration.py can read, without compression."""
    for path in sorted(CORPUS.glob("*.qemu.zst")):
        name = path.name.removesuffix(".qemu.zst")
        if streams and name not in streams:
            continue
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / "stream"
            with opened(str(path)) as data:
                plain.write_bytes(data)
            ours = [*_vmstate(), "show", "--format", "json", str(plain)]
            theirs = [sys.executable, analyze, "--dump", "state", "--file", str(plain)]
            if why := _differing(ours, theirs):
                print(f"{name}: left out: {why}", file=sys.stderr, flush=True)
            else:
                print(f"{name} …", file=sys.stderr, flush=True)
                yield _shown(name, plain.stat().st_size, ours, theirs, rounds)


def _differing(ours: list[str], theirs: list[str]) -> str:
    """Why two programs' results cannot be compared: empty where both have the same sections."""
    documents: list[Any] = []
    for command in (theirs, ours):
        process = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  our own command
        if process.returncode:
            return f"{Path(command[1]).name} fails: {process.stderr.decode(errors='replace').strip()[-80:]}"
        documents.append(json.loads(process.stdout))
    found = {f"{one['name']} ({one['id']})" for one in documents[1]["sections"]}
    return "" if found == set(documents[0]) else "other sections"


def _shown(name: str, size: int, ours: list[str], theirs: list[str], rounds: int) -> Shown:
    bare, attrs, one, other = Command(BARE), Command(ATTRS), Command(ours), Command(theirs)
    in_turn([bare, attrs, one, other], rounds)
    return Shown(
        name, size, median(other.seconds), median(one.seconds), ratio(other.seconds, one.seconds),
        one.memory - bare.memory, other.memory - bare.memory, median(attrs.seconds) + START)
