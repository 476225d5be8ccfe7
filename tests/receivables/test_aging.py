"""How late what is owed is, on any day; and when it is expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.aging import AgingBucket, OpenSum, aging_of, open_sums
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.expected import Because, ExpectedSum, by_week, expected_of
from portal.receivables.hindsight import entries_by, invoice_on
from portal.receivables.invoice import Customer, DuePart, Invoice, StatedPayment
from portal.receivables.money import Money
from portal.receivables.schedules import PlanSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

DUE = date(2026, 10, 31)
GBP = "GBP"


def invoice(total: int = 84000, currency: str = GBP, due_on: date | None = DUE, **more: object) -> Invoice:
    money = Money(total, currency)
    plain = Invoice("1042", "1042", Customer("C"), money, money, date(2026, 10, 1), due_on, "invoices/1042.md")
    return replace(plain, **more)  # type: ignore[arg-type]


def entry(kind: EntryKind, minor: int, on: date, seq: int = 1, **more: object) -> Entry:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return replace(Entry(kind, "1042", Money(minor, GBP), at, f"x{seq}", seq=seq), **more)  # type: ignore[arg-type]


def sums(one: Invoice, entries: Sequence[Entry], as_of: date) -> tuple[OpenSum, ...]:
    return open_sums(one, balance_of(one, entries, as_of))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-400, AgingBucket.CURRENT),
        (0, AgingBucket.CURRENT),
        (1, AgingBucket.UP_TO_30),
        (30, AgingBucket.UP_TO_30),
        (31, AgingBucket.UP_TO_60),
        (60, AgingBucket.UP_TO_60),
        (61, AgingBucket.UP_TO_90),
        (90, AgingBucket.UP_TO_90),
        (91, AgingBucket.OVER_90),
    ],
)
def test_the_buckets_begin_and_end_where_they_say(days: int, bucket: AgingBucket) -> None:
    as_of = DUE + timedelta(days)
    (found,) = aging_of(sums(invoice(), (), as_of), as_of)
    assert [row.bucket for row in found.rows if row.amount] == [bucket]
    assert found.late == (Money(0, GBP) if bucket is AgingBucket.CURRENT else Money(84000, GBP))


def test_without_a_due_date_nothing_is_late() -> None:
    one = OpenSum(invoice(due_on=None), Money(100, GBP), None)
    assert one.bucket(date(2030, 1, 1)) is AgingBucket.CURRENT


def test_parts_are_as_late_as_their_own_days_and_the_invoice_counts_once() -> None:
    parts = (DuePart(date(2026, 9, 1), Money(24000, GBP)), DuePart(DUE, Money(60000, GBP)))
    one = invoice(parts=parts)
    paid = entry(EntryKind.PAYMENT, 10000, date(2026, 9, 2))
    (aging,) = aging_of(sums(one, [paid], date(2026, 11, 5)), date(2026, 11, 5))
    assert [row.amount.minor for row in aging.rows] == [0, 60000, 0, 14000, 0]
    assert [row.invoices for row in aging.rows] == [0, 1, 0, 1, 0]
    assert aging.invoices == 1
    assert aging.total == Money(74000, GBP)


def test_currencies_are_never_added() -> None:
    found = aging_of(
        [OpenSum(invoice(), Money(100, "JPY"), DUE), OpenSum(invoice(), Money(5, GBP), DUE)], date(2026, 11, 1)
    )
    assert [(one.currency, one.total.minor) for one in found] == [("GBP", 5), ("JPY", 100)]


# ---- on a day that is past


def test_what_happened_later_does_not_count_on_an_earlier_day() -> None:
    paid = entry(EntryKind.PAYMENT, 84000, date(2026, 11, 20))
    then = entries_by([paid], date(2026, 11, 19), UTC)
    assert then == ()
    assert entries_by([paid], date(2026, 11, 20), UTC) == (paid,)


def test_a_transfer_counts_from_its_value_date_and_a_promise_from_the_day_it_was_made() -> None:
    transfer = entry(EntryKind.PAYMENT, 100, date(2026, 11, 20), value_on=date(2026, 11, 3))
    promise = entry(EntryKind.PROMISED, 100, date(2026, 11, 2), 2, value_on=date(2026, 12, 24))
    assert entries_by([transfer, promise], date(2026, 11, 3), UTC) == (transfer, promise)
    assert entries_by([transfer, promise], date(2026, 11, 1), UTC) == ()
    pause = entry(EntryKind.REMINDERS_PAUSED, 100, date(2026, 11, 2), 3, value_on=date(2026, 12, 24))
    assert entries_by([pause], date(2026, 11, 2), UTC) == (pause,)


def test_what_was_undone_later_never_was() -> None:
    slip = entry(EntryKind.PAYMENT, 100, date(2026, 11, 1))
    undone = entry(EntryKind.REVERSAL, 100, date(2026, 11, 9), 2, reverses=1)
    assert entries_by([slip, undone], date(2026, 11, 5), UTC) == ()


def test_an_invoice_is_as_its_source_says_for_that_day() -> None:
    payments = (StatedPayment(Money(4000, GBP), date(2026, 10, 9)), StatedPayment(Money(1000, GBP)))
    one = invoice(stated_due=Money(79000, GBP), payments=payments, cancelled_on=date(2026, 11, 1))
    assert invoice_on(one, date(2026, 9, 30)) is None
    then = invoice_on(one, date(2026, 10, 8))
    assert then is not None
    assert then.cancelled_on is None
    assert balance_of(then, (), date(2026, 10, 8)).amount_remaining == Money(83000, GBP)
    assert invoice_on(one, date(2026, 11, 1)) == one


# ---- expected


def test_a_promise_is_expected_on_its_day_and_the_rest_when_it_is_due() -> None:
    as_of = date(2026, 10, 21)
    promise = entry(EntryKind.PROMISED, 50000, date(2026, 10, 20), value_on=date(2026, 10, 28))
    found = expected_of(invoice(), [promise], balance_of(invoice(), [promise], as_of), as_of, UTC)
    assert found == (
        ExpectedSum(Money(50000, GBP), date(2026, 10, 28), Because.PROMISED),
        ExpectedSum(Money(34000, GBP), DUE, Because.DUE),
    )


def test_a_promise_that_was_not_kept_is_expected_no_more() -> None:
    as_of = date(2026, 11, 21)
    promise = entry(EntryKind.PROMISED, 84000, date(2026, 11, 1), value_on=date(2026, 11, 10))
    found = expected_of(invoice(), [promise], balance_of(invoice(), [promise], as_of), as_of, UTC)
    assert found == (ExpectedSum(Money(84000, GBP), DUE, Because.DUE),)


def test_a_plan_is_expected_by_its_payments_and_money_on_its_way_without_a_day() -> None:
    days = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    schedule = PlanSchedule(5, 0, tuple((day, Money(28000, GBP)) for day in days))
    facts = [
        entry(EntryKind.PLAN_AGREED, 84000, date(2026, 11, 1), 1, schedule=schedule),
        entry(EntryKind.PAYMENT, 28000, date(2026, 11, 1), 2),
        entry(EntryKind.PAYMENT_STARTED, 28000, date(2026, 11, 20), 3),
    ]
    as_of = date(2026, 11, 21)
    found = expected_of(invoice(), facts, balance_of(invoice(), facts, as_of), as_of, UTC)
    assert found == (
        ExpectedSum(Money(28000, GBP), None, Because.ON_ITS_WAY),
        ExpectedSum(Money(28000, GBP), date(2027, 1, 1), Because.PLAN),
    )


def test_weeks_begin_on_mondays_and_each_sum_is_in_one_place() -> None:
    as_of = date(2026, 11, 21)  # a Saturday
    days = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2027-01-10", "2027-01-11", None)
    given_sums = [
        ExpectedSum(Money(10**place, GBP), date.fromisoformat(day) if day else None, Because.DUE)
        for place, day in enumerate(days)
    ]
    (found,) = by_week(given_sums, as_of)
    assert found.weeks[0].starts_on == date(2026, 11, 16)
    assert found.overdue.minor == 1
    assert [week.total.minor for week in found.weeks] == [110, 1000, 0, 0, 0, 0, 0, 10000]
    assert found.later.minor == 10**5
    assert found.undated.minor == 10**6


@st.composite
def lives(draw: st.DrawFn) -> tuple[Invoice, list[Entry]]:
    """An invoice, perhaps due in parts, and whatever happened to it."""
    total = draw(st.integers(200, 90000))
    first = draw(st.integers(0, total))
    parts = (DuePart(date(2026, 9, 1), Money(first, GBP)), DuePart(DUE, Money(total - first, GBP)))
    kinds = [
        EntryKind.PAYMENT,
        EntryKind.REFUND,
        EntryKind.CREDIT_NOTE,
        EntryKind.WRITE_OFF,
        EntryKind.PAYMENT_STARTED,
        EntryKind.PROMISED,
    ]
    facts = [
        entry(
            draw(st.sampled_from(kinds)),
            draw(st.integers(1, total)),
            date(2026, 10, 1) + timedelta(draw(st.integers(0, 90))),
            seq,
            value_on=date(2026, 10, 1) + timedelta(draw(st.integers(0, 120))) if draw(st.booleans()) else None,
        )
        for seq in range(1, draw(st.integers(1, 7)))
    ]
    return invoice(total, parts=draw(st.sampled_from([(), parts]))), facts


@given(lives(), st.integers(0, 150))
def test_whatever_happened_both_tables_come_to_what_is_left(life: tuple[Invoice, list[Entry]], after: int) -> None:
    one, facts = life
    as_of = date(2026, 10, 1) + timedelta(after)
    known = entries_by(facts, as_of, UTC)
    balance = balance_of(one, known, as_of)
    agings = aging_of(open_sums(one, balance), as_of)
    assert sum(aging.total.minor for aging in agings) == balance.amount_remaining.minor
    assert sum(row.amount.minor for aging in agings for row in aging.rows) == balance.amount_remaining.minor
    coming = by_week(expected_of(one, known, balance, as_of, UTC), as_of)
    assert (
        sum(
            e.overdue.minor + e.later.minor + e.undated.minor + e.on_its_way.minor + sum(w.total.minor for w in e.weeks)
            for e in coming
        )
        == balance.amount_remaining.minor
    )
