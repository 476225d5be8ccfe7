"""Exports of common invoicing programs, as far as their columns tell."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from portal.receivables.invoice import DocumentKind
from portal.sources import Loaded, load, read_one
from portal.sources.dates import DateOrder

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "csv-reconstructed"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"there are no foreign samples in {SAMPLES}")

Row = tuple[str, str, str, str, str | None, str]


def loaded_from(name: str, folder: Path, currency: str | None = None) -> Loaded:
    (folder / "invoices").mkdir()
    shutil.copy(SAMPLES / name, folder / "invoices")
    return load(folder, currency=currency)


def rows_of(loaded: Loaded) -> list[Row]:
    return [
        (
            invoice.number,
            invoice.customer.name,
            str(invoice.total),
            invoice.stated_due.decimal_text,
            str(invoice.due_on) if invoice.due_on else None,
            invoice.source.rpartition(":")[2],
        )
        for invoice in loaded.invoices
    ]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "freshbooks_invoices.csv",
            [
                ("0000017", "Acme Studio", "CAD 1005.70", "1005.70", None, "2"),
                ("0000018", "Beta Works", "USD 300.00", "0.00", None, "4"),
            ],
        ),
        (
            "german_semicolon_cp1252.csv",
            [
                ("RE-2026-0042", "Müller & Söhne GmbH", "EUR 1190.00", "1000.00", "2026-11-04", "2"),
                ("RE-2026-0043", "Bäckerei Groß", "EUR 59.50", "59.50", "2026-11-05", "3"),
            ],
        ),
        (
            "invoiceninja_v5_invoice_report.csv",
            [("0042", "Ludwig Krajcik", "EUR 1250.00", "1000.00", "2026-11-24", "2")],
        ),
        (
            "xero_sales_invoices.csv",
            [
                ("CN-0014", "City Limousines", "GBP -120.00", "-120.00", "2026-11-12", "5"),
                ("INV-0032", "Ridgeway University", "GBP 6187.50", "5187.50", "2026-11-12", "2"),
            ],
        ),
        ("zoho_invoices.csv", [("INV-000101", "Highlander", "USD 489.75", "189.75", "2026-10-31", "2")]),
    ],
)
def test_exports_that_say_everything(name: str, rows: list[Row], tmp_path: Path) -> None:
    loaded = loaded_from(name, tmp_path)
    assert loaded.problems == ()
    assert rows_of(loaded) == rows


def test_quickbooks_aging_needs_a_currency(tmp_path: Path) -> None:
    loaded = loaded_from("qbo_ar_aging_detail.csv", tmp_path)
    assert [(problem.line, problem.field) for problem in loaded.problems] == [(7, "currency")]
    loaded = load(tmp_path, currency="USD")
    assert loaded.problems == ()
    assert rows_of(loaded) == [
        ("1041", "Amy's Bird Sanctuary", "USD 1284.50", "800.00", "2026-07-12", "7"),
        ("1052", "Freeman Sporting Goods:55 Twin Lane", "USD 4180.75", "4180.75", "2026-11-01", "11"),
        ("1060", "Geeta Kalapatapu", "USD 629.10", "629.10", "2026-12-18", "15"),
        ("CM-12", "Amy's Bird Sanctuary", "USD -100.00", "-100.00", "2026-05-23", "8"),
    ]
    assert loaded.invoices[3].kind is DocumentKind.CREDIT_NOTE
    assert loaded.invoices[0].issued_on == date(2026, 6, 12)


def test_no_sample_is_forgotten() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {
        "freshbooks_clients.csv",
        "freshbooks_invoices.csv",
        "german_semicolon_cp1252.csv",
        "invoiceninja_v5_invoice_report.csv",
        "qbo_ar_aging_detail.csv",
        "qbo_ar_aging_detail.xlsx",
        "qbo_customer_contact_list.csv",
        "xero_sales_invoices.csv",
        "zoho_invoices.csv",
    }


PROFILES = {
    "freshbooks_invoices.csv": "FreshBooks, invoices",
    "german_semicolon_cp1252.csv": "generic",
    "invoiceninja_v5_invoice_report.csv": "Invoice Ninja 5, invoice report",
    "qbo_ar_aging_detail.csv": "QuickBooks Online, A/R Aging Detail",
    "qbo_ar_aging_detail.xlsx": "QuickBooks Online, A/R Aging Detail",
    "xero_sales_invoices.csv": "Xero, sales invoices",
    "zoho_invoices.csv": "Zoho, invoices",
}


@pytest.mark.parametrize("name", PROFILES)
def test_the_program_is_seen_and_its_totals_fit(name: str) -> None:
    understood = read_one(SAMPLES / name, SAMPLES, currency="USD", order=DateOrder.MONTH_FIRST).understood
    assert understood is not None
    assert understood.facts["profile"] == PROFILES[name]
    assert all(control.fits for control in understood.controls)
    assert len(understood.controls) == {"german_semicolon_cp1252.csv": 3, "qbo_ar_aging_detail.csv": 4}.get(name, 0)


ADDRESSES = {
    "freshbooks_invoices.csv": ("freshbooks_clients.csv", {"0000017": "ann@acme.example", "0000018": None}),
    "qbo_ar_aging_detail.csv": (
        "qbo_customer_contact_list.csv",
        {
            "1041": "birds@example.com",
            "1052": "sporting@example.com",
            "1060": "geeta@example.com",
            "CM-12": "birds@example.com",
        },
    ),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_list_of_customers_beside_it_gives_the_addresses(name: str, tmp_path: Path) -> None:
    customers, emails = ADDRESSES[name]
    (tmp_path / "invoices").mkdir()
    shutil.copy(SAMPLES / customers, tmp_path / "invoices")
    alone = load(tmp_path)
    assert (alone.invoices, alone.problems, alone.rejected) == ((), (), 0)
    assert any("list of customers" in found.problem for found in alone.warnings)
    shutil.copy(SAMPLES / name, tmp_path / "invoices")
    loaded = load(tmp_path, currency="USD")
    assert loaded.problems == ()
    assert {invoice.number: invoice.customer.email for invoice in loaded.invoices} == emails
    missing = [warning for warning in loaded.warnings if "has no e-mail address" in warning.problem]
    assert len(missing) == (None in emails.values())


def test_a_workbook_is_read_like_its_table(tmp_path: Path) -> None:
    loaded = loaded_from("qbo_ar_aging_detail.xlsx", tmp_path, "USD")
    assert [problem.field for problem in loaded.problems] == ["date_order"]
    (tmp_path / "invoices" / "qbo_ar_aging_detail.toml").write_text('date_order = "mdy"', encoding="utf-8")
    loaded = load(tmp_path, currency="USD")
    assert loaded.problems == ()
    assert rows_of(loaded) == [
        ("1041", "Amy's Bird Sanctuary", "USD 1284.50", "800.00", "2026-07-12", "7"),
        ("1060", "Geeta", "USD 629.10", "629.10", "2026-12-18", "11"),
    ]
