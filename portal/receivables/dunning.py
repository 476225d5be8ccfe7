"""Which reminders a customer gets at a moment: pure decisions, each with its reason.

The rules, in their order: nothing where nothing is left; of several steps that were missed only the latest, never
straight to one with a consequence; nothing while anything holds it back; one mail to a customer within so many days,
over all of their invoices; and only in their daytime on working days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.reminder_holds import HoldReason, ReminderHold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.receivables.ladder import Ladder, Rung, Step
    from portal.receivables.sending_hours import SendingHours

DUE_MAIL_DAYS = 3
"""So long after the due date a mail about it is still worth sending: it may have fallen on a weekend."""


class Verdict(StrEnum):
    """SEND: now. HELD: its day has come, but something keeps it back. LATER: it is to come. DONE: nothing follows."""

    SEND = "send"
    HELD = "held"
    LATER = "later"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Rules:
    """The owner's bounds.

    Attributes:
        gap_days: the fewest days between two mails to one customer.
        most: reminders after the due date on one invoice, those with a consequence aside; then the owner decides.
        began_on: the day reminders were switched on: what was late before begins with the gentlest step then.
    """

    gap_days: int
    most: int
    began_on: date


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a rung on an invoice; one that was passed over has no mail."""

    name: str
    on: date
    is_sent: bool


@dataclass(frozen=True, slots=True)
class InvoiceCase:
    """What is known of one invoice of a customer.

    Attributes:
        is_open: whether something is left that may be asked for.
        due_on: the day the ladder counts from: of the first unpaid part or missed payment of a plan, where there are.
        occasion: names that part or payment, for each has a ladder of its own; empty where there is one due date.
        holds: all that keeps its reminders back.
        told: its rungs that are done with, of all occasions.
    """

    key: str
    is_open: bool
    due_on: date | None
    issued_on: date | None = None
    occasion: str = ""
    holds: tuple[ReminderHold, ...] = ()
    told: tuple[Told, ...] = ()

    def claim(self, rung: Rung) -> str:
        """What a rung is claimed by on this invoice."""
        return f"{rung.name} {self.occasion}".rstrip()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one invoice's reminders at a moment.

    Attributes:
        rung: the one that is due, or comes next.
        on: the day that one fell or falls due.
        hold: why it is kept back.
        passed: rungs that are never sent now, for a later one is due.
    """

    key: str
    verdict: Verdict
    rung: Rung | None = None
    on: date | None = None
    hold: ReminderHold | None = None
    passed: tuple[Rung, ...] = ()

    def held(self, hold: ReminderHold) -> Outcome:
        """The same, kept back."""
        return replace(self, verdict=Verdict.HELD, hold=hold)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one customer gets: one mail at the most, about all invoices to be sent; ``step`` has its words."""

    outcomes: tuple[Outcome, ...]
    step: Step | None = None

    @property
    def to_send(self) -> tuple[Outcome, ...]:
        """The invoices the mail is about."""
        return tuple(one for one in self.outcomes if one.verdict is Verdict.SEND)


def decide(  # noqa: PLR0913  everything a decision depends on, named
    cases: Sequence[InvoiceCase], ladder: Ladder, rules: Rules, hours: SendingHours, *, local: datetime, as_of: date
) -> Decision:
    """What one customer gets.

    Args:
        cases: all of the customer's invoices, the paid ones too: their mails count for the days between two.
        ladder: the owner's steps.
        rules: the owner's bounds.
        hours: when a mail may arrive.
        local: the moment, in the customer's own time.
        as_of: the day in the business's time zone, for what is due.
    """
    outcomes = [of_invoice(case, ladder, rules, as_of) for case in cases if case.is_open]
    for hold in (_gap(cases, rules, as_of), _quiet(hours, local)):
        if hold is not None:
            outcomes = [one.held(hold) if one.verdict is Verdict.SEND else one for one in outcomes]
    outcomes = _formal_alone(outcomes, rules, as_of)
    rungs = [one.rung for one in outcomes if one.verdict is Verdict.SEND and one.rung]
    return Decision(tuple(outcomes), words_for(rungs))


def of_invoice(case: InvoiceCase, ladder: Ladder, rules: Rules, as_of: date) -> Outcome:
    """Which rung of one invoice is due on a day or comes next, whatever its customer's other invoices are at."""
    if case.due_on is None:
        return Outcome(case.key, Verdict.HELD, hold=ReminderHold(HoldReason.NO_DUE_DATE))
    anchor = _anchor(case.due_on, ladder, rules)
    rungs = list(ladder.rungs((as_of - anchor).days))
    told = {one.name for one in case.told}
    done = max((place for place, rung in enumerate(rungs) if case.claim(rung) in told), default=-1)
    open_rungs = rungs[done + 1 :]
    due = [rung for rung in open_rungs if rung.on(anchor) <= as_of]
    fitting = [rung for rung in due if _fits(rung, case, as_of)]
    if not fitting:
        coming = next((rung for rung in open_rungs if rung.on(anchor) > as_of), None)
        if coming is None:
            return Outcome(case.key, Verdict.DONE)
        return Outcome(case.key, Verdict.LATER, coming, coming.on(anchor))
    chosen = fitting[0] if _begins_late(case, rungs, rules) else _reachable(fitting, rungs, case, rules)
    passed = tuple(rung for rung in due if rung.days < chosen.days)
    outcome = Outcome(case.key, Verdict.SEND, chosen, chosen.on(anchor), passed=passed)
    hold = next(iter(case.holds), None) or _enough(chosen, rungs, case, rules)
    return outcome.held(hold) if hold else outcome


def _anchor(due_on: date, ladder: Ladder, rules: Rules) -> date:
    """Who was late before reminders began gets the gentlest first, and the others at the ladder's distances."""
    first = ladder.first_overdue
    if first is None or due_on >= rules.began_on:
        return due_on
    return max(due_on, rules.began_on - timedelta(first.days))


def _begins_late(case: InvoiceCase, rungs: Sequence[Rung], rules: Rules) -> bool:
    """Whether it was late before reminders began and has had none since, however long the first run took to come."""
    sent = {one.name for one in case.told if one.is_sent}
    late = case.due_on is not None and case.due_on < rules.began_on
    return late and not any(case.claim(rung) in sent for rung in rungs if rung.days > 0)


def _fits(rung: Rung, case: InvoiceCase, as_of: date) -> bool:
    """Whether its words are still true: a mail about a day to come, or about the day itself, has its time."""
    if rung.days > 0 or case.due_on is None:
        return True
    if rung.days < 0:
        fresh = case.issued_on is not None and rung.on(case.due_on) <= case.issued_on
        return as_of < case.due_on and not fresh
    return case.due_on <= as_of <= case.due_on + timedelta(DUE_MAIL_DAYS)


def _reachable(fitting: Sequence[Rung], rungs: Sequence[Rung], case: InvoiceCase, rules: Rules) -> Rung:
    """The latest, but never one with a consequence before the one that leads up to it was sent."""
    sent = {one.name for one in case.told if one.is_sent}
    enough = _count(rungs, case) >= rules.most
    for rung in reversed(fitting):
        place = rungs.index(rung)
        before = rungs[place - 1] if place else None
        led_up_to = before is not None and (case.claim(before) in sent or (enough and not before.step.consequence))
        if rung.step.consequence is None or led_up_to:
            return rung
    return fitting[0]


def _enough(rung: Rung, rungs: Sequence[Rung], case: InvoiceCase, rules: Rules) -> ReminderHold | None:
    capped = rung.days > 0 and rung.step.consequence is None and _count(rungs, case) >= rules.most
    return ReminderHold(HoldReason.ENOUGH) if capped else None


def _count(rungs: Sequence[Rung], case: InvoiceCase) -> int:
    sent = {one.name for one in case.told if one.is_sent}
    plain = (rung for rung in rungs if rung.days > 0 and rung.step.consequence is None)
    return sum(case.claim(rung) in sent for rung in plain)


def _gap(cases: Sequence[InvoiceCase], rules: Rules, as_of: date) -> ReminderHold | None:
    last = max((one.on for case in cases for one in case.told if one.is_sent), default=None)
    if last is None or as_of >= last + timedelta(rules.gap_days):
        return None
    return ReminderHold(HoldReason.NOT_AGAIN_YET, last + timedelta(rules.gap_days - 1))


def _quiet(hours: SendingHours, local: datetime) -> ReminderHold | None:
    if hours.open_at(local):
        return None
    opens = hours.next_opening(local)
    return ReminderHold(HoldReason.QUIET, opens.date(), f"opens {opens:%Y-%m-%d %H:%M} there")


def _formal_alone(outcomes: list[Outcome], rules: Rules, as_of: date) -> list[Outcome]:
    """A mail with a consequence is about the invoices at that very step; what is milder waits for its own mail."""
    steps = [one.rung.step for one in outcomes if one.verdict is Verdict.SEND and one.rung]
    formal = max((step for step in steps if step.consequence), key=lambda step: step.days, default=None)
    if formal is None:
        return outcomes
    hold = ReminderHold(HoldReason.OTHER_MAIL_FIRST, as_of + timedelta(rules.gap_days - 1))
    return [
        one.held(hold) if one.verdict is Verdict.SEND and one.rung and one.rung.step != formal else one
        for one in outcomes
    ]


def words_for(rungs: Sequence[Rung]) -> Step | None:
    """The step whose words a mail about these has: the furthest that every invoice has reached.

    What is not late yet is only listed beside the others.
    """
    late = [rung.step for rung in rungs if rung.days > 0]
    steps = late or [rung.step for rung in rungs]
    return min(steps, key=lambda step: step.days, default=None)
