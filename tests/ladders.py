"""Ladders of reminders that several tests climb: the portal's own, and one that goes on to formal steps."""

from __future__ import annotations

from portal.receivables.ladder import Consequence, Ladder, Step, Tone

LADDER = Ladder(
    (
        Step("before-due", -7, Tone.FRIENDLY),
        Step("due", 0, Tone.FRIENDLY),
        Step("friendly", 7, Tone.FRIENDLY),
        Step("personal", 14, Tone.PERSONAL),
        Step("follow-up", 28, Tone.REGULAR, every_days=28),
    )
)
FORMAL = Ladder(
    (
        *LADDER.steps,
        Step("work-pauses", 42, Tone.REGULAR, consequence=Consequence.WORK_PAUSES),
        Step("final-date", 56, Tone.FORMAL, consequence=Consequence.FINAL_DATE),
    )
)
