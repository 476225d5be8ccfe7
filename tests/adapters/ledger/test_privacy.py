"""Words are erased and noted; whatever else somebody tries to change is refused by both databases."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.engine import writing
from portal.adapters.ledger.sql_ledger import open_ledger
from portal.ports.mail import Cause, Mail, MailKind, Message, MessageState
from portal.ports.privacy import Place, ToErase
from portal.ports.provider_reports import GatewayEvent
from portal.receivables.entries import ERASED, Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.adapters.ledger.sql_ledger import SqlLedger

AT = datetime(2026, 11, 5, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 9, 12, tzinfo=UTC)
PROBLEM = Entry(EntryKind.PROBLEM_REPORTED, "A-1", Money(500, "GBP"), AT, "a1", "work", note="My knee hurts.")
PAYMENT = Entry(EntryKind.PAYMENT, "A-1", Money(500, "GBP"), AT, "pi_1", note="RF 77")
CAUSE = Cause(MailKind.RECEIPT, "A-1", "pi_1", "A-1")
MAIL = Mail("mary@example.com", "Thank you, Mary", "Dear Mary", "<p>", CAUSE.message_id, CAUSE.kind)
EVENT = GatewayEvent("evt_1", "payment_intent.succeeded", AT, None, body='{"id": "pi_1", "email": "mary@example.com"}')


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as opened:
        with opened.transaction() as tx:
            tx.append(PROBLEM)
            tx.append(PAYMENT)
            tx.record_event(EVENT, "settled")
            tx.add_message(Message(CAUSE, MAIL, MessageState.NO_ADDRESS, AT))
        yield opened


def test_words_go_and_facts_stay(ledger: SqlLedger) -> None:
    what = ToErase(entries=(1, 2), messages=(CAUSE.message_id,), events=("evt_1",))
    ledger.erase(ToErase(entries=(1,), messages=what.messages, events=what.events), "asked for", LATER)
    assert ledger.entries_of("A-1") == (replace(PROBLEM, seq=1, note=ERASED), replace(PAYMENT, seq=2))
    (message,) = ledger.messages()
    assert (message.cause, message.state, message.created_at) == (CAUSE, MessageState.OVERTAKEN, AT)
    assert "mary" not in repr(message).lower()
    assert ledger.events_of(["pi_1"]) == ()
    assert [(one.place, one.row, one.why, one.erased_at) for one in ledger.erasures()] == [
        (Place.ENTRIES, "1", "asked for", LATER),
        (Place.MESSAGES, CAUSE.message_id, "asked for", LATER),
        (Place.EVENTS, "evt_1", "asked for", LATER),
    ]
    ledger.erase(ToErase(entries=(1,)), "again", AT)
    assert len(ledger.erasures()) == 3
    with pytest.raises(Exception, match="entries are append-only"):
        ledger.erase(what, "a payment's reference is bookkeeping", LATER)


def test_webhooks_are_found_by_whom_they_name_and_by_age(ledger: SqlLedger) -> None:
    assert [one.event_id for one in ledger.events_of(["pi_1", "pi_%"])] == ["evt_1"]
    assert ledger.events_of(["pi_"]) == ()
    assert ledger.events_before(AT) == ()
    assert ledger.events_before(LATER) == ("evt_1",)
    ledger.erase(ToErase(events=("evt_1",)), "old", LATER)
    assert ledger.events_before(LATER) == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET note = 'Something nicer' WHERE seq = 1",
        "UPDATE entries SET note = NULL WHERE seq = 1",
        "UPDATE entries SET note = '[erased]', amount_minor = 1 WHERE seq = 1",
        "UPDATE entries SET note = '[erased]', kind = 'promised' WHERE seq = 1",
        "UPDATE entries SET note = '[erased]' WHERE seq = 2",
        "UPDATE entries SET seq = 9 WHERE seq = 1",
        "DELETE FROM entries",
        "UPDATE events SET body = '{}'",
        "UPDATE events SET body = '[erased]', outcome = 'x'",
        "DELETE FROM events",
    ],
)
def test_nothing_else_can_be_changed(ledger: SqlLedger, change: str) -> None:
    before = ledger.entries_of("A-1"), ledger.events_of(["pi_1"])
    with pytest.raises(Exception, match="append-only"), writing(ledger.engine) as connection:
        connection.exec_driver_sql(change)
    assert before == (ledger.entries_of("A-1"), ledger.events_of(["pi_1"]))


def test_that_something_was_erased_cannot_be_hidden(ledger: SqlLedger) -> None:
    ledger.erase(ToErase(entries=(1,)), "asked for", LATER)
    with pytest.raises(Exception, match="append-only"), writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM erasures")
