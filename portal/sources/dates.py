"""Dates as programs export them. Which of day and month comes first is decided for a whole file, or asked."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class DateOrder(StrEnum):
    """Whether the day or the month comes first where the year is last."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Orders(NamedTuple):
    """What the dates of a file say about their order.

    Attributes:
        day_first: a date that only the day first makes one, or None.
        month_first: a date that only the month first makes one, or None.
        undecided: a date that is one either way, and not the same, or None.
    """

    day_first: str | None = None
    month_first: str | None = None
    undecided: str | None = None

    @property
    def order(self) -> DateOrder | None:
        """The order, where the file says it without contradiction."""
        if self.day_first and self.month_first:
            return None
        if self.month_first:
            return DateOrder.MONTH_FIRST
        dotted = self.undecided is not None and "." in self.undecided  # 05.10.2026 is day first wherever it is used
        return DateOrder.DAY_FIRST if self.day_first or dotted else None


_TIME = r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}.*)?"
_YEAR_FIRST = re.compile(
    rf"([0-9]{{4}})([-/.]?)([0-9]{{2}})\2([0-9]{{2}}){_TIME}|([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}})"
)
_YEAR_LAST = re.compile(rf"([0-9]{{1,2}})([-/. ])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}})\.?{_TIME}")
_WORDS = re.compile(r"[^\W\d_]+|[0-9]+")
_CENTURY = 2000
_KEPT = 4096
"""Days that are remembered: a table has many rows of one day."""

_MONTHS = {
    "jan": 1, "gen": 1, "ene": 1, "feb": 2, "fev": 2, "mar": 3, "mrz": 3, "mae": 3, "apr": 4, "avr": 4, "abr": 4,
    "mai": 5, "may": 5, "mag": 5, "jun": 6, "juin": 6, "giu": 6, "jul": 7, "juil": 7, "lug": 7, "aug": 8, "aou": 8,
    "ago": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10, "out": 10, "nov": 11, "dec": 12, "dez": 12,
    "dic": 12,
}  # fmt: skip
"""Months by their first letters in English, German, Italian, Portuguese, French and Spanish."""


def orders_of(texts: Iterable[str]) -> Orders:
    """What dates say about their order; a day over 12 decides."""
    day_first = month_first = undecided = None
    for text in texts:
        found = _YEAR_LAST.fullmatch(text)
        if not found:
            continue
        one, other = (_numeric(found, order) for order in DateOrder)
        if one and other:
            slashed = undecided is None or ("." in undecided and found[2] != ".")
            undecided = text if one != other and slashed else undecided
        elif one:
            day_first = day_first or text
        elif other:
            month_first = month_first or text
    return Orders(day_first, month_first, undecided)


@lru_cache(_KEPT)
def parse_date(text: str, order: DateOrder) -> date | None:
    """The day that a text names, or None where it names none.

    Args:
        text: without white space at its ends.
        order: that of numeric dates whose year is last.
    """
    if found := _YEAR_FIRST.fullmatch(text):
        parts = [part for part in found.groups() if part and part.isdigit()]
        return _day(int(parts[0]), int(parts[1]), int(parts[2]))
    if found := _YEAR_LAST.fullmatch(text):
        return _numeric(found, order)
    return _with_month_name(text)


def _numeric(found: re.Match[str], order: DateOrder) -> date | None:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    return _day(_full_year(year, found[4]), month, day)


def _full_year(year: int, text: str) -> int:
    return year + _CENTURY if len(text) <= len("26") else year


def _with_month_name(text: str) -> date | None:
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = _WORDS.findall("".join(mark for mark in plain if not unicodedata.combining(mark)))
    numbers = [word for word in words if word.isdigit()]
    months = {month for word in words if (month := _MONTHS.get(word[:4]) or _MONTHS.get(word[:3]))}
    if len(months) != 1 or len(numbers) != 2:  # noqa: PLR2004  a day and a year
        return None
    day, year = numbers
    return _day(_full_year(int(year), year), months.pop(), int(day))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
