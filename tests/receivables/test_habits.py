"""How customers have paid: days from dates, and promises held to their own day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from portal.receivables.answers import PromiseState
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.habits import PaidInvoice, habits_of, paid_invoice, promises_made
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

ISSUED, DUE = date(2026, 10, 1), date(2026, 10, 31)
LATER = date(2026, 12, 31)


def invoice(name: str = "C", email: str | None = "c@example.com", key: str = "1042") -> Invoice:
    money = Money(84000, "GBP")
    return Invoice(key, key, Customer(name, email), money, money, ISSUED, DUE, f"invoices/{key}.md")


def entry(kind: EntryKind, on: str, seq: int, minor: int = 84000, **more: object) -> Entry:
    at = datetime.fromisoformat(f"{on}T12:00:00+00:00")
    return replace(Entry(kind, "1042", Money(minor, "GBP"), at, f"x{seq}", seq=seq), **more)  # type: ignore[arg-type]


def paid(*facts: Entry) -> PaidInvoice | None:
    return paid_invoice(invoice(), facts, balance_of(invoice(), facts, LATER), UTC)


def states(*facts: Entry, as_of: date = LATER) -> list[PromiseState]:
    return [one.state for one in promises_made(invoice(), facts, as_of, UTC)]


PROMISE = entry(EntryKind.PROMISED, "2026-11-01", 1, value_on=date(2026, 11, 10))


def test_days_are_counted_to_the_payment_that_settled() -> None:
    one = paid(entry(EntryKind.PAYMENT, "2026-10-20", 1, 40000), entry(EntryKind.PAYMENT, "2026-11-05", 2, 44000))
    assert one is not None
    assert (one.paid_on, one.days_to_pay, one.days_late) == (date(2026, 11, 5), 35, 5)


def test_money_that_came_twice_makes_nobody_slower() -> None:
    one = paid(entry(EntryKind.PAYMENT, "2026-10-20", 1), entry(EntryKind.PAYMENT, "2026-12-20", 2))
    assert one is not None
    assert one.paid_on == date(2026, 10, 20)


def test_what_was_given_up_was_not_paid() -> None:
    assert paid(entry(EntryKind.WRITE_OFF, "2026-12-01", 1)) is None
    assert paid(entry(EntryKind.CREDIT_NOTE, "2026-12-01", 1)) is None


def test_a_promise_is_kept_by_its_own_day_and_not_by_late_money() -> None:
    assert states(PROMISE, entry(EntryKind.PAYMENT, "2026-11-10", 2)) == [PromiseState.KEPT]
    assert states(PROMISE, entry(EntryKind.PAYMENT, "2026-11-11", 2)) == [PromiseState.BROKEN]
    assert states(PROMISE, as_of=date(2026, 11, 10)) == [PromiseState.OPEN]
    assert states(PROMISE, as_of=date(2026, 10, 31)) == []


def test_a_promise_that_was_taken_back_or_replaced_before_its_day_is_none() -> None:
    back = entry(EntryKind.ANSWER_WITHDRAWN, "2026-11-09", 2, external_id="x1")
    assert states(PROMISE, back) == []
    assert states(PROMISE, replace(back, occurred_at=datetime(2026, 11, 12, tzinfo=UTC))) == [PromiseState.BROKEN]
    again = entry(EntryKind.PROMISED, "2026-11-08", 3, value_on=date(2026, 11, 20))
    assert states(PROMISE, again) == [PromiseState.BROKEN]
    assert states(PROMISE, again, entry(EntryKind.PAYMENT, "2026-11-15", 4)) == [PromiseState.KEPT]


def test_averages_are_per_customer_and_rounded_half_up() -> None:
    days = [date(2026, 10, 11), date(2026, 10, 12)]
    same = [PaidInvoice(invoice(key=str(n)), day) for n, day in enumerate(days)]
    other = PaidInvoice(invoice("D", "d@example.com", "9"), date(2026, 11, 30))
    unknown = PaidInvoice(invoice("E", None, "8"), None)
    paid = [*same, other, unknown]
    slow, *rest = habits_of(paid, [], [*(one.invoice for one in paid), invoice("D", "d@example.com", "9")])
    assert (slow.name, slow.days_to_pay, slow.days_late) == ("D", 60, 30)
    by_name = {one.name: one for one in rest}
    assert (by_name["C"].invoices, by_name["C"].days_to_pay, by_name["C"].days_late) == (2, 11, -19)
    assert (by_name["E"].invoices, by_name["E"].days_to_pay) == (1, None)
