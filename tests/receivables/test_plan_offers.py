"""Plans on offer: exact sums, days that fit, and nothing outside the owner's bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money, zero
from portal.receivables.plan_offers import PlanBounds, PlanWay, Rhythm, due_days, plan_offers

if TYPE_CHECKING:
    from portal.receivables.invoice_balance import InvoiceBalance

DAY = date(2026, 11, 21)
THREE = PlanBounds(3, 3)


def balance(minor: int, currency: str = "GBP", due_on: date = date(2023, 12, 31)) -> InvoiceBalance:
    """What is left of an invoice without payments, due on a day before that of any example."""
    total = Money(minor, currency)
    invoice = Invoice("1", "1", Customer("Ada"), total, total, None, due_on, "invoices/1.md")
    return balance_of(invoice, (), DAY)


def schedule(bounds: PlanBounds, minor: int, currency: str = "GBP", day: date = DAY) -> list[tuple[str, str]]:
    (offer,) = plan_offers([bounds], balance(minor, currency), day)
    return [(str(one.due_on), one.amount.decimal_text) for one in offer.installments]


def test_thirty_thousand_in_three_is_neither_too_much_nor_too_little() -> None:
    """erpnext#26951: 30,000 in three became 0.20 too much or too little."""
    assert schedule(THREE, 3_000_000) == [
        ("2026-11-21", "10000.00"),
        ("2026-12-21", "10000.00"),
        ("2027-01-21", "10000.00"),
    ]


def test_the_last_payment_carries_what_does_not_divide() -> None:
    assert [amount for _day, amount in schedule(THREE, 10_000)] == ["33.33", "33.33", "33.34"]


def test_a_first_share_is_rounded_and_the_rest_is_shared_out() -> None:
    bounds = replace(THREE, first_share=Decimal("0.5"))
    assert [amount for _day, amount in schedule(bounds, 10_001)] == ["50.01", "25.00", "25.00"]


def test_a_first_amount_on_a_later_day() -> None:
    bounds = replace(THREE, first_amount=Decimal("100.00"), first_on=date(2026, 12, 1))
    assert schedule(bounds, 84_000) == [("2026-12-01", "100.00"), ("2027-01-01", "370.00"), ("2027-02-01", "370.00")]


def test_a_first_day_gone_by_counts_as_today() -> None:
    assert schedule(replace(THREE, first_on=date(2026, 1, 1)), 84_000)[0] == ("2026-11-21", "280.00")


@pytest.mark.parametrize(
    ("rhythm", "first", "expected"),
    [
        (Rhythm.MONTHLY, "2027-01-31", "2027-02-28 2027-03-31 2027-04-30"),
        (Rhythm.MONTHLY, "2028-01-31", "2028-02-29 2028-03-31 2028-04-30"),
        (Rhythm.TWO_WEEKLY, "2026-11-21", "2026-12-05 2026-12-19 2027-01-02"),
        (Rhythm.WEEKLY, "2026-11-21", "2026-11-28 2026-12-05 2026-12-12"),
        (Rhythm.FIRST_AND_FIFTEENTH, "2026-11-21", "2026-12-01 2026-12-15 2027-01-01"),
        (Rhythm.FIRST_AND_FIFTEENTH, "2026-11-10", "2026-12-01 2026-12-15 2027-01-01"),
        (Rhythm.LAST_WORKING_DAY, "2026-11-21", "2026-11-30 2026-12-31 2027-01-29"),
        (Rhythm.LAST_WORKING_DAY, "2026-11-27", "2026-12-31 2027-01-29 2027-02-26"),
        (Rhythm.PAYDAY, "2026-11-24", "2026-12-30 2027-01-30 2027-02-28"),
    ],
)
def test_days_of_each_rhythm(rhythm: Rhythm, first: str, expected: str) -> None:
    days = islice(due_days(rhythm, date.fromisoformat(first), payday=30), 4)
    assert " ".join(map(str, days)) == f"{first} {expected}"


@pytest.mark.parametrize(
    ("bounds", "offered"),
    [
        (replace(THREE, last_on=date(2027, 1, 21)), True),
        (replace(THREE, last_on=date(2027, 1, 20)), False),
        (replace(THREE, within_days=61), True),
        (replace(THREE, within_days=60), False),
        (replace(THREE, minimum_payment=Decimal("280.00")), True),
        (replace(THREE, minimum_payment=Decimal("280.01")), False),
        (replace(THREE, minimum_total=Decimal("840.01")), False),
        (replace(THREE, maximum_total=Decimal("839.99")), False),
        (replace(THREE, minimum_total=Decimal(840), maximum_total=Decimal(840)), True),
        (replace(THREE, currencies=("EUR",)), False),
        (replace(THREE, first_amount=Decimal("840.00")), False),
        (replace(THREE, first_amount=Decimal("0.10")), False),
    ],
)
def test_bounds_are_kept_to_the_cent_and_the_day(bounds: PlanBounds, *, offered: bool) -> None:
    assert bool(plan_offers([bounds], balance(84_000), DAY)) is offered


def test_overdue_only_waits_for_the_due_date() -> None:
    bounds = replace(THREE, overdue_only=True)
    assert plan_offers([bounds], balance(84_000, due_on=DAY), DAY) == ()
    assert plan_offers([bounds], balance(84_000), DAY)


def test_no_payment_is_below_the_card_minimum() -> None:
    assert plan_offers([THREE], balance(89), DAY) == ()
    assert [amount for _day, amount in schedule(THREE, 90)] == ["0.30", "0.30", "0.30"]


def test_three_decimals_end_in_nought_and_yen_have_none() -> None:
    assert [amount for _day, amount in schedule(THREE, 10_000, "KWD")] == ["3.330", "3.330", "3.340"]
    assert [amount for _day, amount in schedule(THREE, 10_000, "JPY")] == ["3333", "3333", "3334"]


def test_nothing_left_offers_nothing() -> None:
    assert plan_offers([THREE], balance(0), DAY) == ()


def test_one_choice_is_offered_once_and_the_first_of_the_owners_counts() -> None:
    short = PlanBounds(2, 4, grace_days=3, ways=(PlanWay.AUTOMATIC, PlanWay.BY_HAND))
    offers = plan_offers([short, PlanBounds(3, 6, grace_days=9)], balance(84_000), DAY)
    assert [(offer.key, offer.grace_days) for offer in offers] == [
        ("2-monthly-automatic", 3),
        ("2-monthly-by-hand", 3),
        ("3-monthly-automatic", 3),
        ("3-monthly-by-hand", 3),
        ("4-monthly-automatic", 3),
        ("4-monthly-by-hand", 3),
        ("5-monthly-automatic", 9),
        ("6-monthly-automatic", 9),
    ]


amounts = st.decimals(0, 10_000, places=2)
days = st.dates(date(2024, 1, 1), date(2060, 12, 31))
bounds_of_owners = st.builds(
    lambda fewest, more, share, amount, **others: PlanBounds(
        fewest, fewest + more, first_share=share, first_amount=None if share else amount, **others
    ),
    st.integers(2, 12),
    st.integers(0, 6),
    st.none() | st.decimals("0.01", "0.99", places=3),
    st.none() | amounts,
    rhythms=st.lists(st.sampled_from(Rhythm), min_size=1, unique=True).map(tuple),
    first_on=st.none() | days,
    minimum_payment=st.none() | amounts,
    last_on=st.none() | days,
    within_days=st.none() | st.integers(1, 900),
)


@settings(max_examples=10_000, deadline=None)
@given(
    bounds=bounds_of_owners,
    minor=st.integers(1, 99_999_999) | st.integers(1, 5_000),
    currency=st.sampled_from(["GBP", "EUR", "JPY", "KWD", "UGX", "HUF"]),
    day=days,
    payday=st.integers(1, 31),
)
def test_every_offer_is_exact_and_within_bounds(
    bounds: PlanBounds, minor: int, currency: str, day: date, payday: int
) -> None:
    left = balance(minor, currency)
    limits = card_limits(currency)
    for offer in plan_offers([bounds], left, day, payday=payday):
        payments = offer.installments
        assert sum((one.amount for one in payments), zero(currency)) == left.amount_offerable == offer.total
        assert bounds.fewest <= len(payments) <= bounds.most
        assert all(limits.allow(one.amount) for one in payments)
        assert all(before.due_on < after.due_on for before, after in pairwise(payments))
        assert payments[0].due_on == max(bounds.first_on or day, day)
        assert bounds.last_on is None or payments[-1].due_on <= bounds.last_on
        assert bounds.within_days is None or payments[-1].due_on - payments[0].due_on <= timedelta(bounds.within_days)
        if bounds.first_share is None and bounds.first_amount is None:
            assert payments[-1].amount.minor - payments[0].amount.minor < len(payments) * limits.step
