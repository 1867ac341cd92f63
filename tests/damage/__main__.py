"""Damaged streams and documents on every processor: `python -m tests.damage 100000 10000`.

So many streams; and in each format and profile so many documents with a byte changed, and a quarter of that behind
digests that are right again. Ends with 1 where one was judged wrong.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from tests.damage import readings
from tests.damage.cases import Outcome, outcome, portioned, portions
from tests.damage.measure import counted
from tests.damage.readings import forgeries, places
from tests.documents.rounds import PROFILES

PORTION = 100
MEMORY = 4 << 30
"""Bytes that a process may take: beyond is an error of its own, and not the machine's end."""

Task = tuple[Callable[..., Outcome], tuple[object, ...]]


def _portion(task: Task) -> Outcome:
    run, arguments = task
    with counted():
        return run(*arguments)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _streams(total: int) -> Iterator[Task]:
    with counted():
        for portion in portions(total, PORTION):
            yield outcome, portion


def _places(total: int) -> Iterator[Task]:
    for profile in PROFILES:
        for seeds in portioned(total, PORTION):
            yield places, (profile, seeds)


def _forgeries(total: int) -> Iterator[Task]:
    with counted():
        for profile in PROFILES:
            for name, count in readings.shares(total, profile).items():
                for seeds in portioned(count, PORTION):
                    yield forgeries, (name, profile, seeds)


def ran(what: str, refused: str, tasks: Iterable[Task]) -> bool:
    """Whether all of them were judged right; what failed is printed at once."""
    begin, found = time.monotonic(), Outcome()
    with multiprocessing.Pool(initializer=_limit) as pool:
        for one in pool.imap_unordered(_portion, list(tasks)):
            found += one
            sys.stdout.writelines(f"{failure}\n" for failure in one.failures)
            sys.stdout.flush()
    part, case = found.worst
    sys.stdout.write(
        f"{found.cases} {what} in {time.monotonic() - begin:.0f} s: {found.refused} {refused}, "
        f"{len(found.failures)} judged wrong"
        + (f"; the most work was {part:.0%} of what is allowed, for {case}\n" if case else "\n"))
    return not found.failures


def main(streams: int, documents: int) -> int:
    """All of them."""
    right = [
        ran("damaged streams", "refused", _streams(streams)),
        ran("documents with a byte changed", "with their section or item named", _places(documents)),
        ran("documents changed behind their digests", "refused", _forgeries(documents // 4)),
    ]
    return not all(right)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
