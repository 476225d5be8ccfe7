"""Webhooks a second on SQLite and on PostgreSQL, by one process and by two: each durable when it is acknowledged.

    python benchmarks/ledgers.py --count 2000 --each 400

PostgreSQL is a server of its own that the tests know how to start; where it is not installed, SQLite stands alone. The
processes take an equal share of the webhooks, and pages wait for `portal work`, as with several servers.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from live import NoFreezer, clicked, told, unpaid_in
from live_portal import portal_with
from measuring import HERE, Noise, conditions, markdown_table, report, spread
from werkzeug.test import Client

from portal.live.app import create_live

sys.path.insert(0, str(HERE.parent / "tests"))
from postgres_server import find_programs, running_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.wiring.portal import Portal

PROCESSES = (1, 2)


def acknowledged_per_second(portal: Portal, checkouts: Sequence[str], processes: int) -> float:
    """By the clock, from the moment all processes are ready until the last of them is done."""
    portal.ledger.close()
    ready, go = os.pipe(), os.pipe()
    children = []
    for share in range(processes):
        child = os.fork()
        if not child:
            os.close(go[1])
            _tell(portal, checkouts[share::processes], ready[1], go[0])
            os._exit(0)
        children.append(child)
    os.close(go[0])
    for _ in children:
        os.read(ready[0], 1)
    begun = time.perf_counter()
    os.close(go[1])  # every process reads the end of the pipe at the same time
    statuses = [os.waitpid(child, 0)[1] for child in children]
    seconds = time.perf_counter() - begun
    for end in (*ready,):
        os.close(end)
    if any(statuses):
        raise ChildProcessError(statuses)
    return len(checkouts) / seconds


def _tell(portal: Portal, checkouts: Sequence[str], ready: int, go: int) -> None:
    browser = Client(create_live(portal, NoFreezer(portal)))
    portal.ledger.stale_invoices()  # connected before the clock runs
    os.write(ready, b".")
    os.read(go, 1)
    for checkout in checkouts:
        told(browser, checkout)


def rates(portal: Portal, count: int, each: int, rounds: int) -> dict[int, list[float]]:
    """A rate for each round and number of processes, on invoices that were not paid before."""
    found: dict[int, list[float]] = {processes: [] for processes in PROCESSES}
    browser = Client(create_live(portal, NoFreezer(portal)))
    left = iter(unpaid_in(portal, count))
    for _ in range(rounds):
        for processes, measured in found.items():
            checkouts = [clicked(portal, browser, *one)[1] for one, _ in zip(left, range(each), strict=False)]
            if len(checkouts) < each:
                raise LookupError("too few invoices are unpaid: remove benchmarks/.work/live-*, or ask for more")
            measured.append(acknowledged_per_second(portal, checkouts, processes))
    return found


def main(count: int, each: int, rounds: int, *, write: bool) -> None:
    """Measure each ledger and print."""
    noise, rows = Noise(), []
    with ExitStack() as stack:
        ledgers = {"SQLite": ""}
        if (programs := find_programs()) is None:
            print("LEFT OUT: PostgreSQL is not installed: see tests/postgres/install-postgresql.sh")
        else:
            ledgers["PostgreSQL"] = stack.enter_context(running_server(programs)).new_schema()
        for name, address in ledgers.items():
            noise.spin()
            found = rates(portal_with(count, address), count, each, rounds)
            rows.append([name, *(spread(found[processes], 0) for processes in PROCESSES)])
        noise.spin()
    table = markdown_table(("webhooks a second, durable", "one process", "two processes"), rows)
    command = f"`python benchmarks/ledgers.py --count {count} --each {each} --rounds {rounds}`"
    text = f"{command}; medians by the clock, in brackets the smallest and largest. {conditions()}"
    report("ledgers", f"### Ledgers and processes\n\n{text}\n\n{table}\n\n{noise}", write=write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=4000, help="invoices in the ledger")
    parser.add_argument("--each", type=int, default=400, help="webhooks for each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="also put the table into benchmarks/RESULTS.md")
    asked = parser.parse_args()
    main(asked.count, asked.each, asked.rounds, write=asked.write)
