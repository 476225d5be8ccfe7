"""A plan that is kept stops late fees: which days those are, what is charged around them, and what the page looks at.

``PORTAL_EXAMPLES=10000`` sets how many examples each property is tried with.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.interest import BaseRate, Interest
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money, split
from portal.receivables.pauses import Pause, pauses_of
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import PaymentPlan, PlanState, standing_of_plan
from portal.receivables.prices import price_list
from portal.receivables.schedules import PlanSchedule
from portal.receivables.terms import LateFee, LateMode, Terms

EXAMPLES = int(os.environ.get("PORTAL_EXAMPLES", "100"))
DUE = date(2026, 6, 5)
DAY = timedelta(1)
TOTAL = 60000
TEN_PERCENT = Interest((BaseRate(date(2026, 1, 1), Decimal(10)),), year_days=360)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def claim(**fields: object) -> Invoice:
    plain: dict[str, object] = {"mode": LateMode.CHARGED, "starts_on": DUE + DAY, "counts_from": DUE}
    late = LateFee(**(plain | fields))  # type: ignore[arg-type]
    return Invoice(
        key="1",
        number="1",
        customer=Customer("Sample"),
        total=gbp(TOTAL),
        stated_due=gbp(TOTAL),
        issued_on=DUE - 30 * DAY,
        due_on=DUE,
        source="x",
        terms=Terms(late=late),
    )


def fact(kind: EntryKind, day: date, seq: int, minor: int = TOTAL, of: str | None = None, **fields: object) -> Entry:
    happened = datetime.combine(day, time(12), UTC)
    return Entry(kind, "1", gbp(minor), happened, of or f"x{seq}", seq=seq, **fields)  # type: ignore[arg-type]


def agreed(day: date, due: list[int], *, grace: int = 7, seq: int = 2, total: int = TOTAL) -> Entry:
    """A plan agreed on a day, due so many days later each; its first payment came just before it."""
    amounts = split(gbp(total), len(due))
    payments = tuple((day + days * DAY, amount) for days, amount in zip(due, amounts, strict=True))
    schedule = PlanSchedule(grace, max(seq - 2, 0), payments)
    return fact(EntryKind.PLAN_AGREED, day, seq, total, f"plan{seq}", schedule=schedule)


def paid(day: date, seq: int, minor: int = TOTAL // 3) -> Entry:
    return fact(EntryKind.PAYMENT, day, seq, minor)


FLAT = claim(flat=gbp(2500), starts_on=DUE + 5 * DAY)
BEGUN = [paid(DUE + 2 * DAY, 1), agreed(DUE + 2 * DAY, [0, 30, 60])]
"""Agreed within the days of grace of the invoice; a month between the payments, a week to make one good."""
BREAKS = DUE + (2 + 30 + 7) * DAY


def fees(invoice: Invoice, entries: list[Entry], day: date) -> int:
    return balance_of(invoice, entries, day).amount_fees.minor


def test_a_fee_whose_first_day_falls_into_a_kept_plan_is_not_charged() -> None:
    assert fees(FLAT, [], DUE + 5 * DAY) == 2500
    kept = [*BEGUN, paid(DUE + 32 * DAY, 3), paid(DUE + 62 * DAY, 4)]
    assert [fees(FLAT, BEGUN, DUE + days * DAY) for days in (5, 20, 39)] == [0, 0, 0]
    assert balance_of(FLAT, kept, DUE + 900 * DAY).amount_due == gbp(TOTAL)


def test_it_is_charged_on_the_day_after_the_plan_is_broken_on_what_is_open_then() -> None:
    invoice = claim(percent=Decimal(10), starts_on=DUE + 5 * DAY)
    assert [fees(invoice, BEGUN, day) for day in (BREAKS, BREAKS + DAY)] == [0, TOTAL * 2 // 3 // 10]


def test_a_fee_from_before_the_plan_stays_and_the_plan_spreads_it() -> None:
    on = DUE + 9 * DAY
    asked = balance_of(FLAT, [], on).amount_without_discount
    assert asked == gbp(TOTAL + 2500)
    entries = [paid(on, 1, asked.minor // 3), agreed(on, [0, 30, 60], total=asked.minor)]
    assert balance_of(FLAT, entries, on + 20 * DAY).amount_due == asked
    on_its_first_day = [paid(DUE + 5 * DAY, 1), agreed(DUE + 5 * DAY, [0, 30, 60])]
    assert fees(FLAT, on_its_first_day, DUE + 6 * DAY) == 2500, "the page had asked for it that morning"


def test_interest_stands_still_while_a_plan_is_kept_and_never_catches_up() -> None:
    invoice = claim(interest=TEN_PERCENT)
    daily = TOTAL * 2 // 3 / 10 / 360
    before = fees(invoice, BEGUN, DUE + 2 * DAY)
    assert before == round(2 * TOTAL / 10 / 360)
    assert {fees(invoice, BEGUN, DUE + days * DAY) for days in range(2, 40)} == {before}
    later = fees(invoice, BEGUN, BREAKS + 10 * DAY)
    assert later == round(2 * TOTAL / 10 / 360 + 10 * daily)
    good_again = [*BEGUN, paid(BREAKS + 10 * DAY, 3)]
    assert {fees(invoice, good_again, day) for day in (BREAKS + 10 * DAY, DUE + 62 * DAY, DUE + 69 * DAY)} == {later}
    broken_again = fees(invoice, good_again, DUE + 79 * DAY)
    assert broken_again == round(2 * TOTAL / 10 / 360 + 10 * daily + 10 * daily / 2), "a grace of its own"


def test_interest_in_steps_starts_a_new_step_after_a_pause() -> None:
    invoice = claim(interest=TEN_PERCENT, every_days=30)
    assert fees(invoice, [], DUE + 30 * DAY) == TOTAL // 10 * 30 // 360
    step = TOTAL * 2 // 3 // 10 * 30 // 360
    assert [fees(invoice, BEGUN, BREAKS + days * DAY) for days in (0, 29, 30)] == [0, 0, step]


def test_stopping_a_plan_lets_fees_go_on_from_the_next_day() -> None:
    stopped = [*BEGUN, fact(EntryKind.PLAN_STOPPED, DUE + 20 * DAY, 3, of="plan2")]
    assert [fees(FLAT, stopped, DUE + days * DAY) for days in (20, 21)] == [0, 2500]


def test_a_bank_debit_keeps_the_plan_from_the_day_it_was_started() -> None:
    """What has arrived decides, but nobody is charged for the days that a bank takes."""
    started = [*BEGUN, fact(EntryKind.PAYMENT_STARTED, DUE + 32 * DAY, 3, TOTAL // 3, "debit")]
    arrived = [*started, fact(EntryKind.PAYMENT, BREAKS + 3 * DAY, 4, TOTAL // 3, "debit")]
    assert fees(FLAT, started, BREAKS + 2 * DAY) == fees(FLAT, arrived, BREAKS + 9 * DAY) == 0


def test_the_price_list_looks_ahead_as_far_as_the_plan_is_kept() -> None:
    prices = price_list(FLAT, BEGUN, DUE + 2 * DAY)
    assert [(stage.amount, stage.until) for stage in prices.stages] == [(gbp(TOTAL * 2 // 3), BREAKS)]
    assert (prices.kept_until, prices.fresh_until, prices.goes_on) == (BREAKS, BREAKS, True)
    broken = price_list(FLAT, BEGUN, BREAKS + DAY)
    assert [(stage.amount, stage.until) for stage in broken.stages] == [(gbp(TOTAL * 2 // 3 + 2500), None)]
    assert broken.kept_until is None


@pytest.mark.parametrize("first_later", [0, 1])
def test_a_first_payment_after_midnight_keeps_a_plan_without_grace(first_later: int) -> None:
    entries = [paid(DUE + first_later * DAY, 1), agreed(DUE, [0, 30, 60], grace=0)]
    assert pauses_of(entries, UTC) == (Pause(DUE + DAY, DUE + 30 * DAY),)


# ---- whatever is agreed, paid, missed, made good and stopped


@st.composite
def plans(draw: st.DrawFn) -> list[Entry]:
    """An invoice's facts: up to two plans one after the other, with payments in time, late, in parts or never."""
    entries: list[Entry] = []
    day = DUE + draw(st.integers(-20, 60)) * DAY
    for _ in range(draw(st.integers(1, 2))):
        due = sorted(draw(st.sets(st.integers(1, 120), min_size=1, max_size=3)) | {0})
        begin = agreed(day, due, grace=draw(st.integers(0, 10)), seq=len(entries) + 2)
        entries += [paid(day, len(entries) + 1, draw(st.integers(100, 20000))), begin]
        for later in sorted(draw(st.lists(st.integers(0, 150), max_size=4))):
            entries.append(paid(day + later * DAY, len(entries) + 1, draw(st.sampled_from([20000, 15000, 7000]))))
        last = max(entry.occurred_at.date() for entry in entries)
        day = last + draw(st.integers(0, 40)) * DAY
        entries.append(fact(EntryKind.PLAN_STOPPED, day, len(entries) + 1, of=begin.external_id))
    return entries[: -1 if draw(st.booleans()) else None]


@st.composite
def late_claims(draw: st.DrawFn) -> Invoice:
    grace = draw(st.integers(0, 20))
    interest = Interest(TEN_PERCENT.base_rates, round_daily=draw(st.booleans()))
    return claim(
        starts_on=DUE + (grace + 1) * DAY,
        counts_from=DUE + draw(st.sampled_from([0, grace])) * DAY,
        flat=draw(st.sampled_from([None, gbp(2500)])),
        percent=draw(st.sampled_from([None, Decimal("1.5")])),
        interest=draw(st.sampled_from([None, interest])),
        every_days=draw(st.sampled_from([1, 7, 30])),
        cap=draw(st.sampled_from([None, gbp(9000)])),
    )


def known_on(day: date, entries: list[Entry]) -> list[Entry]:
    """A ledger holds what has happened."""
    return [entry for entry in entries if entry.occurred_at.date() <= day]


def in_good_standing(entries: list[Entry], day: date) -> bool:
    """At the start of a day, from the plan's own standing: the slow and plain way."""
    known = known_on(day - DAY, entries)
    ended = {entry.external_id for entry in known if entry.kind is EntryKind.PLAN_STOPPED}
    begun = [entry for entry in known if entry.kind is EntryKind.PLAN_AGREED and entry.external_id not in ended]
    return any(_state(entry, known, day) in {PlanState.GOOD, PlanState.MISSED} for entry in begun)


def _state(entry: Entry, known: list[Entry], day: date) -> PlanState:
    assert entry.schedule is not None
    installments = tuple(
        Installment(number, due_on, amount)
        for number, (due_on, amount) in enumerate(entry.schedule.installments, start=1)
    )
    since = entry.schedule.since_seq
    plan = PaymentPlan("p", "1", installments, False, entry.schedule.grace_days, entry.occurred_at, "", "", since)
    return standing_of_plan(plan, known, day).state


@settings(max_examples=EXAMPLES, deadline=None)
@given(plans(), st.lists(st.integers(-30, 500), min_size=5, max_size=20))
def test_a_day_is_paused_where_a_plan_was_kept_at_its_start(entries: list[Entry], days: list[int]) -> None:
    pauses = pauses_of(entries, UTC)
    edges = [edge + shift * DAY for pause in pauses for edge in (pause.first, pause.last) for shift in (-1, 0, 1)]
    for day in [*edges, *(DUE + shift * DAY for shift in days)]:
        paused = any(pause.first <= day <= pause.last for pause in pauses)
        assert paused == in_good_standing(entries, day), day
    assert all(one.last < two.first - DAY for one, two in pairwise(pauses))


@settings(max_examples=EXAMPLES, deadline=None)
@given(late_claims(), plans())
def test_nothing_is_added_on_a_paused_day(invoice: Invoice, entries: list[Entry]) -> None:
    for pause in pauses_of(entries, UTC):
        before = fees(invoice, entries, pause.first - DAY)
        for day in (pause.first, pause.first + (pause.last - pause.first) // 2, pause.last):
            assert fees(invoice, entries, day) == before


@settings(max_examples=EXAMPLES, deadline=None)
@given(late_claims(), plans(), st.integers(0, 300), st.lists(st.integers(0, 730), min_size=5, max_size=20))
def test_the_price_list_is_the_balance_of_each_day(
    invoice: Invoice, entries: list[Entry], start: int, days: list[int]
) -> None:
    """For every day of the next two years, a sample of them at a time and every day of a change."""
    as_of = DUE + (start - 30) * DAY
    known = known_on(as_of, entries)
    prices = price_list(invoice, known, as_of, most=6)
    ends = [stage.until for stage in prices.stages if stage.until is not None]
    edges = [edge for pause in pauses_of(known, UTC) for edge in (pause.first, pause.last)]
    near = [day + shift * DAY for day in [*ends, *edges] for shift in (-1, 0, 1)]
    for day in [as_of, *near, *(as_of + shift * DAY for shift in days)]:
        if day < as_of:
            continue
        listed = prices.amount_on(day)
        if prices.stages and listed is None:
            assert prices.goes_on
            assert len(prices.stages) == 6 or prices.kept_until is not None
            continue
        assert balance_of(invoice, known, day).amount_offerable.minor == (listed.minor if listed else 0)
    if prices.kept_until is not None and prices.stages:
        assert prices.stages[0].until is None or prices.stages[0].until >= prices.kept_until
        assert len(prices.stages) == 1, "nothing becomes dearer while the plan is kept"


@settings(max_examples=EXAMPLES, deadline=None)
@given(late_claims(), plans(), st.integers(0, 300), st.integers(0, 300))
def test_what_was_asked_for_on_a_day_is_never_changed_afterwards(
    invoice: Invoice, entries: list[Entry], start: int, wait: int
) -> None:
    """Neither agreeing, nor stopping, nor breaking, nor paying reaches back: no fee for a day that had none."""
    day = DUE + (start - 30) * DAY
    then = fees(invoice, known_on(day, entries), day)
    assert fees(invoice, entries, day) == then
    later = day + wait * DAY
    assert fees(invoice, known_on(later, entries), later) >= then
