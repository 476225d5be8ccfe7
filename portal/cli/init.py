"""``portal init``: the first files of a new owner."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import date
from pathlib import Path

import click

from portal.cli.common import fail
from portal.errors import PortalError
from portal.starting import Beginning, begin, locale_of, timezone_of


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--name", metavar="TEXT", help="Your business as customers know it; asked for at a terminal.")
def init(folder: Path, name: str | None) -> None:
    """Write the first files of a new portal into FOLDER, by default this one. What is there stays as it is."""
    settings = folder / "content" / "portal.toml"
    if name is None and not settings.exists() and sys.stdin.isatty():
        name = click.prompt("Your business, as customers know it", type=str)
    beginning = Beginning(
        name=" ".join((name or "").split()),
        locale=locale_of(os.environ),
        timezone=timezone_of(os.environ),
        today=date.today(),  # noqa: DTZ011  the machine's day, for the example
    )
    try:
        begun = begin(folder, beginning)
    except PortalError as error:
        fail(error.problems, as_json=False)
    for path in begun.written:
        click.echo(f"  written  {path}")
    for path in begun.kept:
        click.echo(f"  kept     {path}")
    _say_what_is_next(folder, named=bool(beginning.name) or settings in begun.kept)


def _say_what_is_next(folder: Path, *, named: bool) -> None:
    content = folder / "content"
    program = Path(sys.argv[0]).resolve()
    click.echo("\nNext:")
    click.echo(f"  1. {'Look through' if named else 'Put your name into'} {content / 'portal.toml'},")
    click.echo(f"     and read {content / 'pages' / 'terms.md'}: customers see it.")
    click.echo(f"  2. Put invoices into {content / 'invoices'}: copy _example.md to 1001.md,")
    click.echo("     or drop in a table or e-invoices.")
    click.echo("  3. See what would happen, build, and look at the pages; a test card pays:\n")
    if folder != Path():
        click.echo(f"       cd {shlex.quote(str(folder))}")
    for command in ("build --dry-run", "build", "serve --show-links"):
        click.echo(f"       {shlex.quote(str(program))} {command}")
    click.echo("\ndocs/getting-started.md leads from here to the first real payment.")
