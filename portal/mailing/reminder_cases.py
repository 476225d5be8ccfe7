"""From the ledger to what decisions about reminders are made from: one invoice's facts, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.ports import LIVE_STATES
from portal.ports.mail import MailKind, MessageState
from portal.receivables.answers import answers_of
from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.dunning import InvoiceCase, Told
from portal.receivables.plans import PlanState, plan_standing
from portal.receivables.reminder_holds import HoldReason, ReminderHold, holds_on
from portal.settings.mail_addresses import address_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, tzinfo

    from portal.ports import Ledger, LedgerTransaction
    from portal.ports.plans import PlanRecord
    from portal.ports.reminders import ReminderClaim
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Customer, Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plans import PlanStanding

_WAITING = frozenset({MessageState.PLANNED, MessageState.SENDING})
_NEAR = timedelta(31)
"""What is due later is not looked at so closely: there are many such invoices."""


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """All that is known of one invoice.

    Attributes:
        plan: the one it is on.
        at_checkout: whether somebody may be paying at this moment.
        claims: the steps that are done with.
    """

    invoice: Invoice
    entries: tuple[Entry, ...]
    plan: PlanRecord | None
    at_checkout: bool
    claims: tuple[ReminderClaim, ...]

    def balance(self, as_of: date) -> InvoiceBalance:
        """Where the invoice stands on a day."""
        return balance_of(self.invoice, self.entries, as_of)

    def standing(self, balance: InvoiceBalance, as_of: date) -> PlanStanding | None:
        """Where its plan stands on a day; None without one, or once that is paid."""
        if self.plan is None:
            return None
        stands = plan_standing(self.plan.plan, self.invoice, balance, self.entries, as_of)
        return None if stands.state is PlanState.COMPLETE else stands


@dataclass(frozen=True, slots=True)
class ReminderPost:
    """What became of earlier reminders.

    Attributes:
        refused: addresses to which one failed for good, until the owner says to try again.
        waiting: ids of those that wait to be handed over.
    """

    refused: frozenset[str]
    waiting: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaseReader:
    """What is the same for all invoices of a run.

    Attributes:
        rest_days: how long after a payment nobody is reminded.
        zone: the business's.
        post: what became of earlier reminders, as far as it matters.
        opens: whether the link of an invoice leads to its page.
    """

    rest_days: int
    zone: tzinfo
    post: ReminderPost
    opens: Callable[[str], bool]
    as_of: date

    def case(self, facts: ReminderFacts, customer: Customer) -> InvoiceCase:
        """What decisions about an invoice are made from; ``customer`` is whom a mail would go to."""
        invoice, balance = facts.invoice, facts.balance(self.as_of)
        left = balance.amount_remaining
        if not left or balance.reason is not None:
            return InvoiceCase(invoice.key, is_open=False, due_on=None, told=self._told(facts))
        due_on, occasion = self._due(facts, balance)
        is_near = due_on is not None and due_on <= self.as_of + _NEAR
        return InvoiceCase(
            key=invoice.key,
            is_open=True,
            due_on=due_on,
            issued_on=invoice.issued_on,
            occasion=occasion,
            holds=(
                *self._holds(facts, balance),
                *self._cannot(balance, customer),
                *self._leads(facts, is_near=is_near),
            ),
            told=self._told(facts),
        )

    def _due(self, facts: ReminderFacts, balance: InvoiceBalance) -> tuple[date | None, str]:
        """The day the ladder counts from, and what names it: a missed payment of a plan, the first unpaid part."""
        if stands := facts.standing(balance, self.as_of):
            first = next(iter(stands.missed), None) or stands.next
            return (first.due_on, first.due_on.isoformat()) if first else (facts.invoice.due_on, "")
        part = next((part for part in balance.parts if part.rest), None)
        return (part.due_on, part.due_on.isoformat()) if part else (facts.invoice.due_on, "")

    def _told(self, facts: ReminderFacts) -> tuple[Told, ...]:
        """The steps that are done with. A mail that waits may arrive at any moment, so it counts as of this day."""
        return tuple(
            Told(
                claim.name,
                self.as_of if claim.message_id in self.post.waiting else claim.on,
                is_sent=claim.message_id is not None,
            )
            for claim in facts.claims
        )

    def _holds(self, facts: ReminderFacts, balance: InvoiceBalance) -> tuple[ReminderHold, ...]:
        return holds_on(
            facts.entries,
            balance,
            answers_of(facts.entries, self.as_of, self.zone, left=balance.amount_remaining),
            facts.standing(balance, self.as_of),
            is_automatic=facts.plan is not None and facts.plan.plan.automatic,
            at_checkout=facts.at_checkout or (facts.plan is not None and facts.plan.under_way is not None),
            rest_days=self.rest_days,
            zone=self.zone,
            as_of=self.as_of,
        )

    def _cannot(self, balance: InvoiceBalance, customer: Customer) -> Iterator[ReminderHold]:
        asked = balance.amount_offerable
        if asked < card_limits(asked.currency).minimum:
            yield ReminderHold(HoldReason.TOO_LITTLE)
        if not customer.email or address_problem(customer.email):
            yield ReminderHold(HoldReason.NO_ADDRESS)
        elif customer.email.casefold() in self.post.refused:
            yield ReminderHold(HoldReason.ADDRESS_REFUSED)

    def _leads(self, facts: ReminderFacts, *, is_near: bool) -> Iterator[ReminderHold]:
        if is_near and not self.opens(facts.invoice.key):
            yield ReminderHold(HoldReason.NO_PAGE)


def post_of(ledger: Ledger) -> ReminderPost:
    """What became of earlier reminders."""
    waiting = (one for one in ledger.messages(_WAITING) if one.cause.kind is MailKind.REMINDER)
    return ReminderPost(refused_addresses(ledger), frozenset(one.mail.message_id for one in waiting))


def refused_addresses(ledger: Ledger) -> frozenset[str]:
    """Where reminders failed for good, and the owner has not said to try again."""
    failed = (one for one in ledger.messages({MessageState.FAILED}) if one.cause.kind is MailKind.REMINDER)
    return frozenset(one.mail.to.casefold() for one in failed)


def facts_in(ledger: Ledger) -> Iterator[ReminderFacts]:
    """The facts of every invoice as last built, read without locks."""
    entries, claims, plans = ledger.entries_by_invoice(), ledger.reminder_claims_by_invoice(), ledger.plans_in_force()
    at_checkout = _keys_at_checkout(ledger)
    for invoice in ledger.invoices():
        key = invoice.key
        yield ReminderFacts(invoice, entries.get(key, ()), plans.get(key), key in at_checkout, claims.get(key, ()))


def facts_of(tx: LedgerTransaction, key: str, *, without: str | None = None) -> ReminderFacts | None:
    """The facts of one invoice, locked; ``without`` the claims of one mail. None where no build knows it any more."""
    invoice = tx.invoice(key)
    if invoice is None:
        return None
    claims = tuple(claim for claim in tx.reminder_claims(key) if without is None or claim.message_id != without)
    return ReminderFacts(invoice, tx.entries(key), tx.plan_in_force(key), bool(tx.holds(key, LIVE_STATES)), claims)


def _keys_at_checkout(ledger: Ledger) -> frozenset[str]:
    return frozenset(part.invoice_key for hold in ledger.holds_in(LIVE_STATES) for part in hold.allocations)
