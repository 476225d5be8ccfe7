"""``portal reconcile``: ledger and Stripe side by side, to the cent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from portal.cli.common import as_json_option, portal_command, print_json, tell_problems
from portal.cli.layout import print_table
from portal.cli.progress import Progress
from portal.cli.sync import opened_with_gateway
from portal.counting import counted
from portal.payments.history import Patience
from portal.payments.reconciliation import reconcile as reconcile_with

if TYPE_CHECKING:
    from datetime import date

    from portal.payments.reconciliation import InvoiceSums, Reconciliation
    from portal.wiring.portal import Folders


@click.command()
@portal_command
@as_json_option
def reconcile(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Compare the ledger with Stripe to the cent and name every difference; changes nothing."""
    portal, gateway = opened_with_gateway(folders, as_of)
    with Progress() as progress:
        progress.step("Asking Stripe")
        found = reconcile_with(gateway, portal.ledger, portal.today(), patience=Patience(progress.step))
    if as_json:
        print_json(_plain(found))
    else:
        _tell(found)
    if found.differences:
        sys.exit(1)


def _tell(found: Reconciliation) -> None:
    uneven = [sums for sums in found.invoices if sums.here != sums.there]
    invoices = counted(len(found.invoices), "invoice")
    click.echo(f"Compared {counted(found.movements, 'movement')} on {invoices} with Stripe.")
    if uneven:
        rows = [("Invoice", "Here", "At Stripe")]
        rows += [(sums.invoice_key, str(sums.here), str(sums.there)) for sums in uneven]
        print_table(rows, right=frozenset({1, 2}))
    if not found.differences:
        click.echo("Ledger and Stripe agree to the cent.")
    tell_problems(found.differences, "Differences")
    tell_problems(found.to_look_at, "Worth a look")


def _plain(found: Reconciliation) -> dict[str, object]:
    return {
        "movements": found.movements,
        "invoices": [_plain_sums(sums) for sums in found.invoices],
        "differences": [problem.as_dict() for problem in found.differences],
        "to_look_at": [problem.as_dict() for problem in found.to_look_at],
    }


def _plain_sums(sums: InvoiceSums) -> dict[str, str]:
    return {
        "invoice": sums.invoice_key,
        "currency": sums.here.currency,
        "here": sums.here.decimal_text,
        "there": sums.there.decimal_text,
    }
