"""The fields of one claim of a table: text, days, money, lines, each with the place it stands at."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from portal.errors import MoneyError
from portal.receivables.money import Money, decimals_of, money_from_decimal
from portal.sources.amounts import DecimalMark, decimal_of, plain_minor, take_apart
from portal.sources.column_names import AMOUNT_FIELDS
from portal.sources.dates import parse_date
from portal.sources.einvoice_fields import plain
from portal.sources.findings import Findings, Place
from portal.sources.texts import line_of_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from portal.receivables.line_items import PackedLine
    from portal.sources.claims import Claim
    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.notation import Notation

NO_CURRENCY = "Nothing says which currency this is."
"""A problem that all rows of a table share."""
_KEPT_QUANTITIES = 1024
"""Quantities that are remembered: most lines have one of a few."""


class ClaimReader:
    """The fields of one claim, each read as its kind; what cannot be read is noted with row, column and value.

    Args:
        claim: the rows.
        header: of their table.
        notation: how the table writes dates and amounts.
        findings: where problems are noted.
    """

    __slots__ = ("_columns", "_places", "claim", "findings", "header", "notation")

    def __init__(self, claim: Claim, header: Header, notation: Notation, findings: Findings) -> None:
        self.claim = claim
        self.header = header
        self.notation = notation
        self.findings = findings
        self._places = header.places
        rows = claim.rows
        self._columns = list(zip_longest(*[row.cells for row in rows], fillvalue=""))
        while len(self._columns) < len(header.row.cells):
            self._columns.append(("",) * len(rows))

    @property
    def width(self) -> int:
        """How many cells its longest row has, or the header."""
        return len(self._columns)

    def text(self, field: str) -> str:
        """What the claim says of a field first."""
        place = self._places.get(field)
        if place is None:
            return ""
        column = self._columns[place]
        return column[0] or next(filter(None, column), "")

    def cell(self, field: str) -> tuple[str, Place]:
        """What the claim says of a field first, and where."""
        place = self._places.get(field)
        if place is not None and (text := self._columns[place][0]):
            return text, Place(self.claim.rows[0].line, self.header.row.cells[place])
        return self.text(field), self.place(field)

    def place(self, field: str) -> Place:
        """Where it says something of a field first; its first row where it says nothing."""
        return self._place(self._row(field), field)

    def _row(self, field: str) -> Row:
        rows, column = self.claim.rows, self._column(field)
        return rows[0] if column[0] else next((row for row, text in zip(rows, column, strict=True) if text), rows[0])

    def _column(self, field: str) -> Sequence[str]:
        """What each row says of a field."""
        place = self._places.get(field)
        return ("",) * len(self.claim.rows) if place is None else self._columns[place]

    def _place(self, row: Row, field: str) -> Place:
        return Place(row.line, self.header.title(field))

    def day(self, field: str) -> date | None:
        """A date, or None where the field is empty, or is none (a problem)."""
        text = self.text(field)
        day = parse_date(text, self.notation.order) if text else None
        if text and day is None:
            self.findings.problem(f"{text[:40]!r} is not a date.", "Write it like 2026-10-31.", self.place(field))
        return day

    def currency(self) -> str | None:
        """By its column, else by an unmistakable symbol, else as the owner says; never against a symbol."""
        text = self.text("currency")
        possible = _currencies(f"{text}0") if text else None  # read as the symbol of an amount
        if text and possible is None:
            place = self.place("currency")
            self.findings.problem(f"{text[:40]!r} is not a currency.", "Write its ISO 4217 code.", place)
            return None
        said_by = "currency"
        for field in AMOUNT_FIELDS:
            amount = self.text(field)
            if not amount or (amount[0].isdigit() and amount[-1].isdigit()):
                continue  # the sign of a currency stands before the digits, or behind them
            symbols = _currencies(amount)
            if symbols is None:
                continue
            said_by = "currency" if text else field
            if possible is not None and not possible & symbols:
                self._not_in(amount, " or ".join(sorted(possible)), self.place(field))
                return None
            possible = symbols if possible is None else possible & symbols
        return self._settled(possible, said_by)

    def _settled(self, possible: frozenset[str] | None, said_by: str) -> str | None:
        if possible is not None and len(possible) == 1:
            return next(iter(possible))
        code = self.notation.currency
        place = self.place(said_by)
        if code is None:
            remedy = f'Say it in {self.findings.settings_beside}: currency = "USD".'
            self.findings.problem(NO_CURRENCY, remedy, place)
        elif possible is not None and code not in possible:
            self._not_in("This row", code, place)
            return None
        return code

    def _not_in(self, what: str, currency: str, place: Place) -> None:
        remedy = "Write the ISO 4217 code of its currency in a column Currency."
        self.findings.problem(f"{what} is not in {currency}.", remedy, place)

    def is_in_own_currency(self, currency: str) -> bool:
        """Whether the amounts are those of the invoice, where the table converts them to the owner's currency."""
        only = self.notation.only
        if only in {None, currency}:
            return True
        remedy = 'Export "Total in Currency Signed" and "Amount Due" instead.'
        self.findings.problem(f"The invoice is in {currency}, its amounts in {only}.", remedy, self.place("total"))
        return False

    def amount(self, field: str, currency: str) -> Money | None:
        """An amount, or None where the field is empty, or is none (a problem)."""
        if not (text := self.text(field)):
            return None
        minor = plain_minor(text, self.notation.marks[field], decimals_of(currency))
        if minor is None:
            minor = self.minor(text, field, currency, self._row(field))
        return None if minor is None else Money(minor, currency)

    def minor(self, text: str, field: str, currency: str, row: Row) -> int | None:
        """The minor units of an amount that stands in a column of a row; None is a problem."""
        mark = self.notation.marks[field]
        try:
            minor = _minor(text, mark, currency)
        except MoneyError as error:
            self.findings.refuse(error, self._place(row, field))
            return None
        if minor is None:
            remedy = f"Amounts in this column are written like 840{mark}00."
            self.findings.problem(f"{text[:40]!r} is not an amount.", remedy, self._place(row, field))
        return minor

    def lines(self, currency: str) -> list[PackedLine]:
        """The lines of the invoice: those that state an amount, else each worked out as price by quantity.

        What is worked out is shown where every line comes to whole cents; some of them would look like the whole.
        """
        if "line_amount" in self.header.places:
            return list(self._stated_lines(currency))
        found = [self._worked_out(row, currency) for row in self.claim.rows]
        return [line for line in found if line] if all(found) else []

    def _stated_lines(self, currency: str) -> Iterator[PackedLine]:
        columns = map(self._column, ("line_amount", "item", "description", "quantity"))
        marks, decimals = self.notation.marks, decimals_of(currency)
        mark, of_quantities = marks["line_amount"], marks.get("quantity", DecimalMark.POINT)
        for row, text, item, description, quantity in zip(self.claim.rows, *columns, strict=True):
            minor = plain_minor(text, mark, decimals)
            if minor is None and text:
                minor = self.minor(text, "line_amount", currency, row)
            if minor is not None:
                words = _words(item, description) or self.text("number")
                yield words, minor, currency, _quantity(quantity, of_quantities), None

    def _worked_out(self, row: Row, currency: str) -> PackedLine | None:
        price, quantity = self._number(row, "unit_price"), self._number(row, "quantity")
        if price is None or quantity is None:
            return None
        try:
            minor = money_from_decimal(price * quantity, currency).minor
        except MoneyError:  # less than a cent is left over
            return None
        item, description, count = (self.header.cell(row, field) for field in ("item", "description", "quantity"))
        words = _words(item, description) or self.text("number")
        return words, minor, currency, _quantity(count, self.notation.marks["quantity"]), None

    def _number(self, row: Row, field: str) -> Decimal | None:
        text = self.header.cell(row, field)
        return _number(text, self.notation.marks[field]) if text else None


def _minor(text: str, mark: DecimalMark, currency: str) -> int | None:
    """An amount in minor units, or None where the text is none."""
    number = _number(text, mark)
    return None if number is None else money_from_decimal(number, currency).minor


def _number(text: str, mark: DecimalMark) -> Decimal | None:
    written = take_apart(text)
    return decimal_of(written, mark) if written else None


@lru_cache(_KEPT_QUANTITIES)
def _quantity(text: str, mark: DecimalMark) -> str | None:
    """How many, as it is kept."""
    number = _number(text, mark) if text else None
    return None if number is None else str(plain(number))


def _words(item: str, description: str) -> str:
    """What a line is for."""
    names = dict.fromkeys(map(line_of_text, (item, description)))
    return ": ".join(name for name in names if name)


def _currencies(text: str) -> frozenset[str] | None:
    written = take_apart(text)
    return written.currencies if written else None
