"""Clicks and webhooks with few invoices in the ledger and with many: our own time, with a Stripe that answers at once.

    python benchmarks/live.py 100 100000

For each number of invoices: a click on "Pay" until the redirect to Stripe; a webhook until the page of its invoice is
published; webhooks a second, each durable when it is acknowledged (SQLite, synchronous=FULL); and whether one that was
acknowledged was ever lost when the process is killed in the middle. Beside the clock stands the processor's time, which
a busy machine changes less, and what one ``fsync`` takes here: a webhook with its page waits for seven, a click for
three.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import time
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr
from sample import AS_OF, SETTINGS, sample_invoices, write_sample
from werkzeug.test import Client

from portal.adapters.stripe_gateway import StripeGateway
from portal.building import load_invoices
from portal.config import Stripe, load_settings
from portal.facts import payment_in
from portal.freeze import PageFreezer
from portal.live import create_live
from portal.ports import CheckoutReport, CheckoutStatus
from portal.receivables.allocation import total_of
from portal.wiring import Folders, now, open_portal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.ports import CheckoutRequest, PaymentReport
    from portal.wiring import Portal

WORK = Path(__file__).parent / ".work"
SECRET = "whsec_benchmark"  # noqa: S105  of a Stripe that exists in this process only
EACH = 200
"""Clicks, and webhooks, that are timed."""
KILLED_AFTER = 300


class Seconds(NamedTuple):
    """On the clock, and of the processor."""

    wall: float
    processor: float


class InstantStripe(StripeGateway):
    """Checkouts that are paid at once, kept in their ids so that a process that starts again knows them too."""

    def open_checkout(self, request: CheckoutRequest) -> CheckoutReport:
        """A checkout for what was asked."""
        checkout_id = f"cs_test_{request.hold_id}"
        _REQUESTS[checkout_id] = request
        return replace(self.fetch_checkout(checkout_id), status=CheckoutStatus.OPEN, payment_id=None)

    def fetch_checkout(self, checkout_id: str) -> CheckoutReport:
        """It is paid."""
        request = _REQUESTS[checkout_id]
        return CheckoutReport(
            checkout_id=checkout_id,
            status=CheckoutStatus.PAID,
            hold_id=request.hold_id,
            allocations=request.allocations,
            amount=total_of(request.allocations),
            livemode=False,
            url=f"https://checkout.stripe.com/{checkout_id}",
            payment_id=f"pi_{checkout_id}",
            method="Visa ending 4242",
        )

    def fetch_payment(self, payment_id: str) -> PaymentReport:
        """The payment of a checkout."""
        payment = payment_in(self.fetch_checkout(payment_id.removeprefix("pi_")), now())
        if payment is None:
            raise LookupError(payment_id)
        return payment


_REQUESTS: dict[str, CheckoutRequest] = {}


def portal_with(count: int) -> Portal:
    """A portal with so many invoices in its ledger; what an earlier run has read is used again."""
    root = WORK / f"live-{count}"
    settings = SETTINGS + "[limits]\nper_link = 10000\nper_address = 100000\n"
    is_new = not root.exists()
    if is_new:
        write_sample(root, count, settings=settings)
    folders = Folders(root / "content", root / "build", root / "var")
    stripe = Stripe(api_key=SecretStr("sk_test_benchmark"), webhook_secret=SecretStr(SECRET))
    portal = open_portal(load_settings(folders.content, {}), folders, AS_OF, stripe=stripe)
    if is_new:
        invoices = load_invoices(portal).invoices
        portal.ledger.replace_invoices(invoices, portal.links(invoices))
    gateway = portal.gateway
    if gateway is None:
        raise LookupError("a key is set")
    return replace(portal, gateway=InstantStripe(*(getattr(gateway, field.name) for field in fields(gateway))))


def signed_event(checkout_id: str) -> tuple[bytes, str]:
    """A webhook that says that a checkout was paid, and its signature."""
    at = int(time.time())
    body = json.dumps(
        {
            "id": f"evt_{checkout_id}",
            "object": "event",
            "type": "checkout.session.completed",
            "created": at,
            "livemode": False,
            "data": {
                "object": {"id": checkout_id, "object": "checkout.session", "payment_intent": f"pi_{checkout_id}"}
            },
        }
    ).encode()
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={digest}"


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


def killed(portal: Portal, left: list[tuple[str, str]]) -> tuple[int, int]:
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


def run(count: int) -> None:
    """Measure with so many invoices; each run pays invoices that no run paid before."""
    portal = portal_with(count)
    paid = portal.ledger.entries_by_invoice().keys()
    unpaid = [(one["number"], f"{(one['total'] - one['paid']) / 100:.2f}") for one in sample_invoices(count)]
    unpaid = [one for one in unpaid if one[0] not in paid]
    each = min(EACH, len(unpaid) // 4)
    browser = Client(create_live(portal, PageFreezer(portal)))
    clicks, checkouts = zip(*(clicked(portal, browser, *one) for one in unpaid[:each]), strict=True)
    pages = [told(browser, checkout) for checkout in checkouts]
    browser = Client(create_live(portal, NoFreezer(portal)))
    more = [clicked(portal, browser, *one)[1] for one in unpaid[each : 3 * each]]
    alone = [told(browser, checkout) for checkout in more]
    say = partial(print, f"{count:>7,} invoices:")
    say(f"click to redirect        {_spread(clicks)}")
    say(f"webhook to new page      {_spread(pages)}")
    say(f"webhook, its page later  {_spread(alone)}")
    rates = (len(alone) / sum(column) for column in zip(*alone, strict=True))
    say("webhooks a second        {:.0f} by the clock, {:.0f} by the processor; each durable".format(*rates))
    say(f"one fsync                {fsync_seconds(portal.folders.state) * 1000:.1f} ms median")
    if len(unpaid) > 3 * each + KILLED_AFTER:
        acknowledged, kept = killed(portal, unpaid[3 * each :])
        say(f"killed in the middle     {acknowledged} were acknowledged, the ledger has {kept} of them")


def _spread(seconds: Sequence[Seconds]) -> str:
    walls = [one.wall * 1000 for one in seconds]
    processor = median(one.processor * 1000 for one in seconds)
    return (
        f"{median(walls):.1f} ms median, {quantiles(walls, n=20)[-1]:.1f} ms at 95 %, {processor:.1f} ms of processor"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", default=[100, 100_000])
    for wanted in parser.parse_args().counts:
        run(wanted)
    sys.exit()
