from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.receivables.invoice import DocumentKind, StatedPayment
from portal.receivables.line_items import LineItem
from portal.receivables.money import Money
from portal.sources.column_names import NAMES
from portal.sources.csv_text import lines_of, rows_of
from portal.sources.findings import Findings
from portal.sources.headings import heading
from portal.sources.table import read_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.sources import Loaded

    Read = Callable[..., Loaded]

HEAD = "Number,Customer,Email,Issue date,Due date,Currency,Total,Paid,Balance\n"
GOOD = "A-1,Ada,a@b.example,2026-10-01,2026-10-31,EUR,100.00,40.00,60.00\n"


def test_the_usual_columns(read: Read) -> None:
    loaded = read({"open.csv": HEAD + GOOD})
    assert loaded.problems == loaded.warnings == ()
    (invoice,) = loaded.invoices
    assert (invoice.key, invoice.source) == ("A-1", "invoices/open.csv:2")
    assert (invoice.customer.name, invoice.customer.email) == ("Ada", "a@b.example")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (invoice.total, invoice.stated_due) == (Money(10000, "EUR"), Money(6000, "EUR"))
    assert invoice.payments == (StatedPayment(Money(4000, "EUR")),)


@pytest.mark.parametrize(
    "header",
    [
        "Rechnungsnummer,Kundenname,E-Mail,Rechnungsdatum,Fälligkeit,Währung,Bruttobetrag,Geldeingang,Offen",
        "Numero fattura,Cliente,Email,Data fattura,Scadenza,Valuta,Totale,Pagato,Residuo",
        "Nº da fatura,Cliente,Endereço de email,Data de emissão,Vencimento,Moeda,Total,Pago,Em aberto",
        "N° facture,Raison sociale,Courriel,Date d'émission,Échéance,Devise,Montant TTC,Payé,Reste à payer",
        "Nº de factura,Nombre,Correo,Fecha de emisión,Vencimiento,Moneda,Importe total,Pagado,Pendiente",
        "InvoiceNumber,ContactName,EmailAddress,InvoiceDate,DueDate,Currency,Total,InvoiceAmountPaid,InvoiceAmountDue",
        "invoice_number,customer_name,customer_email,invoice_date,due_date,currency_code,total,amount_paid,amount_due",
        "DocumentNumber,Name,EmailRecipient,DocumentDate,Due,CurrencyCode,TotalAmount,AmountPaidAmount,BalanceDueAmount",
        "Invoice #,Client Name,Email,Date Issued,Due Date,Currency,Amount,Paid to Date,Balance Due",
    ],
)
def test_columns_by_their_usual_names(read: Read, header: str) -> None:
    loaded = read({"open.csv": f"{header}\n{GOOD}"})
    assert loaded.problems == ()
    (invoice,) = loaded.invoices
    assert (invoice.number, invoice.customer.name, invoice.customer.email) == ("A-1", "Ada", "a@b.example")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (invoice.total, invoice.stated_due, invoice.amount_prepaid) == tuple(
        Money(minor, "EUR") for minor in (10000, 6000, 4000)
    )


def test_no_heading_means_two_things() -> None:
    seen: dict[str, str] = {}
    for field, names in NAMES.items():
        for name in names.split("|"):
            assert seen.setdefault(heading(name), field) == field, name


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_encodings(read: Read, delimiter: str, encoding: str) -> None:
    text = (HEAD + GOOD.replace("Ada", "Müller")).replace(",", delimiter)
    loaded = read({"open.csv": text.encode(encoding)})
    assert [invoice.customer.name for invoice in loaded.invoices] == ["Müller"]
    assert loaded.warnings == ()


def test_windows_text_is_read_with_a_warning(read: Read) -> None:
    loaded = read({"open.csv": (HEAD + GOOD.replace("Ada", "Müller")).encode("cp1252")})
    assert loaded.invoices[0].customer.name == "Müller"
    assert "cp1252" in loaded.warnings[0].problem


def test_lines_in_cells_and_titles_above_keep_the_line_numbers(read: Read) -> None:
    titles = 'Acme,,\n"Open\ninvoices",,\n\n'
    loaded = read({"open.csv": f"{titles}{HEAD}{GOOD}{GOOD.replace('A-1', 'A-2').replace('2026-10-01', 'soon')}"})
    assert loaded.invoices[0].source == "invoices/open.csv:6"
    assert [problem.line for problem in loaded.problems] == [7]


def test_the_delimiter_may_be_said_in_the_first_line(read: Read) -> None:
    assert len(read({"open.csv": "sep=;\n" + (HEAD + GOOD).replace(",", ";")}).invoices) == 1


@pytest.mark.parametrize(
    ("dates", "issued_on"),
    [
        (("05/10/2026", "13/11/2026"), date(2026, 10, 5)),
        (("10/05/2026", "11/13/2026"), date(2026, 10, 5)),
        (("05.10.2026", "04.11.2026"), date(2026, 10, 5)),
    ],
)
def test_the_date_order_is_decided_by_the_file(read: Read, dates: tuple[str, str], issued_on: date) -> None:
    loaded = read({"open.csv": f"Number,Customer,Date,Due date,Total\n1,Ada,{dates[0]},{dates[1]},5"}, "EUR")
    assert loaded.invoices[0].issued_on == issued_on


UNDECIDED = "Number,Customer,Date,Total\n1,Ada,05/10/2026,5\n2,Bo,06/10/2026,7\n"


def test_an_undecided_date_order_is_asked(read: Read) -> None:
    loaded = read({"open.csv": UNDECIDED, "good.csv": HEAD + GOOD}, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == ["A-1"]
    (problem,) = loaded.problems
    assert (problem.file, problem.line, problem.field) == ("invoices/open.csv", 1, "date_order")
    assert loaded.rejected == 2


def test_dates_that_contradict_are_asked_about(read: Read) -> None:
    loaded = read({"open.csv": UNDECIDED.replace("05/10", "13/10").replace("06/10", "10/13")}, "EUR")
    assert [(problem.line, problem.field) for problem in loaded.problems] == [(1, "date_order")]
    assert (loaded.invoices, loaded.rejected) == ((), 2)


def test_a_symbol_against_the_portals_currency_is_a_problem(read: Read) -> None:
    loaded = read({"x.csv": "Number,Customer,Total\n1,Ada,5\n2,Bo,$6\n"}, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == ["1"]
    assert [(problem.line, problem.field) for problem in loaded.problems] == [(3, "Total")]


def test_a_table_of_broken_rows_is_given_up(read: Read) -> None:
    loaded = read({"x.csv": HEAD + GOOD + 'B,"x"y\n' * 150})
    assert [invoice.number for invoice in loaded.invoices] == ["A-1"]
    assert loaded.problems[-1].problem == "Too many rows are broken."


@pytest.mark.parametrize(("order", "month"), [("dmy", 10), ("mdy", 5)])
def test_the_owner_says_the_date_order(read: Read, order: str, month: int) -> None:
    loaded = read({"open.csv": UNDECIDED, "open.toml": f'date_order = "{order}"'}, "EUR")
    assert loaded.problems == ()
    assert loaded.invoices[0].issued_on == date(2026, month, 15 - month)


@pytest.mark.parametrize(("decimal", "minor"), [(",", 123400), (".", 123)])
def test_the_owner_says_the_decimal_mark(read: Read, decimal: str, minor: int) -> None:
    table = "Number;Customer;Date;Total\n1;Ada;2026-01-01;1.234\n".replace(
        "1.234", "1.230" if minor == 123 else "1.234"
    )
    asked = read({"open.csv": table}, "EUR")
    assert [(problem.line, problem.field) for problem in asked.problems] == [(2, "Total")]
    loaded = read({"open.toml": f'decimal = "{decimal}"'}, "EUR")
    assert loaded.invoices[0].total == Money(minor, "EUR")


def test_one_column_of_amounts_explains_another(read: Read) -> None:
    loaded = read({"open.csv": "Number;Customer;Total;Balance\n1;Ada;1.234;100,50\n"}, "EUR")
    assert loaded.invoices[0].total == Money(123400, "EUR")


@pytest.mark.parametrize(
    ("column", "cell", "total", "fallback", "currency"),
    [
        ("Currency", "usd", "5", "EUR", "USD"),
        ("Currency", "€", "5", "USD", "EUR"),
        ("Currency", "$", "5", "CAD", "CAD"),
        ("Note", "", "£5", "USD", "GBP"),
        ("Note", "", "5 EUR", "USD", "EUR"),
        ("Note", "", "$5", "AUD", "AUD"),
        ("Note", "", "5", "CHF", "CHF"),
    ],
)
def test_the_currency(read: Read, column: str, cell: str, total: str, fallback: str, currency: str) -> None:  # noqa: PLR0913, PLR0917  one case
    loaded = read({"open.csv": f"Number,Customer,{column},Total\n1,Ada,{cell},{total}\n"}, fallback)
    assert loaded.problems == ()
    assert loaded.invoices[0].total == Money(500, currency)


def test_the_settings_beside_the_table_outweigh_the_portals_currency(read: Read) -> None:
    files = {"open.csv": "Number,Customer,Total\n1,Ada,5\n", "open.toml": 'currency = "SEK"'}
    assert read(files, "EUR").invoices[0].currency == "SEK"


def test_no_currency_at_all_is_told_once(read: Read) -> None:
    loaded = read({"open.csv": "Number,Customer,Total\n1,Ada,5\n2,Bo,$6\n3,Cy,€7\n"})
    assert [invoice.number for invoice in loaded.invoices] == ["3"]
    assert [(problem.line, problem.field) for problem in loaded.problems] == [(2, "currency")]
    assert "2 invoices" in loaded.problems[0].problem
    assert loaded.rejected == 2


def test_the_owner_names_the_columns(read: Read) -> None:
    files = {
        "open.csv": "Ref,Who,Sum\n1,Ada,5\n",
        "open.toml": '[columns]\nnumber = "Ref"\ncustomer = "Who"\ntotal = "Sum"',
    }
    loaded = read(files, "EUR")
    assert [(invoice.number, invoice.customer.name) for invoice in loaded.invoices] == [("1", "Ada")]


def test_rows_with_one_number_are_the_lines_of_one_invoice(read: Read) -> None:
    rows = "1,Ada,2026-01-01,300,Wall,2,200\n2,Bo,2026-01-01,5,Hut,1,5\n1,Ada,2026-01-01,300,Door,1,100\n"
    loaded = read({"x.csv": f"Number,Customer,Date,Total,Description,Quantity,Line amount\n{rows}"}, "EUR")
    assert loaded.invoices[0].lines == (
        LineItem("Wall", Money(20000, "EUR"), Decimal(2)),
        LineItem("Door", Money(10000, "EUR"), Decimal(1)),
    )
    assert [invoice.total for invoice in loaded.invoices] == [Money(30000, "EUR"), Money(500, "EUR")]


def test_amounts_beside_descriptions_are_added_up(read: Read) -> None:
    loaded = read({"x.csv": "Number,Customer,Description,Amount\n1,Ada,Wall,200\n1,,Door,100.50\n"}, "EUR")
    assert (loaded.invoices[0].total, len(loaded.invoices[0].lines)) == (Money(30050, "EUR"), 2)


def test_a_table_of_numbers_and_lines_alone_is_read_as_far_as_it_goes(read: Read) -> None:
    loaded = read({"open.csv": "Invoice number,Line amount,Description\nA-1,3.00 €,Oak\nA-1,4.00 €,Ash\n"})
    assert [(found.line, found.problem) for found in loaded.problems] == [(2, "The customer's name is missing.")]
    assert loaded.rejected == 2


def test_rows_without_a_number_are_never_put_together(read: Read) -> None:
    loaded = read({"open.csv": f"{HEAD[:-1]},Line amount\n{GOOD[3:-1]},5\n{GOOD[3:-1]},6\n"})
    assert [found.line for found in loaded.problems if found.field == "Number"] == [2, 3]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_long_table_keeps_its_lines_wherever_it_is_cut(ending: str) -> None:
    """It is read in pieces: cells of several lines, and line endings of two characters, may lie where they meet."""
    rows = [[f"A-{number}", f"two{ending}lines {number}"] for number in range(5000)]
    text = "".join(f'{one},"{two}"{ending}' for one, two in rows)
    assert "".join(lines_of(text)) == text
    read = rows_of(text, ",", Findings("open.csv"))
    assert [list(row.cells) for row in read] == rows
    assert [row.line for row in read] == list(range(1, 10001, 2))


@pytest.mark.parametrize("columns", ["Total", "Total,Paid,Balance"])
def test_what_is_due_is_the_total_itself_where_nothing_was_paid(read: Read, columns: str) -> None:
    cells = ",".join(["7.50 €", "0", "7.50"][: columns.count(",") + 1])
    (invoice,) = read({"open.csv": f"Number,Customer,{columns}\nA-1,Ada,{cells}\n"}).invoices
    assert invoice.total is invoice.stated_due


def test_a_repeated_line_is_counted_with_a_warning(read: Read) -> None:
    loaded = read({"x.csv": "Number,Customer,Description,Amount\n1,Ada,Wall,200\n1,Ada,Wall,200\n"}, "EUR")
    assert loaded.invoices[0].total == Money(40000, "EUR")
    assert "same" in loaded.warnings[-1].problem


def test_a_repeated_row_without_lines_is_one_claim(read: Read) -> None:
    loaded = read({"x.csv": HEAD + GOOD + GOOD})
    assert [invoice.key for invoice in loaded.invoices] == ["A-1"]
    assert [(problem.file, problem.line) for problem in loaded.warnings] == [("invoices/x.csv", 3)]
    assert "already in invoices/x.csv:2" in loaded.warnings[0].problem


def test_one_number_for_two_customers_is_two_invoices(read: Read) -> None:
    loaded = read({"x.csv": HEAD + GOOD + GOOD.replace("Ada", "Bo")})
    assert [invoice.key for invoice in loaded.invoices] == ["A-1", "A-1 (x.csv)"]
    assert loaded.warnings[0].line == 3


@pytest.mark.parametrize(
    "row",
    [
        "Total,,,,,,100.00,40.00,60.00",
        "Summe,,,,,,100.00,40.00,60.00",
        ",,Grand total,,,,100.00,,60.00",
        "91 or more days past due,,,,,,,,",
        "CURRENT,,,,,,,,",
        ",,,,,,,,",
        "",
        HEAD.strip(),
        '" Friday, November 20, 2026",,,,,,,,',
    ],
)
def test_titles_sums_and_footers_are_passed_over(read: Read, row: str) -> None:
    loaded = read({"x.csv": f"{HEAD}{row}\n{GOOD}{row}\n"})
    assert [invoice.number for invoice in loaded.invoices] == ["A-1"]
    assert loaded.problems == loaded.warnings == ()


@pytest.mark.parametrize(
    ("kind", "status", "taken"),
    [
        ("Invoice", "Sent", DocumentKind.INVOICE),
        ("Rechnung", "Offen", DocumentKind.INVOICE),
        ("Credit Memo", "", DocumentKind.CREDIT_NOTE),
        ("Gutschrift", "", DocumentKind.CREDIT_NOTE),
        ("Nota di credito", "", DocumentKind.CREDIT_NOTE),
        ("Payment", "", None),
        ("Sales overpayment", "", None),
        ("Bill", "", None),
        ("", "Draft", None),
        ("", "Entwurf", None),
        ("", "Voided", None),
        ("", "Annullata", None),
    ],
)
def test_types_and_statuses(read: Read, kind: str, status: str, taken: DocumentKind | None) -> None:
    loaded = read({"x.csv": f"Number,Customer,Total,Type,Status\n1,Ada,5,{kind},{status}\n"}, "EUR")
    assert [invoice.kind for invoice in loaded.invoices] == ([taken] if taken else [])
    assert loaded.problems == ()
    assert bool(loaded.warnings) == (taken is None or "due date" in loaded.warnings[0].problem)


def test_negative_rows_are_credit_notes(read: Read) -> None:
    loaded = read({"x.csv": "Number,Customer,Total,Balance\n1,Ada,-5,-5\n"}, "EUR")
    assert loaded.invoices[0].kind is DocumentKind.CREDIT_NOTE
    assert (loaded.invoices[0].stated_due, loaded.invoices[0].payments) == (Money(-500, "EUR"), ())


@pytest.mark.parametrize(
    ("columns", "cells", "due", "paid"),
    [
        ("Total,Paid", "100,40", 6000, 4000),
        ("Total,Balance", "100,60", 6000, 4000),
        ("Total,Paid,Balance", "100,0,60", 6000, 0),
        ("Total,Balance", "100,120", 12000, 0),
        ("Balance", "60", 6000, 0),
        ("Total", "100", 10000, 0),
        ("Total,Status", "100,Paid", 0, 10000),
        ("Total,Status", "100,bezahlt", 0, 10000),
        ("Total,Balance,Status", "100,10,Paid", 1000, 9000),
    ],
)
def test_what_is_due_and_paid(read: Read, columns: str, cells: str, due: int, paid: int) -> None:
    (invoice,) = read({"x.csv": f"Number,Customer,{columns}\n1,Ada,{cells}\n"}, "EUR").invoices
    assert (invoice.stated_due, invoice.amount_prepaid) == (Money(due, "EUR"), Money(paid, "EUR"))


def test_a_balance_that_does_not_add_up_is_trusted_with_a_warning(read: Read) -> None:
    loaded = read({"x.csv": HEAD + GOOD.replace("60.00", "55.00")})
    assert loaded.invoices[0].stated_due == Money(5500, "EUR")
    assert [(warning.line, warning.field) for warning in loaded.warnings] == [(2, "Balance")]


def test_an_open_quotation_mark_spoils_its_own_row_only(read: Read) -> None:
    broken = GOOD.replace("A-1", "A-2").replace("Ada", '"Ada')
    loaded = read({"x.csv": HEAD + GOOD + broken + GOOD.replace("A-1", "A-3")})
    assert [invoice.number for invoice in loaded.invoices] == ["A-1", "A-3"]
    assert [problem.line for problem in loaded.problems] == [3]
    assert loaded.rejected == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=150) | st.text(max_size=150).map(lambda text: (HEAD + text).encode()))
def test_nothing_in_a_table_raises(tmp_path: Path, raw: bytes) -> None:
    reading = read_table(raw, path=tmp_path / "x.csv", file="invoices/x.csv", currency="EUR")
    assert bool(reading.problems) == bool(reading.rejected)
