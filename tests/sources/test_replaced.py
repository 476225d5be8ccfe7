from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from portal.receivables.invoice import Customer, DocumentKind, Successor
from portal.sources.einvoice import read_einvoice
from portal.sources.markdown import read_markdown
from portal.sources.replaced import with_successors

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.receivables.invoice import Invoice

ANNA = Customer("Anna", "anna@example.com")


def successors(*invoices: Invoice) -> dict[str, Successor | None]:
    return {one.key: one.replaced_by for one in with_successors(invoices).invoices}


def warnings(*invoices: Invoice) -> list[str]:
    return [f"{one.file}: {one.field}: {one.problem}" for one in with_successors(invoices).warnings]


def test_the_older_invoice_learns_which_one_took_its_place(make_invoice: Callable[..., Invoice]) -> None:
    old = make_invoice(key="1", number="1", customer=ANNA)
    new = make_invoice(key="2", number="2", customer=ANNA, issued_on=date(2026, 11, 2), replaces=("1",))
    assert successors(new, old) == {"1": Successor("2", date(2026, 11, 2), "2"), "2": None}
    assert warnings(new, old) == []


def test_nobody_is_led_to_the_page_of_what_may_be_another_customer(make_invoice: Callable[..., Invoice]) -> None:
    new = make_invoice(key="2", number="2", customer=ANNA, replaces=("1",))
    for other in (Customer("Bea", "bea@example.com"), Customer("Anna"), replace(ANNA, reference="C-1")):
        older = successors(make_invoice(key="1", customer=other), new)["1"]
        assert older == Successor("2", new.issued_on, None)
    nobody = Customer("Anna")
    both = make_invoice(key="1", customer=nobody), replace(new, customer=nobody)
    assert successors(*both)["1"] == Successor("2", new.issued_on, None)


def test_what_cannot_be_so_is_a_warning_and_changes_nothing(make_invoice: Callable[..., Invoice]) -> None:
    lonely = make_invoice(key="2", number="2", replaces=("1",))
    itself = make_invoice(key="3", number="3", replaces=("3",))
    credit = make_invoice(key="4", number="4", kind=DocumentKind.CREDIT_NOTE, replaces=("2",))
    assert set(successors(lonely, itself, credit).values()) == {None}
    assert warnings(lonely, itself, credit) == [
        "invoices/1042.md: replaces: Invoice 2 replaces 1, which is not here.",
        "invoices/1042.md: replaces: Invoice 3 replaces 3, and 3 replaces it: this one stays as it is.",
        "invoices/1042.md: replaces: Invoice 4 replaces 2, and one of the two is a credit note: both stay as they are.",
    ]


def test_two_that_replace_each_other_do_not_both_vanish(make_invoice: Callable[..., Invoice]) -> None:
    ring = [make_invoice(key=key, number=key, replaces=(of,)) for key, of in (("1", "2"), ("2", "3"), ("3", "1"))]
    assert list(successors(*ring).values()).count(None) == 1
    assert len(warnings(*ring)) == 1


def test_the_last_of_several_is_named(make_invoice: Callable[..., Invoice]) -> None:
    days = {"2": date(2026, 11, 2), "3": date(2026, 11, 1)}
    newer = [make_invoice(key=key, number=key, issued_on=on, replaces=("1",)) for key, on in days.items()]
    assert successors(make_invoice(key="1"), *newer)["1"] == Successor("2", days["2"])


def test_markdown_says_it_in_a_field() -> None:
    front = 'number = "2"\ncustomer = "A"\ncurrency = "EUR"\ntotal = "1.00"\nreplaces = "1"'
    (invoice,) = read_markdown(f"+++\n{front}\n+++\n".encode(), file="x.md", currency=None).invoices
    assert invoice.replaces == ("1",)


UBL_REFERENCE = (
    "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{}</cbc:ID>"
    "</cac:InvoiceDocumentReference></cac:BillingReference>\n"
)
CII_REFERENCE = "<r:InvoiceReferencedDocument><r:IssuerAssignedID>{}</r:IssuerAssignedID></r:InvoiceReferencedDocument>"


def test_only_a_corrected_e_invoice_takes_the_place_of_those_it_refers_to(ubl: str, cii: str) -> None:
    for text, reference, before in (
        (ubl, UBL_REFERENCE, "<cac:AccountingSupplierParty>"),
        (cii, CII_REFERENCE, "</r:ApplicableHeaderTradeSettlement>"),
    ):
        both = reference.format("U-0") + reference.format("U-00")
        referring = text.replace(before, both + before)
        assert read_einvoice(referring.encode(), file="x").invoices[0].replaces == ()
        corrected = referring.replace(">380<", ">384<")
        assert read_einvoice(corrected.encode(), file="x").invoices[0].replaces == ("U-0", "U-00")
