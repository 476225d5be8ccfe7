"""``portal case``: a dated record of one invoice, for a lawyer, a court or a tax adviser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.common import as_json_option, opened, portal_command, print_json
from portal.errors import PortalError, Problem
from portal.papers.case_page import check_case, write_case

if TYPE_CHECKING:
    from datetime import date

    from portal.wiring.portal import Folders

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("case")
@click.argument("number", required=False)
@click.option("--to", type=_FILE, metavar="FILE", help="Write it there instead of below the state.")
@click.option("--pdf", "as_pdf", is_flag=True, help="Write a PDF instead of a page.")
@click.option("--check", type=_FILE, metavar="FILE", help="Say whether a case file is unchanged.")
@click.option("--open", "show", is_flag=True, help="Open it when it is written.")
@portal_command
@as_json_option
def case_file(  # noqa: PLR0913  each is an option
    number: str | None,
    folders: Folders,
    as_of: date | None,
    *,
    to: Path | None,
    as_pdf: bool,
    check: Path | None,
    show: bool,
    as_json: bool,
) -> None:
    """Write everything about one invoice into one dated file: terms, messages, promises, payments, fees."""
    if check is not None:
        _tell_check(check, as_json=as_json)
        return
    if number is None:
        raise PortalError(Problem("Which invoice?", "`portal case NUMBER`; `portal list` shows them.", field="NUMBER"))
    written = write_case(opened(folders, as_of), number, to, as_pdf=as_pdf)
    if as_json:
        print_json({"invoice": number, "file": str(written.path), "sha256": written.digest})
        return
    click.echo(f"The case file of invoice {number}: {written.path}")
    click.echo(f"SHA-256 of its record: {written.digest}")
    if show:
        click.launch(str(written.path))


def _tell_check(path: Path, *, as_json: bool) -> None:
    digest, unchanged = check_case(path)
    if as_json:
        print_json({"file": str(path), "sha256": digest, "unchanged": unchanged})
    else:
        told = "is unchanged" if unchanged else "was CHANGED after it was made"
        click.echo(f"{path} {told}.\nSHA-256 that it names: {digest}")
        if unchanged:
            click.echo("Compare that number with the one noted on the day it was made.")
    if not unchanged:
        sys.exit(1)
