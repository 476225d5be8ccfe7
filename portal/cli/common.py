"""What all commands share: where things are, the day, and how problems are told."""

from __future__ import annotations

import errno
import functools
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import click

from portal.cli.layout import wrapped
from portal.config import load_settings
from portal.errors import PortalError, Problem
from portal.wiring.portal import Folders, Portal, open_portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portal.config import Settings
    from portal.receivables.money import Money

P = ParamSpec("P")
R = TypeVar("R")


class Day(click.ParamType[date]):
    """A day as a parameter: ``2026-11-21``."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401  click's signature
        """The day of a text."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a calendar day has no zone
        except ValueError:
            self.fail(f"{value!r} is not a day. Write it as 2026-11-21.", param, ctx)


DAY = Day()
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FOLDER = click.Path(file_okay=False, path_type=Path)
_OPTIONS = (
    click.option("--content", type=_FOLDER, default="content", show_default=True, help="The owner's files."),
    click.option("--output", type=_FOLDER, default="build", show_default=True, help="The published pages."),
    click.option("--state", type=_FOLDER, default="var", show_default=True, help="Ledger and link key; never public."),
    click.option("--as-of", type=DAY, metavar="DATE", help="Work as of this day instead of today."),
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")


def portal_command(function: Callable[P, R]) -> Callable[..., R | None]:
    """Give a command the options all share; it receives ``folders`` and ``as_of``, and its problems are told."""

    @functools.wraps(function)
    def command(*args: Any, content: Path, output: Path, state: Path, **kwargs: Any) -> R | None:  # noqa: ANN401  passed on
        try:
            return function(*args, folders=Folders(content, output, state), **kwargs)  # type: ignore[arg-type]
        except PortalError as error:
            fail(error.problems, as_json=bool(kwargs.get("as_json")))
        except OSError as error:
            refused = refused_by_system(error)
            if refused is None:
                raise
            fail([refused], as_json=bool(kwargs.get("as_json")))

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def refused_by_system(error: OSError) -> Problem | None:
    """What the system refused, and where; None for what is no matter of files."""
    said = error.strerror or str(error)
    if error.errno in _FULL:
        return Problem(f"The disk took no more: {said}.", "Make room, then run the command again.", file=_named(error))
    if error.filename is None:
        return None
    remedy = "Let the user who runs the portal read and write there, then run the command again."
    return Problem(f"This file or folder cannot be used: {said}.", remedy, file=_named(error))


def _named(error: OSError) -> str | None:
    return None if error.filename is None else os.fsdecode(error.filename)


def opened(folders: Folders, as_of: date | None, settings: Settings | None = None) -> Portal:
    """The portal in these folders."""
    return open_portal(settings or load_settings(folders.content), folders, as_of)


def tell_problems(problems: Iterable[Problem], heading: str) -> None:
    """List problems on standard error: place, what is wrong, what to do."""
    listed = list(problems)
    if not listed:
        return
    click.echo(f"\n{heading} ({len(listed)}):", err=True)
    for problem in listed:
        place = ":".join(str(part) for part in (problem.file, problem.line) if part is not None)
        subject = ", ".join(part for part in (place, problem.field) if part)
        click.echo(wrapped("  ", f"{subject + ': ' if subject else ''}{problem.problem}", hanging="    "), err=True)
        click.echo(wrapped("    -> ", problem.remedy), err=True)


def fail(problems: Iterable[Problem], *, as_json: bool) -> NoReturn:
    """Tell the problems and end with status 1."""
    listed = list(problems)
    if as_json:
        print_json({"problems": [problem.as_dict() for problem in listed]})
    else:
        tell_problems(listed, "This cannot be done yet")
    sys.exit(1)


def print_json(plain: object) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(plain, indent=2, ensure_ascii=False))


def readable(amount: Money) -> str:
    """An amount for a terminal: ``GBP 1,234.50``."""
    return f"{amount.currency} {amount.decimal:,f}"
