"""A plan's schedule as the ledger keeps it with an entry: plain values, in both directions."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.receivables.money import Money
from portal.receivables.schedules import PlanSchedule


def plain_schedule(schedule: PlanSchedule) -> dict[str, Any]:
    """A schedule as plain values: ``{"currency": "GBP", "payments": [["2026-11-21", 28000]], ...}``."""
    return {
        "grace_days": schedule.grace_days,
        "since_seq": schedule.since_seq,
        "currency": schedule.currency,
        "payments": [[due_on.isoformat(), amount.minor] for due_on, amount in schedule.installments],
        **({"is_part": True} if schedule.is_part else {}),
    }


def schedule_of(plain: dict[str, Any]) -> PlanSchedule:
    """The schedule of plain values."""
    payments = ((date.fromisoformat(day), Money(minor, plain["currency"])) for day, minor in plain["payments"])
    return PlanSchedule(plain["grace_days"], plain["since_seq"], tuple(payments), is_part=plain.get("is_part", False))
