"""A customer's documents on one day: their order, and sums that are exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import MoneyError
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, DocumentKind, Invoice
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan
from portal.receivables.statement import Document, Statement, statement_of

DAY = date(2026, 11, 21)
ADA = Customer("Ada", "ada@example.com")
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def invoice(number: str, minor: int = 10000, due_on: date | None = None, currency: str = "GBP") -> Invoice:
    total = Money(minor, currency)
    kind = DocumentKind.CREDIT_NOTE if minor < 0 else DocumentKind.INVOICE
    return Invoice(number, number, ADA, total, total, date(2026, 10, 1), due_on, f"{number}.md", kind)


def entry(number: str, minor: int, kind: EntryKind = EntryKind.PAYMENT) -> Entry:
    return Entry(kind, number, Money(minor, "GBP"), MOMENT, f"{kind}-{number}-{minor}", seq=1)


def plan(number: str, *days_and_minors: tuple[date, int]) -> PaymentPlan:
    listed = (Installment(at, day, Money(minor, "GBP")) for at, (day, minor) in enumerate(days_and_minors, start=1))
    return PaymentPlan("plan", number, tuple(listed), False, 7, MOMENT, "I agree.", "v1", 0)


def of(*documents: Document) -> Statement:
    return statement_of(documents, DAY)


def test_the_oldest_due_stands_first_then_the_number_as_people_count() -> None:
    listed = [
        invoice("10", due_on=date(2026, 10, 31)),
        invoice("9", due_on=date(2026, 10, 31)),
        invoice("1"),
        invoice("INV-100", due_on=date(2026, 9, 30)),
        invoice("INV-99", due_on=date(2026, 9, 30)),
    ]
    numbers = [row.invoice.number for row in of(*(Document(one, ()) for one in listed)).rows]
    assert numbers == ["INV-99", "INV-100", "9", "10", "1"]


def test_sums_of_what_is_left_overdue_and_on_its_way() -> None:
    statement = of(
        Document(invoice("1", due_on=date(2026, 10, 31)), [entry("1", 2500)]),
        Document(invoice("2", due_on=date(2026, 12, 31)), ()),
        Document(invoice("3", due_on=date(2026, 10, 31)), [entry("3", 4000, EntryKind.PAYMENT_STARTED)]),
        Document(invoice("4"), [entry("4", 10000)]),
    )
    assert statement.balance_due == Money(7500 + 10000 + 6000, "GBP")
    assert statement.amount_overdue == Money(7500 + 6000, "GBP")
    assert statement.amount_on_its_way == Money(4000, "GBP")
    assert [row.invoice.number for row in statement.open] == ["1", "3", "2"]
    assert statement.in_favour == ()


@pytest.mark.parametrize("number_of_signs", ["minus", "plus"])
def test_credits_stand_beside_what_is_left_and_are_never_taken_off(number_of_signs: str) -> None:
    note = invoice("17", -4000)
    if number_of_signs == "plus":
        note = replace(note, total=Money(4000, "GBP"), stated_due=Money(4000, "GBP"))
    statement = of(
        Document(invoice("1"), ()), Document(note, ()), Document(invoice("2"), [entry("2", 10500)]),
        Document(replace(invoice("3"), stated_due=Money(-250, "GBP")), ()),
    )  # fmt: skip
    assert {row.invoice.number: row.credit.minor for row in statement.in_favour} == {"17": 4000, "2": 500, "3": 250}
    assert statement.credit == Money(4750, "GBP")
    assert statement.balance_due == Money(10000, "GBP")


def test_a_cancelled_credit_note_is_worth_nothing() -> None:
    assert not of(Document(replace(invoice("17", -4000), cancelled_on=DAY), ())).credit


def test_an_invoice_on_a_plan_is_asked_for_as_the_plan_asks() -> None:
    due_on = date(2026, 10, 31)
    kept = plan("1", (DAY - timedelta(20), 4000), (DAY, 3000), (DAY + timedelta(30), 3000))
    paid = [replace(entry("1", 4000), seq=2)]
    (row,) = of(Document(invoice("1", due_on=due_on), paid, kept)).rows
    assert (row.left, row.payable, row.is_overdue) == (Money(6000, "GBP"), Money(3000, "GBP"), False)
    (missed,) = of(Document(invoice("1", due_on=due_on), (), kept)).rows
    assert (missed.payable, missed.is_overdue) == (Money(7000, "GBP"), True)
    waiting = plan("1", (DAY + timedelta(1), 5000), (DAY + timedelta(30), 5000))
    assert not of(Document(invoice("1", due_on=due_on), (), waiting)).rows[0].payable
    (complete,) = of(Document(invoice("1"), [replace(entry("1", 10000), seq=2)], kept)).rows
    assert complete.plan is None


def test_a_statement_is_of_one_currency_and_not_empty() -> None:
    with pytest.raises(MoneyError):
        _ = of(Document(invoice("1"), ()), Document(invoice("2", currency="EUR"), ())).balance_due
    with pytest.raises(ValueError, match="one document"):
        of()


@given(st.lists(st.tuples(st.integers(-500, 500).filter(bool), st.integers(0, 900)), min_size=1, max_size=8))
def test_every_penny_is_left_paid_or_in_favour(amounts: list[tuple[int, int]]) -> None:
    """What was asked for, less what was paid, is what is left less what is in the customer's favour."""
    documents = []
    for at, (minor, paid) in enumerate(amounts):
        facts = [entry(str(at), paid)] if paid and minor > 0 else []
        documents.append(Document(invoice(str(at), minor), facts))
    statement = of(*documents)
    asked = sum(minor for minor, _paid in amounts)
    paid_in_all = sum(paid for minor, paid in amounts if minor > 0)
    assert statement.balance_due.minor - statement.credit.minor == asked - paid_in_all
