"""Everything the payment provider lists, put together by payment: what a sync brings in and a reconciliation compares.

Source of the limits: Stripe, "Rate limits" (the library does not repeat a 429) and "List all events" (30 days).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from portal.errors import GatewayThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from portal.ports import PaymentGateway
    from portal.ports.provider_reports import Batch, CheckoutReport, DisputeReport, PaymentReport, RefundReport

R = TypeVar("R")
S = TypeVar("S", "RefundReport", "DisputeReport")
CHECKOUT_LIFE = timedelta(days=1)
"""A checkout may be as much older than its payment."""
TRIES = 8
LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Repeats a call that came too often: waits as long as the provider asks, or twice as long each time.

    Attributes:
        say: told what is waited for.
        pause: waits that many seconds.
    """

    say: Callable[[str], None] = lambda _step: None
    pause: Callable[[float], None] = time.sleep

    def __call__(self, call: Callable[[], R]) -> R:
        """The answer of a call, which is made ``TRIES`` times at the most.

        Raises:
            GatewayThrottledError: the provider still asks for fewer requests.
        """
        for number in range(TRIES - 1):
            try:
                return call()
            except GatewayThrottledError as error:
                asked = error.retry_after if error.retry_after is not None else 2.0**number
                wait = min(asked, LONGEST_WAIT)
                self.say(f"Stripe asks for fewer requests; waiting {wait:.0f} s")
                self.pause(wait)
        return call()


@dataclass(frozen=True, slots=True)
class History:
    """What the provider listed.

    Attributes:
        payments: every payment begun since then, with its checkout, refunds and disputes.
        checkouts: every checkout made since then, those without a payment too.
        touched: ids of earlier payments that something happened to since then.
        gaps: what could not be read, in words.
    """

    payments: tuple[PaymentReport, ...]
    checkouts: tuple[CheckoutReport, ...]
    touched: frozenset[str]
    gaps: tuple[str, ...]


def read_history(gateway: PaymentGateway, since: datetime | None, patience: Patience) -> History:
    """Everything since then, or from the beginning. Refunds and disputes are read after their payments.

    Args:
        gateway: the provider.
        since: the moment; None for all there is.
        patience: what waits when the provider asks for fewer requests.
    """
    gaps: list[str] = []
    read = _Reader(since, patience, gaps)
    payments = list(read("payments", gateway.list_payments))
    opened_since = None if since is None else since - CHECKOUT_LIFE
    checkouts = list(_Reader(opened_since, patience, gaps)("checkouts", gateway.list_checkouts))
    refunds = list(read("refunds", gateway.list_refunds))
    disputes = list(read("disputes", gateway.list_disputes))
    whole = _joined(payments, checkouts, refunds, disputes)
    named = (
        *(one.payment_id for one in checkouts),
        *(one.payment_id for one in refunds),
        *(one.payment_id for one in disputes),
    )
    touched = {one for one in named if one is not None}
    if since is not None:
        touched |= _in_events(gateway, since, patience)
    return History(tuple(whole), tuple(checkouts), frozenset(touched - {one.payment_id for one in whole}), tuple(gaps))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a list to its end, part by part, so that an interruption repeats one part only."""

    since: datetime | None
    patience: Patience
    gaps: list[str]

    def __call__(self, what: str, part: Callable[[datetime | None, str | None], Batch[R]]) -> Iterator[R]:
        after: str | None = None
        parts = 0
        while parts == 0 or after is not None:
            batch = self.patience(lambda at=after: part(self.since, at))  # type: ignore[misc]  # bound at once
            self.gaps.extend(batch.gaps)
            yield from batch.records
            after, parts = batch.after, parts + 1
            if after is not None:
                self.patience.say(f"  {what}: {parts * len(batch.records):,} so far")


def _joined(
    payments: Iterable[PaymentReport],
    checkouts: Iterable[CheckoutReport],
    refunds: Iterable[RefundReport],
    disputes: Iterable[DisputeReport],
) -> Iterator[PaymentReport]:
    checkout_of = {one.payment_id: one for one in checkouts if one.payment_id}
    refunds_of, disputes_of = _by_payment(refunds), _by_payment(disputes)
    for payment in payments:
        key = payment.payment_id
        yield payment.joined(checkout_of.get(key), refunds_of.get(key, ()), disputes_of.get(key, ()))


def _by_payment(things: Iterable[S]) -> dict[str | None, list[S]]:
    found: dict[str | None, list[S]] = {}
    for thing in things:
        found.setdefault(thing.payment_id, []).append(thing)
    return found


def _in_events(gateway: PaymentGateway, since: datetime, patience: Patience) -> set[str]:
    """Payments that changed although nothing new was made for them: a debit that arrived, a refund that came back."""
    reader = _Reader(since, patience, [])
    events = reader("events", lambda at, after: gateway.list_events(at or since, after))
    return {event.payment_id for event in events if event.payment_id}
