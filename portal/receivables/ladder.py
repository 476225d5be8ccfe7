"""The reminder ladder: which mail an invoice gets so many days from its due date, in the owner's order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tone(StrEnum):
    """How a mail sounds, the gentlest first."""

    FRIENDLY = "friendly"
    PERSONAL = "personal"
    REGULAR = "regular"
    FORMAL = "formal"


class Consequence(StrEnum):
    """What a step may announce, where the owner has configured it; never said otherwise."""

    WORK_PAUSES = "work_pauses"
    FINAL_DATE = "final_date"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder.

    Attributes:
        name: that of its file: ``friendly``.
        days: how long after the due date; 0 is the day itself, negative is before.
        every_days: it comes again after so many days, until the next step; None comes once.
        consequence: what it announces.
    """

    name: str
    days: int
    tone: Tone
    every_days: int | None = None
    consequence: Consequence | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One occurrence of a step on one invoice: the second ``follow-up`` is ``follow-up 2``."""

    step: Step
    times: int = 1

    @property
    def name(self) -> str:
        """What it is claimed by; there is one mail for it on an invoice, ever."""
        return self.step.name if self.times == 1 else f"{self.step.name} {self.times}"

    @property
    def days(self) -> int:
        """How long after the due date this occurrence is."""
        return self.step.days + (self.times - 1) * (self.step.every_days or 0)

    def on(self, anchor: date) -> date:
        """The day it is due, for a ladder counted from ``anchor``."""
        return anchor + timedelta(self.days)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps, the earliest first."""

    steps: tuple[Step, ...]

    @property
    def first_overdue(self) -> Step | None:
        """The gentlest step after the due date: where an invoice begins that was late before reminders were on."""
        return next((step for step in self.steps if step.days > 0), None)

    def rungs(self, last_day: int) -> Iterator[Rung]:
        """All occurrences up to so many days after the due date, and the first one after that, in order."""
        following = [*[step.days for step in self.steps[1:]], None]
        for step, end in zip(self.steps, following, strict=True):
            for rung in _occurrences(step, end):
                yield rung
                if rung.days > last_day:
                    return


def _occurrences(step: Step, end: int | None) -> Iterator[Rung]:
    """A step and its repetitions, all before the next step; for ever where there is none."""
    times = 1
    while end is None or times == 1 or Rung(step, times).days < end:
        yield Rung(step, times)
        if step.every_days is None:
            return
        times += 1
