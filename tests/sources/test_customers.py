"""The owner's customer numbers, from every kind of source; what may stand for two customers is pointed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.sources import Loaded

    Read = Callable[..., Loaded]

TABLE = "Invoice,Customer,{heading},Email,Date,Due date,Currency,Total\n"
ROW = "{number},{name},{customer},{email},2026-10-01,2026-10-31,GBP,100.00\n"
MARKDOWN = """+++
number = "M-1"
customer = {{ name = "Ada", reference = {reference} }}
issued_on = 2026-10-01
currency = "GBP"
total = "10.00"
+++
"""


def table(*rows: tuple[str, str, str], heading: str = "Customer number") -> str:
    lines = [
        ROW.format(number=f"A-{at}", name=name, customer=customer, email=email)
        for at, (name, customer, email) in enumerate(rows)
    ]
    return TABLE.format(heading=heading) + "".join(lines)


@pytest.mark.parametrize("heading", ["Customer number", "customer_id", "Customer #", "Kundennr.", "Codice cliente"])
def test_a_column_of_customer_numbers(read: Read, heading: str) -> None:
    (invoice,) = read({"a.csv": table(("Ada", "C-17", ""), heading=heading)}).invoices
    assert invoice.customer.reference == "C-17"


def test_an_account_of_the_ledger_is_no_customer_number(read: Read) -> None:
    """Xero and QuickBooks put the account of sales there: all customers would share one statement."""
    rows = table(("Ada", "4000", "a@b.example"), ("Bob", "4000", "b@b.example"), heading="Account")
    one, other = read({"a.csv": rows}).invoices
    assert one.customer.reference is None
    assert statement_key(one) != statement_key(other)


@pytest.mark.parametrize("filler", ["", "-", "0", "000", "n/a", "NULL", "...", "x" * 121])
def test_what_only_fills_the_field_is_no_number(read: Read, filler: str) -> None:
    (invoice,) = read({"a.csv": table(("Ada", filler, ""))}).invoices
    assert invoice.customer.reference is None


def test_markdown(read: Read) -> None:
    (invoice,) = read({"a.md": MARKDOWN.format(reference='"C-17"')}).invoices
    assert invoice.customer.reference == "C-17"
    (problem,) = read({"a.md": MARKDOWN.format(reference="17")}).problems
    assert (problem.line, problem.field) == (3, "customer.reference")


def test_e_invoices(read: Read, ubl: str, cii: str) -> None:
    buyer = '<cbc:EndpointID schemeID="EM">in@buyer.example</cbc:EndpointID>'
    number = "<cac:PartyIdentification><cbc:ID>C-17</cbc:ID></cac:PartyIdentification>"
    assert buyer in ubl
    (invoice,) = read({"a.xml": ubl.replace(buyer, buyer + number)}).invoices
    assert invoice.customer.reference == "C-17"
    before, tag, after = cii.partition("<r:BuyerTradeParty>")
    assert tag
    loaded = read({"a.xml": f"{before}{tag}<r:ID>C-18</r:ID>{after}"})
    assert loaded.invoices[0].customer.reference == "C-18"


@pytest.mark.parametrize(
    ("rows", "doubtful"),
    [
        ((("Ada", "C-17", "a@b.example"), ("Bob", "C-17", "b@b.example")), True),
        ((("Ada", "C-17", "a@b.example"), ("Bob", "C-17", "")), True),
        ((("Ada", "C-17", "a@b.example"), ("A. Lovelace", "C-17", "A@B.example")), False),
        ((("Ada", "C-17", "a@b.example"), ("ada", "C-17", "b@b.example")), False),
        ((("Ada", "C-17", "a@b.example"), ("Bob", "C-18", "b@b.example")), False),
    ],
)
def test_a_number_of_several_customers_is_pointed_out(
    read: Read, rows: tuple[tuple[str, str, str], ...], *, doubtful: bool
) -> None:
    loaded = read({"a.csv": table(*rows)})
    assert len(loaded.invoices) == 2
    assert [(warning.file, warning.line, warning.field) for warning in loaded.warnings] == (
        [("invoices/a.csv", 3, "customer number")] if doubtful else []
    )
