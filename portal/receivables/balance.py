"""What is still to pay on one invoice on one day: derived, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.accrual import arrivals_of, discount_open, discount_taken
from portal.receivables.card_limits import card_limits
from portal.receivables.due_parts import overdue_of, standing_of_parts
from portal.receivables.invoice import DocumentKind, PaymentMeans
from portal.receivables.invoice_balance import InvoiceBalance
from portal.receivables.late_fees import late_fee
from portal.receivables.money import Money, zero
from portal.receivables.movements import Movements, movements_of
from portal.receivables.pauses import pauses_of
from portal.receivables.plans import PlanState, schedule_in_force, standing_of_schedule
from portal.receivables.statuses import InvoiceStatus, NothingToPay

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.receivables.due_parts import PartStanding
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.plans import PlanStanding


def balance_of(invoice: Invoice, entries: Iterable[Entry], as_of: date) -> InvoiceBalance:
    """The balance of an invoice on the day ``as_of``, from what was issued and what has happened since.

    Entries count whenever they occurred and in whatever order they came: the ledger holds what is known now. The day
    decides only what is due.
    """
    facts = tuple(entries)
    moved = movements_of(facts, invoice.currency)
    nothing = zero(invoice.currency)
    prepaid = invoice.amount_prepaid
    paid = max(prepaid + moved.received - moved.taken_back, min(prepaid, nothing))
    reason = _reason(invoice, prepaid, moved)
    claim = _claim(invoice, moved, reason, prepaid, paid)
    given_up = min(moved.written_off, max(claim, nothing))
    effect = _no_effect(invoice.currency)
    if reason is None and invoice.terms.matter:
        effect = _effect_of_terms(invoice, facts, claim - given_up, as_of)
    asked = claim - effect.discount - given_up
    due, fees, written_off = _with_fees(asked, given_up, effect.fees, moved, paid)
    remaining = max(due - paid, nothing)
    if reason is None and remaining and invoice.gone_on is not None:
        # Why it left the owner's files nobody knows: nothing more is asked for, and only what arrived counts as paid.
        due, remaining, reason = due - remaining, nothing, NothingToPay.NO_LONGER_OPEN
    if reason is None and written_off and not remaining:
        reason = NothingToPay.WRITTEN_OFF
    offered = min(effect.offered, remaining)
    parts = standing_of_parts(invoice.parts, max(asked, nothing), paid) if remaining else ()
    status = _status(invoice, parts, remaining, paid, reason, as_of)
    left = max(remaining - moved.on_its_way, nothing)
    plan = _plan_in_force(invoice, facts, left, as_of) if facts else None
    overdue = _overdue(invoice, parts, plan, left, moved.on_its_way, status, as_of)
    return InvoiceBalance(
        amount_due=due,
        amount_paid=paid,
        amount_remaining=remaining,
        amount_overpaid=max(paid - due, nothing),
        amount_on_its_way=moved.on_its_way,
        amount_refunded=moved.refunded,
        amount_disputed=moved.disputed,
        amount_credited=moved.credited,
        amount_written_off=written_off,
        amount_discounted=effect.discount,
        amount_fees=fees,
        amount_offerable=max(left - offered, nothing),
        discount_offered=offered,
        catch_up=max(min(overdue, left - offered), nothing),
        discount_until=effect.offered_until if remaining else None,
        status=status,
        parts=() if plan else parts,
        is_disputed=moved.is_disputed,
        reason=reason,
    )


def _with_fees(asked: Money, given_up: Money, fees: Money, moved: Movements, paid: Money) -> tuple[Money, Money, Money]:
    """What is due with late fees, the fees in it, and what stays written off of both.

    Args:
        asked: for the invoice itself, without what was written off of it.
        given_up: what was written off of it; what is left of a write-off is taken from the fees.
        fees: by the terms, before any was waived.
        moved: what was written off and waived.
        paid: money that comes after a write-off was owed, so it is taken for that before it is an overpayment.
    """
    nothing = zero(asked.currency)
    fees = _worth_asking(max(fees - moved.waived, nothing), paid - asked)
    fees_given_up = min(moved.written_off - given_up, fees)
    due = asked + fees - fees_given_up
    recovered = min(given_up + fees_given_up, max(paid - due, nothing))
    return due + recovered, fees, given_up + fees_given_up - recovered


@dataclass(frozen=True, slots=True)
class _Effect:
    """What the terms do on one day."""

    discount: Money
    offered: Money
    offered_until: date | None
    fees: Money


def _no_effect(currency: str) -> _Effect:
    nothing = zero(currency)
    return _Effect(nothing, nothing, None, nothing)


def _effect_of_terms(invoice: Invoice, facts: tuple[Entry, ...], claim: Money, as_of: date) -> _Effect:
    """The terms look at what the invoice asks for; what its source says was paid before is not part of that."""
    nothing = zero(invoice.currency)
    asked = max(claim - invoice.amount_prepaid, nothing)
    arrivals = arrivals_of(facts, invoice.terms.zone, invoice.currency)
    discount = discount_taken(invoice.terms, asked, arrivals)
    offered, until = discount_open(invoice.terms, asked, discount, arrivals, as_of)
    pauses = pauses_of(facts, invoice.terms.zone)
    fees = late_fee(invoice.terms.late, asked - discount, arrivals, pauses, as_of)
    return _Effect(discount, offered, until, fees)


def _worth_asking(fees: Money, beyond: Money) -> Money:
    """The fees, without a rest of them that no card payment could carry once the invoice itself is paid.

    ``beyond`` is what was paid beyond the invoice itself; negative where it is not paid yet.
    """
    unpaid = fees - beyond
    return beyond if beyond.minor >= 0 and 0 < unpaid.minor < card_limits(fees.currency).minimum.minor else fees


def reason_for_nothing(invoice: Invoice) -> NothingToPay | None:
    """Why this document never asks for money, or None where it does."""
    if given_up := _reason_given_up(invoice):
        return given_up
    if invoice.kind is DocumentKind.CREDIT_NOTE:
        return NothingToPay.CREDIT_NOTE
    if invoice.stated_due.minor < 0:
        return NothingToPay.NEGATIVE
    if not invoice.stated_due and not invoice.amount_prepaid:
        return NothingToPay.ZERO
    return _reason_by_means(invoice) if invoice.stated_due else None


def _reason_by_means(invoice: Invoice) -> NothingToPay | None:
    """Why the portal takes no payment of it; what the provider lists no more is paid there no more either."""
    if invoice.means is PaymentMeans.DIRECT_DEBIT:
        return NothingToPay.DIRECT_DEBIT
    if invoice.means is PaymentMeans.PROVIDER and invoice.gone_on is None:
        return NothingToPay.ELSEWHERE
    return None


def _reason_given_up(invoice: Invoice) -> NothingToPay | None:
    if invoice.replaced_by is not None:
        return NothingToPay.REPLACED
    return NothingToPay.CANCELLED if invoice.cancelled_on is not None else None


def _reason(invoice: Invoice, prepaid: Money, moved: Movements) -> NothingToPay | None:
    reason = reason_for_nothing(invoice)
    if moved.is_void and reason is not NothingToPay.REPLACED:
        return NothingToPay.CANCELLED
    if reason is None and moved.credited and moved.credited >= invoice.stated_due + prepaid:
        return NothingToPay.CREDITED
    return reason


def _claim(invoice: Invoice, moved: Movements, reason: NothingToPay | None, prepaid: Money, paid: Money) -> Money:
    """What has to be paid in all, before write-offs; what was paid on one given up is the customer's."""
    match reason:
        case None | NothingToPay.CREDITED:
            return invoice.stated_due + prepaid - moved.credited
        case NothingToPay.CANCELLED | NothingToPay.REPLACED:
            return zero(invoice.currency)
        case _:
            return min(prepaid, paid)


def _overdue(  # noqa: PLR0913, PLR0917  plain facts, named
    invoice: Invoice,
    parts: tuple[PartStanding, ...],
    plan: PlanStanding | None,
    left: Money,
    on_its_way: Money,
    status: InvoiceStatus,
    as_of: date,
) -> Money:
    """What was missed of a plan; else what is overdue of the parts, or all once no part is still to come."""
    if plan is not None:
        return sum((one.rest for one in plan.missed), zero(left.currency))
    if status is not InvoiceStatus.OVERDUE:
        return zero(left.currency)
    if invoice.due_on is None or as_of > invoice.due_on:
        return left
    return overdue_of(parts, as_of, left.currency) - on_its_way


def _plan_in_force(invoice: Invoice, facts: tuple[Entry, ...], left: Money, as_of: date) -> PlanStanding | None:
    """Where the plan stands that the invoice is on; None without one, or once it is complete."""
    schedule = schedule_in_force(facts)
    if schedule is None:
        return None
    stands = standing_of_schedule(schedule, facts, as_of, left=left, zone=invoice.terms.zone)
    return None if stands.state is PlanState.COMPLETE else stands


def _status(  # noqa: PLR0913, PLR0917  six plain facts
    invoice: Invoice,
    parts: tuple[PartStanding, ...],
    remaining: Money,
    paid: Money,
    reason: NothingToPay | None,
    as_of: date,
) -> InvoiceStatus:
    match reason:
        case None:
            return _status_of_claim(invoice, parts, remaining, paid, as_of)
        case NothingToPay.CANCELLED | NothingToPay.REPLACED:
            return InvoiceStatus.VOID
        case NothingToPay.WRITTEN_OFF:
            return InvoiceStatus.WRITTEN_OFF
        case NothingToPay.NO_LONGER_OPEN:
            return InvoiceStatus.NO_LONGER_OPEN
        case _:
            return InvoiceStatus.NOTHING_TO_PAY


def _status_of_claim(
    invoice: Invoice, parts: tuple[PartStanding, ...], remaining: Money, paid: Money, as_of: date
) -> InvoiceStatus:
    if not remaining:
        return InvoiceStatus.PAID
    due_on = next((part.due_on for part in parts if part.rest), invoice.due_on)
    if due_on is not None and as_of > due_on:
        return InvoiceStatus.OVERDUE
    return InvoiceStatus.PARTLY_PAID if paid else InvoiceStatus.OPEN
