"""Mails in the ledger: one for each cause, with their full text, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.mailing.sending import Mailing
from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.mail import Cause, Delivery, Handover, Mail, MailKind, Message, MessageState
from portal.ports.plans import PlanLife, PlanRecord
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
CAUSE = Cause(MailKind.RECEIPT, "pi_1", "payment", "1042")


def message(cause: Cause = CAUSE, **fields: object) -> Message:
    mail = Mail("maya@example.org", "Müller", "Text £\n", "<p>£</p>", cause.message_id, cause.kind, "jo@example.com")
    return replace(Message(cause, mail, MessageState.PLANNED, NOW), **fields)  # type: ignore[arg-type]


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as opened:
        yield opened


def test_there_is_one_message_for_each_cause(ledger: SqlLedger) -> None:
    with ledger.transaction() as tx:
        assert tx.add_message(message())
        assert not tx.add_message(message(replace(CAUSE, invoice_key="other"), state=MessageState.SENT))
        for other in (
            replace(CAUSE, cause="two"),
            replace(CAUSE, subject_key="pi_2"),
            replace(CAUSE, kind=MailKind.PAYMENT_NOTICE),
        ):
            assert tx.add_message(message(other))
    assert [one.cause.cause for one in ledger.messages()] == ["payment", "two", "payment", "payment"]
    assert ledger.messages()[0] == message()


def test_text_state_and_answer_change_and_nothing_else(ledger: SqlLedger) -> None:
    with ledger.transaction() as tx:
        tx.add_message(message())
        found = tx.message(CAUSE.message_id)
        assert found == message()
        other = replace(found.mail, text="Later", to="maya@example.com")
        changed = replace(
            found, mail=other, state=MessageState.UNKNOWN, tries=1, tried_at=NOW + timedelta(minutes=1), answer="lost"
        )
        tx.update_message(changed)
        assert tx.message("0" * 16) is None
    assert ledger.messages({MessageState.UNKNOWN, MessageState.SENT}) == (changed,)
    assert ledger.messages({MessageState.PLANNED}) == ()


def test_what_happens_on_an_invoice_is_noted_until_it_is_struck(ledger: SqlLedger) -> None:
    for _ in range(2):
        with ledger.transaction() as tx:
            tx.enqueue_freeze("1042")
            tx.enqueue_freeze("1043")
    assert ledger.mail_notes() == ("1042", "1043")
    ledger.freeze_done("1043", 0)
    with ledger.transaction() as tx:
        tx.strike_mail_note("1042")
    assert ledger.mail_notes() == ("1043",)


def test_a_switch_remembers_what_was_there_when_it_was_turned(ledger: SqlLedger) -> None:
    entry = Entry(EntryKind.PAYMENT, "1042", Money(500, "GBP"), NOW, "pi_1")
    with ledger.transaction() as tx:
        tx.append(entry)
        tx.raise_alarm(Alarm(AlarmKind.UNMATCHED, "pi_0", "A payment.", NOW))
    ledger.switch_mail({MailKind.RECEIPT}, (), NOW)
    with ledger.transaction() as tx:
        tx.append(replace(entry, external_id="pi_2"))
        tx.raise_alarm(Alarm(AlarmKind.OVERPAID, "pi_2", "Too much.", NOW))
    ledger.switch_mail({MailKind.RECEIPT, MailKind.ALARM_NOTICE}, (), NOW + timedelta(days=1))
    switches = ledger.mail_switches()
    assert (switches[MailKind.RECEIPT].entry_seq, switches[MailKind.RECEIPT].alarm) == (1, 1)
    assert switches[MailKind.RECEIPT].on_since == NOW
    assert (switches[MailKind.ALARM_NOTICE].entry_seq, switches[MailKind.ALARM_NOTICE].alarm) == (2, 2)
    ledger.switch_mail((), {MailKind.RECEIPT}, NOW)
    assert list(ledger.mail_switches()) == [MailKind.ALARM_NOTICE]
    assert [(number, alarm.external_id) for number, alarm in ledger.alarms_after(1)] == [(2, "pi_2")]


def test_of_many_senders_at_once_each_mail_has_one(ledger: SqlLedger) -> None:
    """Each on a connection of its own, as several machines would be."""
    sent: list[str] = []

    class Mailer:
        def send(self, mail: Mail, at: datetime) -> Delivery:
            sent.append(f"{mail.message_id} {at:%H}")
            return Delivery(Handover.SENT, "250 ok")

    desk = Mailing(ledger, Mailer(), lambda one, _tx: one.mail, lambda: NOW)
    causes = [replace(CAUSE, cause=str(number)) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        posted = [list(pool.map(lambda cause: desk.post(message(cause).mail, cause), causes)) for _ in range(2)]
        list(pool.map(lambda _: desk.deliver_waiting(), range(6)))
    assert posted == [[True] * 12, [False] * 12]
    assert sorted(sent) == sorted(f"{cause.message_id} 05" for cause in causes)
    assert {one.state for one in ledger.messages()} == {MessageState.SENT}


def test_invoices_that_share_a_payment_are_known(ledger: SqlLedger) -> None:
    paid = Entry(EntryKind.PAYMENT, "1042", Money(500, "GBP"), NOW, "pi_1")
    with ledger.transaction() as tx:
        tx.lock("1042", "1043", "1044")
        for one in (paid, replace(paid, invoice_key="1043"), replace(paid, invoice_key="1044", external_id="pi_2")):
            tx.append(one)
        assert tx.told_together_with("1043") == {"1042", "1043"}
        assert tx.told_together_with("1044") == {"1044"}
        assert tx.told_together_with("1045") == {"1045"}


def test_invoices_that_share_a_plan_are_known(ledger: SqlLedger) -> None:
    day = NOW.date()
    plan = PaymentPlan(
        plan_id="plan_1",
        invoice_key="1042",
        installments=(Installment(1, day, Money(500, "GBP")),),
        automatic=True,
        grace_days=0,
        agreed_at=NOW,
        consent_text="Yes.",
        terms_version="1",
        since_seq=0,
        agreement_id="both",
    )
    with ledger.transaction() as tx:
        tx.lock("1042", "1043")
        for one in (plan, replace(plan, plan_id="plan_2", invoice_key="1043")):
            tx.add_plan(PlanRecord(one, PlanLife.IN_FORCE))
        assert tx.told_together_with("1043") == {"1042", "1043"}
