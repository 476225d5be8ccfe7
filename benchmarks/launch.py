"""Runs a command and writes what it used to a file: ``python launch.py FILE COMMAND...``.

It stays small, since Linux counts what the starting process holds as the largest size of what it starts.
"""

import os
import sys
import time

if __name__ == "__main__":
    begun = time.perf_counter()
    child = os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:])  # noqa: S606  ours
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - begun
    with open(sys.argv[1], "w", encoding="ascii") as file:  # noqa: PTH123  pathlib would make it larger
        file.write(f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}")
    sys.exit(os.waitstatus_to_exitcode(status))
