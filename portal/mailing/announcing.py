"""Writing mails about what happened: decided from the ledger afterwards, never inside the transaction of a payment.

Whoever changes an invoice leaves a note in the same transaction; this works the notes off. So a payment never waits for
a mail, a mail is never lost, and however many doors report a payment, it is one receipt.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.mailing.answers import answer_mails_due
from portal.mailing.dues import (
    DERIVED,
    Due,
    alarm_due,
    payment_due,
    payments_due,
)
from portal.mailing.invoice_facts import InvoiceFacts
from portal.mailing.plan_dues import plan_mails_due
from portal.mailing.sending import planned
from portal.ports.mail import OUTDATED, MailKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime

    from portal.ports import Ledger, LedgerTransaction
    from portal.ports.alarms import Alarm
    from portal.ports.mail import Mail, Message, Switch, Withheld

_UNTOLD = frozenset({"given back"})
"""Alarms that only end another one."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcing:
    """Decides which mails what happened calls for.

    Attributes:
        wanted: the kinds the owner has switched on; none where no mail is set up.
        write: the mail for a decision.
        notice_days: how many days before a charge its notice goes out.
    """

    ledger: Ledger
    wanted: frozenset[MailKind]
    write: Callable[[Due], Mail]
    notice_days: int
    now: Callable[[], datetime]
    today: Callable[[], date]

    def post_due(self, *, calendar: bool = True) -> int:
        """Write down every mail that is due and was not decided on before; how many are new.

        Args:
            calendar: look also for what the day alone brings about; once an hour is enough.
        """
        switches = self.begin()
        if not switches:
            return 0
        keys = {*self.ledger.mail_notes(), *(self._with_charges_to_come(switches) if calendar else ())}
        posted = sum(self._post_on(key, switches) for key in sorted(keys))
        return posted + self._post_alarms(switches)

    def post(self, due: Due) -> bool:
        """Write one mail that was decided on elsewhere; False where it was written before, or no mail is set up."""
        if not self.wanted:
            return False
        with self.ledger.transaction() as tx:
            return self._post(due, tx)

    def rewrite(self, message: Message, tx: LedgerTransaction) -> Mail | Withheld:
        """A waiting mail as it reads by now, unless what it says is no longer so."""
        cause = message.cause
        if cause.kind not in DERIVED or cause.kind is MailKind.ALARM_NOTICE:
            return message.mail
        switches = self.ledger.mail_switches()
        if cause.invoice_key:
            tx.lock(*tx.told_together_with(cause.invoice_key))
        dues = self._dues(tx, cause.invoice_key, switches) if cause.invoice_key else iter(())
        due = next((due for due in dues if due.cause == cause), None)
        return self.write(due) if due else OUTDATED

    def begin(self) -> Mapping[MailKind, Switch]:
        """Bring the switches level with the settings: what is switched on now is written about from here on."""
        switches = self.ledger.mail_switches()
        if switches.keys() != self.wanted:
            self.ledger.switch_mail(self.wanted - switches.keys(), switches.keys() - self.wanted, self.now())
            switches = self.ledger.mail_switches()
        return switches

    def _with_charges_to_come(self, switches: Mapping[MailKind, Switch]) -> Iterator[str]:
        if MailKind.CHARGE_NOTICE in switches:
            today, last = self.today(), self.today() + timedelta(days=self.notice_days)
            for key, record in self.ledger.plans_in_force().items():
                soon = any(today < one.due_on <= last for one in record.plan.installments)
                if record.plan.automatic and soon:
                    yield key

    def _post_on(self, key: str, switches: Mapping[MailKind, Switch]) -> int:
        """The mails about one invoice; whatever hinders them, the other invoices have theirs."""
        try:
            with self.ledger.transaction() as tx:
                tx.lock(*tx.told_together_with(key))
                tx.strike_mail_note(key)
                return sum(self._post(due, tx) for due in self._dues(tx, key, switches))
        except Exception:  # noqa: BLE001  as said above; the note stays, so that it is tried again
            _log.exception("Mails about invoice %s could not be written", key)
            return 0

    def _post_alarms(self, switches: Mapping[MailKind, Switch]) -> int:
        switch = switches.get(MailKind.ALARM_NOTICE)
        if switch is None:
            return 0
        told = [one for one in self.ledger.alarms_after(switch.alarm) if one[1].kind.value not in _UNTOLD]
        return sum(self._post_alarm(number, alarm) for number, alarm in told)

    def _post_alarm(self, number: int, alarm: Alarm) -> bool:
        if self.ledger.has_message(alarm_due(number, alarm).cause):
            return False
        with self.ledger.transaction() as tx:
            return self._post(alarm_due(number, alarm), tx)

    def _post(self, due: Due, tx: LedgerTransaction) -> bool:
        if tx.message(due.cause.message_id) is not None:
            return False
        return tx.add_message(planned(self.write(due), due.cause, self.now()))

    def _dues(self, tx: LedgerTransaction, key: str, switches: Mapping[MailKind, Switch]) -> Iterator[Due]:
        facts = _facts(tx, key)
        if facts is None:
            return
        for kind, payment in payments_due(facts, switches):
            others = (_facts(tx, other) for other in sorted(tx.paid_on(payment.external_id) - {key}))
            yield payment_due(kind, payment, [facts, *filter(None, others)], self.today())
        yield from plan_mails_due(facts, _agreed_with(facts, tx), switches, self.today(), self.notice_days)
        yield from answer_mails_due(facts.invoice, facts.entries, switches)


def _agreed_with(facts: InvoiceFacts, tx: LedgerTransaction) -> tuple[InvoiceFacts, ...]:
    """The invoices of the agreement that an invoice is on, in its order."""
    record = facts.plan_in_force
    keys = [one.plan.invoice_key for one in tx.agreement(record.plan.agreement)] if record else ()
    found = (facts if key == facts.invoice.key else _facts(tx, key) for key in keys)
    return tuple(one for one in found if one is not None)


def _facts(tx: LedgerTransaction, key: str) -> InvoiceFacts | None:
    invoice = tx.invoice(key)
    return None if invoice is None else InvoiceFacts(invoice, tx.entries(key), tx.plans_of(key))
