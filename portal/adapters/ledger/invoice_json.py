"""Invoices as JSON and back, exactly: dates as ISO text, decimals as text, money as ``[minor, currency]``."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from portal.adapters.ledger.terms_json import money_from_list, money_to_list, terms_from_dict, terms_to_dict
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
from portal.receivables.line_items import NO_LINES, LineItems
from portal.receivables.money import Money
from portal.receivables.terms import NO_TERMS

_TEXTS = ("subject", "notes", "terms_text", "payment_reference", "order_reference", "written_in", "pay_at")
_DATES = ("issued_on", "due_on", "cancelled_on", "gone_on")
_ACCOUNT = ("account_name", "iban", "bic", "sort_code", "routing_number", "account_number", "bank_name")

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def invoice_to_json(invoice: Invoice) -> str:
    """The invoice as one line of ASCII; equal invoices give equal texts, and what is empty is left out."""
    customer, total, due = invoice.customer, invoice.total, invoice.stated_due
    record: dict[str, Any] = {
        "key": invoice.key,
        "number": invoice.number,
        "customer": _customer(customer),
        "total": [total.minor, total.currency],
        "stated_due": [due.minor, due.currency],
        "source": invoice.source,
        "kind": invoice.kind.value,
        "means": invoice.means.value,
    }
    for name in _DATES:
        if (day := getattr(invoice, name)) is not None:
            record[name] = day.isoformat()
    for name in _TEXTS:
        if (text := getattr(invoice, name)) is not None:
            record[name] = text
    record |= _parts(invoice)
    return _encode(record)


def digest_of_record(record: str, source: str) -> bytes:
    """What tells two records apart, in 16 bytes, but for where they were read: no page shows that.

    Args:
        record: as ``invoice_to_json`` writes it.
        source: the invoice's.
    """
    return blake2b(record.replace(f'"source":{_encode(source)},', "", 1).encode(), digest_size=16).digest()


def _customer(customer: Customer) -> list[Any]:
    """In the order of its fields; what came later is left out where there is none, so that older texts stay equal."""
    known = [customer.name, customer.email, customer.language, customer.is_business, customer.reference]
    return [*known, customer.timezone] if customer.timezone else known


def _parts(invoice: Invoice) -> dict[str, Any]:
    """What an invoice may have none of."""
    parts: dict[str, Any] = {}
    if invoice.lines:
        parts["lines"] = invoice.lines.packed
    if invoice.taxes:
        parts["taxes"] = [[tax.label, tax.amount.minor, tax.amount.currency] for tax in invoice.taxes]
    if invoice.payments:
        parts["payments"] = [_payment_to_list(payment) for payment in invoice.payments]
    if invoice.bank_account is not None:
        parts["bank_account"] = [getattr(invoice.bank_account, name) for name in _ACCOUNT]
    if invoice.parts:
        parts["parts"] = [[part.due_on.isoformat(), part.amount.minor, part.amount.currency] for part in invoice.parts]
    if invoice.discounts:
        parts["discounts"] = [_discount_to_list(stated) for stated in invoice.discounts]
    if invoice.original is not None:
        parts["original"] = [invoice.original.file, invoice.original.stamp]
    if invoice.terms != NO_TERMS:
        parts["terms"] = terms_to_dict(invoice.terms)
    return parts | _neighbours(invoice)


def _neighbours(invoice: Invoice) -> dict[str, Any]:
    """The invoices before and after it, where there are such."""
    found: dict[str, Any] = {"replaces": list(invoice.replaces)} if invoice.replaces else {}
    if (newer := invoice.replaced_by) is not None:
        found["replaced_by"] = [newer.number, newer.issued_on.isoformat() if newer.issued_on else None, newer.key]
    return found


def invoice_from_json(text: str) -> Invoice:
    """The invoice of a text that ``invoice_to_json`` made."""
    record = json.loads(text)
    account = record.get("bank_account")
    return Invoice(
        key=record["key"],
        number=record["number"],
        customer=Customer(*record["customer"]),
        total=Money(*record["total"]),
        stated_due=Money(*record["stated_due"]),
        source=record["source"],
        kind=DocumentKind(record["kind"]),
        means=PaymentMeans(record["means"]),
        lines=_lines(record.get("lines")),
        taxes=tuple(Tax(label, Money(minor, currency)) for label, minor, currency in record.get("taxes", ())),
        payments=tuple(map(_payment_from_list, record.get("payments", ()))),
        bank_account=None if account is None else BankAccount(*account),
        issued_on=_day(record.get("issued_on")),
        due_on=_day(record.get("due_on")),
        cancelled_on=_day(record.get("cancelled_on")),
        gone_on=_day(record.get("gone_on")),
        subject=record.get("subject"),
        notes=record.get("notes"),
        terms_text=record.get("terms_text"),
        payment_reference=record.get("payment_reference"),
        order_reference=record.get("order_reference"),
        parts=tuple(
            DuePart(date.fromisoformat(day), Money(minor, currency)) for day, minor, currency in record.get("parts", ())
        ),
        written_in=record.get("written_in"),
        pay_at=record.get("pay_at"),
        original=OriginalDocument(*record["original"]) if "original" in record else None,
        discounts=tuple(map(_discount_from_list, record.get("discounts", ()))),
        terms=terms_from_dict(record["terms"]) if "terms" in record else NO_TERMS,
        replaces=tuple(record.get("replaces", ())),
        replaced_by=_successor(record.get("replaced_by")),
    )


def _lines(stored: str | list[Any] | None) -> LineItems:
    """Of the text that lines are kept as; earlier portals kept the same as an array in the invoice's own."""
    if stored is None:
        return NO_LINES
    return LineItems(stored) if isinstance(stored, str) else LineItems(_encode(stored))


def _discount_to_list(stated: StatedDiscount) -> list[Any]:
    return [stated.days, str(stated.percent), money_to_list(stated.base)]


def _discount_from_list(fields: list[Any]) -> StatedDiscount:
    days, percent, base = fields
    return StatedDiscount(days, Decimal(percent), money_from_list(base))


def _payment_to_list(payment: StatedPayment) -> list[Any]:
    day = None if payment.paid_on is None else payment.paid_on.isoformat()
    return [payment.amount.minor, payment.amount.currency, day, payment.method]


def _payment_from_list(fields: list[Any]) -> StatedPayment:
    minor, currency, day, method = fields
    return StatedPayment(Money(minor, currency), _day(day), method)


def _successor(fields: list[Any] | None) -> Successor | None:
    return None if fields is None else Successor(fields[0], _day(fields[1]), fields[2])


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
