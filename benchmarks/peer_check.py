"""Whether all sides made the same: as many pages, about as large, and with the same amounts."""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from peer_side import Side

COMPARED = 60
"""Pages of each side whose amounts are compared."""
_LARGER_BY = 0.05
_AMOUNT = re.compile(r"-?£[\d,]+\.\d\d")
_NUMBER = re.compile(r"Invoice (\d{4}-\d{6})")
# A plan's payments are whole pence at the portal; a template that divides rounds each by itself.
_PLAN = re.compile(r'<details class="way" id="spread">.*?</details>', re.DOTALL)


class Pages(NamedTuple):
    """What a side made: how many pages, their median size in bytes, and the amounts of some invoices, as they stand.

    Size and amounts are those of the invoices and, where there is one, of the receipt after it.
    """

    count: int
    receipts: int
    size: float
    amounts: dict[str, list[str]]


class DifferentPagesError(Exception):
    """The sides did not make the same, so that their times cannot be compared."""


def pages_of(folder: Path, numbers: Sequence[str]) -> Pages:
    """Look at what was made, and at the amounts of these invoices."""
    invoices, receipts = (
        [path.read_text(encoding="utf-8") for path in folder.glob(pages)]
        for pages in ("i/*/index.html", "i/*/receipt/index.html")
    )
    amounts: dict[str, list[str]] = {}
    for text in (*invoices, *receipts):
        number = _NUMBER.search(text)
        if number and number[1] in numbers:
            amounts.setdefault(number[1], []).extend(amounts_on(text))
    return Pages(len(invoices), len(receipts), median(map(len, (*invoices, *receipts))) if invoices else 0, amounts)


def amounts_on(page: str) -> list[str]:
    """The amounts of a page in order, those of plans on offer left out; a minus sign is a hyphen here."""
    return _AMOUNT.findall(_PLAN.sub("", page).replace("\N{MINUS SIGN}", "-"))


def check_same(sides: Sequence[Side], numbers: Sequence[str]) -> list[str]:
    """Hold all sides against the first; says what was compared.

    Raises:
        DifferentPagesError: they differ; the text says in what.
    """
    own, *others = [(side.name, pages_of(side.pages, numbers)) for side in sides]
    for name, pages in others:
        if (pages.count, pages.receipts) != (own[1].count, own[1].receipts):
            text = f"{name} made {pages.count} invoices and {pages.receipts} receipts, not as {own[0]}"
            raise DifferentPagesError(text)
        if abs(pages.size - own[1].size) > _LARGER_BY * own[1].size:
            text = f"a page of {name} has {pages.size:.0f} bytes, of {own[0]} {own[1].size:.0f}"
            raise DifferentPagesError(text)
        _same_amounts(own, (name, pages), numbers)
    sizes = ", ".join(f"{name} {pages.size / 1000:.1f} KB" for name, pages in [own, *others])
    return [
        f"Every side made {own[1].count:,} pages of invoices and {own[1].receipts:,} receipts (medians: {sizes}).",
        f"On the pages of {len(set(numbers))} invoices all amounts are the same.",
    ]


def _same_amounts(own: tuple[str, Pages], other: tuple[str, Pages], numbers: Sequence[str]) -> None:
    for number in numbers:
        mine, theirs = own[1].amounts.get(number, []), other[1].amounts.get(number, [])
        if not mine or mine != theirs:
            text = f"invoice {number}: {own[0]} shows {mine}, {other[0]} {theirs}"
            raise DifferentPagesError(text)
