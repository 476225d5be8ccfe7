"""Where a customer's answers stand on a day, from what was said and what arrived since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.receivables.answers import Answers, PromiseState, answers_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.interest import BaseRate, Interest
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.receivables.prices import price_list
from portal.receivables.terms import LateFee, LateMode, Terms

LEFT = Money(84000, "GBP")
DAY = date(2026, 12, 5)


def said(kind: EntryKind, seq: int, *, on: str = "2026-11-22", day: date | None = None, **more: object) -> Entry:
    at = datetime.fromisoformat(f"{on}T12:00:00+00:00")
    entry = Entry(kind, "1042", LEFT, at, f"answer:{seq}", seq=seq, value_on=day)
    return replace(entry, **more)  # type: ignore[arg-type]


def paid(seq: int, on: str, minor: int = 84000, kind: EntryKind = EntryKind.PAYMENT) -> Entry:
    at = datetime.fromisoformat(f"{on}T12:00:00+00:00")
    return Entry(kind, "1042", Money(minor, "GBP"), at, f"pi_{seq}", seq=seq)


def stands(*entries: Entry, on: date = date(2026, 11, 30), left: Money = LEFT) -> Answers:
    return answers_of(entries, on, UTC, left=left)


PROMISE = said(EntryKind.PROMISED, 1, day=DAY)
PROBLEM = said(EntryKind.PROBLEM_REPORTED, 2, method="work", note="A scratch.")
SAID = said(EntryKind.SAID_PAID, 3, day=date(2026, 11, 20), method="transfer")


def test_without_answers_nothing_stands() -> None:
    assert stands(paid(1, "2026-11-22")) == Answers()


@pytest.mark.parametrize(("on", "state"), [(DAY, PromiseState.OPEN), (DAY + timedelta(1), PromiseState.BROKEN)])
def test_a_promise_is_open_to_the_end_of_its_day(on: date, state: PromiseState) -> None:
    answers = stands(PROMISE, on=on)
    assert answers.promise is not None
    assert answers.promise.state is state
    assert answers.broken_promises == (state is PromiseState.BROKEN)


def test_a_promise_is_kept_by_what_came_in_time() -> None:
    nothing = Money(0, "GBP")
    answers = stands(PROMISE, paid(2, "2026-12-05"), on=date(2026, 12, 9), left=nothing)
    assert answers.promise is None
    assert answers.broken_promises == 0


def test_a_bank_debit_keeps_a_promise_from_the_day_it_was_started() -> None:
    started = paid(2, "2026-12-04", kind=EntryKind.PAYMENT_STARTED)
    arrived = replace(paid(2, "2026-12-09"), seq=3)
    assert stands(PROMISE, started, on=date(2026, 12, 7)).broken_promises == 0
    assert stands(PROMISE, started, arrived, on=date(2026, 12, 10)).broken_promises == 0


def test_a_failed_bank_debit_keeps_no_promise() -> None:
    started = paid(2, "2026-12-04", kind=EntryKind.PAYMENT_STARTED)
    failed = replace(paid(2, "2026-12-08", kind=EntryKind.PAYMENT_FAILED), seq=3)
    assert stands(PROMISE, started, failed, on=date(2026, 12, 9)).broken_promises == 1


def test_a_part_does_not_keep_a_promise_of_the_whole() -> None:
    assert stands(PROMISE, paid(2, "2026-12-01", 10000), on=date(2026, 12, 6)).broken_promises == 1


def test_a_day_named_anew_in_time_is_not_broken() -> None:
    later = said(EntryKind.PROMISED, 2, on="2026-12-03", day=date(2026, 12, 20))
    answers = stands(PROMISE, later, on=date(2026, 12, 10))
    assert answers.broken_promises == 0
    assert answers.promise is not None
    assert answers.promise.day == date(2026, 12, 20)


def test_a_day_named_anew_after_it_passed_counts_as_broken() -> None:
    later = said(EntryKind.PROMISED, 2, on="2026-12-08", day=date(2026, 12, 20))
    assert stands(PROMISE, later, on=date(2026, 12, 10)).broken_promises == 1


@pytest.mark.parametrize("ending", [EntryKind.ANSWER_WITHDRAWN, EntryKind.ANSWER_CLOSED])
@pytest.mark.parametrize("answer", [PROMISE, PROBLEM, SAID])
def test_what_is_taken_back_or_dealt_with_stands_no_more(answer: Entry, ending: EntryKind) -> None:
    over = replace(said(ending, 9), external_id=answer.external_id)
    answers = stands(answer, over)
    assert (answers.promise, answers.waiting) == (None, ())


def test_the_owners_words_stay_to_be_read() -> None:
    reply = replace(said(EntryKind.ANSWER_CLOSED, 9, note="We send another door."), external_id=PROBLEM.external_id)
    closed = stands(PROBLEM, reply).closed
    assert closed is not None
    assert (closed.answer, closed.closing) == (PROBLEM, reply)


def test_what_is_said_to_be_paid_waits_until_such_a_payment_comes() -> None:
    assert stands(SAID).said_paid == SAID
    assert stands(SAID, paid(4, "2026-11-25", 10000)).said_paid == SAID
    assert stands(SAID, paid(4, "2026-11-25")).said_paid is None


def test_where_nothing_is_left_nothing_waits() -> None:
    assert stands(PROBLEM, SAID, left=Money(0, "GBP")).waiting == ()


# ---- what is in question bears no fee

DUE = date(2026, 6, 5)
TEN_PERCENT = Interest((BaseRate(date(2026, 1, 1), Decimal(10)),), year_days=360)


def claim(**fields: object) -> Invoice:
    plain: dict[str, object] = {"mode": LateMode.CHARGED, "starts_on": DUE + timedelta(1), "counts_from": DUE}
    late = LateFee(**(plain | fields))  # type: ignore[arg-type]
    total = Money(60000, "GBP")
    return Invoice("1042", "1042", Customer("S"), total, total, None, DUE, "x", terms=Terms(late=late))


def fee_on(day: date, *entries: Entry, **late: object) -> int:
    return balance_of(claim(**late), entries, day).amount_fees.minor


def reported(minor: int, on: str) -> Entry:
    return said(EntryKind.PROBLEM_REPORTED, 1, on=on, amount=Money(minor, "GBP"), method="work")


def ended(on: str) -> Entry:
    return replace(said(EntryKind.ANSWER_CLOSED, 2, on=on, amount=Money(60000, "GBP")), external_id="answer:1")


def test_what_is_in_question_bears_no_interest_until_it_is_answered() -> None:
    after = DUE + timedelta(30)
    assert fee_on(after, interest=TEN_PERCENT) == 500
    assert fee_on(after, reported(60000, "2026-06-15"), interest=TEN_PERCENT) == 167
    half = fee_on(after, reported(30000, "2026-06-15"), interest=TEN_PERCENT)
    assert half == 333
    assert fee_on(after, reported(60000, "2026-06-15"), ended("2026-06-25"), interest=TEN_PERCENT) == 333


def test_a_fee_whose_day_lies_in_a_question_about_all_of_it_is_not_charged() -> None:
    flat = Money(4000, "GBP")
    assert fee_on(DUE + timedelta(9), flat=flat) == 4000
    assert fee_on(DUE + timedelta(9), reported(60000, "2026-06-01"), flat=flat) == 0
    assert fee_on(DUE + timedelta(9), reported(60000, "2026-06-07"), flat=flat) == 4000


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60000), st.integers(0, 90))
def test_a_question_never_makes_it_dearer_and_the_price_list_knows_it(
    opens: int, lasts: int, minor: int, day: int
) -> None:
    invoice = claim(interest=TEN_PERCENT)
    at = DUE + timedelta(opens)
    entries = (reported(minor, at.isoformat()), ended((at + timedelta(lasts)).isoformat()))
    on = DUE + timedelta(day)
    plain = balance_of(invoice, (), on).amount_fees
    assert balance_of(invoice, entries, on).amount_fees <= plain
    listed = price_list(invoice, entries, on, most=20)
    for later in range(0, 120, 7):
        then = on + timedelta(later)
        assert listed.amount_on(then) in {None, balance_of(invoice, entries, then).amount_offerable}
