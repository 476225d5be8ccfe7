"""What deserves a look although it is taken: the same questions for every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.invoice import DocumentKind
from portal.transfers.references import ReferenceKind, claims_to_be_rf, read_reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.receivables.invoice import Invoice
    from portal.sources.findings import Findings, Place


def look_over(invoice: Invoice, findings: Findings, place_of: Callable[[str], Place]) -> None:
    """Warn about a due date before the issue date, more paid than asked for, and a mistyped RF reference.

    Args:
        invoice: what was read.
        findings: where to warn.
        place_of: says where ``due_on``, ``payments`` and ``reference`` stand; few invoices need it.
    """
    if invoice.issued_on and invoice.due_on and invoice.due_on < invoice.issued_on:
        findings.warn(
            f"It is due on {invoice.due_on}, before it was issued on {invoice.issued_on}.",
            "Check both dates; perhaps day and month are swapped.",
            place_of("due_on"),
        )
    if invoice.kind is DocumentKind.INVOICE and invoice.total.minor > 0 and invoice.amount_prepaid > invoice.total:
        findings.warn(
            f"{invoice.amount_prepaid} was paid, more than the total of {invoice.total}.",
            "Check the payments; what was paid beyond the total is the customer's.",
            place_of("payments"),
        )
    stated = invoice.payment_reference or ""
    if claims_to_be_rf(stated) and read_reference(stated).kind is not ReferenceKind.RF:
        findings.warn(
            f"{stated!r} looks like an RF reference (ISO 11649), but its check digits do not fit; it is shown so.",
            "Compare it with the invoice: banks refuse it if a digit is wrong.",
            place_of("reference"),
        )
