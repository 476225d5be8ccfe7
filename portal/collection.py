"""Charge the installments that fell due, each once, and never more than is left.

Any number of runs a day is safe, and so are two at once. Per invoice: open checkouts are closed first, so that the
ledger knows everything; then, in one transaction, the amount is worked out from the ledger and the attempt is written
down; only then is the provider asked, with the attempt's own key. Where the answer never came, the same key is used
again within a day, and after that the charge is looked up: it is never made a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.errors import GatewayError, GatewayUnreachableError
from portal.plan_ports import MOST_ATTEMPTS, Attempt, AttemptState, ChargeOutcome, ChargeRequest
from portal.ports import LIVE_STATES
from portal.provider_reports import PaymentStatus
from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.plans import plan_standing
from portal.settlement import settle_payment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from portal.plan_ports import ChargeReport, Collector, PlanRecord
    from portal.ports import Ledger, LedgerTransaction, PaymentGateway
    from portal.receivables.entries import Entry
    from portal.receivables.money import Money

KEY_LIFETIME = timedelta(hours=23)
"""How long the provider surely remembers a key: 24 hours, less an hour for clocks."""
_JUST_OPENED = "a checkout is just being opened"


class Collected(StrEnum):
    """What a run did for one plan."""

    CHARGED = "charged"
    ON_ITS_WAY = "on its way"
    DECLINED = "declined"
    NEEDS_APPROVAL = "needs approval"
    UNKNOWN = "outcome unknown"
    FAILED = "not possible"
    WAITING = "waiting"
    WOULD_CHARGE = "would charge"


@dataclass(frozen=True, slots=True)
class CollectionResult:
    """What a run did for one plan, and why where it did nothing."""

    invoice_key: str
    installment: int
    amount: Money
    outcome: Collected
    reason: str | None = None


_STATES = {
    ChargeOutcome.SUCCEEDED: (AttemptState.SUCCEEDED, Collected.CHARGED),
    ChargeOutcome.PROCESSING: (AttemptState.PROCESSING, Collected.ON_ITS_WAY),
    ChargeOutcome.DECLINED: (AttemptState.DECLINED, Collected.DECLINED),
    ChargeOutcome.NEEDS_APPROVAL: (AttemptState.NEEDS_APPROVAL, Collected.NEEDS_APPROVAL),
}


@dataclass(frozen=True, slots=True)
class Collection:
    """Charges due installments.

    Attributes:
        close_checkouts: brings the ledger level on an invoice's open checkouts and closes them; False where one is
            just being opened.
        describe: what the charge is called on the provider's side.
        now: the clock; ``today`` the day in the business's time zone.
    """

    ledger: Ledger
    gateway: PaymentGateway
    collector: Collector
    close_checkouts: Callable[[str], bool]
    describe: Callable[[str], str]
    now: Callable[[], datetime]
    today: Callable[[], date]

    def collect(self, *, dry_run: bool = False) -> Iterator[CollectionResult]:
        """Charge what is due on every automatic plan; yields what was done for each that has something due."""
        for key, record in self.ledger.plans_in_force().items():
            if record.plan.automatic:
                result = self._look(key) if dry_run else self._collect(key)
                if result is not None:
                    yield result

    def _look(self, key: str) -> CollectionResult | None:
        with self.ledger.transaction() as tx:
            found = self._decide(key, tx)
        if isinstance(found, Attempt):
            return _result(found, Collected.WOULD_CHARGE)
        return found

    def _collect(self, key: str) -> CollectionResult | None:
        """One invoice: earlier charges are understood first, open checkouts are closed, then what is due is charged."""
        if unknown := self._understand(key):
            return unknown
        asked = self._look(key)
        if asked is None or asked.outcome is Collected.WAITING:
            return asked
        try:
            closed = self.close_checkouts(key)
        except GatewayError as error:
            return replace(asked, outcome=Collected.FAILED, reason=str(error))
        if not closed:
            return replace(asked, outcome=Collected.WAITING, reason=_JUST_OPENED)
        with self.ledger.transaction() as tx:
            found = self._decide(key, tx)
            if isinstance(found, Attempt) and tx.holds(key, LIVE_STATES):
                # Somebody clicked after the last look: what they may pay now must not be charged as well.
                found = _result(found, Collected.WAITING, _JUST_OPENED)
            if isinstance(found, Attempt):
                tx.add_attempt(found)
            record = tx.plan_in_force(key)
        if record is not None and isinstance(found, Attempt):
            return self._charge(record, found)
        return found if isinstance(found, CollectionResult) else None

    # ---- what is due

    def _decide(self, key: str, tx: LedgerTransaction) -> Attempt | CollectionResult | None:
        """The charge to make now, why it has to wait, or None where nothing is due."""
        record, invoice = tx.plan_in_force(key), tx.invoice(key)
        if record is None or invoice is None:
            return None
        entries, today = tx.entries(key), self.today()
        balance = balance_of(invoice, entries, today)
        stands = plan_standing(record.plan, invoice, balance, entries, today)
        if not stands.due:
            return None
        # What was missed is charged together with the last one that fell due.
        number = max(one.number for one in stands.installments if not one.is_paid and one.due_on <= today)
        earlier = [attempt.number for attempt in record.attempts if attempt.installment == number]
        attempt = Attempt(
            plan_id=record.plan.plan_id,
            invoice_key=key,
            installment=number,
            number=max(earlier, default=0) + 1,
            amount=min(stands.due, balance.amount_offerable),
            state=AttemptState.BEGUN,
            begun_at=self.now(),
            begun_on=today,
        )
        reason = _why_not(record, attempt, entries)
        return _result(attempt, Collected.WAITING, reason) if reason else attempt

    # ---- charging

    def _charge(self, record: PlanRecord, attempt: Attempt) -> CollectionResult:
        try:
            report = self.collector.charge(self._request(record, attempt))
            return self._conclude(attempt, report)
        except GatewayUnreachableError as error:
            return _result(attempt, Collected.UNKNOWN, str(error))
        except GatewayError as error:
            self._keep(attempt, AttemptState.ABANDONED, None, error.problems[0].field)
            return _result(attempt, Collected.FAILED, str(error))

    def _conclude(self, attempt: Attempt, report: ChargeReport) -> CollectionResult:
        """Count the money by the provider's own word, then keep what became of the attempt."""
        state, outcome = _STATES[report.outcome]
        if report.payment_id and outcome in {Collected.CHARGED, Collected.ON_ITS_WAY}:
            try:
                settle_payment(self.gateway.fetch_payment(report.payment_id), self.ledger, self.now())
            except GatewayError as error:
                return _result(attempt, Collected.UNKNOWN, str(error))
        self._keep(attempt, state, report.payment_id, report.reason)
        return _result(attempt, outcome, report.reason)

    def _keep(self, attempt: Attempt, state: AttemptState, payment_id: str | None, reason: str | None) -> None:
        with self.ledger.transaction() as tx:
            tx.update_attempt(replace(attempt, state=state, payment_id=payment_id, reason=reason))
            tx.enqueue_freeze(attempt.invoice_key)

    def _request(self, record: PlanRecord, attempt: Attempt) -> ChargeRequest:
        return ChargeRequest(
            key=attempt.key,
            invoice_key=attempt.invoice_key,
            plan_id=attempt.plan_id,
            installment=attempt.installment,
            amount=attempt.amount,
            customer_id=record.plan.customer_id or "",
            payment_method_id=record.plan.payment_method_id or "",
            description=self.describe(attempt.invoice_key),
        )

    # ---- charges whose end is not known

    def _understand(self, key: str) -> CollectionResult | None:
        """Learn what became of earlier charges; the one that is still unknown, or what is known of it now."""
        record = self.ledger.plan_in_force(key)
        if record is None:
            return None
        try:
            for attempt in record.attempts:
                if attempt.state is AttemptState.PROCESSING and attempt.payment_id:
                    self._look_after(attempt, attempt.payment_id)
            return self._resume(record, record.under_way) if record.under_way else None
        except GatewayError as error:
            pending = record.under_way or record.attempts[-1]
            return _result(pending, Collected.UNKNOWN, str(error))

    def _look_after(self, attempt: Attempt, payment_id: str) -> None:
        report = self.gateway.fetch_payment(payment_id)
        settle_payment(report, self.ledger, self.now())
        if report.status is PaymentStatus.SUCCEEDED:
            self._keep(attempt, AttemptState.SUCCEEDED, payment_id, None)
        elif report.status in {PaymentStatus.FAILED, PaymentStatus.CANCELED}:
            self._keep(attempt, AttemptState.DECLINED, payment_id, report.word)

    def _resume(self, record: PlanRecord, attempt: Attempt) -> CollectionResult | None:
        """Look the charge up; where it was never made, make it with its own key, or give it up after a day."""
        found = self.collector.find_charge(self._request(record, attempt))
        if found is not None:
            return self._conclude(attempt, found)
        if self.now() - attempt.begun_at < KEY_LIFETIME:
            return self._charge(record, attempt)
        self._keep(attempt, AttemptState.ABANDONED, None, "never made")
        return None


def _why_not(record: PlanRecord, attempt: Attempt, entries: Iterable[Entry]) -> str | None:
    """Why a charge that is due is not made now."""
    plan = record.plan
    reasons = (
        (plan.customer_id is None or plan.payment_method_id is None, "no card is saved"),
        (record.under_way is not None, "the outcome of another charge is not known yet"),
        (any(one.state is AttemptState.PROCESSING for one in record.attempts), "another charge is on its way"),
        (_is_disputed(entries), "a payment is disputed by the card's bank"),
        (not card_limits(attempt.amount.currency).allow(attempt.amount), "no card payment can carry this amount"),
    )
    return next((reason for applies, reason in reasons if applies), None) or _why_not_again(record, attempt)


def _why_not_again(record: PlanRecord, attempt: Attempt) -> str | None:
    """Why an installment that was tried before is not tried now."""
    tries = [one for one in record.attempts if one.installment == attempt.installment]
    states = [one.state for one in tries]
    if AttemptState.NEEDS_APPROVAL in states:
        return "the bank wants the customer's approval: they are asked on the page"
    if states.count(AttemptState.DECLINED) >= MOST_ATTEMPTS:
        return f"it was declined {MOST_ATTEMPTS} times: the customer is asked on the page"
    return "it was tried today" if any(one.begun_on >= attempt.begun_on for one in tries) else None


def _is_disputed(entries: Iterable[Entry]) -> bool:
    facts = in_force(entries)
    closed = {entry.external_id for entry in facts if entry.kind is EntryKind.DISPUTE_CLOSED}
    return any(e.kind is EntryKind.DISPUTE_OPENED and e.external_id not in closed for e in facts)


def _result(attempt: Attempt, outcome: Collected, reason: str | None = None) -> CollectionResult:
    return CollectionResult(attempt.invoice_key, attempt.installment, attempt.amount, outcome, reason)
