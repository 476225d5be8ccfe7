"""Which column of a table is which, by its heading; and which row holds the headings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.sources.column_names import NAMES, WEAK_TOTALS
from portal.sources.headings import heading
from portal.sources.profiles import GENERIC, Adding, Profile, profile_of
from portal.sources.texts import line_of_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.sources.csv_text import Row

HEADER_WITHIN = 40
"""The header is looked for in this many rows."""


def ranked(names: str) -> dict[str, int]:
    """Headings by their rank: the first of them counts most."""
    return {heading(name): rank for rank, name in reversed(list(enumerate(names.split("|"))))}


_RANKS = {field: ranked(names) for field, names in NAMES.items()}
_WEAK = frozenset(ranked(WEAK_TOTALS))
_AMOUNTS = frozenset({"total", "balance", "line_amount"})


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table.

    Attributes:
        row: where it stands.
        places: the position of the column of each field that was found.
        profile: the program that wrote it.
        adding: how the rows of one invoice make its amounts.
    """

    row: Row
    places: Mapping[str, int]
    profile: Profile = GENERIC
    adding: Adding = Adding.NOTHING

    @property
    def sums_lines(self) -> bool:
        """Whether there is no total of an invoice, only amounts of its lines to add up."""
        return self.adding is Adding.LINES

    def cell(self, row: Row, field: str) -> str:
        """The text of a field in a row, empty where there is no such column or cell."""
        place = self.places.get(field)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def column(self, rows: Sequence[Row], field: str) -> list[str]:
        """The texts of a field in many rows."""
        place = self.places.get(field)
        if place is None:
            return [""] * len(rows)
        try:
            return [row.cells[place] for row in rows]
        except IndexError:  # some are shorter than the header
            return [self.cell(row, field) for row in rows]

    def title(self, field: str) -> str:
        """The heading of a field's column as the owner wrote it."""
        place = self.places.get(field)
        return self.row.cells[place] if place is not None else field

    def place_of(self, title: str) -> int | None:
        """The position of the column with this heading, whatever field it is."""
        wanted = heading(title)
        return next((place for place, text in enumerate(self.row.cells) if heading(text) == wanted), None)


def header_of(rows: Sequence[Row], named: Mapping[str, str]) -> Header | None:
    """The row with most known headings, or None where none has a number and an amount.

    Args:
        rows: the table.
        named: headings that the owner has named for fields.
    """
    best: Header | None = None
    for row in rows[:HEADER_WITHIN]:
        headings = [heading(cell) for cell in row.cells]
        profile = profile_of(headings)
        places = _places(headings, {**profile.columns, **named})
        if "number" in places and _AMOUNTS & places.keys() and (best is None or len(places) > len(best.places)):
            best = Header(row, places, profile)
    return _settled(best) if best else None


def _places(headings: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for field, ranks in _RANKS.items():
        if field in named:
            wanted = heading(named[field])
            found = [(0, place) for place, text in enumerate(headings) if wanted and text == wanted]
        else:
            found = [(ranks[text], place) for place, text in enumerate(headings) if text in ranks]
        if found:
            places[field] = min(found)[1]
    return places


def _settled(found: Header) -> Header:
    """The header as it can be shown, and how its rows make amounts."""
    header = replace(found, row=found.row._replace(cells=tuple(line_of_text(cell) or "" for cell in found.row.cells)))
    return _with_adding(header)


def _with_adding(header: Header) -> Header:
    """Settle what the amounts are: a column ``Amount`` beside a description, without a balance, is of the line."""
    if header.profile.adding is not Adding.NOTHING:
        return replace(header, adding=header.profile.adding)
    places = dict(header.places)
    if "total" in places and "line_amount" not in places and "description" in places:
        is_weak = heading(header.title("total")) in _WEAK
        if is_weak and not {"balance", "paid"} & places.keys():
            places["line_amount"] = places.pop("total")
    only_lines = "line_amount" in places and not {"total", "balance"} & places.keys()
    return replace(header, places=places, adding=Adding.LINES if only_lines else Adding.NOTHING)
