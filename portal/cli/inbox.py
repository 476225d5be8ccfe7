"""``portal inbox`` and ``portal answer``: what customers have said, and dealing with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from portal.building.freeze import PageFreezer
from portal.cli.common import as_json_option, opened, portal_command, print_json, readable
from portal.cli.layout import wrapped
from portal.cli.link_asking import asked_for
from portal.receivables.answers import Answers, answers_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Folders, Portal

_QUOTED = "      | "
_SPOKEN = {
    EntryKind.PROMISED: "will pay",
    EntryKind.PROBLEM_REPORTED: "says something is wrong with",
    EntryKind.SAID_PAID: "says they paid",
    EntryKind.REMINDERS_STOPPED: "wants no more reminders about",
}


@dataclass(frozen=True, slots=True)
class _Message:
    """One answer that stands."""

    invoice: Invoice
    answer: Entry
    waits: bool
    state: str


@click.command()
@portal_command
@as_json_option
def inbox(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """List what customers have said besides paying, and who asks for a link: what waits for you first."""
    portal = opened(folders, as_of)
    found = sorted(_messages(portal), key=lambda one: (not one.waits, -one.answer.seq))
    requests = asked_for(portal)
    if as_json:
        print_json([*(one.plain for one in requests), *(_plain(one) for one in found)])
        return
    if not found and not requests:
        click.echo("Nobody has said anything that stands.")
    zone = ZoneInfo(portal.settings.portal.timezone)
    for asked in requests:
        click.echo(asked.in_words(zone))
    for one in found:
        click.echo(_in_words(one, zone))
    if requests:
        click.echo("\nSend a link: portal links send NUMBER --request R")
        click.echo("Or strike it: portal links ignore R")
    if any(one.waits for one in found):
        click.echo("\nDeal with one; ANSWER is the number in brackets:")
        click.echo('  portal answer NUMBER ANSWER --say "what the customer reads"')


@click.command()
@click.argument("number")
@click.argument("answer", type=int)
@click.option("--say", default="", metavar="TEXT", help="What the customer reads on the page.")
@portal_command
@as_json_option
def answer(  # noqa: PLR0913  each is an option
    number: str, answer: int, folders: Folders, as_of: date | None, *, say: str, as_json: bool
) -> None:
    """Say that you have dealt with what a customer said; ANSWER is its number in `portal inbox`."""
    portal = opened(folders, as_of)
    closed = portal.answering().close(number, answer, say.strip())
    PageFreezer(portal).freeze_stale()
    if as_json:
        print_json({"invoice": number, "answer": answer, "entry": closed.seq, "said": closed.note})
        return
    click.echo(f"Answer {answer} on invoice {number} is dealt with; its page is up to date.")


def _messages(portal: Portal) -> Iterator[_Message]:
    today, zone = portal.today(), ZoneInfo(portal.settings.portal.timezone)
    for key, entries in portal.ledger.entries_by_invoice().items():
        invoice = portal.ledger.invoice(key)
        if invoice is None:
            continue
        left = balance_of(invoice, entries, today).amount_remaining
        yield from _of_invoice(invoice, answers_of(entries, today, zone, left=left))


def _of_invoice(invoice: Invoice, answers: Answers) -> Iterator[_Message]:
    for waiting in answers.waiting:
        yield _Message(invoice, waiting, waits=True, state="waits for you")
    if answers.no_reminders is not None:
        yield _Message(invoice, answers.no_reminders, waits=False, state="none is sent; it can still be paid")
    if answers.promise is not None:
        yield _Message(invoice, answers.promise.entry, waits=False, state=answers.promise.state.value)


def _in_words(one: _Message, zone: ZoneInfo) -> str:
    said = one.answer
    on = f"{said.occurred_at.astimezone(zone):%Y-%m-%d %H:%M}"
    day = f" on {said.value_on}" if said.value_on else ""
    how = f" ({said.method})" if said.method else ""
    head = f"[{said.seq}] {on}  invoice {one.invoice.number}, {one.invoice.customer.name}: {_SPOKEN[said.kind]} "
    told = wrapped("", f"{head}{readable(said.amount)}{day}{how}; {one.state}", hanging=" " * 6)
    return "\n".join((told, *(wrapped(_QUOTED, line, hanging=_QUOTED) for line in (said.note or "").splitlines())))


def _plain(one: _Message) -> dict[str, Any]:
    said = one.answer
    return {
        "answer": said.seq,
        "invoice": one.invoice.key,
        "customer": one.invoice.customer.name,
        "kind": said.kind.value,
        "amount": said.amount.decimal_text,
        "currency": said.amount.currency,
        "said_at": said.occurred_at.isoformat(),
        "day": said.value_on.isoformat() if said.value_on else None,
        "method": said.method,
        "words": said.note,
        "waits": one.waits,
        "state": one.state,
    }
