"""Tables with a header, as invoicing programs export them: CSV and workbooks, in any usual form and language."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.errors import ContentError
from portal.sources.akaunting import as_one_grid
from portal.sources.claim_reader import NO_CURRENCY
from portal.sources.claims import claims_of
from portal.sources.columns import HEADER_WITHIN, Header
from portal.sources.control_totals import control_totals, tell_differences
from portal.sources.customer_list import customers_of
from portal.sources.findings import Findings, Place
from portal.sources.grids import grid_of_text, grids_of_workbook, table_among
from portal.sources.grouped_rows import with_customers_above
from portal.sources.nested_items import with_items_apart
from portal.sources.notation import notation_of
from portal.sources.reading import Reading, read_document
from portal.sources.runs import runs_of
from portal.sources.table_rows import read_claim
from portal.sources.table_settings import load_table_settings
from portal.sources.table_words import CLAIMS, RowKind
from portal.sources.understanding import ColumnRead, Understanding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from portal.errors import Problem
    from portal.receivables.invoice import Invoice
    from portal.sources.claims import Claim
    from portal.sources.dates import DateOrder
    from portal.sources.grids import FoundTable, Grid
    from portal.sources.notation import Notation
    from portal.sources.sealed import SealedReader
    from portal.sources.table_settings import TableSettings

_PASSED_OVER = {
    RowKind.DRAFT: ("drafts or not approved yet", "Approve them and export again to publish them."),
    RowKind.VOID: ("void", "They get no page."),
    RowKind.OTHER: ("payments or other documents without a claim", "Only invoices and credit notes get a page."),
}


def read_table(raw: bytes, *, path: Path, file: str, currency: str | None, order: DateOrder | None = None) -> Reading:
    """The invoices of one CSV file; a bad row spoils no other.

    Args:
        raw: the file as it is.
        path: where it lies, for the settings beside it.
        file: its path relative to the content folder.
        currency: that of rows whose table and settings name none.
        order: that of dates, where whoever asks says so.
    """
    findings = Findings(file)
    try:
        settings = load_table_settings(path, file)
    except ContentError as error:
        return Reading(problems=error.problems, rejected=1)
    grid = grid_of_text(raw, settings, findings)
    if grid is None:
        return read_document(findings, None)
    return _read([grid], _asked(settings, order), path, currency, findings)


def read_workbook(
    path: Path, *, file: str, currency: str | None, sealed: SealedReader, order: DateOrder | None = None
) -> Reading:
    """The invoices of one workbook, from its best sheet; a bad row spoils no other.

    Args:
        path: the workbook.
        file: its path relative to the content folder.
        currency: that of rows whose table and settings name none.
        sealed: what opens it.
        order: that of dates that are texts, where whoever asks says so.
    """
    findings = Findings(file)
    try:
        settings = load_table_settings(path, file)
        grids = grids_of_workbook(sealed.sheets(path, file), settings.decimal)
    except ContentError as error:
        return Reading(problems=error.problems, rejected=1)
    if settings.sheet is not None and settings.sheet not in {grid.sheet for grid in grids}:
        there = ", ".join(str(grid.sheet) for grid in grids)
        findings.problem(f"There is no sheet {settings.sheet!r}.", f"The sheets are: {there}.", Place(None, "sheet"))
        return read_document(findings, None)
    return _read(as_one_grid(grids), _asked(settings, order), path, currency, findings)


def _asked(settings: TableSettings, order: DateOrder | None) -> TableSettings:
    return replace(settings, date_order=order) if order else settings


def _read(
    grids: Sequence[Grid], settings: TableSettings, path: Path, currency: str | None, findings: Findings
) -> Reading:
    table, others = table_among(grids, settings)
    if table is None:
        return _customers(grids, findings) or _no_table(path, findings)
    for name in others:
        findings.warn(
            f"The sheet {name!r} looks like a list of invoices too, and is not read; {table.grid.sheet!r} is.",
            f'Put it into a file of its own, or say which to read in {path.stem}.toml: sheet = "{name}".',
        )
    header = table.header
    missing = sorted(settings.columns.keys() - header.places.keys())
    for field in missing:
        remedy = f"Correct [columns] in {path.stem}.toml."
        findings.problem(f"There is no column {settings.columns[field]!r}.", remedy, Place(header.row.line, field))
    if missing:
        return read_document(findings, None)
    return replace(_reading(table, settings, currency, findings), join=settings.join)


def _no_table(path: Path, findings: Findings) -> Reading:
    findings.problems.clear()
    findings.problem(
        f"The first {HEADER_WITHIN} rows hold no header with a number and an amount.",
        f"Name the columns in {path.stem}.toml, or begin the file's name with _ if it is no list of invoices.",
        Place(1),
    )
    return read_document(findings, None)


def _customers(grids: Sequence[Grid], findings: Findings) -> Reading | None:
    """The reading of a list of customers, where a grid is one."""
    for grid in grids:
        if found := customers_of(grid.rows, findings.file):
            listed, own = found
            understood = Understanding("list of customers", {**grid.facts, "addresses": str(len(listed.customers))})
            warnings = (*findings.warnings, *own.warnings)
            broken = tuple(findings.problems)
            return Reading((), broken, warnings, len(broken), customers=listed, understood=understood)
    return None


def _reading(table: FoundTable, settings: TableSettings, currency: str | None, findings: Findings) -> Reading:
    below = [row for row in table.grid.rows if row.line > table.header.row.line]
    header, rows = with_items_apart(*with_customers_above(table.header, below))
    runs = runs_of(header, rows, settings.skip_types)
    counts: Counter[RowKind] = Counter()
    for run in runs:
        counts[run.kind] += len(run.rows)
    _tell_passed_over(counts, findings)
    claimed = [run for run in runs if run.kind in CLAIMS]
    broken = len(findings.problems)
    notation = notation_of(header, claimed, settings, currency, findings)
    understood = _understood(table, header, notation, counts)
    if notation is None:
        problems, warnings = tuple(findings.problems), tuple(findings.warnings)
        taken = sum(len(run.rows) for run in claimed)
        return Reading((), problems, warnings, taken + broken, understood=understood)
    if claimed and "due_on" not in header.places and "due_days" not in header.places:
        findings.warn("There is no column for the due date.", "The pages name none.", Place(header.row.line))
    controls = control_totals(header, runs, notation.marks)
    tell_differences(controls, header, findings)
    invoices, rejected = _invoices(header, claims_of(header, claimed), notation, findings)
    return Reading(
        tuple(invoices),
        tuple(_told_once(findings.problems)),
        tuple(findings.warnings),
        rejected + broken,
        tuple(findings.differences),
        understood=replace(understood, controls=controls),
    )


def _invoices(
    header: Header, claims: Iterable[Claim], notation: Notation, findings: Findings
) -> tuple[list[Invoice], int]:
    """The invoices of these claims, and how many rows were not taken; what is wrong with one spoils no other."""
    invoices = []
    rejected = 0
    for claim in claims:
        own = Findings(findings.file)
        invoice = read_claim(claim, header, notation, own)
        findings.problems += own.problems
        if invoice is None or own.problems:
            rejected += len(claim.rows)
        else:
            invoices.append(invoice)
            findings.warnings += own.warnings
    return invoices, rejected


def _understood(
    table: FoundTable, header: Header, notation: Notation | None, counts: Mapping[RowKind, int]
) -> Understanding:
    facts = {**table.grid.facts, "header": f"line {header.row.line}", "profile": header.profile.name}
    if header.profile.lacks:
        facts["not in this export"] = header.profile.lacks
    facts |= {"rows": header.adding.value, "date order": notation.decided if notation else "not decided"}
    fields = {place: field for field, place in header.places.items()}
    marks = notation.marks if notation else {}
    columns = tuple(
        ColumnRead(title, fields.get(place), marks.get(fields.get(place, "")))
        for place, title in enumerate(header.row.cells)
        if title
    )
    passed = {kind.value: counts[kind] for kind in RowKind if kind not in CLAIMS and counts[kind]}
    return Understanding("workbook" if table.grid.sheet is not None else "table", facts, columns, passed)


def _told_once(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, with the one that all rows share told once."""
    shared = [found for found in problems if found.problem == NO_CURRENCY]
    others = [found for found in problems if found.problem != NO_CURRENCY]
    more = f" ({len(shared)} invoices)" if len(shared) > 1 else ""
    return [replace(found, problem=f"{NO_CURRENCY[:-1]}{more}.") for found in shared[:1]] + others


def _tell_passed_over(kinds: Mapping[RowKind, int], findings: Findings) -> None:
    for kind, (what, remedy) in _PASSED_OVER.items():
        if count := kinds.get(kind):
            findings.warn(f"{count} {'row was' if count == 1 else 'rows were'} passed over: {what}.", remedy)
