"""Invoices of the payment provider's own: what crosses the border, and who gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """One line of a provider's invoice; ``amount`` is before tax where the provider adds it below."""

    description: str
    amount: Money
    quantity: int | None


@dataclass(frozen=True, slots=True)
class ProviderInvoice:
    """One open invoice of the provider's own.

    Attributes:
        invoice_id: the provider's id of it.
        number: as printed on it; None where it has none.
        remaining: what is left to pay, as the provider says.
        url: the provider's page on which it is paid; None where there is none.
    """

    invoice_id: str
    number: str | None
    customer_name: str | None
    customer_email: str | None
    customer_id: str | None
    issued_at: datetime
    due_at: datetime | None
    total: Money
    paid: Money
    remaining: Money
    subject: str | None
    lines: tuple[ProviderLine, ...]
    url: str | None


class InvoiceProvider(Protocol):
    """The provider, as far as it has invoices of its own."""

    def open_invoices(self) -> tuple[ProviderInvoice, ...]:
        """All invoices that wait for payment, the newest first.

        Raises:
            GatewayError: the provider did not answer, or refused.
        """
