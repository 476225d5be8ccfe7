"""Which mails about payment plans are due: agreed, stopped, a charge that is coming, and one that was refused.

Of several refused charges only the last one counts, and only while what it was for is unpaid: nobody hears of what is
settled already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.ports.mail import Cause, MailKind
from portal.ports.plans import MOST_ATTEMPTS, AttemptState
from portal.receivables.agreements import standing_of_agreement
from portal.receivables.allocation import Allocation, card_takes
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.money import zero

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from portal.mailing.invoice_facts import InvoiceFacts
    from portal.ports.mail import Switch
    from portal.ports.plans import Attempt, PlanRecord
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money
    from portal.receivables.plans import InstallmentStanding, PlanStanding


@dataclass(frozen=True, slots=True)
class PlanDue:
    """A plan was agreed or stopped; ``left`` is what is left to pay."""

    cause: Cause
    invoice: Invoice
    record: PlanRecord
    left: Money


@dataclass(frozen=True, slots=True)
class ChargePart:
    """What a charge was to pay on one invoice."""

    invoice: Invoice
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class ChargeDue:
    """A charge was refused, or the bank asks for approval: one mail, however many invoices it was for.

    Attributes:
        asked: what is due by now on the plan.
        next_try_on: the first day on which it may be tried again; None where it is not.
        stands: the plan as it is, on all its invoices.
    """

    cause: Cause
    parts: tuple[ChargePart, ...]
    asked: Money
    next_try_on: date | None
    stands: PlanStanding

    @property
    def invoice(self) -> Invoice:
        """The first of its invoices."""
        return self.parts[0].invoice

    @property
    def amount(self) -> Money:
        """What was to be charged in all."""
        return sum((part.attempt.amount for part in self.parts), zero(self.asked.currency))

    @property
    def tried_on(self) -> date:
        """The day on which it was tried."""
        return self.parts[0].attempt.begun_on


@dataclass(frozen=True, slots=True)
class ComingPart:
    """What a coming charge pays on one invoice."""

    invoice: Invoice
    amount: Money


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A charge is coming on that day, as the ledger stands now: one mail, however many invoices it is for."""

    cause: Cause
    parts: tuple[ComingPart, ...]
    charged_on: date

    @property
    def invoice(self) -> Invoice:
        """The first of its invoices."""
        return self.parts[0].invoice

    @property
    def amount(self) -> Money:
        """What is charged in all."""
        return sum((part.amount for part in self.parts), zero(self.invoice.currency))


def plan_mails_due(
    facts: InvoiceFacts,
    agreed: Sequence[InvoiceFacts],
    switches: Mapping[MailKind, Switch],
    as_of: date,
    notice_days: int,
) -> Iterator[PlanDue | ChargeDue | NoticeDue]:
    """The mails about the plans of one invoice.

    Args:
        facts: of the invoice.
        agreed: of all invoices of the agreement that it is on, in its order, this one among them.
        switches: which kinds of mail are switched on, and since when.
        as_of: the day.
        notice_days: how many days before a charge its notice goes out.
    """
    yield from _agreed_or_stopped(facts, switches, as_of)
    record = facts.plan_in_force
    if record is None or not record.plan.automatic:
        return
    if charge := _refused_charge(record, agreed, switches, as_of):
        yield charge
    if MailKind.CHARGE_NOTICE in switches and (notice := _notice(facts, record, agreed, as_of, notice_days)):
        yield notice


def _agreed_or_stopped(facts: InvoiceFacts, switches: Mapping[MailKind, Switch], as_of: date) -> Iterator[PlanDue]:
    kinds = {EntryKind.PLAN_AGREED: MailKind.PLAN_AGREED, EntryKind.PLAN_STOPPED: MailKind.PLAN_STOPPED}
    records = {record.plan.plan_id: record for record in facts.plans}
    stopped = {entry.external_id for entry in facts.entries if entry.kind is EntryKind.PLAN_STOPPED}
    for entry in in_force(facts.entries):
        switch = switches.get(kinds[entry.kind]) if entry.kind in kinds else None
        record = records.get(entry.external_id)
        if switch is None or record is None or entry.seq <= switch.entry_seq:
            continue
        if entry.kind is EntryKind.PLAN_AGREED and entry.external_id in stopped:
            continue
        cause = Cause(kinds[entry.kind], facts.invoice.key, entry.external_id, facts.invoice.key)
        yield PlanDue(cause, facts.invoice, record, facts.balance(as_of).amount_remaining)


def _refused_charge(
    record: PlanRecord, agreed: Sequence[InvoiceFacts], switches: Mapping[MailKind, Switch], as_of: date
) -> ChargeDue | None:
    """The mail about the last charge of a plan; the same one whichever of the invoices of that charge asks."""
    last = record.attempts[-1] if record.attempts else None
    if last is None or record.refused_on is None:
        return None
    plans = _in_force(agreed)
    parts = [(one, its, part) for one, its in plans for part in its.attempts if part.key == last.key]
    # Where an invoice was charged once more since then, that later charge tells of it.
    waiting = [(one, one.standing(its, as_of)) for one, its, part in parts if part == its.attempts[-1]]
    # An agreement over several invoices numbers its payments otherwise than each of them does, so the day tells.
    tried_by = min(as_of, record.refused_on)
    unpaid = any(not one.is_paid and one.due_on <= tried_by for _, stands in waiting for one in stands.installments)
    kind = _kind_of(last, [part for _, its in plans for part in its.attempts])
    switch = switches.get(kind)
    if not unpaid or switch is None or last.begun_at < switch.on_since:
        return None
    asked = [min(stands.due, one.balance(as_of).amount_offerable) for one, stands in waiting]
    first = parts[0][0].invoice
    due = ChargeDue(
        cause=Cause(kind, first.key, last.key, first.key),
        parts=tuple(ChargePart(one.invoice, part) for one, _its, part in parts),
        asked=sum(asked, zero(first.currency)),
        next_try_on=max(last.begun_on + timedelta(days=1), as_of) if kind is MailKind.CHARGE_DECLINED else None,
        stands=standing_of_agreement([one.standing(its, as_of) for one, its in plans]),
    )
    return due if due.asked else None


def _kind_of(last: Attempt, attempts: Iterable[Attempt]) -> MailKind:
    """What a refused charge calls for; ``attempts`` are all of its agreement, on each of its invoices."""
    tries = {one.number: one.state for one in attempts if one.installment == last.installment}
    states = list(tries.values())
    if AttemptState.NEEDS_APPROVAL in states:
        return MailKind.CHARGE_APPROVAL
    given_up = states.count(AttemptState.DECLINED) >= MOST_ATTEMPTS
    return MailKind.CHARGE_GIVEN_UP if given_up else MailKind.CHARGE_DECLINED


def _notice(
    facts: InvoiceFacts, record: PlanRecord, agreed: Sequence[InvoiceFacts], as_of: date, days: int
) -> NoticeDue | None:
    """Only where the charge will be made, as things are: what would then be charged is worked out for its day."""
    coming = _coming(facts, record, as_of)
    if coming is None or coming.due_on > as_of + timedelta(days=days):
        return None
    day, plans = coming.due_on, _in_force(agreed)
    on_day = [(one, one.balance(day), one.standing(its, day).due) for one, its in plans]
    asked = [(one.invoice, min(due, balance.amount_offerable)) for one, balance, due in on_day]
    parts = tuple(ComingPart(invoice, amount) for invoice, amount in asked if amount)
    saved = record.plan.customer_id is not None and record.plan.payment_method_id is not None
    disputed = any(balance.is_disputed for _one, balance, _due in on_day)
    if not (saved and parts) or disputed or not card_takes([Allocation(one.invoice.key, one.amount) for one in parts]):
        return None
    # The first invoice with a payment on that day names the mail, whichever of them asks.
    dated = ((one.invoice.key, its, its_own) for one, its in plans if (its_own := _coming(one, its, as_of)))
    key, named, own = next(one for one in dated if one[2].due_on == day)
    cause = Cause(MailKind.CHARGE_NOTICE, key, f"{named.plan.plan_id} {own.number} {day.isoformat()}", key)
    return NoticeDue(cause, parts, day)


def _coming(facts: InvoiceFacts, record: PlanRecord, as_of: date) -> InstallmentStanding | None:
    """The next payment of a plan after this day."""
    installments = facts.standing(record, as_of).installments
    return next((one for one in installments if not one.is_paid and one.due_on > as_of), None)


def _in_force(agreed: Iterable[InvoiceFacts]) -> list[tuple[InvoiceFacts, PlanRecord]]:
    return [(one, record) for one in agreed if (record := one.plan_in_force) is not None]
