"""When an amount is due: rules that count from the day of the invoice, and what a weekend does to a last day.

The day of the invoice is day 0 and the last day counts: 10 days after 1 January is 11 January.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_SATURDAY = 5


class DueRuleKind(StrEnum):
    """How a due date follows from the day of the invoice.

    ============================  ==============================================================================
    DAYS_AFTER                    ``days`` later
    DAYS_AFTER_END_OF_MONTH       ``days`` after the end of its month (French "fin de mois" in its second reading)
    DAYS_THEN_END_OF_MONTH        the end of the month that is reached ``days`` later (its first reading)
    DAYS_THEN_END_OF_MONTH_ON_THE the ``day`` of the month after that one; 0 is that month's own end
    FIRST_NTH_DAY_ON_OR_AFTER     the first ``day`` of a month that is ``days`` later at least
    DATE                          ``on``
    ============================  ==============================================================================
    """

    DAYS_AFTER = "days_after"
    DAYS_AFTER_END_OF_MONTH = "days_after_end_of_month"
    DAYS_THEN_END_OF_MONTH = "days_then_end_of_month"
    DAYS_THEN_END_OF_MONTH_ON_THE = "days_then_end_of_month_on_the"
    FIRST_NTH_DAY_ON_OR_AFTER = "first_nth_day_on_or_after"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class DueRule:
    """A rule with its numbers.

    Attributes:
        days: how many days; see ``DueRuleKind``.
        day: of a month; one that a month does not have is its last.
        on: the date of a DATE.
        extra_month_from_day: for DAYS_AFTER_END_OF_MONTH, an invoice of this day or later has one month more, by a
            custom of American trade; None where that is not agreed.
    """

    kind: DueRuleKind
    days: int = 0
    day: int = 0
    on: date | None = None
    extra_month_from_day: int | None = None


class Roll(StrEnum):
    """What becomes of a last day that is no working day; a move is always to the payer's favour."""

    NONE = "none"
    NEXT_BUSINESS_DAY = "next_business_day"


def due_date(rule: DueRule, issued_on: date) -> date:
    """The day that a rule gives for an invoice of a day.

    Raises:
        ValueError: a DATE without its date.
    """
    later = issued_on + timedelta(rule.days)
    match rule.kind:
        case DueRuleKind.DAYS_AFTER:
            return later
        case DueRuleKind.DAYS_AFTER_END_OF_MONTH:
            return _end_of_month(_with_extra_month(rule, issued_on)) + timedelta(rule.days)
        case DueRuleKind.DAYS_THEN_END_OF_MONTH:
            return _end_of_month(later)
        case DueRuleKind.DAYS_THEN_END_OF_MONTH_ON_THE:
            return _day_of(_next_month(later), rule.day) if rule.day else _end_of_month(later)
        case DueRuleKind.FIRST_NTH_DAY_ON_OR_AFTER:
            this_month = _day_of(later, rule.day)
            return this_month if this_month >= later else _day_of(_next_month(later), rule.day)
        case DueRuleKind.DATE:
            if rule.on is None:
                raise ValueError("a rule that is a date needs the date")
            return rule.on


def rolled(day: date, roll: Roll, holidays: frozenset[date] = frozenset()) -> date:
    """A last day, moved past Saturdays, Sundays and holidays where that is the rule.

    Source: Regulation (EEC, Euratom) 1182/71, article 3(4).
    """
    while roll is Roll.NEXT_BUSINESS_DAY and (day.weekday() >= _SATURDAY or day in holidays):
        day += timedelta(1)
    return day


def _with_extra_month(rule: DueRule, issued_on: date) -> date:
    late = rule.extra_month_from_day is not None and issued_on.day >= rule.extra_month_from_day
    return _next_month(issued_on) if late else issued_on


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _next_month(day: date) -> date:
    """The first of the month after."""
    return _end_of_month(day) + timedelta(1)


def _day_of(month: date, number: int) -> date:
    return month.replace(day=max(min(number, monthrange(month.year, month.month)[1]), 1))
