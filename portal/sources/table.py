"""Tables with a header, as invoicing programs export them: CSV with any usual delimiter, encoding and language."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from portal.errors import ContentError
from portal.sources.claims import claims_of
from portal.sources.columns import DATE_FIELDS, HEADER_WITHIN, header_of
from portal.sources.csv_text import decode, delimiters_of, rows_of
from portal.sources.dates import DateOrder, orders_of
from portal.sources.reading import Findings, Place, Reading
from portal.sources.table_rows import NO_CURRENCY, Notation, marks_of, read_claim
from portal.sources.table_settings import load_table_settings
from portal.sources.table_words import RowKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from portal.errors import Problem
    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.table_settings import TableSettings

_SEARCHED_LINES = 400
"""Lines of the file in which the header is looked for; a row can be of several lines."""

_PASSED_OVER = {
    RowKind.DRAFT: ("drafts or not approved yet", "Approve them and export again to publish them."),
    RowKind.VOID: ("void", "They get no page."),
    RowKind.OTHER: ("payments or other documents without a claim", "Only invoices and credit notes get a page."),
}


def read_table(raw: bytes, *, path: Path, file: str, currency: str | None) -> Reading:
    """The invoices of one table; a bad row spoils no other.

    Args:
        raw: the file as it is.
        path: where it lies, for the settings beside it.
        file: its path relative to the content folder.
        currency: that of rows whose table and settings name none.
    """
    findings = Findings(file)
    try:
        settings = load_table_settings(path, file)
    except ContentError as error:
        return Reading(problems=error.problems, rejected=1)
    text = decode(raw, findings)
    if text is None:
        return findings.document(None)
    found = _header(text, settings)
    if found is None:
        findings.problem(
            f"The first {HEADER_WITHIN} rows hold no header with a number and an amount.",
            f"Name the columns in {path.stem}.toml, or begin the file's name with _ if it is no list of invoices.",
            Place(1),
        )
        return findings.document(None)
    header, delimiter = found
    for field in sorted(settings.columns.keys() - header.places.keys()):
        remedy = f"Correct [columns] in {path.stem}.toml."
        findings.problem(f"There is no column {settings.columns[field]!r}.", remedy, Place(header.row.line, field))
    if findings.problems:
        return findings.document(None)
    rows = [row for row in rows_of(text, delimiter, findings) if row.line > header.row.line]
    return _reading(header, rows, settings, currency, findings)


def _header(text: str, settings: TableSettings) -> tuple[Header, str] | None:
    """The header, and the delimiter that finds the most columns in it."""
    beginning = "".join(islice(io.StringIO(text, newline=""), _SEARCHED_LINES))
    best: tuple[Header, str] | None = None
    for delimiter in delimiters_of(beginning):
        header = header_of(rows_of(beginning, delimiter, Findings("")), settings.columns)
        if header and (best is None or len(header.places) > len(best[0].places)):
            best = header, delimiter
    return best


def _reading(
    header: Header, rows: Sequence[Row], settings: TableSettings, currency: str | None, findings: Findings
) -> Reading:
    kinds = [(row, kind_of(row, header)) for row in rows]
    _tell_passed_over(Counter(kind for _, kind in kinds), findings)
    taken = [(row, kind) for row, kind in kinds if kind in (RowKind.INVOICE, RowKind.CREDIT_NOTE)]
    broken = len(findings.problems)
    order = settings.date_order or _order(header, [row for row, _ in taken], findings)
    marks = marks_of(header, [row for row, _ in taken], settings.decimal, findings)
    if order is None or marks is None:
        return Reading((), tuple(findings.problems), tuple(findings.warnings), len(taken) + broken)
    if taken and "due_on" not in header.places:
        findings.warn("There is no column for the due date.", "The pages name none.", Place(header.row.line))
    notation = Notation(order, marks, settings.currency or currency)
    invoices = []
    rejected = broken
    for claim in claims_of(header, taken):
        own = Findings(findings.file)
        invoice = read_claim(claim, header, notation, own)
        findings.problems += own.problems
        if invoice is None or own.problems:
            rejected += len(claim.rows)
        else:
            invoices.append(invoice)
            findings.warnings += own.warnings
    problems = _told_once(findings.problems)
    return Reading(tuple(invoices), tuple(problems), tuple(findings.warnings), rejected)


def _told_once(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, with the one that all rows share told once."""
    shared = [found for found in problems if found.problem == NO_CURRENCY]
    others = [found for found in problems if found.problem != NO_CURRENCY]
    more = f" ({len(shared)} invoices)" if len(shared) > 1 else ""
    return [replace(found, problem=f"{NO_CURRENCY[:-1]}{more}.") for found in shared[:1]] + others


def _tell_passed_over(kinds: Counter[RowKind], findings: Findings) -> None:
    for kind, (what, remedy) in _PASSED_OVER.items():
        if count := kinds[kind]:
            findings.warn(f"{count} {'row was' if count == 1 else 'rows were'} passed over: {what}.", remedy)


def _order(header: Header, rows: Sequence[Row], findings: Findings) -> DateOrder | None:
    """Which of day and month comes first, or None and a question to the owner."""
    orders = orders_of(header.cell(row, field) for row in rows for field in DATE_FIELDS)
    remedy = 'Say it in the .toml file of the same name beside the table: date_order = "dmy" or date_order = "mdy".'
    if orders.day_first and orders.month_first:
        findings.problem(
            f"{orders.day_first} has its day first, {orders.month_first} its month.",
            remedy,
            Place(header.row.line, "date_order"),
        )
        return None
    if orders.order is None and orders.undecided:
        findings.problem(
            f"Nothing says whether {orders.undecided} has its day or its month first.",
            remedy,
            Place(header.row.line, "date_order"),
        )
        return None
    return orders.order or DateOrder.DAY_FIRST
