"""UN/CEFACT Cross Industry Invoice D16B: where its fields stand (EN 16931-3-3, Factur-X, XRechnung)."""

from __future__ import annotations

from portal.sources.layout import ChargeLayout, ItemLayout, Layout, MeansLayout, PartLayout, TaxLayout

ROOT = "CrossIndustryInvoice"
NAMESPACE = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:"
"""The root's namespace, without its version at the end."""

_TRADE = "SupplyChainTradeTransaction"
_AGREEMENT = f"{_TRADE}/ApplicableHeaderTradeAgreement"
_SETTLEMENT = f"{_TRADE}/ApplicableHeaderTradeSettlement"
_SUMS = f"{_SETTLEMENT}/SpecifiedTradeSettlementHeaderMonetarySummation"
_DATE = "DateTimeString|DateTime"
_BUYER = f"{_AGREEMENT}/BuyerTradeParty"

LAYOUT = Layout(
    name="CII",
    guideline=("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",),
    number=("ExchangedDocument/ID",),
    issued_on=(f"ExchangedDocument/IssueDateTime/{_DATE}",),
    type_code=("ExchangedDocument/TypeCode",),
    currency=(f"{_SETTLEMENT}/InvoiceCurrencyCode",),
    due_on=(f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/{_DATE}",),
    terms=f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/Description",
    notes="ExchangedDocument/IncludedNote/Content",
    sellers=(f"{_SETTLEMENT}/PayeeTradeParty/Name", f"{_AGREEMENT}/SellerTradeParty/Name"),
    buyer=(f"{_BUYER}/Name", f"{_BUYER}/DefinedTradeContact/PersonName"),
    buyer_email=(f"{_BUYER}/DefinedTradeContact/EmailURIUniversalCommunication/URIID",),
    buyer_registered=(f"{_BUYER}/SpecifiedTaxRegistration/ID", f"{_BUYER}/SpecifiedLegalOrganization/ID"),
    buyer_reference=(f"{_BUYER}/ID", f"{_BUYER}/GlobalID"),
    buyer_endpoint=(f"{_BUYER}/URIUniversalCommunication/URIID",),
    reference=(f"{_SETTLEMENT}/PaymentReference",),
    order_reference=(
        f"{_AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID",
        f"{_AGREEMENT}/ContractReferencedDocument/IssuerAssignedID",
        f"{_AGREEMENT}/BuyerReference",
    ),
    preceding=f"{_SETTLEMENT}/InvoiceReferencedDocument/IssuerAssignedID",
    total=(f"{_SUMS}/GrandTotalAmount",),
    prepaid=(f"{_SUMS}/TotalPrepaidAmount",),
    due=(f"{_SUMS}/DuePayableAmount",),
    items=ItemLayout(
        root=f"{_TRADE}/IncludedSupplyChainTradeLineItem",
        amount=("SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",),
        quantity=("SpecifiedLineTradeDelivery/BilledQuantity",),
        description=(
            "SpecifiedTradeProduct/Name",
            "SpecifiedTradeProduct/Description",
            "AssociatedDocumentLineDocument/IncludedNote/Content",
        ),
    ),
    charges=(
        ChargeLayout(
            root=f"{_SETTLEMENT}/SpecifiedTradeAllowanceCharge",
            amount=("ActualAmount",),
            reason=("Reason",),
            is_charge=("ChargeIndicator/Indicator",),
        ),
        ChargeLayout(  # the EXTENDED profile's freight and postage
            root=f"{_SETTLEMENT}/SpecifiedLogisticsServiceCharge",
            amount=("AppliedAmount",),
            reason=("Description",),
            is_charge=(),
        ),
    ),
    taxes=TaxLayout(
        root=f"{_SETTLEMENT}/ApplicableTradeTax",
        amount=("CalculatedAmount",),
        rate=("RateApplicablePercent",),
        scheme=("TypeCode",),
    ),
    means=MeansLayout(
        root=f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans",
        code=("TypeCode",),
        account=(
            "PayeePartyCreditorFinancialAccount/IBANID",
            "PayeePartyCreditorFinancialAccount/ProprietaryID",
        ),
        account_name=("PayeePartyCreditorFinancialAccount/AccountName",),
        bic=("PayeeSpecifiedCreditorFinancialInstitution/BICID",),
    ),
    parts=PartLayout(
        root=f"{_SETTLEMENT}/SpecifiedTradePaymentTerms",
        amount=("PartialPaymentAmount",),
        due_on=(f"DueDateDateTime/{_DATE}",),
    ),
)
"""Paths below the root, by local names."""
