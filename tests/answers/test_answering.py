"""Keeping answers: once, within bounds, and only while there is something to answer about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.answers.answering import MOST_ANSWERS_A_DAY, Answering, Said
from portal.answers.wishes import AnswerRefusal, PaidWish, ProblemWish, PromiseWish
from portal.errors import EntryRefusedError, UnknownInvoiceError
from portal.receivables.answers import ProblemReason, SaidPaidBy
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.line_items import LineItem, LineItems
from portal.receivables.money import Money
from portal.settings.doors import DoorsSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from portal.adapters.ledger.sql_ledger import SqlLedger

TOTAL = Money(84000, "GBP")
INVOICE = Invoice(
    key="1042",
    number="1042",
    customer=Customer("Sample Customer Ltd"),
    total=TOTAL,
    stated_due=TOTAL,
    issued_on=date(2026, 10, 1),
    due_on=date(2026, 10, 31),
    source="invoices/1042.md",
    lines=LineItems.of([LineItem("Door", Money(30000, "GBP")), LineItem("Shelf", Money(60000, "GBP"))]),
)


class Desk:
    """Answers on one invoice, with a clock of its own."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.doors = DoorsSettings()

    @property
    def answering(self) -> Answering:
        return Answering(self.ledger, self.doors, UTC, lambda: self.time, self._today)

    def _today(self) -> date:
        return self.time.date()

    def say(self, wish: PromiseWish | ProblemWish | PaidWish) -> Said | AnswerRefusal:
        return self.answering.say("1042", wish)

    def entries(self) -> tuple[Entry, ...]:
        return self.ledger.entries_of("1042")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    ledger = open_ledger(tmp_path / "ledger.sqlite")
    ledger.replace_invoices([INVOICE], [])
    yield Desk(ledger)
    ledger.close()


def test_after_two_days_that_passed_no_other_is_taken(desk: Desk) -> None:
    for _ in range(2):
        assert isinstance(desk.say(PromiseWish(desk.time.date() + timedelta(2))), Said)
        desk.time += timedelta(3)
    assert desk.say(PromiseWish(desk.time.date())) is AnswerRefusal.TOO_MANY_BROKEN
    desk.doors = DoorsSettings(broken_promises=3)
    assert isinstance(desk.say(PromiseWish(desk.time.date())), Said)


def test_a_day_can_be_moved_before_it_comes_as_often_as_wished(desk: Desk) -> None:
    for days in range(2, 8):
        assert isinstance(desk.say(PromiseWish(date(2026, 11, 22) + timedelta(days))), Said)
    assert desk.answering.take_back("1042", desk.entries()[-1].external_id)


def test_a_link_that_leaked_cannot_fill_the_ledger(desk: Desk) -> None:
    said = [desk.say(ProblemWish(ProblemReason.WORK, f"Number {n}")) for n in range(MOST_ANSWERS_A_DAY + 5)]
    assert len(desk.entries()) == MOST_ANSWERS_A_DAY
    assert said[-1] is AnswerRefusal.TOO_MANY
    desk.time += timedelta(1)
    assert isinstance(desk.say(ProblemWish(ProblemReason.WORK, "The next day")), Said)


def test_nothing_is_answered_where_nothing_is_left(desk: Desk) -> None:
    with desk.ledger.transaction() as tx:
        tx.append(Entry(EntryKind.PAYMENT, "1042", TOTAL, desk.time, "pi_1"))
    for wish in (
        PromiseWish(desk.time.date()),
        ProblemWish(ProblemReason.WORK),
        PaidWish(desk.time.date(), SaidPaidBy.CASH),
    ):
        assert desk.say(wish) is AnswerRefusal.NOTHING_LEFT


@pytest.mark.parametrize(
    ("lines", "amount", "about"),
    [((), None, 84000), ((0,), None, 30000), ((0, 1), None, 84000), ((0,), 12345, 12345), ((7,), None, 84000)],
)
def test_a_problem_is_about_the_chosen_lines_and_never_more_than_is_left(
    desk: Desk, lines: tuple[int, ...], amount: int | None, about: int
) -> None:
    money = None if amount is None else Money(amount, "GBP")
    said = desk.say(ProblemWish(ProblemReason.WORK, "Scratched", money, lines))
    assert isinstance(said, Said)
    assert said.entry.amount.minor == about
    assert ("Door" in (said.entry.note or "")) == (0 in lines)


@pytest.mark.parametrize("minor", [0, -100, 84001])
def test_an_amount_of_nothing_is_not_all_of_it(desk: Desk, minor: int) -> None:
    money = Money(minor, "GBP")
    assert desk.say(PaidWish(desk.time.date(), SaidPaidBy.CASH, money)) is AnswerRefusal.AMOUNT
    assert desk.say(ProblemWish(ProblemReason.WORK, amount=money)) is AnswerRefusal.AMOUNT


def test_only_an_answer_that_stands_is_taken_back_or_dealt_with(desk: Desk) -> None:
    with desk.ledger.transaction() as tx:
        tx.append(Entry(EntryKind.PAYMENT, "1042", Money(100, "GBP"), desk.time, "pi_1"))
    assert not desk.answering.take_back("1042", "pi_1")
    with pytest.raises(EntryRefusedError, match="no answer 1"):
        desk.answering.close("1042", 1, "")
    said = desk.say(ProblemWish(ProblemReason.WORK))
    assert isinstance(said, Said)
    desk.answering.close("1042", said.entry.seq, "We look at it.")
    assert not desk.answering.take_back("1042", said.entry.external_id)
    assert [entry.kind for entry in desk.entries()][1:] == [EntryKind.PROBLEM_REPORTED, EntryKind.ANSWER_CLOSED]


def test_an_unknown_invoice_has_no_answers(desk: Desk) -> None:
    with pytest.raises(UnknownInvoiceError):
        desk.answering.say("9999", PromiseWish(desk.time.date()))


def test_answers_move_no_money(desk: Desk) -> None:
    desk.say(PromiseWish(desk.time.date()))
    desk.say(PaidWish(desk.time.date(), SaidPaidBy.TRANSFER))
    assert balance_of(INVOICE, desk.entries(), desk.time.date()) == balance_of(INVOICE, (), desk.time.date())
