"""Stripe's own invoices: the open ones, as Stripe states them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.adapters.stripe.amounts import moment_of, money_of
from portal.adapters.stripe.said import said_by_stripe
from portal.ports.provider_invoices import ProviderInvoice, ProviderLine

if TYPE_CHECKING:
    from portal.adapters.stripe import StripeGateway

_MOST = 100


@dataclass(frozen=True, slots=True)
class StripeInvoices:
    """The invoices of one Stripe account; see ``portal.ports.provider_invoices.InvoiceProvider``."""

    gateway: StripeGateway

    def open_invoices(self) -> tuple[ProviderInvoice, ...]:
        """All with the status ``open``: finalised, sent or not, and not paid, void or written off."""
        with said_by_stripe():
            page = self.gateway.api.v1.invoices.list({"status": "open", "limit": _MOST})
            return tuple(
                invoice_of(found.to_dict(), self.gateway.settings.api_base) for found in page.auto_paging_iter()
            )


def invoice_of(found: dict[str, Any], api_base: str) -> ProviderInvoice:
    """What crosses the border of one of Stripe's invoice objects.

    Args:
        found: the object as Stripe sent it.
        api_base: where Stripe is reached: an address there may stand on a page, as any https one may.
    """
    currency, due, url = found["currency"], found.get("due_date"), found.get("hosted_invoice_url")
    customer = found.get("customer")
    return ProviderInvoice(
        invoice_id=found["id"],
        number=found.get("number"),
        customer_name=found.get("customer_name"),
        customer_email=found.get("customer_email"),
        customer_id=customer if isinstance(customer, str) else None,
        issued_at=moment_of(found.get("effective_at") or found["created"]),
        due_at=moment_of(due) if due is not None else None,
        total=money_of(found["total"], currency),
        paid=money_of(found["amount_paid"], currency),
        remaining=money_of(found["amount_remaining"], currency),
        subject=found.get("description"),
        lines=_lines(found.get("lines") or {}),
        url=url if url and url.startswith(("https://", f"{api_base}/")) else None,
    )


def _lines(page: dict[str, Any]) -> tuple[ProviderLine, ...]:
    """The lines, where they are all at hand: some of them would look like the whole."""
    if page.get("has_more"):
        return ()
    return tuple(
        ProviderLine(line["description"], money_of(line["amount"], line["currency"]), line.get("quantity"))
        for line in page.get("data", ())
        if line.get("description")
    )
