"""What the decisions on mails about one invoice are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.ports.plans import PlanLife
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.plans import plan_standing

if TYPE_CHECKING:
    from datetime import date

    from portal.ports.plans import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plans import PlanStanding


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """All that is known of one invoice."""

    invoice: Invoice
    entries: tuple[Entry, ...]
    plans: tuple[PlanRecord, ...]

    @property
    def plan_in_force(self) -> PlanRecord | None:
        """The plan the invoice is on."""
        return next((record for record in self.plans if record.life is PlanLife.IN_FORCE), None)

    def payment(self, payment_id: str) -> Entry | None:
        """What a payment paid on this invoice."""
        facts = (one for one in self.entries if one.kind is EntryKind.PAYMENT and one.external_id == payment_id)
        return next(facts, None)

    def balance(self, as_of: date) -> InvoiceBalance:
        """Where the invoice stands."""
        return balance_of(self.invoice, self.entries, as_of)

    def standing(self, record: PlanRecord, as_of: date) -> PlanStanding:
        """Where one of its plans stands."""
        return plan_standing(record.plan, self.invoice, self.balance(as_of), self.entries, as_of)
