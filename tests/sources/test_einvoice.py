from __future__ import annotations

from datetime import date
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

import pytest
from markdown import markdown

from portal.receivables.invoice import BankAccount, DocumentKind, DuePart, PaymentMeans, StatedPayment, Tax
from portal.receivables.line_items import LineItem
from portal.receivables.money import Money
from portal.sources.einvoice import read_einvoice
from portal.sources.einvoice_fields import as_markdown

if TYPE_CHECKING:
    from portal.receivables.invoice import Invoice
    from portal.sources import Reading

IBAN = "DE75512108001245126199"


def reading(text: str) -> Reading:
    return read_einvoice(text.encode(), file="invoices/x.xml")


def one(text: str) -> Invoice:
    found = reading(text)
    assert found.problems == ()
    return found.invoices[0]


def test_ubl_field_by_field(ubl: str) -> None:
    invoice = one(ubl)
    assert (invoice.key, invoice.source, invoice.kind) == ("U-1", "invoices/x.xml", DocumentKind.INVOICE)
    assert (invoice.customer.name, invoice.customer.email) == ("Buyer", "in@buyer.example")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (invoice.total, invoice.stated_due) == (Money(11900, "EUR"), Money(10001, "EUR"))
    assert invoice.payments == (StatedPayment(Money(1900, "EUR")),)
    assert invoice.lines == (
        LineItem("Work", Money(10500, "EUR"), Decimal("10.5"), "h"),
        LineItem("Allowance", Money(-500, "EUR")),
    )
    assert invoice.taxes == (Tax("VAT at 19%", Money(1900, "EUR")),)
    assert invoice.bank_account == BankAccount("Seller", iban=IBAN)
    assert (invoice.payment_reference, invoice.terms_text) == ("REF 1", "#SKONTO#TAGE=7#PROZENT=2.00#")
    assert invoice.means is PaymentMeans.ANY
    assert reading(ubl).warnings == ()


def test_notes_are_shown_as_they_stand(ubl: str) -> None:
    notes = one(ubl).notes
    assert notes is not None
    assert markdown(notes) == "<p>1. *Hello*</p>"


@pytest.mark.parametrize(
    "text",
    ["# no heading", "- no list", "<b>", "a_b_c", "[x](y)", "12) no list", "`code`", "\\", "&amp; &lt;", "~~x~~"],
)
def test_plain_text_is_no_markup(text: str) -> None:
    assert unescape(markdown(as_markdown(text), extensions=["tables"])) == f"<p>{text}</p>"


def test_lines_of_a_note_stay_lines() -> None:
    assert markdown(as_markdown("one\n   two")) == "<p>one<br />\ntwo</p>"


def test_cii_needs_few_fields(cii: str) -> None:
    invoice = one(cii)
    assert (invoice.number, invoice.customer.name, invoice.customer.email) == ("C-1", "Buyer", None)
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (invoice.total, invoice.payments, list(invoice.lines)) == (Money(11900, "EUR"), (), [])
    assert invoice.bank_account is None


@pytest.mark.parametrize("code", ["381", "396", "261", "262", "308"])
def test_types_of_credit_notes(ubl: str, code: str) -> None:
    assert one(ubl.replace(">380<", f">{code}<")).kind is DocumentKind.CREDIT_NOTE


def test_a_credit_note_root_and_its_due_date(ubl: str) -> None:
    text = (
        ubl.replace("Invoice-2", "CreditNote-2")
        .replace("<Invoice ", "<CreditNote ")
        .replace("</Invoice>", "</CreditNote>")
    )
    text = text.replace("<cbc:DueDate>2026-10-31</cbc:DueDate>", "").replace(
        "<cac:PaymentMeans>", "<cac:PaymentMeans><cbc:PaymentDueDate>2026-11-05</cbc:PaymentDueDate>"
    )
    invoice = one(text)
    assert (invoice.kind, invoice.due_on) == (DocumentKind.CREDIT_NOTE, date(2026, 11, 5))


@pytest.mark.parametrize("code", ["386", "389", "751"])
def test_types_to_ask_about(ubl: str, code: str) -> None:
    found = reading(ubl.replace(">380<", f">{code}<"))
    assert [(warning.line, warning.field) for warning in found.warnings] == [(8, "InvoiceTypeCode")]
    assert found.invoices[0].kind is DocumentKind.INVOICE


@pytest.mark.parametrize("code", ["59", "49"])
def test_direct_debit(ubl: str, code: str) -> None:
    assert one(ubl.replace(">30<", f">{code}<")).means is PaymentMeans.DIRECT_DEBIT


def test_direct_debit_beside_another_way_is_a_warning(ubl: str) -> None:
    other = "<cac:PaymentMeans><cbc:PaymentMeansCode>59</cbc:PaymentMeansCode></cac:PaymentMeans><cac:PaymentTerms>"
    found = reading(ubl.replace("<cac:PaymentTerms>", other))
    assert found.invoices[0].means is PaymentMeans.DIRECT_DEBIT
    assert [warning.line for warning in found.warnings] == [19]


@pytest.mark.parametrize(
    ("stated", "account"),
    [
        (f"<cbc:ID>{IBAN}</cbc:ID>", BankAccount("Seller", iban=IBAN)),
        ("<cbc:ID>DE75 5121 0800 1245 1261 99</cbc:ID>", BankAccount("Seller", iban=IBAN)),
        ("<cbc:ID>DE00512108001245126199</cbc:ID>", None),
        ("<cbc:ID>123456</cbc:ID><cbc:Name>Holder</cbc:Name>", BankAccount("Holder", account_number="123456")),
        (f"<cbc:ID>{'9' * 40}</cbc:ID>", None),
        ("", None),
    ],
)
def test_accounts(ubl: str, stated: str, account: BankAccount | None) -> None:
    assert one(ubl.replace(f"<cbc:ID>{IBAN}</cbc:ID>", stated)).bank_account == account


def test_a_bic_is_kept_where_it_is_one(ubl: str) -> None:
    branch = "<cac:FinancialInstitutionBranch><cbc:ID>{}</cbc:ID></cac:FinancialInstitutionBranch>"
    found = [
        one(ubl.replace(f"{IBAN}</cbc:ID>", f"{IBAN}</cbc:ID>{branch.format(code)}")) for code in ("SOLADEST600", "x")
    ]
    assert [invoice.bank_account and invoice.bank_account.bic for invoice in found] == ["SOLADEST600", None]


def test_several_due_dates_take_the_last_with_a_warning(cii: str) -> None:
    terms = '<r:DueDateDateTime><u:DateTimeString format="102">20261231</u:DateTimeString></r:DueDateDateTime>'
    found = reading(cii.replace("</r:SpecifiedTradePaymentTerms>", f"{terms}</r:SpecifiedTradePaymentTerms>"))
    assert found.invoices[0].due_on == date(2026, 12, 31)
    assert [(warning.line, warning.field) for warning in found.warnings] == [(19, "DueDateDateTime")]


CII_PART = (
    "<r:SpecifiedTradePaymentTerms>"
    '<r:DueDateDateTime><u:DateTimeString format="102">{0}</u:DateTimeString></r:DueDateDateTime>'
    "<r:PartialPaymentAmount>{1}</r:PartialPaymentAmount></r:SpecifiedTradePaymentTerms>"
)
UBL_PART = (
    "<cac:PaymentTerms><cbc:Amount>{1}</cbc:Amount>"
    "<cbc:InstallmentDueDate>{0}</cbc:InstallmentDueDate></cac:PaymentTerms>"
)


def in_cii(text: str, *parts: tuple[str, str]) -> str:
    before, rest = text.split("<r:SpecifiedTradePaymentTerms>")
    return before + "".join(CII_PART.format(*part) for part in parts) + rest.split("</r:SpecifiedTradePaymentTerms>")[1]


def in_ubl(text: str, *parts: tuple[str, str]) -> str:
    return text.replace("<cac:AllowanceCharge>", "".join(UBL_PART.format(*p) for p in parts) + "<cac:AllowanceCharge>")


def test_terms_with_dates_and_sums_are_parts(cii: str) -> None:
    found = reading(in_cii(cii, ("20261231", "49.00"), ("20261031", "70.00")))
    (invoice,) = found.invoices
    assert invoice.parts == (
        DuePart(date(2026, 10, 31), Money(7000, "EUR")),
        DuePart(date(2026, 12, 31), Money(4900, "EUR")),
    )
    assert (invoice.due_on, found.warnings, found.problems) == (date(2026, 12, 31), (), ())


@pytest.mark.parametrize("sums", [("40.01", "60.00"), ("59.01", "60.00")], ids=["of what is left", "of all"])
def test_what_was_paid_before_is_in_the_first_part(ubl: str, sums: tuple[str, str]) -> None:
    """19.00 of 119.01 was paid; files differ in whether their parts come to what is left or to all."""
    found = reading(in_ubl(ubl, ("2026-10-31", sums[0]), ("2026-11-30", sums[1])))
    (invoice,) = found.invoices
    assert sum(part.amount.minor for part in invoice.parts) == invoice.claim.minor == 11901
    assert invoice.parts == (
        DuePart(date(2026, 10, 31), Money(5901, "EUR")),
        DuePart(date(2026, 11, 30), Money(6000, "EUR")),
    )
    assert (invoice.due_on, found.warnings) == (date(2026, 11, 30), ())


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ((("20261031", "70.00"), ("20261231", "50.00")), "parts come to EUR 120.00, and EUR 119.00 is to be paid"),
        ((("20261031", "169.00"), ("20261231", "-50.00")), "less than nothing"),
        ((("20261031", "70.00"), ("20261231", "")), "2 due dates; the last, 2026-12-31"),
    ],
)
def test_parts_that_do_not_add_up_are_one_date_with_a_warning(
    cii: str, parts: tuple[tuple[str, str], ...], says: str
) -> None:
    found = reading(in_cii(cii, *parts))
    (invoice,) = found.invoices
    assert (invoice.parts, invoice.due_on) == ((), date(2026, 12, 31))
    (warning,) = found.warnings
    assert says in warning.problem


def test_sums_due_on_one_day_are_one_date(cii: str) -> None:
    found = reading(in_cii(cii, ("20261031", "70.00"), ("20261031", "49.00")))
    assert (found.invoices[0].parts, found.invoices[0].due_on) == ((), date(2026, 10, 31))
    assert found.warnings == ()


def test_a_due_date_after_the_last_part_is_warned_of(ubl: str) -> None:
    text = ubl.replace("<cbc:DueDate>2026-10-31", "<cbc:DueDate>2027-01-31")
    found = reading(in_ubl(text, ("2026-10-31", "40.01"), ("2026-11-30", "60.00")))
    assert found.invoices[0].due_on == date(2026, 11, 30)
    assert [warning.problem for warning in found.warnings] == [
        "It is due on 2027-01-31, and its last part on 2026-11-30; the parts are what counts."
    ]


def test_a_credit_note_has_no_parts(cii: str) -> None:
    text = cii.replace(">380<", ">381<")
    found = reading(in_cii(text, ("20261031", "70.00"), ("20261231", "49.00")))
    assert (found.invoices[0].kind, found.invoices[0].parts) == (DocumentKind.CREDIT_NOTE, ())


def test_tax_in_the_tax_offices_currency_is_left_out(ubl: str) -> None:
    amount = '<cbc:TaxAmount currencyID="SEK">1</cbc:TaxAmount>'
    second = f"<cac:TaxTotal><cac:TaxSubtotal>{amount}</cac:TaxSubtotal></cac:TaxTotal>"
    assert len(one(ubl.replace("<cac:LegalMonetaryTotal>", f"{second}<cac:LegalMonetaryTotal>")).taxes) == 1


@pytest.mark.parametrize(
    ("amount", "minor"), [("100", 10000), ("100.1", 10010), ("100.5000", 10050), ("-100.00", -10000), (".5", 50)]
)
def test_trailing_zeros_do_not_matter(ubl: str, amount: str, minor: int) -> None:
    assert one(ubl.replace(">100.01<", f">{amount}<")).stated_due == Money(minor, "EUR")


def test_contact_mail_comes_before_the_endpoint(ubl: str) -> None:
    mail = "<cbc:ElectronicMail>ada@buyer.example</cbc:ElectronicMail>"
    buyer = "</cac:Party></cac:AccountingCustomerParty>"
    text = ubl.replace(buyer, f"<cac:Contact>{mail}</cac:Contact>{buyer}")
    assert one(text).customer.email == "ada@buyer.example"
    assert one(ubl.replace('"EM"', '"0088"')).customer.email is None


def test_an_overpaid_invoice_is_taken_with_a_warning(ubl: str) -> None:
    found = reading(ubl.replace(">19.00</cbc:Prepaid", ">130.00</cbc:Prepaid").replace(">100.01<", ">-11.00<"))
    assert found.invoices[0].stated_due == Money(-1100, "EUR")
    assert [warning.field for warning in found.warnings] == ["PrepaidAmount"]


def test_other_encodings_are_read(ubl: str) -> None:
    text = ubl.replace("UTF-8", "ISO-8859-1").replace(">Buyer<", ">Müller<")
    found = read_einvoice(text.encode("iso-8859-1"), file="invoices/x.xml")
    assert found.invoices[0].customer.name == "Müller"


def test_a_wrong_iban_is_warned_about_with_its_line(ubl: str) -> None:
    found = reading(ubl.replace(IBAN, "DE74512108001245126199"))
    (warning,) = found.warnings
    assert "is not a right IBAN" in warning.problem
    assert warning.field == "ID"
    assert warning.line is not None
    assert "DE74512108001245126199" in ubl.replace(IBAN, "DE74512108001245126199").splitlines()[warning.line - 1]


def test_a_mistyped_rf_reference_is_warned_about_and_shown(ubl: str) -> None:
    found = reading(ubl.replace("REF 1", "RF17539007547034"))
    (warning,) = found.warnings
    assert (warning.field, "check digits do not fit" in warning.problem) == ("PaymentID", True)
    assert found.invoices[0].payment_reference == "RF17539007547034"
    assert reading(ubl.replace("REF 1", "RF18539007547034")).warnings == ()


def test_the_customers_own_reference_is_the_order_else_the_contract_else_theirs(ubl: str, cii: str) -> None:
    place = "<cbc:DocumentCurrencyCode>"
    parts = [
        "<cac:OrderReference><cbc:ID>PO 77</cbc:ID></cac:OrderReference>",
        "<cac:ContractDocumentReference><cbc:ID>C-3</cbc:ID></cac:ContractDocumentReference>",
        "<cbc:BuyerReference>Dept. 5</cbc:BuyerReference>",
    ]
    found = [one(ubl.replace(place, "".join(parts[n:]) + place, 1)).order_reference for n in range(4)]
    assert found == ["PO 77", "C-3", "Dept. 5", None]
    agreement = "</r:ApplicableHeaderTradeAgreement>"
    assert agreement in cii
    order = (
        "<r:BuyerOrderReferencedDocument><r:IssuerAssignedID>PO 8</r:IssuerAssignedID></r:BuyerOrderReferencedDocument>"
    )
    assert one(cii.replace(agreement, order + agreement)).order_reference == "PO 8"
