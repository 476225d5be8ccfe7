"""Bank statements as tables (CSV, workbooks), whatever their columns are called; read like tables of invoices."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from portal.bank_statements.columns import AMOUNT_FIELDS, DATE_FIELDS, Columns, columns_of, is_credit_word, is_open_word
from portal.bank_statements.reading import Movement, Notation, Sheet, said
from portal.errors import ContentError, MoneyError
from portal.receivables.currencies import DECIMALS
from portal.receivables.money import Money, money_from_decimal
from portal.sources.amounts import DecimalMark, decimal_of, is_ambiguous, mark_of, take_apart, votes_of
from portal.sources.columns import HEADER_WITHIN
from portal.sources.csv_text import decode, delimiters_of, rows_of
from portal.sources.dates import DateOrder, orders_of, parse_date
from portal.sources.findings import Findings, Place
from portal.sources.grids import grids_of_workbook
from portal.sources.sealed import SealedReader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from portal.bank_statements.reading import StatementReading
    from portal.sources.csv_text import Row

_SEARCHED_LINES = 400


def read_bank_table(raw: bytes, file: str, notation: Notation) -> StatementReading:
    """The bookings of one table; a bad row spoils no other."""
    sheet = Sheet(Findings(file))
    decoded = decode(raw, None, sheet.findings)
    if decoded is None:
        return sheet.reading()
    beginning = "".join(islice(io.StringIO(decoded.text, newline=""), _SEARCHED_LINES))
    found = ((columns_of(rows_of(beginning, one, Findings(""))), one) for one in delimiters_of(beginning))
    fitting = [(columns, delimiter) for columns, delimiter in found if columns is not None]
    if not fitting:
        return _no_header(sheet)
    columns, delimiter = max(fitting, key=lambda one: len(one[0].places))
    return _reading(columns, rows_of(decoded.text, delimiter, sheet.findings), notation, sheet)


def read_bank_workbook(path: Path, file: str, notation: Notation) -> StatementReading:
    """The bookings of a workbook, from the sheet with the most known columns."""
    sheet = Sheet(Findings(file))
    try:
        with SealedReader() as sealed:
            grids = grids_of_workbook(sealed.sheets(path, file), notation.mark)
    except ContentError as error:
        sheet.findings.problems += error.problems
        return sheet.reading()
    fitting = [(columns, grid.rows) for grid in grids if (columns := columns_of(grid.rows)) is not None]
    if not fitting:
        return _no_header(sheet)
    columns, rows = max(fitting, key=lambda one: len(one[0].places))
    return _reading(columns, rows, notation, sheet)


def _no_header(sheet: Sheet) -> StatementReading:
    sheet.findings.problem(
        f"The first {HEADER_WITHIN} rows hold no header with a date and an amount.",
        "Export it as camt.053, MT940 or OFX, or as CSV with its header.",
        Place(1),
    )
    return sheet.reading()


def _reading(columns: Columns, rows: Sequence[Row], notation: Notation, sheet: Sheet) -> StatementReading:
    below = [row for row in rows if row.line > columns.row.line and row.filled > 1]
    order, mark = _order(columns, below, notation, sheet.findings), _mark(columns, below, notation, sheet.findings)
    if order is not None and mark is not None:
        for row in below:
            _Reader(columns, row, Notation(notation.currency, order, mark), sheet).note()
    return sheet.reading()


def _order(columns: Columns, rows: Sequence[Row], notation: Notation, findings: Findings) -> DateOrder | None:
    """Which of day and month comes first, or None and a question to the owner."""
    if notation.order is not None:
        return notation.order
    orders = orders_of(columns.cell(row, field) for row in rows for field in DATE_FIELDS)
    unclear = orders.undecided if orders.order is None else None
    if unclear or (orders.day_first and orders.month_first):
        findings.problem(
            f"Nothing says for certain whether {unclear or orders.day_first} has its day or its month first.",
            "Say it with --date-order dmy or --date-order mdy.",
            Place(columns.row.line, columns.title("booked_on")),
        )
        return None
    return orders.order or DateOrder.DAY_FIRST


def _mark(columns: Columns, rows: Sequence[Row], notation: Notation, findings: Findings) -> DecimalMark | None:
    """What stands before the cents in all amounts, or None and a question to the owner."""
    texts = [(row, text) for row in rows for field in AMOUNT_FIELDS if (text := columns.cell(row, field))]
    mark = notation.mark or mark_of(votes_of([text for _row, text in texts]))
    unclear = next(((row, text) for row, text in texts if mark is None and is_ambiguous(text)), None)
    if unclear is not None:
        row, text = unclear
        findings.problem(
            f"Nothing says whether {text!r} has thousands or cents behind its mark.",
            "Say it with --decimal . or --decimal ,",
            Place(row.line),
        )
        return None
    return mark or DecimalMark.POINT


@dataclass(frozen=True, slots=True)
class _Reader:
    columns: Columns
    row: Row
    notation: Notation
    sheet: Sheet

    def note(self) -> None:
        """Note the movement of the row, or pass it over."""
        booked_on, value_on = self._day("booked_on"), self._day("value_on")
        if booked_on is None and value_on is None:
            if any(self._cell(field) for field in AMOUNT_FIELDS) and self._cell("booked_on"):
                self._problem(f"{self._cell('booked_on')[:40]!r} is not a day.", "booked_on")
            return
        number = self._number()
        if number is None:
            return
        if is_open_word(self._cell("status")):
            self.sheet.pass_over("not booked yet")
        elif number <= 0:
            self.sheet.pass_over("outgoing" if number else "without an amount")
        elif (amount := self._money(number)) is not None:
            day = booked_on or value_on
            if day is not None:
                self.sheet.movements.append(self._movement(amount, value_on or day, day))

    def _movement(self, amount: Money, value_on: date, booked_on: date) -> Movement:
        return Movement(
            amount=amount,
            value_on=value_on,
            booked_on=booked_on,
            text=" ".join(" ".join(text.split()) for text in self.columns.texts(self.row)),
            line=self.row.line,
            references=tuple(text for text in (said(self._cell("reference")),) if text),
            payer=" ".join(self._cell("payer").split()) or None,
            end_to_end=said(self._cell("end_to_end")),
            account=said(self._cell("account")),
            bank_reference=said(self._cell("bank_id")),
        )

    def _number(self) -> Decimal | None:
        """More than nothing for money that came in; None, with a problem, where the row says no number."""
        if "amount" in self.columns.places:
            number = self._decimal("amount")
            return number if number is None or is_credit_word(self._cell("direction")) is not False else -abs(number)
        came, went = self._cell("credit"), self._cell("debit")
        if came and (number := self._decimal("credit")):
            return abs(number)
        return Decimal(-1) if went else Decimal(0)

    def _decimal(self, field: str) -> Decimal | None:
        text = self._cell(field)
        written = take_apart(text)
        number = decimal_of(written, self.notation.mark or DecimalMark.POINT) if written else None
        if number is None:
            self._problem(f"{text[:40]!r} is not an amount." if text else "The amount is missing.", field)
        return number

    def _money(self, number: Decimal) -> Money | None:
        code = self._cell("currency").upper() or self._symbol() or self.notation.currency
        if code is None or code not in DECIMALS:
            what = f"{code[:10]!r} is not a currency." if code else "Nothing says which currency this is."
            self.sheet.findings.problem(what, "Say it with --currency, such as --currency EUR.", Place(self.row.line))
            return None
        try:
            return money_from_decimal(number, code)
        except MoneyError as error:
            self.sheet.findings.refuse(error, Place(self.row.line))
            return None

    def _symbol(self) -> str | None:
        """The currency beside the amount or in its heading, where that can be one alone."""
        field = "amount" if "amount" in self.columns.places else "credit"
        written = take_apart(self._cell(field))
        possible = written.currencies if written else None
        named = self.columns.title(field).upper().replace("(", " ").replace(")", " ").split()
        code = next((word for word in named if word in DECIMALS), None)
        return next(iter(possible)) if possible and len(possible) == 1 else code

    def _day(self, field: str) -> date | None:
        text = self._cell(field)
        return parse_date(text, self.notation.order or DateOrder.DAY_FIRST) if text else None

    def _cell(self, field: str) -> str:
        return self.columns.cell(self.row, field)

    def _problem(self, problem: str, field: str) -> None:
        place = Place(self.row.line, self.columns.title(field))
        self.sheet.findings.problem(problem, "Export the statement again, or assign it by hand.", place)
