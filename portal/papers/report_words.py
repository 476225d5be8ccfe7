"""The words of the report, shared by its page and the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.aging import AgingBucket
from portal.receivables.answers import LateReason, ProblemReason, PromiseState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from portal.receivables.expected import Expectation
    from portal.receivables.money import Money
    from portal.reporting.invoice_days import InvoiceOnDay

BUCKETS = {
    AgingBucket.CURRENT: "Not late",
    AgingBucket.UP_TO_30: "1 to 30 days",
    AgingBucket.UP_TO_60: "31 to 60 days",
    AgingBucket.UP_TO_90: "61 to 90 days",
    AgingBucket.OVER_90: "Over 90 days",
}
LATE_REASONS = {
    LateReason.FORGOT: "It was forgotten",
    LateReason.NOT_ALL_NOW: "Not all of it can be paid now",
    LateReason.LATER: "It will be paid later",
    LateReason.WRONG: "Something is wrong with it",
    LateReason.PAID: "It is said to be paid",
}
PROBLEM_REASONS = {
    ProblemReason.AMOUNT: "the amount is not right",
    ProblemReason.WORK: "something about the work is not right",
    ProblemReason.NOT_ORDERED: "it was not ordered",
    ProblemReason.TWICE: "it was invoiced twice",
    ProblemReason.OTHER: "something else",
}


def problem_in_words(method: str | None) -> str:
    """What is wrong, from the reason that an entry keeps; the reason itself where it is none of the list."""
    known = {reason.value: words for reason, words in PROBLEM_REASONS.items()}
    return known.get(method or ProblemReason.OTHER.value, method or "")


def before_the_weeks(money: Expectation) -> Iterator[tuple[str, Money]]:
    """What is expected before the weeks that are shown, as far as there is any."""
    rows = (("Overdue", money.overdue), ("On its way from the bank", money.on_its_way))
    return ((label, amount) for label, amount in rows if amount)


def after_the_weeks(money: Expectation) -> Iterator[tuple[str, Money]]:
    """What is expected after them, or nobody knows when, as far as there is any."""
    rows = (("Later", money.later), ("Without a date", money.undated))
    return ((label, amount) for label, amount in rows if amount)


def what_stands(one: InvoiceOnDay, dated: Callable[[date], str]) -> Iterator[str]:
    """What was said or agreed about an open invoice, each in a few words."""
    if one.answers.problem:
        yield "problem reported"
    if one.answers.said_paid:
        yield "said to be paid"
    if one.balance.is_disputed:
        yield "card dispute open"
    if one.plan:
        yield f"payment plan, {one.plan.risk or one.plan.stands.state.value}"
    if promise := one.answers.promise:
        yield {
            PromiseState.OPEN: f"promised for {dated(promise.day)}",
            PromiseState.BROKEN: f"promised for {dated(promise.day)}, not kept",
            PromiseState.KEPT: f"promise of {dated(promise.day)} kept",
        }[promise.state]
    if one.balance.amount_on_its_way:
        yield "payment on its way"
