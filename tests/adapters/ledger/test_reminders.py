"""Reminders in the ledger: each step once for each invoice, given back only with its mail, on both databases."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.ports.reminders import ReminderClaim

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2026, 11, 23)
PASSED = ReminderClaim("1042", "due", DAY, None)
SENT = ReminderClaim("1042", "friendly", DAY, "0123456789abcdef")
OTHER = ReminderClaim("1043", "friendly", DAY, "0123456789abcdef")


@pytest.fixture
def ledger(ledger_address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(ledger_address)) as opened:
        yield opened


def test_a_step_is_claimed_once_and_given_back_with_its_mail(ledger: SqlLedger) -> None:
    with ledger.transaction() as tx:
        assert all(map(tx.claim_reminder, (PASSED, SENT, OTHER)))
        assert not tx.claim_reminder(ReminderClaim("1042", "friendly", DAY, "another"))
        assert tx.reminder_claims("1042") == (PASSED, SENT)
    assert ledger.reminder_claims_by_invoice() == {"1042": (PASSED, SENT), "1043": (OTHER,)}
    assert ledger.claims_of_reminder("0123456789abcdef") == (SENT, OTHER)
    with ledger.transaction() as tx:
        tx.release_reminders("0123456789abcdef", ["1042"])
        assert tx.reminder_claims("1042") == (PASSED,)
        assert tx.claim_reminder(SENT)
    assert ledger.claims_of_reminder("0123456789abcdef") == (OTHER, SENT)
