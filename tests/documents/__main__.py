"""Every recorded file through every format and back, on every processor: `python -m tests.documents`.

VMSTATE_CORPUS names a folder of other files. Ends with 1 where one did not come back as it was.
"""

import multiprocessing
import sys
import time
from itertools import product
from pathlib import Path

from tests.damage.originals import files
from tests.documents.rounds import PROFILES, Profile, Round, returned


def _one(task: tuple[Path, Profile]) -> tuple[Profile, Round]:
    return task[1], returned(*task)


def main() -> int:
    """All of them; what went wrong is printed at once."""
    begin, paths = time.monotonic(), sorted(files().values(), key=lambda path: -path.stat().st_size)
    rounds: dict[Profile, list[Round]] = {profile: [] for profile in PROFILES}
    with multiprocessing.Pool() as pool:
        for profile, one in pool.imap_unordered(_one, product(paths, PROFILES)):
            rounds[profile].append(one)
            sys.stdout.write(f"{one.trouble}\n" if one.trouble else "")
            sys.stdout.flush()
    for profile, found in rounds.items():
        good = [one for one in found if not one.trouble]
        sys.stdout.write(f"{profile!s:16}{len(good):5} of {len(found)} files came back the same; "
                         f"{sum(one.size for one in good):,} bytes were {sum(one.written for one in good):,}\n")
    sys.stdout.write(f"{len(paths)} files in {time.monotonic() - begin:.0f} s\n")
    return any(one.trouble for found in rounds.values() for one in found)


if __name__ == "__main__":
    sys.exit(main())
