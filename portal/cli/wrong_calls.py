"""What is wrong with the words of a call: all that is missing at once, in lines that fit the terminal."""

from __future__ import annotations

import click

from portal.cli.layout import wrapped

_LEAD = "Error: "
"""Click writes it before what is wrong."""


def told_at_once(error: click.UsageError) -> click.UsageError:
    """The same error with everything that is missing, broken where the terminal ends."""
    said = _missing(error) or " ".join(error.format_message().split())
    return click.UsageError(wrapped(_LEAD, said).removeprefix(_LEAD), error.ctx)


def _missing(error: click.UsageError) -> str | None:
    """What is missing, where that is more than one thing: Click names the first alone."""
    if not isinstance(error, click.MissingParameter) or error.ctx is None:
        return None
    # What a call says comes first in Click's order, so whatever is not there yet was not said.
    missing = [one for one in error.ctx.command.params if one.required and one.name not in error.ctx.params]
    if len(missing) < 2:  # noqa: PLR2004  one thing alone is said best by Click
        return None
    return f"These are missing: {', '.join(_shown(one, error.ctx) for one in missing)}."


def _shown(missing: click.Parameter, ctx: click.Context) -> str:
    """A missing word as the usage line has it: ``NUMBER``, ``--by [transfer|cash]``."""
    metavar = missing.make_metavar(ctx)
    return metavar if isinstance(missing, click.Argument) else f"{missing.opts[0]} {metavar}"
