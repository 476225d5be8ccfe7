"""The invoices of the shops of histories, each also as the auditor's own claim, and what a checkout asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from reckoning import Claim

from portal.ports import CheckoutLine, CheckoutRequest
from portal.receivables.discounts import Discount
from portal.receivables.invoice import Customer, DuePart, Invoice
from portal.receivables.money import Money
from portal.receivables.offers import offers_for
from portal.receivables.statement import Document, statement_of
from portal.receivables.terms import NO_TERMS, LateFee, LateMode, LatePart, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.adapters.ledger.sql_ledger import SqlLedger
    from portal.ports import Hold
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.statement import Statement

DISCOUNT = Discount(last_on=date(2026, 10, 20), percent=Decimal(2))
LATE = LateFee(
    mode=LateMode.CHARGED,
    starts_on=date(2026, 11, 8),
    counts_from=date(2026, 10, 31),
    flat=Money(1500, "GBP"),
    percent=Decimal(5),
)


def _invoice(key: str, total: Money, terms: Terms = NO_TERMS) -> Invoice:
    return Invoice(
        key=key,
        number=key,
        customer=Customer("Sample Customer Ltd", "a@example.com"),
        total=total,
        stated_due=total,
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
        source=f"invoices/{key}.md",
        terms=terms,
    )


PLAIN = _invoice("1042", Money(84000, "GBP"))
WITH_TERMS = _invoice("1043", Money(84000, "GBP"), Terms(discounts=(DISCOUNT,), late=LATE))
EARLY = _invoice("1044", Money(50001, "EUR"), Terms(discounts=(DISCOUNT,)))
PARTS = (
    DuePart(date(2026, 10, 20), Money(30000, "GBP")),
    DuePart(date(2026, 11, 20), Money(29999, "GBP")),
    DuePart(date(2026, 12, 20), Money(24001, "GBP")),
)
LATE_PARTS = tuple(
    LatePart(part.amount, starts_on=part.due_on + timedelta(days=8), counts_from=part.due_on) for part in PARTS
)
IN_PARTS = replace(
    _invoice("1045", Money(84000, "GBP"), Terms(late=replace(LATE, parts=LATE_PARTS))),
    parts=PARTS,
    due_on=PARTS[-1].due_on,
)
SHOPS = {"plain": (PLAIN,), "parts": (IN_PARTS,), "terms": (WITH_TERMS,), "several": (PLAIN, WITH_TERMS, EARLY)}


def claim_of(invoice: Invoice) -> Claim:
    """The same invoice for the auditor, who reads the owner's wording and not the portal's results."""
    tier, late = next(iter(invoice.terms.discounts), None), invoice.terms.late
    return Claim(
        total=invoice.total.minor,
        currency=invoice.currency,
        discount_until=tier.last_on if tier else None,
        discount_percent=tier.percent or Decimal(0) if tier else Decimal(0),
        late_from=late.starts_on if late else None,
        late_flat=late.flat.minor if late and late.flat else 0,
        late_percent=late.percent or Decimal(0) if late else Decimal(0),
        dues=tuple((part.due_on, part.amount.minor) for part in invoice.parts),
    )


def said_of_parts(balance: InvoiceBalance) -> tuple[list[tuple[date, int, int]], int]:
    """The parts that the portal says an invoice is due in: day, sum and rest; and what it asks for at once."""
    return [(part.due_on, part.amount.minor, part.rest.minor) for part in balance.parts], balance.catch_up.minor


def due_now(invoice: Invoice, balance: InvoiceBalance) -> Money | None:
    """What the page of an invoice in parts asks for first, where that is less than all."""
    offers = offers_for(balance, parts_allowed=False)
    coming = offers.next_part.amount if offers.next_part else None
    return (offers.catch_up or coming) if invoice.parts else None


def request_of(hold: Hold, invoices: Sequence[Invoice]) -> CheckoutRequest:
    """What the provider is asked for."""
    return CheckoutRequest(
        hold_id=hold.hold_id,
        opened_at=hold.created_at,
        allocations=hold.allocations,
        lines=tuple(CheckoutLine(f"Invoice {part.invoice_key}", part.amount) for part in hold.allocations),
        description=f"Invoice {invoices[0].number}, Sample",
        customer_email=invoices[0].customer.email,
        locale="en-GB",
        expires_at=hold.expires_at,
        success_url="https://pay.example/return?checkout={CHECKOUT_SESSION_ID}",
        cancel_url="https://pay.example/i/token/#not-paid",
    )


def statement_over(invoices: Sequence[Invoice], ledger: SqlLedger, today: date) -> Statement:
    """The customer's invoices in the currency of the first one, as the ledger has them now."""
    plans = {key: record.plan for key, record in ledger.plans_in_force().items()}
    alike = [invoice for invoice in invoices if invoice.currency == invoices[0].currency]
    return statement_of([Document(one, ledger.entries_of(one.key), plans.get(one.key)) for one in alike], today)
