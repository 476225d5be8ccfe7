"""An e-invoice that is due in parts, from its file to a part that was paid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from world import World

UBL = """<?xml version="1.0"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>2001</cbc:ID><cbc:IssueDate>2026-11-01</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Buyer GmbH</cbc:RegistrationName>
</cac:PartyLegalEntity><cac:Contact><cbc:ElectronicMail>ada@buyer.example</cbc:ElectronicMail></cac:Contact></cac:Party></cac:AccountingCustomerParty>
<cac:PaymentTerms><cbc:Amount currencyID="EUR">300.00</cbc:Amount>
<cbc:InstallmentDueDate>2026-11-30</cbc:InstallmentDueDate></cac:PaymentTerms>
<cac:PaymentTerms><cbc:Amount currencyID="EUR">200.00</cbc:Amount>
<cbc:InstallmentDueDate>2027-01-31</cbc:InstallmentDueDate></cac:PaymentTerms>
<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="EUR">500.00</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">500.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
"""


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_part_of_an_einvoice_is_asked_for_and_paid(world: World) -> None:
    world.write("invoices/2001.xml", UBL)
    world.build()
    shown = words(world.page("2001"))
    assert "30 November 2026" in shown
    assert "31 January 2027" in shown
    paid = world.pay("2001", want="part", amount="300.00", confirmed="1")
    world.come_back(world.at_checkout(paid.headers["Location"]))
    balance = world.balance("2001")
    assert [(part.due_on.isoformat(), part.rest.minor) for part in balance.parts] == [
        ("2026-11-30", 0),
        ("2027-01-31", 20000),
    ]
    assert "€200.00" in words(world.page("2001"))
