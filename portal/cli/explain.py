"""``portal explain`` and ``portal pause``: the story of one invoice's reminders, and keeping them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from portal.bookkeeping.entries import not_built
from portal.bookkeeping.pausing import Pausing
from portal.cli.common import DAY, as_json_option, opened, portal_command, print_json, readable, tell_problems
from portal.cli.layout import wrapped
from portal.cli.remind import hold_in_words, reminding_in
from portal.errors import ContentError, PortalError, Problem
from portal.mailing.reminders_now import reminders_now
from portal.receivables.balance import balance_of
from portal.receivables.dunning import Verdict
from portal.reporting.invoice_stories import story_from
from portal.wiring.portal import now

if TYPE_CHECKING:
    from datetime import date

    from portal.mailing.reminders_now import RemindersNow
    from portal.reporting.invoice_stories import StoryLine
    from portal.wiring.portal import Folders, Portal


_QUOTED = " " * 18 + "| "


@click.command()
@click.argument("number")
@portal_command
@as_json_option
def explain(number: str, folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Tell the whole story of an invoice: what was said, paid, sent and held, why, and what comes next."""
    portal = opened(folders, as_of)
    invoice = portal.ledger.invoice(number)
    if invoice is None:
        raise not_built(number)
    zone = ZoneInfo(portal.settings.portal.timezone)
    story = story_from(portal.ledger, invoice, zone)
    stands, unusable = _stands(portal, number)
    if as_json:
        print_json(_plain(story, stands) | ({"problems": [one.as_dict() for one in unusable]} if unusable else {}))
        return
    left = balance_of(invoice, portal.ledger.entries_of(number), portal.today()).amount_remaining
    click.echo(f"Invoice {invoice.number}, {invoice.customer.name}: {readable(left)} left to pay.\n")
    for line in story:
        click.echo(wrapped(f"{line.when(zone):16}  ", line.what))
        for words in line.words:
            click.echo(wrapped(_QUOTED, words, hanging=_QUOTED))
    if unusable:
        tell_problems(unusable, "What comes next is not known, for the ladder of reminders cannot be used")
        return
    click.echo()
    for sentence in _now(portal, stands, is_paid=not left).splitlines():
        click.echo(wrapped("", sentence, hanging="  "))


@click.command()
@click.argument("number")
@click.option("--until", type=DAY, metavar="DATE", help="The last day of the pause.")
@click.option("--why", metavar="TEXT", help="The reason, for your own records.")
@click.option("--end", is_flag=True, help="End the pause: reminders go on.")
@portal_command
@as_json_option
def pause(  # noqa: PLR0913  each is an option
    number: str, folders: Folders, as_of: date | None, *, until: date | None, why: str | None, end: bool, as_json: bool
) -> None:
    """Keep the reminders of an invoice back until a day, or no longer."""
    portal = opened(folders, as_of)
    pausing = Pausing(portal.ledger, now, portal.today)
    if missing := _missing_for_pause(until=until, why=why, end=end):
        raise PortalError(missing)
    entry = pausing.end(number) if end else pausing.pause(number, until or portal.today(), why or "")
    if as_json:
        last = entry.value_on.isoformat() if entry.value_on else None
        print_json({"invoice": number, "entry": entry.seq, "until": last, "why": entry.note})
        return
    told = "are no longer paused" if end else f"are paused until {until}, that day included"
    click.echo(f"Reminders of invoice {number} {told}.")


def _missing_for_pause(*, until: date | None, why: str | None, end: bool) -> list[Problem]:
    missing = []
    if end == bool(until):
        missing.append(Problem("Say --until DATE, or --end.", "`portal pause --help` shows both."))
    if not (end or why):
        missing.append(Problem("The reason is missing.", "Say --why TEXT; `portal explain` shows it later."))
    return missing


def _stands(portal: Portal, number: str) -> tuple[RemindersNow | None, tuple[Problem, ...]]:
    """Where its reminders stand; or why that is not known: the story is told all the same."""
    if portal.settings.reminders is None:
        return None, ()
    try:
        return reminders_now(reminding_in(portal), number), ()
    except ContentError as error:
        return None, error.problems


def _now(portal: Portal, stands: RemindersNow | None, *, is_paid: bool) -> str:
    if stands is None:
        off = not is_paid and portal.settings.reminders is None
        return "Reminders are not switched on." if off else "Nothing is left to ask for, so nobody is reminded."
    outcome = stands.outcome
    held = "".join(f"\nHeld: {hold_in_words(hold)}." for hold in stands.holds)
    name = outcome.rung.name if outcome.rung else "-"
    match outcome.verdict:
        case Verdict.SEND:
            return f"The reminder {name} is due, and goes out with the next `portal remind`."
        case Verdict.HELD:
            return f"The reminder {name} has been due since {outcome.on}.{held}" if outcome.on else held.strip()
        case Verdict.LATER:
            return f"Next: the reminder {name}, on {stands.earliest} at the earliest.{held}"
        case Verdict.DONE:
            return f"All steps are done with; it is for you to decide.{held}"


def _plain(story: tuple[StoryLine, ...], stands: RemindersNow | None) -> dict[str, Any]:
    outcome = stands.outcome if stands else None
    return {
        "story": [
            {"at": line.at.isoformat(), "what": line.what, "words": list(line.words), "is_mail": line.is_mail}
            for line in story
        ],
        "verdict": outcome.verdict.value if outcome else None,
        "step": outcome.rung.name if outcome and outcome.rung else None,
        "on": stands.earliest.isoformat() if stands and outcome and outcome.rung else None,
        "holds": [
            {"reason": hold.reason.value, "until": hold.until.isoformat() if hold.until else None, "words": hold.words}
            for hold in (stands.holds if stands else ())
        ],
    }
