"""``portal record``, ``credit``, ``apply``, ``write-off``, ``waive-fee``, ``void``, ``correct``: the owner's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from portal.bookkeeping.entries import OwnerEntries, not_built
from portal.bookkeeping.setting_off import set_off
from portal.bookkeeping.wishes import CorrectEntry, GiveCredit, PaidBy, RecordPayment, VoidInvoice, WaiveFee, WriteOff
from portal.cli.common import DAY, as_json_option, opened, portal_command, print_json, readable, tell_problems
from portal.cli.entry_words import written_in_words
from portal.cli.layout import wrapped
from portal.cli.levelling import brought_level
from portal.errors import MoneyError, PortalError
from portal.papers.case_page import write_case
from portal.receivables.money import parse_money
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo

    from portal.bookkeeping.entries import Written
    from portal.bookkeeping.wishes import Wish
    from portal.errors import Problem
    from portal.receivables.entries import Entry
    from portal.receivables.money import Money
    from portal.wiring.portal import Folders, Portal

_currency_option = click.option("--currency", metavar="CODE", help="Refuse if the invoice has another currency.")
_reference_option = click.option("--reference", required=True, metavar="TEXT", help="What tells it from the next one.")
_overpaid_option = click.option("--overpaid", is_flag=True, help="It may be more than is left.")
_why_option = click.option("--why", required=True, metavar="TEXT", help="The reason, for your own records.")


@click.command()
@click.argument("number")
@click.argument("amount")
@click.option("--on", required=True, type=DAY, metavar="DATE", help="The day the money arrived.")
@click.option("--by", required=True, type=click.Choice([by.value for by in PaidBy]), help="How it came.")
@_reference_option
@_overpaid_option
@_currency_option
@portal_command
@as_json_option
def record(  # noqa: PLR0913  each is an option
    number: str,
    amount: str,
    folders: Folders,
    as_of: date | None,
    *,
    on: date,
    by: str,
    reference: str,
    overpaid: bool,
    currency: str | None,
    as_json: bool,
) -> None:
    """Record money that arrived without Stripe."""
    portal = opened(folders, as_of)
    paid = _amount(portal, number, amount, currency)
    _write(portal, number, RecordPayment(paid, on, PaidBy(by), reference, overpaid), as_json=as_json)


@click.command()
@click.argument("number")
@click.argument("amount")
@_reference_option
@_overpaid_option
@_currency_option
@portal_command
@as_json_option
def credit(  # noqa: PLR0913  each is an option
    number: str,
    amount: str,
    folders: Folders,
    as_of: date | None,
    *,
    reference: str,
    overpaid: bool,
    currency: str | None,
    as_json: bool,
) -> None:
    """Give up a part of the claim, as a credit note does."""
    portal = opened(folders, as_of)
    wish = GiveCredit(_amount(portal, number, amount, currency), reference, overpaid)
    _write(portal, number, wish, as_json=as_json)


@click.command("write-off")
@click.argument("number")
@click.option("--why", metavar="TEXT", help="The reason, for your own records.")
@portal_command
@as_json_option
def write_off(number: str, folders: Folders, as_of: date | None, *, why: str | None, as_json: bool) -> None:
    """Stop expecting what is left on an invoice."""
    portal = opened(folders, as_of)
    _write(portal, number, WriteOff(why), as_json=as_json, then=lambda: _write_off_record(portal, number))


@click.command("waive-fee")
@click.argument("number")
@click.argument("amount", required=False)
@_currency_option
@portal_command
@as_json_option
def waive_fee(  # noqa: PLR0913  each is an option
    number: str, amount: str | None, folders: Folders, as_of: date | None, *, currency: str | None, as_json: bool
) -> None:
    """Give up late fees: AMOUNT of them, or all there are today."""
    portal = opened(folders, as_of)
    waived = None if amount is None else _amount(portal, number, amount, currency)
    _write(portal, number, WaiveFee(waived), as_json=as_json)


@click.command()
@click.argument("number")
@_why_option
@portal_command
@as_json_option
def void(number: str, folders: Folders, as_of: date | None, *, why: str, as_json: bool) -> None:
    """Cancel an invoice: nothing is due on it any more."""
    _write(opened(folders, as_of), number, VoidInvoice(why), as_json=as_json)


@click.command()
@click.argument("number")
@click.argument("entry", type=click.IntRange(min=1))
@_why_option
@portal_command
@as_json_option
def correct(  # noqa: PLR0913  each is an option
    number: str, entry: int, folders: Folders, as_of: date | None, *, why: str, as_json: bool
) -> None:
    """Undo an entry of your own that was wrong; ENTRY is its number in `portal show`."""
    _write(opened(folders, as_of), number, CorrectEntry(entry, why), as_json=as_json)


@click.command()
@click.argument("credit")
@click.argument("invoice")
@click.argument("amount", required=False)
@portal_command
@as_json_option
def apply(  # noqa: PLR0913  each is an option
    credit: str, invoice: str, amount: str | None, folders: Folders, as_of: date | None, *, as_json: bool
) -> None:
    """Set a credit of a customer off against an open invoice of theirs: AMOUNT of it, or as much as there is."""
    portal = opened(folders, as_of)
    wanted = None if amount is None else _amount(portal, invoice, amount, None)
    owner = OwnerEntries(portal.ledger, portal.gateway, now, portal.today)
    done = set_off(owner, credit, invoice, wanted)
    notices = brought_level(portal, unclosed=done.unclosed)
    if as_json:
        zone = ZoneInfo(portal.settings.portal.timezone)
        print_json(
            {
                "is_new": done.is_new,
                "used": plain_entry(done.used, zone),
                "applied": plain_entry(done.applied, zone),
                "credit_left": done.credit_left.decimal_text,
                "amount_remaining": done.balance.amount_remaining.decimal_text,
                "status": done.balance.status.value,
                "warnings": [notice.as_dict() for notice in notices],
            }
        )
        return
    already = "" if done.is_new else "Already recorded, nothing was written: "
    click.echo(f"{already}{readable(done.used.amount)} of {credit} set off against invoice {invoice}.")
    click.echo(f"Left of the credit: {readable(done.credit_left)}.")
    click.echo(f"Left to pay on the invoice: {readable(done.balance.amount_offerable)}.")
    tell_problems(notices, "Worth a look")


def plain_entry(entry: Entry, zone: tzinfo) -> dict[str, str | int | None]:
    """An entry as plain values: the amount a decimal string, the day that of the business's time zone."""
    return {
        "entry": entry.seq,
        "kind": entry.kind.value,
        "amount": entry.amount.decimal_text,
        "currency": entry.amount.currency,
        "on": (entry.value_on or entry.occurred_at.astimezone(zone).date()).isoformat(),
        "method": entry.method,
        "note": entry.note,
        "reverses": entry.reverses,
        "external_id": entry.external_id,
    }


def _amount(portal: Portal, number: str, text: str, currency: str | None) -> Money:
    """The amount, in the invoice's currency unless another is named; that one is refused with the other checks."""
    invoice = portal.ledger.invoice(number)
    if invoice is None:
        raise not_built(number)
    try:
        return parse_money(text, currency or invoice.currency)
    except MoneyError as error:
        raise PortalError([replace(problem, field="AMOUNT") for problem in error.problems]) from error


def _write(
    portal: Portal, number: str, wish: Wish, *, as_json: bool, then: Callable[[], dict[str, str]] = dict
) -> None:
    """Write a wish; ``then`` makes a record of it afterwards, and says where."""
    written = OwnerEntries(portal.ledger, portal.gateway, now, portal.today).write(number, wish)
    notices = brought_level(portal, unclosed=written.unclosed)
    records = then() if written.is_new else {}
    if as_json:
        print_json(_plain(portal, written, notices) | records)
        return
    click.echo(wrapped("", written_in_words(written.entry, is_new=written.is_new)))
    click.echo(f"Left to pay: {readable(written.balance.amount_offerable)}.")
    for what, path in records.items():
        click.echo(f"{what.replace('_', ' ').capitalize()}: {path}")
    tell_problems(notices, "Worth a look")


def _write_off_record(portal: Portal, number: str) -> dict[str, str]:
    """The case file, which has what a tax adviser asks for; the decision stands also where it cannot be written."""
    try:
        return {"record_for_your_tax_adviser": str(write_case(portal, number).path)}
    except PortalError as error:
        tell_problems(error.problems, "It is written off, but its case file could not be written")
        return {}


def _plain(portal: Portal, written: Written, notices: list[Problem]) -> dict[str, object]:
    balance = written.balance
    return {
        "is_new": written.is_new,
        "entry": plain_entry(written.entry, ZoneInfo(portal.settings.portal.timezone)),
        "amount_remaining": balance.amount_remaining.decimal_text,
        "amount_overpaid": balance.amount_overpaid.decimal_text,
        "status": balance.status.value,
        "warnings": [notice.as_dict() for notice in notices],
    }
