"""``portal show`` and ``portal list``: where invoices stand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from portal.building.build import load_invoices
from portal.building.standings import Standing, standings_of
from portal.cli.common import as_json_option, opened, portal_command, print_json, readable, tell_problems
from portal.cli.entries import plain_entry
from portal.cli.layout import print_table
from portal.cli.states import states_in_words
from portal.errors import Problem, UnknownInvoiceError
from portal.payees import payee_of, reference_of
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from portal.ports.builds import EarlierClaim
    from portal.wiring.portal import Folders, Portal

PAID_REASON = "It is paid in full."

_AMOUNTS = {
    "amount_due": "amount due",
    "amount_fees": "late fees in it",
    "amount_discounted": "discount taken",
    "amount_credited": "credited",
    "amount_written_off": "written off",
    "amount_paid": "paid",
    "amount_overpaid": "overpaid",
    "amount_refunded": "paid back",
    "amount_disputed": "held by the bank",
    "amount_on_its_way": "on its way",
    "amount_remaining": "left to pay",
    "discount_offered": "less if paid early",
}
"""What is told of a balance, in this order."""
_ALWAYS = frozenset({"amount_due", "amount_paid", "amount_remaining"})


@click.command()
@click.argument("number")
@portal_command
@as_json_option
def show(number: str, folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Show what is left to pay on one invoice, and why."""
    portal = opened(folders, as_of)
    standings, problems = _standings(portal)
    standing = _find([*standings, *_no_longer_listed(portal, number)], number)
    zone = ZoneInfo(portal.settings.portal.timezone)
    entries = [plain_entry(entry, zone) for entry in portal.ledger.entries_of(number)]
    reference = reference_of(standing.invoice, payee_of(standing.invoice, portal.settings), portal.settings)
    statement = portal.statement_link(standing.invoice)
    plain = {
        **plain_standing(standing),
        "payment_reference": reference.text,
        "statement": portal.url_of_link(statement) if statement else None,
        "gone_on": standing.invoice.gone_on.isoformat() if standing.invoice.gone_on else None,
    }
    earlier = portal.ledger.earlier_claims(number)
    if as_json:
        print_json({**plain, "earlier_claims": [plain_claim(claim) for claim in earlier], "entries": entries})
        return
    print_table(_told(standing, states_in_words(portal, [standing])[0], plain))
    for claim in earlier:
        click.echo(f"It asked for {readable(claim.invoice.claim)} until {claim.until.astimezone(zone):%Y-%m-%d %H:%M}.")
    if entries:
        click.echo()
        shown = ("entry", "kind", "amount", "on", "method", "note", "reverses")
        listed = [tuple(str(entry[name] or "-") for name in shown) for entry in entries]
        print_table([shown, *listed], right=frozenset({2}), loose=(5, 4))
    tell_problems(problems, "Some files could not be read")


@click.command("list")
@portal_command
@as_json_option
def list_invoices(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """List all invoices and what is left to pay on each."""
    portal = opened(folders, as_of)
    standings, problems = _standings(portal)
    if as_json:
        print_json([plain_standing(standing) for standing in standings])
        return
    rows = [("Number", "Customer", "Due", "State", "Left to pay")]
    rows += [
        (
            s.invoice.key,
            s.invoice.customer.name,
            str(s.invoice.due_on or "-"),
            state,
            readable(s.balance.amount_remaining),
        )
        for s, state in zip(standings, states_in_words(portal, standings), strict=True)
    ]
    print_table(rows, right=frozenset({4}), loose=(3, 1))
    tell_problems(problems, "Some files could not be read")


def _told(standing: Standing, state: str, plain: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """What an owner reads of an invoice: amounts that are nothing are left out but for those that matter."""
    invoice, balance = standing.invoice, standing.balance
    yield "invoice", invoice.number if invoice.key == invoice.number else f"{invoice.number} ({invoice.key})"
    yield "customer", invoice.customer.name
    yield "state", state
    yield "due on", plain["due_on"] or "no due date"
    yield "total", readable(invoice.total)
    for name, words in _AMOUNTS.items():
        if (amount := getattr(balance, name)) or name in _ALWAYS:
            yield words, readable(amount)
    for name in ("discount_until", "reason", "gone_on", "source", "payment_reference", "statement"):
        if plain[name]:
            yield name.replace("_", " "), str(plain[name])


def plain_standing(standing: Standing) -> dict[str, str | None]:
    """Where an invoice stands, as plain values; amounts are decimal strings."""
    invoice, balance = standing.invoice, standing.balance
    paid = balance.status is InvoiceStatus.PAID
    return {
        "number": invoice.number,
        "key": invoice.key,
        "customer": invoice.customer.name,
        "currency": invoice.currency,
        "total": invoice.total.decimal_text,
        "amount_due": balance.amount_due.decimal_text,
        "amount_paid": balance.amount_paid.decimal_text,
        "amount_remaining": balance.amount_remaining.decimal_text,
        "amount_overpaid": balance.amount_overpaid.decimal_text,
        "amount_on_its_way": balance.amount_on_its_way.decimal_text,
        "amount_refunded": balance.amount_refunded.decimal_text,
        "amount_disputed": balance.amount_disputed.decimal_text,
        "amount_credited": balance.amount_credited.decimal_text,
        "amount_written_off": balance.amount_written_off.decimal_text,
        "amount_discounted": balance.amount_discounted.decimal_text,
        "amount_fees": balance.amount_fees.decimal_text,
        "discount_offered": balance.discount_offered.decimal_text,
        "discount_until": balance.discount_until.isoformat() if balance.discount_until else None,
        "status": balance.status.value,
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
        "source": invoice.source,
        "reason": balance.reason.value if balance.reason else PAID_REASON if paid else None,
    }


def plain_claim(earlier: EarlierClaim) -> dict[str, str]:
    """What an invoice asked for before, as plain values."""
    claim = earlier.invoice.claim
    return {"claim": claim.decimal_text, "currency": claim.currency, "until": earlier.until.isoformat()}


def _no_longer_listed(portal: Portal, key: str) -> tuple[Standing, ...]:
    """An invoice that left the owner's files, as the last build that found it read it."""
    return standings_of(portal, portal.invoices_as_built([key]), {key: portal.ledger.entries_of(key)})


def _standings(portal: Portal) -> tuple[tuple[Standing, ...], tuple[Problem, ...]]:
    loaded = load_invoices(portal)
    return standings_of(portal, loaded.invoices, portal.ledger.entries_by_invoice()), loaded.problems


def _find(standings: Sequence[Standing], number: str) -> Standing:
    for standing in standings:
        if standing.invoice.key == number:
            return standing
    raise UnknownInvoiceError(
        Problem(f"There is no invoice {number!r}.", "`portal list` shows the numbers there are.", field="NUMBER")
    )
