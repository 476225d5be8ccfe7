"""Clicks and webhooks with few invoices in the ledger and with many: our own time, with a Stripe that answers at once.

    python benchmarks/live.py 100 2000 100000

For each number of invoices: a click on "Pay" until the redirect to Stripe; a webhook until the page of its invoice is
published; webhooks a second, each durable when it is acknowledged (SQLite, synchronous=FULL); and whether one that was
acknowledged was ever lost when the process is killed in the middle. Beside the clock stands the processor's time, which
a busy machine changes less, and what one ``fsync`` takes here: a webhook with its page waits for seven, a click for
three.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from live_portal import portal_with, signed_event
from measuring import Noise, conditions, markdown_table, report
from sample import sample_invoices
from werkzeug.test import Client

from portal.building.freeze import PageFreezer
from portal.live.app import create_live

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from portal.wiring.portal import Portal

EACH = 200
"""Clicks, and webhooks, that are timed."""
KILLED_AFTER = 300
ENOUGH = 3 * EACH + 2 * KILLED_AFTER
"""Unpaid invoices that a run wants; where earlier runs left fewer, the sample is made anew."""
Unpaid = list[tuple[str, str]]
"""Numbers of invoices that no run has paid yet, each with what is left."""


class Seconds(NamedTuple):
    """On the clock, and of the processor."""

    wall: float
    processor: float


def _clocks() -> Seconds:
    return Seconds(time.perf_counter(), time.process_time())


def _since(begun: Seconds) -> Seconds:
    ended = _clocks()
    return Seconds(ended.wall - begun.wall, ended.processor - begun.processor)


def fsync_seconds(folder: Path) -> float:
    """What one ``fsync`` of a small file takes here, the median of some."""
    taken = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return median(taken)


def clicked(portal: Portal, browser: Client, number: str, left: str) -> tuple[Seconds, str]:
    """Seconds from a click to the redirect, and the checkout it led to."""
    form = {"token": portal.token_of(number), "shown": f"GBP {left}", "want": "all"}
    begun = _clocks()
    answer = browser.post("/pay", data=form)
    seconds = _since(begun)
    found = re.search(r"cs_test_\w+", answer.headers.get("Location", ""))
    if found is None:
        raise LookupError(f"{number}: {answer.status} {answer.text[:2000]}")
    return seconds, found[0]


def told(browser: Client, checkout_id: str) -> Seconds:
    """Seconds from a webhook's arrival to its acknowledgement, before which the page is published."""
    body, signature = signed_event(checkout_id)
    begun = _clocks()
    answer = browser.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
    if answer.status_code != 204:  # noqa: PLR2004  acknowledged
        raise LookupError(answer.status)
    return _since(begun)


class NoFreezer(PageFreezer):
    """For the time of the ledger alone: pages wait."""

    def freeze_stale(self) -> int:
        """Nothing."""
        return 0


def unpaid_in(portal: Portal, count: int) -> Unpaid:
    """What can still be paid; each run pays invoices that no run paid before."""
    paid = portal.ledger.entries_by_invoice().keys()
    found = [(one["number"], f"{(one['total'] - one['paid']) / 100:.2f}") for one in sample_invoices(count)]
    return [one for one in found if one[0] not in paid]


def killed(portal: Portal, left: Unpaid) -> tuple[int, int]:
    """Webhooks that a process had acknowledged when it was killed, and how many of them the ledger has."""
    portal.ledger.close()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        browser = Client(create_live(portal, NoFreezer(portal)))
        for number, amount in left:
            told(browser, clicked(portal, browser, number, amount)[1])
            os.write(writer, f"{number}\n".encode())
        os._exit(0)
    os.close(writer)
    lines = b""
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while lines.count(b"\n") < KILLED_AFTER and (some := pipe.read(4096)):
            lines += some
        os.kill(child, signal.SIGKILL)
        while some := pipe.read(4096):
            lines += some
    os.waitpid(child, 0)
    acknowledged = lines.decode().split()
    return len(acknowledged), sum(bool(portal.ledger.entries_of(number)) for number in acknowledged)


def run(count: int) -> dict[str, str]:
    """What it takes with so many invoices, by what was measured."""
    portal = portal_with(count)
    unpaid = unpaid_in(portal, count)
    if len(unpaid) < min(count, ENOUGH):
        portal.ledger.close()
        shutil.rmtree(portal.folders.state.parent)
        portal = portal_with(count)
        unpaid = unpaid_in(portal, count)
    each = min(EACH, len(unpaid) // 4)
    browser = Client(create_live(portal, PageFreezer(portal)))
    clicks, checkouts = zip(*(clicked(portal, browser, *one) for one in unpaid[:each]), strict=True)
    pages = [told(browser, checkout) for checkout in checkouts]
    browser = Client(create_live(portal, NoFreezer(portal)))
    more = [clicked(portal, browser, *one)[1] for one in unpaid[each : 3 * each]]
    alone = [told(browser, checkout) for checkout in more]
    rates = [len(alone) / sum(column) for column in zip(*alone, strict=True)]
    found = _times("click to redirect", clicks) | _times("webhook to new page", pages)
    found |= _times("webhook, its page later", alone)
    found["webhooks a second, each durable, by the clock"] = f"{rates[0]:.0f}"
    found["the same, by the processor"] = f"{rates[1]:.0f}"
    found["one fsync here"] = f"{fsync_seconds(portal.folders.state) * 1000:.1f} ms"
    if len(unpaid) > 3 * each + KILLED_AFTER:
        acknowledged, kept = killed(portal, unpaid[3 * each :])
        found["killed: acknowledged, of which the ledger has"] = f"{acknowledged}, {kept}"
    return found


def _times(name: str, seconds: Sequence[Seconds]) -> dict[str, str]:
    walls = [one.wall * 1000 for one in seconds]
    processor = median(one.processor * 1000 for one in seconds)
    return {
        f"{name}, clock": f"{median(walls):.1f} ms ({quantiles(walls, n=20)[-1]:.1f})",
        f"{name}, processor": f"{processor:.1f} ms",
    }


def main(counts: Sequence[int], *, write: bool) -> None:
    """Measure with each number of invoices, and print."""
    noise, found = Noise(), []
    noise.spin()
    for count in counts:
        found.append(run(count))
        noise.spin()
    names = dict.fromkeys(name for each in found for name in each)
    rows = [[name, *(each.get(name, "-") for each in found)] for name in names]
    table = markdown_table(("invoices in the ledger", *(f"{count:,}" for count in counts)), rows)
    command = f"`python benchmarks/live.py {' '.join(map(str, counts))}`"
    text = f"{command}; medians, in brackets what 95 % stay below. {conditions()}"
    report("live", f"### Clicks and webhooks\n\n{text}\n\n{table}\n\n{noise}", write=write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", default=[100, 100_000])
    parser.add_argument("--write", action="store_true", help="also put the table into benchmarks/RESULTS.md")
    asked = parser.parse_args()
    main(asked.counts, write=asked.write)
