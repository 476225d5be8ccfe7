"""Charge the installments that fell due, each once, and never more than is left.

Any number of runs a day is safe, and so are two at once. Per agreement, which is a plan on one invoice or on several:
open checkouts are closed first, so that the ledger knows everything; then, in one transaction, the amount is worked out
from the ledger and the attempt is written down; only then is the provider asked, with the attempt's own key. Where the
answer never came, the same key is used again within a day, and after that the charge is looked up: it is never made a
second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.errors import GatewayError, GatewayUnreachableError
from portal.payments.due_charges import Charge, Waiting, charges_of, next_charge, under_way
from portal.payments.facts import given_back
from portal.payments.settlement import Outcome, settle_payment
from portal.ports import LIVE_STATES
from portal.ports.plans import AttemptState, ChargeOutcome, ChargeRequest
from portal.ports.provider_reports import PaymentStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from portal.ports import Ledger, LedgerTransaction, PaymentGateway
    from portal.ports.plans import ChargeReport, Collector, PlanRecord
    from portal.receivables.money import Money

KEY_LIFETIME = timedelta(hours=23)
"""How long the provider surely remembers a key: 24 hours, less an hour for clocks."""
_JUST_OPENED = "a checkout is just being opened"
_SET_ASIDE = "a payment for this plan was set aside: see `portal alarms`"


class Collected(StrEnum):
    """What a run did for one agreement."""

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
    """What a run did for one agreement, and why where it did nothing."""

    invoice_keys: tuple[str, ...]
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
        close_checkouts: brings the ledger level on an invoice's open checkouts and closes them, and its payment link;
            False where one is just being opened.
        is_live: whether real money moves.
        describe: what a charge for these invoices is called on the provider's side.
        now: the clock; ``today`` the day in the business's time zone.
    """

    ledger: Ledger
    gateway: PaymentGateway
    collector: Collector
    close_checkouts: Callable[[str], bool]
    is_live: bool
    describe: Callable[[Sequence[str]], str]
    now: Callable[[], datetime]
    today: Callable[[], date]

    def collect(self, *, dry_run: bool = False) -> Iterator[CollectionResult]:
        """Charge what is due on every automatic plan; yields what was done for each that has something due."""
        records = self.ledger.plans_in_force().values()
        for agreement_id in dict.fromkeys(one.plan.agreement for one in records if one.plan.automatic):
            result = self._look(agreement_id) if dry_run else self._collect(agreement_id)
            if result is not None:
                yield result

    def _look(self, agreement_id: str) -> CollectionResult | None:
        with self.ledger.transaction() as tx:
            found = next_charge(agreement_id, tx, self.now(), self.today())
        match found:
            case Charge():
                return _result(found, Collected.WOULD_CHARGE)
            case Waiting(charge, reason):
                return _result(charge, Collected.WAITING, reason)
            case None:
                return None

    def _collect(self, agreement_id: str) -> CollectionResult | None:
        """One agreement: earlier charges are understood, open checkouts are closed, then what is due is charged."""
        if unknown := self._understand(agreement_id):
            return unknown
        asked = self._look(agreement_id)
        if asked is None or asked.outcome is Collected.WAITING:
            return asked
        try:
            is_counted = self._bring_in(agreement_id)
            closed = all(self.close_checkouts(key) for key in asked.invoice_keys)
        except GatewayError as error:
            return replace(asked, outcome=Collected.FAILED, reason=str(error))
        if not (is_counted and closed):
            return replace(asked, outcome=Collected.WAITING, reason=_JUST_OPENED if is_counted else _SET_ASIDE)
        with self.ledger.transaction() as tx:
            found = next_charge(agreement_id, tx, self.now(), self.today())
            if isinstance(found, Charge) and any(self._is_payable(key, tx) for key in found.invoice_keys):
                # Somebody clicked after the last look, or a build made a link: it must not be charged as well.
                found = Waiting(found, _JUST_OPENED)
            records = tx.agreement(agreement_id)
            for attempt in found.attempts if isinstance(found, Charge) else ():
                tx.add_attempt(attempt)
        if isinstance(found, Waiting):
            return _result(found.charge, Collected.WAITING, found.reason)
        return self._charge(records[0], found) if found else None

    def _is_payable(self, key: str, tx: LedgerTransaction) -> bool:
        return bool(tx.holds(key, LIVE_STATES)) or tx.payment_link_of(key, is_live=self.is_live) is not None

    def _bring_in(self, agreement_id: str) -> bool:
        """Count what was paid for an agreement and is not in the ledger; False where it cannot be posted.

        A ledger that was put back from a backup knows of no charge since then, and must not make them again.
        """
        records = self.ledger.agreement(agreement_id)
        known = {entry.external_id for one in records for entry in self.ledger.entries_of(one.plan.invoice_key)}
        paid = self.collector.payments_of(agreement_id, records[0].plan.customer_id or "")
        return all(self._is_counted(payment_id) for payment_id in paid if payment_id not in known)

    def _is_counted(self, payment_id: str) -> bool:
        report = self.gateway.fetch_payment(payment_id)
        return settle_payment(report, self.ledger, self.now()).outcome is Outcome.APPLIED or given_back(report)

    # ---- charging

    def _charge(self, record: PlanRecord, charge: Charge) -> CollectionResult:
        try:
            report = self.collector.charge(self._request(record, charge))
            return self._conclude(charge, report)
        except GatewayUnreachableError as error:
            return _result(charge, Collected.UNKNOWN, str(error))
        except GatewayError as error:
            self._keep(charge, AttemptState.ABANDONED, None, error.problems[0].field)
            return _result(charge, Collected.FAILED, str(error))

    def _conclude(self, charge: Charge, report: ChargeReport) -> CollectionResult:
        """Count the money by the provider's own word, then keep what became of the attempt."""
        state, outcome = _STATES[report.outcome]
        if report.payment_id and outcome in {Collected.CHARGED, Collected.ON_ITS_WAY}:
            try:
                settle_payment(self.gateway.fetch_payment(report.payment_id), self.ledger, self.now())
            except GatewayError as error:
                return _result(charge, Collected.UNKNOWN, str(error))
        self._keep(charge, state, report.payment_id, report.reason)
        return _result(charge, outcome, report.reason)

    def _keep(self, charge: Charge, state: AttemptState, payment_id: str | None, reason: str | None) -> None:
        with self.ledger.transaction() as tx:
            tx.lock(*charge.invoice_keys)
            for attempt in charge.ended(state, payment_id, reason).attempts:
                tx.update_attempt(attempt)
                tx.enqueue_freeze(attempt.invoice_key)

    def _request(self, record: PlanRecord, charge: Charge) -> ChargeRequest:
        return ChargeRequest(
            key=charge.first.key,
            allocations=charge.allocations,
            plan_id=record.plan.agreement,
            installment=charge.first.installment,
            customer_id=record.plan.customer_id or "",
            payment_method_id=record.plan.payment_method_id or "",
            description=self.describe(charge.invoice_keys),
        )

    # ---- charges whose end is not known

    def _understand(self, agreement_id: str) -> CollectionResult | None:
        """Learn what became of earlier charges; the one that is still unknown, or what is known of it now."""
        records = self.ledger.agreement(agreement_id)
        charges = charges_of(records)
        unknown = under_way(charges)
        try:
            for charge in charges:
                if charge.first.state is AttemptState.PROCESSING and charge.first.payment_id:
                    self._look_after(charge, charge.first.payment_id)
            return self._resume(records[0], unknown) if unknown else None
        except GatewayError as error:
            return _result(unknown or charges[-1], Collected.UNKNOWN, str(error))

    def _look_after(self, charge: Charge, payment_id: str) -> None:
        report = self.gateway.fetch_payment(payment_id)
        settle_payment(report, self.ledger, self.now())
        if report.status is PaymentStatus.SUCCEEDED:
            self._keep(charge, AttemptState.SUCCEEDED, payment_id, None)
        elif report.status in {PaymentStatus.FAILED, PaymentStatus.CANCELED}:
            self._keep(charge, AttemptState.DECLINED, payment_id, report.word)

    def _resume(self, record: PlanRecord, charge: Charge) -> CollectionResult | None:
        """Look the charge up; where it was never made, make it with its own key, or give it up after a day."""
        found = self.collector.find_charge(self._request(record, charge))
        if found is not None:
            return self._conclude(charge, found)
        if self.now() - charge.first.begun_at < KEY_LIFETIME:
            return self._charge(record, charge)
        self._keep(charge, AttemptState.ABANDONED, None, "never made")
        return None


def _result(charge: Charge, outcome: Collected, reason: str | None = None) -> CollectionResult:
    return CollectionResult(charge.invoice_keys, charge.first.installment, charge.amount, outcome, reason)
