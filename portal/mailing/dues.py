"""Which mails are due for what the ledger holds: pure decisions, each named by the cause that it is written for once.

Nothing that happened before a kind of mail was switched on is written about. Of several refused charges only the last
one counts, and only while what it was for is unpaid: nobody hears of what is settled already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.bookkeeping.wishes import is_owners
from portal.mailing.answers import AnswerDue
from portal.mailing.links import FreshLinkDue, LinkRequestDue
from portal.ports.mail import Cause, MailKind
from portal.ports.plans import MOST_ATTEMPTS, AttemptState, PlanLife
from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.plans import plan_standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from portal.ports.alarms import Alarm
    from portal.ports.mail import Switch
    from portal.ports.plans import Attempt, PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money
    from portal.receivables.plans import PlanStanding
    from portal.settings.mail import MailSettings

DERIVED = frozenset(
    {
        MailKind.PLAN_AGREED,
        MailKind.PLAN_STOPPED,
        MailKind.CHARGE_NOTICE,
        MailKind.CHARGE_DECLINED,
        MailKind.CHARGE_APPROVAL,
        MailKind.CHARGE_GIVEN_UP,
        MailKind.RECEIPT,
        MailKind.PAYMENT_NOTICE,
        MailKind.ALARM_NOTICE,
        MailKind.ANSWER_NOTED,
        MailKind.ANSWER_REPLY,
        MailKind.ANSWER_NOTICE,
    }
)
"""The kinds of mail that are derived here. Others are decided where they are due, and posted as they are."""
PAYMENT_CAUSE = "payment"
CLOCKS = timedelta(minutes=5)
"""By how much the provider's clock, which counts whole seconds, may be behind this one."""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """All that is known of one invoice."""

    invoice: Invoice
    entries: tuple[Entry, ...]
    plans: tuple[PlanRecord, ...]

    @property
    def plan_in_force(self) -> PlanRecord | None:
        """The plan the invoice is on."""
        return next((record for record in self.plans if record.life is PlanLife.IN_FORCE), None)

    def payment(self, payment_id: str) -> Entry | None:
        """What a payment paid on this invoice."""
        facts = (one for one in self.entries if one.kind is EntryKind.PAYMENT and one.external_id == payment_id)
        return next(facts, None)

    def balance(self, as_of: date) -> InvoiceBalance:
        """Where the invoice stands."""
        return balance_of(self.invoice, self.entries, as_of)


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What one payment paid on one invoice, and where the invoice stood right after it."""

    invoice: Invoice
    entry: Entry
    balance: InvoiceBalance


@dataclass(frozen=True, slots=True)
class PaymentDue:
    """A receipt, or a word to the owner: one for each payment, however many invoices it paid."""

    cause: Cause
    parts: tuple[PaidPart, ...]
    plan: PlanRecord | None
    stands: PlanStanding | None


@dataclass(frozen=True, slots=True)
class PlanDue:
    """A plan was agreed or stopped; ``left`` is what is left to pay."""

    cause: Cause
    invoice: Invoice
    record: PlanRecord
    left: Money


@dataclass(frozen=True, slots=True)
class ChargeDue:
    """A charge was refused, or the bank asks for approval.

    Attributes:
        asked: what is due by now on the plan.
        next_try_on: the first day on which it may be tried again; None where it is not.
        stands: the plan as it is.
    """

    cause: Cause
    invoice: Invoice
    record: PlanRecord
    attempt: Attempt
    asked: Money
    next_try_on: date | None
    stands: PlanStanding


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A charge is coming: so much on that day, as the ledger stands now."""

    cause: Cause
    invoice: Invoice
    record: PlanRecord
    amount: Money
    charged_on: date


@dataclass(frozen=True, slots=True)
class AlarmDue:
    """Something for the owner to look at."""

    cause: Cause
    alarm: Alarm


Due = PaymentDue | PlanDue | ChargeDue | NoticeDue | AlarmDue | AnswerDue | LinkRequestDue | FreshLinkDue

_AFTER_PAYMENT = (MailKind.RECEIPT, MailKind.PAYMENT_NOTICE)


def wanted_kinds(settings: MailSettings | None, *, reminders: bool = False) -> frozenset[MailKind]:
    """The kinds of mail the owner has switched on; none where no mail is set up."""
    if settings is None:
        return frozenset()
    unwanted = {
        MailKind.RECEIPT: not settings.receipts,
        MailKind.PAYMENT_NOTICE: not settings.owner_notices,
        MailKind.CHARGE_NOTICE: not settings.notice_days,
    }
    others = {MailKind.REMINDER} if reminders else set()
    return frozenset(kind for kind in DERIVED if not unwanted.get(kind)) | others


def payments_due(facts: InvoiceFacts, switches: Mapping[MailKind, Switch]) -> Iterator[tuple[MailKind, Entry]]:
    """The payments to write about, each with the kind of mail. Of its invoices, this one may be one of several."""
    for kind in _AFTER_PAYMENT:
        switch = switches.get(kind)
        for entry in in_force(facts.entries) if switch else ():
            if entry.kind is EntryKind.PAYMENT and switch and _is_news(entry, switch):
                yield kind, entry


def payment_due(kind: MailKind, payment: Entry, paid: Sequence[InvoiceFacts], as_of: date) -> PaymentDue:
    """The mail about one payment, from everything known of the invoices it paid."""
    ordered = sorted((facts for facts in paid if facts.payment(payment.external_id)), key=lambda one: one.invoice.key)
    parts = tuple(_part(facts, entry, as_of) for facts in ordered if (entry := facts.payment(payment.external_id)))
    cause = Cause(kind, payment.external_id, PAYMENT_CAUSE, ordered[0].invoice.key)
    record = ordered[0].plan_in_force if len(ordered) == 1 else None
    stands = _standing(ordered[0], record, as_of) if record else None
    return PaymentDue(cause, parts, record, stands)


def plan_mails_due(
    facts: InvoiceFacts, switches: Mapping[MailKind, Switch], as_of: date, notice_days: int
) -> Iterator[PlanDue | ChargeDue | NoticeDue]:
    """The mails about the plans of one invoice."""
    yield from _agreed_or_stopped(facts, switches, as_of)
    record = facts.plan_in_force
    if record is None or not record.plan.automatic:
        return
    if charge := _refused_charge(facts, record, switches, as_of):
        yield charge
    if MailKind.CHARGE_NOTICE in switches and (notice := _notice(facts, record, as_of, notice_days)):
        yield notice


def alarm_due(number: int, alarm: Alarm) -> AlarmDue:
    """The word to the owner about an alarm, which has a number of its own."""
    cause = Cause(MailKind.ALARM_NOTICE, f"alarm {number}", f"{alarm.kind.value} {alarm.external_id}")
    return AlarmDue(cause, alarm)


def _is_news(entry: Entry, switch: Switch) -> bool:
    """Whether it happened after the switch was turned.

    A ledger rebuilt from the provider's lists is full of old payments; what the owner records is new whenever it came.
    """
    return entry.seq > switch.entry_seq and (is_owners(entry) or entry.occurred_at >= switch.on_since - CLOCKS)


def _part(facts: InvoiceFacts, entry: Entry, as_of: date) -> PaidPart:
    """Right after this payment: what came later has a receipt of its own."""
    until_then = [one for one in facts.entries if one.seq <= entry.seq]
    return PaidPart(facts.invoice, entry, balance_of(facts.invoice, until_then, as_of))


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
    facts: InvoiceFacts, record: PlanRecord, switches: Mapping[MailKind, Switch], as_of: date
) -> ChargeDue | None:
    attempt = record.attempts[-1] if record.attempts else None
    if attempt is None or record.refused_on is None:
        return None
    stands = _standing(facts, record, as_of)
    # An agreement over several invoices numbers its payments otherwise than each of them does, so the day tells.
    tried_by = min(as_of, record.refused_on)
    is_unpaid = any(not one.is_paid and one.due_on <= tried_by for one in stands.installments)
    kind = _kind_of(record, attempt)
    switch = switches.get(kind)
    if not is_unpaid or switch is None or attempt.begun_at < switch.on_since:
        return None
    again = max(attempt.begun_on + timedelta(days=1), as_of) if kind is MailKind.CHARGE_DECLINED else None
    asked = min(stands.due, facts.balance(as_of).amount_offerable)
    cause = Cause(kind, facts.invoice.key, attempt.key, facts.invoice.key)
    return ChargeDue(cause, facts.invoice, record, attempt, asked, again, stands) if asked else None


def _kind_of(record: PlanRecord, attempt: Attempt) -> MailKind:
    tries = [one.state for one in record.attempts if one.installment == attempt.installment]
    if AttemptState.NEEDS_APPROVAL in tries:
        return MailKind.CHARGE_APPROVAL
    given_up = tries.count(AttemptState.DECLINED) >= MOST_ATTEMPTS
    return MailKind.CHARGE_GIVEN_UP if given_up else MailKind.CHARGE_DECLINED


def _notice(facts: InvoiceFacts, record: PlanRecord, as_of: date, days: int) -> NoticeDue | None:
    """Only where the charge will be made, as things are: what would then be charged is worked out for its day."""
    plan = record.plan
    coming = next(
        (one for one in _standing(facts, record, as_of).installments if not one.is_paid and one.due_on > as_of), None
    )
    if coming is None or coming.due_on > as_of + timedelta(days=days):
        return None
    balance = facts.balance(coming.due_on)
    amount = min(_standing(facts, record, coming.due_on).due, balance.amount_offerable)
    saved = plan.customer_id is not None and plan.payment_method_id is not None
    if not saved or balance.is_disputed or not card_limits(amount.currency).allow(amount):
        return None
    cause = Cause(
        MailKind.CHARGE_NOTICE,
        facts.invoice.key,
        f"{plan.plan_id} {coming.number} {coming.due_on.isoformat()}",
        facts.invoice.key,
    )
    return NoticeDue(cause, facts.invoice, record, amount, coming.due_on)


def _standing(facts: InvoiceFacts, record: PlanRecord, as_of: date) -> PlanStanding:
    return plan_standing(record.plan, facts.invoice, facts.balance(as_of), facts.entries, as_of)
