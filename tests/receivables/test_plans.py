"""Where a plan stands after early, extra, missed and undone payments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.card_limits import card_limits
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money, split, zero
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan, PlanStanding, PlanState, standing_of_plan

DAYS = (date(2026, 11, 21), date(2026, 12, 21), date(2027, 1, 21))
AGREED = datetime(2026, 11, 21, 9, tzinfo=UTC)
SINCE = 10


def plan_of(*minors: int) -> PaymentPlan:
    installments = tuple(
        Installment(number, day, Money(minor, "GBP"))
        for number, (day, minor) in enumerate(zip(DAYS, minors, strict=True), start=1)
    )
    return PaymentPlan("plan_1", "1042", installments, True, 7, AGREED, "I agree.", "none", SINCE)


PLAN = plan_of(28000, 28000, 28000)


def paid(
    minor: int, day: date = DAYS[0], kind: EntryKind = EntryKind.PAYMENT, *, seq: int = 11, of: str | None = None
) -> Entry:
    happened = datetime.combine(day, time(12), UTC)
    return Entry(kind, "1042", Money(minor, "GBP"), happened, of or f"pi_{seq}", seq=seq)


def standing(*entries: Entry, day: date = DAYS[0], left: int | None = None) -> PlanStanding:
    return standing_of_plan(PLAN, entries, day, left=None if left is None else Money(left, "GBP"))


def rests(found: PlanStanding) -> list[int]:
    return [one.rest.minor for one in found.installments]


def test_the_first_payment_fills_the_first_installment() -> None:
    found = standing(paid(28000), day=DAYS[0] + timedelta(1))
    assert rests(found) == [0, 28000, 28000]
    assert (found.paid.minor, found.rest.minor, found.due.minor) == (28000, 56000, 0)
    assert found.next is not None
    assert (found.next.number, found.next_request.minor, found.state) == (2, 28000, PlanState.GOOD)


def test_an_early_payment_fills_the_coming_one() -> None:
    assert rests(standing(paid(28000), paid(28000, seq=12))) == [0, 0, 28000]


def test_an_extra_payment_makes_the_last_one_smaller() -> None:
    found = standing(paid(28000), paid(10000, seq=12))
    assert rests(found) == [0, 28000, 18000]
    assert found.rest.minor == 46000


def test_more_than_one_installment_at_once_fills_in_order_and_then_from_the_end() -> None:
    assert rests(standing(paid(30000))) == [0, 28000, 26000]


def test_all_at_once_completes_the_plan() -> None:
    found = standing(paid(84000))
    assert (found.state, found.next, found.rest.minor) == (PlanState.COMPLETE, None, 0)


def test_a_missed_payment_is_asked_for_with_the_next_one() -> None:
    """invoiceninja#11348: a schedule vanished on a missed day."""
    first = paid(28000)
    due = standing(first, day=DAYS[1])
    assert (due.due.minor, due.missed, due.state) == (28000, (), PlanState.GOOD)
    late = standing(first, day=DAYS[1] + timedelta(7))
    assert (late.due.minor, late.state, late.next_request.minor) == (28000, PlanState.MISSED, 56000)
    assert standing(first, day=DAYS[1] + timedelta(8)).state is PlanState.BROKEN
    at_the_next = standing(first, day=DAYS[2])
    assert (at_the_next.due.minor, [one.number for one in at_the_next.missed]) == (56000, [2])


def test_what_was_missed_is_paid_first() -> None:
    found = standing(paid(28000), paid(10000, DAYS[2], seq=12), day=DAYS[2])
    assert rests(found) == [0, 18000, 28000]
    cured = standing(paid(28000), paid(28000, DAYS[2], seq=12), day=DAYS[2])
    assert (rests(cured), cured.state) == ([0, 0, 28000], PlanState.GOOD)


def test_a_small_rest_is_asked_for_with_the_one_before() -> None:
    found = standing(paid(28000), paid(27990, seq=12))
    assert rests(found) == [0, 28010, 0]
    assert found.rest.minor == 28010


def test_payments_before_the_agreement_do_not_count() -> None:
    found = standing(
        paid(50000, seq=9),
        paid(20000, kind=EntryKind.PAYMENT_STARTED, seq=10, of="pi_debit"),
        paid(20000, seq=11, of="pi_debit"),
    )
    assert rests(found) == [28000, 28000, 28000]


def test_a_refund_does_not_ask_for_an_installment_again_but_an_undone_payment_does() -> None:
    payment = paid(28000)
    assert rests(standing(payment, paid(28000, kind=EntryKind.REFUND, seq=12))) == [0, 28000, 28000]
    undone = Entry(EntryKind.REVERSAL, "1042", payment.amount, AGREED, "r", seq=13, reverses=payment.seq)
    assert rests(standing(payment, undone)) == [28000, 28000, 28000]


@pytest.mark.parametrize(("left", "expected"), [(56000, [0, 28000, 28000]), (40000, [0, 28000, 12000]), (0, [0, 0, 0])])
def test_nothing_is_asked_for_beyond_what_is_left(left: int, expected: list[int]) -> None:
    assert rests(standing(paid(28000), left=left)) == expected


def test_more_left_than_agreed_does_not_make_the_plan_longer() -> None:
    assert rests(standing(paid(28000), left=99000)) == [0, 28000, 28000]


payments = st.lists(st.tuples(st.integers(30, 60000), st.integers(0, 200)), max_size=6)


@settings(max_examples=2_000, deadline=None)
@given(total=st.integers(200, 90000), made=payments, at=st.integers(0, 200), taken_away=st.integers(0, 90000))
def test_a_plan_never_asks_for_more_than_was_agreed(
    total: int, made: list[tuple[int, int]], at: int, taken_away: int
) -> None:
    plan = plan_of(*(amount.minor for amount in split(Money(total, "GBP"), 3)))
    facts = [
        paid(minor, DAYS[0] + timedelta(day), seq=SINCE + place)
        for place, (minor, day) in enumerate(sorted(made, key=lambda one: one[1]), start=1)
    ]
    in_all = sum(minor for minor, _day in made)
    left = max(total - in_all - taken_away, 0)
    found = standing_of_plan(plan, facts, DAYS[0] + timedelta(at), left=Money(left, "GBP"))
    assert found.rest.minor == max(min(left, total - in_all), 0)
    assert found.paid.minor == min(in_all, total)
    assert all(one.paid + one.rest == one.amount for one in found.installments)
    assert all(one.rest >= zero("GBP") for one in found.installments)
    unpaid = [one for one in found.installments if not one.is_paid]
    assert all(one.rest >= card_limits("GBP").minimum for one in unpaid[1:])
    assert (found.state is PlanState.COMPLETE) == (found.rest.minor == 0)
