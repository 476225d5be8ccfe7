"""Real e-invoices of the standard's own makers, against values picked out of the XML by their full names."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from stdnum import iban

from portal.receivables.invoice import DocumentKind, Invoice, PaymentMeans
from portal.sources import load
from portal.sources.einvoice import read_einvoice

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FOLDERS = ("cii-en16931", "peppol", "peppol/national", "peppol/snippets", "xrechnung-skonto-tests")
FILES = [path for folder in FOLDERS for path in sorted((SAMPLES / folder).glob("*.xml"))]
FOLDER = ("cii-en16931", "peppol")

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"there are no foreign samples in {SAMPLES}")

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_TRADE = "rsm:SupplyChainTradeTransaction"
_SETTLEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_BUYER = f"{_TRADE}/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty"
_LINE = "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
CII = {
    "number": "rsm:ExchangedDocument/ram:ID",
    "issued_on": "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
    "due_on": f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",
    "type": "rsm:ExchangedDocument/ram:TypeCode",
    "currency": f"{_SETTLEMENT}/ram:InvoiceCurrencyCode",
    "total": f"{_SUMS}/ram:GrandTotalAmount",
    "prepaid": f"{_SUMS}/ram:TotalPrepaidAmount",
    "due": f"{_SUMS}/ram:DuePayableAmount",
    "buyer": f"{_BUYER}/ram:Name",
    "email": f"{_BUYER}/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",
    "endpoint": f"{_BUYER}/ram:URIUniversalCommunication/ram:URIID[@schemeID='EM']",
    "terms": f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description",
    "reference": f"{_SETTLEMENT}/ram:PaymentReference",
    "means": f"{_MEANS}/ram:TypeCode",
    "accounts": f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
    "line": f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem/{_LINE}",
    "tax": f"{_SETTLEMENT}/ram:ApplicableTradeTax/ram:CalculatedAmount",
    "charge": f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge",
    "is_charge": "ram:ChargeIndicator/udt:Indicator",
    "charged": "ram:ActualAmount",
}
_PARTY = "cac:AccountingCustomerParty/cac:Party"
UBL = {
    "number": "cbc:ID",
    "issued_on": "cbc:IssueDate",
    "due_on": "cbc:DueDate",
    "type": "cbc:InvoiceTypeCode",
    "currency": "cbc:DocumentCurrencyCode",
    "total": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
    "prepaid": "cac:LegalMonetaryTotal/cbc:PrepaidAmount",
    "due": "cac:LegalMonetaryTotal/cbc:PayableAmount",
    "buyer": f"{_PARTY}/cac:PartyLegalEntity/cbc:RegistrationName",
    "email": f"{_PARTY}/cac:Contact/cbc:ElectronicMail",
    "endpoint": f"{_PARTY}/cbc:EndpointID[@schemeID='EM']",
    "terms": "cac:PaymentTerms/cbc:Note",
    "reference": "cac:PaymentMeans/cbc:PaymentID",
    "means": "cac:PaymentMeans/cbc:PaymentMeansCode",
    "accounts": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
    "line": "*/cbc:LineExtensionAmount/..[cac:Item]/cbc:LineExtensionAmount",
    "tax": "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
    "charge": "cac:AllowanceCharge",
    "is_charge": "cbc:ChargeIndicator",
    "charged": "cbc:Amount",
}


class Picked:
    """The values of one document, picked out with a parser and paths of their own."""

    def __init__(self, path: Path) -> None:
        self.root = ET.parse(path).getroot()  # noqa: S314  files we keep ourselves
        self.paths = CII if "CrossIndustry" in self.root.tag else UBL

    def all(self, name: str) -> list[str]:
        found = (element.text or "" for element in self.root.findall(self.paths[name], NAMES))
        return [text.strip() for text in found if text.strip()]

    def one(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def amount(self, name: str) -> Decimal:
        return Decimal(self.one(name) or 0)

    def day(self, name: str) -> date | None:
        return max((date.fromisoformat(text) for text in self.all(name)), default=None)

    @property
    def charges(self) -> Decimal:
        total = Decimal(0)
        for charge in self.root.findall(self.paths["charge"], NAMES):
            amount = Decimal(charge.findtext(self.paths["charged"], "0", NAMES).strip())
            total += amount if charge.findtext(self.paths["is_charge"], "", NAMES).strip() == "true" else -amount
        return total

    @property
    def is_credit(self) -> bool:
        return self.root.tag.endswith("CreditNote") or self.one("type") in {"381", "396", "261"}


def one(path: Path) -> Invoice:
    reading = read_einvoice(path.read_bytes(), file=f"invoices/{path.name}")
    assert reading.problems == ()
    return reading.invoices[0]


def test_the_samples_are_there() -> None:
    assert Counter(path.parent.name for path in FILES) == {
        "cii-en16931": 15, "peppol": 9, "national": 3, "snippets": 15, "xrechnung-skonto-tests": 32,
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_amounts(path: Path) -> None:
    invoice, picked = one(path), Picked(path)
    assert invoice.currency == picked.one("currency")
    assert invoice.total.decimal == picked.amount("total")
    assert invoice.stated_due.decimal == picked.amount("due")
    assert invoice.amount_prepaid.decimal == picked.amount("prepaid")
    assert len(invoice.payments) == bool(picked.amount("prepaid"))
    charges = sum(line.amount.decimal for line in invoice.lines) - sum(map(Decimal, picked.all("line")))
    assert charges == picked.charges
    assert [tax.amount.decimal for tax in invoice.taxes] == [Decimal(text) for text in picked.all("tax")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_parties_dates_and_texts(path: Path) -> None:
    invoice, picked = one(path), Picked(path)
    assert invoice.number == picked.one("number")
    assert invoice.customer.name == picked.one("buyer")
    email = picked.one("email") or picked.one("endpoint")
    assert invoice.customer.email == (email if email and "@" in email else None)
    assert (invoice.issued_on, invoice.due_on) == (picked.day("issued_on"), picked.day("due_on"))
    terms = "\n".join(picked.all("terms"))
    assert (invoice.terms_text or "").split() == terms.split()
    assert invoice.payment_reference == picked.one("reference")
    assert (invoice.kind is DocumentKind.CREDIT_NOTE) == picked.is_credit
    assert (invoice.means is PaymentMeans.DIRECT_DEBIT) == bool({"49", "59"} & set(picked.all("means")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_accounts(path: Path) -> None:
    invoice, picked = one(path), Picked(path)
    stated = picked.all("accounts")
    valid = [iban.compact(text) for text in stated if iban.is_valid(text)]
    national = [text for text in stated if not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", iban.compact(text))]
    account = invoice.bank_account
    if account is None:
        assert not valid
        assert not national
    elif valid:
        assert (account.iban, account.account_number) == (valid[0], None)
    else:
        assert (account.iban, account.account_number) == (None, national[0])


def test_all_in_one_folder(tmp_path: Path) -> None:
    """Many share a number: every different claim is taken, each repetition is named, no key is there twice."""
    for folder in FOLDER:
        shutil.copytree(SAMPLES / folder, tmp_path / "invoices" / folder, ignore=shutil.ignore_patterns("*.adoc"))
    loaded = load(tmp_path)
    files = sorted((tmp_path / "invoices").rglob("*.xml"))
    claims = {path.relative_to(tmp_path).as_posix(): _claim(Picked(path)) for path in files}
    assert len(files) == 42
    assert {_claim_of(invoice) for invoice in loaded.invoices} == set(claims.values())
    assert len({invoice.key for invoice in loaded.invoices}) == len(loaded.invoices) == len(set(claims.values()))
    taken = {invoice.source for invoice in loaded.invoices}
    repeated = {str(warning.file) for warning in loaded.warnings if "counted once" in warning.problem}
    assert sorted(taken | repeated) == sorted(claims)
    assert (loaded.problems, loaded.rejected) == ((), 0)
    numbers = {invoice.number for invoice in loaded.invoices}
    assert numbers <= {invoice.key for invoice in loaded.invoices}


def _claim(picked: Picked) -> tuple[object, ...]:
    return (
        picked.is_credit,
        picked.one("number"),
        picked.one("buyer"),
        picked.day("issued_on"),
        picked.one("currency"),
        picked.amount("total"),
        picked.amount("due"),
    )


def _claim_of(invoice: Invoice) -> tuple[object, ...]:
    return (
        invoice.kind is DocumentKind.CREDIT_NOTE,
        invoice.number,
        invoice.customer.name,
        invoice.issued_on,
        invoice.currency,
        invoice.total.decimal,
        invoice.stated_due.decimal,
    )


def _vectors() -> list[tuple[Path, dict[str, str]]]:
    if not SAMPLES.is_dir():
        return []
    vectors = json.loads((SAMPLES / "vectors.json").read_text(encoding="utf-8"))["vectors"]
    einvoices = [vector for vector in vectors if vector["kind"] == "einvoice"]
    found = [(SAMPLES.parent / vector["input"]["sample"], vector["expected"]) for vector in einvoices]
    return [(path, expected) for path, expected in found if path.is_file() and path.suffix == ".xml"]


@pytest.mark.parametrize(
    ("path", "expected"), _vectors(), ids=lambda value: value.name if isinstance(value, Path) else ""
)
def test_printed_values(path: Path, expected: dict[str, str]) -> None:
    invoice = one(path)
    assert invoice.number == expected["number"]
    assert (str(invoice.issued_on), str(invoice.due_on)) == (expected["issue"], expected["due"])
    assert (invoice.total.decimal, invoice.stated_due.decimal) == (
        Decimal(expected["total"]),
        Decimal(expected["payable"]),
    )
    assert invoice.amount_prepaid.decimal == Decimal(expected.get("prepaid", "0"))
    assert (invoice.customer.name, invoice.customer.email) == (expected["buyer"], expected.get("email"))
    assert invoice.payment_reference == expected.get("remit")
