"""Exports of known programs: their real headings, invented rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from portal.receivables.invoice import DocumentKind, DuePart
from portal.receivables.money import Money
from portal.sources.profiles import PROFILES
from portal.sources.table import read_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from portal.sources import Loaded

    Read = Callable[..., Loaded]

WAVE = """\
Transaction ID,Transaction Date,Account Name,Transaction Description,Amount (One column),Customer,Invoice Number,\
Amount Before Sales Tax,Account Group,Account Type
1,2026-01-28,Sales,Ada - 2,294.00,Ada,2,294.00,Income,Income
1,2026-01-28,Accounts Receivable,Ada - 2,314.00,Ada,2,314.00,Asset,System Receivable Invoice
2,2026-02-03,Accounts Receivable,Invoice Payment,-100.50,Ada,2,-100.50,Asset,System Receivable Invoice
2,2026-02-03,Cash on Hand,Invoice Payment,100.50,,,100.50,Asset,Cash and Bank
4,2026-02-05,Accounts Receivable,Invoice Payment,-20.00,Bo,3,-20.00,Asset,System Receivable Invoice
3,2026-02-04,Accounts Receivable,Bo - 3,20.00,Bo,3,20.00,Asset,System Receivable Invoice
"""
INVOICE2GO = """\
\ufeffId,AccountId,State,DocumentDate,DocumentNumber,Comment,Name,EmailRecipient,DocumentStatus,TermsOld,Items,\
CurrencyCode,TotalAmount,BalanceDueAmount,AmountPaidAmount
a-1,24,synced,2026-01-28,4,,Ada Inc,ada@a.example,unsent,30,\
"code,description,qty,unit_type,taxes,unit_price,discount_amount;,Repair,2,parts,""rate,id;8,x"",32.25,0;\
,Mallet,1,parts,,3,0",USD,72.90,70.00,2.90
a-2,24,synced,2026-01-28,5,,Bo,bo@b.example,unsent,0,,ILS,10.00,10.00,0
"""
INVOICELY = """\
"Date","Due","Details","Client","Status","Total"
"Jan 28 2026","Feb 28 2026","INV-1","Ada","Due","1,020.00"
"""
NINJA_4 = """\
"Invoice Ninja v4.5.17 - December 19, 2020 11:28 pm",,,,,,,,,,,,,
,,,,,,,,,,,,,
INVOICES,,,,,,,,,,,,,
Client,Email,Invoice Number,Amount,Paid,PO Number,Status,Invoice Date,Due Date,Partial/Deposit,Item Product,\
Item Notes,Item Cost,Item Quantity
Ada,ada@a.example,2,$26.67,$6.94,,Partial,2026-02-19,2026-03-29,$0.00,omnis,Dicta,8.89,3
Ada,ada@a.example,2,$26.67,$6.94,,Partial,2026-02-19,2026-03-29,$0.00,omnis,Dicta,8.89,3
"""
ODOO = """\
Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Total Signed,Amount Due Signed,Currency,\
Payment Status,Status
INV/2026/00042,Ada,2026-10-01,2026-10-31,120.00,20.00,EUR,Partially Paid,Posted
RINV/2026/00003,Bo,2026-10-01,2026-10-01,-50.00,-50.00,EUR,Not Paid,Posted
INV/2026/00043,Cy,2026-10-01,2026-10-31,10.00,10.00,EUR,Not Paid,Draft
"""
OPEN_INVOICES = """\
"Northwind Studio, LLC",,,,,,
Open Invoices,,,,,,
,,,,,,
,Date,Transaction type,Num,Term,Due date,Open balance
Amy's Bird Sanctuary,,,,,,
,06/12/2026,Invoice,1041,Net 30,07/12/2026,239.00
,06/20/2026,Credit Memo,CM-1,,06/20/2026,-9.00
Total for Amy's Bird Sanctuary,,,,,,230.00
Freeman Sporting Goods,,,,,,
,07/01/2026,Invoice,1050,Net 30,07/31/2026,10.00
55 Twin Lane,,,,,,
,07/02/2026,Invoice,1052,2% 10 Net 30,08/01/2026,85.00
Total for 55 Twin Lane,,,,,,85.00
Total for Freeman Sporting Goods with sub-customers,,,,,,95.00
TOTAL,,,,,,$325.00
"""
EXPORTS = {
    "Wave, accounting transactions": (WAVE, [("2", "Ada", "31400", "21350"), ("3", "Bo", "2000", "0")]),
    "Invoice2Go, invoices": (INVOICE2GO, [("4", "Ada Inc", "7290", "7000"), ("5", "Bo", "1000", "1000")]),
    "invoicely, invoices": (INVOICELY, [("INV-1", "Ada", "102000", "102000")]),
    "Invoice Ninja 4, invoices": (NINJA_4, [("2", "Ada", "2667", "1973")]),
    "Odoo, invoices": (
        ODOO,
        [("INV/2026/00042", "Ada", "12000", "2000"), ("RINV/2026/00003", "Bo", "-5000", "-5000")],
    ),
    "QuickBooks Online, Open Invoices": (
        OPEN_INVOICES,
        [
            ("1041", "Amy's Bird Sanctuary", "23900", "23900"),
            ("CM-1", "Amy's Bird Sanctuary", "-900", "-900"),
            ("1050", "Freeman Sporting Goods", "1000", "1000"),
            ("1052", "Freeman Sporting Goods:55 Twin Lane", "8500", "8500"),
        ],
    ),
}


@pytest.mark.parametrize("profile", EXPORTS)
def test_exports(tmp_path: Path, profile: str) -> None:
    text, expected = EXPORTS[profile]
    reading = read_table(text.encode(), path=tmp_path / "x.csv", file="x.csv", currency="USD")
    assert reading.problems == ()
    assert reading.understood is not None
    assert reading.understood.facts["profile"] == profile
    assert [
        (one.number, one.customer.name, str(one.total.minor), str(one.stated_due.minor)) for one in reading.invoices
    ] == expected
    assert reading.differences == ()


def test_the_first_that_fits_is_not_a_weaker_one() -> None:
    for place, profile in enumerate(PROFILES):
        assert not any(earlier.signs <= profile.signs for earlier in PROFILES[:place]), profile.name


def test_waves_postings_are_the_invoice_s_date_and_payment(read: Read) -> None:
    first, other = read({"x.csv": WAVE}, "USD").invoices
    assert (first.issued_on, first.amount_prepaid.minor) == (date(2026, 1, 28), 10050)
    assert (other.issued_on, other.stated_due.minor) == (date(2026, 2, 4), 0)


def test_days_give_the_due_date(read: Read) -> None:
    first, other = read({"x.csv": INVOICE2GO}).invoices
    assert (first.due_on, other.due_on) == (date(2026, 2, 27), date(2026, 1, 28))
    assert first.customer.email == "ada@a.example"
    assert other.currency == "ILS"


def test_lines_in_a_cell_are_lines_of_the_invoice(read: Read) -> None:
    first, other = read({"x.csv": INVOICE2GO}).invoices
    assert [(line.description, line.amount.minor, line.quantity) for line in first.lines] == [
        ("Repair", 6450, Decimal(2)),
        ("Mallet", 300, Decimal(1)),
    ]
    assert other.lines == ()
    reduced = read({"x.csv": INVOICE2GO.replace("32.25,0;", "32.25,5;")}).invoices[0]
    assert (list(reduced.lines), reduced.total.minor) == ([], 7290)


def test_days_that_are_none_are_a_warning(read: Read) -> None:
    loaded = read({"x.csv": INVOICE2GO.replace("unsent,30", "unsent,soon")})
    assert loaded.invoices[0].due_on is None
    assert [(warning.line, warning.field) for warning in loaded.warnings] == [(2, "TermsOld")]


def test_a_credit_memo_and_a_section_within_a_section(read: Read) -> None:
    loaded = read({"x.csv": OPEN_INVOICES}, "USD")
    kinds = {one.number: one.kind for one in loaded.invoices}
    assert kinds["CM-1"] is DocumentKind.CREDIT_NOTE
    lost = OPEN_INVOICES.replace(",07/02/2026,Invoice,1052,2% 10 Net 30,08/01/2026,85.00\n", "")
    differing = read({"x.csv": lost}, "USD").differences
    assert [problem.line for problem in differing] == [12, 13, 14]


def test_lines_that_say_how_late_it_is_are_no_customers(read: Read) -> None:
    report = OPEN_INVOICES.replace("Amy's Bird Sanctuary", "91 or more days past due")
    loaded = read({"x.csv": report}, "USD")
    assert loaded.invoices == ()
    assert {problem.problem for problem in loaded.problems} == {"The customer's name is missing."}


def test_odoos_own_currency_is_not_the_invoice_s(read: Read) -> None:
    """``Total Signed`` is in the company's currency, whatever the column Currency says."""
    both = ODOO.replace("-50.00,EUR", "-50.00,USD")
    loaded = read({"x.csv": both})
    assert [invoice.number for invoice in loaded.invoices] == []
    assert [problem.field for problem in loaded.problems] == ["Total Signed"]
    said = read({"x.toml": 'currency = "EUR"'})
    assert [invoice.number for invoice in said.invoices] == ["INV/2026/00042"]
    assert [problem.line for problem in said.problems] == [3]
    own = both.replace("Total Signed", "Total in Currency Signed").replace("Amount Due Signed", "Amount Due")
    assert len(read({"x.csv": own, "x.toml": ""}).invoices) == 2


def test_what_the_owner_wants_skipped(read: Read) -> None:
    table = "Number,Customer,Total,Type,Status\n1,Ada,5,Proforma,Sent\n2,Bo,6,Invoice,On hold\n3,Cy,7,Invoice,Sent\n"
    loaded = read({"x.csv": table, "x.toml": 'skip_types = ["proforma", "On hold"]'}, "EUR")
    assert [invoice.number for invoice in loaded.invoices] == ["3"]


def test_an_encoding_that_the_owner_names(read: Read) -> None:
    table = "Number,Customer,Total\n1,Łódź,5\n".encode("iso-8859-2")
    assert read({"x.csv": table}, "EUR").invoices[0].customer.name != "Łódź"
    assert read({"x.toml": 'encoding = "iso-8859-2"'}, "EUR").invoices[0].customer.name == "Łódź"
    wrong = read({"x.toml": 'encoding = "utf-8"'}, "EUR")
    assert "not in the encoding" in wrong.problems[0].problem
    unknown = read({"x.toml": 'encoding = "klingon"'}, "EUR")
    assert (unknown.problems[0].file, unknown.problems[0].line) == ("invoices/x.toml", 1)


def test_lines_are_price_by_quantity_where_no_amount_is_stated(read: Read) -> None:
    (invoice,) = read({"x.csv": NINJA_4}, "USD").invoices
    assert [(line.description, line.amount.minor, line.quantity) for line in invoice.lines] == [
        ("omnis: Dicta", 2667, Decimal(3))
    ] * 2
    (invoice,) = read({"x.csv": NINJA_4.replace("8.89,3", "8.885,3", 1)}, "USD").invoices
    assert invoice.lines == ()


def test_a_deposit_is_due_first(read: Read) -> None:
    table = (
        "Invoice Invoice Number,Client Name,Client Currency,Invoice Amount,Invoice Paid to Date,Invoice Balance,"
        "Invoice Date,Invoice Due Date,Invoice Partial/Deposit,Invoice Partial Due Date\n"
        "1,Ada,EUR,100.00,10.00,90.00,2026-10-01,2026-11-30,30.00,2026-10-15\n"
        "2,Bo,EUR,100.00,0,100.00,2026-10-01,2026-11-30,0.00,\n"
        "3,Cy,EUR,100.00,0,100.00,2026-10-01,,30.00,2026-10-15\n"
    )
    first, *others = read({"x.csv": table}).invoices
    assert first.parts == (
        DuePart(date(2026, 10, 15), Money(4000, "EUR")),
        DuePart(date(2026, 11, 30), Money(6000, "EUR")),
    )
    assert [other.parts for other in others] == [(), ()]


def test_a_list_of_customers_that_are_nobodys_is_named(read: Read) -> None:
    """It may be a list of invoices whose headings are not known: nothing is left out unnoticed."""
    loaded = read({"debts.csv": "Ref,Name,E-mail,Owing\n1,Ada,ada@a.example,5\n", "open.csv": OPEN}, "EUR")
    assert [found.file for found in loaded.warnings if "list of customers, but" in found.problem] == [
        "invoices/debts.csv"
    ]


CUSTOMERS = (
    "Kundennummer,Kunde,E-Mail\n7,Ada,ada@a.example\n,Bo,bo@b.example\n,Bo,other@b.example\n,Cy,\n,Dee,dee@d.example"
)
OPEN = "Kundennummer,Rechnungsnummer,Kunde,Total\n7,1,Adela,5\n,2,bo,5\n,3,Cy,5\n,4,DEE,5\n,5,Dee:Shop,5\n"


def test_customers_are_joined_by_number_and_name_and_never_guessed(read: Read) -> None:
    loaded = read({"customers.csv": CUSTOMERS, "a/open.csv": OPEN}, "EUR")
    assert {one.number: one.customer.email for one in loaded.invoices} == {
        "1": "ada@a.example", "2": None, "3": None, "4": "dee@d.example", "5": "dee@d.example",
    }  # fmt: skip
    (warning,) = [found for found in loaded.warnings if "e-mail" in found.problem]
    assert (warning.file, "bo, Cy." in warning.problem) == ("invoices/a/open.csv", True)


def test_a_list_elsewhere_is_not_joined_unless_it_is_named(read: Read, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path.parent / "outside.csv").write_text(CUSTOMERS, encoding="utf-8")
    assert read({"open.csv": OPEN, "b/customers.csv": CUSTOMERS}, "EUR").invoices[0].customer.email is None
    named = read({"open.toml": 'join = "../customers.csv"'}, "EUR")
    assert named.invoices[0].customer.email == "ada@a.example"
    for wrong in ("../../outside.csv", "nothing.csv", "open.csv"):
        loaded = read({"open.toml": f'join = "{wrong}"'}, "EUR")
        assert loaded.invoices[0].customer.email is None
        assert [found.field for found in loaded.warnings if found.file == "invoices/open.toml"] == ["join"]
