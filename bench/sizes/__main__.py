"""Prints the page of sizes: `python -m bench.sizes [FOLDER]`; else of VMSTATE_CORPUS, else of tests/corpus."""

import os
import sys
from pathlib import Path

from bench.sizes.measure import machines
from bench.sizes.page import page

CORPUS = Path(__file__).parents[2] / "tests" / "corpus" / "streams"


def main(arguments: list[str]) -> None:
    """The folder's page on standard output."""
    folder = arguments[0] if arguments else os.environ.get("VMSTATE_CORPUS", str(CORPUS))
    if not (found := list(machines(Path(folder)))):
        sys.exit(f"{folder} has no streams")
    sys.stdout.write(page(found))


if __name__ == "__main__":
    main(sys.argv[1:])
