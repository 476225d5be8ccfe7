"""What was agreed when a payment plan came into force, as far as an invoice's balance depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class PlanSchedule:
    """The payments of a plan, in order, of one currency: two at least, or one of an agreement over several invoices.

    Attributes:
        grace_days: how long after its day a missed payment may be made good before the plan counts as broken.
        since_seq: the invoice's last entry when the plan was proposed; only later payments fill it.
        installments: the day and the amount of each payment.
        is_part: of an agreement over several invoices, whose payments are made together.
    """

    grace_days: int
    since_seq: int
    installments: tuple[tuple[date, Money], ...]
    is_part: bool = False

    @property
    def currency(self) -> str:
        """ISO 4217 code of every payment."""
        return self.installments[0][1].currency
