"""The money of one invoice on one day, as ``balance_of`` works it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.money import zero

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.due_parts import PartStanding
    from portal.receivables.money import Money
    from portal.receivables.statuses import InvoiceStatus, NothingToPay


@dataclass(frozen=True, slots=True)
class InvoiceBalance:
    """The money of one invoice on one day; ``amount_due == amount_paid + amount_remaining - amount_overpaid``.

    Attributes:
        amount_due: what has to be paid in all; where nothing may be asked for, what was paid before.
        amount_paid: what has arrived and stayed, from the source and through the portal; never negative.
        amount_remaining: what is left to pay, never negative; zero where nothing may be asked for.
        amount_overpaid: what arrived, or was credited, beyond the amount due.
        amount_on_its_way: bank payments started and neither arrived nor failed.
        amount_refunded: what was paid back; already out of ``amount_paid``.
        amount_disputed: what card networks hold back; already out of ``amount_paid``.
        amount_credited: by credit notes; already out of ``amount_due``.
        amount_written_off: what was left and is no longer expected; already out of ``amount_due``. Money that arrives
            later counts as paid, not as overpaid: it was owed.
        amount_discounted: what paying early has saved; already out of ``amount_due``.
        amount_fees: late fees less those waived; already in ``amount_due``.
        amount_offerable: what settles it now: what remains, less what is on its way and what settling it now saves.
        discount_offered: what settling all that is left would save, until the end of ``discount_until``.
        catch_up: the smallest payment that restores good standing: what was missed of its plan; while parts are still
            to come, what is overdue of the others, for payments fill them before late fees; else all that is left
            once it is overdue; nothing before.
        parts: where the invoice is due in parts, how they stand; empty while a plan takes their place.
        is_disputed: a card dispute or an inquiry is open.
        reason: why there is nothing to pay, where nobody paid.
    """

    amount_due: Money
    amount_paid: Money
    amount_remaining: Money
    amount_overpaid: Money
    amount_on_its_way: Money
    amount_refunded: Money
    amount_disputed: Money
    amount_credited: Money
    amount_written_off: Money
    amount_discounted: Money
    amount_fees: Money
    amount_offerable: Money
    discount_offered: Money
    catch_up: Money
    status: InvoiceStatus
    parts: tuple[PartStanding, ...] = ()
    discount_until: date | None = None
    is_disputed: bool = False
    reason: NothingToPay | None = None

    @property
    def amount_without_discount(self) -> Money:
        """What may be asked for where it is not all paid now, as in a plan: a discount for settling it is not in it."""
        return max(self.amount_remaining - self.amount_on_its_way, zero(self.amount_due.currency))
