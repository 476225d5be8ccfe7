"""The payment provider's own invoices as the portal's: shown here, and paid on the provider's page for each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from portal.receivables.invoice import Customer, Invoice, PaymentMeans, StatedPayment
from portal.receivables.line_items import LineItem, LineItems
from portal.sources.findings import Findings, Place
from portal.sources.reading import Reading
from portal.sources.texts import customer_reference, email_of, line_of_text, name_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from portal.errors import GatewayError
    from portal.ports.provider_invoices import ProviderInvoice

FOLDER = "stripe"
"""Stands where a file's folder does: the source of such an invoice is ``stripe/in_...``."""


def read_provider_invoices(found: Iterable[ProviderInvoice], zone: ZoneInfo, *, paid_here: bool) -> Reading:
    """The invoices of these, each taken whole or not at all.

    Args:
        found: as the provider states them.
        zone: the owner's, for the days of the provider's moments.
        paid_here: whether the owner wants the portal to take payments for them.
    """
    invoices, problems, warnings = [], [], []
    for one in found:
        findings = Findings(f"{FOLDER}/{one.invoice_id}")
        invoice = _invoice(one, zone, findings, paid_here=paid_here)
        problems += findings.problems
        warnings += findings.warnings
        if invoice is not None and not findings.problems:
            invoices.append(invoice)
    return Reading(tuple(invoices), tuple(problems), tuple(warnings), len({found.file for found in problems}))


def not_read(error: GatewayError) -> Reading:
    """The reading where the provider could not be asked; the pages it had before stay."""
    findings = Findings(FOLDER)
    why = error.problems[0].problem
    findings.problem(f"Stripe's invoices could not be read: {why}", "Build again when Stripe answers.")
    return Reading(problems=tuple(findings.problems))


def _invoice(one: ProviderInvoice, zone: ZoneInfo, findings: Findings, *, paid_here: bool) -> Invoice | None:
    number = number_of(one.number or "", findings, Place(None, "number"))
    email = email_of(one.customer_email, findings, Place(None, "customer_email"))
    name = name_of(one.customer_name or email or "", findings, Place(None, "customer_name"))
    if not paid_here and one.url is None:
        findings.problem("It has no page at Stripe where it can be paid.", "Finalise it in Stripe.", Place())
    if number is None or name is None:
        return None
    return Invoice(
        key=number,
        number=number,
        customer=Customer(name, email, reference=customer_reference(one.customer_id)),
        total=one.total,
        stated_due=one.remaining,
        issued_on=one.issued_at.astimezone(zone).date(),
        due_on=one.due_at.astimezone(zone).date() if one.due_at else None,
        source=findings.file,
        means=PaymentMeans.ANY if paid_here else PaymentMeans.PROVIDER,
        lines=LineItems.of(
            LineItem(text, line.amount, Decimal(line.quantity) if line.quantity not in {None, 1} else None)
            for line in one.lines
            if (text := line_of_text(line.description))
        ),
        payments=(StatedPayment(one.paid),) if one.paid else (),
        subject=line_of_text(one.subject),
        pay_at=None if paid_here else one.url,
    )
