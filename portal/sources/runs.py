"""Rows of a table that follow each other and say the same of their invoice: what they are is found out once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.column_names import CLAIM_FIELDS, ITEM_FIELDS
from portal.sources.table_words import Sorter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.table_words import RowKind


class Run(NamedTuple):
    """Rows that follow each other, with the same number and the same in all that belongs to the whole invoice.

    Each is of the kind of the first, and belongs to the invoice that the first belongs to.
    """

    rows: list[Row]
    kind: RowKind


def runs_of(header: Header, rows: Sequence[Row], skipped: Iterable[str] = ()) -> list[Run]:
    """The rows of a table in their order: the lines of one invoice together, any other row by itself.

    Args:
        header: of the table.
        rows: those below the header.
        skipped: types and statuses of rows that the owner wants passed over.
    """
    sorter = Sorter(header, skipped)
    if not any(field in header.places for field in ITEM_FIELDS):
        return [Run([row], sorter.kind_of(row)) for row in rows]
    places = {header.places.get(field) for field in ("number", *CLAIM_FIELDS)} | {sorter.place} - {None}
    said_by = itemgetter(*sorted(place for place in places if place is not None))
    runs: list[Run] = []
    latest: object = None
    for row in rows:
        try:
            said = said_by(row.cells)
        except IndexError:  # it is shorter than the header
            said = None
        if said is not None and said == latest:
            runs[-1].rows.append(row)
            continue
        runs.append(Run([row], sorter.kind_of(row)))
        # A row without a name, or like the header, is known by its other cells: it stands for no other.
        latest = said if sorter.is_named(row) and said != said_by(header.row.cells) else None
    return runs
