"""Which mails are due for what the ledger holds: pure decisions, each named by the cause that it is written for once.

Nothing that happened before a kind of mail was switched on is written about. Those about payment plans have a module of
their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.bookkeeping.wishes import is_owners
from portal.mailing.answers import AnswerDue
from portal.mailing.links import FreshLinkDue, LinkRequestDue
from portal.mailing.plan_dues import ChargeDue, NoticeDue, PlanDue
from portal.ports.mail import Cause, MailKind
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind, in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from portal.mailing.invoice_facts import InvoiceFacts
    from portal.ports.alarms import Alarm
    from portal.ports.mail import Switch
    from portal.ports.plans import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
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
    stands = ordered[0].standing(record, as_of) if record else None
    return PaymentDue(cause, parts, record, stands)


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
