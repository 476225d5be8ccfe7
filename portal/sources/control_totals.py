"""The totals that a table states itself, held against what its rows add up to: a lost row must not go unnoticed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.amounts import DecimalMark, decimal_of, take_apart
from portal.sources.column_names import ITEM_FIELDS
from portal.sources.findings import Findings, Place
from portal.sources.table_words import CLAIMS, RowKind
from portal.sources.texts import line_of_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.runs import Run

_LONGEST_LABEL = 60
_CENTS = 2
_COMPARED = ("total", "paid", "balance")


class ControlTotal(NamedTuple):
    """One total that the table states.

    Attributes:
        line: where it stands.
        label: what the table calls it.
        field: the column.
        stated: what the table says.
        read: what the rows that it can be of add up to.
        fits: whether the two are the same, for the whole table or for a section of it that ends there.
    """

    line: int
    label: str
    field: str
    stated: Decimal
    read: Decimal
    fits: bool


def control_totals(header: Header, runs: Sequence[Run], marks: Mapping[str, DecimalMark]) -> tuple[ControlTotal, ...]:
    """The totals of a table that hold an amount, each held against the rows it can be of.

    A total fits where it is the sum of the rows above it since some line that is no row of an invoice: so totals of
    sections, and of sections within sections, are understood without being told of them. It fits as well where it is
    the sum of the whole table, or of all rows in it that are claims. Where each row is a line of an invoice, and
    repeats what the whole comes to, nothing can be compared.

    Args:
        header: of the table.
        runs: its rows below the header, and what they are.
        marks: the decimal mark of each column.
    """
    if any(field in header.places for field in ITEM_FIELDS):
        return ()
    rows = [row for run in runs for row in run.rows]
    kinds = [run.kind for run in runs for _row in run.rows]
    found: list[ControlTotal] = []
    for field in _COMPARED:
        if field in header.places:
            amounts = [_amount(text, marks[field]) for text in header.column(rows, field)]
            found += _of_column(field, list(zip(amounts, rows, kinds, strict=True)))
    return tuple(found)


def _of_column(field: str, rows: Sequence[tuple[Decimal | None, Row, RowKind]]) -> list[ControlTotal]:
    claims = sum((amount or Decimal(0) for amount, _, kind in rows if kind in CLAIMS), Decimal(0))
    whole = sum((amount or Decimal(0) for amount, _, kind in rows if kind is not RowKind.NOTHING), Decimal(0))
    read = latest = Decimal(0)
    before = {read}
    found = []
    for amount, row, kind in rows:
        if kind is not RowKind.NOTHING:
            read += amount or 0
            continue
        if amount is not None:
            fits = read - amount in before or amount in {whole, claims}
            found.append(
                ControlTotal(row.line, _label(row), field, amount, amount if fits else read - latest or whole, fits)
            )
        before.add(read)
        latest = read
    return found


def _amount(text: str, mark: DecimalMark) -> Decimal | None:
    written = take_apart(text) if text else None
    return decimal_of(written, mark) if written else None


def _label(row: Row) -> str:
    return (line_of_text(next((cell for cell in row.cells if cell), "")) or "")[:_LONGEST_LABEL]


def tell_differences(controls: Iterable[ControlTotal], header: Header, findings: Findings) -> None:
    """Warn about each total that the rows do not add up to."""
    for control in controls:
        if not control.fits:
            findings.differ(
                f"{control.label!r} is {as_money(control.stated)}, but its rows add up to {as_money(control.read)}.",
                "Export the table again: rows may be missing, or hidden by a filter.",
                Place(control.line, header.title(control.field)),
            )


def as_money(number: Decimal) -> str:
    """A number with two decimals, or with as many more as it has: ``1,200.00``."""
    exponent = number.normalize().as_tuple().exponent
    return f"{number:,.{max(_CENTS, -exponent if isinstance(exponent, int) else 0)}f}"
