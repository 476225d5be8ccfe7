"""``portal privacy``: what is held on a customer, handing it out, erasing what may go, and keeping nothing too long."""

from __future__ import annotations

import textwrap
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from portal.building.freeze import PageFreezer
from portal.cli.common import as_json_option, opened, portal_command, print_json
from portal.cli.sections import PlainGroup
from portal.counting import counted
from portal.errors import PortalError, Problem
from portal.forgetting import erase as erase_everywhere
from portal.forgetting import tidy as tidy_everywhere
from portal.papers.case_page import CASES
from portal.papers.paper import file_name
from portal.papers.privacy_export import write_export
from portal.privacy import Held, forgettable, held_on
from portal.receivables.entries import ERASED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.forgetting import Erased
    from portal.privacy import Forgetting
    from portal.wiring.portal import Folders, Portal

_FOLDER = click.Path(file_okay=False, path_type=Path)
_WIDTH = 78
_ASKED = "asked for by the customer"


@click.group(cls=PlainGroup)
def privacy() -> None:
    """What is held on customers: telling, handing out, erasing."""


@privacy.command()
@click.argument("customer")
@portal_command
@as_json_option
def report(customer: str, folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Tell what is held on a customer, how long it stays and why."""
    portal = opened(folders, as_of)
    held = _held(portal, customer)
    rows = list(_classes(portal, held))
    if as_json:
        names = ("what", "number", "until", "why")
        print_json(
            {
                "invoices": [one.key for one in held.invoices],
                "held": [dict(zip(names, row, strict=True)) for row in rows],
            }
        )
        return
    click.echo(f"Held on {customer}, about invoice {', '.join(one.key for one in held.invoices)}\n")
    for what, number, until, why in rows:
        click.echo(f"{what}: {number}")
        click.echo(textwrap.fill(f"{until}. {why}", _WIDTH, initial_indent="  ", subsequent_indent="  "))
    _tell_duties(portal, held)


@privacy.command()
@click.argument("customer")
@click.option("--to", type=_FOLDER, metavar="FOLDER", help="Write it there instead of below the state.")
@portal_command
@as_json_option
def export(customer: str, folders: Folders, as_of: date | None, *, to: Path | None, as_json: bool) -> None:
    """Write everything that is held on a customer: one JSON file, and a readable case file for each invoice."""
    portal = opened(folders, as_of)
    held = _held(portal, customer)
    folder = write_export(portal, held, to)
    if as_json:
        print_json({"folder": str(folder), "invoices": [one.key for one in held.invoices]})
        return
    click.echo(f"Everything on {customer}, about {counted(len(held.invoices), 'invoice')}: {folder}")
    click.echo("Look through it before you hand it out: words may be about others, too.")


@privacy.command()
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask; it cannot be undone.")
@portal_command
@as_json_option
def erase(customer: str, folders: Folders, as_of: date | None, *, yes: bool, as_json: bool) -> None:
    """Erase what may go of a customer: their words, mails, and what Stripe reported. Bookkeeping stays."""
    portal = opened(folders, as_of)
    held = _held(portal, customer)
    found = forgettable(held)
    if not yes:
        _ask(found, as_json=as_json)
    settled = [one.key for one in held.invoices if one.settled_on is not None]
    done = erase_everywhere(portal, found.what, _ASKED, settled)
    PageFreezer(portal).freeze_stale()
    if as_json:
        print_json({**_plain(done), "still_open": list(found.still_open), "yours_to_do": list(_duties(portal, held))})
        return
    click.echo(f"Erased: {done}.")
    if found.still_open:
        click.echo(f"Kept for the claim, for something is left to pay: invoice {', '.join(found.still_open)}.")
    years = portal.settings.privacy.retention_records_years
    click.echo(f"Kept as bookkeeping, {years} years: amounts, dates, payment ids, agreed plans with their text.")
    _tell_duties(portal, held)


@privacy.command()
@portal_command
@as_json_option
def tidy(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Erase what was kept for as long as the settings say; `portal build` does it, too."""
    portal = opened(folders, as_of)
    done = tidy_everywhere(portal)
    PageFreezer(portal).freeze_stale()
    if as_json:
        print_json(_plain(done))
        return
    click.echo(f"Erased: {done}." if done else "Nothing was kept too long.")


def _held(portal: Portal, customer: str) -> Held:
    return held_on(portal.ledger, customer, portal.today(), ZoneInfo(portal.settings.portal.timezone))


def _ask(found: Forgetting, *, as_json: bool) -> None:
    what = found.what
    answers, mails = counted(len(what.entries), "answer"), counted(len(what.messages), "mail")
    told = f"{answers}, {mails} and {counted(len(what.events), 'report')} of Stripe's"
    if as_json:
        raise PortalError(Problem(f"This erases {told}, for good.", "Say --yes.", field="--yes"))
    click.confirm(f"This erases the words of {told}, for good. Do it?", abort=True)


def _classes(portal: Portal, held: Held) -> Iterator[tuple[str, int, str, str]]:
    """Each class of data: what, how many, until when, why."""
    kept = portal.settings.privacy
    settled = [one.settled_on for one in held.invoices]
    years = kept.retention_records_years
    records = f"Until {years} years after the year in which it was settled"
    if all(settled) and (last := max((day for day in settled if day), default=None)):
        records = f"Until {date(last.year + years, 12, 31)}"
    yield "Invoices with their entries", len(held.invoices), records, "Bookkeeping, which the law asks for."
    plans = sum(len(one.plans) for one in held.invoices)
    if plans:
        yield "Payment plans with the text agreed to", plans, records, "They show what was agreed."
    words = sum(len(one.words) for one in held.invoices)
    until = _until(settled, kept.retention_words_days)
    yield "Answers in the customer's words, and yours", words, until, "They are needed to deal with what was said."
    if held.requests:
        until = f"Until dealt with, {kept.retention_words_days} days at most"
        yield "Requests for a link, with the address given", len(held.requests), until, "You send the link."
    mails = sum(one.message.mail.text != ERASED for one in held.messages)
    yield (
        "Mails with text and address",
        mails,
        _until(settled, kept.retention_mails_days),
        "They show what was written.",
    )
    bodies = [one for one in held.events if one.body != ERASED]
    days = kept.retention_webhooks_days
    yield "Reports of Stripe's, word for word", len(bodies), f"{days} days each", "They show what was reported."


def _until(settled: list[date | None], days: int) -> str:
    known = [day for day in settled if day is not None]
    if len(known) < len(settled):
        return f"Until {days} days after the invoice is settled; something is still left to pay"
    return f"Until {max(known) + timedelta(days)} at the latest" if known else f"{days} days"


def _duties(portal: Portal, held: Held) -> Iterator[str]:
    """What only the owner can do, for the portal cannot reach it or must not decide it."""
    sources = sorted({one.invoice.source for one in held.invoices if one.invoice is not None})
    if sources:
        yield f"Your own files: {', '.join(sources)}. Once one is gone, `portal build` takes its page away."
    names = [file_name(one.key) for one in held.invoices]
    folder = portal.folders.state / CASES
    cases = [path.name for name in names for path in sorted(folder.glob(f"{name}-[0-9]*")) if folder.is_dir()]
    if cases:
        yield f"Case files in {folder}: {', '.join(cases)}."
    yield "Backups: they still hold it all until you replace them."
    if any(one.holds for one in held.invoices):
        yield "Stripe: customer, cards and payments are kept there; its dashboard can redact them."
    if held.messages:
        yield "Your mailbox and your mail server: what was sent and answered."


def _tell_duties(portal: Portal, held: Held) -> None:
    click.echo("\nWhat the portal cannot reach, and is yours to look after:")
    for one in _duties(portal, held):
        click.echo(textwrap.fill(one, _WIDTH, initial_indent="  * ", subsequent_indent="    "))


def _plain(done: Erased) -> dict[str, int]:
    return {"words": done.words, "mails": done.mails, "files": done.files, "webhooks": done.webhooks}
