from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.ledger.invoice_json import invoice_from_json, invoice_to_json
from portal.receivables.currencies import DECIMALS
from portal.receivables.discounts import Discount
from portal.receivables.interest import BaseRate, Compensation, Interest, RateRule
from portal.receivables.invoice import (
    BankAccount,
    Customer,
    DocumentKind,
    DuePart,
    Invoice,
    OriginalDocument,
    PaymentMeans,
    StatedDiscount,
    StatedPayment,
    Successor,
    Tax,
)
from portal.receivables.line_items import LineItem, LineItems
from portal.receivables.money import Money
from portal.receivables.terms import NO_TERMS, LateFee, LateMode, LatePart, Terms

TEXT = st.text(max_size=20)
MAYBE = st.none() | TEXT
MONEY = st.builds(Money, st.integers(), st.sampled_from(sorted(DECIMALS)))
DAY = st.none() | st.dates()
LINES = st.builds(LineItem, TEXT, MONEY, st.none() | st.decimals(allow_nan=False), MAYBE)
RATE = st.decimals(-9, 99, places=2)
RATES = st.lists(st.builds(BaseRate, st.dates(), RATE), max_size=2).map(tuple)
LATE = st.builds(
    LateFee,
    st.sampled_from(LateMode),
    st.dates(),
    st.dates(),
    flat=st.none() | MONEY,
    percent=st.none() | RATE,
    interest=st.none()
    | st.builds(Interest, RATES, RATE, st.sampled_from([360, 365]), st.sampled_from(RateRule), st.booleans()),
    every_days=st.integers(1, 92),
    compensation=st.none() | st.sampled_from(Compensation),
    cap=st.none() | MONEY,
    parts=st.lists(st.builds(LatePart, MONEY, st.dates(), st.dates()), max_size=2).map(tuple),
)
TIERS = st.builds(Discount, st.dates(), st.none() | RATE, st.none() | MONEY, st.none() | MONEY)
TERMS = st.just(NO_TERMS) | st.builds(
    Terms,
    st.lists(TIERS, max_size=2).map(tuple),
    st.none() | LATE,
    st.integers(0, 9),
    st.booleans(),
    st.sampled_from([UTC, ZoneInfo("Europe/London")]),
)
INVOICES = st.builds(
    Invoice,
    key=TEXT,
    number=TEXT,
    customer=st.builds(Customer, TEXT, MAYBE, MAYBE, st.none() | st.booleans()),
    total=MONEY,
    stated_due=MONEY,
    issued_on=DAY,
    due_on=DAY,
    source=TEXT,
    kind=st.sampled_from(DocumentKind),
    means=st.sampled_from(PaymentMeans),
    lines=st.lists(LINES, max_size=3).map(LineItems.of),
    taxes=st.lists(st.builds(Tax, TEXT, MONEY), max_size=3).map(tuple),
    payments=st.lists(st.builds(StatedPayment, MONEY, DAY, MAYBE), max_size=3).map(tuple),
    subject=MAYBE,
    notes=MAYBE,
    terms_text=MAYBE,
    payment_reference=MAYBE,
    order_reference=MAYBE,
    bank_account=st.none() | st.builds(BankAccount, TEXT, *[MAYBE] * 6),
    cancelled_on=DAY,
    parts=st.lists(st.builds(DuePart, st.dates(), MONEY), max_size=2).map(tuple),
    discounts=st.lists(st.builds(StatedDiscount, st.integers(0, 99), RATE, st.none() | MONEY), max_size=2).map(tuple),
    terms=TERMS,
    replaces=st.lists(TEXT, max_size=2).map(tuple),
    replaced_by=st.none() | st.builds(Successor, TEXT, DAY, MAYBE),
)


@given(INVOICES)
def test_an_invoice_comes_back_exactly(invoice: Invoice) -> None:
    text = invoice_to_json(invoice)
    again = invoice_from_json(text)
    assert again == invoice
    assert repr(again) == repr(invoice), "digits of decimals and types too"
    assert invoice_to_json(again) == text


@given(INVOICES, INVOICES)
def test_different_invoices_have_different_texts(one: Invoice, other: Invoice) -> None:
    is_same = (repr(one), one.source) == (repr(other), other.source)
    assert (invoice_to_json(one) == invoice_to_json(other)) == is_same


def test_every_field_of_an_invoice_is_kept() -> None:
    euro = Money(-5, "EUR")
    full = Invoice(
        key="k", number="n", customer=Customer("c", "e", "l"), total=euro, stated_due=euro,
        issued_on=date(2026, 1, 1), due_on=date(2026, 1, 2), source="s", kind=DocumentKind.CREDIT_NOTE,
        means=PaymentMeans.DIRECT_DEBIT, lines=LineItems.of([LineItem("d", euro, Decimal("1.50"), "h")]),
        taxes=(Tax("t", euro),), payments=(StatedPayment(euro, date(2026, 1, 3), "m"),),
        subject="x", notes="y", terms_text="z",
        payment_reference="r", bank_account=BankAccount(*"abcdefg"), cancelled_on=date(2026, 1, 4),
        order_reference="p",
        parts=(DuePart(date(2026, 1, 2), euro),),
        discounts=(StatedDiscount(10, Decimal("2.00"), euro),), terms=Terms(value_days=2), written_in="de",
        pay_at="https://invoice.stripe.com/i/x",
        original=OriginalDocument("invoices/1042.pdf", "17-99"), replaces=("1",),
        gone_on=date(2026, 1, 6), replaced_by=Successor("2", date(2026, 1, 5), "2"),
    )  # fmt: skip
    record = json.loads(invoice_to_json(full))
    assert set(record) == {field.name for field in fields(Invoice)}
    assert record["total"] == [-5, "EUR"]
    assert record["due_on"] == "2026-01-02"
    assert record["lines"] == '[["d",-5,"EUR","1.50","h"]]'
    assert record["kind"] == "credit note"
    assert invoice_from_json(invoice_to_json(full)) == full


def test_lines_that_earlier_portals_kept_as_an_array_are_read() -> None:
    euro = Money(100, "EUR")
    invoice = Invoice("k", "n", Customer("c"), euro, euro, None, None, "s", lines=LineItems.of([LineItem("d", euro)]))
    record = json.loads(invoice_to_json(invoice))
    assert invoice_from_json(json.dumps(record | {"lines": json.loads(record["lines"])})) == invoice
