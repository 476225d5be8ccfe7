"""Who is reminded, when, of what, and why not: decisions on plain values, and a year of random ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladders import FORMAL, LADDER

from portal.receivables.dunning import InvoiceCase, Outcome, Rules, Told, Verdict, decide, of_invoice
from portal.receivables.reminder_holds import HoldReason, ReminderHold
from portal.receivables.sending_hours import SendingHours

if TYPE_CHECKING:
    from portal.receivables.ladder import Ladder

DUE = date(2026, 10, 5)
"""A Monday."""
RULES = Rules(gap_days=7, most=4, began_on=date(2026, 1, 1))
CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28)}
HOURS = SendingHours(8, 18, frozenset(range(5)), CHRISTMAS.__contains__)


def case(key: str = "1042", **fields: object) -> InvoiceCase:
    plain: dict[str, object] = {"is_open": True, "due_on": DUE, "issued_on": date(2026, 9, 1)}
    return InvoiceCase(key, **(plain | fields))  # type: ignore[arg-type]


def sent(name: str, on: date) -> Told:
    return Told(name, on, is_sent=True)


def on_day(one: InvoiceCase, day: date, ladder: Ladder = LADDER, rules: Rules = RULES) -> Outcome:
    return of_invoice(one, ladder, rules, day)


def named(outcome: Outcome) -> tuple[str, str]:
    return outcome.verdict.value, outcome.rung.name if outcome.rung else ""


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-8, ("later", "before-due")),
        (-7, ("send", "before-due")),
        (-1, ("send", "before-due")),
        (0, ("send", "due")),
        (3, ("send", "due")),
        (4, ("later", "friendly")),
        (7, ("send", "friendly")),
        (20, ("send", "personal")),
        (28, ("send", "follow-up")),
        (57, ("send", "follow-up 2")),
    ],
)
def test_the_latest_step_whose_day_has_come_is_due(days: int, expected: tuple[str, str]) -> None:
    assert named(on_day(case(), DUE + timedelta(days))) == expected


def test_missed_steps_are_passed_over_and_no_step_comes_twice() -> None:
    day = DUE + timedelta(15)
    outcome = on_day(case(), day)
    assert [rung.name for rung in outcome.passed] == ["before-due", "due", "friendly"]
    after = case(told=(*(Told(rung.name, day, is_sent=False) for rung in outcome.passed), sent("personal", day)))
    assert named(on_day(after, day)) == ("later", "follow-up")


def test_an_invoice_that_has_just_been_issued_is_not_reminded_before_it_is_due() -> None:
    fresh = case(issued_on=DUE - timedelta(7))
    assert named(on_day(fresh, DUE - timedelta(5))) == ("later", "due")


def test_who_was_late_before_reminders_began_gets_the_gentlest_one_and_the_distances_of_the_ladder() -> None:
    began = DUE + timedelta(100)
    rules = replace(RULES, began_on=began)
    first = on_day(case(), began, FORMAL, rules)
    assert named(first) == ("send", "friendly")
    told = (sent("friendly", began),)
    assert on_day(case(told=told), began + timedelta(1), FORMAL, rules) == Outcome(
        "1042", Verdict.LATER, next(iter(r for r in FORMAL.rungs(20) if r.name == "personal")), began + timedelta(7)
    )


@pytest.mark.parametrize("days_later", [0, 1, 8, 40, 300])
def test_the_first_one_is_the_gentlest_however_late_the_first_run_comes(days_later: int) -> None:
    began = DUE + timedelta(30)
    outcome = on_day(case(), began + timedelta(days_later), FORMAL, replace(RULES, began_on=began))
    assert named(outcome) == ("send", "friendly")


def test_a_consequence_is_only_announced_after_the_step_before_it_was_sent() -> None:
    day = DUE + timedelta(70)
    assert named(on_day(case(told=(sent("friendly", DUE),)), day, FORMAL)) == ("send", "follow-up")
    told: tuple[Told, ...] = (sent("friendly", DUE), sent("follow-up", day))
    assert named(on_day(case(told=told), day + timedelta(7), FORMAL)) == ("send", "work-pauses")
    told = (*told, sent("work-pauses", day + timedelta(7)))
    assert named(on_day(case(told=told), day + timedelta(14), FORMAL)) == ("send", "final-date")
    told = (*told, sent("final-date", day + timedelta(14)))
    assert on_day(case(told=told), day + timedelta(99), FORMAL).verdict is Verdict.DONE


def test_after_so_many_reminders_the_owner_decides() -> None:
    told = tuple(sent(name, DUE) for name in ("friendly", "personal", "follow-up", "follow-up 2"))
    outcome = on_day(case(told=told), DUE + timedelta(90))
    assert outcome.hold == ReminderHold(HoldReason.ENOUGH)


def test_each_part_of_an_invoice_has_a_ladder_of_its_own() -> None:
    first, second = case(occasion="2026-10-05"), case(occasion="2026-11-02", due_on=date(2026, 11, 2))
    told = (sent("friendly 2026-10-05", DUE + timedelta(7)),)
    assert named(on_day(replace(first, told=told), DUE + timedelta(8))) == ("later", "personal")
    assert named(on_day(replace(second, told=told), date(2026, 11, 9))) == ("send", "friendly")


def test_one_mail_is_about_all_invoices_in_the_gentlest_words_that_fit_the_late_ones() -> None:
    day = DUE + timedelta(14)
    cases = [case("a"), case("b", due_on=DUE + timedelta(7)), case("c", due_on=day + timedelta(3))]
    decision = decide(cases, LADDER, RULES, HOURS, local=at(day), as_of=day)
    assert [(one.key, one.rung.name) for one in decision.to_send if one.rung] == [
        ("a", "personal"),
        ("b", "friendly"),
        ("c", "before-due"),
    ]
    assert decision.step is not None
    assert decision.step.name == "friendly"


def test_a_consequence_has_a_mail_of_its_own() -> None:
    day = DUE + timedelta(42)
    told = (sent("follow-up", DUE + timedelta(28)),)
    decision = decide([case("a", told=told), case("b", due_on=day)], FORMAL, RULES, HOURS, local=at(day), as_of=day)
    assert [one.key for one in decision.to_send] == ["a"]
    held = next(one for one in decision.outcomes if one.key == "b")
    assert held.hold is not None
    assert held.hold.reason is HoldReason.OTHER_MAIL_FIRST


def test_a_mail_about_a_paid_invoice_counts_for_the_days_between_two() -> None:
    day = DUE + timedelta(7)
    paid = case("paid", is_open=False, told=(sent("due", day - timedelta(6)),))
    decision = decide([case(), paid], LADDER, RULES, HOURS, local=at(day), as_of=day)
    (outcome,) = decision.outcomes
    assert outcome.hold == ReminderHold(HoldReason.NOT_AGAIN_YET, day)
    day += timedelta(1)
    assert decide([case(), paid], LADDER, RULES, HOURS, local=at(day), as_of=day).to_send


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2026, 12, 24, 7, 59, tzinfo=UTC), datetime(2026, 12, 24, 8, tzinfo=UTC)),
        (datetime(2026, 12, 24, 18, tzinfo=UTC), datetime(2026, 12, 29, 8, tzinfo=UTC)),
        (datetime(2026, 12, 26, 12, tzinfo=UTC), datetime(2026, 12, 29, 8, tzinfo=UTC)),
    ],
)
def test_nights_weekends_and_holidays_are_quiet(moment: datetime, opens: datetime) -> None:
    """At the wrong hour, in the wrong zone: invoiceninja, issue 8974."""
    assert not HOURS.open_at(moment)
    assert HOURS.next_opening(moment) == opens
    decision = decide([case()], LADDER, RULES, HOURS, local=moment, as_of=moment.date())
    assert decision.outcomes[0].hold is not None
    assert decision.outcomes[0].hold.reason is HoldReason.QUIET


HOLDS = st.sampled_from([(), (ReminderHold(HoldReason.PROMISED, DUE),), (ReminderHold(HoldReason.PROBLEM),)])
DAYS = st.lists(st.tuples(st.booleans(), st.integers(0, 23), HOLDS), min_size=200, max_size=200)


@given(
    DAYS,
    st.lists(st.integers(0, 120), min_size=1, max_size=5),
    st.lists(st.integers(0, 200), min_size=5, max_size=5),
    st.integers(0, 150),
)
def test_a_year_of_anything(
    days: list[tuple[bool, int, tuple[ReminderHold, ...]]], dues: list[int], paid: list[int], began: int
) -> None:
    """Days are missed, hours are any, holds come and go, invoices are paid: the promises hold all the same."""
    first = date(2026, 7, 1)
    rules = replace(RULES, began_on=first + timedelta(began))
    told: dict[str, tuple[Told, ...]] = {str(n): () for n in range(len(dues))}
    mails: list[date] = []
    for number, (runs, hour, holds) in enumerate(days):
        day = first + timedelta(number)
        if not runs or day < rules.began_on:
            continue
        cases = [
            InvoiceCase(
                str(n), number < paid[n], first + timedelta(due), first, "", holds if n == 0 else (), told[str(n)]
            )
            for n, due in enumerate(dues)
        ]
        decision = decide(cases, FORMAL, rules, HOURS, local=at(day, hour), as_of=day)
        for outcome in decision.to_send:
            assert outcome.rung is not None
            assert number < paid[int(outcome.key)], "nothing is left to pay"
            assert not (outcome.key == "0" and holds), "it was held"
            names = [one.name for one in told[outcome.key]]
            assert outcome.rung.name not in names, "the same step twice"
            passed = (Told(rung.name, day, is_sent=False) for rung in outcome.passed)
            told[outcome.key] += (*passed, sent(outcome.rung.name, day))
        if decision.to_send:
            assert HOURS.open_at(at(day, hour)), "at night, at a weekend or on a holiday"
            mails.append(day)
    assert all((later - before).days >= rules.gap_days for before, later in pairwise(mails))
    for some in told.values():
        plain = [one for one in some if one.is_sent and one.name.split()[0] in {"friendly", "personal", "follow-up"}]
        assert len(plain) <= rules.most
        assert not some or next(one.name for one in some if one.is_sent) not in {"work-pauses", "final-date"}
