"""Runs a command and prints its seconds, the most memory that it held in KiB, and its status.

A process of its own, and a small one: Linux counts what the parent held when a child begins as the child's.
"""

import os
import sys
from time import perf_counter

if __name__ == "__main__":
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    begin = perf_counter()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    process = os.posix_spawn(sys.argv[1], sys.argv[1:], environment, file_actions=nowhere)
    _, status, usage = os.wait4(process, 0)
    seconds = perf_counter() - begin
    print(seconds, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
