"""What deserves a look although it is taken: the same questions for every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.invoice import DocumentKind

if TYPE_CHECKING:
    from portal.receivables.invoice import Invoice
    from portal.sources.reading import Findings, Place


def look_over(invoice: Invoice, findings: Findings, *, due: Place, paid: Place) -> None:
    """Warn about a due date before the issue date, and about more paid than asked for.

    Args:
        invoice: what was read.
        findings: where to warn.
        due: where the due date stands.
        paid: where the payments stand.
    """
    if invoice.issued_on and invoice.due_on and invoice.due_on < invoice.issued_on:
        findings.warn(
            f"It is due on {invoice.due_on}, before it was issued on {invoice.issued_on}.",
            "Check both dates; perhaps day and month are swapped.",
            due,
        )
    if invoice.kind is DocumentKind.INVOICE and invoice.total.minor > 0 and invoice.amount_prepaid > invoice.total:
        findings.warn(
            f"{invoice.amount_prepaid} was paid, more than the total of {invoice.total}.",
            "Check the payments; what was paid beyond the total is the customer's.",
            paid,
        )
