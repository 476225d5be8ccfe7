"""An agreed payment plan, and where it stands after whatever was paid since: derived, never stored.

How payments fill a plan, in the order of the ledger. A payment pays first what was due by its day, oldest first; then
the coming payments that it covers in full, in order (paid early); what is more makes the last payments smaller, the
very last first. What was missed is asked for together with the next payment. A payment that would become smaller than
a card payment can be is asked for together with the one before it. Nothing is asked for beyond what is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.entries import EntryKind, day_of, in_force, incoming
from portal.receivables.money import Money, zero
from portal.receivables.schedules import PlanSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime, tzinfo

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plan_offers import Installment


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """A plan as it was agreed; never edited.

    Attributes:
        plan_id: random, part of the idempotency keys of its payments.
        installments: sum exactly to what was left when it was agreed.
        automatic: whether the customer agreed that the saved card is charged on the days.
        grace_days: how long a missed payment may be made good before the plan counts as broken.
        agreed_at: when the customer pressed the button under the consent text, aware UTC.
        consent_text: word for word what was on the page.
        terms_version: names the owner's terms as they were then.
        since_seq: the invoice's last entry at that moment; only later payments fill the plan.
        customer_id: the provider's customer; None by hand, or before the first payment.
        payment_method_id: the provider's saved card; None by hand, or before the first payment.
        agreement_id: shared by the plans of one agreement over several invoices; None where it is about this one alone.
    """

    plan_id: str
    invoice_key: str
    installments: tuple[Installment, ...]
    automatic: bool
    grace_days: int
    agreed_at: datetime
    consent_text: str
    terms_version: str
    since_seq: int
    customer_id: str | None = None
    payment_method_id: str | None = None
    agreement_id: str | None = None

    @property
    def agreement(self) -> str:
        """Names what was agreed: several plans where that was about several invoices."""
        return self.agreement_id or self.plan_id

    @property
    def total(self) -> Money:
        """What was agreed in all."""
        return sum((one.amount for one in self.installments), zero(self.currency))

    @property
    def currency(self) -> str:
        """ISO 4217 code of every payment."""
        return self.installments[0].amount.currency

    @property
    def schedule(self) -> PlanSchedule:
        """What was agreed, as the ledger keeps it with the entry that brings the plan into force."""
        payments = tuple((one.due_on, one.amount) for one in self.installments)
        return PlanSchedule(self.grace_days, self.since_seq, payments, is_part=self.agreement_id is not None)


class PlanState(StrEnum):
    """Where a plan stands. MISSED is within the grace days, BROKEN after them; both end when what is due is paid."""

    GOOD = "in good standing"
    MISSED = "payment missed"
    BROKEN = "broken"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class InstallmentStanding:
    """One payment as it stands: ``amount`` is what it comes to by now, and ``paid + rest == amount``."""

    number: int
    due_on: date
    amount: Money
    paid: Money
    rest: Money

    @property
    def is_paid(self) -> bool:
        """Whether nothing more is asked for it; also where extra payments took it away."""
        return not self.rest


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """A plan on one day; ``paid`` and the sum of all rests come to what was agreed, unless less is left.

    Attributes:
        installments: in order, as they stand.
        paid: since the plan was agreed, at most what was agreed.
        rest: what the plan still asks for.
        due: what is asked for by this day in all; zero in good standing before the next day.
        missed: payments whose day has passed.
        next: the first payment that is to come on this day or later.
        kept_until: the last day on which the plan is not broken if nothing more is paid; None once it is complete.
    """

    installments: tuple[InstallmentStanding, ...]
    paid: Money
    rest: Money
    due: Money
    missed: tuple[InstallmentStanding, ...]
    next: InstallmentStanding | None
    state: PlanState
    kept_until: date | None

    @property
    def next_request(self) -> Money:
        """What the next payment comes to with everything that was missed before it."""
        missed = sum((one.rest for one in self.missed), zero(self.rest.currency))
        return missed + self.next.rest if self.next else missed

    @property
    def after_due(self) -> InstallmentStanding | None:
        """The first payment beyond what is due by this day."""
        before = zero(self.rest.currency)
        for one in self.installments:
            if not one.is_paid and before >= self.due:
                return one
            before += one.rest
        return None


def plan_standing(
    plan: PaymentPlan, invoice: Invoice, balance: InvoiceBalance, entries: Iterable[Entry], as_of: date
) -> PlanStanding:
    """Where the plan of an invoice stands on the day ``as_of``, for what is left by the invoice's balance.

    A discount for paying all of it is no part of a plan, so it makes no payment of the plan smaller.
    """
    return standing_of_plan(plan, entries, as_of, left=balance.amount_without_discount, zone=invoice.terms.zone)


def standing_of_plan(
    plan: PaymentPlan, entries: Iterable[Entry], as_of: date, *, left: Money | None = None, zone: tzinfo = UTC
) -> PlanStanding:
    """Where a plan stands on the day ``as_of``.

    Args:
        plan: as agreed.
        entries: all facts of its invoice, in the order of the ledger.
        as_of: the day.
        left: what is left to pay on the invoice. Where that is less than the plan still asks for (a credit note, cash
            noted in the invoice's file), the last payments become smaller.
        zone: the business's time zone, in which a moment becomes a day.
    """
    return standing_of_schedule(plan.schedule, entries, as_of, left=left, zone=zone)


def schedule_in_force(entries: Iterable[Entry]) -> PlanSchedule | None:
    """What was agreed for the plan that an invoice is on, from its facts alone; also where it is paid by now."""
    facts = in_force(entries)
    if not facts:
        return None
    stopped = {entry.external_id for entry in facts if entry.kind is EntryKind.PLAN_STOPPED}
    agreed = [entry for entry in facts if entry.kind is EntryKind.PLAN_AGREED and entry.external_id not in stopped]
    return agreed[-1].schedule if agreed else None


def standing_of_schedule(
    schedule: PlanSchedule, entries: Iterable[Entry], as_of: date, *, left: Money | None, zone: tzinfo
) -> PlanStanding:
    """Where what was agreed stands on a day; see ``standing_of_plan``."""
    filled = filled_by(schedule, payments_of(schedule, entries, zone))
    rest = _rest_of(filled, schedule.currency)
    if left is not None and left < rest:
        _shorten(filled, rest - left)
    if not schedule.is_part:
        # Of an agreement over several invoices, the sum of a day is charged: its parts may be as small as they like.
        _join_small(filled)
    return _standing(schedule, filled, as_of)


def _standing(plan: PlanSchedule, filled: Sequence[InstallmentStanding], as_of: date) -> PlanStanding:
    unpaid = [one for one in filled if not one.is_paid]
    missed = tuple(one for one in unpaid if one.due_on < as_of)
    return PlanStanding(
        installments=tuple(filled),
        paid=sum((one.paid for one in filled), zero(plan.currency)),
        rest=_rest_of(filled, plan.currency),
        due=_rest_of([one for one in unpaid if one.due_on <= as_of], plan.currency),
        missed=missed,
        next=next((one for one in unpaid if one.due_on >= as_of), None),
        state=_state(unpaid, as_of, plan.grace_days),
        kept_until=kept_until(unpaid, plan.grace_days),
    )


def _state(unpaid: Sequence[InstallmentStanding], as_of: date, grace_days: int) -> PlanState:
    last_day = kept_until(unpaid, grace_days)
    if last_day is None:
        return PlanState.COMPLETE
    if as_of > last_day:
        return PlanState.BROKEN
    return PlanState.MISSED if as_of > unpaid[0].due_on else PlanState.GOOD


def kept_until(installments: Iterable[InstallmentStanding], grace_days: int) -> date | None:
    """The last day on which a plan is not broken, if nothing more is paid; None where nothing is left of it."""
    unpaid = next((one for one in installments if not one.is_paid), None)
    return unpaid.due_on + timedelta(days=grace_days) if unpaid else None


def payments_of(schedule: PlanSchedule, entries: Iterable[Entry], zone: tzinfo) -> tuple[tuple[Entry, date], ...]:
    """The payments that fill a plan, in ledger order, each with its day.

    One that was on its way when the plan was proposed had been left out of it. A bank debit on its way counts from the
    day it was started, for the customer had done everything then.
    """
    found = []
    for entry, started in incoming(entries):
        if min(entry.seq, started.seq) > schedule.since_seq:
            found.append((entry, min(day_of(entry, zone), day_of(started, zone))))
    return tuple(found)


def filled_by(schedule: PlanSchedule, payments: Iterable[tuple[Entry, date]]) -> list[InstallmentStanding]:
    """The payments of a plan as they stand after these were made."""
    nothing = zero(schedule.currency)
    filled = [
        InstallmentStanding(number, due_on, amount, nothing, amount)
        for number, (due_on, amount) in enumerate(schedule.installments, start=1)
    ]
    for payment, day in payments:
        _fill(filled, payment.amount, day)
    return filled


def _fill(filled: list[InstallmentStanding], amount: Money, day: date) -> None:
    """Spend one payment on the plan; what is beyond the plan's end is left aside."""
    for index, one in enumerate(filled):
        if one.is_paid or not amount:
            continue
        part = min(amount, one.rest)
        if one.due_on > day and part < one.rest:
            break
        filled[index] = replace(one, paid=one.paid + part, rest=one.rest - part)
        amount -= part
    for index in reversed(range(len(filled))):
        one = filled[index]
        part = min(amount, one.rest)
        filled[index] = replace(one, paid=one.paid + part, rest=one.rest - part)
        amount -= part


def _shorten(filled: list[InstallmentStanding], by: Money) -> None:
    """Ask for less at the end, since less is left."""
    for index in reversed(range(len(filled))):
        one = filled[index]
        part = min(by, one.rest)
        filled[index] = replace(one, amount=one.amount - part, rest=one.rest - part)
        by -= part


def _join_small(filled: list[InstallmentStanding]) -> None:
    """Ask for a rest that no card payment can carry together with the unpaid payment before it."""
    if not filled:
        return
    minimum = card_limits(filled[0].amount.currency).minimum
    unpaid = [index for index, one in enumerate(filled) if not one.is_paid]
    for before, last in reversed(list(pairwise(unpaid))):
        small = filled[last]
        if small.is_paid or small.rest >= minimum:
            continue
        joined = filled[before]
        filled[before] = replace(joined, amount=joined.amount + small.rest, rest=joined.rest + small.rest)
        filled[last] = replace(small, amount=small.paid, rest=zero(small.rest.currency))


def _rest_of(installments: Iterable[InstallmentStanding], currency: str) -> Money:
    return sum((one.rest for one in installments), zero(currency))
