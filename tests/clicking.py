"""Clicks on pay buttons, as many at once as a test likes; also a program, so that processes can click."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

from memory_gateway import MemoryGateway

from portal.adapters.ledger import postgres as ledger_postgres
from portal.adapters.ledger import sqlite as ledger_sqlite
from portal.adapters.ledger.sql_ledger import SqlLedger, SqlTransaction, open_ledger
from portal.payments.checkout import Answer, Checkout, PayWish
from portal.ports import CheckoutLine, CheckoutRequest, Hold
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.ports import PaymentGateway

TOTAL = Money(84000, "GBP")
PART = Money(50000, "GBP")
"""More than half of what is left, so that two of them are one too many."""
_THINKING_SECONDS = 0.002


def invoice(key: str) -> Invoice:
    return Invoice(key, key, Customer("Sample Customer Ltd"), TOTAL, TOTAL, None, None, "invoices/a.csv")


def click(
    ledger: SqlLedger, gateway: MemoryGateway, key: str, part: Money | None = None, language: str | None = None
) -> Answer:
    """What a pay button does, on a page in a language."""
    checkout = Checkout(
        ledger=ledger,
        gateway=cast("PaymentGateway", gateway),  # what a click needs of one
        request_of=_request,
        parts_allowed=True,
        now=lambda: datetime.now(UTC),
        today=lambda: date(2026, 11, 22),
        pause=lambda _seconds: time.sleep(0.01),
        language=lambda: language,
    )
    return checkout.open(key, PayWish(str(TOTAL), part))


def think_before_writing() -> None:
    """Widen the gap between check and write, so that a race that can be lost is lost."""
    write = SqlTransaction.add_hold

    def think_first(transaction: SqlTransaction, hold: Hold) -> None:
        time.sleep(_THINKING_SECONDS)
        write(transaction, hold)

    setattr(SqlTransaction, "add_hold", think_first)  # noqa: B010  mypy rightly minds a plain assignment


def take_locks_away() -> None:
    """The protection off: every statement by itself on SQLite, no lock on PostgreSQL."""
    ledger_sqlite.BEGIN_WRITING = "SELECT 1"
    setattr(ledger_postgres, "lock", lambda _connection, _subject: None)  # noqa: B010  as above


def _request(hold: Hold, invoices: Sequence[Invoice]) -> CheckoutRequest:
    return CheckoutRequest(
        hold_id=hold.hold_id,
        opened_at=hold.created_at,
        allocations=hold.allocations,
        lines=tuple(CheckoutLine(part.invoice_key, part.amount) for part in hold.allocations),
        description=invoices[0].number,
        customer_email=None,
        locale="en-GB",
        expires_at=hold.expires_at,
        success_url="https://pay.example/return",
        cancel_url="https://pay.example/",
    )


def main(address: str, rounds: int, interval: float, locked: str) -> None:
    """Click each invoice in turn, all processes at the same moment; prints the kinds of answers.

    Says when it is ready, and is told when to begin.
    """
    think_before_writing()
    if locked == "unlocked":
        take_locks_away()
    answers: dict[str, int] = {}
    with closing(open_ledger(address)) as ledger:
        print("ready", flush=True)  # noqa: T201  the parent waits for it
        starts_at = float(sys.stdin.readline())
        for number in range(rounds):
            time.sleep(max(starts_at + number * interval - time.time(), 0))
            answer = type(click(ledger, MemoryGateway(), f"INV-{number}")).__name__
            answers[answer] = answers.get(answer, 0) + 1
    print(json.dumps(answers))  # noqa: T201  its answer


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
