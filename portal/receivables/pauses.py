"""The days on which a payment plan is kept: they bear no late fee and no interest.

A day is such a day where, at its start, a plan was in force and not broken. So the day on which a plan is agreed, or
made good, still counts as before: what the page asked for that morning stays right. And nothing is added afterwards
for a day on which a plan was kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.receivables.entries import Entry, EntryKind, day_of, in_force
from portal.receivables.plans import filled_by, kept_until, payments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from portal.receivables.schedules import PlanSchedule

_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days without a late fee, both counted. The last one is known ahead: without a payment, each plan is broken."""

    first: date
    last: date


def pauses_of(entries: Iterable[Entry], zone: tzinfo) -> tuple[Pause, ...]:
    """The pauses on an invoice, in order and apart from each other, if nothing more is paid.

    Args:
        entries: all facts of the invoice, in the order of the ledger.
        zone: the business's time zone, in which a moment becomes a day.
    """
    facts = in_force(entries)
    stopped = {e.external_id: day_of(e, zone) for e in facts if e.kind is EntryKind.PLAN_STOPPED}
    found: list[Pause] = []
    for agreed in facts:
        if agreed.kind is EntryKind.PLAN_AGREED and agreed.schedule is not None:
            found += _of_plan(agreed, agreed.schedule, facts, zone, stopped.get(agreed.external_id, date.max))
    return tuple(_joined(sorted(found, key=lambda pause: pause.first)))


def pause_on(pauses: Iterable[Pause], day: date) -> Pause | None:
    """The pause that a day belongs to."""
    return next((pause for pause in pauses if pause.first <= day <= pause.last), None)


def _of_plan(
    agreed: Entry, schedule: PlanSchedule, facts: tuple[Entry, ...], zone: tzinfo, stopped_on: date
) -> Iterator[Pause]:
    begins = day_of(agreed, zone)
    # What was paid before the plan came into force began it, so it counts as paid on the day of the agreement.
    payments = [(entry, begins if entry.seq < agreed.seq else day) for entry, day in payments_of(schedule, facts, zone)]
    changes = sorted({begins, *(day for _entry, day in payments if day > begins)})
    for day, following in pairwise([*changes, date.max]):
        filled = filled_by(schedule, (payment for payment in payments if payment[1] <= day))
        good = kept_until(filled, schedule.grace_days)
        last = min(good or day, following, stopped_on)
        if day < last:
            yield Pause(day + _DAY, last)


def _joined(pauses: Iterable[Pause]) -> Iterator[Pause]:
    """Pauses that touch as one."""
    current: Pause | None = None
    for pause in pauses:
        if current is not None and pause.first <= current.last + _DAY:
            current = Pause(current.first, max(current.last, pause.last))
            continue
        if current is not None:
            yield current
        current = pause
    if current is not None:
        yield current
