"""A ladder of reminders, tried on an invoice that nobody ever pays: which of its steps are never sent, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.receivables.dunning import InvoiceCase, Rules, Told, Verdict, decide
from portal.receivables.ladder import Tone
from portal.receivables.reminder_holds import HoldReason
from portal.receivables.sending_hours import SendingHours

if TYPE_CHECKING:
    from portal.receivables.dunning import Outcome
    from portal.receivables.ladder import Ladder, Step

_DUE_ON = date(2001, 1, 1)
_LONG_BEFORE = timedelta(2000)
_ALWAYS = SendingHours(0, 24, frozenset(range(7)), lambda _day: False)
_TONES = tuple(Tone)


class NeverSent(StrEnum):
    """Why a step is never sent; the values are in the owner's words."""

    ENOUGH = "the most reminders that an invoice gets are sent before it"
    TOO_CLOSE = "it is closer to another step than two mails may be"


@dataclass(frozen=True, slots=True)
class UnsentStep:
    """A step that no invoice gets whose mails are on time."""

    step: Step
    why: NeverSent


def steps_never_sent(ladder: Ladder, *, gap_days: int, most: int) -> tuple[UnsentStep, ...]:
    """The steps that not even an invoice gets that was issued long before, is never paid and never held back.

    Each mail is sent on its day here. Where a night or a weekend puts one off, such a step may come in its place.

    Args:
        ladder: the steps that are on.
        gap_days: the fewest days between two mails to one customer.
        most: reminders after the due date on one invoice, those with a consequence aside.
    """
    if not ladder.steps:
        return ()
    seen = _seen(ladder, Rules(gap_days, most, began_on=_DUE_ON - _LONG_BEFORE))
    sent = {one.rung.step.name for one in seen if one.rung and one.verdict is Verdict.SEND}
    enough = {one.rung.step.name for one in seen if one.rung and one.hold and one.hold.reason is HoldReason.ENOUGH}
    return tuple(
        UnsentStep(step, NeverSent.ENOUGH if step.name in enough else NeverSent.TOO_CLOSE)
        for step in ladder.steps
        if step.name not in sent
    )


def gentler_later(ladder: Ladder) -> tuple[tuple[Step, Step], ...]:
    """Pairs of steps that follow one another where the later one sounds gentler than the one before it."""
    return tuple(
        (before, after)
        for before, after in pairwise(ladder.steps)
        if _TONES.index(after.tone) < _TONES.index(before.tone)
    )


def _seen(ladder: Ladder, rules: Rules) -> list[Outcome]:
    """What becomes of the invoice on each day, from its first step until long after its last."""
    case = InvoiceCase("", is_open=True, due_on=_DUE_ON, issued_on=_DUE_ON - _LONG_BEFORE)
    first, last = ladder.steps[0].days, ladder.steps[-1].days + rules.gap_days * (len(ladder.steps) + 1)
    seen = []
    for days in range(first, last + 1):
        day = _DUE_ON + timedelta(days)
        noon = datetime.combine(day, time(12), UTC)
        (outcome,) = decide([case], ladder, rules, _ALWAYS, local=noon, as_of=day).outcomes
        seen.append(outcome)
        if outcome.verdict is Verdict.SEND and outcome.rung:
            done = [Told(case.claim(rung), day, is_sent=False) for rung in outcome.passed]
            case = replace(case, told=(*case.told, *done, Told(case.claim(outcome.rung), day, is_sent=True)))
    return seen
