"""What reminding needs of the ledger: which steps are done with on each invoice, and by which mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class ReminderClaim:
    """A step of the ladder that is done with on an invoice; there is one for each (invoice, name), ever.

    Attributes:
        name: the step, its occurrence, and the part or payment that it is about: ``follow-up 2``.
        on: the day it was decided.
        message_id: the mail, which may be about several invoices; None where the step was passed over.
    """

    invoice_key: str
    name: str
    on: date
    message_id: str | None


class ReminderTransaction(Protocol):
    """What is read and written about reminders while nobody else may touch the invoice."""

    def reminder_claims(self, key: str) -> tuple[ReminderClaim, ...]:
        """The steps that are done with on an invoice, in the order they were claimed."""

    def claim_reminder(self, claim: ReminderClaim) -> bool:
        """Claim a step unless it is claimed already; True where it is new."""

    def release_reminders(self, message_id: str, keys: Iterable[str]) -> None:
        """Give back the steps that a mail, which was never handed over, was to send about these invoices."""


class ReminderLedger(Protocol):
    """What is read about reminders outside a transaction."""

    def claims_of_reminder(self, message_id: str) -> tuple[ReminderClaim, ...]:
        """The steps that a mail has claimed."""

    def reminder_claims_by_invoice(self) -> Mapping[str, tuple[ReminderClaim, ...]]:
        """The steps that are done with, for all invoices that have any."""
