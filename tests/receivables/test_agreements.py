"""A plan over several invoices: each payment is split exactly, and the whole stands where its parts stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.receivables.agreements import days_of, shares_of, standing_of_agreement
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan, PlanState, standing_of_plan

DAY = date(2026, 11, 21)
AGREED = datetime(2026, 11, 21, 9, tzinfo=UTC)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def schedule(*minors: int) -> tuple[Installment, ...]:
    return tuple(Installment(n, DAY + timedelta(30 * (n - 1)), gbp(minor)) for n, minor in enumerate(minors, 1))


def owed(*minors: int) -> tuple[Allocation, ...]:
    return tuple(Allocation(f"INV-{number}", gbp(minor)) for number, minor in enumerate(minors))


def plans(installments: tuple[Installment, ...], parts: tuple[Allocation, ...]) -> list[PaymentPlan]:
    return [
        PaymentPlan(f"a-{n}", part.invoice_key, share, True, 7, AGREED, "I agree.", "none", 0, agreement_id="a")
        for n, (part, share) in enumerate(zip(parts, shares_of(installments, parts), strict=True))
    ]


def paid(key: str, minor: int, day: date, seq: int) -> Entry:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Entry(EntryKind.PAYMENT, key, gbp(minor), at, f"pi_{seq}", seq=seq)


def test_each_payment_is_for_the_invoice_that_is_due_first() -> None:
    shares = shares_of(schedule(380, 380, 380), owed(840, 200, 100))
    minors = [[(one.number, one.due_on, one.amount.minor) for one in share] for share in shares]
    first, second, third = (DAY + timedelta(30 * n) for n in range(3))
    assert minors == [[(1, first, 380), (2, second, 380), (3, third, 80)], [(1, third, 200)], [(1, third, 100)]]
    assert days_of(shares) == (first, second, third)


def test_other_sums_are_refused() -> None:
    with pytest.raises(ValueError, match="not the same sum"):
        shares_of(schedule(380, 380), owed(840, 200))


@given(st.lists(st.integers(1, 900), min_size=1, max_size=6), st.data())
def test_shares_are_exact_for_each_day_and_each_invoice(minors: list[int], data: st.DataObject) -> None:
    total = sum(minors)
    cuts = sorted(data.draw(st.sets(st.integers(1, total - 1), max_size=5))) if total > 1 else []
    amounts = [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]
    parts = owed(*minors)
    shares = shares_of(schedule(*amounts), parts)
    by_day: Counter[date] = Counter()
    for part, share in zip(parts, shares, strict=True):
        assert sum(one.amount.minor for one in share) == part.amount.minor
        assert all(one.amount.minor > 0 for one in share)
        by_day.update({one.due_on: one.amount.minor for one in share})
    assert by_day == {one.due_on: one.amount.minor for one in schedule(*amounts)}


def test_the_whole_stands_where_its_parts_stand() -> None:
    agreed = schedule(380, 380, 380)
    facts = [[paid("INV-0", 380, DAY, 1)], [], []]
    parts = list(zip(plans(agreed, owed(840, 200, 100)), facts, strict=True))
    stands = standing_of_agreement([standing_of_plan(plan, entries, DAY) for plan, entries in parts])
    assert [(one.number, one.due_on, one.amount, one.paid) for one in stands.installments] == [
        (one.number, one.due_on, one.amount, gbp(380) if one.number == 1 else gbp(0)) for one in agreed
    ]
    assert (stands.paid, stands.rest, stands.due, stands.state) == (gbp(380), gbp(760), gbp(0), PlanState.GOOD)
    assert stands.next_request == gbp(380)
    assert stands.kept_until == agreed[1].due_on + timedelta(7)
    late = agreed[1].due_on + timedelta(8)
    whole = standing_of_agreement([standing_of_plan(plan, entries, late) for plan, entries in parts])
    assert (whole.state, whole.due, [one.number for one in whole.missed]) == (PlanState.BROKEN, gbp(380), [2])


def test_parts_of_an_agreement_may_be_as_small_as_they_like() -> None:
    """Alone, a payment of 20p would be asked for together with the one before it; here it is part of a larger one."""
    (first, _second) = plans(schedule(400, 400), owed(420, 380))
    assert [one.amount.minor for one in standing_of_plan(first, [], DAY).installments] == [400, 20]
    alone = replace(first, agreement_id=None)
    assert [one.amount.minor for one in standing_of_plan(alone, [], DAY).installments] == [420, 0]
