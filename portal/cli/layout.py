"""How commands lay out what they say: tables and sentences that fit the terminal they are read in.

What goes to a file or another program is not broken, so that a line of a table stays a line.
"""

from __future__ import annotations

import shutil
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UNBROKEN = 10_000
_LINE_BREAK = " / "
_NARROWEST, _WIDEST = 60, 120
_GAP = 2
_LEAST = 10
"""A column that gives way to others keeps so many characters."""


def line_width(otherwise: int = UNBROKEN) -> int:
    """How long a line may be: as the terminal is wide, within what reads well; ``otherwise`` without a terminal."""
    columns = shutil.get_terminal_size((0, 0)).columns
    return max(_NARROWEST, min(columns, _WIDEST)) if columns else otherwise


def wrapped(lead: str, text: str, *, hanging: str | None = None, otherwise: int = UNBROKEN) -> str:
    """A sentence after its lead, its further lines below the first; addresses and commands are left whole.

    Args:
        lead: what stands before the first line.
        text: the sentence.
        hanging: what stands before the others; blanks as wide as the lead where it is not given.
        otherwise: the width without a terminal.
    """
    return textwrap.fill(
        text,
        line_width(otherwise),
        initial_indent=lead,
        subsequent_indent=" " * len(lead) if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def print_table(
    rows: Iterable[tuple[str, ...]],
    *,
    right: frozenset[int] = frozenset(),
    loose: Sequence[int] = (),
    below: bool = False,
) -> None:
    """Print rows in columns; a cell of several lines is put on one, so that nobody's words look like rows of their own.

    Args:
        rows: the first has the headings.
        right: the columns that are flush right.
        loose: the columns that are broken into several lines where the table is too wide, the first of them first.
        below: where it is too wide, the last column, without its heading, has a line of its own below each row.
    """
    listed = [tuple(_LINE_BREAK.join(cell.splitlines()) for cell in map(str, row)) for row in rows]
    if below and _beyond(_natural(listed)) > 0:
        _print_with_last_below(listed, right=right, loose=loose)
        return
    widths = _fitted(_natural(listed), loose)
    for row in listed:
        click.echo(_laid_out(row, widths, right))


def _print_with_last_below(rows: Sequence[tuple[str, ...]], *, right: frozenset[int], loose: Sequence[int]) -> None:
    widths = _fitted(_natural([row[:-1] for row in rows]), loose)
    for place, row in enumerate(rows):
        click.echo(_laid_out(row[:-1], widths, right))
        if place and row[-1] not in {"", "-"}:
            click.echo(f"    {row[-1]}")


def _laid_out(row: tuple[str, ...], widths: Sequence[int], right: frozenset[int]) -> str:
    """A row as one line, or several where a cell is broken."""
    broken = [_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
    return "\n".join(
        (" " * _GAP)
        .join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        .rstrip()
        for line in zip_longest(*broken, fillvalue="")
    )


def _natural(rows: Sequence[tuple[str, ...]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _beyond(widths: Sequence[int]) -> int:
    """How much wider than a line these columns are."""
    return sum(widths) + _GAP * (len(widths) - 1) - line_width()


def _fitted(widths: list[int], loose: Sequence[int]) -> list[int]:
    """The widths of columns with the loose ones as narrow as they have to be."""
    beyond = _beyond(widths)
    for index in loose:
        given = max(0, min(beyond, widths[index] - _LEAST))
        widths[index] -= given
        beyond -= given
    return widths


def _lines(cell: str, width: int) -> list[str]:
    return [cell] if len(cell) <= width else textwrap.wrap(cell, width)
