from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from xlsb_file import xlsb

from portal.receivables.money import Money
from portal.sources.sealed import RawSheet
from portal.sources.table import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portal.sources import Loaded
    from portal.sources.sealed import Cell, SealedReader

    Read = Callable[..., Loaded]
    Sheets = Mapping[str, Sequence[Sequence[object]]]

HEAD = ("Number", "Customer", "Date", "Due date", "Total", "Paid")
OLD_EXCEL = Path(__file__).with_name("excel-97.xls").read_bytes()
"""The same row in a file of Excel 97 to 2003, as the library xlwt wrote it."""
ROW = ("A-1", "Ada", date(2026, 10, 5), datetime(2026, 11, 4, 0, 0), 1284.5, 284.5)  # noqa: DTZ001  as workbooks keep them


def workbook(sheets: Sheets, *, hidden: frozenset[str] = frozenset()) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_numbers_and_days_are_taken_as_they_are(read: Read) -> None:
    loaded = read({"open.xlsx": workbook({"Open": [("Acme",), (), HEAD, ROW]})}, "EUR")
    assert loaded.problems == loaded.warnings == ()
    (invoice,) = loaded.invoices
    assert invoice.source == "invoices/open.xlsx:4"
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 5), date(2026, 11, 4))
    assert (invoice.total, invoice.stated_due) == (Money(128450, "EUR"), Money(100000, "EUR"))


@pytest.mark.parametrize(
    ("cell", "number"),
    [(1041, "1041"), (1041.0, "1041"), ("0042", "0042"), ("9/00|1.1", "9/00|1.1"), (1e15, "1" + "0" * 15)],
)
def test_invoice_numbers_keep_their_form(read: Read, cell: object, number: str) -> None:
    loaded = read({"x.xlsx": workbook({"A": [("Number", "Customer", "Total"), (cell, "Ada", 5)]})}, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == [number]


@pytest.mark.parametrize(
    ("cell", "minor"), [(0.1 + 0.2, 30), (1.1 * 1.1 * 100, 12100), (1234, 123400), ("1.234,50", 123450), (-5.5, -550)]
)
def test_amounts_are_exact_though_workbooks_keep_binary_numbers(read: Read, cell: object, minor: int) -> None:
    loaded = read({"x.xlsx": workbook({"A": [("Number", "Customer", "Total"), ("1", "Ada", cell)]})}, "EUR")
    assert [invoice.total for invoice in loaded.invoices] == [Money(minor, "EUR")]


def test_a_number_with_three_decimals_is_no_thousand(read: Read) -> None:
    loaded = read({"x.xlsx": workbook({"A": [("Number", "Customer", "Total"), ("1", "Ada", 1.234)]})}, "KWD")
    assert loaded.invoices[0].total == Money(1234, "KWD")


def test_the_owner_s_decimal_mark_is_about_texts_alone(read: Read) -> None:
    rows = [("Number", "Customer", "Total"), ("1", "Ada", "1.234"), ("2", "Bo", 1234.5)]
    loaded = read({"x.xlsx": workbook({"A": rows}), "x.toml": 'decimal = ","'}, "EUR")
    assert [invoice.total.minor for invoice in loaded.invoices] == [123400, 123450]


def test_a_formula_without_a_saved_value_is_a_missing_amount(read: Read) -> None:
    rows = [("Number", "Customer", "Total"), ("1", "Ada", "=2+3"), ("2", "Bo", 5)]
    loaded = read({"x.xlsx": workbook({"A": rows})}, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == ["2"]
    assert [(problem.line, problem.field) for problem in loaded.problems] == [(2, "Total")]


def test_the_sheet_with_the_best_header_is_read(read: Read) -> None:
    sheets: Sheets = {
        "Notes": [("Hello",)],
        "Hidden": [HEAD, ROW],
        "Open": [HEAD, ROW[:-1]],
        "Customers": [("Customer", "Email")],
    }
    loaded = read({"x.xlsx": workbook(sheets, hidden=frozenset({"Hidden"}))}, "EUR")
    assert [invoice.amount_prepaid.minor for invoice in loaded.invoices] == [0]
    assert loaded.warnings == ()


def test_a_hidden_sheet_is_read_where_there_is_no_other(read: Read) -> None:
    sheets: Sheets = {"Notes": [("Hello",)], "Open": [HEAD, ROW]}
    assert len(read({"x.xlsx": workbook(sheets, hidden=frozenset({"Open"}))}, "EUR").invoices) == 1


def test_a_second_list_is_named_and_can_be_chosen(read: Read) -> None:
    sheets: Sheets = {"October": [HEAD, ROW], "November": [HEAD, ("A-2", *ROW[1:])]}
    loaded = read({"x.xlsx": workbook(sheets)}, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == ["A-1"]
    assert "'November'" in loaded.warnings[0].problem
    chosen = read({"x.toml": 'sheet = "November"'}, "EUR")
    assert ([invoice.number for invoice in chosen.invoices], chosen.warnings) == (["A-2"], ())
    missing = read({"x.toml": 'sheet = "May"'}, "EUR")
    assert missing.problems[0].remedy == "The sheets are: October, November."


AKAUNTING: Sheets = {
    "invoices": [
        (
            "invoice_number",
            "status",
            "invoiced_at",
            "due_at",
            "amount",
            "currency_code",
            "contact_name",
            "contact_email",
        ),
        ("INV-1", "partial", date(2026, 10, 1), date(2026, 10, 31), 120, "EUR", "Ada", "ada@a.example"),
        ("INV-2", "draft", date(2026, 10, 1), date(2026, 10, 31), 50, "EUR", "Bo", "bo@b.example"),
        ("INV-3", "sent", date(2026, 10, 2), date(2026, 11, 1), 7.5, "EUR", "Bo", "bo@b.example"),
    ],
    "invoice_items": [
        ("invoice_number", "item_name", "item_description", "item_type", "quantity", "price", "total", "tax"),
        ("INV-1", "Wall", "", "product", 2, 50, 100, 20),
        ("INV-1", "Door", "Oak", "product", 1, 0, 0, 0),
    ],
    "invoice_transactions": [
        ("invoice_number", "transaction_number", "paid_at", "amount", "currency_code"),
        ("INV-1", "T-1", date(2026, 10, 9), 20.25, "EUR"),
        ("INV-1", "T-2", date(2026, 10, 10), 10, "EUR"),
    ],
}


def test_akaunting_s_sheets_are_put_together(read: Read) -> None:
    loaded = read({"x.xlsx": workbook(AKAUNTING)})
    assert loaded.problems == ()
    first, other = loaded.invoices
    assert (first.number, first.total.minor, first.stated_due.minor) == ("INV-1", 12000, 8975)
    assert [(line.description, line.amount.minor) for line in first.lines] == [("Wall", 10000), ("Door: Oak", 0)]
    assert (other.number, other.stated_due.minor, list(other.lines)) == ("INV-3", 750, [])


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>
<office:spreadsheet><table:table table:name="A">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


MANIFEST = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def ods(rows: Sequence[Sequence[object]]) -> bytes:
    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    stream = io.BytesIO()
    text = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(text))
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return stream.getvalue()


def test_opendocument(read: Read) -> None:
    loaded = read({"x.ods": ods([HEAD, ROW])}, "EUR")
    assert loaded.problems == ()
    assert (loaded.invoices[0].due_on, loaded.invoices[0].total.minor) == (date(2026, 11, 4), 128450)


class Given:
    """A reader of workbooks that finds what a test gives it."""

    def __init__(self, rows: list[list[Cell]]) -> None:
        self.rows = rows

    def sheets(self, *_: object) -> tuple[RawSheet, ...]:
        return (RawSheet("A", hidden=False, rows=self.rows),)


CELLS = (
    st.none()
    | st.text(max_size=9)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**15), 10**15)
    | st.dates().map(lambda day: {"day": day.isoformat()})
    | st.sampled_from(["Total", "Total for x", "1", "Ada", "EUR", "05/10/2026"])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=7), max_size=7))
def test_nothing_in_a_workbook_raises(tmp_path: Path, rows: list[list[Cell]]) -> None:
    sealed = cast("SealedReader", Given([list(HEAD), *rows]))
    reading = read_workbook(tmp_path / "x.xlsx", file="x.xlsx", currency="EUR", sealed=sealed)
    assert bool(reading.problems) == bool(reading.rejected)


def test_hostile_workbooks_spoil_nothing_else(read: Read) -> None:
    """One claims a cell at the far end of the sheet, which would need all memory; others are no workbooks."""
    far = Workbook()
    far.worksheets[0]["A1"] = "Number"
    far.worksheets[0]["XFD1048576"] = 1
    stream = io.BytesIO()
    far.save(stream)
    good = workbook({"A": [HEAD, ROW]})
    files = {"1.xlsx": stream.getvalue(), "2.xls": b"nothing", "3.ods": b"PK\x03\x04" + bytes(99), "4.xlsx": good}
    loaded = read(files, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == ["A-1"]
    assert [problem.file for problem in loaded.problems] == ["invoices/1.xlsx", "invoices/2.xls", "invoices/3.ods"]
    assert loaded.rejected == 3


def test_a_workbook_of_old_excel(read: Read) -> None:
    loaded = read({"old.xls": OLD_EXCEL}, "EUR")
    assert loaded.problems == loaded.warnings == ()
    (invoice,) = loaded.invoices
    assert (invoice.number, invoice.customer.name) == ("A-1", "Söhne & Co")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 5), date(2026, 11, 4))
    assert (invoice.total, invoice.stated_due) == (Money(128450, "EUR"), Money(100000, "EUR"))


def test_a_workbook_in_excels_binary_form(read: Read) -> None:
    rows: list[list[str | float]] = [
        ["Number", "Customer", "Due date", "Total"],
        ["A-1", "Söhne & Co", "2026-11-04", 1284.5],
    ]
    loaded = read({"new.xlsb": xlsb(rows)}, "EUR")
    assert loaded.problems == loaded.warnings == ()
    (invoice,) = loaded.invoices
    assert (invoice.number, invoice.customer.name, invoice.total) == ("A-1", "Söhne & Co", Money(128450, "EUR"))


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"Number\tCustomer\tTotal\nA-1\tAda\t5.00\n", "a text that is named", "Name it .csv"),
        (b"\xef\xbb\xbf<html><table><tr><td>A-1</td></tr></table>", "a web page", "save it as .xlsx or .csv"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "has a password", "without one"),
        (OLD_EXCEL[:3000], "cannot be read", "save it as .xlsx or .csv"),
    ],
)
def test_what_is_no_workbook_says_what_it_is_and_how_to_save_it(
    read: Read, content: bytes, what: str, remedy: str
) -> None:
    (problem,) = read({"book.xls": content}, "EUR").problems
    assert (problem.file, what in problem.problem, remedy in problem.remedy) == ("invoices/book.xls", True, True)
