"""The owner's commands: one module per noun; parse, call, print."""

from __future__ import annotations

import click

from portal.cli.alarms import alarms
from portal.cli.backup import backup, restore
from portal.cli.build import build
from portal.cli.entries import apply, correct, credit, record, void, waive_fee, write_off
from portal.cli.headers import headers
from portal.cli.inbox import answer, inbox
from portal.cli.invoices import list_invoices, show
from portal.cli.links import links
from portal.cli.mail import mail
from portal.cli.plans import collect, plan, plans
from portal.cli.play import play
from portal.cli.reconcile import reconcile
from portal.cli.report import report
from portal.cli.serve import serve
from portal.cli.sync import sync


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Invoices become pages at signed links, and card payments settle them."""


for _command in (
    build,
    show,
    list_invoices,
    report,
    links,
    record,
    credit,
    apply,
    write_off,
    waive_fee,
    void,
    correct,
    inbox,
    answer,
    plan,
    plans,
    collect,
    mail,
    sync,
    reconcile,
    alarms,
    backup,
    restore,
    headers,
    play,
    serve,
):
    main.add_command(_command)
