"""Card payments without a server: one payment link per open invoice, made at the build, never above what is left.

The rule: what the active links of an invoice can take together is never more than its balance. So there is one at a
time. When the balance changes, the old link is switched off first, its open checkouts are closed, what was paid
through it is counted, the balance is read again, and only then is the next link made. A row in the ledger comes before
each link, so that a build that was cut short finds at the provider what it may have left behind.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.errors import GatewayError, GatewayThrottledError, GatewayUnreachableError, Problem
from portal.payments.payment_link_switch import LinkSwitch
from portal.payments.reserving import is_charged_now
from portal.payments.settlement import settle
from portal.ports import LIVE_STATES
from portal.ports.payment_links import PaymentLink, PaymentLinkState
from portal.receivables.link_terms import link_terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from portal.ports import Ledger, LedgerTransaction
    from portal.ports.payment_links import PaymentLinkGateway, PaymentLinkRequest
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.link_terms import LinkTerms
    from portal.receivables.offers import Offers

STILL_CREATING = timedelta(seconds=120)
"""A link asked for longer ago is either at the provider by now or was never made."""
_ROUNDS = 6
_UNFINISHED = Problem(
    "Not all payment links could be brought level; pages whose link is missing offer no card payment.",
    "Build again: it goes on where this one stopped.",
)
_PATIENCE = 5
_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class LinksReport:
    """What was done to the payment links.

    Attributes:
        unchanged: links left alone; nothing was asked of the provider about them.
        closed_checkouts: checkouts that somebody had open on a link when it was switched off.
        problems: what could not be done; these invoices cannot be paid by card until it can.
    """

    made: int = 0
    switched_off: int = 0
    unchanged: int = 0
    closed_checkouts: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Making:
    """A row is written: ask for its link."""

    row: PaymentLink
    request: PaymentLinkRequest


@dataclass(frozen=True, slots=True)
class _Closing:
    """A row's link must be closed first."""

    row: PaymentLink


@dataclass(frozen=True, slots=True)
class _Expiring:
    """Checkouts that pay buttons opened must be closed first."""

    checkout_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkCheckout:
    """What payment links are made with.

    Attributes:
        wanted: whether there are to be links at all; without, those that were made before are switched off.
        offers_of: what may be paid on an invoice by card now.
        request_of: what the provider is asked for, by row id, invoice and terms.
        portal: whose links these are at the provider: the id that all its payments carry.
        now: the clock.
        pause: waits where the provider asks for fewer requests.
    """

    ledger: Ledger
    gateway: PaymentLinkGateway
    wanted: bool
    offers_of: Callable[[Invoice, Sequence[Entry]], Offers]
    request_of: Callable[[str, Invoice, LinkTerms], PaymentLinkRequest]
    portal: str
    now: Callable[[], datetime]
    pause: Callable[[float], None] = time.sleep

    def level(
        self, invoices: Iterable[Invoice], progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> LinksReport:
        """Give each invoice the one link it ought to have, and those that are gone none.

        Nothing is asked of the provider where nothing changed. What fails is reported, and is done by the next call.
        """
        return _Levelling(self).run({invoice.key: invoice for invoice in invoices}, progress)

    def close(self, key: str) -> None:
        """Let nobody pay an invoice through its link until the next ``level``; what was paid through it is counted.

        Raises:
            GatewayError: the provider did not do it; the next ``level`` goes on where this stopped.
        """
        with self.ledger.transaction() as tx:
            row = tx.payment_link_of(key, is_live=self.gateway.is_live)
        if row is not None:
            self.switch.close(row)

    @property
    def switch(self) -> LinkSwitch:
        """What makes and ends single links, with its counts at nothing."""
        return LinkSwitch(self.ledger, self.gateway, self.now)

    def request(self, invoice: Invoice | None, entries: Sequence[Entry]) -> PaymentLinkRequest | None:
        """What the link of an invoice ought to be, for no row in particular; None where it ought to have none."""
        if invoice is None or not self.wanted:
            return None
        terms = link_terms_of(self.offers_of(invoice, entries))
        return self.request_of("", invoice, terms) if terms else None


class _Levelling:
    """One run over all invoices: what it did, and what went wrong."""

    def __init__(self, means: LinkCheckout) -> None:
        self._with = means
        self._ledger = means.ledger
        self._gateway = means.gateway
        self._switch = means.switch
        self._problems: list[Problem] = []
        self._unchanged: set[str] = set()

    def run(self, invoices: Mapping[str, Invoice], progress: Callable[[int, int], None]) -> LinksReport:
        todo = self._changed(invoices)
        try:
            if todo:
                todo |= dict.fromkeys(self._look_around())
            for done, key in enumerate(todo, start=1):
                self._level_or_say_why(key)
                progress(done, len(todo))
        except GatewayError as error:
            self._problems += [*error.problems, _UNFINISHED]
        return LinksReport(
            made=self._switch.made,
            switched_off=self._switch.switched_off,
            unchanged=len(self._unchanged - todo.keys()),
            closed_checkouts=self._switch.closed_checkouts,
            problems=tuple(self._problems),
        )

    def _changed(self, invoices: Mapping[str, Invoice]) -> dict[str, None]:
        """Invoices whose link is not what it ought to be, and links whose invoice is gone. Reads the ledger alone."""
        rows = {row.invoice_key: row for row in self._ledger.payment_links(is_live=self._gateway.is_live)}
        entries = self._ledger.entries_by_invoice()
        changed = {key: None for key in rows if key not in invoices}
        for key, invoice in invoices.items():
            request = self._with.request(invoice, entries.get(key, ()))
            row = rows.get(key)
            if row is not None and row.state is PaymentLinkState.ACTIVE and _fits(row, request):
                self._unchanged.add(key)
            elif row is not None or request is not None:
                changed[key] = None
        return changed

    def _look_around(self) -> list[str]:
        """Learn from the provider which of our links are on; the invoices whose link is off against its row.

        Those were paid, or switched off by hand, and are made anew. A link that no row stands for was left by a run
        that was cut short, or by a ledger that was lost: it goes.
        """
        rows = self._ledger.payment_links(is_live=self._gateway.is_live)
        active = {row.link_id: row for row in rows if row.state is PaymentLinkState.ACTIVE}
        links = list(self._gateway.active_links(self._with.portal))
        for link in links:
            if link.link_id not in active and not self._switch.keep(link):
                self._switch.off(link.link_id)
        ended = [active[link_id] for link_id in active.keys() - {link.link_id for link in links}]
        for row in ended:
            self._switch.move(row, PaymentLinkState.CLOSING)
        return [row.invoice_key for row in ended]

    def _level_or_say_why(self, key: str) -> None:
        """Level an invoice. A provider that refuses one may take the others; one that does not answer stops the run."""
        for _ in range(_PATIENCE):
            try:
                self._level(key)
            except GatewayThrottledError as error:
                self._with.pause(error.retry_after or _PAUSE_SECONDS)
                continue
            except GatewayUnreachableError:
                raise
            except GatewayError as error:
                self._problems += [replace(problem, field=f"invoice {key}") for problem in error.problems]
            return
        raise GatewayUnreachableError(Problem("Stripe keeps asking for fewer requests.", "Build again later."))

    def _level(self, key: str) -> None:
        for _ in range(_ROUNDS):
            match self._decide(key):
                case None:
                    return
                case _Making(row, request):
                    self._switch.make(row, request)
                case _Closing(row):
                    self._switch.close(row)
                case _Expiring(checkout_ids):
                    for checkout_id in checkout_ids:
                        settle(self._gateway.expire_checkout(checkout_id), self._ledger, self._with.now())

    def _decide(self, key: str) -> _Making | _Closing | _Expiring | None:
        """The next step for an invoice, with its row written where a link is to be made; None where all is level."""
        with self._ledger.transaction() as tx:
            invoice = tx.invoice(key)
            request = None if is_charged_now(tx, key) else self._with.request(invoice, tx.entries(key))
            row = tx.payment_link_of(key, is_live=self._gateway.is_live)
            if row is None:
                return self._begin(key, invoice, request, tx)
            if invoice is None or row.state is PaymentLinkState.CLOSING or not _fits(row, request):
                return _Closing(row)
            if row.state is PaymentLinkState.ACTIVE:
                return None
            if self._with.now() - row.created_at < STILL_CREATING:
                return _Making(row, self._with.request_of(row.row_id, invoice, row.terms))
            # Its address was never given to anyone, so nobody can pay it, even if it came to be later.
            return _Closing(row)

    def _begin(
        self, key: str, invoice: Invoice | None, request: PaymentLinkRequest | None, tx: LedgerTransaction
    ) -> _Making | _Closing | _Expiring | None:
        if request is None or invoice is None:
            return None
        held = tuple(hold.checkout_id for hold in tx.holds(key, LIVE_STATES) if hold.checkout_id is not None)
        if held:
            return _Expiring(held)
        row = PaymentLink(
            # Stripe keeps idempotency keys for the account, so the id is random, never counted.
            row_id=f"paylink_{secrets.token_hex(16)}",
            invoice_key=key,
            terms=request.terms,
            is_live=self._gateway.is_live,
            request=request.fingerprint,
            state=PaymentLinkState.CREATING,
            created_at=self._with.now(),
        )
        tx.add_payment_link(row)
        return _Making(row, replace(request, row_id=row.row_id))


def _fits(row: PaymentLink, request: PaymentLinkRequest | None) -> bool:
    return request is not None and row.request == request.fingerprint
