"""Bring in everything the payment provider knows: the door that is left when every webhook was lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from portal.errors import UnexpectedAnswerError
from portal.payments.facts import facts_of, is_ours, is_posted, paid_by_payment, strange_words
from portal.payments.history import History, Patience, read_history
from portal.payments.holding import LEGAL_MOVES, NEXT_STATE
from portal.payments.settlement import Outcome, settle, settle_payment
from portal.ports import LIVE_STATES, HoldState
from portal.ports.alarms import Alarm, AlarmKind
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.payments.settlement import Settlement
    from portal.ports import Hold, Ledger, PaymentGateway
    from portal.ports.provider_reports import CheckoutReport, PaymentReport

OVERLAP = timedelta(days=3)
"""A sync looks again at what was made this long before the last one began; whatever is known already is no matter."""
EVENTS_REACH = timedelta(days=25)
"""After a longer pause everything is read again, for Stripe forgets events after 30 days."""
GIVEN_UP = timedelta(hours=1)
"""A reservation without an answer for so long has none on its way."""
_UNSETTLED = LIVE_STATES | {HoldState.PROCESSING}


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        since: what it looked at; None for everything there is.
        payments: how many payments of the portal's own it looked at.
        entries: how many facts were new.
        holds: how many reservations were ended or found again.
        alarms: how many new things the owner has to look at.
    """

    since: datetime | None
    payments: int
    entries: int
    holds: int
    alarms: int

    @property
    def found_nothing(self) -> bool:
        """Whether the ledger knew it all."""
        return not (self.entries or self.holds or self.alarms)


def sync(
    gateway: PaymentGateway,
    ledger: Ledger,
    now: datetime,
    *,
    since: datetime | None = None,
    patience: Patience | None = None,
) -> SyncReport:
    """Read the provider's lists and settle what they hold; interrupted, it is simply run again.

    Args:
        gateway: the provider.
        ledger: what is brought level with it.
        now: the moment it begins.
        since: look at everything since then; by default since the last sync, with an overlap.
        patience: what waits when the provider asks for fewer requests, and says how far it is.

    Raises:
        GatewayError: the provider did not answer; what was settled before stays.
    """
    return _Sync(gateway, ledger, now, patience or Patience()).run(since or _window(ledger, now))


def _window(ledger: Ledger, now: datetime) -> datetime | None:
    last = ledger.last_sync()
    if last is None or now - last > EVENTS_REACH:
        return None
    return last - OVERLAP


class _Sync:
    """One run: what is known already is left alone, so that a second run writes nothing."""

    def __init__(self, gateway: PaymentGateway, ledger: Ledger, now: datetime, patience: Patience) -> None:
        self._gateway, self._ledger, self._now, self._patience = gateway, ledger, now, patience
        facts = ledger.entries_by_invoice()
        self._known = {(fact.kind, fact.external_id, key) for key, some in facts.items() for fact in some}
        self._posted = facts
        self._holds = {hold.hold_id: hold for hold in ledger.holds_in(HoldState)}
        self._alarms = ledger.alarms()
        self._entries = 0

    def run(self, since: datetime | None) -> SyncReport:
        history = read_history(self._gateway, since, self._patience)
        ours = [self._as_of_now(one) for one in history.payments if is_ours(one, self._holds)]
        earlier = [report for one in sorted(self._to_ask_for(history)) if (report := self._fetch(one))]
        for payment in (*ours, *earlier):
            if not self._is_level(payment):
                self._count(settle_payment(payment, self._ledger, self._now))
        self._settle_checkouts(history.checkouts)
        self._settle_forgotten()
        with self._ledger.transaction() as tx:
            for gap in history.gaps:
                tx.raise_alarm(Alarm(AlarmKind.UNFAMILIAR, gap, gap, self._now))
            tx.record_sync(self._now)
        return SyncReport(
            since=since,
            payments=len(ours) + len(earlier),
            entries=self._entries,
            holds=self._moved_holds(),
            alarms=len(self._ledger.alarms()) - len(self._alarms),
        )

    def _to_ask_for(self, history: History) -> frozenset[str]:
        """Earlier payments of ours that something happened to, or that wait for something to happen."""
        ended = {one for kind, one, _key in self._known if kind in (EntryKind.PAYMENT, EntryKind.PAYMENT_FAILED)}
        started = {one for kind, one, _key in self._known if kind is EntryKind.PAYMENT_STARTED}
        aside = self._aside()
        waiting = (started - ended) | aside
        listed = {one.payment_id for one in history.payments}
        return ((history.touched & (started | ended | aside)) | waiting) - listed

    def _aside(self) -> set[str]:
        """Payments that were set aside, whole or in part, and not given back: their invoices may be known by now."""
        kinds = (AlarmKind.UNMATCHED, AlarmKind.QUARANTINED)
        back = {alarm.external_id for alarm in self._alarms if alarm.kind is AlarmKind.GIVEN_BACK}
        paid = paid_by_payment(self._posted.values())
        aside = (one for one in self._alarms if one.kind in kinds and not is_posted(one, paid))
        return {alarm.external_id for alarm in aside} - back

    def _as_of_now(self, listed: PaymentReport) -> PaymentReport:
        """A payment as it was listed, or asked for again where it was paid before its checkout was listed."""
        return (self._fetch(listed.payment_id) if listed.is_overtaken else None) or listed

    def _fetch(self, payment_id: str) -> PaymentReport | None:
        try:
            return self._patience(lambda: self._gateway.fetch_payment(payment_id))
        except UnexpectedAnswerError:
            # Of another account or world than today's key: a reconciliation names it.
            return None

    def _is_level(self, payment: PaymentReport) -> bool:
        """Whether the ledger has all of it, so that nothing need be locked and no page frozen again."""
        hold = self._holds.get(payment.hold_id or "")
        parts = hold.allocations if hold else payment.allocations
        posted = [entry for part in parts for entry in self._posted.get(part.invoice_key, ())]
        facts = facts_of(payment, parts, posted)
        known = all((fact.kind, fact.external_id, fact.invoice_key) in self._known for fact in facts)
        named = {alarm.external_id for alarm in self._alarms}
        told = all(external_id in named for external_id, _what in strange_words(payment))
        return known and told and (payment.checkout is None or self._hold_is_level(payment.checkout))

    def _hold_is_level(self, checkout: CheckoutReport) -> bool:
        state = NEXT_STATE[checkout.status]
        hold = self._holds.get(checkout.hold_id or "")
        if hold is None:
            return state is HoldState.RELEASED
        return state not in LEGAL_MOVES[hold.state] and (hold.checkout_id is not None or state is HoldState.RELEASED)

    def _settle_checkouts(self, checkouts: Iterable[CheckoutReport]) -> None:
        """Reservations that expired, that a lost answer left without an address, or that a lost ledger forgot."""
        for checkout in checkouts:
            if checkout.hold_id is not None and checkout.payment_id is None and not self._hold_is_level(checkout):
                self._count(settle(checkout, self._ledger, self._now))

    def _settle_forgotten(self) -> None:
        """Reservations that no list named: older than the window, or never opened."""
        for hold in self._ledger.holds_in(_UNSETTLED):
            if hold.checkout_id is None:
                self._look_up(hold)
            elif hold.expires_at < self._now or hold.state is HoldState.PROCESSING:
                self._ask_about(hold, hold.checkout_id)

    def _ask_about(self, hold: Hold, checkout_id: str) -> None:
        try:
            checkout = self._patience(lambda: self._gateway.fetch_checkout(checkout_id))
        except UnexpectedAnswerError:
            return
        if NEXT_STATE[checkout.status] is not hold.state:
            self._count(settle(checkout, self._ledger, self._now))

    def _look_up(self, hold: Hold) -> None:
        """Its address was never given to anyone; where the provider has no checkout for it, nobody can pay it."""
        if self._now - hold.created_at < GIVEN_UP:
            return
        checkout = self._patience(lambda: self._gateway.find_checkout(hold))
        if checkout is not None:
            self._count(settle(checkout, self._ledger, self._now))
            return
        with self._ledger.transaction() as tx:
            now = tx.hold(hold.hold_id)
            if now is not None and now.state in {HoldState.CREATING, HoldState.UNKNOWN}:
                tx.update_hold(_released(now))

    def _count(self, settlement: Settlement) -> None:
        self._entries += settlement.appended if settlement.outcome is Outcome.APPLIED else 0

    def _moved_holds(self) -> int:
        after = self._ledger.holds_in(HoldState)
        return sum(1 for hold in after if self._holds.get(hold.hold_id) != hold)


def _released(hold: Hold) -> Hold:
    return replace(hold, state=HoldState.RELEASED)
