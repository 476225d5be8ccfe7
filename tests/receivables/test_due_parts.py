"""An invoice that is due in parts: what is overdue, what it costs, and the smallest payment that puts it right."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.interest import BaseRate, Compensation, Interest
from portal.receivables.invoice import Customer, DuePart, Invoice, StatedPayment
from portal.receivables.money import Money
from portal.receivables.offers import DueOffer, offers_for, refusal_of_part
from portal.receivables.prices import price_list
from portal.receivables.schedules import PlanSchedule
from portal.receivables.statuses import InvoiceStatus
from portal.receivables.terms import LateFee, LateMode, LatePart, Terms

EXAMPLES = int(os.environ.get("PORTAL_EXAMPLES", "100"))
DAY = timedelta(1)
FIRST, SECOND = date(2026, 10, 1), date(2026, 11, 1)
TEN_PERCENT = Interest((BaseRate(date(2026, 1, 1), Decimal(10)),), year_days=360)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def claim(*parts: tuple[date, int], grace: int = 0, prepaid: int = 0, **fields: Any) -> Invoice:  # noqa: ANN401  of a late fee
    """An invoice in parts; ``fields`` are of its late fee, and without any there is none."""
    total = gbp(sum(minor for _day, minor in parts))
    left, late_parts = prepaid, []
    for day, minor in parts:
        late_parts.append(LatePart(gbp(max(minor - left, 0)), day + (grace + 1) * DAY, day))
        left = max(left - minor, 0)
    late = None
    if fields:
        plain: dict[str, Any] = {
            "starts_on": parts[0][0] + (grace + 1) * DAY,
            "counts_from": parts[0][0],
            "parts": tuple(late_parts),
        }
        late = LateFee(LateMode.CHARGED, **(plain | fields))
    return Invoice(
        key="1",
        number="1",
        customer=Customer("Sample"),
        total=total,
        stated_due=total - gbp(prepaid),
        issued_on=FIRST - 30 * DAY,
        due_on=parts[-1][0],
        source="x",
        payments=(StatedPayment(gbp(prepaid)),) if prepaid else (),
        parts=tuple(DuePart(day, gbp(minor)) for day, minor in parts),
        terms=Terms(late=late),
    )


def fact(kind: EntryKind, minor: int, day: date, of: str = "pi_1", **fields: object) -> Entry:
    happened = datetime.combine(day, time(12), UTC)
    return Entry(kind, "1", gbp(minor), happened, of, **fields)  # type: ignore[arg-type]


def paid(minor: int, day: date = FIRST, of: str = "pi_1") -> Entry:
    return fact(EntryKind.PAYMENT, minor, day, of)


TWO = ((FIRST, 40000), (SECOND, 60000))


@pytest.mark.parametrize(
    ("minor", "day", "status", "catch_up"),
    [
        (0, FIRST, InvoiceStatus.OPEN, 0),
        (0, FIRST + DAY, InvoiceStatus.OVERDUE, 40000),
        (15000, FIRST + DAY, InvoiceStatus.OVERDUE, 25000),
        (40000, FIRST + DAY, InvoiceStatus.PARTLY_PAID, 0),
        (40000, SECOND, InvoiceStatus.PARTLY_PAID, 0),
        (40000, SECOND + DAY, InvoiceStatus.OVERDUE, 60000),
        (10000, SECOND + DAY, InvoiceStatus.OVERDUE, 90000),
        (100000, SECOND + DAY, InvoiceStatus.PAID, 0),
    ],
)
def test_it_is_overdue_once_the_first_unpaid_parts_day_has_passed(
    minor: int, day: date, status: InvoiceStatus, catch_up: int
) -> None:
    balance = balance_of(claim(*TWO), [paid(minor)] if minor else [], day)
    assert (balance.status, balance.catch_up) == (status, gbp(catch_up))


def test_what_was_paid_before_fills_the_first_part() -> None:
    balance = balance_of(claim(*TWO, prepaid=40000), [], FIRST + 20 * DAY)
    assert (balance.status, balance.catch_up) == (InvoiceStatus.PARTLY_PAID, gbp(0))
    assert [part.rest for part in balance.parts] == [gbp(0), gbp(60000)]


def test_what_is_given_up_makes_the_last_part_smaller() -> None:
    credit = fact(EntryKind.CREDIT_NOTE, 70000, FIRST, "cn")
    balance = balance_of(claim(*TWO), [credit], FIRST + DAY)
    assert [(part.amount, part.rest) for part in balance.parts] == [(gbp(30000), gbp(30000)), (gbp(0), gbp(0))]
    assert balance.catch_up == gbp(30000)


def test_interest_and_percentage_run_on_each_part_from_its_own_day() -> None:
    invoice = claim(*TWO, interest=TEN_PERCENT, percent=Decimal(1))
    fees = [balance_of(invoice, [], day).amount_fees.minor for day in (FIRST, SECOND, SECOND + 30 * DAY)]
    first, both = 400 + 40000 // 10 * 31 // 360, 1000 + round(4000 * 61 / 360) + 6000 * 30 // 360
    assert fees == [0, first, both]


def test_a_fixed_sum_comes_once_with_the_first_part_that_is_late() -> None:
    invoice = claim(*TWO, flat=gbp(2500), compensation=Compensation.UK)
    assert balance_of(invoice, [], FIRST + DAY).amount_fees == gbp(2500 + 4000)
    assert balance_of(invoice, [], SECOND + DAY).amount_fees == gbp(2500 + 4000)
    in_time = [paid(40000)]
    assert balance_of(invoice, in_time, SECOND).amount_fees == gbp(0)
    assert balance_of(invoice, in_time, SECOND + DAY).amount_fees == gbp(2500 + 4000)


def test_the_offers_of_an_invoice_in_parts() -> None:
    invoice = claim(*TWO)
    coming = offers_for(balance_of(invoice, [], FIRST), parts_allowed=False)
    assert (coming.full, coming.catch_up, coming.next_part) == (gbp(100000), None, DueOffer(gbp(40000), FIRST))
    assert refusal_of_part(coming, gbp(40000)) is None
    assert refusal_of_part(coming, gbp(40001)) is not None
    late = offers_for(balance_of(invoice, [], FIRST + DAY), parts_allowed=False)
    assert (late.catch_up, late.next_part) == (gbp(40000), None)
    assert refusal_of_part(late, gbp(40000)) is None
    last = offers_for(balance_of(invoice, [paid(40000)], SECOND + DAY), parts_allowed=False)
    assert (last.full, last.catch_up, last.next_part) == (gbp(60000), None, None), "one button is enough"


def test_catching_up_is_what_a_card_can_pay() -> None:
    small = offers_for(balance_of(claim((FIRST, 10), (SECOND, 60000)), [], FIRST + DAY), parts_allowed=False)
    assert small.catch_up == gbp(30)
    nothing_after = offers_for(balance_of(claim((FIRST, 60000), (SECOND, 10)), [], FIRST + DAY), parts_allowed=False)
    assert (nothing_after.catch_up, nothing_after.full) == (None, gbp(60010))


def test_a_plan_takes_the_place_of_the_parts() -> None:
    schedule = PlanSchedule(7, 0, ((FIRST, gbp(50000)), (SECOND, gbp(50000))))
    agreed = fact(EntryKind.PLAN_AGREED, 100000, FIRST, "plan", seq=2, schedule=schedule)
    entries = [replace(paid(50000), seq=1), agreed]
    kept = balance_of(claim(*TWO), entries, FIRST + 20 * DAY)
    assert (kept.parts, kept.catch_up) == ((), gbp(0))
    assert balance_of(claim(*TWO), entries, SECOND + DAY).catch_up == gbp(50000)
    assert offers_for(kept, parts_allowed=False).next_part is None


# ---- whatever the parts, terms and payments


@st.composite
def claims(draw: st.DrawFn) -> tuple[Invoice, list[Entry]]:
    days = sorted(draw(st.sets(st.integers(0, 120), min_size=2, max_size=4)))
    parts = [(FIRST + day * DAY, draw(st.integers(1, 90000))) for day in days]
    fields: dict[str, Any] = {
        "flat": draw(st.sampled_from([None, gbp(2500)])),
        "percent": draw(st.sampled_from([None, Decimal("1.5")])),
        "interest": draw(st.sampled_from([None, TEN_PERCENT])),
        "every_days": draw(st.sampled_from([1, 7, 30])),
    }
    invoice = claim(*parts, grace=draw(st.integers(0, 20)), **fields)
    kinds = st.sampled_from([EntryKind.PAYMENT, EntryKind.PAYMENT, EntryKind.CREDIT_NOTE, EntryKind.PAYMENT_STARTED])
    made = draw(st.lists(st.tuples(kinds, st.integers(30, 90000), st.integers(0, 150)), max_size=4))
    facts = [fact(kind, minor, FIRST + day * DAY, f"x{place}") for place, (kind, minor, day) in enumerate(made)]
    return invoice, facts


def known_on(day: date, entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.occurred_at.date() <= day]


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(-5, 200), st.lists(st.integers(0, 730), min_size=5, max_size=15))
def test_the_price_list_is_the_balance_of_each_day(
    drawn: tuple[Invoice, list[Entry]], start: int, days: list[int]
) -> None:
    invoice, as_of = drawn[0], FIRST + start * DAY
    entries = known_on(as_of, drawn[1])
    prices = price_list(invoice, entries, as_of, most=6)
    ends = [stage.until for stage in prices.stages if stage.until is not None]
    near = [day + shift * DAY for day in (*ends, *(part.due_on for part in invoice.parts)) for shift in (0, 1)]
    for day in [*near, *(as_of + shift * DAY for shift in days)]:
        listed = prices.amount_on(day)
        if day < as_of or (prices.stages and listed is None and prices.goes_on):
            continue
        assert balance_of(invoice, entries, day).amount_offerable.minor == (listed.minor if listed else 0)


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(-5, 200))
def test_catching_up_restores_good_standing_and_nothing_less_does(
    drawn: tuple[Invoice, list[Entry]], start: int
) -> None:
    invoice, as_of = drawn[0], FIRST + start * DAY
    entries = known_on(as_of, drawn[1])
    balance = balance_of(invoice, entries, as_of)
    assume(not balance.amount_on_its_way)
    due = balance.catch_up
    assert balance.amount_offerable >= due
    assert (balance.status is InvoiceStatus.OVERDUE) == bool(due)
    if due.minor > 30:
        caught_up = balance_of(invoice, [*entries, paid(due.minor, as_of, "up")], as_of)
        assert caught_up.status is not InvoiceStatus.OVERDUE
        less = balance_of(invoice, [*entries, paid(due.minor - 30, as_of, "up")], as_of)
        assert less.status is InvoiceStatus.OVERDUE or not less.amount_remaining


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(-5, 200))
def test_no_offer_leaves_what_no_card_can_pay(drawn: tuple[Invoice, list[Entry]], start: int) -> None:
    invoice, as_of = drawn[0], FIRST + start * DAY
    balance = balance_of(invoice, known_on(as_of, drawn[1]), as_of)
    offers = offers_for(balance, parts_allowed=False)
    limits = card_limits("GBP")
    next_part = offers.next_part.amount if offers.next_part else None
    for amount in (offers.catch_up, next_part):
        if amount is not None:
            assert limits.allow(amount)
            assert offers.left - amount >= limits.minimum
            assert refusal_of_part(offers, amount) is None


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims(), st.integers(-5, 200), st.integers(0, 60))
def test_what_is_left_never_falls_by_waiting(drawn: tuple[Invoice, list[Entry]], start: int, wait: int) -> None:
    invoice, entries = drawn
    now, then = (balance_of(invoice, entries, FIRST + days * DAY) for days in (start, start + wait))
    assert then.amount_remaining >= now.amount_remaining
    assert then.catch_up >= now.catch_up
