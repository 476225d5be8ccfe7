"""What the case file says of each fact, in plain words and with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from portal.papers.report_words import LATE_REASONS, problem_in_words
from portal.ports.checkouts import HoldState
from portal.ports.plans import PlanLife
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, tzinfo

    from portal.formats import Formats
    from portal.ports.alarms import Alarm
    from portal.ports.checkouts import Hold
    from portal.ports.mail import Message
    from portal.ports.plans import Attempt, PlanRecord
    from portal.ports.reminders import ReminderClaim
    from portal.receivables.entries import Entry
    from portal.receivables.money import Money
    from portal.reporting.case_files import CaseFile

_KINDS = {
    EntryKind.PAYMENT: "Payment received",
    EntryKind.PAYMENT_STARTED: "Bank payment started",
    EntryKind.PAYMENT_FAILED: "Bank payment failed",
    EntryKind.REFUND: "Refunded",
    EntryKind.REFUND_FAILED: "A refund came back",
    EntryKind.DISPUTE_WITHDRAWN: "Taken back by the card network",
    EntryKind.DISPUTE_REINSTATED: "Given back by the card network",
    EntryKind.DISPUTE_OPENED: "Card dispute opened",
    EntryKind.DISPUTE_CLOSED: "Card dispute closed",
    EntryKind.CREDIT_NOTE: "Credited",
    EntryKind.WRITE_OFF: "Written off",
    EntryKind.FEE_WAIVED: "Late fee waived",
    EntryKind.VOID: "Invoice cancelled",
    EntryKind.PLAN_AGREED: "Payment plan came into force",
    EntryKind.PLAN_STOPPED: "Payment plan stopped",
    EntryKind.ANSWER_WITHDRAWN: "The customer took back what they had said",
    EntryKind.ANSWER_CLOSED: "The owner dealt with what the customer had said",
    EntryKind.CREDIT_USED: "A credit was set off against another invoice",
    EntryKind.REVERSAL: "Entry {undone} undone: it was wrong",
    EntryKind.PROMISED: "The customer promised to pay on {day}",
    EntryKind.PROBLEM_REPORTED: "The customer reported a problem: {problem}",
    EntryKind.SAID_PAID: "The customer said that it was paid on {day}, by {way}",
    EntryKind.REASON_GIVEN: "The customer said why it is late: {reason}",
    EntryKind.REMINDERS_PAUSED: "The owner paused reminders up to {day}",
    EntryKind.REMINDERS_RESUMED: "The owner ended the pause of reminders",
    EntryKind.REMINDERS_STOPPED: "The customer asked for no more e-mail reminders",
}
_REMINDERS = {
    EntryKind.PROMISED: "No reminder is sent up to that day.",
    EntryKind.PROBLEM_REPORTED: "No reminder is sent until the owner has dealt with it.",
    EntryKind.SAID_PAID: "No reminder is sent until the owner has looked into it.",
    EntryKind.PLAN_AGREED: "No reminder is sent while it is kept.",
    EntryKind.DISPUTE_OPENED: "No reminder is sent while it is open.",
    EntryKind.REMINDERS_STOPPED: "None is sent from then on.",
}
"""Why reminders were held, beside the fact that holds them."""
_UNDATED_ENDS = {
    EntryKind.PAYMENT_FAILED: "The time is that of its beginning: Stripe does not say when it failed.",
    EntryKind.DISPUTE_CLOSED: "The time is that of its opening: Stripe does not say when it was closed.",
}
"""What has no time of its own, and stands where it began."""
_HOLDS = {
    HoldState.CREATING: "not known to have been opened",
    HoldState.UNKNOWN: "whether it was opened is not known",
    HoldState.OPEN: "still open",
    HoldState.PROCESSING: "paid from a bank account, not arrived yet",
    HoldState.POSTED: "paid",
    HoldState.RELEASED: "closed without a payment",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened.

    Attributes:
        at: for the order in time.
        when: the same in words; a day alone where no time is known.
        source: where it is kept, so that it can be looked up.
        words: somebody's own, as they wrote them; ``said_by`` tells whose.
        is_undone: a later entry says that it was wrong.
    """

    at: datetime
    when: str
    what: str
    source: str
    amount: str = ""
    details: tuple[str, ...] = ()
    words: str = ""
    said_by: str = ""
    is_undone: bool = False


class CaseWords:
    """Tells the facts of a case, in the owner's formats and time zone."""

    def __init__(self, case: CaseFile, formats: Formats, zone: tzinfo, zone_name: str) -> None:
        self._case = case
        self._formats = formats
        self._zone = zone
        self._zone_name = zone_name
        self._undone = {entry.reverses for entry in case.entries if entry.kind is EntryKind.REVERSAL}

    def facts(self) -> list[Fact]:
        """Everything that happened, in order."""
        case = self._case
        found = [*self._of_invoice(), *map(self._of_entry, case.entries)]
        for record in case.plans:
            found += [self._of_plan(record), *(self._of_attempt(one) for one in record.attempts)]
        found += [self._of_hold(one) for one in case.holds]
        found += [self._of_message(one) for one in case.messages]
        found += [self._of_passed(one) for one in case.claims if one.message_id is None]
        found += [self._of_alarm(one) for one in case.alarms]
        return sorted(found, key=lambda fact: fact.at)

    def _of_invoice(self) -> Iterator[Fact]:
        invoice = self._case.invoice
        source = f"invoice file {invoice.source}"
        if invoice.issued_on:
            yield self._on(invoice.issued_on, "Invoice issued", source, invoice.total)
        for paid in invoice.payments:
            if paid.paid_on:
                yield self._on(paid.paid_on, "Payment, as the invoice file states it", source, paid.amount)
        for part in invoice.parts:
            if part.due_on <= self._case.as_of:
                yield self._on(part.due_on, "A part of it was due", source, part.amount)
        if invoice.due_on and not invoice.parts and invoice.due_on <= self._case.as_of:
            yield self._on(invoice.due_on, "It was due", source, None)
        if invoice.cancelled_on:
            yield self._on(invoice.cancelled_on, "Cancelled in the invoice file", source, None)

    def _of_entry(self, entry: Entry) -> Fact:
        details = [] if entry.kind in _NAMING_A_DAY else self._details(entry)
        details += [more[entry.kind] for more in (_REMINDERS, _UNDATED_ENDS) if entry.kind in more]
        return Fact(
            at=entry.occurred_at,
            when=self._moment(entry.occurred_at),
            what=self._what(entry),
            amount=self._formats.money(entry.amount),
            source=f"ledger entry {entry.seq}, {entry.external_id}",
            details=tuple(details),
            words=entry.note or "",
            said_by=_said_by(entry),
            is_undone=entry.seq in self._undone,
        )

    def _details(self, entry: Entry) -> list[str]:
        found = [entry.method] if entry.method else []
        if entry.value_on:
            found.append(f"counts from {self._formats.date(entry.value_on)}")
        return found

    def _what(self, entry: Entry) -> str:
        return _KINDS.get(entry.kind, entry.kind.value.capitalize()).format(
            day=self._formats.date(entry.value_on) if entry.value_on else "a day that is not kept",
            undone=entry.reverses,
            problem=problem_in_words(entry.method),
            way=entry.method or "a way not named",
            reason=_late_reason(entry.method),
        )

    def _of_plan(self, record: PlanRecord) -> Fact:
        plan = record.plan
        payments = [
            f"{self._formats.money(one.amount)} on {self._formats.date(one.due_on)}" for one in plan.installments
        ]
        ended = f"stopped on {self._moment(record.ended_at)}" if record.ended_at else ""
        life = "it never came into force" if record.life is PlanLife.PROPOSED else ended
        way = "charged to the saved card" if plan.automatic else "each paid by the customer"
        return Fact(
            at=plan.agreed_at,
            when=self._moment(plan.agreed_at),
            what="The customer agreed to a payment plan",
            amount=self._formats.money(plan.total),
            source=f"plan {plan.plan_id}, terms {plan.terms_version}",
            details=tuple(filter(None, (", ".join(payments), way, life))),
            words=plan.consent_text,
            said_by="The text on the page, under which the button was pressed",
        )

    def _of_attempt(self, attempt: Attempt) -> Fact:
        reason = f" ({attempt.reason})" if attempt.reason else ""
        return Fact(
            at=attempt.begun_at,
            when=self._moment(attempt.begun_at),
            what=f"Saved card charged for payment {attempt.installment}: {attempt.state.value}{reason}",
            amount=self._formats.money(attempt.amount),
            source=f"charge {attempt.key}" + (f", {attempt.payment_id}" if attempt.payment_id else ""),
        )

    def _of_hold(self, hold: Hold) -> Fact:
        others = len(hold.allocations) - 1
        details = (f"together with {others} other invoice{'s' if others > 1 else ''}",) if others else ()
        return Fact(
            at=hold.created_at,
            when=self._moment(hold.created_at),
            what=f"Card checkout begun: {_HOLDS[hold.state]}",
            amount=self._formats.money(hold.amount),
            source=f"checkout {hold.checkout_id or hold.hold_id}",
            details=details,
        )

    def _of_passed(self, claim: ReminderClaim) -> Fact:
        what = f"The reminder {claim.name} was passed over, for a later one was due"
        return self._on(claim.on, what, "the ladder of reminders", None)

    def _of_message(self, message: Message) -> Fact:
        tried = f" on {self._moment(message.tried_at)}" if message.tried_at else ""
        outcome = f"{message.state.value}{tried}" + (f": {message.answer}" if message.answer else "")
        return Fact(
            at=message.created_at,
            when=self._moment(message.created_at),
            what=f"Mail, {self._kind_of(message)}: {message.mail.subject}",
            source=f"message {message.mail.message_id}",
            details=(f"to {message.mail.to or 'nobody, for there was no address'}", outcome),
            words=message.mail.text,
            said_by="Its text",
        )

    def _kind_of(self, message: Message) -> str:
        steps = {claim.message_id: claim.name for claim in self._case.claims}
        step = steps.get(message.mail.message_id)
        return f"reminder {step}" if step else message.cause.kind.value

    def _of_alarm(self, alarm: Alarm) -> Fact:
        return Fact(
            at=alarm.raised_at,
            when=self._moment(alarm.raised_at),
            what=f"Noticed by the portal: {alarm.what}",
            amount=self._formats.money(alarm.amount) if alarm.amount else "",
            source=f"alarm {alarm.external_id}",
        )

    def _on(self, day: date, what: str, source: str, amount: Money | None) -> Fact:
        at = datetime.combine(day, time(), self._zone).astimezone(UTC)
        return Fact(at, self._formats.date(day), what, source, self._formats.money(amount) if amount else "")

    def _moment(self, moment: datetime) -> str:
        return self._formats.moment(moment, self._zone_name)


_SAID = frozenset({EntryKind.PROMISED, EntryKind.PROBLEM_REPORTED, EntryKind.SAID_PAID, EntryKind.REASON_GIVEN})
_NAMING_A_DAY = _SAID | {EntryKind.REMINDERS_PAUSED, EntryKind.REMINDERS_RESUMED}


def _said_by(entry: Entry) -> str:
    if entry.kind in _SAID:
        return "The customer's words"
    return "The owner's words to the customer" if entry.kind is EntryKind.ANSWER_CLOSED else "Note"


def _late_reason(method: str | None) -> str:
    known = {reason.value: words for reason, words in LATE_REASONS.items()}
    return known.get(method or "", method or "no reason kept").lower()
