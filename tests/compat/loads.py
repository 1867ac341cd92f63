"""What became of real loads, against what `check` foretells: `python -m tests.compat.loads [FOLDER]`.

FOLDER has `loads.json`, `manifest.json`, `streams/` and `dumps/`, as tests/corpus has them; it may also be named by
VMSTATE_CORPUS. Ends with 1 where a load was foretold to fail and did not.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import zstandard
from attrs import evolve

from devices.catalogue import registry
from migration.foretelling import Forecast, Story, foretell, side_of, story
from migration.replica import Stream
from tests.compat.damages import DAMAGES
from tests.describe.dumps import TARGETS
from tests.migration.recorded import CORPUS
from vmstate.compat.explaining import explain
from vmstate.compat.findings import UNKNOWN, Verdict
from vmstate.compat.sides import Side
from vmstate_cli.sides import side

WARNINGS = ("warning:", "is deprecated:", "subject to deletion")
ALIKE = "machine", "binary", "args", "guest"


class Load(NamedTuple):
    """One stream, given to one QEMU. `outcome`: loaded, failed, stuck (it waits), not started."""

    stream: str
    to: str
    kind: str
    outcome: str
    said: str

    @property
    def row(self) -> str:
        """The row of what was said in the catalogue of failures."""
        return explain(self.said)[0].row

    def __str__(self) -> str:
        return f"{self.stream}-to-{self.to}" + f" {self.kind}" * (self.kind != SAME)


SAME, LOADS = "same machine", "loads"
HARD = [one for one in Verdict if one.hard]


class Corpus:
    """A folder of streams, dumps and loads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        entries: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text("utf-8"))["streams"]
        self.streams = {entry["file"].removesuffix(".qemu.zst"): entry for entry in entries}
        self._sides: dict[tuple[str, str], Side | None] = {}
        self._told: dict[str, Story] = {}

    @cached_property
    def loads(self) -> list[Load]:
        """All that were made."""
        return [Load(one["stream"], one["to"], one["kind"], one["outcome"].partition(" in ")[0], said(one))
                for one in json.loads((self.folder / "loads.json").read_text("utf-8"))["loads"]]

    def data(self, name: str) -> bytes:
        """A stream's bytes."""
        packed = (self.folder / "streams" / f"{name}.qemu.zst").read_bytes()
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)

    def told(self, name: str) -> Story:
        """What a stream says."""
        if name not in self._told:
            self._told[name] = tell(self.data(name))
        return self._told[name]

    def dump(self, load: Load) -> Side | None:
        """What the destination's `-dump-vmstate` printed, if there is that."""
        binary: str = self.streams[load.stream]["binary"]
        target = binary.removeprefix("qemu-system-")
        arch = TARGETS.get(target, target)
        if (key := (load.to, arch)) not in self._sides:
            files = sorted((self.folder / "dumps").glob(f"{load.to}-{arch}-*"))
            self._sides[key] = side(str(files[0])) if files else None
        return self._sides[key]

    def like(self, load: Load) -> str | None:
        """A stream of the destination's build and the same machine: with the same arguments; or, where there is neither
        such a one nor a dump, whichever.
        """
        one = self.streams[load.stream]
        if one["qemu"] == load.to:
            return load.stream
        others = [name for name, other in self.streams.items()
                  if other["qemu"] == load.to and other.get("channel", "main") == "main" and name != load.stream]
        for facts in (ALIKE, ALIKE[:2]):
            for name in others:
                other = self.streams[name]
                if all(other.get(fact) == one.get(fact) for fact in facts) and (
                        sorted(other["capabilities"]) == sorted(one["capabilities"])):
                    return name if facts is ALIKE or self.dump(load) is None else None
        return None

    def by_dump(self, load: Load) -> Forecast | None:
        """The forecast by the destination's dump."""
        there = self.dump(load)
        return None if there is None else foretell(self.sent(load), there)

    def by_stream(self, load: Load) -> Forecast | None:
        """The forecast by a stream of the destination."""
        sent, name = self.sent(load), load.stream if load.kind in DAMAGES else self.like(load)
        if name is None:
            return None
        there = self.told(name)
        if any(self.streams[name].get(fact) != self.streams[load.stream].get(fact) for fact in ALIKE):
            there = evolve(there, blocks=sent.blocks)  # -m differs, which the load that was made did not
        return against(sent, there)

    def sent(self, load: Load) -> Story:
        """What was sent: the stream, or what damage made of it."""
        damage = DAMAGES.get(load.kind)
        return self.told(load.stream) if damage is None else tell(damage(self.data(load.stream)))


def said(load: dict[str, Any]) -> str:
    """QEMU's words, without warnings."""
    lines: list[str] = load["said"] if "said" in load else load["stderr"].splitlines()
    return "\n".join(line for line in lines if not any(word in line for word in WARNINGS))


def tell(data: bytes) -> Story:
    """What a stream says."""
    return story(Stream(data, registry()))


def against(sent: Story, there: Story) -> Forecast:
    """A forecast by a stream of the destination."""
    return foretell(sent, side_of("there", there), there)


def forecasts(corpus: Corpus) -> Iterator[tuple[str, Load, Forecast]]:
    """Each load that was undamaged and of the same machine, or damaged, by all that can tell of it."""
    for load in corpus.loads:
        if load.outcome == "not started" or (load.kind != SAME and load.kind not in DAMAGES):
            continue
        for means, forecast in (("dump", corpus.by_dump(load)), ("stream", corpus.by_stream(load))):
            if forecast is not None:
                yield means, load, forecast


def main(folder: Path) -> int:
    """A line for each load that failed or was foretold to; then, by what tells and by cause, how many were."""
    causes: dict[tuple[str, str], Counter[str]] = {}
    wrong = 0
    for means, load, forecast in forecasts(Corpus(folder)):
        hard, failed = forecast.verdict.hard, load.outcome != "loaded"
        wrong += hard and not failed
        cause = f"{load.kind}, row {load.row}" if failed else LOADS
        found = causes.setdefault((means, cause), Counter())
        found["all"] += 1
        found[str(forecast.verdict)] += 1
        if hard or failed:
            why = next((f"{one.rule} {one.path} {one.message}" for one in forecast.findings
                        if one.positional.backward >= UNKNOWN), "")
            sys.stdout.write(f"{means:7}{load}: {load.outcome}, {forecast.verdict!s}  {why[:150]}\n")
    for (means, cause), found in sorted(causes.items()):
        told = "  ".join(f"{verdict} {times}" for verdict, times in found.items() if verdict != "all")
        sys.stdout.write(f"{means:7}{cause:44}{found['all']:4}  {told}\n")
    sys.stdout.writelines(summary(causes))
    return bool(wrong)


def summary(causes: dict[tuple[str, str], Counter[str]]) -> Iterator[str]:
    """Of each way to tell: how many failures were foretold, and how many of those that were did fail."""
    for means in sorted({means for means, _ in causes}):
        failed, loaded = Counter[str](), Counter[str]()
        for (by, cause), found in causes.items():
            if by == means:
                (loaded if cause == LOADS else failed).update(found)
        hard, wrong = (sum(one[str(verdict)] for verdict in HARD) for one in (failed, loaded))
        yield (f"{means:7}{hard} of {failed['all']} failures foretold, {failed[str(UNKNOWN)]} unknown; "
               f"of {hard + wrong} that were foretold to fail, {hard} did\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VMSTATE_CORPUS") or CORPUS)))
