"""What the case file says of the reminders that are still to come: the next one, and what holds it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.errors import ContentError
from portal.mailing.reminders_now import reminders_now
from portal.receivables.dunning import Verdict
from portal.receivables.reminder_holds import HoldReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.formats import Formats
    from portal.mailing.reminders_now import RemindersNow
    from portal.receivables.reminder_holds import ReminderHold
    from portal.wiring.portal import Portal

_OF_THE_OWNER = {
    HoldReason.PAUSED: "the owner paused its reminders",
    HoldReason.PROBLEM: "a problem was reported and waits for the owner's answer",
    HoldReason.SAID_PAID: "the customer says it is paid, and the owner has not looked into it yet",
    HoldReason.JUST_ANSWERED: "the owner answered a short while ago",
    HoldReason.ADDRESS_REFUSED: "a mail to this address failed",
    HoldReason.NO_PAGE: "its link opens nothing",
    HoldReason.ENOUGH: "all reminders that the owner allows were sent",
}
"""Reasons whose own words speak to the owner; a case file speaks to others."""


def reminder_words(portal: Portal, key: str, formats: Formats) -> list[str]:
    """Sentences on what comes next, and why not yet."""
    reminding = portal.post_office().reminding
    if reminding is None:
        return ["Reminders are not switched on."]
    try:
        now = reminders_now(reminding(), key)
    except ContentError:
        return ["What comes next is not known: the ladder of reminders cannot be used as it stands."]
    return list(_sentences(now, formats)) if now else ["Nothing is left to ask for, so nobody is reminded."]


def _sentences(now: RemindersNow, formats: Formats) -> Iterator[str]:
    outcome, name = now.outcome, now.outcome.rung.name if now.outcome.rung else ""
    match outcome.verdict:
        case Verdict.SEND:
            yield f"The reminder “{name}” is due, and was not sent yet."
        case Verdict.HELD if outcome.on:
            yield f"The reminder “{name}” has been due since {formats.date(outcome.on)}, and is held back."
        case Verdict.HELD:
            yield "No reminder is sent."
        case Verdict.LATER:
            yield f"The next reminder is “{name}”, on {formats.date(now.earliest)} at the earliest."
        case Verdict.DONE:
            yield "All steps are done with; no reminder follows."
    for hold in now.holds:
        yield f"Held back: {_reason(hold, formats)}."


def _reason(hold: ReminderHold, formats: Formats) -> str:
    until = f", up to {formats.date(hold.until)}" if hold.until else ""
    words = f" ({hold.words})" if hold.words else ""
    return f"{_OF_THE_OWNER.get(hold.reason, hold.reason.value)}{until}{words}"
