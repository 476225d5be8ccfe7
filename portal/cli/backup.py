"""``portal backup`` and ``portal restore``: the ledger in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.adapters.ledger import backup as copies
from portal.adapters.links import load_link_key
from portal.cli.common import as_json_option, portal_command, print_json
from portal.config import load_settings
from portal.counting import counted
from portal.errors import LedgerError, Problem
from portal.wiring.portal import LEDGER_FILE

if TYPE_CHECKING:
    from datetime import date

    from portal.wiring.portal import Folders

_SQLITE = "sqlite:///"
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--with-key", is_flag=True, help="Also the link key: who has it can make every link.")
@portal_command
@as_json_option
def backup(file: Path, folders: Folders, as_of: date | None, *, with_key: bool, as_json: bool) -> None:  # noqa: ARG001  a backup is of now
    """Copy the ledger into one file, also while the portal runs."""
    configured = load_settings(folders.content).portal.link_key
    own = configured.get_secret_value() if configured else None
    key = load_link_key(folders.state, own) if with_key else None
    entries = copies.back_up(_ledger_file(folders), file, key=key)
    if as_json:
        print_json({"file": str(file), "entries": entries, "with_key": with_key})
        return
    further = " and the link key" if with_key else ""
    click.echo(f"{file} has the ledger with {counted(entries, 'entry', 'entries')}{further}.")
    if not with_key:
        click.echo("The link key is not in it: keep a copy of it elsewhere, or every link changes.")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Replace a ledger that has entries; it is kept aside.")
@portal_command
@as_json_option
def restore(file: Path, folders: Folders, as_of: date | None, *, force: bool, as_json: bool) -> None:  # noqa: ARG001  a backup is of then
    """Put a backup in the place of the ledger."""
    restored = copies.restore(file, _ledger_file(folders), folders.state, force=force)
    if as_json:
        kept = str(restored.kept) if restored.kept else None
        print_json({"entries": restored.entries, "with_key": restored.with_key, "kept": kept})
        return
    click.echo(f"The ledger has {counted(restored.entries, 'entry', 'entries')} again.")
    if restored.kept:
        click.echo(f"What was there before is kept as {restored.kept}.")
    click.echo("Now run `portal sync`, which brings in what happened since, then `portal build`.")


def _ledger_file(folders: Folders) -> Path:
    address = load_settings(folders.content).ledger.url
    url = address.get_secret_value() if address else None
    if url is None:
        return folders.state / LEDGER_FILE
    if not url.startswith(_SQLITE):
        raise LedgerError(
            Problem(
                "This ledger lives in PostgreSQL, which has a backup of its own.",
                "Use `pg_dump --format=custom` and `pg_restore`, and copy the link key.",
                field="PORTAL_LEDGER_URL",
            )
        )
    return Path(url.removeprefix(_SQLITE))
