"""What a bank says moved on the owner's account: money that came in, and money that it took back again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class Booking:
    """One movement of a bank statement; of a batch that the bank lists by payment, one payment of it.

    Attributes:
        key: names the movement, the same in every statement of the bank that lists it.
        line_id: the short name by which the owner picks it; the same in every statement, too.
        amount: positive.
        value_on: from this day the money counts.
        booked_on: the day the bank booked it.
        text: what the payer wrote, as the bank passed it on.
        references: what the payer put into the field for a payment reference.
        payer: whose account it came from.
        end_to_end: the payer's own name for the transfer (SEPA's end-to-end identification).
        account: the owner's account, as the statement names it.
        file: the statement, and the 1-based ``line`` on which it stands there.
        batch: of a payment that is part of a batch, what the key of the whole batch would be.
        payments: how many payments a batch holds that the bank does not list one by one; 1 for any other.
        is_return: the bank took money back that had come in before; else money came in.
        corrects: of a movement that the bank puts in the place of another, how the key of that one begins; with
            ``is_return`` it deletes that one.
    """

    key: str
    line_id: str
    amount: Money
    value_on: date
    booked_on: date
    text: str
    file: str
    line: int | None = None
    references: tuple[str, ...] = ()
    payer: str | None = None
    end_to_end: str | None = None
    account: str | None = None
    batch: str | None = None
    payments: int = 1
    is_return: bool = False
    corrects: str | None = None

    @property
    def words(self) -> str:
        """All that may name an invoice in free words."""
        return " ".join(part for part in (self.text, self.end_to_end) if part)
