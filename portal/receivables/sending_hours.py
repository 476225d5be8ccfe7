"""When a reminder may arrive: in the customer's daytime, on working days, never on a holiday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_LOOK_DAYS = 60
"""No country closes for so long; a calendar that says so is wrong, and nothing is sent."""


@dataclass(frozen=True, slots=True)
class SendingHours:
    """The half-open window ``[first_hour, last_hour)`` of each working day.

    Attributes:
        weekdays: 0 is Monday.
        is_holiday: of the owner, or of the customer's country.
    """

    first_hour: int
    last_hour: int
    weekdays: frozenset[int]
    is_holiday: Callable[[date], bool]

    def works_on(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() in self.weekdays and not self.is_holiday(day)

    def open_at(self, local: datetime) -> bool:
        """Whether a mail may arrive at that moment, given in the customer's own time."""
        return self.works_on(local.date()) and self.first_hour <= local.hour < self.last_hour

    def next_opening(self, local: datetime) -> datetime:
        """The moment itself where it is open, else when it opens next, in the customer's own time."""
        if self.open_at(local):
            return local
        day = local.date() if local.hour < self.first_hour else local.date() + timedelta(1)
        return datetime.combine(self.working_day_from(day), time(self.first_hour), local.tzinfo)

    def working_day_from(self, day: date) -> date:
        """That day, or the next working day after it."""
        for ahead in range(_LONGEST_LOOK_DAYS):
            if self.works_on(day + timedelta(ahead)):
                return day + timedelta(ahead)
        return day + timedelta(_LONGEST_LOOK_DAYS)
