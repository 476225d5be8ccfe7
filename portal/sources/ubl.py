"""UBL 2.1 Invoice and CreditNote: where its fields stand (EN 16931-3-2)."""

from __future__ import annotations

from portal.sources.layout import ChargeLayout, ItemLayout, Layout, MeansLayout, PartLayout, TaxLayout

NAMESPACES = {
    "Invoice": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "CreditNote": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
}
"""The root elements that are read, each with its namespace."""

_BUYER = "AccountingCustomerParty/Party"
_SELLER = "AccountingSupplierParty/Party"

LAYOUT = Layout(
    name="UBL 2.1",
    guideline=("CustomizationID",),
    number=("ID",),
    issued_on=("IssueDate",),
    type_code=("InvoiceTypeCode|CreditNoteTypeCode",),
    currency=("DocumentCurrencyCode",),
    due_on=(
        "DueDate",
        "PaymentMeans/PaymentDueDate",
        "PaymentTerms/PaymentDueDate",
        "PaymentTerms/InstallmentDueDate",
    ),
    terms="PaymentTerms/Note",
    notes="Note",
    sellers=(
        "PayeeParty/PartyName/Name",
        f"{_SELLER}/PartyLegalEntity/RegistrationName",
        f"{_SELLER}/PartyName/Name",
    ),
    buyer=(f"{_BUYER}/PartyLegalEntity/RegistrationName", f"{_BUYER}/PartyName/Name", f"{_BUYER}/Contact/Name"),
    buyer_email=(f"{_BUYER}/Contact/ElectronicMail",),
    buyer_endpoint=(f"{_BUYER}/EndpointID",),
    buyer_registered=(f"{_BUYER}/PartyTaxScheme/CompanyID", f"{_BUYER}/PartyLegalEntity/CompanyID"),
    buyer_reference=(f"{_BUYER}/PartyIdentification/ID",),
    reference=("PaymentMeans/PaymentID",),
    order_reference=("OrderReference/ID", "ContractDocumentReference/ID", "BuyerReference"),
    preceding="BillingReference/InvoiceDocumentReference/ID",
    total=("LegalMonetaryTotal/TaxInclusiveAmount",),
    prepaid=("LegalMonetaryTotal/PrepaidAmount",),
    due=("LegalMonetaryTotal/PayableAmount",),
    items=ItemLayout(
        root="InvoiceLine|CreditNoteLine",
        amount=("LineExtensionAmount",),
        quantity=("InvoicedQuantity|CreditedQuantity",),
        description=("Item/Name", "Item/Description", "Note"),
    ),
    charges=(
        ChargeLayout(
            root="AllowanceCharge",
            amount=("Amount",),
            reason=("AllowanceChargeReason",),
            is_charge=("ChargeIndicator",),
        ),
    ),
    taxes=TaxLayout(
        root="TaxTotal/TaxSubtotal",
        amount=("TaxAmount",),
        rate=("TaxCategory/Percent", "Percent"),
        scheme=("TaxCategory/TaxScheme/ID",),
    ),
    means=MeansLayout(
        root="PaymentMeans",
        code=("PaymentMeansCode",),
        account=("PayeeFinancialAccount/ID",),
        account_name=("PayeeFinancialAccount/Name",),
        bic=("PayeeFinancialAccount/FinancialInstitutionBranch/ID",),
    ),
    parts=PartLayout(
        root="PaymentTerms",
        amount=("Amount",),
        due_on=("InstallmentDueDate", "PaymentDueDate"),
    ),
)
"""Paths below the root, by local names: the one prefix and namespace that is checked is the root's."""
