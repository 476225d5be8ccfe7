"""Reminders, each once: what is due to each customer, decided again in the transaction that claims it.

A reminder claims the step of each invoice it is about, and marks those that were missed as passed over, in the
transaction that writes it down. Just before it is handed over it is written anew; where it would no longer be true, or
it has become night, its steps are given back, and a later run decides again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from portal.mailing.reminder_cases import (
    CaseReader,
    ReminderFacts,
    ReminderPost,
    facts_in,
    facts_of,
    post_of,
    refused_addresses,
)
from portal.mailing.reminder_dues import ReminderDue, ReminderPart
from portal.mailing.sending import planned
from portal.ports.mail import OUTDATED, Cause, MailKind, MessageState
from portal.ports.reminders import ReminderClaim
from portal.receivables.customers import customer_key
from portal.receivables.dunning import Decision, Rules, decide, words_for
from portal.receivables.ladder import Consequence
from portal.receivables.reminder_holds import HoldReason
from portal.receivables.statement import newest_customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, tzinfo

    from portal.ports import Ledger, LedgerTransaction
    from portal.ports.mail import Mail, Message, Withheld
    from portal.receivables.dunning import InvoiceCase, Outcome
    from portal.receivables.invoice import Customer, Invoice
    from portal.receivables.ladder import Ladder, Step
    from portal.receivables.sending_hours import SendingHours
    from portal.settings.reminders import ReminderSettings

_ENDED_BY_NEWS = frozenset({HoldReason.AT_CHECKOUT, HoldReason.ON_ITS_WAY})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CustomerDecision:
    """What one customer gets at a moment, with what it was decided from: facts and cases, by the invoice's key."""

    customer: Customer
    facts: dict[str, ReminderFacts]
    cases: dict[str, InvoiceCase]
    hours: SendingHours
    decision: Decision
    rules: Rules
    as_of: date

    def earliest(self, outcome: Outcome) -> date:
        """The working day on which an invoice's next reminder comes at the earliest, as things are."""
        held = [hold.until for hold in self.cases[outcome.key].holds if hold.until]
        sent = [told.on for case in self.cases.values() for told in case.told if told.is_sent]
        days = (
            self.as_of,
            outcome.on or self.as_of,
            *(day + timedelta(1) for day in held),
            *(day + timedelta(self.rules.gap_days) for day in sent),
        )
        return self.hours.working_day_from(max(days))


@dataclass(frozen=True, slots=True)
class Posted:
    """A reminder that was written down, and the id of its message."""

    decided: CustomerDecision
    message_id: str


@dataclass(frozen=True, slots=True)
class Reminding:
    """Decides on reminders and writes them down; a ``Mailing`` hands them over.

    Attributes:
        write: the mail for a decision.
        hours_of: when mails may arrive at a customer, and the zone they live in.
        opens: whether the link of an invoice leads to its page.
        refresh: brings in what the provider knows; asked once, before anything is written down.
        zone: the business's, in which moments become days.
        moment: when it is; ``today`` is the day of it in the business's zone, ``now`` the clock.
    """

    ledger: Ledger
    settings: ReminderSettings
    ladder: Ladder
    write: Callable[[ReminderDue], Mail]
    hours_of: Callable[[Customer], tuple[SendingHours, tzinfo]]
    opens: Callable[[str], bool]
    refresh: Callable[[], object]
    zone: tzinfo
    moment: Callable[[], datetime]
    now: Callable[[], datetime]
    today: Callable[[], date]

    def look(self) -> tuple[CustomerDecision, ...]:
        """What each customer with something open would get now, from the ledger as it is; changes nothing."""
        groups: dict[str, list[ReminderFacts]] = defaultdict(list)
        for facts in facts_in(self.ledger):
            groups[_group(facts.invoice)].append(facts)
        rules, reader = self._rules(), self._reader(post_of(self.ledger))
        decided = (self._decided(group, rules, reader) for group in groups.values())
        return tuple(one for one in decided if one.decision.outcomes)

    def post_due(self) -> tuple[Posted, ...]:
        """Write down every reminder that is due now.

        Raises:
            GatewayError: the provider could not be asked, so nothing was written down.
        """
        looked = self.look()
        if any(map(_needs_news, looked)):
            self.refresh()
            looked = self.look()
        rules, reader = self._rules(), self._reader(post_of(self.ledger))
        posted = (self._post(sorted(one.facts), rules, reader) for one in looked if one.decision.to_send)
        return tuple(one for one in posted if one is not None)

    def rewrite(self, message: Message, tx: LedgerTransaction) -> Mail | Withheld:
        """A reminder as it reads by now, unless it would no longer be true, or may not arrive now."""
        message_id = message.mail.message_id
        claimed = {claim.invoice_key: claim.name for claim in self.ledger.claims_of_reminder(message_id)}
        tx.lock(*claimed)
        facts = [one for key in sorted(claimed) if (one := facts_of(tx, key, without=message_id))]
        tx.release_reminders(message_id, claimed)
        if not facts:
            return OUTDATED
        # Its own day is given back above, and what else the customer had was looked at when it was decided.
        reader = self._reader(ReminderPost(refused_addresses(self.ledger), frozenset()))
        decided = self._decided(facts, replace(self._rules(), gap_days=0), reader)
        cases = decided.cases
        same = [
            one for one in decided.decision.to_send if one.rung and cases[one.key].claim(one.rung) == claimed[one.key]
        ]
        step = words_for([one.rung for one in same if one.rung])
        if step is None:
            return OUTDATED
        self._claim(same, decided, message_id, tx)
        return self.write(self._due(decided, same, step, message.cause))

    # ---- deciding

    def _rules(self) -> Rules:
        switch = self.ledger.mail_switches().get(MailKind.REMINDER)
        began = switch.on_since.astimezone(self.zone).date() if switch else self.today()
        return Rules(self.settings.gap_days, self.settings.most, began)

    def _reader(self, post: ReminderPost) -> CaseReader:
        return CaseReader(self.settings.gap_days, self.zone, post, self.opens, self.today())

    def _decided(self, group: Sequence[ReminderFacts], rules: Rules, reader: CaseReader) -> CustomerDecision:
        customer = newest_customer(facts.invoice for facts in group)
        hours, zone = self.hours_of(customer)
        cases = {facts.invoice.key: reader.case(facts, customer) for facts in group}
        local = self.moment().astimezone(zone)
        decision = decide(list(cases.values()), self.ladder, rules, hours, local=local, as_of=reader.as_of)
        facts = {one.invoice.key: one for one in group}
        return CustomerDecision(customer, facts, cases, hours, decision, rules, reader.as_of)

    # ---- writing down

    def _post(self, keys: Sequence[str], rules: Rules, reader: CaseReader) -> Posted | None:
        """Decide again with everything locked, and write it down; whatever hinders one customer, others get theirs."""
        try:
            with self.ledger.transaction() as tx:
                tx.lock(*keys)
                facts = [one for key in keys if (one := facts_of(tx, key))]
                decided = self._decided(facts, rules, reader) if facts else None
                return self._write_down(decided, tx) if decided else None
        except Exception:  # noqa: BLE001  as said above
            _log.exception("The reminder about %s could not be written", ", ".join(keys))
            return None

    def _write_down(self, decided: CustomerDecision, tx: LedgerTransaction) -> Posted | None:
        outcomes, step = decided.decision.to_send, decided.decision.step
        if step is None:
            return None
        cause = self._cause(decided, tx)
        mail = self.write(self._due(decided, outcomes, step, cause))
        if not self._keep(mail, cause, tx):
            return None
        self._claim(outcomes, decided, cause.message_id, tx)
        return Posted(decided, cause.message_id)

    def _cause(self, decided: CustomerDecision, tx: LedgerTransaction) -> Cause:
        """Names the mail by one of its steps: by one that no mail was handed over for, which may have left it out."""
        named = [
            Cause(MailKind.REMINDER, one.key, decided.cases[one.key].claim(one.rung), one.key)
            for one in decided.decision.to_send
            if one.rung
        ]
        free = (cause for cause in named if _is_free(tx.message(cause.message_id)))
        return next(free, None) or replace(named[0], cause=f"{named[0].cause} on {self.today()}")

    def _keep(self, mail: Mail, cause: Cause, tx: LedgerTransaction) -> bool:
        """Keep a new message; one whose steps were given back is taken up again, for it was never handed over."""
        message = planned(mail, cause, self.now())
        known = tx.message(cause.message_id)
        if known is None:
            return tx.add_message(message)
        if not _is_free(known):
            return False
        tx.update_message(message)
        return True

    def _claim(
        self, outcomes: Iterable[Outcome], decided: CustomerDecision, message_id: str, tx: LedgerTransaction
    ) -> None:
        today = self.today()
        for one in outcomes:
            case = decided.cases[one.key]
            for rung in one.passed:
                tx.claim_reminder(ReminderClaim(one.key, case.claim(rung), today, None))
            if one.rung is not None:
                tx.claim_reminder(ReminderClaim(one.key, case.claim(one.rung), today, message_id))

    def _due(self, decided: CustomerDecision, outcomes: Iterable[Outcome], step: Step, cause: Cause) -> ReminderDue:
        parts = tuple(self._part(decided.facts[one.key], decided.cases[one.key]) for one in outcomes)
        announced = self._announced(step, decided.hours)
        return ReminderDue(cause, decided.customer, parts, step, self.today(), announced)

    def _part(self, facts: ReminderFacts, case: InvoiceCase) -> ReminderPart:
        balance = facts.balance(self.today())
        asked = balance.catch_up if case.occasion else balance.amount_offerable
        return ReminderPart(facts.invoice, balance, case.due_on or self.today(), asked)

    def _announced(self, step: Step, hours: SendingHours) -> date | None:
        """The day on which a consequence comes: so many days of notice, counted from the mail, to a working day."""
        configured = self.settings.consequences
        notices = {
            Consequence.WORK_PAUSES: configured.work_pauses.days if configured.work_pauses else None,
            Consequence.FINAL_DATE: configured.final_date.days if configured.final_date else None,
        }
        days = notices[step.consequence] if step.consequence else None
        return hours.working_day_from(self.today() + timedelta(days)) if days else None


def _needs_news(one: CustomerDecision) -> bool:
    """Whether the provider has to be asked: before anything is sent, and about what only it can end."""
    reasons = {hold.reason for case in one.cases.values() for hold in case.holds}
    return bool(one.decision.to_send) or not reasons.isdisjoint(_ENDED_BY_NEWS)


def _is_free(message: Message | None) -> bool:
    return message is None or message.state is MessageState.OVERTAKEN


def _group(invoice: Invoice) -> str:
    """Who is one customer; who cannot be told for certain stands alone."""
    return customer_key(invoice.customer) or f"invoice {invoice.key}"
