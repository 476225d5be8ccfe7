"""From the owner's settings and what an invoice states itself to the terms of that invoice: the one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.discounts import Discount
from portal.receivables.due_dates import DueRule, due_date, rolled
from portal.receivables.due_parts import standing_of_parts
from portal.receivables.interest import BaseRate, Interest, RateRule, reference_day
from portal.receivables.invoice import DocumentKind
from portal.receivables.money import Money, money_from_decimal, portion, zero
from portal.receivables.terms import NO_TERMS, LateFee, LateMode, LatePart, Terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, tzinfo
    from decimal import Decimal

    from portal.receivables.invoice import Invoice, StatedDiscount
    from portal.settings.terms import DiscountSettings, InterestSettings, LateSettings, TermsSettings


def with_terms(invoice: Invoice, settings: TermsSettings, zone: tzinfo) -> Invoice:
    """The invoice with its terms worked out, and with a due date where the owner's rule gives it one.

    What the invoice states outweighs the settings: its due date, and its discounts as a whole. What only businesses
    can owe is left out unless the source says that the customer is one.
    """
    if invoice.kind is not DocumentKind.INVOICE:
        return invoice
    due_on = invoice.due_on or _due_on(invoice, settings)
    discounts = _discounts(invoice, settings)
    late = _late_fee(invoice, due_on, settings)
    if not discounts and late is None:
        is_so = due_on == invoice.due_on and invoice.terms is NO_TERMS  # as most are: a copy takes longer than the rest
        return invoice if is_so else replace(invoice, due_on=due_on, terms=NO_TERMS)
    terms = Terms(discounts, late, settings.value_days, settings.credit_part_payments, zone)
    return replace(invoice, due_on=due_on, terms=terms)


def rates_to_enter(settings: TermsSettings, as_of: date) -> tuple[Problem, ...]:
    """A warning where interest follows base rates and none is entered for the half-year that ``as_of`` lies in.

    One rate without a surcharge is an agreed one, which does not change.
    """
    interest = settings.late.interest
    if settings.late.mode is LateMode.OFF or interest is None or not (interest.surcharge or len(interest.rates) > 1):
        return ()
    needed = reference_day(as_of)
    if interest.rates[-1].valid_from >= needed:
        return ()
    if interest.rule is RateRule.FOLLOWS:
        needed += timedelta(1)
    return (
        Problem(
            f"Interest on late payment has no rate of {needed} or later, so that of "
            f"{interest.rates[-1].valid_from} still counts.",
            f"Add [[terms.late.interest.rates]] with valid_from = {needed} and the percentage of your central bank, "
            "the same as before if it has not changed.",
            file="portal.toml",
            field="terms.late.interest.rates",
        ),
    )


def _due_on(invoice: Invoice, settings: TermsSettings) -> date | None:
    """By a stated stage without a discount, which marks the due date; else by the owner's rule."""
    if invoice.issued_on is None:
        return None
    net = [stated.days for stated in invoice.discounts if not stated.percent]
    if net:
        return _rolled(invoice.issued_on + timedelta(max(net)), settings)
    if settings.due is None:
        return None
    rule = settings.due
    known = DueRule(rule.rule, rule.days, rule.day, extra_month_from_day=rule.extra_month_from_day)
    return _rolled(due_date(known, invoice.issued_on), settings)


def _rolled(day: date, settings: TermsSettings) -> date:
    return rolled(day, settings.roll, frozenset(settings.holidays))


def _discounts(invoice: Invoice, settings: TermsSettings) -> tuple[Discount, ...]:
    if invoice.issued_on is None:
        return ()
    stated: list[StatedDiscount | DiscountSettings] = [one for one in invoice.discounts if one.percent]
    found = []
    for one in stated or ([] if invoice.discounts else settings.discounts):
        last_on = _rolled(invoice.issued_on + timedelta(one.days), settings)
        tier = Discount(last_on, percent=one.percent, fixed=_fixed(one, invoice), base=_base(one, invoice))
        if tier.percent is not None or tier.fixed is not None:
            found.append(tier)
    return tuple(sorted(found, key=lambda tier: tier.last_on))


def _fixed(one: StatedDiscount | DiscountSettings, invoice: Invoice) -> Money | None:
    return None if one.percent is not None else _of_currency(getattr(one, "fixed", None) or {}, invoice.currency)


def _base(one: StatedDiscount | DiscountSettings, invoice: Invoice) -> Money | None:
    if one.base == "net":
        return invoice.total - sum((tax.amount for tax in invoice.taxes), zero(invoice.currency))
    return one.base if isinstance(one.base, Money) else None


def _late_fee(invoice: Invoice, due_on: date | None, settings: TermsSettings) -> LateFee | None:
    late, is_business = settings.late, bool(invoice.customer.is_business)
    if late.mode is LateMode.OFF or due_on is None or (late.business_only and not is_business):
        return None
    parts = tuple(_late_parts(invoice, settings))
    starts_on, counts_from = _days_of_fee(invoice.parts[0].due_on if parts else due_on, settings)
    fee = LateFee(
        mode=late.mode,
        starts_on=starts_on,
        counts_from=counts_from,
        flat=_of_currency(late.flat, invoice.currency),
        percent=late.percent,
        interest=_interest(late.interest) if late.interest else None,
        every_days=late.interest.every_days if late.interest else 1,
        compensation=late.compensation if is_business else None,
        cap=_cap(late, invoice),
        parts=parts,
    )
    return fee if fee.flat or fee.percent or fee.interest or fee.compensation else None


def _days_of_fee(due_on: date, settings: TermsSettings) -> tuple[date, date]:
    """The first day of a late fee, and the last day that bears no interest."""
    late, last_day = settings.late, _rolled(due_on, settings)
    end_of_grace = last_day + timedelta(late.grace_days)
    from_end = late.interest is not None and late.interest.counts_from == "end of grace"
    return end_of_grace + timedelta(1), end_of_grace if from_end else last_day


def _late_parts(invoice: Invoice, settings: TermsSettings) -> Iterator[LatePart]:
    """The days of each part; what the invoice's source says was paid before has filled the first ones."""
    owed = sum((part.amount for part in invoice.parts), zero(invoice.currency))
    for part in standing_of_parts(invoice.parts, owed, invoice.amount_prepaid):
        yield LatePart(part.rest, *_days_of_fee(part.due_on, settings))


def _interest(stated: InterestSettings) -> Interest:
    return Interest(
        base_rates=tuple(BaseRate(rate.valid_from, rate.percent) for rate in stated.rates),
        surcharge=stated.surcharge,
        year_days=stated.year_days,
        rule=stated.rule,
        round_daily=stated.round_daily,
    )


def _cap(late: LateSettings, invoice: Invoice) -> Money | None:
    """The smaller of the caps that are set."""
    caps = [_of_currency(late.cap, invoice.currency)]
    if late.cap_percent is not None:
        caps.append(portion(invoice.total, late.cap_percent / 100))
    return min((cap for cap in caps if cap is not None), default=None)


def _of_currency(amounts: dict[str, Decimal], currency: str) -> Money | None:
    return money_from_decimal(amounts[currency], currency) if currency in amounts else None
