"""Words to the owner: what has to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.mails.models import Fact, Letter
from portal.payments.reconciliation import problem_of
from portal.ports.alarms import AlarmKind

if TYPE_CHECKING:
    from portal.mailing.dues import AlarmDue
    from portal.mails.models import Desk


_REMEDIES = {AlarmKind.OVERPAID: "Refund it in Stripe, or agree with the customer what it is for."}


def alarm_notice(due: AlarmDue, desk: Desk) -> Letter:
    """One alarm: what was noticed, and what to do about it; in English, as all that is told in commands."""
    alarm = due.alarm
    facts = [Fact("Amount", desk.formats.money(alarm.amount), strong=True)] if alarm.amount else []
    if alarm.invoice_key:
        facts.append(Fact("Invoice", alarm.invoice_key))
    facts += [Fact("At Stripe", alarm.external_id), Fact("Noticed on", _noticed(due, desk))]
    return Letter(
        subject=_subject(alarm.kind),
        preview=alarm.what,
        opening=(alarm.what, _REMEDIES.get(alarm.kind) or problem_of(alarm).remedy),
        facts=tuple(facts),
        closing=("`portal sync` lists everything that waits for you.",),
    )


def _noticed(due: AlarmDue, desk: Desk) -> str:
    return desk.formats.moment(due.alarm.raised_at, desk.settings.portal.timezone)


def _subject(kind: AlarmKind) -> str:
    return {
        AlarmKind.UNMATCHED: "Worth a look: a payment without an invoice",
        AlarmKind.QUARANTINED: "Worth a look: a payment that was set aside",
        AlarmKind.OVERPAID: "Worth a look: an invoice paid beyond its amount",
        AlarmKind.DISPUTED: "Worth a look: a card payment is disputed",
    }.get(kind, "Worth a look: something the portal does not know")
