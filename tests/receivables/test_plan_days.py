"""What a day decides of plans on offer: where that is the same, so is what a page says of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from portal.pages import what_is_offered
from portal.receivables.balance import balance_of
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.receivables.plan_days import day_of_plans, days_that_count
from portal.receivables.plan_offers import PlanBounds, PlanWay, Rhythm, plan_offers

if TYPE_CHECKING:
    from portal.receivables.invoice_balance import InvoiceBalance

DAY = date(2026, 11, 21)
BOUNDS = st.builds(
    PlanBounds,
    fewest=st.integers(2, 4),
    most=st.integers(4, 7),
    rhythms=st.lists(st.sampled_from(Rhythm), min_size=1, max_size=2, unique=True).map(tuple),
    ways=st.just((PlanWay.AUTOMATIC,)),
    first_on=st.none() | st.dates(date(2026, 11, 1), date(2027, 1, 31)),
    last_on=st.none() | st.dates(date(2026, 12, 1), date(2027, 6, 30)),
    within_days=st.none() | st.integers(20, 200),
    minimum_total=st.none() | st.just(Decimal(300)),
    overdue_only=st.booleans(),
)


def balance(minor: int, due_on: date) -> InvoiceBalance:
    total = Money(minor, "GBP")
    return balance_of(Invoice("1", "1", Customer("Ada"), total, total, None, due_on, "invoices/1.md"), (), DAY)


@given(st.lists(BOUNDS, max_size=3), st.integers(100, 100_000), st.integers(-40, 40), st.integers(1, 40))
@example([PlanBounds(3, 3, last_on=DAY + timedelta(75))], 84_000, -20, 20)
def test_where_the_day_decides_the_same_the_same_is_offered(
    bounds: list[PlanBounds], minor: int, due: int, later: int
) -> None:
    left = balance(minor, DAY + timedelta(due))
    days = [DAY, DAY + timedelta(later)]
    one, other = (days_that_count(day_of_plans(bounds, day), left) for day in days)
    if one == other:
        said, said_later = (what_is_offered(plan_offers(bounds, left, day), day) for day in days)
        assert said == said_later


def test_what_does_not_apply_to_a_balance_does_not_count() -> None:
    bounds = [PlanBounds(3, 3, overdue_only=True), PlanBounds(2, 2, last_on=DAY)]
    day = day_of_plans(bounds, DAY)
    assert days_that_count(day, balance(84_000, DAY + timedelta(1))) == ((False, ()),)
    assert days_that_count(day, balance(84_000, DAY - timedelta(1))) == ((False, ((3, Rhythm.MONTHLY),)), (False, ()))
    assert days_that_count(day, balance(0, DAY)) == ()
