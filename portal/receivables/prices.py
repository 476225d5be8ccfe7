"""What settles an invoice, and until which day: dated facts that stay true while a page is read."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from portal.receivables.balance import balance_of
from portal.receivables.late_fees import fee_days
from portal.receivables.pauses import pause_on, pauses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money
    from portal.receivables.pauses import Pause

MOST_STAGES = 4
"""More than these nobody reads; what comes after is said in words."""
HORIZON = timedelta(1100)
"""How far ahead is looked; what has not changed by then is said to go on."""
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class PriceStage:
    """``amount`` settles the invoice up to the end of ``until``; None is for good.

    ``discount`` and ``fees`` say what of it was taken off or put on.
    """

    amount: Money
    until: date | None
    discount: Money
    fees: Money


@dataclass(frozen=True, slots=True)
class PriceList:
    """The stages from a day on, one after the other without a gap; empty where there is nothing to pay.

    Attributes:
        stages: the first is that of the day itself; the last has no end, unless more follow than are listed.
        catch_up: the smallest payment that restores good standing on that day.
        kept_until: where a plan is kept, the last day on which it is not broken if nothing more is paid. Later stages
            are not listed then, for what they would say comes only if the plan is not kept.
    """

    stages: tuple[PriceStage, ...]
    catch_up: Money
    kept_until: date | None = None

    @property
    def fresh_until(self) -> date | None:
        """The last day of the first stage: the day after, another sum settles it. None where that never happens."""
        return self.stages[0].until if self.stages else None

    @property
    def goes_on(self) -> bool:
        """Whether the sum changes again after the last stage listed."""
        return bool(self.stages) and self.stages[-1].until is not None

    def amount_on(self, day: date) -> Money | None:
        """What settles it on a day from the first on; None beyond the stages listed."""
        fitting = (stage for stage in self.stages if stage.until is None or day <= stage.until)
        stage = next(fitting, None)
        return stage.amount if stage else None


def price_list(
    invoice: Invoice,
    entries: Iterable[Entry],
    as_of: date,
    *,
    balance: InvoiceBalance | None = None,
    most: int = MOST_STAGES,
) -> PriceList:
    """What settles the invoice from ``as_of`` on, if nothing else is paid.

    Each stage is what ``balance_of`` says on its days. At most ``most`` stages are listed. ``balance`` is that of
    ``as_of``, where it is at hand.
    """
    facts = tuple(entries)
    now = balance or balance_of(invoice, facts, as_of)
    if not now.amount_offerable:
        return PriceList((), now.catch_up)
    pauses = pauses_of(facts, invoice.terms.zone)
    kept = pause_on(pauses, as_of + _DAY)
    days = _days_of_change(invoice, pauses, as_of)
    balances = [now]
    ends: list[date] = []
    while len(balances) <= most:
        left = balances[-1].amount_offerable.minor
        # Waiting never makes it cheaper, so the first day on which it is dearer can be looked for by halves.
        place = bisect_right(days, left, key=lambda day: balance_of(invoice, facts, day).amount_offerable.minor)
        if place == len(days):
            break
        if kept is not None and days[place] > kept.last:
            # It is looked ahead as if the plan is kept: the last stage ends where that would begin to matter.
            return PriceList(_stages(balances, [*ends, days[place] - _DAY])[:most], now.catch_up, kept.last)
        balances.append(balance_of(invoice, facts, days[place]))
        ends.append(days[place] - _DAY)
    return PriceList(_stages(balances, [*ends, None])[:most], now.catch_up, kept.last if kept else None)


def _stages(balances: Iterable[InvoiceBalance], ends: Iterable[date | None]) -> tuple[PriceStage, ...]:
    return tuple(
        PriceStage(balance.amount_offerable, until, balance.discount_offered, balance.amount_fees)
        for balance, until in zip(balances, ends, strict=True)
    )


def _days_of_change(invoice: Invoice, pauses: Sequence[Pause], as_of: date) -> list[date]:
    """The days after ``as_of`` on which another sum may settle it, in order, as far as is looked."""
    days = {tier.last_on + _DAY for tier in invoice.terms.tiers}
    late = invoice.terms.late
    if late is not None:
        starts = (late.starts_on, *(part.starts_on for part in late.parts))
        begins = max([as_of, *starts, *(pause.last for pause in pauses)])
        days |= set(fee_days(late, pauses, as_of, begins + HORIZON))
    return sorted(day for day in days if day > as_of)
