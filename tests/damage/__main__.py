"""Many damaged streams, on every processor: `python -m tests.damage 100000`. Ends with 1 where one was judged wrong."""

import multiprocessing
import sys
import time

from tests.damage.cases import Outcome, outcome, portions
from tests.damage.measure import counted

PORTION = 100


def _portion(task: tuple[str, range]) -> Outcome:
    with counted():
        return outcome(*task)


def main(total: int) -> int:
    """All of them; what failed is printed at once."""
    begin, found = time.monotonic(), Outcome()
    with counted():
        tasks = list(portions(total, PORTION))
    with multiprocessing.Pool() as pool:
        for one in pool.imap_unordered(_portion, tasks):
            found += one
            sys.stdout.writelines(f"{failure}\n" for failure in one.failures)
            sys.stdout.flush()
    part, case = found.worst
    sys.stdout.write(
        f"{found.cases} damaged streams in {time.monotonic() - begin:.0f} s: {found.refused} refused, "
        f"{len(found.failures)} judged wrong; the most work was {part:.0%} of what is allowed, for {case}\n")
    return bool(found.failures)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
