"""What is to be charged to a saved card now: one charge for each agreement, with its part on each invoice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.ports.plans import MOST_ATTEMPTS, Attempt, AttemptState, PlanLife
from portal.receivables.agreements import days_of
from portal.receivables.allocation import Allocation, Allocations, card_takes, total_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import in_force, open_disputes
from portal.receivables.plans import plan_standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from portal.ports import LedgerTransaction
    from portal.ports.plans import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class DuePart:
    """What is due on one invoice of an agreement, and the last day that it was due on."""

    record: PlanRecord
    amount: Money
    due_on: date

    @property
    def allocation(self) -> Allocation:
        """The part as one of a payment."""
        return Allocation(self.record.plan.invoice_key, self.amount)


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge of a saved card; ``attempts`` has its part on each invoice, in the order of the agreement."""

    attempts: tuple[Attempt, ...]

    @property
    def first(self) -> Attempt:
        """Any of the parts: key, state and times are the same for all."""
        return self.attempts[0]

    @property
    def allocations(self) -> Allocations:
        """What of it belongs to which invoice."""
        return tuple(Allocation(part.invoice_key, part.amount) for part in self.attempts)

    @property
    def invoice_keys(self) -> tuple[str, ...]:
        """The invoices it is for."""
        return tuple(part.invoice_key for part in self.attempts)

    @property
    def amount(self) -> Money:
        """What is charged in all."""
        return total_of(self.allocations)

    def ended(self, state: AttemptState, payment_id: str | None, reason: str | None) -> Charge:
        """The charge with what became of it."""
        attempts = (replace(part, state=state, payment_id=payment_id, reason=reason) for part in self.attempts)
        return Charge(tuple(attempts))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A charge that is due and is not made now, and why."""

    charge: Charge
    reason: str


def charges_of(records: Iterable[PlanRecord]) -> tuple[Charge, ...]:
    """The charges that were begun for an agreement, oldest first."""
    parts: dict[tuple[int, int], list[Attempt]] = {}
    for record in records:
        for attempt in record.attempts:
            parts.setdefault((attempt.installment, attempt.number), []).append(attempt)
    charges = (Charge(tuple(some)) for some in parts.values())
    return tuple(sorted(charges, key=lambda one: (one.first.begun_at, one.first.installment, one.first.number)))


def under_way(charges: Iterable[Charge]) -> Charge | None:
    """The charge whose outcome nobody knows yet."""
    return next((one for one in charges if one.first.state is AttemptState.BEGUN), None)


def due_parts(agreement_id: str, tx: LedgerTransaction, as_of: date) -> tuple[DuePart, ...]:
    """What is due on the day ``as_of`` on each invoice of an agreement, never more than is left on it."""
    return tuple(part for record in tx.agreement(agreement_id) if (part := _due_part(record, tx, as_of)))


def next_charge(agreement_id: str, tx: LedgerTransaction, now: datetime, as_of: date) -> Charge | Waiting | None:
    """The charge to make now, why it has to wait, or None where nothing is due.

    What was missed is charged together with the last payment that fell due.
    """
    parts = due_parts(agreement_id, tx, as_of)
    if not parts:
        return None
    records = tx.agreement(agreement_id)
    earlier = charges_of(records)
    days = days_of(record.plan.installments for record in records)
    installment = days.index(max(part.due_on for part in parts)) + 1
    tries = [one.first.number for one in earlier if one.first.installment == installment]
    charge = Charge(
        tuple(
            Attempt(
                plan_id=part.record.plan.plan_id,
                invoice_key=part.record.plan.invoice_key,
                installment=installment,
                number=max(tries, default=0) + 1,
                amount=part.amount,
                state=AttemptState.BEGUN,
                begun_at=now,
                begun_on=as_of,
                agreement_id=part.record.plan.agreement_id,
            )
            for part in parts
        )
    )
    entries = [entry for record in records for entry in tx.entries(record.plan.invoice_key)]
    reason = _why_not(records, charge, earlier, entries)
    return Waiting(charge, reason) if reason else charge


def _due_part(record: PlanRecord, tx: LedgerTransaction, as_of: date) -> DuePart | None:
    key = record.plan.invoice_key
    invoice = tx.invoice(key)
    if record.life is not PlanLife.IN_FORCE or invoice is None:
        return None
    entries = tx.entries(key)
    balance = balance_of(invoice, entries, as_of)
    stands = plan_standing(record.plan, invoice, balance, entries, as_of)
    amount = min(stands.due, balance.amount_offerable)
    days = [one.due_on for one in stands.installments if not one.is_paid and one.due_on <= as_of]
    return DuePart(record, amount, max(days)) if amount and days else None


def _why_not(
    records: Sequence[PlanRecord], charge: Charge, earlier: Sequence[Charge], entries: Iterable[Entry]
) -> str | None:
    """Why a charge that is due is not made now."""
    plan = records[0].plan
    reasons = (
        (plan.customer_id is None or plan.payment_method_id is None, "no card is saved"),
        (under_way(earlier) is not None, "the outcome of another charge is not known yet"),
        (any(one.first.state is AttemptState.PROCESSING for one in earlier), "another charge is on its way"),
        (bool(open_disputes(in_force(entries))), "a payment is disputed by the card's bank"),
        (not card_takes(charge.allocations), "no card payment can carry this amount"),
    )
    return next((reason for applies, reason in reasons if applies), None) or _why_not_again(charge, earlier)


def _why_not_again(charge: Charge, earlier: Sequence[Charge]) -> str | None:
    """Why an installment that was tried before is not tried now."""
    tries = [one.first for one in earlier if one.first.installment == charge.first.installment]
    states = [one.state for one in tries]
    if AttemptState.NEEDS_APPROVAL in states:
        return "the bank wants the customer's approval: they are asked on the page"
    if states.count(AttemptState.DECLINED) >= MOST_ATTEMPTS:
        return f"it was declined {MOST_ATTEMPTS} times: the customer is asked on the page"
    return "it was tried today" if any(one.begun_on >= charge.first.begun_on for one in tries) else None
