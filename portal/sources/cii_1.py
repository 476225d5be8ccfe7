"""ZUGFeRD 1.0 (2014), the forerunner of Factur-X: where its fields stand. Its own trial version is read as well."""

from __future__ import annotations

from portal.sources.layout import ChargeLayout, ItemLayout, Layout, MeansLayout, PartLayout, TaxLayout

NAMESPACES = {
    "CrossIndustryDocument": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "Invoice": "urn:un:unece:uncefact:data:standard:CBFBUY:5",
}
"""The root elements that are read, each with its namespace; the second is of the trial version."""

_HEADER = "HeaderExchangedDocument"
_TRADE = "SpecifiedSupplyChainTradeTransaction"
_AGREEMENT = f"{_TRADE}/ApplicableSupplyChainTradeAgreement"
_SETTLEMENT = f"{_TRADE}/ApplicableSupplyChainTradeSettlement"
_SUMS = f"{_SETTLEMENT}/SpecifiedTradeSettlementMonetarySummation"
_DATE = "DateTimeString|DateTime"
_BUYER = f"{_AGREEMENT}/BuyerTradeParty"
_DUE_DATE = f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime"

LAYOUT = Layout(
    name="ZUGFeRD 1.0",
    guideline=("SpecifiedExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",),
    number=(f"{_HEADER}/ID",),
    issued_on=(f"{_HEADER}/IssueDateTime/{_DATE}", f"{_HEADER}/IssueDateTime"),
    type_code=(f"{_HEADER}/TypeCode",),
    currency=(f"{_SETTLEMENT}/InvoiceCurrencyCode",),
    due_on=(f"{_DUE_DATE}/{_DATE}", _DUE_DATE),
    terms=f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/Description",
    notes=f"{_HEADER}/IncludedNote/Content",
    sellers=(f"{_SETTLEMENT}/PayeeTradeParty/Name", f"{_AGREEMENT}/SellerTradeParty/Name"),
    buyer=(f"{_BUYER}/Name", f"{_BUYER}/DefinedTradeContact/PersonName"),
    buyer_email=(f"{_BUYER}/DefinedTradeContact/EmailURIUniversalCommunication/URIID",),
    buyer_registered=(f"{_BUYER}/SpecifiedTaxRegistration/ID",),
    buyer_reference=(f"{_BUYER}/ID", f"{_BUYER}/GlobalID"),
    buyer_endpoint=(),
    reference=(f"{_SETTLEMENT}/PaymentReference",),
    order_reference=(
        f"{_AGREEMENT}/BuyerOrderReferencedDocument/ID",
        f"{_AGREEMENT}/ContractReferencedDocument/ID",
        f"{_AGREEMENT}/BuyerReference",
    ),
    preceding=f"{_SETTLEMENT}/InvoiceReferencedDocument/ID",
    total=(f"{_SUMS}/GrandTotalAmount",),
    prepaid=(f"{_SUMS}/TotalPrepaidAmount",),
    due=(f"{_SUMS}/DuePayableAmount",),
    due_may_be_left_out=True,
    items=ItemLayout(
        root=f"{_TRADE}/IncludedSupplyChainTradeLineItem",
        amount=("SpecifiedSupplyChainTradeSettlement/SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",),
        quantity=("SpecifiedSupplyChainTradeDelivery/BilledQuantity",),
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
            is_charge=("ChargeIndicator/Indicator", "ChargeIndicator"),
        ),
        ChargeLayout(
            root=f"{_SETTLEMENT}/SpecifiedLogisticsServiceCharge",
            amount=("AppliedAmount",),
            reason=("Description",),
            is_charge=(),
        ),
    ),
    taxes=TaxLayout(
        root=f"{_SETTLEMENT}/ApplicableTradeTax",
        amount=("CalculatedAmount",),
        rate=("ApplicablePercent",),
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
        due_on=(f"DueDateDateTime/{_DATE}", "DueDateDateTime"),
    ),
)
"""Paths below the root, by local names."""
