"""The owner's commands: one module per noun; parse, call, print."""

from __future__ import annotations

import click

from portal.cli.build import build
from portal.cli.invoices import list_invoices, show
from portal.cli.links import links
from portal.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Invoices become pages at signed links, and card payments settle them."""


for _command in (build, show, list_invoices, links, serve):
    main.add_command(_command)
