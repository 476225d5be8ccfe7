"""Which invoices one plan can be about, and what is offered on their sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from portal.payments.planning import first_parts, plans_of_offer
from portal.receivables.allocation import MOST_INVOICES, total_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment, PlanBounds
from portal.receivables.plans import PaymentPlan
from portal.receivables.statement import Document, statement_of
from portal.receivables.statement_plans import StatementPlans, statement_plans

DAY = date(2026, 11, 21)
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
BOUNDS = (PlanBounds(2, 3),)


def document(number: int, minor: int = 10000, due_on: date | None = None) -> Document:
    total, key = Money(minor, "GBP"), str(number)
    invoice = Invoice(key, key, Customer("Ada", "ada@example.com"), total, total, date(2026, 10, 1), due_on, "x.md")
    return Document(invoice, ())


def on_a_plan(one: Document) -> Document:
    whole = (Installment(1, DAY, one.invoice.total),)
    return replace(one, plan=PaymentPlan("plan", one.invoice.key, whole, False, 7, MOMENT, "I agree.", "v1", 0))


def started(one: Document, minor: int) -> Document:
    entry = Entry(EntryKind.PAYMENT_STARTED, one.invoice.key, Money(minor, "GBP"), MOMENT, "pi_1", seq=1)
    return replace(one, entries=(entry,))


def of(*documents: Document, bounds: tuple[PlanBounds, ...] = BOUNDS) -> StatementPlans:
    return statement_plans(statement_of(documents, DAY), bounds, DAY)


def test_what_is_on_a_plan_or_on_its_way_is_left_out() -> None:
    found = of(document(1), on_a_plan(document(2)), started(document(3), 4000), document(4))
    assert [part.invoice_key for part in found.owed] == ["1", "4"]
    assert [len(one.installments) for one in found.offers] == [2, 3]


def test_nothing_is_offered_on_one_alone_or_on_too_many() -> None:
    assert of(document(1), on_a_plan(document(2))).offers == ()
    assert of(*(document(number) for number in range(MOST_INVOICES + 1))).offers == ()


def test_one_overdue_invoice_is_enough_where_that_is_asked_for() -> None:
    bounds = (replace(BOUNDS[0], overdue_only=True),)
    assert of(document(1), document(2), bounds=bounds).offers == ()
    assert of(document(1), document(2, due_on=date(2026, 11, 1)), bounds=bounds).offers


def test_the_mark_names_each_part() -> None:
    assert of(document(1, 4000), document(2, 6000)).shown != of(document(1, 6000), document(2, 4000)).shown


@given(st.lists(st.integers(1, 90_000), min_size=2, max_size=9))
def test_every_offer_can_be_agreed_to_the_penny(minors: list[int]) -> None:
    found = of(*(document(number, minor) for number, minor in enumerate(minors)))
    for offer in found.offers:
        plans = plans_of_offer(offer, found.owed, "I agree.", "v1", MOMENT)
        assert [plan.total for plan in plans] == [part.amount for part in found.owed]
        assert total_of(first_parts(plans)) == offer.first.amount
