"""So many damaged streams, shared among the originals; and what came of some of them."""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.damage.damages import damaged
from tests.damage.measure import STREAMS, Scale, usual
from tests.damage.originals import files

K = TypeVar("K")

EVERY = 100
"""Of so many cases one is measured for its memory too, which takes five times as long."""


@dataclass
class Outcome:
    """What came of damaged streams. `worst`: the most work of one, as a part of what is allowed, and which it was."""

    cases: int = 0
    refused: int = 0
    worst: tuple[float, str] = (0.0, "")
    failures: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Outcome") -> Self:
        self.cases += other.cases
        self.refused += other.refused
        self.worst = max(self.worst, other.worst)
        self.failures += other.failures
        return self


def shares(total: int) -> dict[str, int]:
    """How many cases of each original."""
    return apportioned(total, {name: usual(name)[1].leaves for name in files()})


def apportioned(total: int, leaves: Mapping[K, int]) -> dict[K, int]:
    """So many in all: fewer of those that take long, so that none takes most of the time."""
    weights = {one: 1 / (10000 + cost) for one, cost in leaves.items()}
    return {one: ceil(total * weight / sum(weights.values())) for one, weight in weights.items()}


def outcome(name: str, seeds: range) -> Outcome:
    """What came of these damaged streams."""
    return gathered(name, ((f"damaged({name!r}, {seed})", damaged(name, seed)) for seed in seeds), seeds, STREAMS)


def gathered(name: str, cases: Iterable[tuple[str, bytes]], seeds: Iterable[int], scale: Scale[Any]) -> Outcome:
    """What came of cases of one original."""
    found = Outcome()
    for seed, (case, data) in zip(seeds, cases, strict=True):
        found.cases += 1
        try:
            report, work, part = scale.judged(name, data)
            found.refused += report.error is not None
            found.worst = max(found.worst, (part, case))
            if seed % EVERY == 0:
                assert (left := scale.spared(data, work)) >= 0, f"{-left} bytes of memory too many for {len(data)}"
        except Exception as error:  # noqa: BLE001  whatever comes out is a failure
            found.failures.append(f"{case}: {type(error).__name__}: {str(error)[:200]!a} ({_raised(error)})")
    return found


def _raised(error: BaseException) -> str:
    """Where an exception comes from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def portions(total: int, size: int) -> Iterator[tuple[str, range]]:
    """All cases, in portions."""
    for name, count in shares(total).items():
        for seeds in portioned(count, size):
            yield name, seeds


def portioned(count: int, size: int) -> Iterator[range]:
    """So many seeds, in portions."""
    for begin in range(0, count, size):
        yield range(begin, min(begin + size, count))
