"""Where the reminders of one invoice stand on a day: what is due or comes next, and all that holds it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from portal.mailing.reminding import Reminding
    from portal.receivables.dunning import Outcome
    from portal.receivables.reminder_holds import ReminderHold


@dataclass(frozen=True, slots=True)
class RemindersNow:
    """What would become of an invoice's reminders now.

    Attributes:
        outcome: what is decided of them.
        holds: all that keeps them back, not only the first.
        earliest: the working day on which the next comes at the earliest, as things are.
    """

    outcome: Outcome
    holds: tuple[ReminderHold, ...]
    earliest: date


def reminders_now(reminding: Reminding, key: str) -> RemindersNow | None:
    """Where an invoice's reminders stand; None where nothing is left to remind anybody of. Changes nothing."""
    for one in reminding.look():
        for outcome in one.decision.outcomes:
            if outcome.key == key:
                holds = one.cases[key].holds or tuple(filter(None, [outcome.hold]))
                return RemindersNow(outcome, holds, one.earliest(outcome))
    return None
