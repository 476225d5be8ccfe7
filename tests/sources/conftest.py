from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.sources import Loaded, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Loaded]:
    """Writes files into an invoice folder and loads it: ``read({"a.md": "..."}, currency="EUR")``."""

    def write_and_load(files: Mapping[str, str | bytes], currency: str | None = None) -> Loaded:
        for name, text in files.items():
            path = tmp_path / "invoices" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(tmp_path, currency=currency)

    return write_and_load


@pytest.fixture
def ubl() -> str:
    """A small, complete UBL invoice, one element a line."""
    return """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>U-1</cbc:ID>
<cbc:IssueDate>2026-10-01</cbc:IssueDate>
<cbc:DueDate>2026-10-31</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:Note>#AAI#1. *Hello*</cbc:Note>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Seller</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cbc:EndpointID schemeID="EM">in@buyer.example</cbc:EndpointID>
<cac:PartyLegalEntity><cbc:RegistrationName>Buyer</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingCustomerParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>REF 1</cbc:PaymentID>
<cac:PayeeFinancialAccount><cbc:ID>DE75512108001245126199</cbc:ID></cac:PayeeFinancialAccount>
</cac:PaymentMeans>
<cac:PaymentTerms><cbc:Note>#SKONTO#TAGE=7#PROZENT=2.00#</cbc:Note></cac:PaymentTerms>
<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>\
<cbc:Amount currencyID="EUR">5</cbc:Amount></cac:AllowanceCharge>
<cac:TaxTotal><cac:TaxSubtotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
<cac:TaxCategory><cbc:Percent>19.00</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
</cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal>
<cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>
<cbc:PrepaidAmount currencyID="EUR">19.00</cbc:PrepaidAmount>
<cbc:PayableAmount currencyID="EUR">100.01</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:InvoicedQuantity unitCode="HUR">10.50</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">105</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Work</cbc:Name></cac:Item></cac:InvoiceLine>
</Invoice>
"""


@pytest.fixture
def cii() -> str:
    """A small, complete CII invoice, one element a line."""
    return """<?xml version="1.0" encoding="UTF-8"?>
<CrossIndustryInvoice xmlns="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:r="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<ExchangedDocument>
<r:ID>C-1</r:ID>
<r:TypeCode>380</r:TypeCode>
<r:IssueDateTime><u:DateTimeString format="102">20261001</u:DateTimeString></r:IssueDateTime>
</ExchangedDocument>
<SupplyChainTradeTransaction>
<r:ApplicableHeaderTradeAgreement>
<r:SellerTradeParty><r:Name>Seller</r:Name></r:SellerTradeParty>
<r:BuyerTradeParty><r:Name>Buyer</r:Name></r:BuyerTradeParty>
</r:ApplicableHeaderTradeAgreement>
<r:ApplicableHeaderTradeSettlement>
<r:InvoiceCurrencyCode>EUR</r:InvoiceCurrencyCode>
<r:SpecifiedTradeSettlementPaymentMeans><r:TypeCode>58</r:TypeCode></r:SpecifiedTradeSettlementPaymentMeans>
<r:SpecifiedTradePaymentTerms>
<r:DueDateDateTime><u:DateTimeString format="102">20261031</u:DateTimeString></r:DueDateDateTime>
</r:SpecifiedTradePaymentTerms>
<r:SpecifiedTradeSettlementHeaderMonetarySummation>
<r:GrandTotalAmount>119.00</r:GrandTotalAmount>
<r:DuePayableAmount>119.00</r:DuePayableAmount>
</r:SpecifiedTradeSettlementHeaderMonetarySummation>
</r:ApplicableHeaderTradeSettlement>
</SupplyChainTradeTransaction>
</CrossIndustryInvoice>
"""
